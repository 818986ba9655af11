//! Two songs compared: what was changed, what of it is heard where, what is played otherwise.

use crate::change::compared_song::ComparedSong;
use crate::change::effect::{ChangeEffects, effects};
use crate::change::events::{self, Sentence, TrackEvents};
use crate::change::text_changes::TextChange;
use crate::change::trial::SongPair;
use crate::plan::compile::{Refusal, played};
use crate::plan::timeline::Timeline;

/// What is otherwise between two songs.
#[derive(Clone, Debug)]
pub struct SongDiff {
    /// All changes, which others count from 0: text by text in the order of the first song, what came into a block after
    /// what was there.
    pub changes: Vec<TextChange>,
    /// Which of them alter what is heard.
    pub effects: ChangeEffects,
    /// What is played otherwise.
    pub events: Vec<Sentence>,
    /// What each track plays, in both songs.
    pub tracks: [Vec<TrackEvents>; 2],
    /// When the sections of both songs are played.
    pub timelines: [Timeline; 2],
}

/// Why two songs can't be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uncompiled {
    /// 0 for the first song, 1 for the second.
    pub side: usize,
    /// Why it can't be compiled.
    pub refusal: Refusal,
}

/// Compares two songs, both compiled for `rate` frames a second.
///
/// # Errors
/// If one of them can't be compiled.
pub fn compare(a: &ComparedSong, b: &ComparedSong, rate: u32) -> Result<SongDiff, Uncompiled> {
    let play = |side: usize, song| played(song, rate).map_err(|refusal| Uncompiled { side, refusal });
    let (one, two) = (play(0, &a.song)?, play(1, &b.song)?);
    let between = SongPair::new([a, b]);
    let songs = [&a.song, &b.song];
    let effects = effects(&between, songs, rate).map_err(|refusal| {
        let first = crate::plan::compile::compile(&a.song, rate).is_err();
        Uncompiled { side: usize::from(!first), refusal }
    })?;
    let events = events::compare(songs, [(&one.0, &one.1), (&two.0, &two.1)]);
    let tracks = [events::tracks(&a.song, &one.1), events::tracks(&b.song, &two.1)];
    Ok(SongDiff { changes: between.changes, effects, events, tracks, timelines: [one.0, two.0] })
}

impl SongDiff {
    /// The changes that alter nothing that is heard.
    pub fn unheard(&self) -> Vec<usize> {
        let silent =
            |number: &usize| !self.effects.is_heard(*number) && !self.effects.untried.contains(number);
        (0..self.changes.len()).filter(silent).collect()
    }

    /// What is played otherwise in the stem `id`.
    pub fn events_of<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Sentence> {
        self.events.iter().filter(move |sentence| sentence.stems.iter().any(|stem| stem == id))
    }
}

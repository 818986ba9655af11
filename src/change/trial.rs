//! Songs between two songs: the first one's text with some of the changes, checked and compiled to see what they alter.

use std::collections::BTreeMap;

use blake3::Hash;

use crate::change::compared_song::{ComparedSong, TrialFiles};
use crate::change::merge::{self, MergedSong};
use crate::change::naming::NamingScope;
use crate::change::pairs::{ChangeId, StatementList, note, pair};
use crate::change::text_changes::{ChangeKind, ChangedThing, TextChange};
use crate::check::song::check_with;
use crate::diagnostic::quote::printable;
use crate::diagnostic::source::{SourceText, Sources};
use crate::model::song::Song;
use crate::plan::compile::{Refusal, compile};
use crate::plan::content::Content;

/// Two songs with all changes from one to the other.
#[derive(Debug)]
pub(super) struct SongPair<'s> {
    sides: [&'s ComparedSong; 2],
    /// The texts that both have: the song's own, and those at paths.
    lists: Vec<(Option<String>, StatementList)>,
    /// Files that both have, with other contents.
    files: Vec<(String, ChangeId)>,
    pub(super) changes: Vec<TextChange>,
}

impl<'s> SongPair<'s> {
    /// Finds all changes.
    pub(super) fn new(sides: [&'s ComparedSong; 2]) -> Self {
        let mut changes = Vec::new();
        let own = sides.map(|side| side.sheets.first().map_or(&[][..], |sheet| &sheet.statements));
        let top = NamingScope::top(own);
        let mut lists = vec![(None, pair(own[0], own[1], &top, &mut changes))];
        for sheet in sides[0].sheets.iter().skip(1) {
            let Some(other) = sides[1].used(&sheet.path) else { continue };
            if sheet.text != other.text {
                let both = [&sheet.statements[..], &other.statements[..]];
                let list = pair(both[0], both[1], &NamingScope::used(both), &mut changes);
                lists.push((Some(sheet.path.clone()), list));
            }
        }
        let mut between = Self { sides, lists, files: Vec::new(), changes };
        between.contents();
        between
    }

    /// Finds files at the same path with other contents.
    fn contents(&mut self) {
        let [a, b] = self.sides;
        let change = |path: &str, has: &str, old, new| TextChange {
            kind: ChangeKind::Altered,
            thing: ChangedThing::File,
            path: format!("{} has other {has}", printable(path)),
            before: None,
            after: None,
            old,
            new,
            names: Vec::new(),
        };
        let named = |side: &ComparedSong, path: &str| {
            side.sounds.iter().find(|(other, _)| other == path).map(|(_, span)| *span)
        };
        for (path, recording) in &a.recordings {
            if b.recordings.get(path).is_some_and(|other| other.name != recording.name) {
                let change = change(path, "samples", named(a, path), named(b, path));
                self.files.push((path.clone(), note(&mut self.changes, change)));
            }
        }
        for (path, text) in &a.others {
            if b.others.get(path).is_some_and(|other| other != text) {
                let change = change(path, "notes", a.tuning(), b.tuning());
                self.files.push((path.clone(), note(&mut self.changes, change)));
            }
        }
    }

    /// The song with the changes that are `made`, if that is one.
    pub(super) fn song(&self, made: MergedSong<'_>) -> Option<Song> {
        let [a, b] = self.sides;
        let mut beside =
            TrialFiles { song: a.path.clone(), outside: a.outside || b.outside, ..TrialFiles::default() };
        let mut own = String::new();
        for (path, list) in &self.lists {
            let text = merge::text(list, made);
            match path {
                Some(path) => {
                    beside.texts.insert(path.clone(), text);
                }
                None => own = text,
            }
        }
        let newer = |path: &str| self.files.iter().any(|(other, number)| other == path && made(*number));
        for side in [a, b] {
            for sheet in side.sheets.iter().skip(1) {
                beside.texts.entry(sheet.path.clone()).or_insert_with(|| sheet.text.clone());
            }
            for (path, text) in side.others.iter().filter(|(path, _)| !newer(path)) {
                beside.texts.entry(path.clone()).or_insert_with(|| text.clone());
            }
            for (path, recording) in side.recordings.iter().filter(|(path, _)| !newer(path)) {
                beside.recordings.entry(path.clone()).or_insert_with(|| recording.clone());
            }
        }
        for (path, _) in self.files.iter().filter(|(path, _)| newer(path)) {
            if let Some(text) = b.others.get(path) {
                beside.texts.insert(path.clone(), text.clone());
            }
            if let Some(recording) = b.recordings.get(path) {
                beside.recordings.insert(path.clone(), recording.clone());
            }
        }
        let mut sources = Sources::default();
        let id = sources.add(SourceText::new(a.path.clone(), own));
        check_with(&mut sources, id, &mut beside).song
    }
}

/// What a song sounds like by name: the mix, and stems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprints {
    pub(super) mix: Hash,
    pub(super) stems: BTreeMap<String, Hash>,
}

/// What comes out of `song` in the end.
pub(super) fn mix(song: &Song, rate: u32) -> Result<Hash, Refusal> {
    let plan = compile(song, rate)?;
    Ok(Content::settled(&plan).frames(&plan))
}

/// The stems of `song` that are `wanted`.
pub(super) fn stems(
    song: &Song,
    rate: u32,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<BTreeMap<String, Hash>, Refusal> {
    let mut fingerprints = BTreeMap::new();
    for stem in song.stems() {
        if wanted(&stem.id) {
            fingerprints.insert(stem.id, mix(&stem.song, rate)?);
        }
    }
    Ok(fingerprints)
}

#[cfg(test)]
mod tests {
    use super::{Fingerprints, SongPair, mix, stems};
    use crate::change::compared_song::ComparedSong;
    use crate::check::song_files::Nowhere;
    use crate::diagnostic::source::{SourceText, Sources};
    use crate::model::song::Song;

    const RATE: u32 = 48_000;

    fn side(text: &str) -> ComparedSong {
        let mut sources = Sources::default();
        let id = sources.add(SourceText::new("song.kdl", text));
        ComparedSong::read(&mut sources, id, &mut Nowhere).unwrap()
    }

    fn fingerprints(song: &Song) -> Fingerprints {
        Fingerprints { mix: mix(song, RATE).unwrap(), stems: stems(song, RATE, &|_| true).unwrap() }
    }

    const SONGS: [&str; 5] = [
        include_str!("../../songs/first-light.kdl"),
        include_str!("../../songs/lever.kdl"),
        include_str!("../../songs/undertow.kdl"),
        include_str!("../../songs/studio.kdl"),
        include_str!("../../songs/eleven-sevenths.kdl"),
    ];

    #[test]
    fn a_song_written_out_anew_is_the_same() {
        for text in SONGS {
            let side = side(text);
            let between = SongPair::new([&side, &side]);
            assert!(between.changes.is_empty());
            let song = between.song(&|_| true).unwrap();
            assert!(fingerprints(&song) == fingerprints(&side.song));
        }
    }

    #[test]
    fn all_changes_make_the_other_song_and_none_makes_this_one() {
        for (a, b) in SONGS.iter().zip(SONGS.iter().skip(1)) {
            let (a, b) = (side(a), side(b));
            let between = SongPair::new([&a, &b]);
            assert!(fingerprints(&between.song(&|_| false).unwrap()) == fingerprints(&a.song));
            assert!(fingerprints(&between.song(&|_| true).unwrap()) == fingerprints(&b.song));
        }
    }
}

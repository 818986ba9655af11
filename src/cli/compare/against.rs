//! One side against another: everything that is rendered, measured and found out.

use std::borrow::Cow;

use crate::cli::compare::causes::{Causes, told};
use crate::cli::compare::compare_input::{CompareInput, InputContent};
use crate::cli::compare::compare_result::{CompareResult, ComparedPart, Measured};
use crate::cli::compare::golden_input::with_golden;
use crate::cli::compare::renderer::{CompiledSong, RenderedSong, Renderer, compiled};
use crate::compare::align::align;
use crate::compare::bar_grid::BarGrid;
use crate::compare::compared_sound::ComparedSound;
use crate::compare::pair::SoundPair;
use crate::compare::verdict::Verdict;
use crate::compare::wording::{effects, places};
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::song::Song;
use crate::model::tolerance::Tolerance;
use crate::plan::timeline::Timeline;

/// How two sides are compared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CompareOptions<'a> {
    /// Frames a second at which songs are rendered; by default what they ask for, or what the other side has.
    pub(crate) rate: Option<u32>,
    /// How far they may be apart; by default what the second song says.
    pub(crate) tolerance: Option<Tolerance>,
    /// Whether the second is moved to where it is most like the first.
    pub(crate) align: bool,
    /// What renders.
    pub(crate) renderer: Renderer<'a>,
    /// Which sounds are kept.
    pub(crate) keep: KeepSounds,
}

/// Which sounds are kept behind a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeepSounds {
    /// None.
    Nothing,
    /// Those of the whole songs.
    Mix,
    /// All, for a report.
    All,
}

/// Seconds within which two sounds are aligned.
const REACH: f64 = 2.0;

/// Compares two sides.
///
/// # Errors
/// If they can't be compared.
pub(crate) fn comparer(
    sides: [&CompareInput; 2],
    options: &CompareOptions<'_>,
) -> Result<CompareResult, Diagnostic> {
    let rate = rate(sides, options.rate)?;
    let tolerance = options.tolerance.or_else(|| Some(sides[1].song()?.tolerance)).unwrap_or_default();
    if sides.iter().any(|side| matches!(side.what, InputContent::Golden(_))) {
        return with_golden(sides, rate, tolerance, options);
    }
    let mut at = Comparer {
        rate,
        tolerance,
        options,
        sides,
        lag: None,
        told: told(sides, rate)?,
        parts: Vec::new(),
        same: Vec::new(),
        only: Default::default(),
        grids: None,
        blow_ups: Vec::new(),
    };
    if has_mix(sides[0]) && has_mix(sides[1]) {
        at.mix()?;
    }
    at.stems()?;
    Ok(at.finish())
}

fn has_mix(side: &CompareInput) -> bool {
    !matches!(side.what, InputContent::Stems(_))
}

/// The rate at which both can be had.
pub(crate) fn rate(sides: [&CompareInput; 2], wanted: Option<u32>) -> Result<u32, Diagnostic> {
    let fixed = sides.map(CompareInput::rate);
    let wish = |side: &CompareInput| side.song().map(|song| song.output_settings).unwrap_or_default().rate();
    let rates = match (wanted, fixed) {
        (Some(wanted), _) => fixed.map(|rate| rate.unwrap_or(wanted)),
        (None, [Some(first), None]) => [first, first],
        (None, [None, Some(second)]) => [second, second],
        (None, _) => [0, 1].map(|side| fixed[side].unwrap_or_else(|| wish(sides[side]))),
    };
    let allowed = wanted.is_none_or(|wanted| wanted == rates[0]);
    if rates[0] == rates[1] && allowed {
        return Ok(rates[0]);
    }
    let [first, second] = sides.map(|side| quoted(&side.name));
    let message = if rates[0] == rates[1] {
        format!("{first} and {second} have {} frames a second", rates[0])
    } else {
        format!("{first} has {} frames a second, {second} has {}", rates[0], rates[1])
    };
    let songs = fixed.iter().all(Option::is_none);
    let help = if songs {
        format!("write `--rate {}` to render both songs at one rate", rates[0])
    } else {
        "render or convert one of them to the other's rate".to_owned()
    };
    Err(Diagnostic::of_file(&comparing::DIFFERENT_RATES, message).help(help))
}

/// A comparison on its way.
struct Comparer<'a> {
    rate: u32,
    tolerance: Tolerance,
    options: &'a CompareOptions<'a>,
    sides: [&'a CompareInput; 2],
    /// By how many frames the second is late, once that is known.
    lag: Option<i64>,
    told: Causes,
    parts: Vec<ComparedPart>,
    same: Vec<String>,
    only: [Vec<String>; 2],
    grids: Option<[BarGrid; 2]>,
    blow_ups: Vec<String>,
}

/// A stem by its name: a file, or the song that makes it.
type NamedStem<'a> = (String, Result<&'a ComparedSound, Song>);

/// A sound of a side, not yet had.
enum StemSource<'a> {
    Sound(&'a ComparedSound),
    Song(CompiledSong),
}

impl StemSource<'_> {
    /// Equal ones sound the same.
    fn content(&self) -> Option<blake3::Hash> {
        match self {
            Self::Sound(_) => None,
            Self::Song(compiled) => Some(compiled.content),
        }
    }

    /// The sound, and what has blown up in it.
    fn sound(&self, to: Option<u64>, renderer: Renderer<'_>) -> (Cow<'_, ComparedSound>, Vec<String>) {
        match self {
            Self::Sound(sound) => (Cow::Borrowed(*sound), Vec::new()),
            Self::Song(compiled) => {
                let RenderedSong { sound, blow_ups } = renderer.sound(&compiled.plan, to);
                (Cow::Owned(sound), blow_ups)
            }
        }
    }
}

impl<'a> Comparer<'a> {
    /// The whole of both.
    fn mix(&mut self) -> Result<(), Diagnostic> {
        let mut sources = Vec::new();
        for side in self.sides {
            sources.push(match &side.what {
                InputContent::Sound(sound) => StemSource::Sound(sound),
                InputContent::Song { read, .. } => StemSource::Song(compiled(&read.song, self.rate)?),
                InputContent::Stems(_) | InputContent::Golden(_) => return Ok(()),
            });
        }
        let causes = self.told.of_mix();
        if sources[0].content().is_some() && sources[0].content() == sources[1].content() {
            self.parts.push(same_part(String::new()));
            return Ok(());
        }
        let sounds = [0, 1].map(|side| sources[side].sound(None, self.options.renderer));
        let part = self.part(String::new(), sounds, causes);
        self.parts.push(part);
        Ok(())
    }

    /// The parts that are mixed, where both sides have them.
    fn stems(&mut self) -> Result<(), Diagnostic> {
        let [first, second] = self.sides.map(|side| match &side.what {
            InputContent::Song { read, .. } => {
                Some(read.song.stems().into_iter().map(|stem| (stem.id, Err(stem.song))).collect())
            }
            InputContent::Stems(stems) => {
                Some(stems.iter().map(|(id, sound)| (id.clone(), Ok(sound))).collect())
            }
            InputContent::Sound(_) | InputContent::Golden(_) => None,
        });
        let (Some(first), Some(second)) = (first, second) else {
            if self.sides.iter().all(|side| has_mix(side)) {
                return Ok(());
            }
            let [first, second] = self.sides.map(|side| quoted(&side.name));
            let message = format!("{first} and {second} have nothing in common that could be compared");
            let help = "compare a folder of stems with a song or with another folder of stems";
            return Err(Diagnostic::of_file(&comparing::CANNOT_COMPARE, message).help(help));
        };
        let whole = self.parts.first().is_some_and(|part| part.verdict == Verdict::Identical);
        let (first, mut second): (Vec<NamedStem<'a>>, Vec<NamedStem<'a>>) = (first, second);
        let named = |all: &[(String, Result<&ComparedSound, Song>)], id: &str| {
            all.iter().any(|(other, _)| other == id)
        };
        self.only[0] = first.iter().map(|(id, _)| id.clone()).filter(|id| !named(&second, id)).collect();
        self.only[1] = second.iter().map(|(id, _)| id.clone()).filter(|id| !named(&first, id)).collect();
        let mut found = Vec::new();
        for (id, one) in first {
            let Some(place) = second.iter().position(|(other, _)| *other == id) else { continue };
            let (_, other) = second.swap_remove(place);
            let sources = [self.source(one)?, self.source(other)?];
            if whole || (sources[0].content().is_some() && sources[0].content() == sources[1].content()) {
                self.same.push(id);
                continue;
            }
            let lengths = self.lengths(&sources);
            let sounds = [0, 1].map(|side| sources[side].sound(lengths[side], self.options.renderer));
            let causes = self.told.of_stem(&id);
            let part = self.part(id, sounds, causes);
            if part.verdict == Verdict::Identical {
                self.same.push(part.id);
            } else {
                found.push(part);
            }
        }
        // The worst first; of equal ones in the order of the song.
        found.sort_by(|a, b| b.badness().total_cmp(&a.badness()));
        self.parts.extend(found);
        Ok(())
    }

    fn source(&self, part: Result<&'a ComparedSound, Song>) -> Result<StemSource<'a>, Diagnostic> {
        Ok(match part {
            Ok(sound) => StemSource::Sound(sound),
            Err(song) => StemSource::Song(compiled(&song, self.rate)?),
        })
    }

    /// How long stems are: both as long as the longer mix, or as the longest file of the other side.
    fn lengths(&self, sources: &[StemSource<'_>; 2]) -> [Option<u64>; 2] {
        if let Some(Measured::Sounds { pair, .. }) = self.parts.first().map(|part| &part.measured) {
            let longest = pair.measures.iter().map(|measures| measures.levels.frames).max();
            return [longest; 2];
        }
        // Stems are of one length; a file that is cut off shows beside the others.
        let files = self.sides.iter().filter_map(|side| match &side.what {
            InputContent::Stems(stems) => stems.iter().map(|(_, sound)| sound.frames.len() as u64).max(),
            _ => None,
        });
        let music = sources.iter().filter_map(|source| match source {
            StemSource::Song(compiled) => Some(compiled.plan.timeline.end_frame()),
            StemSource::Sound(_) => None,
        });
        [files.chain(music).max(); 2]
    }

    fn part(
        &mut self,
        id: String,
        rendered: [(Cow<'_, ComparedSound>, Vec<String>); 2],
        causes: Vec<usize>,
    ) -> ComparedPart {
        let mut blew_up = false;
        let mut sounds = rendered.map(|(sound, blow_ups)| {
            blew_up |= !blow_ups.is_empty();
            self.blow_ups.extend(blow_ups);
            sound
        });
        if self.options.align {
            let reach = (REACH * f64::from(self.rate)) as usize;
            let lag =
                *self.lag.get_or_insert_with(|| align(&sounds[0].middle(), &sounds[1].middle(), reach).lag);
            let by = lag.unsigned_abs() as usize;
            let late = usize::from(lag > 0);
            let frames = &mut sounds[late].to_mut().frames;
            frames.drain(..by.min(frames.len()));
        }
        let lengths = sounds.each_ref().map(|sound| sound.frames.len() as u64);
        let grids = self.grids.get_or_insert_with(|| grids(self.sides, self.rate, lengths));
        let pair = SoundPair::of(&sounds[0], &sounds[1], [&grids[0], &grids[1]]);
        let verdict = Verdict::of(&pair, &self.tolerance);
        let kept = match self.options.keep {
            KeepSounds::Nothing => false,
            KeepSounds::Mix => id.is_empty(),
            KeepSounds::All => true,
        };
        let grid = if grids[0].len() > grids[1].len() { &grids[0] } else { &grids[1] };
        ComparedPart {
            verdict: if blew_up { verdict.of_blow_up() } else { verdict },
            places: places(&pair, grid),
            effects: effects(&pair, grid, self.told.is_known()),
            events: if id.is_empty() { Vec::new() } else { self.told.events_of(&id) },
            id,
            causes,
            measured: Measured::Sounds {
                sounds: kept.then(|| Box::new(sounds.map(Cow::into_owned))),
                pair: Box::new(pair),
            },
        }
    }

    fn finish(self) -> CompareResult {
        let lengths = [0, 0];
        let grids = self.grids.unwrap_or_else(|| grids(self.sides, self.rate, lengths));
        let mix = self.parts.iter().find(|part| part.id.is_empty()).map(|part| part.verdict);
        let worst = self.parts.iter().map(|part| part.verdict).max();
        let lonely = self.only.iter().any(|ids| !ids.is_empty());
        let of_stems = if lonely { Verdict::Different } else { worst.unwrap_or(Verdict::Identical) };
        CompareResult {
            names: self.sides.map(|side| side.name.clone()),
            verdict: mix.unwrap_or(of_stems),
            grids,
            parts: self.parts,
            same: self.same,
            only: self.only,
            causes: self.told.causes,
            aligned: self.lag.filter(|lag| *lag != 0),
            blow_ups: self.blow_ups,
        }
    }
}

pub(crate) fn same_part(id: String) -> ComparedPart {
    ComparedPart {
        id,
        verdict: Verdict::Identical,
        places: String::new(),
        effects: Vec::new(),
        events: Vec::new(),
        causes: Vec::new(),
        measured: Measured::Same,
    }
}

/// The bars of both sides: one that doesn't know of bars has those of the other.
pub(crate) fn grids(sides: [&CompareInput; 2], rate: u32, lengths: [u64; 2]) -> [BarGrid; 2] {
    let own = sides.map(|side| side.song().map(|song| BarGrid::of_song(song, &Timeline::new(song, rate))));
    match own {
        [Some(first), Some(second)] => [first, second],
        [Some(grid), None] | [None, Some(grid)] => [grid.clone(), grid],
        [None, None] => {
            let grid = BarGrid::of_seconds(rate, lengths[0].max(lengths[1]));
            [grid.clone(), grid]
        }
    }
}

//! What golden files keep, as a side: songs made into it, and the comparison by it.

use crate::cli::compare::against::{CompareOptions, same_part};
use crate::cli::compare::causes::events;
use crate::cli::compare::compare_input::{CompareInput, InputContent};
use crate::cli::compare::compare_result::{CompareResult, ComparedPart, Measured};
use crate::cli::compare::renderer::{RenderedSong, Renderer, compiled};
use crate::compare::bar_grid::BarGrid;
use crate::compare::compared_sound::ComparedSound;
use crate::compare::golden::{self, Golden};
use crate::compare::golden_pair::Drift;
use crate::compare::measures::Measures;
use crate::compare::verdict::Verdict;
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::model::song::Song;
use crate::model::tolerance::Tolerance;
use crate::plan::timeline::Timeline;

/// What a golden file would keep of a song, and what has blown up in it.
///
/// # Errors
/// If it can't be compiled.
pub(crate) fn kept(
    song: &Song,
    rate: u32,
    renderer: Renderer<'_>,
) -> Result<(Golden, Vec<String>), Diagnostic> {
    let grid = BarGrid::of_song(song, &Timeline::new(song, rate));
    let part = |id: &str, sound: &ComparedSound| {
        golden::GoldenPart::of(id, sound, &Measures::of(sound).levels, &grid)
    };
    let RenderedSong { sound: mix, mut blow_ups } = renderer.sound(&compiled(song, rate)?.plan, None);
    let mut stems = Vec::new();
    for stem in song.stems() {
        let stem_of = renderer.sound(&compiled(&stem.song, rate)?.plan, Some(mix.frames.len() as u64));
        blow_ups.extend(stem_of.blow_ups);
        stems.push(part(&stem.id, &stem_of.sound));
    }
    let golden = Golden {
        engine: ENGINE,
        rate,
        title: song.title.clone(),
        song: part("", &mix),
        stems,
        events: events(song, rate)?,
    };
    Ok((golden, blow_ups))
}

/// The revision of the engine's sound.
pub(crate) const ENGINE: u32 = 1;

/// The comparison where one side is a golden file: by what it keeps.
pub(crate) fn with_golden(
    sides: [&CompareInput; 2],
    rate: u32,
    tolerance: Tolerance,
    options: &CompareOptions<'_>,
) -> Result<CompareResult, Diagnostic> {
    let (mut goldens, mut blow_ups) = (Vec::new(), Vec::new());
    let mut grid = None;
    for side in sides {
        goldens.push(match &side.what {
            InputContent::Golden(golden) => golden.clone(),
            InputContent::Song { read, .. } => {
                grid = Some(BarGrid::of_song(&read.song, &Timeline::new(&read.song, rate)));
                let (golden, held) = kept(&read.song, rate, options.renderer)?;
                blow_ups.extend(held);
                golden
            }
            InputContent::Sound(_) | InputContent::Stems(_) => {
                let [first, second] = sides.map(|side| quoted(&side.name));
                let message = format!("{first} and {second} have nothing in common that could be compared");
                let help = "compare a golden file with a song or with another golden file";
                return Err(Diagnostic::of_file(&comparing::CANNOT_COMPARE, message).help(help));
            }
        });
    }
    let [first, second] = [&goldens[0], &goldens[1]];
    // Without a song nobody knows where bars lie, but how many there are.
    let grid = grid.unwrap_or_else(|| BarGrid {
        rate,
        starts: (0..first.song.bars.len().max(second.song.bars.len()) as u64).collect(),
        sections: vec![(String::new(), 0)],
        tail: true,
    });
    let part = |before: &golden::GoldenPart, now: &golden::GoldenPart| {
        let Some(drift) = Drift::of(before, now, &grid) else { return same_part(now.id.clone()) };
        let plays = |id: &str| id == now.id || id.ends_with(&format!(">{}", now.id));
        let played = second.events.iter().filter(|events| plays(&events.id));
        let changed = played.filter_map(|after| {
            let before = first.events.iter().find(|before| before.id == after.id)?;
            let count = |count: usize| counted(count, "note");
            let same = before.count == after.count;
            let how = if same {
                "at other times or otherwise".to_owned()
            } else {
                format!("before {}", before.count)
            };
            (before.hash != after.hash).then(|| format!("{}: {}, {how}", after.id, count(after.count)))
        });
        let events = changed.collect();
        let within = blow_ups.is_empty() && drift.is_within(&tolerance, rate);
        ComparedPart {
            id: now.id.clone(),
            verdict: if within { Verdict::Within } else { Verdict::Different },
            places: if drift.bars.is_empty() {
                String::new()
            } else {
                format!("in {}", grid.names(&drift.bars))
            },
            effects: drift.effects.clone(),
            events,
            causes: Vec::new(),
            measured: Measured::Golden(drift),
        }
    };
    let mut parts = vec![part(&first.song, &second.song)];
    let mut same = Vec::new();
    let mut stems = Vec::new();
    for now in &second.stems {
        let Some(before) = first.stems.iter().find(|before| before.id == now.id) else { continue };
        match part(before, now) {
            part if part.verdict == Verdict::Identical => same.push(part.id),
            part => stems.push(part),
        }
    }
    stems.sort_by(|a, b| b.badness().total_cmp(&a.badness()));
    parts.extend(stems);
    let lacks = |one: &Golden, other: &Golden| {
        let missing = |id: &&String| other.stems.iter().all(|stem| stem.id != **id);
        one.stems.iter().map(|stem| &stem.id).filter(missing).cloned().collect()
    };
    Ok(CompareResult {
        names: sides.map(|side| side.name.clone()),
        verdict: parts[0].verdict,
        grids: [grid.clone(), grid],
        parts,
        same,
        only: [lacks(first, second), lacks(second, first)],
        causes: Vec::new(),
        aligned: None,
        blow_ups,
    })
}

//! Random edits of the songs while they play, each rendered as a take: what an edit can't reach keeps its bits.

use std::path::Path;

use chronus::dsp::seed::Seed;
use chronus::engine::block_loop::Frame;
use chronus::live::session::SessionConfig;
use chronus::live::take::{Take, TakeEvent, TakeLine};

use crate::edits::songs_in;
use crate::rig::config;
use crate::takes::replayed;

/// Frames a second: enough to tell bits apart.
const RATE: u32 = 16_000;
/// What is played of each.
const FRAMES: u64 = 6 * RATE as u64;

/// A text that sounds the same, and what was done to it.
fn edited(text: &str, dice: Seed) -> (&'static str, String) {
    let pick = |what: &str, count: usize| ((dice.name(what).share() * count as f64) as usize).min(count - 1);
    let lines: Vec<&str> = text.lines().collect();
    // Between the top level's own lines, never inside a text of several lines or a block.
    let places: Vec<usize> = (1..lines.len())
        .filter(|at| {
            lines[*at].starts_with(|c: char| c.is_ascii_lowercase()) && !lines[at - 1].ends_with('\\')
        })
        .filter(|at| lines[..*at].join("\n").matches("\"\"\"").count().is_multiple_of(2))
        .collect();
    let insert = |line: &str| {
        let at = places[pick("place", places.len())];
        [&lines[..at], &[line], &lines[at..]].concat().join("\n") + "\n"
    };
    match pick("kind", 8) {
        0 => ("a comment", insert("// Something was changed here.")),
        1 => ("blank lines", insert("\n\n")),
        2 => ("a knob that moves nothing", insert("knob spare-knob 0.5")),
        3 => ("a pattern that nothing plays", insert("pattern spare-pattern \"X.x.\"")),
        4 => ("a module that nobody hears", insert("saw spare-saw freq=110")),
        5 => (
            "an instrument that nobody plays",
            insert(
                "instrument spare-instrument {\n    saw osc\n    adsr env\n    route osc -> out vca=env\n}",
            ),
        ),
        6 => (
            "a comment at the end of each line of a section",
            text.replace("\nsection ", "\n// Part.\nsection "),
        ),
        _ => ("another name", text.replacen("song \"", "song \"New ", 1)),
    }
}

fn played(take: &Take, path: &Path) -> Vec<Frame> {
    let read = Take::read(&take.written()).unwrap();
    replayed(read, Path::new("x.take.kdl"), SessionConfig { path: path.to_owned(), ..config() }).0
}

/// Tries edits with these numbers, on as many threads as there are cores. Gives those that were heard.
fn tried(numbers: std::ops::Range<u64>) -> Vec<String> {
    let songs = songs_in(&["songs"]);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let one = |number: u64| {
        let path = &songs[number as usize % songs.len()];
        let text = std::fs::read_to_string(path).unwrap();
        let dice = Seed::new(200).number(number);
        let (what, other) = edited(&text, dice);
        let share = |what: &str| dice.name(what).share();
        // Some start later, where more goes on.
        let from = (share("from") * 40.0) as u64 * u64::from(RATE);
        let plain = Take {
            rate: RATE,
            song: path.display().to_string(),
            text,
            from,
            end: Some(FRAMES),
            ..Take::default()
        };
        let frame = ((share("frame") * 0.7 + 0.1) * FRAMES as f64) as u64;
        let line = TakeLine {
            frame,
            number: 1,
            told: None,
            what: TakeEvent::Song { text: other, at_bar: share("bar") < 0.5, fresh: false },
        };
        let changed = Take { lines: vec![line], ..plain.clone() };
        let [plain, changed] = [&plain, &changed].map(|take| played(take, path));
        let apart =
            plain.iter().zip(&changed).position(|(a, b)| a.map(f32::to_bits) != b.map(f32::to_bits))?;
        Some(format!(
            "{number}: {} with {what} at frame {frame} from {from}: other bits from frame {apart} on",
            path.display()
        ))
    };
    std::thread::scope(|scope| {
        let shares: Vec<_> = (0..threads)
            .map(|thread| {
                let (numbers, one) = (numbers.clone(), &one);
                scope.spawn(move || {
                    numbers.filter(|number| number % threads == thread).filter_map(one).collect::<Vec<_>>()
                })
            })
            .collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    })
}

#[test]
fn two_hundred_edits_keep_what_they_cannot_reach() {
    let found = tried(0..200);
    assert!(found.is_empty(), "{found:#?}");
}

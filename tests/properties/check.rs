//! Checking: no text panics or hangs, and the order of what has no order means nothing.

use std::fmt::Write;

use chronus::check::song::{check, check_with};
use chronus::check::song_files::MemoryFiles;
use chronus::diagnostic::printer::{Style, graphical};
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::diagnostic::span::SourceId;
use chronus::model::patch::{CableSource as From, CableTarget, ControlId, Patch};
use chronus::model::song::Song;
use proptest::prelude::*;

/// A song that uses most of the language.
const SONG: &str = r#"song "All of it" tempo=112 meter="7/8" key="a minor" swing=54 seed=7 tail="2s" a4=432
instrument bass glide="50ms" voices=4 velocity=0.8 gain="-3dB" pan=-0.2 {
    sine osc octave=-1 phase=0.25 retrigger=#true
    sine wob freq="1/8" // slow
    knob depth 0.5 min=0 max=12
    route wob -> osc.tune by="2st" vca=depth id=wobble
    route velocity -> osc.freq by="1oct"
    route osc -> out gain="-6dB"
    alias tone.freq osc.freq
}
sine lfo freq=5
sine tone freq=a4
route lfo -> tone.freq by="20Hz" feedback=#true
route tone -> lfo.freq by=0.5
route lfo -> bass.osc.tune by=1
route lfo -> bass.wobble.gain by=0.1
route bass.gate -> tone.gate
route bass tone -> out pan=0.3
pattern four "X... X... X.|X..x ..g. {2 x.}.."
track bass "x(5,14,2)" notes="1 3' a3/c4 <5, e4:min7> {2 b3}" chance=0.9 humanize="10%"
track high play=bass grid="1/8" octave=1 melody="a4! . c5~ d5 [e5 d5]*2 _ <1 2:1/2>?50" nudge="0 8"
"#;

const USER: &str = "use \"std/kit\" hat boom=kick\nuse \"./kit.kdl\" kick tick=hat four\ntrack kick pattern=four\ntrack boom x.\n";

const USED: &str = "song \"Kit\" bars=1\nuse \"std/808\" hat\nuse \"./more.kdl\" boom\npattern four X...\n\
    instrument kick voices=2 {\n    sine osc freq=50 tune=2\n    route osc -> out\n}\n";

fn song_of(text: &str) -> Option<Song> {
    check(SourceId::default(), text).song
}

/// Every byte that a diagnostic points at must be in the text, on the borders of characters.
fn places_are_in(text: &str) {
    places_are_in_all(text, &[]);
}

/// The same of a song with files beside it: each place must be in its own text.
fn places_are_in_all(text: &str, beside: &[(&str, &str)]) {
    let mut sources = Sources::default();
    let id = sources.add(SourceText::new("song", text));
    for diagnostic in check_with(&mut sources, id, &mut MemoryFiles(beside)).diagnostics {
        graphical(&diagnostic, &sources, Style::Plain);
        if let Some(span) = diagnostic.span {
            let text = sources.get(span.source).map_or("", SourceText::text);
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{span:?} {}",
                diagnostic.message
            );
        }
    }
}

/// A patch in words and without its order.
fn described(song: &Song, patch: &Patch) -> Vec<String> {
    let control = |control: ControlId| match control {
        ControlId::Param { instrument, module, param } => {
            let patch = instrument.map_or(&song.patch, |i| &song.instruments[i].patch);
            format!("{:?} {} {param}", instrument.map(|i| &song.instruments[i].id), patch.modules[module].id)
        }
        other => format!("{other:?}"),
    };
    let mut lines: Vec<String> = patch
        .modules
        .iter()
        .map(|module| format!("{} {} {:?} {:?}", module.spec.kind, module.id, module.params, module.settings))
        .collect();
    for cable in &patch.cables {
        let from = match cable.from {
            From::Module { module, output } => format!("{} {output}", patch.modules[module].id),
            From::Instrument(i) => song.instruments[i].id.clone(),
            From::Newest(i, signal) => format!("{} {signal:?}", song.instruments[i].id),
            other => format!("{other:?}"),
        };
        let to = match cable.to {
            CableTarget::Out => "out".into(),
            CableTarget::Input { module, input } => format!("{} in {input}", patch.modules[module].id),
            CableTarget::Control(to) => control(to),
        };
        lines.push(format!("{from} -> {to} {} {:?} {:?} {:?}", cable.gain, cable.pan, cable.by, cable.id));
    }
    lines.sort();
    lines
}

#[test]
fn the_song_of_these_tests_is_fine() {
    // `four` has a bar check in the wrong place, but no track plays it.
    let checked = check(SourceId::default(), SONG);
    let said: Vec<&str> = checked.diagnostics.iter().map(|one| one.code.id).collect();
    assert_eq!(said, ["unplayed-pattern"], "{:#?}", checked.diagnostics);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "(\\PC|[ \"{}#/\\\\;=\n<>*?:!~.x|_-]){0,100}") {
        places_are_in(&text);
    }

    #[test]
    fn no_mutation_panics(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "(\\PC|[\"{}#/\\\\;=\n<>*?:!~.x|_0-9a-g ]){0,6}"), 1..4)
    ) {
        let mut text = SONG.to_owned();
        for (at, length, with) in edits {
            let start = text.floor_char_boundary(at.index(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &with);
        }
        places_are_in(&text);
    }

    #[test]
    fn no_mutation_of_files_panics(
        edits in prop::collection::vec((any::<bool>(), any::<prop::sample::Index>(), 0usize..8, "(\\PC|[\"=./ \n]|kit|more|std|kick){0,3}"), 1..5)
    ) {
        let mut texts = [USER.to_owned(), USED.to_owned()];
        for (which, at, length, with) in edits {
            let text = &mut texts[usize::from(which)];
            let start = text.floor_char_boundary(at.index(text.len() + 1));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &with);
        }
        places_are_in_all(&texts[0], &[("kit.kdl", &texts[1]), ("more.kdl", USER)]);
    }

    #[test]
    fn no_steps_panic(steps in "[Xxg.\\-_|\\[\\]{}<>()*?:~! ,/0-9]{0,40}", melody in "[a-g#0-9'.,_~!*?:/<>{}\\[\\]( )|-]{0,40}") {
        let mut text = String::from("song key=\"a minor\"\ninstrument a voices=9 {\n    sine s\n    route s -> out\n}\n");
        let _ = writeln!(text, "track a \"{steps}\" vel=\"{melody}\"");
        let _ = writeln!(text, "track b play=a melody=\"{melody}\"");
        let _ = writeln!(text, "track c play=a x notes=\"{melody}\" nudge=\"{steps}\"");
        places_are_in(&text);
    }

    /// Modules, routes, knobs and aliases may stand in any order.
    #[test]
    fn order_means_nothing(order in Just((0..9usize).collect::<Vec<_>>()).prop_shuffle()) {
        let lines: Vec<&str> = SONG.lines().collect();
        let (head, instrument, rest) = (lines[0], lines[1..10].join("\n"), &lines[10..]);
        let mut parts = vec![instrument.as_str()];
        parts.extend(&rest[..8]);
        let shuffled: Vec<&str> = order.iter().map(|i| parts[*i]).collect();
        let text = format!("{}\n{head}\n{}\n", shuffled.join("\n"), rest[8..].join("\n"));
        let (one, other) = (song_of(SONG).unwrap(), song_of(&text).unwrap());
        prop_assert_eq!(described(&one, &one.patch), described(&other, &other.patch));
        prop_assert_eq!(
            described(&one, &one.instruments[0].patch),
            described(&other, &other.instruments[0].patch)
        );
        prop_assert_eq!(one.sections[0].bars, other.sections[0].bars);
    }
}

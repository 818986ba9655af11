//! Sections follow one another, each complete in itself, at its own tempo and meter.

use std::fmt::Write;

use chronus::plan::voices::{VoiceAction, VoiceEvent};

use crate::listen::{RATE, pitches, plan, triggers};

const TONE: &str = "instrument a voices=4 {\n sine osc\n route osc -> out\n}\n";

fn song(text: &str) -> String {
    format!("song \"t\" tempo=120 seed=9 key=\"c major\"\n{TONE}{text}\n")
}

fn frames(text: &str) -> Vec<u64> {
    triggers(&plan(&song(text)).events)
}

#[test]
fn sections_begin_where_the_one_before_ends() {
    let found = frames(
        "section slow bars=1 tempo=60 {\n track a X... grid=\"1/4\"\n}\n\
         section odd bars=2 meter=\"7/8\" tempo=240 {\n track a X...... grid=\"1/8\"\n}\n\
         arrange odd slow odd*2 slow",
    );
    // A bar of 7/8 at 240 is 7/8 of a second, one of 4/4 at 60 is four seconds.
    let odd = 42_000;
    assert_eq!(found, [0, odd, 84_000, 276_000, 276_000 + odd, 360_000, 360_000 + odd, 444_000]);
    assert_eq!(plan(&song("section a bars=3 {\n track a X\n}\narrange a*2")).timeline.end_frame(), 576_000);
}

#[test]
fn a_section_without_bars_is_as_long_as_its_longest_track() {
    let plan = plan(&song("section v {\n track a \"X... .... .... .... x\"\n}\narrange v"));
    assert_eq!(plan.timeline.end_frame(), 192_000);
}

#[test]
fn steps_and_notes_start_afresh_and_passes_run_on() {
    let found = pitches(
        &plan(&song(
            "section v bars=1 {\n track a \"x(3,5)\" grid=\"1/4\" notes=\"c4 d4 e4\"\n}\narrange v*2",
        ))
        .events,
    );
    assert_eq!(found, [0, 2, 0, 2]);
    let passes = |command: &str| {
        let text = format!(
            "section v bars=1 {{\n track a \"x:3/4... .... .... ....\"\n}}\nsection w bars=1 {{\n track a \".\"\n}}\narrange {command}"
        );
        frames(&text).into_iter().map(|frame| frame / 96_000).collect::<Vec<_>>()
    };
    assert_eq!(passes("v*8 w"), [2, 6]);
    assert_eq!(passes("v v w v*3"), [5]);
}

#[test]
fn a_section_may_have_its_own_key_and_swing() {
    let found = pitches(
        &plan(
            &song("section v bars=1 {\n track a x grid=\"1/1\" melody=\"1\"\n}\narrange v")
                .replace(" x grid", " grid"),
        )
        .events,
    );
    assert_eq!(found, [0]);
    let found = pitches(
        &plan(&song(
            "section v bars=1 key=\"d major\" {\n track a grid=\"1/2\" melody=\"1 3\"\n}\nsection w bars=1 {\n \
             track a grid=\"1/2\" melody=\"1 3\"\n}\narrange v w",
        ))
        .events,
    );
    assert_eq!(found, [2, 6, 0, 4]);
    let swung = frames("section v bars=1 swing=75 {\n track a \"xx..............\"\n}\narrange v");
    assert_eq!(swung, [0, 9_000]);
}

/// What is struck after `from`, counted from there.
fn strikes(events: &[VoiceEvent], from: u64) -> Vec<(u64, [u32; 3])> {
    let of = |event: &VoiceEvent| match event.action {
        VoiceAction::Trigger(s) => {
            Some((event.frame - from, [s.velocity.to_bits(), s.pitch.to_bits(), s.random.to_bits()]))
        }
        _ => None,
    };
    events.iter().filter(|event| event.frame >= from).filter_map(of).collect()
}

#[test]
fn an_intro_changes_no_fill() {
    let verse = "section verse bars=2 {\n track a \"x?40 x?60 [xx]?50 x*3?30\" humanize=0.2 chance=0.8 notes=\"<c4 e4> g4\"\n}\n";
    let intro = "section intro bars=3 tempo=180 {\n track a \"x?50\"\n}\n";
    let alone = plan(&song(&format!("{verse}arrange verse*4")));
    let behind = plan(&song(&format!("{intro}{verse}arrange intro verse*4")));
    let start = behind.timeline.frame(behind.timeline.spans[1].start);
    assert_eq!(start, 192_000);
    let fills = strikes(&alone.events, 0);
    assert_eq!(fills, strikes(&behind.events, start));
    // The playings differ from each other.
    let playing = |n: u64| {
        let own = fills.iter().filter(|(frame, _)| frame / 192_000 == n);
        own.map(|(frame, _)| frame % 192_000).collect::<Vec<_>>()
    };
    assert_ne!(playing(0), playing(1));
}

#[test]
fn a_ramp_of_the_tempo_is_exact_to_the_frame() {
    let ramp = |curve: &str| {
        plan(&song(&format!(
            "section v bars=6 {{\n track a x grid=\"1/4\"\n automate tempo from=90 to=180 bars=\"2..5\" curve={curve}\n}}\narrange v"
        )))
    };
    let tempo = |curve: &str, quarters: f64| {
        let place = (quarters - 4.0) / 16.0;
        match curve {
            _ if place < 0.0 => 120.0,
            _ if place > 1.0 => 180.0,
            "exp" => 90.0 * libm::exp2(place),
            _ => 90.0 + 90.0 * place,
        }
    };
    for curve in ["lin", "exp"] {
        let plan = ramp(curve);
        // Summed in small parts, each at the tempo of its middle.
        let parts = 4_096;
        let mut seconds = 0.0;
        let mut wanted = Vec::new();
        for part in 0..24 * parts {
            if part % parts == 0 {
                wanted.push((seconds * f64::from(RATE) + 0.5) as u64);
            }
            let middle = (f64::from(part) + 0.5) / f64::from(parts);
            seconds += 60.0 / tempo(curve, middle) / f64::from(parts);
        }
        assert_eq!(triggers(&plan.events), wanted, "{curve}");
        assert_eq!(plan.timeline.end_frame(), (seconds * f64::from(RATE) + 0.5) as u64);
        let place = plan.timeline.position(wanted[13]);
        assert!(place.bar == 4 && (place.beat - 2.0).abs() < 1e-3, "{place:?}");
    }
}

#[test]
fn many_ramps_do_not_drift() {
    let text =
        "section v bars=1 {\n track a x grid=\"1/1\"\n automate tempo from=97 to=173\n}\narrange v*500";
    let one = 4.0 * 60.0 / (173.0 - 97.0) * libm::log(173.0 / 97.0);
    for (playing, frame) in frames(text).into_iter().enumerate() {
        assert_eq!(frame, (playing as f64 * one * f64::from(RATE) + 0.5) as u64);
    }
}

#[test]
fn planning_grows_with_what_is_played_and_no_faster() {
    let text = |bars: u32, command: &str| {
        song(&format!(
            "knob level 0.5\nroute level -> out\ndelay echo time=\"1/8\"\nroute a -> echo -> out\nroute a -> out\nsection v bars={bars} {{\n track a x...\n \
             automate level to=1 bars=1\n automate tempo to=130 bars=1\n}}\nsection w bars=1 {{\n track a .\n}}\narrange {command}"
        ))
    };
    let size = |text: &str| {
        let plan = plan(text);
        let segments: usize = plan.curves.iter().map(|curve| curve.segments.len()).sum();
        (segments, plan.timeline.spans.len(), plan.events.len(), plan.steps.len() + plan.bases.len())
    };
    let (long, longer) = (size(&text(100, "v w")), size(&text(1_000, "v w")));
    assert_eq!((long.0, long.1, long.3), (longer.0, longer.1, longer.3));
    assert!(longer.2 <= 11 * long.2, "{} and {} events", long.2, longer.2);
    let (few, many) = (size(&text(1, "v*100 w")), size(&text(1, "v*1000 w")));
    assert!(many.0 <= 11 * few.0 && many.1 <= 11 * few.1 && many.2 <= 11 * few.2 && many.3 == few.3);
}

#[test]
fn sections_may_stand_in_any_command() {
    let sections =
        ["section v bars=1 {\n track a x?50\n}\n", "section w bars=2 tempo=90 {\n track a xx?30\n}\n"];
    let mut all = String::new();
    for section in sections.iter().rev() {
        let _ = write!(all, "{section}");
    }
    let one = plan(&song(&format!("{}arrange v w*2 v", sections.concat())));
    let other = plan(&song(&format!("arrange v w*2 v\n{all}")));
    assert_eq!(one.events, other.events);
}

#[test]
fn an_instrument_starts_from_another() {
    let of = |text: &str| {
        let plan = plan(text);
        let kinds: Vec<&str> = plan.kernels.iter().map(|kernel| kernel.spec.kind).collect();
        (chronus::plan::printer::describe(&plan), kinds.len())
    };
    let written = "song bars=1\ninstrument a voices=2 {\n saw osc octave=-1\n ladder filter cutoff=300\n route osc -> filter -> out gain=0.5\n}\n\
                   instrument b voices=2 gain=0.5 {\n saw osc octave=-1\n ladder filter cutoff=900\n lfo sway rate=2\n route osc -> filter -> out gain=0.25\n \
                   route sway -> filter.cutoff by=\"1oct\"\n}\ntrack a X...\ntrack b x...\n";
    let like = "song bars=1\ninstrument b like=a gain=0.5 {\n ladder filter cutoff=900\n lfo sway rate=2\n route osc -> filter -> out gain=0.25\n \
                route sway -> filter.cutoff by=\"1oct\"\n}\ninstrument a voices=2 {\n saw osc octave=-1\n ladder filter cutoff=300\n route osc -> filter -> out gain=0.5\n}\n\
                track a X...\ntrack b x...\n";
    let command = |text: &str| {
        let cut = text.find("instrument b").expect("b");
        let (head, rest) = text.split_at(cut);
        let end = rest.find("instrument a").map_or(rest.len(), |at| at);
        (head.to_owned(), rest[..end].to_owned(), rest[end..].to_owned())
    };
    // The order of instruments is that of the song: `b` is moved after `a`, as it is written out.
    let (head, b, rest) = command(like);
    let (a, tracks) = rest.split_at(rest.find("track").expect("tracks"));
    assert_eq!(of(written), of(&format!("{head}{a}{b}{tracks}")));
    assert_eq!(of(like).1, of(written).1);
}

//! Random arrangements: none panics, none depends on the order of nodes, all stay finite.

use std::fmt::Write;
use std::sync::Arc;

use chronus::check::song::check;
use chronus::diagnostic::span::SourceId;
use chronus::engine::offline_render::Rendering;
use chronus::modules::dispatch::Compilation;
use chronus::plan::compile::compile;
use chronus::plan::printer::describe;
use proptest::prelude::*;

const RATE: u32 = 16_000;

/// What stands before the sections, each line in a place of its own.
const BAND: &[&str] = &[
    "song \"t\" tempo=180 seed=3 tail=\"0.3s\" swing=58 key=\"a minor\"",
    "instrument a voices=3 glide=\"1/32\" {\n saw osc\n ladder filter cutoff=700\n knob amount 0.5 max=2\n adsr env release=\"1/8\"\n \
     route env -> filter.cutoff by=\"2oct\" vca=amount\n route osc -> filter -> out vca=env gain=0.3 pan=0 id=exit\n}",
    "instrument b like=a voices=1 {\n ladder filter cutoff=2000\n}",
    "delay echo time=\"1/8.\" feedback=0.3",
    "route a -> echo gain=0.5 id=throw",
    "route a b -> out",
    "route echo -> out",
];

/// What can be automated, with two values.
const CONTROLS: &[(&str, &str, &str)] = &[
    ("a.filter.cutoff", "200", "\"3kHz\""),
    ("b.filter.cutoff", "\"1/64\"", "900"),
    ("a.amount", "0.1", "2"),
    ("a.exit.gain", "\"-30dB\"", "0.5"),
    ("a.exit.pan", "-1", "1"),
    ("a.pan", "-0.5", "0.5"),
    ("b.gain", "0.01", "1"),
    ("b.glide", "0", "\"1/4\""),
    ("echo.time", "\"1/16\"", "\"1/4\""),
    ("throw.gain", "0.001", "1"),
    ("tempo", "90", "240"),
];

#[derive(Clone, Debug)]
struct Move {
    control: prop::sample::Index,
    bars: (u32, u32),
    swap: bool,
    from: bool,
    curve: prop::sample::Index,
    shape: Option<prop::sample::Index>,
}

#[derive(Clone, Debug)]
struct Part {
    bars: u32,
    tempo: Option<u32>,
    meter: prop::sample::Index,
    steps: String,
    locks: String,
    moves: Vec<Move>,
}

fn part() -> impl Strategy<Value = Part> {
    let index = any::<prop::sample::Index>;
    let moves =
        (index(), (1u32..4, 0u32..3), any::<bool>(), any::<bool>(), index(), prop::option::of(index()))
            .prop_map(|(control, bars, swap, from, curve, shape)| Move {
                control,
                bars,
                swap,
                from,
                curve,
                shape,
            });
    (
        1u32..4,
        prop::option::of(60u32..300),
        index(),
        "[Xx]([x._]|x~x){0,7}",
        "(\\.|[2-9]00|<[3-9]00 \\.>)( \\.| [2-9]00){0,5}",
        prop::collection::vec(moves, 0..5),
    )
        .prop_map(|(bars, tempo, meter, steps, locks, moves)| Part {
            bars,
            tempo,
            meter,
            steps,
            locks,
            moves,
        })
}

/// A section, its lines in an order that `turn` decides.
fn section(place: usize, part: &Part, turn: usize) -> String {
    let meter = ["4/4", "7/8", "3/4"][part.meter.index(3)];
    let mut text = format!("section s{place} bars={} meter=\"{meter}\"", part.bars);
    if let Some(tempo) = part.tempo {
        let _ = write!(text, " tempo={tempo}");
    }
    let mut lines: Vec<String> = Vec::new();
    let mut moved: Vec<&str> = Vec::new();
    for one in &part.moves {
        let (path, from, to) = CONTROLS[one.control.index(CONTROLS.len())];
        let (from, to) = if one.swap { (to, from) } else { (from, to) };
        // Twice the same thing now and then: that is an error or two spans.
        if moved.contains(&path) && !one.swap {
            continue;
        }
        moved.push(path);
        let first = one.bars.0.min(part.bars);
        let last = (first + one.bars.1).min(part.bars);
        let mut line = format!("automate {path} to={to} bars=\"{first}..{last}\"");
        let signed = path.ends_with("pan") || path.ends_with("glide");
        if one.from || signed {
            let _ = write!(line, " from={from}");
        }
        let curves: &[&str] = match (path, one.shape) {
            ("tempo", _) => &["lin", "exp", "step"],
            (_, Some(_)) if signed => &["lin"],
            (_, Some(_)) => &["lin", "exp"],
            _ if signed => &["lin", "smooth", "step"],
            _ => &["lin", "exp", "smooth", "step"],
        };
        let _ = write!(line, " curve={}", curves[one.curve.index(curves.len())]);
        if let (Some(shape), true) = (one.shape, path != "tempo") {
            let shape = ["sine", "triangle", "saw", "square", "random"][shape.index(5)];
            let _ = write!(line, " shape={shape} cycles=3.5");
        }
        lines.push(line);
    }
    let keep = lines.len().max(1);
    lines.rotate_left(turn % keep);
    text.push_str(" {\n");
    let _ = writeln!(
        text,
        "track a \"{}\" notes=\"1 3/5 <4 6>\" chance=0.8 humanize=0.1 {{\n lock filter.cutoff \"{}\"\n}}",
        part.steps, part.locks
    );
    let _ = writeln!(text, "track b \"{}\" grid=\"1/8\"", part.steps);
    for line in lines {
        let _ = writeln!(text, "{line}");
    }
    text + "}"
}

fn song(parts: &[Part], order: &[prop::sample::Index], turn: usize) -> String {
    let mut lines: Vec<String> =
        parts.iter().enumerate().map(|(place, part)| section(place, part, turn)).collect();
    let order: Vec<String> =
        order.iter().map(|index| format!("s{}*{}", index.index(parts.len()), 1 + index.index(3))).collect();
    lines.push(format!("arrange {}", order.join(" ")));
    lines.push(BAND[0].to_owned());
    let keep = lines.len();
    lines.rotate_left(turn % keep);
    let band = BAND[1..].join("\n");
    format!("{band}\n{}\n", lines.join("\n"))
}

/// The plan in words and the first second of the sound, if it is a song.
fn heard(text: &str) -> Option<(String, Vec<u32>)> {
    let song = check(SourceId::default(), text).song?;
    let plan = Arc::new(compile(&song, RATE).unwrap_or_else(|refusal| panic!("{refusal}\n{text}")));
    let words = describe(&plan);
    let mut rendering = Rendering::new(plan, Compilation::best());
    let mut bits = Vec::new();
    while rendering.frames() < 2 * u64::from(RATE) {
        let Some(frames) = rendering.next_frames() else { break };
        for sample in frames.as_flattened() {
            assert!(sample.is_finite(), "{sample}\n{text}");
            bits.push(sample.to_bits());
        }
    }
    assert!(rendering.faults().is_empty(), "{:?}\n{text}", rendering.faults());
    Some((words, bits))
}

fn orders() -> impl Strategy<Value = Vec<prop::sample::Index>> {
    prop::collection::vec(any::<prop::sample::Index>(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_nodes_means_nothing(
        parts in prop::collection::vec(part(), 1..4), order in orders(), turn in 1usize..6,
    ) {
        let (one, other) = (song(&parts, &order, 0), song(&parts, &order, turn));
        prop_assert_eq!(heard(&one), heard(&other), "{}", one);
    }

    #[test]
    fn no_mutation_panics(
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "(\\PC|[\"{}#/;=\n<>*.~ 0-9a-g]){0,6}"), 1..4)
    ) {
        let mut text = BAND.join("\n");
        text.push_str(
            "\nsection v bars=2 tempo=90 meter=\"7/8\" swing=60 key=\"c major\" {\n track a \"X..x\" {\n lock filter.cutoff \"200 . <2kHz .>\"\n}\n \
             automate a.filter.cutoff from=200 to=\"3kHz\" bars=\"1..2\" curve=exp shape=saw cycles=3\n automate tempo to=140 bars=2\n}\n\
             section w bars=1\narrange v*3 w v\n",
        );
        for (at, length, with) in edits {
            let start = text.floor_char_boundary(at.index(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end, &with);
        }
        if let Some(song) = check(SourceId::default(), &text).song {
            let _ = compile(&song, RATE);
        }
    }

    #[test]
    fn no_arrangement_panics(
        order in "[a-c*0-9 ]{0,20}", bars in "[0-9.]{0,6}", lock in "[0-9.<>{}a-z/# -]{0,16}", like in "[a-c]", part in part(),
    ) {
        let text = format!(
            "instrument a like={like} {{\n saw osc\n ladder f\n route osc -> f -> out\n}}\ninstrument b like=a\ninstrument c like=b\n\
             section a {{\n track a \"{}\" {{\n lock f.cutoff \"{lock}\"\n}}\n automate a.f.cutoff to=900 bars=\"{bars}\"\n}}\n\
             section b bars=2\narrange {order}\n",
            part.steps
        );
        if let Some(song) = check(SourceId::default(), &text).song {
            prop_assert!(compile(&song, RATE).is_ok(), "{}", text);
        }
    }
}

/// The properties above are worth nothing if their songs don't pass check.
#[test]
fn many_random_arrangements_are_songs() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (prop::collection::vec(part(), 1..3), orders());
    let passed = (0..200)
        .filter(|_| {
            let (parts, order) = strategy.new_tree(&mut runner).unwrap().current();
            check(SourceId::default(), &song(&parts, &order, 0)).song.is_some()
        })
        .count();
    assert!(passed > 100, "{passed} of 200");
}

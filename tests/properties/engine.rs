//! Compiling and rendering: whatever passes check compiles, stays finite, and sounds the same however it is computed.

use std::fmt::Write;
use std::sync::Arc;

use chronus::check::song::check;
use chronus::diagnostic::span::SourceId;
use chronus::engine::offline_render::Rendering;
use chronus::modules::TABLE;
use chronus::modules::dispatch::Compilation;
use chronus::modules::spec::{ModuleSpec, Normal};
use chronus::plan::compile::compile;
use proptest::prelude::*;

const RATE: u32 = 16_000;

/// Renders a second of a song, if it is one. Returns the bits of both channels.
fn bits(text: &str, compilation: Compilation) -> Option<Vec<u32>> {
    let song = check(SourceId::default(), text).song?;
    let plan = Arc::new(compile(&song, RATE).unwrap_or_else(|refusal| panic!("{refusal}\n{text}")));
    let mut rendering = Rendering::new(plan, compilation);
    let mut bits = Vec::new();
    while rendering.frames() < u64::from(RATE) {
        let Some(frames) = rendering.next_frames() else { break };
        for sample in frames.as_flattened() {
            assert!(sample.is_finite(), "{sample}\n{text}");
            bits.push(sample.to_bits());
        }
    }
    assert!(rendering.faults().is_empty(), "{:?}\n{text}", rendering.faults());
    Some(bits)
}

/// One module of a random patch: which kind, where each parameter stands, which earlier module feeds it, and what moves
/// one of its parameters by how much.
#[derive(Clone, Debug)]
struct Part {
    kind: prop::sample::Index,
    places: Vec<f64>,
    feeds: prop::sample::Index,
    moves: Option<(prop::sample::Index, prop::sample::Index, f64)>,
}

fn part() -> impl Strategy<Value = Part> {
    let moves = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), -1.0..1.0);
    (
        any::<prop::sample::Index>(),
        prop::collection::vec(0.0..1.0, 12),
        any::<prop::sample::Index>(),
        prop::option::of(moves),
    )
        .prop_map(|(kind, places, feeds, moves)| Part { kind, places, feeds, moves })
}

/// A patch as lines of a song: modules in a row, each fed by one before it, the last one to `out`.
fn patch(parts: &[Part], top: bool) -> String {
    let mut text = String::new();
    let mut kinds: Vec<&'static ModuleSpec> = Vec::new();
    for (place, part) in parts.iter().enumerate() {
        let spec = TABLE[part.kind.index(TABLE.len())];
        let _ = write!(text, "{} m{place}", spec.kind);
        for (param, share) in spec.params.iter().zip(&part.places) {
            let follows = param.normal == Normal::Note && !top;
            // Delays of half a minute would only cost memory here.
            let max = if param.max - param.min > 1e3 { param.min + 1e3 } else { param.max };
            if !follows && *share > 0.2 {
                let _ = write!(text, " {}={:.4}", param.name, param.min + (max - param.min) * share * share);
            } else if param.normal == Normal::Note && top {
                let _ = write!(text, " {}=220", param.name);
            }
        }
        text.push('\n');
        kinds.push(spec);
        if place > 0 && spec.has_main_input() {
            let _ = writeln!(text, "route m{} -> m{place} gain=0.5", part.feeds.index(place));
        }
        if let (Some((source, param, by)), true) = (&part.moves, place > 0) {
            let param =
                &spec.params[param.index(spec.params.len().max(1)).min(spec.params.len().max(1) - 1)..];
            if let Some(param) = param.first() {
                let range = (param.max - param.min).min(1e3);
                let _ = writeln!(
                    text,
                    "route m{} -> m{place}.{} by={:.4}",
                    source.index(place),
                    param.name,
                    by * range
                );
            }
        }
    }
    let last = parts.len() - 1;
    let _ = writeln!(text, "route m{last} -> out gain=0.1");
    text
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// Random chains of any kinds, in voices and at the top level, with parameters anywhere and moved by anything.
    #[test]
    fn any_patch_stays_finite_and_repeats_itself(
        voice in prop::collection::vec(part(), 1..6),
        effects in prop::collection::vec(part(), 0..4),
        voices in 1usize..10,
    ) {
        let mut text = format!("song bars=1 tempo=240 seed=5\ninstrument a voices={voices} {{\n{}}}\n", patch(&voice, false));
        if effects.is_empty() {
            text.push_str("route a -> out\n");
        } else {
            text.push_str(&patch(&effects, true));
            if TABLE[effects[0].kind.index(TABLE.len())].has_main_input() {
                text.push_str("route a -> m0\n");
            } else {
                text.push_str("route a -> out\n");
            }
        }
        text.push_str("track a \"x[xx]x_x.x*2x\" notes=\"c3 e4 g5\"\n");
        crate::skip::without_avx2("any_patch_stays_finite_and_repeats_itself");
        if let Some(best) = bits(&text, Compilation::best()) {
            prop_assert_eq!(best, bits(&text, Compilation::BASELINE).unwrap(), "{}", text);
        }
    }
}

/// The property above is worth nothing if its songs don't pass check.
#[test]
fn most_random_patches_are_songs() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(part(), 1..6);
    let passed = (0..200)
        .filter(|_| {
            let parts = strategy.new_tree(&mut runner).unwrap().current();
            let text = format!(
                "song bars=1\ninstrument a {{\n{}}}\nroute a -> out\ntrack a x\n",
                patch(&parts, false)
            );
            check(SourceId::default(), &text).song.is_some()
        })
        .count();
    assert!(passed > 120, "{passed} of 200");
}

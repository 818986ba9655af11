//! What every row of the module table keeps, whatever its kind.

#![allow(clippy::expect_used, reason = "a test may stop")]

#[path = "common/skip.rs"]
mod skip;

use std::collections::BTreeSet;

use chronus::modules::buffer::Rows;
use chronus::modules::dispatch::Compilation;
use chronus::modules::kernel::Kernel;
use chronus::modules::solo::{LaneWidths, Solo, Width};
use chronus::modules::spec::{BLOCK, ModuleSpec, Normal, Options};
use chronus::modules::state::Sleep;
use chronus::modules::{TABLE, find};
use chronus::units::unit::Unit;

const RATE: f32 = 48_000.0;

/// The kinds made of lanes.
fn lane_kinds() -> impl Iterator<Item = &'static ModuleSpec> {
    TABLE.iter().copied().filter(|spec| matches!(spec.kernel, Kernel::Lanes { .. }))
}

/// Every combination of settings that `spec` has names, flags or outermost values for.
fn settings_of(spec: &'static ModuleSpec) -> Vec<Vec<(&'static str, f32)>> {
    let mut all = vec![Vec::new()];
    for setting in spec.settings {
        let values: Vec<f32> = match setting.options {
            Options::Choice(names) => (0..names.len()).map(|i| i as f32).collect(),
            Options::Flag => vec![0.0, 1.0],
            Options::Count { min, max, .. } => vec![min as f32, max as f32],
            Options::Amount { min, max, .. } => vec![min as f32, max as f32],
            Options::Root | Options::Sound(_) => vec![setting.default() as f32],
        };
        all = all
            .iter()
            .flat_map(|given| {
                values
                    .iter()
                    .map(move |value| given.iter().copied().chain([(setting.name, *value)]).collect())
            })
            .collect();
    }
    all
}

/// A number from 0 to 1 for each place, lane and time.
fn draw(keys: [usize; 4]) -> f32 {
    let mut x = 0x9e37_79b9_u64;
    for key in keys {
        x = (x ^ key as u64).wrapping_mul(0xd6e8_feb8_6659_fd93);
        x ^= x >> 32;
    }
    (x >> 40) as f32 / (1u64 << 24) as f32
}

/// How the inputs of a test move.
#[derive(Clone, Copy)]
struct Stimulus {
    seed: usize,
    /// Whether what is constant for a block is also said to be so.
    tagged: bool,
    /// Whether nothing moves after the first block but the gate.
    steady: bool,
}

impl Stimulus {
    fn new(seed: usize) -> Self {
        Self { seed, tagged: true, steady: false }
    }

    /// Block `block` of kernel input `place` in lane `lane`, and whether it is constant.
    fn block(self, spec: &ModuleSpec, place: usize, lane: usize, block: usize) -> ([f32; BLOCK], bool) {
        let (name, low, high, normal) = describe(spec, place);
        if normal == Normal::Gate {
            return (gate(self, place, lane, block), false);
        }
        let epoch = if self.steady { 0 } else { block / 5 };
        let mode = (draw([self.seed, place, epoch, 7777]) * 4.0) as usize;
        let at = |x: f32| {
            // Times are drawn short, so that many segments begin and end; frequencies evenly in octaves.
            let x = if name == Unit::Seconds { x * x * x * x } else { x };
            if name == Unit::Hertz && low > 0.0 {
                low * libm::powf(high / low, x)
            } else {
                low + (high - low) * x
            }
        };
        let centre = draw([self.seed, place, lane, epoch]);
        let clamped = |x: f32| at(x.clamp(0.0, 1.0)).clamp(low, high);
        if self.steady || mode == 0 {
            return ([clamped(centre); BLOCK], true);
        }
        let rows = std::array::from_fn(|i| {
            let time = (block * BLOCK + i) as f32;
            if mode < 3 {
                // Slowly in every lane, or at audio rate in some of them.
                let fast = mode == 1 && centre > 0.5;
                let speed = if fast { 0.13 } else { 0.001 };
                clamped(centre + 0.3 * libm::sinf(time * speed * (1.0 + centre)))
            } else {
                clamped(draw([self.seed + place, lane, block, i]))
            }
        });
        (rows, false)
    }
}

fn gate(stimulus: Stimulus, place: usize, lane: usize, block: usize) -> [f32; BLOCK] {
    if stimulus.steady {
        return [1.0; BLOCK];
    }
    std::array::from_fn(|i| {
        let length = 1 + (draw([stimulus.seed, place, lane, 1]) * 300.0) as usize;
        let time = block * BLOCK + i;
        match draw([stimulus.seed, lane, time / length, 3]) {
            _ if time.is_multiple_of(977) => -1.0,
            x if x < 0.5 => 0.0,
            _ => 1.0,
        }
    })
}

/// Unit, range and normal of kernel input `place`.
fn describe(spec: &ModuleSpec, place: usize) -> (Unit, f32, f32, Normal) {
    if let Some(param) = place.checked_sub(spec.signal_places()) {
        let param = &spec.params[param];
        return (param.unit, param.min as f32, param.max as f32, Normal::Nothing);
    }
    let gates = spec.inputs.iter().any(|port| port.normal == Normal::Gate && spec.port(port.name) == place);
    (Unit::Number, -1.0, 1.0, if gates { Normal::Gate } else { Normal::Nothing })
}

fn input_places(spec: &ModuleSpec) -> usize {
    spec.signal_places() + spec.params.len()
}

fn solo<const W: usize>(
    spec: &'static ModuleSpec,
    settings: &[(&str, f32)],
    seeds: [u32; W],
    compilation: Compilation,
) -> Solo<W>
where
    LaneWidths: Width<W>,
{
    Solo::new(spec, RATE, settings, seeds, compilation).expect("runs at this width")
}

/// Writes block `block` of every input; lane 0 of the solo is lane `first` of the stimulus.
fn feed<const W: usize>(solo: &mut Solo<W>, spec: &ModuleSpec, stimulus: Stimulus, first: usize, block: usize)
where
    LaneWidths: Width<W>,
{
    for place in 0..input_places(spec) {
        let lanes: [_; W] = std::array::from_fn(|l| stimulus.block(spec, place, first + l, block));
        let rows: Rows<W> = std::array::from_fn(|i| std::array::from_fn(|l| lanes[l].0[i]));
        if stimulus.tagged && lanes.iter().all(|(_, constant)| *constant) {
            solo.set_place(place, rows[0]);
        } else {
            solo.feed_place(place, &rows);
        }
    }
}

/// The bits of every output of the next `blocks` blocks, per lane.
fn listen<const W: usize>(
    solo: &mut Solo<W>,
    spec: &ModuleSpec,
    stimulus: Stimulus,
    first: usize,
    blocks: std::ops::Range<usize>,
) -> [Vec<u32>; W]
where
    LaneWidths: Width<W>,
{
    let mut heard = [const { Vec::new() }; W];
    for block in blocks {
        feed(solo, spec, stimulus, first, block);
        solo.run();
        flush(solo);
        for output in 0..spec.output_places() {
            for row in solo.output(output) {
                for l in 0..W {
                    heard[l].push(row[l].to_bits());
                }
            }
        }
    }
    heard
}

/// Sets parameters in `unit`, or all, to their defaults.
fn defaults<const W: usize>(solo: &mut Solo<W>, spec: &ModuleSpec, unit: Option<Unit>)
where
    LaneWidths: Width<W>,
{
    for param in spec.params.iter().filter(|param| unit.is_none_or(|unit| param.unit == unit)) {
        solo.set(param.name, param.default as f32);
    }
}

/// What the engine does after each block: denormals become 0.
fn flush<const W: usize>(solo: &mut Solo<W>)
where
    LaneWidths: Width<W>,
{
    for row in solo.state() {
        for x in row {
            if x.is_subnormal() {
                *x = 0.0;
            }
        }
    }
}

fn first_difference(a: &[u32], b: &[u32]) -> Option<usize> {
    a.iter().zip(b).position(|(a, b)| a != b)
}

fn assert_same(kind: &str, what: &str, a: &[u32], b: &[u32]) {
    if let Some(at) = first_difference(a, b) {
        panic!(
            "{kind}: {what} differs at sample {at}: {} and {}",
            f32::from_bits(a[at]),
            f32::from_bits(b[at])
        );
    }
}

const SEEDS: [u32; 8] = [11, 22, 33, 44, 55, 66, 77, 88];

#[test]
fn names_are_words_and_unique() {
    let word = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    let mut kinds = BTreeSet::new();
    for spec in TABLE {
        assert!(kinds.insert(spec.kind), "{} stands twice in the table", spec.kind);
        let mut names = BTreeSet::new();
        let inputs = spec.inputs.iter().map(|port| port.name);
        let params = spec.params.iter().map(|param| param.name);
        let settings = spec.settings.iter().map(|setting| setting.name);
        for name in inputs.chain(params).chain(settings) {
            assert!(names.insert(name), "{}: `{name}` stands twice", spec.kind);
        }
        let outputs: BTreeSet<_> = spec.outputs.iter().map(|port| port.name).collect();
        assert_eq!(outputs.len(), spec.outputs.len(), "{}: two outputs of one name", spec.kind);
        for name in names.into_iter().chain(outputs).chain([spec.kind]) {
            assert!(word(name), "{}: `{name}` isn't a word", spec.kind);
        }
        for setting in spec.settings {
            if let Options::Choice(choices) = setting.options {
                let unique: BTreeSet<_> = choices.iter().map(|(name, _)| name).collect();
                assert_eq!(unique.len(), choices.len(), "{}: two choices of one name", spec.kind);
                // `x1` and the like begin with a letter, as ids do.
                assert!(choices.iter().all(|(name, _)| word(name)), "{}: {}", spec.kind, setting.name);
            }
        }
        assert_eq!(find(spec.kind).map(|found| found.kind), Some(spec.kind));
    }
}

#[test]
fn every_text_is_a_sentence() {
    for spec in TABLE {
        let ports = spec.inputs.iter().chain(spec.outputs).map(|port| port.about);
        let params = spec.params.iter().map(|param| param.about);
        let settings = spec.settings.iter().map(|setting| setting.about);
        let choices = spec.settings.iter().flat_map(|setting| match setting.options {
            Options::Choice(names) => names,
            _ => &[],
        });
        let choices = choices.map(|(_, about)| *about);
        for about in ports.chain(params).chain(settings).chain(choices).chain([spec.about]) {
            assert!(about.ends_with('.') && !about.contains('\n'), "{}: {about:?}", spec.kind);
        }
        assert!(spec.notes.is_empty() || spec.notes.ends_with('.'), "{}: {:?}", spec.kind, spec.notes);
        assert!(!spec.notes.contains("  "), "{}: a gap in its notes: {:?}", spec.kind, spec.notes);
        assert!(spec.example.starts_with("song \""), "{}: its example is no song", spec.kind);
        assert!(spec.example.contains(&format!("{} ", spec.kind)), "{}: its example lacks it", spec.kind);
    }
}

#[test]
fn defaults_lie_in_their_range() {
    for spec in TABLE {
        for param in spec.params {
            assert!(param.min < param.max, "{}.{}", spec.kind, param.name);
            assert!((param.min..=param.max).contains(&param.default), "{}.{}", spec.kind, param.name);
        }
        for setting in spec.settings {
            if let Options::Amount { min, max, default, .. } = setting.options {
                assert!((min..=max).contains(&default), "{}.{}", spec.kind, setting.name);
            }
        }
        assert!(!spec.outputs.is_empty(), "{}", spec.kind);
        assert!(input_places(spec) <= chronus::modules::call::MAX_INPUTS, "{}", spec.kind);
        assert!(spec.output_places() <= chronus::modules::call::MAX_OUTPUTS, "{}", spec.kind);
    }
}

#[test]
fn everything_stays_finite_at_both_ends_and_swept() {
    for spec in TABLE.iter().copied() {
        for settings in settings_of(spec) {
            for seed in 0..4 {
                let mut solo = solo::<1>(spec, &settings, [5], Compilation::best());
                let heard = listen(&mut solo, spec, Stimulus::new(seed), 0, 0..60);
                finite(spec, &heard[0]);
            }
            for param in spec.params {
                let (low, high) = (param.min as f32, param.max as f32);
                for sweep in 0..3 {
                    let mut solo = solo::<1>(spec, &settings, [5], Compilation::best());
                    let mut heard = Vec::new();
                    for block in 0..40 {
                        feed(&mut solo, spec, Stimulus { steady: true, ..Stimulus::new(9) }, 0, block);
                        let rows: Rows<1> = std::array::from_fn(|i| {
                            [match sweep {
                                0 => low,
                                1 => high,
                                // At every frame from one end to the other.
                                _ => [low, high][i % 2],
                            }]
                        });
                        solo.feed(param.name, &rows);
                        for place in 0..spec.signal_places() {
                            let rows =
                                std::array::from_fn(|i| [if (block + i) % 3 == 0 { 1.0 } else { -1.0 }]);
                            if describe(spec, place).3 == Normal::Nothing {
                                solo.feed_place(place, &rows);
                            }
                        }
                        solo.run();
                        for output in 0..spec.output_places() {
                            heard.extend(solo.output(output).map(|[x]| x.to_bits()));
                        }
                    }
                    finite(spec, &heard);
                }
            }
        }
    }
}

fn finite(spec: &ModuleSpec, heard: &[u32]) {
    for bits in heard {
        let x = f32::from_bits(*bits);
        assert!(x.is_finite() && x.abs() < 1e4, "{} puts out {x}", spec.kind);
    }
}

/// What a kind says that it passes is what it passes.
#[test]
fn a_signal_that_stands_still_passes_as_it_says() {
    let mut tried = 0;
    for spec in TABLE.iter().copied().filter(|spec| spec.has_main_input()) {
        for high in [false, true] {
            // Times stay short, and what rings for long is left at its default.
            let value = |param: &chronus::modules::spec::Param| match param.unit {
                Unit::Gain | Unit::Share if high => param.min + (param.max - param.min) * 0.6,
                Unit::Seconds => 0.01,
                _ => param.default,
            };
            let values: Vec<Option<f64>> = spec.params.iter().map(|param| Some(value(param))).collect();
            let Some(passes) = (spec.state.passes)(&values) else { continue };
            let unknown = vec![None; spec.params.len()];
            assert!((spec.state.passes)(&unknown).is_none_or(|one| one == passes), "{}", spec.kind);
            let mut solo = solo::<1>(spec, &[], [5], Compilation::best());
            for param in spec.params {
                solo.set(param.name, value(param) as f32);
            }
            for place in 0..spec.input_lanes(0) {
                solo.set_place(place, [0.25]);
            }
            (0..4_000).for_each(|_| solo.run());
            let sides = spec.output_places() / spec.outputs.len();
            let mean = (0..sides).map(|side| solo.output(side)[BLOCK - 1][0]).sum::<f32>() / sides as f32;
            let gain = f64::from(mean) / 0.25;
            assert!(
                (gain - passes.gain).abs() <= 0.02 * passes.gain.abs().max(1.0),
                "{}: {gain}, not {}",
                spec.kind,
                passes.gain
            );
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried}");
}

/// A ring that is silenced as the engine does it, by what was written since it was silent, holds nothing any more.
#[test]
fn rings_are_silent_once_they_are_silenced() {
    fn held<const W: usize>(spec: &'static ModuleSpec, blocks: usize)
    where
        LaneWidths: Width<W>,
    {
        for settings in settings_of(spec) {
            let Some(mut solo) = Solo::<W>::new(spec, RATE, &settings, [5; W], Compilation::best()) else {
                return;
            };
            // From where the rings happen to stand.
            let first = 37 + blocks;
            listen(&mut solo, spec, Stimulus::new(blocks), 0, 0..first);
            (0..W).for_each(|lane| assert!(solo.silence_rings(lane, usize::MAX), "{}", spec.kind));
            listen(&mut solo, spec, Stimulus::new(blocks), 0, first..first + blocks);
            for lane in 0..W {
                assert!(
                    solo.silence_rings(lane, blocks * BLOCK),
                    "{} {settings:?} after {blocks} blocks",
                    spec.kind
                );
            }
        }
    }
    for spec in lane_kinds() {
        for blocks in [1, 2, 5, 33, 90] {
            held::<1>(spec, blocks);
            held::<4>(spec, blocks);
        }
    }
}

#[test]
fn nan_on_an_input_does_not_stay() {
    for spec in TABLE.iter().copied() {
        for place in 0..spec.signal_places() {
            let mut solo = solo::<1>(spec, &[], [5], Compilation::best());
            let steady = Stimulus { steady: true, ..Stimulus::new(3) };
            for block in 0..5 {
                feed(&mut solo, spec, steady, 0, block);
                defaults(&mut solo, spec, Some(Unit::Seconds));
                solo.run();
            }
            solo.feed_place(place, &[[f32::NAN]; BLOCK]);
            solo.run();
            let mut resets = 0;
            let mut finite_blocks = 0;
            let mut finite = false;
            for block in 6..6 + 32 * 750 {
                // The engine's rule: NaN in the state, or coming out where the state can't be seen, resets the module.
                let hidden = matches!(spec.kernel, Kernel::Foreign(_));
                if solo.state().iter().flatten().any(|x| x.is_nan()) || hidden && !finite {
                    solo.reset();
                    resets += 1;
                }
                feed(&mut solo, spec, steady, 0, block);
                // A long delay would give the NaN back as late.
                defaults(&mut solo, spec, Some(Unit::Seconds));
                solo.run();
                finite = (0..spec.output_places()).all(|o| solo.output(o).iter().all(|[x]| x.is_finite()));
                finite_blocks = if finite { finite_blocks + 1 } else { 0 };
            }
            assert!(resets <= 2, "{}: reset {resets} times", spec.kind);
            // It must have healed within a second, whatever its delay.
            assert!(
                finite_blocks > 31 * 750,
                "{}: NaN stayed, only {finite_blocks} blocks after it",
                spec.kind
            );
        }
    }
}

#[test]
fn silence_in_is_silence_out() {
    for spec in TABLE.iter().copied().filter(|spec| spec.has_main_input()) {
        for settings in settings_of(spec) {
            let mut solo = solo::<1>(spec, &settings, [5], Compilation::best());
            for block in 0..200 {
                feed(&mut solo, spec, Stimulus::new(2), 0, block);
                for place in spec.places("in") {
                    solo.set_place(place, [0.0]);
                }
                solo.run();
                for output in 0..spec.output_places() {
                    assert!(solo.output(output).iter().all(|[x]| *x == 0.0), "{} hums", spec.kind);
                }
            }
        }
    }
}

#[test]
fn every_width_and_compilation_gives_the_same_bits() {
    skip::without_avx2("every_width_and_compilation_gives_the_same_bits");
    for spec in lane_kinds() {
        for (n, settings) in settings_of(spec).iter().enumerate() {
            for steady in [false, true] {
                same_at_every_width(spec, settings, Stimulus { steady, ..Stimulus::new(100 + n) });
            }
        }
    }
}

fn same_at_every_width(spec: &'static ModuleSpec, settings: &[(&str, f32)], stimulus: Stimulus) {
    let ones: [Vec<u32>; 8] = std::array::from_fn(|l| {
        let mut one = solo::<1>(spec, settings, [SEEDS[l]], Compilation::BASELINE);
        let [heard] = listen(&mut one, spec, stimulus, l, 0..40);
        heard
    });
    for compilation in [Compilation::BASELINE, Compilation::best()] {
        let eight = listen(&mut solo::<8>(spec, settings, SEEDS, compilation), spec, stimulus, 0, 0..40);
        for l in 0..8 {
            assert_same(spec.kind, &format!("lane {l} of eight"), &ones[l], &eight[l]);
        }
        for half in [0, 4] {
            let seeds = std::array::from_fn(|l| SEEDS[half + l]);
            let four =
                listen(&mut solo::<4>(spec, settings, seeds, compilation), spec, stimulus, half, 0..40);
            for l in 0..4 {
                assert_same(spec.kind, &format!("lane {l} of four"), &ones[half + l], &four[l]);
            }
        }
        let mut one = solo::<1>(spec, settings, [SEEDS[0]], compilation);
        let [alone] = listen(&mut one, spec, stimulus, 0, 0..40);
        assert_same(spec.kind, "one lane alone", &ones[0], &alone);
    }
}

#[test]
fn a_lane_does_not_hear_its_neighbours() {
    for spec in lane_kinds() {
        let compilation = Compilation::best();
        let mut one = solo::<1>(spec, &[], [SEEDS[2]], compilation);
        let [alone] = listen(&mut one, spec, Stimulus::new(40), 2, 0..40);
        let mut eight = solo::<8>(spec, &[], SEEDS, compilation);
        let mut heard = Vec::new();
        for block in 0..40 {
            for place in 0..input_places(spec) {
                let (own, constant) = Stimulus::new(40).block(spec, place, 2, block);
                // The other lanes stand still at one end of every range.
                let (_, low, _, _) = describe(spec, place);
                let rows: Rows<8> =
                    std::array::from_fn(|i| std::array::from_fn(|l| if l == 2 { own[i] } else { low }));
                if constant { eight.set_place(place, rows[0]) } else { eight.feed_place(place, &rows) }
            }
            eight.run();
            flush(&mut eight);
            for output in 0..spec.output_places() {
                heard.extend(eight.output(output).map(|row| row[2].to_bits()));
            }
        }
        assert_same(spec.kind, "a lane among idle ones", &alone, &heard);
    }
}

#[test]
fn constant_and_varying_inputs_give_the_same_bits() {
    for spec in TABLE {
        for (n, settings) in settings_of(spec).iter().enumerate() {
            for steady in [false, true] {
                let stimulus = Stimulus { steady, ..Stimulus::new(200 + n) };
                if matches!(spec.kernel, Kernel::Lanes { .. }) {
                    same_tagged_or_not::<4>(spec, settings, stimulus);
                } else {
                    same_tagged_or_not::<1>(spec, settings, stimulus);
                }
            }
        }
    }
}

fn same_tagged_or_not<const W: usize>(spec: &'static ModuleSpec, settings: &[(&str, f32)], tagged: Stimulus)
where
    LaneWidths: Width<W>,
{
    let hear = |stimulus| {
        let seeds = std::array::from_fn(|l| SEEDS[l]);
        let mut solo = solo::<W>(spec, settings, seeds, Compilation::best());
        listen(&mut solo, spec, stimulus, 0, 0..40)
    };
    let (tagged, untagged) = (hear(tagged), hear(Stimulus { tagged: false, ..tagged }));
    for l in 0..W {
        assert_same(spec.kind, "what isn't tagged constant", &tagged[l], &untagged[l]);
    }
}

#[test]
fn a_sleeper_wakes_where_it_would_be() {
    for spec in lane_kinds().filter(|spec| matches!(spec.state.sleep, Sleep::Advance(_))) {
        for frequency in [0.01, 0.73, 440.0, 5_000.0f32] {
            for frames in [64, 6_400, 640_064] {
                let run = |blocks: usize, asleep: usize| {
                    let mut solo = solo::<4>(spec, &[], [1, 2, 3, 4], Compilation::best());
                    for param in spec.params.iter().filter(|param| param.unit == Unit::Hertz) {
                        let value = frequency.clamp(param.min as f32, param.max as f32);
                        solo.set_lanes(param.name, std::array::from_fn(|l| value * (1.0 - 0.1 * l as f32)));
                    }
                    for _ in 0..10 {
                        solo.run();
                    }
                    for _ in 0..blocks {
                        solo.run();
                    }
                    solo.advance(asleep as u64);
                    let mut heard = Vec::new();
                    for _ in 0..10 {
                        solo.run();
                        heard.extend(solo.output(0).as_flattened().iter().map(|x| x.to_bits()));
                    }
                    heard
                };
                let (awake, asleep) = (run(frames / BLOCK, 0), run(0, frames));
                assert_same(spec.kind, &format!("after {frames} frames of sleep"), &awake, &asleep);
            }
        }
    }
}

#[test]
fn nothing_lingers_after_a_long_silence() {
    for spec in TABLE.iter().copied().filter(|spec| spec.has_main_input()) {
        let mut solo = solo::<1>(spec, &[], [5], Compilation::best());
        listen(&mut solo, spec, Stimulus { steady: true, ..Stimulus::new(1) }, 0, 0..50);
        defaults(&mut solo, spec, None);
        for place in 0..spec.signal_places() {
            solo.set_place(place, [0.0]);
        }
        for _ in 0..60 * 750 {
            solo.run();
            flush(&mut solo);
        }
        for output in 0..spec.output_places() {
            assert!(
                solo.output(output).iter().all(|[x]| x.abs() < 1e-30),
                "{}: {:?}",
                spec.kind,
                solo.output(output)[0]
            );
        }
    }
}

#[test]
fn a_reset_forgets_everything() {
    for spec in TABLE {
        if matches!(spec.kernel, Kernel::Lanes { .. }) { forgets::<4>(spec) } else { forgets::<1>(spec) }
    }
}

fn forgets<const W: usize>(spec: &'static ModuleSpec)
where
    LaneWidths: Width<W>,
{
    let stimulus = Stimulus::new(300);
    let seeds = std::array::from_fn(|l| SEEDS[l]);
    let mut fresh = solo::<W>(spec, &[], seeds, Compilation::best());
    let mut used = solo::<W>(spec, &[], seeds, Compilation::best());
    listen(&mut used, spec, Stimulus::new(301), 0, 0..100);
    for row in used.state() {
        *row = [f32::NAN; W];
    }
    used.reset();
    let (a, b) = (listen(&mut fresh, spec, stimulus, 0, 0..40), listen(&mut used, spec, stimulus, 0, 0..40));
    for l in 0..W {
        assert_same(spec.kind, "after a reset", &a[l], &b[l]);
    }
}

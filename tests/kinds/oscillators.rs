//! Pitch, partials, aliasing and levels of the oscillators and of noise.

use chronus::modules::dispatch::Compilation;
use chronus::modules::find;
use chronus::modules::solo::Solo;
use chronus::modules::spec::BLOCK;
use fundsp::prelude32::saw_hz;

use crate::measure::{RATE, Rig, band, db, density, mean, partials, peak, pitch, rms};

/// A length whose bins the test tones fall on.
const LENGTH: usize = 1 << 16;

/// The amplitudes of the partials of `kind`, whose fundamental is bin `bin`.
fn tone(kind: &str, settings: &[(&str, f32)], bin: usize, rate: f32) -> Vec<f64> {
    let hertz = bin as f64 * f64::from(rate) / LENGTH as f64;
    let heard = Rig::with(kind, rate, settings, 1).set("freq", hertz as f32).run(2 * LENGTH);
    partials(&heard[LENGTH..])
}

/// The loudest bin up to `limit` that is no harmonic of `bin`, in decibels against the fundamental.
fn worst_alias(partials: &[f64], bin: usize, limit: usize) -> f64 {
    let loudest = partials[..limit]
        .iter()
        .enumerate()
        .filter(|(i, _)| i % bin != 0)
        .fold(0.0, |loudest, (_, x)| if *x > loudest { *x } else { loudest });
    db(loudest / partials[bin])
}

#[test]
fn a_sine_is_pure_and_in_tune() {
    let bins = tone("sine", &[], 1367, RATE);
    assert!((bins[1367] - 1.0).abs() < 1e-6);
    assert!(worst_alias(&bins, 1367, LENGTH / 2) < -125.0);
    for hertz in [0.05, 1.0, 440.0, 15_000.0] {
        let seconds = 5.0 + 3.0 / hertz;
        let heard = Rig::new("sine").set("freq", hertz).run((seconds * RATE) as usize);
        let measured = pitch(&heard);
        // Half a step of a phase of 32 bits is 6e-6 Hz.
        let bound = 1e-5 * f64::from(hertz) + 6e-6;
        assert!((measured - f64::from(hertz)).abs() < bound, "{hertz}: {measured}");
    }
}

#[test]
fn octave_and_tune_shift_the_pitch() {
    let rig = Rig::new("sine").set("freq", 220.0).set("octave", 1.0).set("tune", -12.0).set("octave", 2.0);
    let measured = pitch(&rig.run(48_000));
    assert!((measured / 440.0 - 1.0).abs() < 1e-5, "{measured}");
    let measured = pitch(&Rig::new("sine").set("freq", 440.0).set("tune", 7.0).run(48_000));
    assert!((measured / 659.255_114 - 1.0).abs() < 1e-5, "{measured}");
}

#[test]
fn waves_do_not_alias() {
    for rate in [48_000.0, 44_100.0] {
        for kind in ["saw", "square", "triangle", "pulse"] {
            // 1001.2 Hz at 48 kHz; and notes over the whole keyboard, all at odd bins.
            for bin in [1367, 37, 75, 151, 301, 601, 1201, 2403, 4801, 9601] {
                let bins = tone(kind, &[], bin, rate);
                let worst = worst_alias(&bins, bin, LENGTH / 2);
                assert!(worst < -85.0, "{kind} at bin {bin}, {rate} Hz: {worst} dB");
                if bin == 1367 {
                    assert!(worst < -95.0, "{kind} at 1 kHz, {rate} Hz: {worst} dB");
                }
            }
        }
    }
}

#[test]
fn partials_have_their_textbook_levels() {
    type Level = fn(f64) -> f64;
    let expected: [(&str, Level); 3] = [
        ("saw", |k| 2.0 / (std::f64::consts::PI * k)),
        ("square", |k| if k % 2.0 == 1.0 { 4.0 / (std::f64::consts::PI * k) } else { 0.0 }),
        ("triangle", |k| {
            if k % 2.0 == 1.0 { 8.0 / (std::f64::consts::PI * std::f64::consts::PI * k * k) } else { 0.0 }
        }),
    ];
    for bin in [75, 151, 601, 1367] {
        for (kind, amplitude) in expected {
            let bins = tone(kind, &[], bin, RATE);
            // All that lie under 80 % of half the rate must be there.
            for k in 1..=(LENGTH / 2 * 8 / 10 / bin) {
                let (is, should) = (bins[k * bin], amplitude(k as f64));
                // A triangle goes without the partials that lie 90 dB under its fundamental.
                assert!(
                    (is - should).abs() < 2e-4 * should + if kind == "triangle" { 2e-5 } else { 4e-6 },
                    "{kind} {bin} partial {k}: {is}, not {should}"
                );
            }
            assert!(bins[0] < 1e-6, "{kind}: DC {}", bins[0]);
        }
    }
    let pi = std::f64::consts::PI;
    // A pulse of width w has partials of 4/(pi k) |sin(pi k w)|.
    let bin = 601;
    let hertz = bin as f32 * RATE / LENGTH as f32;
    let heard = Rig::new("pulse").set("freq", hertz).set("width", 0.25).run(2 * LENGTH);
    let bins = partials(&heard[LENGTH..]);
    for k in 1..40 {
        let should = 4.0 / (pi * f64::from(k)) * libm::sin(pi * f64::from(k) * 0.25).abs();
        assert!((bins[k as usize * bin] - should).abs() < 1e-4, "partial {k}");
    }
    assert!(bins[0] < 1e-6);
}

#[test]
fn the_saw_agrees_with_fundsp() {
    let mut theirs = saw_hz(220.0);
    theirs.set_sample_rate(f64::from(RATE));
    theirs.reset();
    let theirs: Vec<f32> = (0..LENGTH).map(|_| theirs.get_mono()).collect();
    let ours = Rig::new("saw").set("freq", 220.0).run(LENGTH);
    let (theirs, ours) = (density(&theirs, 8192), density(&ours, 8192));
    // fundsp normalises its peak; the ratios of the partials must agree.
    let level =
        |density: &[f64], k: u32| band(density, 220.0 * f64::from(k) - 40.0, 220.0 * f64::from(k) + 40.0);
    for k in 2..=20 {
        let difference =
            10.0 * libm::log10(level(&ours, k) / level(&ours, 1) / (level(&theirs, k) / level(&theirs, 1)));
        assert!(difference.abs() < 0.15, "partial {k}: {difference} dB");
    }
}

#[test]
fn the_whole_range_sounds_right() {
    for kind in ["saw", "square", "triangle", "pulse"] {
        for hertz in [20.0f32, 55.0, 440.0, 3_000.0, 12_000.0, 20_000.0] {
            let heard = Rig::new(kind).set("freq", hertz).run(96_000);
            let measured = pitch(&heard[480..]);
            // High saws have no zero crossing each cycle exactly where the fundamental has; a second evens it out.
            assert!((measured / f64::from(hertz) - 1.0).abs() < 1e-3, "{kind} at {hertz}: {measured}");
            assert!(peak(&heard) < 1.35, "{kind} at {hertz}: peak {}", peak(&heard));
            assert!(rms(&heard) > 0.4, "{kind} at {hertz}: {}", rms(&heard));
            assert!(mean(&heard).abs() < 2e-3, "{kind} at {hertz}: DC {}", mean(&heard));
        }
    }
}

#[test]
fn waves_begin_as_they_say() {
    let run = |kind: &str| Rig::new(kind).set("freq", 100.0).set("tune", 0.0).run(480);
    let near = |is: f32, should: f32| assert!((is - should).abs() < 0.03, "{is}, not {should}");
    for (kind, points) in [
        ("saw", [(0, 0.0), (120, 0.5), (216, 0.9), (360, -0.5)]),
        ("square", [(60, 1.0), (120, 1.0), (300, -1.0), (420, -1.0)]),
        ("triangle", [(0, 0.0), (60, 0.5), (120, 1.0), (360, -1.0)]),
    ] {
        let heard = run(kind);
        for (frame, value) in points {
            near(heard[frame], value);
        }
    }
    // A quarter high, and no DC: 1.5 over a quarter, -0.5 over the rest.
    let heard = Rig::new("pulse").set("freq", 100.0).set("width", 0.25).run(480);
    for (frame, value) in [(30, 1.5), (90, 1.5), (180, -0.5), (400, -0.5)] {
        near(heard[frame], value);
    }
}

#[test]
fn a_sweep_does_not_click() {
    // A rising sweep through all levels: above the highest partial nothing may be heard, at any instant.
    for kind in ["saw", "square", "triangle"] {
        let frames = 4 * 48_000;
        let freq: Vec<f32> =
            (0..frames).map(|i| (200.0 * libm::exp2(i as f64 / frames as f64)) as f32).collect();
        let swept = Rig::new(kind).feed("freq", freq.clone()).run(frames);
        // The same sweep with every partial summed directly.
        let mut turns = 0.0;
        let mut worst = 0.0f64;
        for (i, hertz) in freq.iter().enumerate() {
            let mut sum = 0.0;
            if i > 48_000 && i % 7 == 0 {
                let mut k = 1.0;
                // All partials that both have in full.
                while k * f64::from(*hertz) < 24_000.0 {
                    let amplitude = match kind {
                        "saw" => 2.0 / std::f64::consts::PI / k * if k % 2.0 == 1.0 { 1.0 } else { -1.0 },
                        "square" => 4.0 / std::f64::consts::PI / k * (k % 2.0),
                        _ => {
                            8.0 / (std::f64::consts::PI * std::f64::consts::PI) / (k * k)
                                * (2.0 - k % 4.0)
                                * (k % 2.0)
                        }
                    };
                    sum += amplitude * libm::sin(std::f64::consts::TAU * k * turns);
                    k += 1.0;
                }
                let difference = (f64::from(swept[i]) - sum).abs();
                worst = if difference > worst { difference } else { worst };
            }
            turns += f64::from(*hertz) / f64::from(RATE);
        }
        // What remains are the topmost partials, which come and go softly.
        let bound = if kind == "triangle" { 0.005 } else { 0.15 };
        assert!(worst < bound, "{kind}: {worst}");
    }
    // A click would be a burst in the middle of the spectrum, where a swept sine has nothing.
    let frames = 96_000;
    let freq: Vec<f32> =
        (0..frames).map(|i| (7_000.0 * libm::exp2(0.6 * i as f64 / frames as f64)) as f32).collect();
    let swept = Rig::new("saw").feed("freq", freq).run(frames);
    for start in (0..frames - 2048).step_by(512) {
        let low = band(&density(&swept[start..start + 2048], 2048), 500.0, 4_000.0);
        let all = band(&density(&swept[start..start + 2048], 2048), 500.0, 24_000.0);
        assert!(low / all < 1e-5, "a click at {start}: {} dB", 10.0 * libm::log10(low / all));
    }
}

#[test]
fn phase_and_retrigger_are_exact() {
    let quarter = Rig::with("sine", RATE, &[("phase", 0.25)], 1).set("freq", 480.0).run(100);
    assert!((quarter[0] - 1.0).abs() < 1e-6);
    assert!((quarter[25]).abs() < 1e-4 && (quarter[50] + 1.0).abs() < 1e-4);
    let mut gate = vec![0.0; 1000];
    gate[333..].fill(1.0);
    for kind in ["sine", "saw", "triangle", "square", "pulse"] {
        let run = |retrigger| {
            Rig::with(kind, RATE, &[("retrigger", retrigger)], 1)
                .set("freq", 1000.0)
                .feed("gate", gate.clone())
                .run(1000)
        };
        let (free, restarted) = (run(0.0), run(1.0));
        assert_eq!(free[..333], restarted[..333], "{kind}");
        assert_eq!(restarted[333..433], free[..100], "{kind}");
    }
}

#[test]
fn noises_have_their_slopes_and_levels() {
    for (color, slope) in [(0.0, 0.0), (1.0, -3.01), (2.0, -6.02)] {
        let heard = Rig::with("noise", RATE, &[("color", color)], 42).run(1 << 20);
        let density = density(&heard, 8192);
        let power = |low: f64| 10.0 * libm::log10(band(&density, low, 2.0 * low) / low);
        // Octave by octave from 50 Hz to 12.8 kHz.
        for octave in 0..8 {
            let low = 50.0 * libm::exp2(f64::from(octave));
            let measured = power(2.0 * low) - power(low);
            let bound = if low > 6_000.0 { 1.3 } else { 0.6 };
            assert!((measured - slope).abs() < bound, "color {color} from {low} Hz: {measured} dB");
        }
        let overall = (power(6_400.0) - power(100.0)) / 6.0;
        assert!((overall - slope).abs() < 0.25, "color {color}: {overall} dB an octave");
        let level = db(rms(&heard));
        assert!((level + 4.77).abs() < 0.35, "color {color}: {level} dB");
        assert!(mean(&heard).abs() < 0.02);
    }
}

#[test]
fn noise_depends_on_its_seed_alone() {
    let run = |seed| Rig::with("noise", RATE, &[], seed).run(48_000);
    assert_eq!(run(1), run(1));
    let (one, two) = (run(1), run(2));
    let shared: f64 = one.iter().zip(&two).map(|(a, b)| f64::from(a * b)).sum::<f64>() / 48_000.0;
    assert!(shared.abs() < 0.01, "{shared}");
}

/// What a module of `kind` outputs once it has slept, after ten blocks in which parameter `name` stood at `before`.
fn woken(kind: &str, settings: &[(&str, f32)], name: &str, before: f32, blocks: usize) -> Vec<f32> {
    let spec = find(kind).expect("a kind");
    let mut solo = Solo::<1>::new(spec, RATE, settings, [7], Compilation::best()).expect("made of lanes");
    let set = |solo: &mut Solo<1>, value: f32| {
        if !name.is_empty() {
            solo.set(name, value);
        }
    };
    set(&mut solo, before);
    for _ in 0..blocks {
        solo.run();
    }
    solo.advance(((1_010 - blocks) * BLOCK) as u64);
    set(&mut solo, 0.8);
    let mut heard = Vec::new();
    for _ in 0..10 {
        solo.run();
        heard.extend(solo.output(0).map(|[x]| x));
    }
    heard
}

#[test]
fn what_slept_remembers_nothing_of_before() {
    // The filters of coloured noise begin as at the first note, and its draws where they would be.
    for color in [0.0, 1.0, 2.0] {
        let settings = [("color", color)];
        assert_eq!(woken("noise", &settings, "", 0.0, 10), woken("noise", &settings, "", 0.0, 0), "{color}");
    }
    // So does the feedback of a modulator, however strong it was.
    assert_eq!(woken("fm", &[], "feedback", 0.3, 10), woken("fm", &[], "feedback", 0.9, 10));
}

/// What `osc` is at each place of its `wave`: a kind of its own, with a colour if it is noise.
const WAVES: [(&str, &[(&str, f32)]); 6] = [
    ("sine", &[]),
    ("saw", &[]),
    ("square", &[]),
    ("noise", &[("color", 0.0)]),
    ("noise", &[("color", 1.0)]),
    ("noise", &[("color", 2.0)]),
];

#[test]
fn each_wave_of_osc_is_that_of_its_kind() {
    // Sample by sample: so pitch, levels and aliases are those of the kinds, which other tests measure.
    for (wave, (kind, settings)) in WAVES.iter().enumerate() {
        for hertz in [32.0, 440.0, 5_000.0] {
            let own = Rig::with("osc", RATE, &[], 7).set("wave", wave as f32).set("freq", hertz).run(12_000);
            let rig = Rig::with(kind, RATE, settings, 7);
            let theirs = if *kind == "noise" { rig } else { rig.set("freq", hertz) }.run(12_000);
            assert_eq!(own, theirs, "{kind} {settings:?} at {hertz} Hz");
        }
        let near = Rig::with("osc", RATE, &[], 7).set("wave", wave as f32 + 0.49).set("freq", 440.0).run(640);
        let exact = Rig::with("osc", RATE, &[], 7).set("wave", wave as f32).set("freq", 440.0).run(640);
        assert!(wave == 5 || near == exact, "the nearest counts: {wave}");
    }
}

#[test]
fn osc_changes_its_wave_without_a_click() {
    /// Where the wave changes: within a block, which the kinds would do with a jump.
    const CHANGE: usize = 10_020;
    /// The block in which that is, and how long the crossing lasts.
    const START: usize = CHANGE / BLOCK * BLOCK;
    const CROSSING: usize = 2 * BLOCK;
    let steady =
        |wave: usize| Rig::with("osc", RATE, &[], 7).set("wave", wave as f32).set("freq", 100.0).run(20_000);
    for from in 0..6 {
        for to in (0..6).filter(|to| *to != from) {
            let mut wave = vec![from as f32; CHANGE];
            wave.push(to as f32);
            let heard = Rig::with("osc", RATE, &[], 7).feed("wave", wave).set("freq", 100.0).run(20_000);
            let (old, new) = (steady(from), steady(to));
            assert_eq!(heard[..START], old[..START], "{from} to {to}");
            // The filters of pink and brown noise begin here; the rest goes on as if it had always sounded.
            if to < 4 {
                assert_eq!(heard[START + CROSSING..], new[START + CROSSING..], "{from} to {to}");
            }
            let level = rms(&heard[15_000..]);
            assert!((db(level) - db(rms(&new[15_000..]))).abs() < 3.0, "{from} to {to}: {level}");
            // A click would be steeper than the old and the new are by themselves.
            let steepest = |signal: &[f32]| {
                signal
                    .windows(2)
                    .map(|x| (x[1] - x[0]).abs())
                    .fold(0.0, |a: f32, b| if a > b { a } else { b })
            };
            let alone = steepest(&old).max(steepest(&new));
            let across = steepest(&heard[START - BLOCK..START + CROSSING + BLOCK]);
            assert!(across < 1.1 * alone + 0.02, "{from} to {to}: {across}, not {alone}");
        }
    }
    // Between two edges of a slow saw there are no highs: those of the crossing are lost against those of a jump.
    let slow = |wave: Vec<f32>| Rig::new("osc").feed("wave", wave).set("freq", 20.0).run(20_000);
    let mut wave = vec![0.0; CHANGE];
    wave.push(1.0);
    let heard = slow(wave);
    let mut jump = slow(vec![0.0]);
    jump[CHANGE..].copy_from_slice(&slow(vec![1.0])[CHANGE..]);
    let highs = |heard: &[f32]| band(&density(&heard[START - 448..START + 576], 1_024), 5_000.0, 24_000.0);
    assert!(highs(&heard) < 0.002 * highs(&jump), "{} {}", highs(&heard), highs(&jump));
}

#[test]
fn osc_wakes_with_its_own_wave() {
    // No crossing from what a voice had before it slept.
    assert_eq!(woken("osc", &[], "wave", 0.0, 10), woken("osc", &[], "wave", 3.0, 10));
}

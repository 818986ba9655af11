//! The sampler: what it plays is the recording, at any pitch, from anywhere, in a loop.

use std::f64::consts::TAU;

use chronus::dsp::clip::Recording;
use chronus::modules::dispatch::Compilation;
use chronus::modules::find;
use chronus::modules::solo::Solo;

use crate::measure::{RATE, db, noise, sine, transform};

const C4: f32 = 261.625_58;

fn sampler(settings: &[(&str, f32)], recording: &Recording) -> Solo<1> {
    let spec = find("sampler").expect("a kind");
    let solo = Solo::new(spec, RATE, settings, [1], Compilation::best()).expect("of one lane");
    let mut solo = solo.playing(recording);
    solo.set("gate", 1.0);
    solo
}

/// The next `frames` of the left channel.
fn left(solo: &mut Solo<1>, frames: usize) -> Vec<f32> {
    let mut out = Vec::new();
    while out.len() < frames {
        solo.run();
        out.extend(solo.output(0).map(|[x]| x));
    }
    out.truncate(frames);
    out
}

/// A recording of a sine, as loud as can be.
fn tone(hertz: f64, rate: u32, frames: usize) -> Recording {
    let turns = hertz / f64::from(rate);
    let plane = (0..frames).map(|i| libm::sin(TAU * turns * i as f64) as f32).collect();
    Recording::new(rate, vec![plane])
}

/// The amplitudes of a spectrum whose window (Blackman and Harris, four terms) leaks nothing above -92 dB.
fn spectrum(signal: &[f32]) -> Vec<f64> {
    let size = signal.len();
    let windowed: Vec<f32> = (0..size)
        .map(|i| {
            let turn = TAU * i as f64 / size as f64;
            let window = 0.358_75 - 0.488_29 * libm::cos(turn) + 0.141_28 * libm::cos(2.0 * turn)
                - 0.011_68 * libm::cos(3.0 * turn);
            (f64::from(signal[i]) * window) as f32
        })
        .collect();
    transform(&windowed).iter().map(|x| 2.0 * x.norm() / (0.358_75 * size as f64)).collect()
}

/// Of a sine of `hertz` in a file of `rate`, played `ratio` times as fast as recorded: its level, and the level of the
/// loudest thing beside it, in decibels.
fn played(hertz: f64, rate: u32, ratio: f32) -> (f64, f64) {
    const SIZE: usize = 1 << 14;
    let recording = tone(hertz, rate, (f64::from(ratio) * 24_000.0 * f64::from(rate) / 48_000.0) as usize);
    let mut solo = sampler(&[], &recording);
    solo.set("freq", C4 * ratio);
    let heard = left(&mut solo, 2_048 + SIZE);
    let bins = spectrum(&heard[2_048..]);
    let expected = hertz * f64::from(ratio) * SIZE as f64 / f64::from(RATE);
    let near = |bin: usize| (bin as f64 - expected).abs() < 6.0;
    let beside = bins.iter().enumerate().filter(|(bin, _)| !near(*bin));
    let loudest = beside.fold(1e-9, |loudest, (_, x)| if *x > loudest { *x } else { loudest });
    // The window spreads a tone's power over two bins' worth.
    let power: f64 = bins.iter().enumerate().filter(|(bin, _)| near(*bin)).map(|(_, x)| x * x).sum();
    (db((power / 2.0044).sqrt()), db(loudest))
}

#[test]
fn aliases_and_images_stay_under_70_db() {
    for rate in [8_000, 44_100, 48_000, 192_000] {
        for ratio in [0.03, 0.49, 0.91, 1.001, 1.06, 1.6, 2.01, 9.4, 200.0] {
            for share in [0.023, 0.23, 0.42, 0.46] {
                let hertz = share * f64::from(rate);
                let (_, worst) = played(hertz, rate, ratio);
                assert!(
                    worst < -70.0,
                    "{hertz} Hz at {rate}, {ratio} times as fast: {worst:.1} dB beside it"
                );
            }
        }
    }
}

#[test]
fn what_can_be_heard_comes_through() {
    for rate in [44_100_u32, 48_000, 96_000] {
        for ratio in [0.25, 0.9, 1.0, 1.1, 1.99, 2.3, 17.0] {
            // Up to 84 % of the half of whichever frame rate is the lower one; a step between two widths takes 9 %.
            let highest = (0.5 * f64::from(rate) * f64::from(ratio)).min(24_000.0) * 0.75;
            for share in [0.02, 0.3, 0.7, 1.0] {
                let hertz = share * highest / f64::from(ratio);
                let (level, _) = played(hertz, rate, ratio);
                assert!(level.abs() < 0.1, "{hertz} Hz at {rate}, {ratio} times as fast: {level:.2} dB");
            }
        }
    }
}

#[test]
fn at_its_own_pitch_and_rate_a_file_comes_bit_for_bit() {
    let plane = noise(7, 5_000);
    let recording = Recording::new(48_000, vec![plane.clone(), plane.iter().map(|x| -x).collect()]);
    let mut solo = sampler(&[], &recording);
    let mut heard = Vec::new();
    for _ in 0..90 {
        solo.run();
        heard.extend(solo.output(0).iter().zip(solo.output(1)).map(|([left], [right])| (*left, right)));
    }
    for (frame, (left, right)) in heard.iter().enumerate() {
        let [expected] = plane.get(frame).map_or([0.0], |x| [*x]);
        assert_eq!(
            (*left, *right),
            (expected, if expected == 0.0 { 0.0 } else { -expected }),
            "frame {frame}"
        );
    }
}

#[test]
fn start_end_and_reverse_cut_the_file() {
    let ramp: Vec<f32> = (0..48_000).map(|i| i as f32 / 48_000.0).collect();
    let recording = Recording::new(48_000, vec![ramp]);
    let mut solo = sampler(&[], &recording);
    solo.set("start", 0.5);
    solo.set("end", 0.75);
    let heard = left(&mut solo, 24_000);
    // The step at its start dies away in 1 ms; it fades in the 2 ms before its end.
    assert_eq!(heard[0], 0.0);
    assert!((heard[24] - (24_024.0 / 48_000.0 - 0.5 * 0.5)).abs() < 1e-3, "{}", heard[24]);
    assert!((heard[100] - (24_100.0 / 48_000.0)).abs() < 1e-6);
    assert!((heard[11_900] - (35_900.0 / 48_000.0)).abs() < 1e-6);
    assert!((heard[11_952] - 0.5 * (35_952.0 / 48_000.0)).abs() < 1e-3, "{}", heard[11_952]);
    assert!(heard[12_000..].iter().all(|x| *x == 0.0));
    let mut solo = sampler(&[("reverse", 1.0)], &recording);
    solo.set("end", 0.75);
    let heard = left(&mut solo, 24_000);
    assert!((heard[100] - (35_899.0 / 48_000.0)).abs() < 1e-6, "{}", heard[100]);
}

#[test]
fn a_hit_in_the_middle_of_a_file_keeps_its_attack() {
    // A hit of a few frames, two frames after the start, on a hum.
    let hum = |i: usize| 0.2 * libm::sinf(i as f32 * 0.01 + 1.0);
    let hit = |i: usize| if (24_002..24_006).contains(&i) { 0.7 } else { 0.0 };
    let recording = Recording::new(48_000, vec![(0..48_000).map(|i| hum(i) + hit(i)).collect()]);
    let mut solo = sampler(&[], &recording);
    solo.set("start", 0.5);
    let heard = left(&mut solo, 4_800);
    let attack = heard[2] - heard[1];
    assert!((attack - 0.7).abs() < 0.02, "{attack}");
    // Taken again at once, while the step still dies away: nothing jumps.
    let mut solo = sampler(&[], &Recording::new(48_000, vec![(0..48_000).map(hum).collect()]));
    solo.set("start", 0.5);
    let mut heard = left(&mut solo, 64);
    for start in [0.51, 0.53] {
        solo.set("gate", 0.0);
        heard.extend(left(&mut solo, 64));
        solo.set("gate", 1.0);
        solo.set("start", start);
        heard.extend(left(&mut solo, 640));
    }
    assert!(step(&heard) < 0.2 * (0.01 + 1.0 / 48.0 + 1.0 / 144.0), "{}", step(&heard));
    // A stretch shorter than its fades rises and falls without a click.
    solo.set("gate", 0.0);
    left(&mut solo, 48_000);
    solo.set("gate", 1.0);
    solo.set("start", 0.5);
    solo.set("end", 0.5 + 48.0 / 48_000.0);
    let heard = left(&mut solo, 640);
    assert!(step(&heard) < 0.2 * (0.01 + 2.0 / 48.0), "{}", step(&heard));
    assert!(heard[100..].iter().all(|x| *x == 0.0));
}

/// The greatest step from frame to frame.
fn step(signal: &[f32]) -> f32 {
    signal.windows(2).fold(0.0, |step, pair| step.max((pair[1] - pair[0]).abs()))
}

#[test]
fn nothing_clicks_where_a_note_is_cut() {
    let recording = tone(100.0, 48_000, 96_000);
    let smooth = step(&sine(100.0, 1.0, 4_800));
    let mut solo = sampler(&[("mode", 1.0)], &recording);
    let mut heard = left(&mut solo, 6_400);
    // Taken again while it sounds, at another place.
    solo.set("gate", 0.0);
    heard.extend(left(&mut solo, 64));
    solo.set("gate", 1.0);
    solo.set("start", 0.333);
    heard.extend(left(&mut solo, 6_400));
    solo.set("gate", 0.0);
    heard.extend(left(&mut solo, 640));
    assert!(step(&heard) < smooth + 1.0 / 48.0 + 1.0 / 144.0, "{}", step(&heard));
    assert!(heard[12_864 + 160..].iter().all(|x| *x == 0.0));
    assert!(heard[12_000..12_800].iter().any(|x| *x > 0.9));
}

#[test]
fn a_loop_goes_round_without_a_seam() {
    // 375 Hz fits 128 frames, so that any round of whole cycles has no seam of its own.
    let recording = tone(375.0, 48_000, 48_000);
    for ratio in [1.0, 0.7, 1.7, 6.5] {
        let settings = [("loop", 1.0), ("loop-from", 0.25), ("loop-to", 0.25 + 128.0 * 24.0 / 48_000.0)];
        let mut solo = sampler(&settings, &recording);
        solo.set("freq", C4 * ratio);
        let heard = left(&mut solo, 300_000);
        let bins = spectrum(&heard[300_000 - (1 << 16)..]);
        let expected = (375.0 * f64::from(ratio) * f64::from(1 << 16) / f64::from(RATE)).round() as usize;
        let beside = bins.iter().enumerate().filter(|(bin, _)| bin.abs_diff(expected) > 5);
        let worst = db(beside.fold(1e-9, |worst, (_, x)| if *x > worst { *x } else { worst }));
        assert!(worst < -80.0, "{ratio}: {worst}");
        assert!(db(bins[expected]).abs() < 0.9, "{ratio}: {}", db(bins[expected]));
    }
}

#[test]
fn one_cycle_is_an_oscillator() {
    const SIZE: usize = 1 << 16;
    let cycle: Vec<f32> = (0..600).map(|i| (2.0 * i as f32 + 1.0) / 600.0 - 1.0).collect();
    let recording = Recording::new(48_000, vec![cycle]);
    for hertz in [80.0_f32, 261.6, 1_000.0, 3_300.0] {
        let mut solo = sampler(&[("loop", 1.0), ("root", 80.0), ("blend", 0.0)], &recording);
        solo.set("freq", hertz);
        let heard = left(&mut solo, 200_000);
        let bins = spectrum(&heard[200_000 - SIZE..]);
        let bin = f64::from(hertz) * SIZE as f64 / f64::from(RATE);
        let first = bins[bin.round() as usize];
        for (at, level) in bins.iter().enumerate() {
            let partial = (at as f64 / bin).round();
            if partial < 1.0 || (at as f64 - partial * bin).abs() > 6.0 {
                assert!(db(level / first) < -70.0, "{hertz}: bin {at} {}", db(level / first));
            }
        }
    }
}

#[test]
fn a_rough_loop_is_blended() {
    let recording = Recording::new(48_000, vec![sine(90.0, 1.0, 48_000)]);
    let worst = |blend: f32| {
        let settings = [("loop", 1.0), ("loop-from", 0.3), ("loop-to", 0.525), ("blend", blend)];
        step(&left(&mut sampler(&settings, &recording), 100_000))
    };
    assert!(worst(0.0) > 0.2);
    assert!(worst(0.02) < 0.015, "{}", worst(0.02));
}

#[test]
fn the_ends_of_the_scale_are_played() {
    // One frame; one frame a second; the highest rate; a file of two frames, in a loop.
    for (rate, frames) in [(48_000, 1), (1, 4), (768_000, 2_000), (44_100, 2)] {
        for looped in [0.0, 1.0] {
            for freq in [0.001, 20.0, C4, 24_000.0] {
                let recording = Recording::new(rate, vec![noise(3, frames)]);
                let mut solo = sampler(&[("loop", looped), ("root", 100.0)], &recording);
                solo.set("freq", freq);
                solo.set("octave", 8.0);
                assert!(
                    left(&mut solo, 10_000).iter().all(|x| x.abs() < 4.0),
                    "{rate} {frames} {looped} {freq}"
                );
            }
        }
    }
}

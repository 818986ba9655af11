//! The same sound at any frame rate: levels, and times in which what rings falls by 60 dB.

use crate::measure::{Rig, rms};

/// The rates at which everything is measured against the first, in Hz.
const RATES: [f32; 4] = [48_000.0, 44_100.0, 96_000.0, 192_000.0];

/// `seconds` of noise through a gate that closes after `open` seconds: the same sound at any rate, as far as it can be heard.
fn burst(rate: f32, seed: u32, open: f32, seconds: f32) -> Vec<f32> {
    let frames = (seconds * rate) as usize;
    let mut heard = Rig::with("noise", rate, &[], seed).run(frames);
    heard[((open * rate) as usize).min(frames)..].fill(0.0);
    heard
}

/// A gate that opens for a tenth of a second.
fn gate(rate: f32) -> Vec<f32> {
    (0..=(0.1 * rate) as usize).map(|i| if i < (0.1 * rate) as usize { 1.0 } else { 0.0 }).collect()
}

/// What is left of the energy from each hundredth of a second on.
fn energies(heard: &[f32], rate: f32) -> Vec<f64> {
    let mut left = 0.0;
    let chunks = heard.chunks((0.01 * rate) as usize).rev();
    let mut energies: Vec<f64> = chunks
        .map(|chunk| {
            left += chunk.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / f64::from(rate);
            left
        })
        .collect();
    energies.reverse();
    energies
}

/// The level of all that is heard, in dB, and the time in seconds in which it falls by 60 dB as it falls from -5 to -35 dB, by
/// Schroeder's integral.
fn ringing(sounds: &[Vec<f32>], rate: f32) -> (f64, f64) {
    let mut sum: Vec<f64> = Vec::new();
    for heard in sounds {
        let energies = energies(heard, rate);
        sum.resize(energies.len(), 0.0);
        sum.iter_mut().zip(energies).for_each(|(sum, energy)| *sum += energy);
    }
    let passes = |level: f64| {
        let under =
            sum.iter().position(|energy| 10.0 * libm::log10(energy / sum[0]) < level).expect("it falls");
        let [a, b] = [under - 1, under].map(|k| 10.0 * libm::log10(sum[k] / sum[0]));
        (under - 1) as f64 + (a - level) / (a - b)
    };
    (10.0 * libm::log10(sum[0] / sounds.len() as f64), 0.01 * 2.0 * (passes(-35.0) - passes(-5.0)))
}

/// Holds what `sounds` gives at each rate to what it gives at the first: level within half a decibel, fall within 5 %.
fn hold(what: &str, rings: bool, sounds: impl Fn(f32) -> Vec<Vec<f32>>) -> Vec<String> {
    let measured = RATES.map(|rate| {
        let sounds = sounds(rate);
        if rings {
            ringing(&sounds, rate)
        } else {
            let mean = sounds.iter().map(|heard| rms(heard) * rms(heard)).sum::<f64>() / sounds.len() as f64;
            (10.0 * libm::log10(mean), 1.0)
        }
    });
    let mut found = Vec::new();
    for (rate, (level, time)) in RATES.iter().zip(measured) {
        eprintln!(
            "{what} at {rate}: {level:.2} dB, {time:.3} s  ({:+.2} dB, {:+.1} %)",
            level - measured[0].0,
            100.0 * (time / measured[0].1 - 1.0)
        );
        if (level - measured[0].0).abs() > 0.5 || (time / measured[0].1 - 1.0).abs() > 0.05 {
            found.push(format!("{what} at {rate}: {level:.2} dB, {time:.3} s against {measured:?}"));
        }
    }
    found
}

/// The energy of a sound between two frequencies, by a filter of this program.
fn band(heard: &[f32], rate: f32, low: f32, high: f32) -> Vec<f32> {
    let lower =
        Rig::with("lowpass", rate, &[], 1).set("cutoff", high).feed("in", heard.to_vec()).run(heard.len());
    Rig::with("highpass", rate, &[], 1).set("cutoff", low).feed("in", lower).run(heard.len())
}

#[test]
fn noises_are_as_loud_at_any_rate() {
    let mut found = Vec::new();
    for (color, name, seconds) in [(0.0, "white", 2.0), (1.0, "pink", 8.0), (2.0, "brown", 30.0)] {
        let noise =
            |rate: f32| Rig::with("noise", rate, &[("color", color)], 7).run((seconds * rate) as usize);
        found.extend(hold(&format!("{name} noise"), false, |rate| vec![noise(rate)]));
        let osc = |rate: f32| {
            Rig::with("osc", rate, &[], 7).set("wave", 3.0 + color).run((seconds * rate) as usize)
        };
        found.extend(hold(&format!("{name} noise of an osc"), false, |rate| vec![osc(rate)]));
        for (low, high) in [(60.0, 300.0), (300.0, 2_000.0), (2_000.0, 10_000.0)] {
            let what = format!("{name} noise from {low} to {high} Hz");
            found.extend(hold(&what, false, |rate| vec![band(&noise(rate), rate, low, high)]));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn strings_and_bars_ring_alike_at_any_rate() {
    let mut found = Vec::new();
    for freq in [82.0, 660.0] {
        for damp in [0.4, 1.0] {
            let what = format!("pluck of {freq} Hz, damp {damp}");
            found.extend(hold(&what, true, |rate| {
                let string = |seed| {
                    let freq = tuned("freq", freq, seed);
                    let rig = Rig::with("pluck", rate, &[], seed).set("freq", freq).set("decay", 2.0);
                    rig.set("damp", damp).feed("gate", gate(rate)).run((3.0 * rate) as usize)
                };
                (1..6).map(string).collect()
            }));
        }
        for model in 0..5 {
            let what = format!("modal model {model}, {freq} Hz");
            let bar = |rate: f32| {
                Rig::with("modal", rate, &[("model", model as f32)], 1).set("freq", freq).set("decay", 1.0)
            };
            found.extend(hold(&what, true, |rate| {
                vec![bar(rate).feed("gate", gate(rate)).run((2.0 * rate) as usize)]
            }));
            found.extend(hold(&format!("{what}, driven"), true, |rate| {
                // By its lowest partial; that of a bell is an octave lower.
                let tone =
                    Rig::with("sine", rate, &[], 1).set("freq", if model == 2 { 0.5 * freq } else { freq });
                let mut tone = tone.run(rate as usize);
                tone.push(0.0);
                vec![bar(rate).feed("exciter", tone).run((2.5 * rate) as usize)]
            }));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// What highs lose in a comb or string depends on where between frames a period ends, so that a few are played, damped as by default
/// or more. Low notes with less damping differ by up to 2 dB between 44.1 kHz and the other rates, in their highest partials.
fn tuned(name: &str, value: f32, seed: u32) -> f32 {
    if name == "freq" { value * (1.0 + 0.004 * seed as f32) } else { value }
}

#[test]
fn echoes_and_rooms_fall_alike_at_any_rate() {
    let mut found = Vec::new();
    let through = |kind: &'static str, sets: &'static [(&'static str, f32)], seconds: f32, seeds: u32| {
        move |rate: f32| -> Vec<Vec<f32>> {
            let one = |seed| {
                let rig = Rig::with(kind, rate, &[], 1).feed("in", burst(rate, seed, 0.02, seconds));
                sets.iter()
                    .fold(rig, |rig, (name, value)| rig.set(name, tuned(name, *value, seed)))
                    .run((seconds * rate) as usize)
            };
            (1..=seeds).map(one).collect()
        }
    };
    for (kind, damp) in [("delay", 0.0), ("delay", 0.2), ("delay", 0.8), ("pingpong", 0.5)] {
        let sets: &[(&str, f32)] = vec![("time", 0.1), ("feedback", 0.9), ("damp", damp)].leak();
        found.extend(hold(&format!("{kind}, damp {damp}"), true, through(kind, sets, 5.0, 3)));
    }
    for (time, damp) in [(0.3, 0.0), (1.5, 0.0), (1.5, 0.3), (1.5, 1.0)] {
        let sets: &[(&str, f32)] = vec![("time", time), ("damp", damp)].leak();
        found.extend(hold(
            &format!("reverb of {time} s, damp {damp}"),
            true,
            through("reverb", sets, 1.5 * time, 3),
        ));
    }
    for freq in [82.0, 660.0] {
        for damp in [0.3, 1.0] {
            let sets: &[(&str, f32)] = vec![("freq", freq), ("decay", 1.0), ("damp", damp)].leak();
            found.extend(hold(
                &format!("comb of {freq} Hz, damp {damp}"),
                true,
                through("comb", sets, 1.5, 4),
            ));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_dirty_filter_is_as_loud_at_any_rate() {
    let mut found = Vec::new();
    for (cutoff, q, drive) in
        [(300.0, 0.7, 1.0), (300.0, 6.0, 4.0), (2_000.0, 6.0, 10.0), (8_000.0, 2.0, 4.0)]
    {
        let what = format!("dirty filter at {cutoff} Hz, q {q}, drive {drive}");
        let rig = |rate: f32| {
            Rig::with("dirty", rate, &[], 1).set("cutoff", cutoff).set("q", q).set("drive", drive)
        };
        let frames = |rate: f32| rate as usize;
        found.extend(hold(&format!("{what}, noise"), false, |rate| {
            vec![rig(rate).feed("in", burst(rate, 3, 1.0, 1.0)).run(frames(rate))]
        }));
        found.extend(hold(&format!("{what}, saw"), false, |rate| {
            let saw = Rig::with("saw", rate, &[], 1).set("freq", 110.0).run(frames(rate));
            vec![rig(rate).feed("in", saw).run(frames(rate))]
        }));
    }
    assert!(found.is_empty(), "{found:#?}");
}

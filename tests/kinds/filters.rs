//! Corners, slopes, emphasis and stability of the filters.

use fundsp::prelude32::{AudioUnit, bandpass_hz, highpass_hz, lowpass_hz};

use crate::measure::{RATE, Rig, db, impulse, noise, peak, pitch, response, rms, sine};

/// What the filter makes of one small impulse, which stays clear of any saturation, in its own height.
fn impulse_response(kind: &str, params: &[(&str, f32)]) -> Vec<f32> {
    let height = 1e-3;
    let mut rig = Rig::new(kind).feed("in", impulse(height));
    for (name, value) in params {
        rig = rig.set(name, *value);
    }
    rig.run(48_000).iter().map(|x| x / height).collect()
}

/// The frequency at which a falling response passes `level` dB.
fn passes(heard: &[f32], level: f64, mut low: f64, mut high: f64) -> f64 {
    while high / low > 1.0001 {
        let middle = (low * high).sqrt();
        if response(heard, middle) > level { low = middle } else { high = middle }
    }
    low
}

#[test]
fn two_poles_have_their_corner_and_slope() {
    for cutoff in [50.0, 200.0, 1_000.0, 5_000.0, 10_000.0] {
        let low = impulse_response("lowpass", &[("cutoff", cutoff)]);
        assert!((response(&low, f64::from(cutoff)) + 3.01).abs() < 0.02, "low-pass at {cutoff}");
        let corner = passes(&low, -3.0103, 20.0, 20_000.0);
        assert!((corner / f64::from(cutoff) - 1.0).abs() < 0.003, "{corner}, not {cutoff}");
        assert!(response(&low, 5.0).abs() < 0.01);
        let high = impulse_response("highpass", &[("cutoff", cutoff)]);
        assert!((response(&high, f64::from(cutoff)) + 3.01).abs() < 0.02, "high-pass at {cutoff}");
        assert!(response(&high, 23_000.0).abs() < 0.05);
    }
    let low = impulse_response("lowpass", &[("cutoff", 200.0)]);
    let slope = response(&low, 3_200.0) - response(&low, 1_600.0);
    assert!((slope + 12.04).abs() < 0.3, "{slope}");
    let high = impulse_response("highpass", &[("cutoff", 5_000.0)]);
    let slope = response(&high, 400.0) - response(&high, 200.0);
    assert!((slope - 12.04).abs() < 0.1, "{slope}");
}

#[test]
fn q_is_the_gain_at_the_corner() {
    for q in [0.5, 2.0, 8.0, 40.0f32] {
        for kind in ["lowpass", "highpass"] {
            let heard = impulse_response(kind, &[("cutoff", 1_000.0), ("q", q)]);
            let level = response(&heard, 1_000.0);
            assert!((level - db(f64::from(q))).abs() < 0.1, "{kind} q {q}: {level}");
        }
    }
}

#[test]
fn bands_are_centred_and_as_wide_as_they_say() {
    for (freq, q) in [(100.0, 0.5), (1_000.0, 1.0), (1_800.0, 4.0), (8_000.0, 2.0)] {
        let params = [("freq", freq), ("q", q)];
        let heard = impulse_response("bandpass", &params);
        assert!(
            response(&heard, f64::from(freq)).abs() < 0.01,
            "{freq}: {}",
            response(&heard, f64::from(freq))
        );
        let notch = impulse_response("notch", &params);
        assert!(response(&notch, f64::from(freq)) < -60.0, "{freq}");
        assert!(response(&notch, 1.0).abs() < 0.02 && response(&notch, 23_990.0).abs() < 0.1);
    }
    // Between the points 3 dB down lies freq / q.
    let heard = impulse_response("bandpass", &[("freq", 1_000.0), ("q", 5.0)]);
    let (low, high) = (passes_up(&heard, -3.0103, 500.0, 1_000.0), passes(&heard, -3.0103, 1_000.0, 2_000.0));
    assert!(((high - low) / 200.0 - 1.0).abs() < 0.01, "{low} to {high}");
}

fn passes_up(heard: &[f32], level: f64, mut low: f64, mut high: f64) -> f64 {
    while high / low > 1.0001 {
        let middle = (low * high).sqrt();
        if response(heard, middle) < level { low = middle } else { high = middle }
    }
    low
}

#[test]
fn a_bell_and_its_opposite_cancel() {
    for gain in [2.0, 0.5, 10.0f32] {
        let params = [("freq", 900.0), ("q", 2.0), ("gain", gain)];
        let up = impulse_response("peak", &params);
        assert!((response(&up, 900.0) - db(f64::from(gain))).abs() < 0.01);
        assert!(response(&up, 2.0).abs() < 0.02 && response(&up, 23_900.0).abs() < 0.02);
        let down = impulse_response("peak", &[("freq", 900.0), ("q", 2.0), ("gain", 1.0 / gain)]);
        for hertz in [100.0, 500.0, 880.0, 1_500.0, 6_000.0] {
            let sum = response(&up, hertz) + response(&down, hertz);
            assert!(sum.abs() < 0.01, "{hertz}: {sum}");
        }
    }
}

#[test]
fn two_poles_agree_with_fundsp() {
    let input = noise(3, 48_000);
    for (hertz, q) in [(120.0f32, 0.7f32), (1_000.0, 2.0), (6_000.0, 0.9), (12_000.0, 8.0)] {
        let units: [(&str, &str, Box<dyn AudioUnit>); 3] = [
            ("lowpass", "cutoff", Box::new(lowpass_hz(hertz, q))),
            ("highpass", "cutoff", Box::new(highpass_hz(hertz, q))),
            ("bandpass", "freq", Box::new(bandpass_hz(hertz, q))),
        ];
        for (kind, corner, mut unit) in units {
            unit.set_sample_rate(f64::from(RATE));
            // Their band-pass has a gain of q at its centre.
            let level = if kind == "bandpass" { 1.0 / q } else { 1.0 };
            let theirs: Vec<f32> = input.iter().map(|x| level * unit.filter_mono(*x)).collect();
            let ours = Rig::new(kind).set(corner, hertz).set("q", q).feed("in", input.clone()).run(48_000);
            let error: Vec<f32> = ours.iter().zip(&theirs).map(|(a, b)| a - b).collect();
            let ratio = db(rms(&error) / rms(&theirs));
            assert!(ratio < -70.0, "{kind} {hertz} {q}: {ratio} dB");
        }
    }
}

#[test]
fn the_ladder_has_its_corner_and_slope() {
    for cutoff in [50.0, 200.0, 1_000.0, 4_000.0, 10_000.0f32] {
        let heard = impulse_response("ladder", &[("cutoff", cutoff), ("resonance", 0.0)]);
        let corner = passes(&heard, -12.0412, 20.0, 20_000.0);
        assert!((corner / f64::from(cutoff) - 1.0).abs() < 0.01, "{corner}, not {cutoff}");
        assert!(response(&heard, 1.0).abs() < 0.01);
    }
    let heard = impulse_response("ladder", &[("cutoff", 200.0), ("resonance", 0.0)]);
    let slope = response(&heard, 3_200.0) - response(&heard, 1_600.0);
    assert!((slope + 24.08).abs() < 0.3, "{slope}");
    // With emphasis the peak lies at the corner.
    for cutoff in [100.0, 1_000.0, 8_000.0f32] {
        let heard = impulse_response("ladder", &[("cutoff", cutoff), ("resonance", 0.9)]);
        let top = (0..400)
            .map(|i| f64::from(cutoff) * libm::exp2(f64::from(i - 200) / 400.0))
            .max_by(|a, b| response(&heard, *a).total_cmp(&response(&heard, *b)))
            .expect("a range");
        assert!((top / f64::from(cutoff) - 1.0).abs() < 0.02, "{top}, not {cutoff}");
        assert!(response(&heard, top) > 15.0);
    }
}

#[test]
fn the_bass_gives_way_to_the_emphasis_by_half() {
    let heard = impulse_response("ladder", &[("cutoff", 2_000.0), ("resonance", 0.76)]);
    let bass = response(&heard, 20.0);
    // At a loop gain of 3.2 the loop alone would take 12.5 dB.
    assert!((bass - db(2.6 / 4.2)).abs() < 0.1, "{bass}");
}

#[test]
fn the_ladder_sings_in_tune_and_in_bounds() {
    for cutoff in [60.0, 220.0, 880.0, 3_000.0, 8_000.0f32] {
        let heard = Rig::new("ladder")
            .set("cutoff", cutoff)
            .set("resonance", 1.0)
            .feed("in", impulse(1.0))
            .run(6 * 48_000);
        let end = &heard[5 * 48_000..];
        let measured = pitch(end);
        assert!((measured / f64::from(cutoff) - 1.0).abs() < 0.01, "{measured}, not {cutoff}");
        assert!((0.05..0.6).contains(&rms(end)), "{cutoff}: {}", rms(end));
    }
    // Below 95 % it falls silent.
    let heard = Rig::new("ladder").set("resonance", 0.93).feed("in", impulse(1.0)).run(3 * 48_000);
    assert!(peak(&heard[2 * 48_000..]) < 1e-6, "{}", peak(&heard[2 * 48_000..]));
}

#[test]
fn drive_saturates_softly() {
    let run = |drive: f32, level: f64| {
        let heard = Rig::new("ladder")
            .set("cutoff", 20_000.0)
            .set("resonance", 0.0)
            .set("drive", drive)
            .feed("in", sine(200.0, level, 48_000))
            .run(48_000);
        peak(&heard[4_800..])
    };
    assert!((run(1.0, 0.05) / 0.05 - 1.0).abs() < 0.01, "small signals pass unchanged");
    assert!((run(1.0, 1.0) - 0.93).abs() < 0.02, "{}", run(1.0, 1.0));
    let driven = run(30.0, 1.0);
    assert!((1.9..2.01).contains(&driven), "{driven}");
}

#[test]
fn filters_bear_modulation_of_any_speed() {
    let frames = 48_000;
    for (kind, corner) in [
        ("lowpass", "cutoff"),
        ("highpass", "cutoff"),
        ("bandpass", "freq"),
        ("notch", "freq"),
        ("peak", "freq"),
        ("ladder", "cutoff"),
    ] {
        let spread: Vec<f32> =
            noise(5, frames).iter().map(|x| (632.5 * libm::exp2(4.98 * f64::from(*x))) as f32).collect();
        let jumps: Vec<f32> = (0..frames).map(|i| if i % 2 == 0 { 20.0 } else { 20_000.0 }).collect();
        let fast: Vec<f32> = sine(3_001.0, 1.0, frames)
            .iter()
            .map(|x| (632.5 * libm::exp2(4.98 * f64::from(*x))) as f32)
            .collect();
        for (name, corner_signal) in [("noise", spread), ("jumps", jumps), ("3 kHz", fast)] {
            let mut rig = Rig::new(kind).feed(corner, corner_signal).feed("in", noise(6, frames));
            if kind == "ladder" {
                rig = rig.set("resonance", 1.0).set("drive", 4.0);
            } else {
                rig = rig.set("q", 20.0);
            }
            let heard = rig.run(frames);
            let loudest = peak(&heard);
            assert!(loudest < 60.0, "{kind} moved by {name}: {loudest}");
            // What goes in stops; so does what comes out.
            let calm = noise(6, frames / 2).into_iter().chain([0.0]).collect();
            let jumps = (0..frames).map(|i| if i % 2 == 0 { 200.0 } else { 20_000.0 }).collect();
            let heard = Rig::new(kind).feed(corner, jumps).feed("in", calm).run(2 * frames);
            assert!(rms(&heard[frames + frames / 2..]) < 1e-6, "{kind} doesn't come to rest");
        }
    }
}

#[test]
fn a_moving_corner_is_where_it_would_stand() {
    // A corner that moves slowly: at each instant the level is that of a filter standing there.
    let frames = 96_000;
    for (kind, corner) in [("lowpass", "cutoff"), ("ladder", "cutoff"), ("bandpass", "freq")] {
        let at = |i: usize| 400.0 * libm::exp2(2.0 * i as f64 / frames as f64);
        let heard = Rig::new(kind)
            .feed(corner, (0..frames).map(|i| at(i) as f32).collect())
            .feed("in", sine(1_000.0, 0.01, frames))
            .run(frames);
        for i in (4_800..frames - 4_800).step_by(4_800) {
            let standing = impulse_response(kind, &[(corner, at(i) as f32)]);
            let moving = db(rms(&heard[i - 240..i + 240]) * std::f64::consts::SQRT_2 / 0.01);
            let difference = moving - response(&standing, 1_000.0);
            assert!(difference.abs() < 0.1, "{kind} at {}: {difference} dB", at(i));
        }
    }
}

#[test]
fn the_dirty_filter_bends_what_is_loud() {
    let quiet = impulse_response("dirty", &[("cutoff", 500.0), ("q", 4.0)]);
    assert!((response(&quiet, 500.0) - db(4.0)).abs() < 0.2, "{}", response(&quiet, 500.0));
    assert!(response(&quiet, 5.0).abs() < 0.05);
    let slope = response(&quiet, 8_000.0) - response(&quiet, 4_000.0);
    assert!((-13.5..-12.0).contains(&slope), "{slope}");
    // The louder, the less of it comes out, and the more odd partials are in it.
    let hear = |level: f64| {
        let tone = sine(500.0, level, 48_000);
        Rig::new("dirty").set("cutoff", 500.0).set("q", 8.0).feed("in", tone).run(48_000)[24_000..].to_vec()
    };
    let (soft, loud) = (hear(1e-4), hear(1.0));
    assert!(peak(&loud) < 3.0 && peak(&loud) < 3_000.0 * peak(&soft), "{} {}", peak(&soft), peak(&loud));
    let third = |heard: &[f32]| response(heard, 1_500.0) - response(heard, 500.0);
    assert!(third(&soft) < -55.0 && third(&loud) > -20.0, "{} {}", third(&soft), third(&loud));
}

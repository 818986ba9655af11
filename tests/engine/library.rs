//! The pitch of what the library plays: that of the note that is written.

use chronus::check::library::LIBRARY;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use crate::listen::{RATE, hear};

/// Frames that are looked at together, and the frames from one look to the next that tells how far a phase has turned.
const SIZE: usize = 8_192;
const HOP: usize = 32;

/// What plays no pitch, or one of its own, by file.
const UNPITCHED: &[(&str, &[&str])] = &[
    ("std/808", &["snare", "rim", "clap", "hat", "openhat", "cowbell"]),
    ("std/909", &["kick", "snare", "rim", "clap", "hat", "openhat", "crash"]),
    (
        "std/kit",
        &[
            "kick", "snare", "rim", "hat", "openhat", "clap", "tom-low", "tom-mid", "tom-high", "crash",
            "ride",
        ],
    ),
    ("std/bell", &["gong"]),
    ("std/fx", &["riser", "sweep", "impact", "siren", "zap", "drop"]),
];

/// Drums, which may be off by more; and what sounds an octave above the written note, as in a score.
const DRUMS: &[&str] = &["kick", "conga", "tom"];
const OCTAVE_UP: &[&str] = &["glock", "box"];
/// What is made of many voices out of tune, which drift for longer than a note: the mean of the notes is held.
const ENSEMBLES: &[&str] = &["super", "warm", "section", "staccato"];

/// By how many cents the partial of `heard` that lies next to `hertz` is off, on the mean over all that is heard of it.
fn off(heard: &[f32], hertz: f64) -> f64 {
    let fft = FftPlanner::new().plan_fft_forward(SIZE);
    let look = |start: usize| {
        let mut bins: Vec<Complex<f64>> = (0..SIZE)
            .map(|i| {
                let window = 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * i as f64 / SIZE as f64);
                Complex::new(f64::from(heard[start + i]) * window, 0.0)
            })
            .collect();
        fft.process(&mut bins);
        bins
    };
    let bin = f64::from(RATE) / SIZE as f64;
    let reach = |cents: f64| hertz * libm::exp2(cents / 1_200.0) / bin;
    let (low, high) = (reach(-90.0).min(hertz / bin - 1.0), reach(90.0).max(hertz / bin + 1.0));
    let (mut sum, mut weight) = (0.0, 0.0);
    for start in (0..heard.len() - SIZE - HOP).step_by(SIZE / 4) {
        let [now, next] = [look(start), look(start + HOP)];
        let near = (low.round() as usize).max(1)..=high.round() as usize;
        let top = near.max_by(|a, b| now[*a].norm_sqr().total_cmp(&now[*b].norm_sqr())).unwrap_or(0);
        let turned = (next[top] * now[top].conj()).arg() / std::f64::consts::TAU;
        let expected = top as f64 * HOP as f64 / SIZE as f64;
        let more = turned - expected;
        let turns = expected + more - more.round();
        let found = turns * f64::from(RATE) / HOP as f64;
        let power = now[top].norm_sqr();
        sum += power * 1_200.0 * libm::log2(found / hertz);
        weight += power;
    }
    sum / weight
}

#[test]
fn every_pitch_of_the_library_is_the_one_that_is_written() {
    let mut found = Vec::new();
    let mut count = 0;
    for volume in LIBRARY {
        for entry in volume.entries() {
            let name = entry.name.as_str();
            if UNPITCHED.iter().any(|(file, names)| *file == volume.name && names.contains(&name)) {
                continue;
            }
            count += 1;
            let drum = DRUMS.contains(&name);
            // From the c of their lowest octave on: semitones above c4 and what is written.
            let notes = match (volume.name, name) {
                ("std/808", "kick") => [(-36, "c1"), (-24, "c2"), (-17, "g2")],
                ("std/909", "tom") | ("std/acid" | "std/bass", _) => [(-24, "c2"), (-17, "g2"), (-9, "eb3")],
                _ => [(-12, "c3"), (-5, "g3"), (7, "g4")],
            };
            let written: Vec<&str> = notes.iter().map(|(_, note)| *note).collect();
            let song = format!(
                "song tempo=120 bars=3 tail=0\nuse \"{}\" {name}\nroute {name} -> out gain=0.3\n\
                 track {name} \"X______________.\" notes=\"{}\" length=1\n",
                volume.name,
                written.join(" ")
            );
            let (left, _) = hear(&song);
            let mut mean = 0.0;
            for (bar_number, (semitones, note)) in notes.into_iter().enumerate() {
                let octave = if OCTAVE_UP.contains(&name) { 12 } else { 0 };
                let hertz = 261.625_565_3 * libm::exp2(f64::from(semitones + octave) / 12.0);
                // Once pulls and drops are over, and before the note closes.
                let bar = &left[bar_number * 96_000..];
                let start = match name {
                    _ if drum => 4_800,
                    // The phase turns while its body fades under the string.
                    "finger" => 28_800,
                    _ => 9_600,
                };
                let cents = off(&bar[start..88_000], hertz);
                mean += cents / 3.0;
                if ENSEMBLES.contains(&name) {
                    if bar_number < 2 {
                        continue;
                    }
                    if mean.abs() > 5.0 {
                        found.push(format!("{}#{name}: {mean:+.1} cents on the mean", volume.name));
                    }
                } else if cents.abs() > if drum { 20.0 } else { 5.0 } {
                    found.push(format!("{}#{name} at {note}: {cents:+.1} cents", volume.name));
                }
            }
        }
    }
    assert!(count > 40, "{count}");
    assert!(found.is_empty(), "{found:#?}");
}

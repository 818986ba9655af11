//! Exactness and freedom from clicks of the delays, alone and in a loop.

use crate::measure::{RATE, Rig, band, density, impulse, noise, peak, pitch, rms, sine};

#[test]
fn an_echo_is_exact_to_the_frame_and_bit() {
    for frames in [1usize, 2, 63, 64, 65, 100, 1_000, 18_000] {
        let feedback = 0.4f32;
        let input = noise(7, 40_000);
        let heard = Rig::new("delay")
            .set("time", frames as f32 / RATE)
            .set("feedback", feedback)
            .feed("in", input.clone())
            .run(40_000);
        // y[n] = x[n - D] + f y[n - D]
        let mut expected = vec![0.0f32; 40_000];
        for n in frames..40_000 {
            expected[n] = input[n - frames] + feedback * expected[n - frames];
        }
        for n in 0..40_000 {
            assert!((heard[n] - expected[n]).abs() <= 3e-7, "D {frames}, frame {n}");
        }
    }
}

#[test]
fn echoes_come_when_the_tempo_says() {
    // A dotted eighth at 112: 0.401786 s. Between frames the echo is spread over two.
    let seconds = 0.1875f32 * 4.0 * 60.0 / 112.0;
    let heard = Rig::new("delay").set("time", seconds).feed("in", impulse(1.0)).run(48_000);
    let centre = (0..48_000).map(|n| n as f64 * f64::from(heard[n])).take(30_000).sum::<f64>();
    assert!((centre / f64::from(seconds * RATE) - 1.0).abs() < 1e-5, "{centre}");
}

#[test]
fn damping_dulls_each_echo_more() {
    let heard = Rig::new("delay")
        .set("time", 0.1)
        .set("feedback", 0.9)
        .set("damp", 0.5)
        .feed("in", impulse(1.0))
        .run(48_000);
    let peaks: Vec<f64> = (1..6).map(|k| peak(&heard[k * 4_800 - 10..k * 4_800 + 200])).collect();
    // The first passes undamped; from then on each is flatter than feedback alone makes it.
    assert!((peaks[0] - 1.0).abs() < 1e-6);
    assert!(peaks.windows(2).all(|pair| pair[1] < 0.8 * pair[0]), "{peaks:?}");
    // The lows lose by the feedback alone.
    let sums: Vec<f32> = (1..6).map(|k| heard[k * 4_800..k * 4_800 + 400].iter().sum()).collect();
    assert!(sums.windows(2).all(|pair| (pair[1] / pair[0] - 0.9).abs() < 0.01), "{sums:?}");
}

#[test]
fn the_strongest_feedback_stays_in_bounds() {
    let input: Vec<f32> = noise(3, 48_000).into_iter().chain([0.0]).collect();
    let heard = Rig::new("delay").set("time", 0.01).set("feedback", 0.99).feed("in", input).run(10 * 48_000);
    assert!(peak(&heard) < 60.0);
    assert!(rms(&heard[9 * 48_000..]) < 0.1 * rms(&heard[..96_000]), "it doesn't die away");
}

#[test]
fn mix_adds_the_sound_itself() {
    let input = noise(5, 10_000);
    let rig = Rig::new("delay").set("time", 0.01).set("mix", 0.25).set("feedback", 0.0);
    let heard = rig.feed("in", input.clone()).run(10_000);
    for n in 480..10_000 {
        assert!((heard[n] - (0.75 * input[n] + 0.25 * input[n - 480])).abs() < 1e-6);
    }
}

#[test]
fn a_moving_time_bends_the_pitch_without_clicks() {
    let frames = 96_000;
    let time: Vec<f32> = sine(0.5, 0.01, frames).iter().map(|x| 0.1 + x).collect();
    let heard = Rig::new("delay")
        .feed("time", time)
        .set("feedback", 0.0)
        .feed("in", sine(1_000.0, 0.5, frames))
        .run(frames);
    // All that is heard lies within the bend, 2 pi 0.5 10 ms = 3 %, and the skirts of the window.
    for start in (9_600..frames - 8_192).step_by(4_096) {
        let density = density(&heard[start..start + 8_192], 8_192);
        let outside = band(&density, 20.0, 800.0) + band(&density, 1_200.0, 24_000.0);
        let ratio = 10.0 * libm::log10(outside / band(&density, 800.0, 1_200.0));
        assert!(ratio < -60.0, "at {start}: {ratio} dB");
    }
}

/// A time that goes from one value to another in some seconds, from one second on.
fn moves(from: f32, to: f32, seconds: f32, frames: usize) -> Vec<f32> {
    (0..frames).map(|i| from + (to - from) * ((i as f32 / RATE - 1.0) / seconds).clamp(0.0, 1.0)).collect()
}

#[test]
fn a_time_that_jumps_sounds_only_what_was_put_in() {
    let frames = 144_000;
    let input = sine(300.0, 0.5, frames);
    // Steps of the tempo, a knob, automation in one frame, and back again while it still goes over; echoes within a block.
    let mut twice = moves(0.375, 0.2, 0.000_01, frames);
    twice[49_200..].fill(0.31);
    let jumps = [
        moves(0.45, 0.375, 0.02, frames),
        moves(0.375, 0.2, 0.02, frames),
        moves(0.2, 0.375, 0.02, frames),
        moves(0.2, 0.375, 0.000_01, frames),
        moves(0.001, 0.2, 0.000_01, frames),
        moves(0.2, 0.000_7, 0.02, frames),
        moves(0.9, 0.1, 0.2, frames),
        twice,
    ];
    for kind in ["delay", "pingpong"] {
        for late in [0.0, 1.0] {
            for (k, time) in jumps.iter().enumerate() {
                let rig = Rig::with(kind, RATE, &[("late", late)], 1).feed("time", time.clone());
                let heard = rig.set("feedback", 0.0).feed("in", input.clone()).run(frames);
                for start in (44_000..64_000).step_by(512) {
                    let density = density(&heard[start..start + 2_048], 2_048);
                    let outside = band(&density, 700.0, 24_000.0);
                    let ratio = 10.0 * libm::log10(outside / band(&density, 20.0, 700.0));
                    assert!(ratio < -50.0, "{kind} late {late}, jump {k} at {start}: {ratio} dB");
                }
                // Once it is there, the echo comes when the time says, to the bit.
                let there = Rig::with(kind, RATE, &[("late", late)], 1).set("time", time[frames - 1]);
                let there = there.set("feedback", 0.0).feed("in", input.clone()).run(frames);
                assert!(heard[64_000..] == there[64_000..], "{kind} late {late}, jump {k}");
            }
        }
    }
}

#[test]
fn a_time_that_moves_as_a_tape_does_bends_the_pitch() {
    let frames = 144_000;
    // By nine tenths of a second in a second: slowly up it is a tenth of the pitch, down nearly twice.
    for (from, to, factor) in [(0.1, 1.0, 0.1), (1.0, 0.1, 1.9)] {
        let rig = Rig::new("delay").feed("time", moves(from, to, 1.0, frames)).set("feedback", 0.0);
        let heard = rig.feed("in", sine(300.0, 0.5, frames)).run(frames);
        let bent = pitch(&heard[56_000..90_000]);
        assert!((bent / (300.0 * factor) - 1.0).abs() < 0.01, "{bent}");
    }
}

#[test]
fn in_a_loop_it_makes_up_for_the_block_it_hears_late() {
    let frames = 20_000;
    let input = noise(9, frames);
    let late: Vec<f32> = [0.0; 64].into_iter().chain(input.iter().copied()).collect();
    let moving: Vec<f32> = sine(3.0, 0.004, frames).iter().map(|x| 0.01 + x).collect();
    for kind in ["delay", "pingpong"] {
        for time in [vec![64.0 / RATE], vec![0.01], vec![0.2], moving.clone()] {
            for damp in [0.0, 0.3] {
                let run = |late_flag: f32, input: Vec<f32>| {
                    Rig::with(kind, RATE, &[("late", late_flag)], 1)
                        .feed("time", time.clone())
                        .set("feedback", 0.7)
                        .set("damp", damp)
                        .feed("in", input)
                        .run_all(frames)
                };
                let (prompt, made_up) = (run(0.0, input.clone()), run(1.0, late.clone()));
                assert_eq!(prompt, made_up, "{kind} at {:?}", time[0]);
            }
        }
    }
    // Shorter than a block isn't possible in a loop: it is a block then.
    let run = |late_flag: f32, seconds: f32, input: Vec<f32>| {
        Rig::with("delay", RATE, &[("late", late_flag)], 1).set("time", seconds).feed("in", input).run(frames)
    };
    assert_eq!(run(1.0, 0.000_5, late), run(0.0, 64.0 / RATE, input));
}

#[test]
fn ping_and_pong_take_turns() {
    let rig = Rig::new("pingpong").set("time", 0.1).set("feedback", 0.5).feed("in", impulse(1.0));
    let heard = rig.run_all(48_000);
    for (k, level) in [(1, 1.0f32), (2, 0.5), (3, 0.25), (4, 0.125)] {
        let (side, other) = if k % 2 == 1 { (0, 1) } else { (1, 0) };
        assert_eq!(heard[side][k * 4_800], level, "echo {k}");
        assert_eq!(heard[other][k * 4_800], 0.0, "echo {k}");
    }
}

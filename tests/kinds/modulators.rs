//! Time keeping, shapes and steps of the modulators.

use chronus::modules::dispatch::Compilation;
use chronus::modules::find;
use chronus::modules::solo::Solo;

use crate::measure::{RATE, Rig, peak};

/// A block of an LFO at `rate`, after it has slept for `frames`.
fn lfo_after(rate: f32, frames: u64) -> [f32; 64] {
    let spec = find("lfo").expect("a kind");
    let mut solo =
        Solo::<1>::new(spec, RATE, &[("shape", 2.0)], [1], Compilation::best()).expect("made of lanes");
    solo.set("rate", rate);
    solo.run();
    solo.advance(frames - 64);
    solo.run();
    solo.output(0).map(|[x]| x)
}

#[test]
fn an_lfo_keeps_time_for_hours() {
    // Four hours at 0.01 Hz are 144 cycles.
    let frames = 4 * 3_600 * 48_000;
    let rate = 0.01f32;
    let saw = lfo_after(rate, frames);
    let cycles = f64::from(rate) * frames as f64 / f64::from(RATE);
    let expected = 2.0 * (cycles - libm::floor(cycles)) - 1.0;
    assert!((f64::from(saw[0]) - expected).abs() < 1e-6, "{} and {expected}", saw[0]);
    // As many frames as a cycle has lead back to its start.
    let cycle = 48_000 * 7;
    assert!((lfo_after(1.0 / 7.0, cycle * 1_000)[0] + 1.0).abs() < 1e-3);
}

#[test]
fn an_lfo_has_its_shapes() {
    let run = |shape: f32| Rig::with("lfo", RATE, &[("shape", shape)], 1).set("rate", 1.0).run(48_000);
    let at = |shape: f32, share: f64| run(shape)[(share * 48_000.0) as usize];
    let near = |is: f32, should: f32| assert!((is - should).abs() < 1e-3, "{is}, not {should}");
    for (shape, points) in [
        (0.0, [(0.0, 0.0), (0.25, 1.0), (0.5, 0.0), (0.75, -1.0)]),
        (1.0, [(0.0, 0.0), (0.125, 0.5), (0.25, 1.0), (0.75, -1.0)]),
        (2.0, [(0.0, -1.0), (0.25, -0.5), (0.5, 0.0), (0.999, 0.998)]),
        (3.0, [(0.0, 1.0), (0.25, 0.5), (0.5, 0.0), (0.999, -0.998)]),
        (4.0, [(0.0, 1.0), (0.499, 1.0), (0.501, -1.0), (0.999, -1.0)]),
    ] {
        for (share, value) in points {
            near(at(shape, share), value);
        }
    }
    let shifted = Rig::with("lfo", RATE, &[("phase", 0.25)], 1).set("rate", 1.0).run(10);
    near(shifted[0], 1.0);
}

#[test]
fn random_shapes_glide_and_never_repeat() {
    let run = |seed| Rig::with("lfo", RATE, &[("shape", 5.0)], seed).set("rate", 10.0).run(480_000);
    let heard = run(1);
    assert!(heard.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 3.1 / 4_800.0), "it jumps");
    let steps: Vec<u32> = heard.iter().step_by(4_800).map(|x| (x * 1e4) as i32 as u32).collect();
    let mut unique = steps.clone();
    unique.sort_unstable();
    unique.dedup();
    assert!(unique.len() > 95 && peak(&heard) > 0.9);
    assert_ne!(heard, run(2));
    assert_eq!(heard, run(1));
}

#[test]
fn an_lfo_restarts_where_it_is_told_to() {
    let mut gate = vec![0.0; 20_000];
    gate[7_001..].fill(1.0);
    let run = |retrigger| {
        let rig = Rig::with("lfo", RATE, &[("retrigger", retrigger)], 1).set("rate", 3.0);
        rig.feed("gate", gate.clone()).run(20_000)
    };
    let (free, restarted) = (run(0.0), run(1.0));
    assert_eq!(free[..7_001], restarted[..7_001]);
    assert_eq!(restarted[7_001..17_001], free[..10_000]);
}

#[test]
fn random_holds_and_steps_at_its_rate() {
    let heard = Rig::new("random").set("rate", 10.0).run(96_000);
    for step in 0..20 {
        let start = step * 4_800;
        assert!(heard[start + 1..start + 4_799].iter().all(|x| *x == heard[start + 1]), "step {step} moves");
    }
    let steps: Vec<f32> = (0..20).map(|step| heard[step * 4_800 + 100]).collect();
    assert!(steps.windows(2).all(|pair| pair[0] != pair[1]));
    assert!(steps.iter().any(|x| *x > 0.3) && steps.iter().any(|x| *x < -0.3));
}

#[test]
fn random_glides_over_its_share_of_a_step() {
    let heard = Rig::new("random").set("rate", 10.0).set("smooth", 0.5).run(96_000);
    for step in 1..20 {
        let start = step * 4_800;
        assert!(
            heard[start + 2_401..start + 4_799].iter().all(|x| *x == heard[start + 2_402]),
            "step {step}"
        );
    }
    assert!(heard.windows(2).all(|pair| (pair[1] - pair[0]).abs() < 3.1 / 2_400.0), "it jumps");
}

#[test]
fn random_follows_its_trigger() {
    let mut trigger = vec![0.0; 30_000];
    for start in [5_000, 12_345, 20_001] {
        trigger[start..start + 10].fill(1.0);
    }
    let rig = Rig::with("random", RATE, &[("clock", 1.0)], 1);
    let heard = rig.feed("trigger", trigger).run(30_000);
    let changes: Vec<usize> = (1..30_000).filter(|i| heard[*i] != heard[i - 1]).collect();
    assert_eq!(changes, [5_000, 12_345, 20_001]);
}

#[test]
fn a_lag_goes_63_percent_of_the_way_in_its_time() {
    for (low, high) in [(0.0f32, 1.0f32), (110.0, 880.0)] {
        let mut step = vec![low; 4_800];
        step.extend(vec![high; 48_000]);
        step.extend(vec![low; 48_000]);
        let rig = Rig::with("slew", RATE, &[("curve", 1.0)], 1).set("rise", 0.1).set("fall", 0.2);
        let heard = rig.feed("in", step).run(100_800);
        assert!(heard[..4_800].iter().all(|x| *x == low));
        let share = |frame: usize| f64::from((heard[frame] - low) / (high - low));
        assert!((share(4_800 + 4_799) - 0.632).abs() < 0.001, "{}", share(4_800 + 4_799));
        assert!((share(52_800 + 9_599) - 0.368).abs() < 0.001, "{}", share(52_800 + 9_599));
        assert!((share(52_799) - 1.0).abs() < 1e-4 && share(100_799) < 0.01);
    }
    // However slow it is, it never stands still on its way.
    let rig = Rig::with("slew", RATE, &[("curve", 1.0)], 1).set("rise", 10.0);
    let heard = rig.feed("in", [vec![0.0], vec![1.0; 960_000]].concat()).run(960_001);
    assert!((f64::from(heard[960_000]) - 0.8647).abs() < 0.001, "{}", heard[960_000]);
    let rig = Rig::with("slew", RATE, &[("curve", 1.0)], 1).set("rise", 0.0).set("fall", 0.0);
    assert_eq!(rig.feed("in", vec![0.0, 0.0, 1.0, 1.0, -1.0]).run(5), [0.0, 0.0, 1.0, 1.0, -1.0]);
}

#[test]
fn slew_bounds_the_speed() {
    let mut step = vec![0.0; 48_000];
    step[1_000..24_000].fill(1.0);
    let heard = Rig::new("slew").set("rise", 0.1).set("fall", 0.2).feed("in", step.clone()).run(48_000);
    assert!((heard[1_000 + 2_399] - 0.5).abs() < 1e-3);
    assert_eq!(heard[1_000 + 4_810], 1.0);
    assert!((heard[24_000 + 4_799] - 0.5).abs() < 1e-3);
    assert_eq!(heard[24_000 + 9_620], 0.0);
    let heard = Rig::new("slew").set("rise", 0.0).set("fall", 0.0).feed("in", step.clone()).run(48_000);
    assert_eq!(heard, step);
    // It starts where its input does.
    assert_eq!(Rig::new("slew").set("in", 0.7).run(10)[0], 0.7);
}

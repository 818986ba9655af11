//! Steps become notes on exact frames, and voices play them.

use chronus::plan::voices::VoiceAction;

use crate::listen::{hear, peak, pitches, plan, roughness, triggers};

/// A step of a sixteenth at 120 is 6,000 frames.
const STEP: u64 = 6_000;

fn song(track: &str) -> String {
    format!(
        "song \"t\" tempo=120 bars=1\ninstrument a voices=4 {{\n sine osc\n route osc -> out\n}}\nroute a -> out\n{track}\n"
    )
}

fn steps(track: &str) -> Vec<u64> {
    triggers(&plan(&song(track)).events)
        .into_iter()
        .inspect(|f| assert_eq!(f % STEP, 0))
        .map(|f| f / STEP)
        .collect()
}

#[test]
fn hits_fall_on_their_steps() {
    assert_eq!(steps("track a X..x.g..-.X....X"), [0, 3, 5, 10, 15]);
}

#[test]
fn a_short_lane_loops() {
    assert_eq!(steps("track a X..x."), [0, 3, 5, 8, 10, 13, 15]);
}

#[test]
fn groups_share_a_step_and_ratchets_divide_it() {
    let frames = triggers(&plan(&song("track a \"[xx]...x*3............ \"")).events);
    assert_eq!(frames, [0, 3_000, 24_000, 26_000, 28_000]);
    let frames = triggers(&plan(&song("track a \"[x[xx]]............... \"")).events);
    assert_eq!(frames, [0, 3_000, 4_500]);
    let frames = triggers(&plan(&song("track a \"[x.]*2............... \"")).events);
    assert_eq!(frames, [0, 3_000]);
}

#[test]
fn euclid_and_repeats() {
    assert_eq!(steps("track a \"x(5,16)\""), [0, 3, 6, 9, 12]);
    assert_eq!(steps("track a \"{4 x...}\""), [0, 4, 8, 12]);
}

#[test]
fn alternatives_and_conditions_go_by_passes() {
    assert_eq!(steps("track a \"<X .>...\""), [0, 8]);
    assert_eq!(steps("track a \"x:2/4...\""), [4]);
    assert_eq!(steps("track a \"x:1/2.x:2/2.\""), [0, 6, 8, 14]);
}

#[test]
fn notes_are_taken_in_turn_by_the_hits_as_written() {
    let heard = |track: &str| pitches(&plan(&song(track)).events);
    assert_eq!(heard("track a x...x...x...x... notes=\"c4 d4 e4\""), [0, 2, 4, 0]);
    // A hit that isn't played takes its note all the same; a ratchet takes one.
    assert_eq!(heard("track a \"x:2/2...x...x...x...\" notes=\"c4 d4 e4 f4\""), [2, 4, 5]);
    assert_eq!(heard("track a \"x*2...[xx]...x...x...\" notes=\"c4 d4 e4 f4\""), [0, 0, 2, 4, 5, 0]);
    assert_eq!(heard("track a melody=\"c4 . c5 _ [e5 d5] . a3/c4 .\" grid=\"1/8\""), [0, 12, 16, 14, -3, 0]);
}

#[test]
fn chance_is_repeatable_and_belongs_to_the_track() {
    let once = steps("track a \"x?50\"");
    assert!(once.len() > 2 && once.len() < 14, "{once:?}");
    assert_eq!(once, steps("track a \"x?50\""));
    let more = format!(
        "{}instrument b {{\n sine osc\n route osc -> out\n}}\nroute b -> out\ntrack b \"x?50\"\n",
        song("track a \"x?50\"")
    );
    let plan = plan(&more);
    let of_a: Vec<_> = plan.events.iter().copied().filter(|event| event.voice < 4).collect();
    let frames: Vec<u64> = triggers(&of_a).into_iter().map(|f| f / STEP).collect();
    assert_eq!(frames, once);
    assert_ne!(steps("track a \"x?50\" seed=9"), once);
}

#[test]
fn gates_hold_and_slurs_have_no_attack() {
    let plan = plan(&song("track a X___x~x.x........ notes=\"c4 d4 e4 f4\""));
    let releases: Vec<u64> =
        plan.events.iter().filter(|e| e.action == VoiceAction::Release).map(|e| e.frame).collect();
    // Half of the last held step, half of the second slurred one, half of the last.
    assert_eq!(releases, [3 * STEP + STEP / 2, 5 * STEP + STEP / 2, 7 * STEP + STEP / 2]);
    assert_eq!(triggers(&plan.events), [0, 4 * STEP, 7 * STEP]);
}

#[test]
fn swing_and_nudge_move_the_hits() {
    let swung = plan(&song("track a xxxx............ swing=75"));
    assert_eq!(triggers(&swung.events), [0, 9_000, 12_000, 21_000]);
    let nudged = plan(&song("track a xxxx............ nudge=\"0 50\""));
    assert_eq!(triggers(&nudged.events), [0, 9_000, 12_000, 21_000]);
}

#[test]
fn an_onset_is_heard_on_its_frame() {
    // A bare gate opens within 2 ms; an envelope with no attack to speak of at once.
    let text = "song \"t\" tempo=137 bars=2\ninstrument a {\n square osc retrigger=#true\n decay env time=\"20ms\"\n \
                route osc -> out vca=env\n}\nroute a -> out\ntrack a \"..x..x.x.x....xx\"\n";
    let plan = plan(text);
    let (left, _) = hear(text);
    let mut frames = triggers(&plan.events);
    frames.dedup();
    assert_eq!(frames.len(), 12);
    for frame in frames {
        let frame = frame as usize;
        assert!(peak(&left[frame.saturating_sub(300)..frame]) < 1e-4, "early at {frame}");
        assert!(peak(&left[frame..frame + 2]) > 0.5, "late at {frame}");
    }
}

#[test]
fn voices_are_taken_longest_released_first_and_stolen_without_a_click() {
    let overlapping = "song \"t\" tempo=120 bars=2\ninstrument a voices=2 {\n sine osc\n adsr env attack=\"20ms\" \
                       sustain=1 release=\"500ms\"\n route osc -> out vca=env gain=0.3\n}\nroute a -> out\n\
                       track a \"xxxxxxxxxxxxxxxx\" notes=\"c3 e3 g3 b3 d4\" length=0.5\n";
    let plan = plan(overlapping);
    let voices: Vec<u32> = plan
        .events
        .iter()
        .filter(|event| matches!(event.action, VoiceAction::Trigger(_)))
        .map(|event| event.voice)
        .collect();
    assert!(voices.iter().take(6).eq(&[0, 1, 0, 1, 0, 1]), "{voices:?}");
    let (left, _) = hear(overlapping);
    // The steepest bend of these sines is 0.3 * (2 pi 294 / 48000)^2 a voice: 0.0009 for two.
    assert!(roughness(&left) < 0.004, "{}", roughness(&left));
}

#[test]
fn one_voice_goes_on_from_its_level() {
    let text = "song \"t\" tempo=120 bars=2\ninstrument a {\n sine osc\n adsr env attack=\"30ms\" sustain=1 \
                release=\"800ms\"\n route osc -> out vca=env gain=0.5\n}\nroute a -> out\n\
                track a \"XgXgXgXgXgXgXgXg\" notes=\"c3\"\n";
    let (left, _) = hear(text);
    assert!(roughness(&left) < 0.003, "{}", roughness(&left));
}

#[test]
fn velocity_scales_the_output_as_far_as_the_instrument_says() {
    let text = |velocity: &str| {
        format!(
            "song \"t\" tempo=120 bars=1\ninstrument a {velocity} {{\n sine osc freq=\"1kHz\"\n route osc -> out\n}}\n\
             route a -> out\ntrack a X_______g_______ length=0.8\n"
        )
    };
    let levels = |velocity: &str| {
        let (left, _) = hear(&text(velocity));
        (peak(&left[10_000..30_000]), peak(&left[58_000..78_000]))
    };
    let (loud, soft) = levels("velocity=1");
    assert!((loud - 1.0).abs() < 0.01 && (soft - 0.3).abs() < 0.01, "{loud} {soft}");
    let (loud, soft) = levels("velocity=0");
    assert!((loud - 1.0).abs() < 0.01 && (soft - 1.0).abs() < 0.01, "{loud} {soft}");
}

#[test]
fn a_sleeping_voice_wakes_where_it_would_be() {
    // The oscillator runs on through the rests: the second note fits the phase of one that never stopped.
    let text = |track: &str| {
        format!(
            "song \"t\" tempo=120 bars=2\ninstrument a {{\n sine osc freq=\"432.1Hz\"\n route osc -> out\n}}\n\
             route a -> out\n{track}\n"
        )
    };
    let (gaps, _) = hear(&text("track a X...............X..............."));
    let (held, _) = hear(&text("track a X_______________________________"));
    let at = 16 * STEP as usize + 200..16 * STEP as usize + 2_900;
    let difference = gaps[at.clone()].iter().zip(&held[at]).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 1e-6, "{difference}");
}

/// Seconds between rising zero crossings, and where they are.
fn periods(signal: &[f32]) -> Vec<(f64, f64)> {
    let crosses = |i: &usize| signal[i - 1] <= 0.0 && signal[*i] > 0.0;
    let exact = |i: usize| {
        let [a, b] = [signal[i - 1], signal[i]].map(f64::from);
        i as f64 - b / (b - a)
    };
    let all: Vec<f64> = (1..signal.len()).filter(crosses).map(exact).collect();
    all.windows(2).map(|pair| (pair[1] / 48_000.0, (pair[1] - pair[0]) / 48_000.0)).collect()
}

#[test]
fn a_glide_goes_on_from_where_the_pitch_is() {
    let glide = |steps: &str, notes: &str| {
        let text = format!(
            "song \"t\" tempo=120 bars=1 tail=0\ninstrument a glide=\"400ms\" {{\n sine osc\n adsr e attack=\"1ms\" sustain=1\n \
             route osc -> out vca=e\n}}\ntrack a \"{steps}\" notes=\"{notes}\" length=1\n"
        );
        let (left, _) = hear(&text);
        // Until the lane begins anew.
        periods(&left[480..81_000])
    };
    let at = |all: &[(f64, f64)], seconds: f64| {
        let (_, period) =
            all.iter().min_by(|a, b| (a.0 - seconds).abs().total_cmp(&(b.0 - seconds).abs())).unwrap();
        1.0 / period
    };
    for (steps, notes, last) in [
        ("x~x~x___ ____ ____", "c4 c5 g4", 391.995),
        ("x~x~x___ ____ ____", "c4 c5 c4", 261.626),
        ("x~x~x~x~ x~x~x___ ____", "c4 c5 g4 c3 c4 g5 e4", 329.628),
    ] {
        let all = glide(steps, notes);
        for pair in all.windows(2) {
            let ratio = pair[1].1 / pair[0].1;
            assert!((0.95..1.05).contains(&ratio), "{notes}: the pitch jumps by {ratio} at {}", pair[1].0);
        }
        let end = at(&all, 1.2);
        assert!((end / last - 1.0).abs() < 2e-3, "{notes}: comes to {end}, not {last}");
    }
    // A slide of an octave in 400 ms has gone 125/400 of it when the next begins, and goes on from there.
    let turned = 261.626 * libm::exp2(125.0 / 400.0);
    let found = at(&glide("x~x~x___ ____ ____", "c4 c5 g4"), 0.245);
    assert!((found / turned - 1.0).abs() < 0.01, "{found}, not {turned}");
}

#[test]
fn the_library_s_theremin_never_jumps() {
    let text = "song \"t\" tempo=120 bars=1 tail=0\nuse \"std/lead\" theremin\n\
                track theremin \"x~x~x~x~ x~x~x~x~ x~x~x~x_\" notes=\"c5 c6 g5 d5 a5 c5\"\n";
    let (left, _) = hear(text);
    for pair in periods(&left[2_400..70_000]).windows(2) {
        let ratio = pair[1].1 / pair[0].1;
        assert!((0.8..1.25).contains(&ratio), "the pitch jumps by {ratio} at {}", pair[1].0);
    }
}

#[test]
fn swing_counts_its_pairs_from_the_bar() {
    let starts = |meter: &str, steps: &str, swing: u32| {
        let text = format!(
            "song \"t\" tempo=120 meter=\"{meter}\" bars=3 swing={swing} tail=0\ninstrument a {{\n sine osc\n route osc -> out\n}}\n\
             track a \"{steps}\"\n"
        );
        triggers(&plan(&text).events)
    };
    // Seven sixteenths: the last one stands alone, and every bar begins on its line.
    assert_eq!(starts("7/16", "X......", 66), [0, 42_000, 84_000]);
    let seven = starts("7/16", "xxxxxxx", 66);
    let bar = [0, 7_920, 12_000, 19_920, 24_000, 31_920, 36_000];
    let wanted: Vec<u64> = (0..3).flat_map(|number| bar.map(|frame| number * 42_000 + frame)).collect();
    assert_eq!(seven, wanted);
    // Where bars have whole pairs nothing is new.
    let four = starts("4/4", "xxxx", 75);
    assert_eq!(four[..4], [0, 9_000, 12_000, 21_000]);
    assert_eq!(four[16..20], [96_000, 105_000, 108_000, 117_000]);
}

#[test]
fn humanize_strays_by_a_share_of_a_step() {
    // A sixteenth at 120 is 125 ms: 0.1 of it are at most 12.5 ms, early or late, as likely as any between.
    let text = "song \"t\" tempo=120 bars=64 tail=0\ninstrument a {\n sine osc\n route osc -> out\n}\ntrack a \"..x.\" humanize=0.1\n";
    let strays: Vec<f64> = triggers(&plan(text).events)
        .iter()
        .enumerate()
        .map(|(hit, frame)| (*frame as f64 - (hit as u64 * 4 + 2) as f64 * STEP as f64) / 48.0)
        .collect();
    assert_eq!(strays.len(), 256);
    let (least, most) = strays.iter().fold((0.0, 0.0), |(a, b): (f64, f64), x| (a.min(*x), b.max(*x)));
    assert!((-12.5..-11.5).contains(&least) && (11.5..=12.5).contains(&most), "{least} to {most} ms");
    let spread = (strays.iter().map(|x| x * x).sum::<f64>() / 256.0).sqrt();
    assert!((spread - 12.5 / 3_f64.sqrt()).abs() < 0.6, "{spread} ms");
}

#[test]
fn what_ends_by_itself_rings_on_when_the_gate_closes() {
    // A gate of a tenth of a second; what is heard a second later, against the peak before.
    let rings = |patch: &str| {
        let text = format!(
            "song \"t\" tempo=150 bars=2\ninstrument a {{\n {}\n}}\nroute a -> out gain=0.3\ntrack a X............................... notes=e3 length=1\n",
            patch.replace(" ; ", "\n ")
        );
        let (left, _) = hear(&text);
        peak(&left[48_000..52_800]) / peak(&left[..4_800])
    };
    for bare in [
        "pluck s decay=6 ; route s -> out",
        "modal s decay=6 ; route s -> out",
        "modal s decay=6 model=\"bell\" ; route s -> out",
        "pluck s decay=6 ; lowpass f cutoff=2000 ; route s -> f -> out",
        "pluck s decay=6 ; pluck t decay=5 tune=7 ; sum both ; route s t -> both -> out",
        // What is led into it ends too.
        "noise n ; decay e time=0.05 ; modal s decay=6 strike=0 ; route n -> s.exciter vca=e ; route s -> out",
        "noise n ; decay e time=0.05 ; comb s decay=6 ; route n -> s vca=e ; route s -> out",
        // Each part of the sound ends in its own way.
        "pluck s decay=6 ; sine osc ; decay e time=0.1 ; route s -> out ; route osc -> out vca=e",
    ] {
        let heard = rings(bare);
        assert!(heard > 0.02, "{bare}: {heard}");
    }
    for gated in [
        "sine osc ; route osc -> out",
        "sine osc ; comb s decay=6 ; route osc -> s -> out",
        // A bow that never leaves the string, and a drone beside a string or beside what has an envelope.
        "noise n ; modal s decay=6 ; route n -> s.exciter ; route s -> out",
        "pluck s decay=6 ; sine osc ; route s osc -> out",
        "sine osc ; noise n ; decay e time=0.1 ; route n -> out vca=e ; route osc -> out",
        "adsr e attack=0 sustain=1 release=0.01 ; pluck s decay=6 ; route s -> out vca=e",
    ] {
        let heard = rings(gated);
        assert!(heard < 1e-6, "{gated}: {heard}");
    }
}

//! What moves by itself is where the song says, frame by frame, and locks are heard by their own notes only.

use chronus::dsp::pan::equal_power;

use crate::listen::{hear, peak, plan};

/// A bar at 120.
const BAR: usize = 96_000;
/// 5 ms.
const APPROACH: usize = 240;
/// A sixteenth.
const STEP: usize = 6_000;

/// A song that outputs where a knob stands.
fn knob(lines: &str) -> Vec<f32> {
    hear(&format!("song \"t\" tempo=120 bars=4 tail=0\nknob level 0.5\nroute level -> out\n{lines}\n")).0
}

#[test]
fn a_value_is_exact_at_its_frames() {
    let level = knob("automate level from=0 to=1 bars=\"2..3\"");
    assert_eq!(level.len(), 4 * BAR);
    assert!(level[..=BAR - APPROACH].iter().all(|x| *x == 0.5), "declared before its bars");
    for frame in (BAR..3 * BAR).step_by(997) {
        let wanted = (frame - BAR) as f64 / (2 * BAR) as f64;
        assert_eq!(level[frame], wanted as f32, "at {frame}");
    }
    assert!(level[3 * BAR..].iter().all(|x| *x == 1.0), "at its end from there on");
    // Before its first frame it goes over, and leaves and arrives level.
    let way = &level[BAR - APPROACH..=BAR];
    assert!(way.windows(2).all(|pair| pair[1] <= pair[0] && pair[0] - pair[1] < 0.5 * 2.0 / 240.0));
    assert!(way[0] - way[1] < 1e-5 && way[APPROACH - 1] - way[APPROACH] < 1e-5 && way[APPROACH] == 0.0);
    assert!((way[APPROACH / 2] - 0.25).abs() < 1e-6);
}

#[test]
fn curves_bend_as_they_say() {
    let middle = |curve: &str| {
        let level = knob(&format!("automate level from=0.1 to=0.9 bars=\"2..3\" curve={curve}"));
        (level[BAR + BAR / 2], level[2 * BAR], level[3 * BAR - 1 - APPROACH], level[3 * BAR])
    };
    assert_eq!(middle("lin").1, 0.5);
    let (_, half, last, after) = middle("exp");
    assert!((half - 0.3).abs() < 1e-6 && (last - 0.9).abs() < 5e-3 && after == 0.9);
    let (quarter, half, ..) = middle("smooth");
    assert!((quarter - (0.1 + 0.8 * 0.15625)).abs() < 1e-6 && half == 0.5);
    assert_eq!(middle("step"), (0.1, 0.1, 0.1, 0.9));
}

#[test]
fn shapes_go_between_both_ends() {
    let shape =
        |shape: &str| knob(&format!("automate level from=0.2 to=0.8 bars=\"1..4\" shape={shape} cycles=4"));
    let at = |level: &[f32], bars: f64| level[(bars * BAR as f64) as usize];
    let sine = shape("sine");
    for (bars, wanted) in [(0.0, 0.2), (0.25, 0.5), (0.5, 0.8), (1.0, 0.2), (3.5, 0.8)] {
        assert!((at(&sine, bars) - wanted).abs() < 1e-6, "sine at {bars}");
    }
    let triangle = shape("triangle");
    assert!((at(&triangle, 1.25) - 0.5).abs() < 1e-6 && (at(&triangle, 1.5) - 0.8).abs() < 1e-6);
    let saw = shape("saw");
    assert!((at(&saw, 1.5) - 0.5).abs() < 1e-6 && (at(&saw, 1.0) - 0.2).abs() < 1e-6);
    let before = saw[BAR - APPROACH - 1];
    assert!((before - 0.8).abs() < 2e-3, "{before}");
    let square = shape("square");
    assert!(at(&square, 1.25) == 0.2 && at(&square, 1.75) == 0.8 && at(&square, 0.0) == 0.2);
    assert!(at(&square, 0.5) == 0.8 && at(&square, 1.0) == 0.2 && square[4 * BAR - 1] == 0.8);
    let random = shape("random");
    assert!(random.iter().all(|x| (0.2..=0.8).contains(x)));
    assert_ne!(at(&random, 0.5), at(&random, 1.5));
    assert_eq!(at(&random, 0.5), at(&random, 0.9));
    for (name, level) in [("sine", sine), ("saw", saw), ("square", square), ("random", random)] {
        let jump = level.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max);
        assert!(jump < 0.6 / 240.0 * 1.9, "{name} jumps by {jump}");
    }
}

#[test]
fn a_section_returns_to_what_is_declared() {
    let level = hear(
        "song \"t\" tempo=120 tail=0\nknob level 0.5\nroute level -> out\n\
         section v bars=1 {\n automate level from=0.5 to=1\n}\nsection w bars=1\narrange v v w",
    )
    .0;
    assert!(level[BAR - APPROACH - 1] > 0.998);
    // Back where the ramp begins on the first frame, and again at the section without automation.
    assert_eq!(level[BAR], 0.5);
    assert!((level[BAR + BAR / 2] - 0.75).abs() < 1e-6);
    assert!(level[2 * BAR - APPROACH - 1] > 0.998 && level[2 * BAR..].iter().all(|x| *x == 0.5));
}

#[test]
fn the_first_hit_has_the_new_value() {
    let hit = |lines: &str, head: &str| {
        let text = format!(
            "song \"t\" tempo=120 {head} tail=0\n{lines}\ninstrument k {{\n sine osc freq=60 phase=0.25\n decay e time=\"200ms\"\n \
             route osc -> out vca=e\n}}\n"
        );
        let (left, _) = hear(&text);
        move |bar: usize| left[bar * BAR]
    };
    let four = "track k \"X... X... X... X...\"\n";
    // A gain that begins at 0 in bar 3 is 0 there, and a sixteenth later what it has come to.
    let from = hit(&format!("{four}automate k.gain from=0 to=1 bars=\"3..4\""), "bars=4");
    assert!(
        from(1) > 0.9 && from(2) == 0.0 && (from(3) - 0.5 * from(1)).abs() < 1e-3,
        "{} {}",
        from(2),
        from(3)
    );
    // The first kick after a fade-out is as loud as any.
    let faded = "section a bars=2 {\n track k \"X... X... X... X...\"\n automate k.gain to=0\n}\nsection b bars=1 {\n \
                 track k \"X... X... X... X...\"\n}\narrange b a b";
    let back = hit(faded, "");
    assert!(back(0) > 0.9 && back(3) == back(0), "{} after the fade, not {}", back(3), back(0));
    // What is set stands from the first frame on.
    let set = hit(&format!("{four}set k.gain 0.5"), "bars=1");
    assert_eq!(set(0), 0.5 * back(0));
}

#[test]
fn a_step_in_what_sounds_does_not_click() {
    let power_above = |lines: &str| {
        let text = format!(
            "song \"t\" tempo=120 bars=2 tail=0\nsine tone freq=\"200Hz\"\nroute tone -> out id=main\n{lines}\n"
        );
        let (left, _) = hear(&text);
        // Fourth differences let hardly anything of 200 Hz through, and all of a click.
        let mut around = left[BAR - 960..BAR + 960].to_vec();
        for _ in 0..4 {
            around = around.windows(2).map(|pair| pair[1] - pair[0]).collect();
        }
        peak(&around)
    };
    let gliding = power_above("automate main.gain from=0.1 to=0.1 bars=2");
    let plain = power_above("");
    // A gain that steps from one frame to the next would be 0.9 of the tone's level there.
    assert!(gliding < plain + 1e-4, "{gliding} beside {plain}");
}

#[test]
fn automation_follows_the_tempo() {
    // Where the tempo moves, a value goes by beats, as notes do.
    let text = "song \"t\" tempo=120 tail=0\nknob level 0\nroute level -> out\ninstrument a {\n sine osc\n route osc -> out gain=0\n}\n\
                section v bars=2 {\n track a x grid=\"1/4\"\n automate level to=1\n automate tempo from=60 to=240 bars=\"1..2\"\n}\narrange v";
    let beats = crate::listen::triggers(&plan(text).events);
    let level = hear(text).0;
    for (beat, frame) in beats.into_iter().enumerate() {
        let wanted = beat as f32 / 8.0;
        assert!((level[frame as usize] - wanted).abs() < 2e-5, "beat {beat}: {}", level[frame as usize]);
    }
}

#[test]
fn note_lengths_follow_a_tempo_that_moves() {
    let text = "song \"t\" tempo=120\nsine tone freq=\"1/64\"\nroute tone -> out\ninstrument a glide=\"1/4\" {\n sine osc\n route osc -> out\n}\n\
                section v bars=2 {\n track a x~x\n automate tempo from=120 to=60\n}\nsection w bars=1 tempo=30 {\n track a x\n}\narrange v w";
    let plan = plan(text);
    let found = |value: f32| plan.curves.iter().find(|curve| curve.start == value).expect("a curve");
    // A glide of a quarter note is half a second at 120, one at 60, two at 30; a 64th goes with the tempo.
    let (glide, tone) = (found(0.5), found(32.0));
    let at = |bars: f64| plan.timeline.frame(plan.timeline.spans[0].seconds(bars * 4.0));
    assert!((glide.value(at(1.0)) - 60.0 / 90.0).abs() < 1e-4, "{}", glide.value(at(1.0)));
    assert!((tone.value(at(1.0)) - 24.0).abs() < 1e-3, "{}", tone.value(at(1.0)));
    let behind = plan.timeline.end_frame() - 1;
    assert!(glide.value(behind) == 2.0 && tone.value(behind) == 8.0);
}

#[test]
fn everything_with_a_value_can_be_automated() {
    let text = |lines: &str| {
        format!(
            "song \"t\" tempo=120 bars=2 tail=0\nknob one 1 max=4\ninstrument a velocity=0 {{\n knob level 0.25\n route level -> out id=exit\n}}\n\
             route a -> out id=main pan=0\ntrack a \"X_______________\"\n{lines}"
        )
    };
    let last = |lines: &str| {
        let (left, right) = hear(&text(lines));
        (left[2 * BAR - 2 * STEP], right[2 * BAR - 2 * STEP])
    };
    let [centre, _] = equal_power(0.0);
    let [_, hook] = equal_power(1.0);
    let near =
        |(left, right): (f32, f32), l: f32, r: f32| (left - l).abs() < 1e-5 && (right - r).abs() < 1e-5;
    assert!(near(last(""), 0.25 * centre, 0.25 * centre), "{:?}", last(""));
    for (lines, left, right) in [
        ("automate a.level to=0.5 bars=1", 0.5 * centre, 0.5 * centre),
        ("automate a.gain to=3 bars=1", 0.75 * centre, 0.75 * centre),
        ("automate main.gain to=2 bars=1", 0.5 * centre, 0.5 * centre),
        ("automate a.exit.gain to=2 bars=1", 0.5 * centre, 0.5 * centre),
        ("automate main.pan to=1 bars=1", 0.0, 0.25 * hook),
        ("alias loudness a.gain\nautomate loudness to=3 bars=1", 0.75 * centre, 0.75 * centre),
        (
            "route one -> a.level by=0.25 id=push\nautomate push.by to=0.5 bars=1",
            0.75 * centre,
            0.75 * centre,
        ),
    ] {
        assert!(near(last(lines), left, right), "{lines}: {:?}", last(lines));
    }
    let (left, right) = hear(&text("automate a.pan to=-1 bars=1"));
    assert!(left[BAR + BAR / 2] > 0.2 && right[BAR + BAR / 2].abs() < 1e-6);
}

/// Two tracks on one instrument that outputs where its knob stands.
fn locked(lines: &str) -> Vec<f32> {
    hear(&format!(
        "song \"t\" tempo=120 bars=1 tail=0\ninstrument a voices=2 velocity=0 {{\n knob level 0.1\n route level -> out\n}}\n{lines}\n"
    ))
    .0
}

/// The middle of a step.
fn step(level: &[f32], step: usize) -> f32 {
    (level[step * STEP + STEP / 2] * 1e4).round() / 1e4
}

#[test]
fn a_lock_is_heard_by_its_own_notes_only() {
    let level = locked(
        "track a \"X_______________\" {\n lock level \"0.3 . . . 0.5 . . . . . . . . . . .\"\n}\ntrack b play=a \"X_______________\"",
    );
    assert_eq!(step(&level, 1), 0.4, "one voice is locked, the other isn't");
    assert_eq!(step(&level, 3), 0.4, "it holds where the lane says nothing");
    assert_eq!(step(&level, 5), 0.6, "on a held step it moves the note");
    // Locks jump, at the frame of their step.
    assert!((level[4 * STEP - 1] - 0.4).abs() < 1e-6 && (level[4 * STEP] - 0.6).abs() < 1e-6);
}

#[test]
fn a_lock_ends_when_its_voice_is_taken() {
    let level = hear(
        "song \"t\" tempo=120 bars=1 tail=0\ninstrument a velocity=0 {\n knob level 0.1\n route level -> out\n}\n\
         track a \"X___ X___ X___ X~X__\" {\n lock level \". . . . 0.7 . . . . . . . 0.4 . . .\"\n}\n",
    )
    .0;
    let steps: Vec<f32> = [1, 5, 9, 12, 14].into_iter().map(|place| step(&level, place)).collect();
    assert_eq!(steps, [0.1, 0.7, 0.1, 0.4, 0.4], "a slurred note goes on as it is");
    // On a rest it moves what still sounds.
    let resting = hear(
        "song \"t\" tempo=120 bars=1 tail=0\ninstrument a velocity=0 {\n knob level 0.1\n adsr env release=\"2s\"\n route level -> out vca=env\n}\n\
         track a \"X.......\" length=1 {\n lock level \". . 0.8\"\n}\n",
    )
    .0;
    assert!(resting[2 * STEP] > 5.0 * resting[2 * STEP - 1]);
}

#[test]
fn a_lock_stands_before_automation_and_hands_back() {
    let level = hear(
        "song \"t\" tempo=120 bars=1 tail=0\ninstrument a velocity=0 {\n knob level 0.1\n route level -> out\n}\n\
         track a \"X___ X___ X___ X___\" {\n lock level \". . . . <0.7 0.9> . . . . . . . . . . .\"\n}\n\
         automate a.level from=0 to=1\n",
    )
    .0;
    assert!((level[2 * STEP] - 2.0 / 16.0).abs() < 1e-6);
    assert!((level[6 * STEP] - 0.7).abs() < 1e-6);
    assert!((level[9 * STEP] - 9.0 / 16.0).abs() < 1e-6);
}

//! Blow-ups are held: whatever a loop does, what is heard stays finite, bounded and in motion, and the module is named once.

#![allow(clippy::expect_used, reason = "a test may stop")]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Instant;

use chronus::check::song::check;
use chronus::diagnostic::span::SourceId;
use chronus::dsp::loudest::{LOUDEST, is_within};
use chronus::engine::block_loop::{Engine, Frame};
use chronus::engine::guard::Culprit;
use chronus::engine::offline_render::Excerpt;
use chronus::engine::optimize::lean;
use chronus::engine::worker_pool::{ConsumerDone, render};
use chronus::modules::TABLE;
use chronus::modules::dispatch::Compilation;
use chronus::modules::spec::{BLOCK, ModuleSpec, Normal};
use chronus::plan::compile::compile;
use chronus::plan::compiled_plan::Plan;
use chronus::plan::subgraphs::cut;

const RATE: u32 = 48_000;

fn plan(text: &str, rate: u32) -> Arc<Plan> {
    let checked = check(SourceId::default(), text);
    let song = checked.song.unwrap_or_else(|| panic!("{:#?}\n{text}", checked.diagnostics));
    Arc::new(lean(compile(&song, rate).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"))))
}

/// All frames, and the names of what has blown up, each with whether it stood still.
fn heard(plan: &Arc<Plan>, jobs: usize) -> (Vec<Frame>, Vec<(String, bool)>) {
    let mut heard = Vec::new();
    let mut take = |frames: &[Frame]| {
        heard.extend_from_slice(frames);
        Ok::<(), ConsumerDone>(())
    };
    let (_, faults) =
        render(plan, Compilation::best(), jobs, Excerpt::default(), &mut take).expect("all of it");
    let told = |fault: &chronus::engine::guard::Fault| {
        (fault.name(&plan.paths).to_owned(), fault.culprit == Culprit::Still)
    };
    (heard, faults.iter().map(told).collect())
}

fn bits(frames: &[Frame]) -> Vec<[u32; 2]> {
    frames.iter().map(|frame| frame.map(f32::to_bits)).collect()
}

/// What a speaker must not get: anything that isn't finite, is past +60 dBFS, or stays at full scale without moving for more than a
/// third of a second.
fn assert_held(frames: &[Frame], rate: u32, text: &str) {
    let wild = frames.iter().flatten().find(|x| !is_within(**x, LOUDEST));
    assert_eq!(wild, None, "{text}");
    for side in 0..2 {
        let (mut first, mut run) = (0.0_f32, 0);
        for frame in frames {
            let x = frame[side].clamp(-1.0, 1.0);
            let stands = x.abs() >= 0.8 && (x - first).abs() <= 0.01;
            (first, run) = if stands { (first, run + 1) } else { (x, 0) };
            assert!(run < rate / 3, "stuck at {x}\n{text}");
        }
    }
}

/// A module `r` of a kind that hears itself.
fn hears_itself(kind: &str, gain: f64) -> String {
    format!(
        "song bars=2 tail=2\nsaw a freq=220\n{kind} r\nroute a -> r -> out\nroute r -> r gain={gain} feedback=#true\n"
    )
}

fn names(faults: &[(String, bool)]) -> Vec<&str> {
    faults.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_module_in_the_loop_is_named_once() {
    // A wave shaper folds what comes in, but not what it passes on beside it.
    for kind in [
        "sum",
        "vca",
        "width",
        "crush bits=24",
        "eq3",
        "highpass",
        "lowpass",
        "peak",
        "lowshelf",
        "highshelf",
    ] {
        for gain in [16.0, -16.0] {
            let text = hears_itself(kind, gain);
            let plan = plan(&text, RATE);
            let (frames, faults) = heard(&plan, 1);
            assert_held(&frames, RATE, &text);
            assert_eq!(names(&faults), ["r"], "{text}");
            assert!(frames.iter().flatten().any(|x| x.abs() > 0.01), "silent: {text}");
        }
    }
}

#[test]
fn every_kind_is_held_in_a_loop() {
    for spec in TABLE.iter().filter(|spec| spec.has_main_input()) {
        for gain in [16.0, -16.0, 1.1] {
            let source = spec.outputs[0].name;
            let from = if source == "out" { "r".to_owned() } else { format!("r.{source}") };
            let follows = spec.params.iter().filter(|param| param.normal == Normal::Note);
            let pitch: Vec<String> = follows.map(|param| format!(" {}=220", param.name)).collect();
            let pitch = pitch.concat();
            let text = format!(
                "song bars=1 tail=1 tempo=240\nsaw a freq=220\nnoise b\n{}{pitch} r\nroute a b -> r\nroute {from} -> out\n\
                 route {from} -> r gain={gain} feedback=#true\n",
                spec.kind
            );
            let plan = plan(&text, RATE);
            let (frames, faults) = heard(&plan, 1);
            assert_held(&frames, RATE, &text);
            assert!(faults.iter().all(|(name, _)| name == "r" || name == "out"), "{faults:?}\n{text}");
            assert!(faults.len() <= 2, "{faults:?}");
        }
    }
}

#[test]
fn loops_through_other_inputs_are_held_too() {
    let cases = [
        // Ring modulation of itself.
        "song bars=2 tail=2\nsine a freq=220\nring r\nroute a -> r -> out\nroute r -> r.carrier gain=16 feedback=#true\nroute a -> r.carrier\n",
        // A level that follows itself.
        "song bars=2 tail=2\nsine a freq=220\nvca r gain=16\nroute a -> r -> out\nroute r -> r gain=-16 feedback=#true\nroute r -> r.gain by=16 feedback=#true\n",
    ];
    for text in cases {
        let plan = plan(text, RATE);
        let (frames, faults) = heard(&plan, 1);
        assert_held(&frames, RATE, text);
        assert_eq!(names(&faults), ["r"], "{text}");
    }
}

#[test]
fn a_slow_growth_is_held_when_it_is_too_loud() {
    let text = "song \"Mild\" bars=64 tempo=120\ninstrument i { saw o; decay e time=\"100ms\"; route o -> out vca=e gain=\"-12dB\"; }\n\
        delay d time=\"1/8\" mix=1 feedback=0\nroute i -> d -> out\nroute d -> d gain=1.05\nroute i -> out\ntrack i \"X... ....\" notes=\"a3\"\n";
    let plan = plan(text, RATE);
    let (frames, faults) = heard(&plan, 1);
    assert_held(&frames, RATE, text);
    assert_eq!(names(&faults), ["d"]);
    let text = text.replace("gain=1.05", "gain=0.9");
    let (frames, faults) = heard(&self::plan(&text, RATE), 1);
    assert_held(&frames, RATE, &text);
    assert_eq!(names(&faults), [""; 0]);
}

#[test]
fn check_warns_of_what_blows_up_and_of_nothing_else() {
    let warned = |text: &str| {
        check(SourceId::default(), text).diagnostics.iter().any(|said| said.code.id == "runaway-loop")
    };
    for (kind, passes) in
        [("sum", 1.0), ("vca gain=0.5", 0.5), ("vca gain=-3", -3.0), ("delay time=0.01 feedback=0", 1.0)]
    {
        for gain in [0.3, 0.9, 1.1, 2.1, 16.0, -0.3, -0.9, -1.1, -2.1, -16.0_f64] {
            let text = hears_itself(kind, gain);
            let grows = (passes * gain).abs() > 1.0;
            assert_eq!(warned(&text), grows, "{text}");
            assert_eq!(!heard(&plan(&text, RATE), 1).1.is_empty(), grows, "{text}");
        }
    }
    let several = |to: f64, back: f64, own: f64| {
        format!(
            "song bars=2\nsaw a freq=220\nsum r\nlowpass s\nroute a -> r -> out\nroute r -> s gain={to}\nroute s -> r gain={back} feedback=#true\n\
             route r -> r gain={own} feedback=#true\n"
        )
    };
    for (to, back, own, grows) in [
        (0.5, 0.5, 0.5, false),
        (0.5, 0.5, 0.8, true),
        (2.0, 0.45, 0.3, true),
        (2.0, -0.45, 0.3, false),
        (4.0, 4.0, 0.1, true),
    ] {
        let text = several(to, back, own);
        assert_eq!(warned(&text), grows, "{text}");
        assert_eq!(!heard(&plan(&text, RATE), 1).1.is_empty(), grows, "{text}");
    }
    // Where something moves a gain, or what is in the loop holds its level, nothing is said.
    for text in [
        "song bars=2\nsaw a freq=220\nlfo l rate=1\nsum r\nroute a -> r -> out\nroute r -> r gain=1.5 feedback=#true vca=l\n",
        "song bars=2\nsaw a freq=220\nlfo l rate=1\nvca r gain=1.5\nroute l -> r.gain by=-1\nroute a -> r -> out\nroute r -> r feedback=#true\n",
        "song bars=2\nsaw a freq=220\nvca r gain=1.5\nroute a -> r -> out\nroute r -> r feedback=#true\nautomate r.gain to=0 bars=1\n",
        "song bars=2\nsaw a freq=220\nsum r\nroute a -> r -> out\nroute r -> r gain=1.5 feedback=#true id=b\nautomate b.gain to=0 bars=1\n",
        "song bars=2\nsaw a freq=220\ndistortion r\nroute a -> r -> out\nroute r -> r gain=9 feedback=#true\n",
    ] {
        assert!(!warned(text), "{text}");
    }
}

#[test]
fn gains_without_a_loop_cannot_reach_the_speakers() {
    let mut text = String::from("song bars=1 tempo=240\nsine a freq=220\n");
    for i in 0..40 {
        let _ = writeln!(text, "vca v{i} gain=16");
    }
    let chain: Vec<String> = (0..40).map(|i| format!("v{i}")).collect();
    let _ = writeln!(
        text,
        "reverb hall time=\"3s\"\nroute a -> {} -> out hall\nroute hall -> out",
        chain.join(" -> ")
    );
    let plan = plan(&text, RATE);
    let (frames, faults) = heard(&plan, 1);
    assert_held(&frames, RATE, &text);
    assert_eq!(names(&faults).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["hall", "out"]));
}

#[test]
fn controls_that_count_more_than_full_scale_are_no_blow_up() {
    // A knob in hertz through a slew and a delay in a loop, as it follows itself.
    let text = "song bars=1 tempo=240\nknob base 4000 min=20 max=18000\nslew s rise=0 fall=0\ndelay d time=\"10ms\" feedback=0\n\
        sine a freq=20\nroute base -> s\nroute s -> d\nroute d -> s gain=0.5 feedback=#true\nroute d -> a.freq by=1\nroute a -> out gain=0.5\n";
    let (frames, faults) = heard(&plan(text, RATE), 1);
    assert_eq!(names(&faults), [""; 0]);
    assert!(frames.iter().flatten().any(|x| x.abs() > 0.4));
}

#[test]
fn a_level_that_stands_is_silenced_until_it_moves() {
    // The loop holds whatever it is kicked to.
    let text = "song bars=4 tempo=240 tail=0\ninstrument i {\n sine o\n decay e time=\"50ms\"\n route o -> out vca=e\n}\n\
        distortion r drive=\"24dB\"\nroute i -> r -> out\nroute r -> r gain=4 feedback=#true\ntrack i \"X... .... .... ....\" notes=\"a1\"\n";
    let plan = plan(text, RATE);
    let (frames, faults) = heard(&plan, 1);
    assert_held(&frames, RATE, text);
    assert_eq!(faults, [("out".to_owned(), true)]);
    // It is silent, not at another level.
    assert!(frames[RATE as usize * 2..].iter().filter(|frame| **frame == [0.0; 2]).count() > RATE as usize);
}

/// Voices that blow up beside others that don't, in several instruments of equal form, some of them much later.
fn band(bars: u32, feedback: [f64; 3]) -> String {
    let mut text = format!("song bars={bars} tempo=140 tail=0\n");
    for (name, gain) in ["a", "b", "c"].into_iter().zip(feedback) {
        let _ = writeln!(
            text,
            "instrument {name} voices=5 {{\n saw osc\n sum r\n lowpass tone cutoff=\"2kHz\"\n adsr env release=\"30ms\"\n \
             route osc -> r gain=0.1\n route r -> tone -> out vca=env gain=0.2\n route tone -> r gain={gain} feedback=#true\n}}\n\
             track {name} notes=\"a2/c3 e3 g3/b3/d4\" \"X_.. ..x. X__. x...\""
        );
    }
    text
}

#[test]
fn any_number_of_threads_holds_the_same() {
    let text = band(40, [0.5, 9.0, 0.1]);
    let plan = plan(&text, RATE);
    assert!(!cut(&plan, 2).subgraphs.is_empty(), "there is too little to do");
    let (alone, faults) = heard(&plan, 1);
    assert_held(&alone, RATE, &text);
    assert_eq!(names(&faults).into_iter().collect::<BTreeSet<_>>(), BTreeSet::from(["b.r"]));
    for jobs in [2, 3] {
        let (together, told) = heard(&plan, jobs);
        assert_eq!(told, faults);
        assert!(bits(&alone) == bits(&together), "{jobs} threads");
    }
}

#[test]
fn a_lane_that_is_reset_disturbs_no_other() {
    // The instruments share their voice batches: the first and the last sound as they do where nobody blows up.
    let solo = |text: &str, keep: &str| {
        let tracks: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("track") || line.contains(keep))
            .collect();
        tracks.join("\n")
    };
    let wild = band(2, [0.5, 9.0, 0.5]);
    for keep in ["track a", "track c"] {
        let plan_of = |text: &str| plan(&solo(text, keep), RATE);
        let (beside, _) = heard(&plan_of(&wild), 1);
        let (calm, faults) = heard(&plan_of(&band(2, [0.5, 0.5, 0.5])), 1);
        assert!(faults.is_empty() && bits(&beside) == bits(&calm), "{keep}");
    }
    // Together they are the sum, which takes its terms in the order of the song.
    let all = heard(&plan(&wild, RATE), 1).0;
    let parts = ["track a", "track b", "track c"].map(|keep| heard(&plan(&solo(&wild, keep), RATE), 1).0);
    for (frame, together) in all.iter().enumerate() {
        let sum = (parts[0][frame][0] + parts[1][frame][0]) + parts[2][frame][0];
        assert!(
            (sum - together[0]).abs() <= 1e-3 * sum.abs().max(1.0),
            "frame {frame}: {sum} and {}",
            together[0]
        );
    }
}

#[test]
fn a_loop_begins_with_silence_when_its_voice_wakes() {
    // The voices of `b` sleep and wake beside those of `a`, in whose lanes their loops go on, or alone.
    let song = |company: &str| {
        format!(
            "song bars=4 tempo=240 tail=0\n{company}instrument b {{\n saw osc\n sum r\n adsr env release=\"10ms\"\n route osc -> r gain=0.2\n \
             route r -> out vca=env gain=0.2\n route r -> r gain=0.9 feedback=#true\n}}\n\
             route b -> out\ntrack b notes=\"a2 c3\" \"x... .... .... ....\"\n"
        )
    };
    let company = "instrument a voices=4 {\n saw osc\n sum r\n adsr env release=\"10ms\"\n route osc -> r gain=0.2\n \
        route r -> out vca=env gain=0.2\n route r -> r gain=0.9 feedback=#true\n}\nroute a -> out gain=0.001\n\
        track a mute=#true notes=\"a3\" \"x\"\n";
    let (alone, _) = heard(&plan(&song(""), RATE), 1);
    let beside = plan(&song(company), RATE);
    assert!(beside.voice_batches.iter().any(|voice_batch| voice_batch.width > 1), "they share no lanes");
    assert!(bits(&alone) == bits(&heard(&beside, 1).0));
    // With company that plays, taken away again in the plan of one that is heard alone.
    let loud = plan(&song(&company.replace("mute=#true ", "").replace("gain=0.001", "pan=-1")), RATE);
    let right = |frames: &[Frame]| frames.iter().map(|frame| frame[1].to_bits()).collect::<Vec<_>>();
    assert!(right(&alone) == right(&heard(&loud, 1).0));
}

#[test]
fn both_compilations_hold_the_same() {
    let plan = plan(&band(1, [3.0, 9.0, 16.0]), RATE);
    let run = |compilation| {
        let mut engine = Engine::new(Arc::clone(&plan), compilation);
        let mut block = [[0.0; 2]; BLOCK];
        let mut all = Vec::new();
        for _ in 0..1_000 {
            engine.block();
            engine.read(&mut block);
            all.extend(bits(&block));
        }
        (all, engine.faults().to_vec())
    };
    assert!(run(Compilation::BASELINE) == run(Compilation::best()));
}

#[test]
fn a_blow_up_in_a_long_line_takes_no_longer() {
    let song = |gain: f64| {
        format!(
            "song bars=4 tempo=240 tail=0\ninstrument i voices=16 {{\n saw s\n lfo m rate=1\n pingpong d time=\"1ms\"\n \
             route m -> d.time by=29.9\n route s -> d -> out gain=0.01\n route d -> d gain={gain} feedback=#true\n}}\n\
             track i \"X_______________\" notes=\"a2/a3/a4/c2/c3/c4/c5/e2/e3/e4/e5/g2/g3/g4/g5/g6\"\n"
        )
    };
    let time = |gain: f64| {
        let plan = plan(&song(gain), RATE);
        let mut engine = Engine::new(plan, Compilation::best());
        let start = Instant::now();
        (0..3_000).for_each(|_| engine.block());
        (start.elapsed().as_secs_f64(), engine.faults().len())
    };
    // The machine may have something else to do: one of three tries is enough.
    let times: Vec<f64> = (0..3)
        .map(|_| {
            let ((calm, none), (wild, some)) = (time(0.01), time(16.0));
            assert_eq!((none, some), (0, 1));
            wild / calm
        })
        .collect();
    assert!(times.iter().any(|ratio| *ratio < 2.0), "times of the calm one: {times:?}");
}

/// A generator of its own, so that the patches are the same everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % count as u64) as usize
    }

    fn share(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 20)
    }
}

/// A random patch of two to five modules with at least one route back.
fn patch(draw: &mut Draw, inside: bool) -> String {
    let mut text = String::new();
    let source = ["saw", "sine", "noise", "square", "pulse"][draw.below(5)];
    let pitch = if inside || source == "noise" { "" } else { " freq=110" };
    let _ = writeln!(text, "{source} source{pitch}");
    let kinds: Vec<&'static ModuleSpec> =
        TABLE.iter().copied().filter(|spec| spec.has_main_input() && spec.outputs[0].name == "out").collect();
    let count = 2 + draw.below(4);
    for place in 0..count {
        let spec = kinds[draw.below(kinds.len())];
        let _ = write!(text, "{} m{place}", spec.kind);
        for param in spec.params {
            if param.normal == Normal::Note {
                if !inside {
                    let _ = write!(text, " {}=220", param.name);
                }
            } else if draw.below(3) == 0 {
                let max = if param.name == "time" { param.max.min(param.min + 0.05) } else { param.max };
                let share = draw.share();
                let _ = write!(text, " {}={:.5}", param.name, param.min + (max - param.min) * share * share);
            }
        }
        text.push('\n');
        let before = if place == 0 { "source".to_owned() } else { format!("m{}", place - 1) };
        let _ = writeln!(text, "route {before} -> m{place}");
    }
    let mut laid = BTreeSet::new();
    for route in 0..=draw.below(3) {
        // The first leads back.
        let from = draw.below(count);
        let to = draw.below(if route == 0 { from + 1 } else { count });
        // Forwards it would be laid twice.
        if from + 1 == to || !laid.insert((from, to)) {
            continue;
        }
        let gain = (draw.share() * 32.0 - 16.0) * draw.share();
        let back = if from >= to { " feedback=#true" } else { "" };
        let _ = writeln!(text, "route m{from} -> m{to} gain={gain:.4}{back}");
    }
    let _ = writeln!(text, "route m{} -> out", count - 1);
    text
}

#[test]
fn a_thousand_random_loops_are_held() {
    const SLOW: u32 = 16_000;
    let mut draw = Draw(15);
    let (mut blown, mut stood) = (0, 0);
    for number in 0..1_000 {
        let inside = number % 3 == 0;
        let patch = patch(&mut draw, inside);
        let text = if inside {
            format!(
                "song bars=1 tempo=300 tail=0\ninstrument i voices=3 {{\n{patch}}}\ntrack i \"X_x_\" notes=\"a2/e3/c4\"\n"
            )
        } else {
            format!("song bars=1 tempo=300 tail=0\n{patch}")
        };
        let plan = plan(&text, SLOW);
        let (frames, faults) = heard(&plan, 1);
        assert_held(&frames, SLOW, &text);
        let once: BTreeSet<_> = faults.iter().collect();
        assert_eq!(once.len(), faults.len(), "{faults:?}\n{text}");
        let known = |name: &str| name == "out" || plan.paths.iter().any(|path| path == name);
        assert!(faults.iter().all(|(name, _)| known(name)), "{faults:?}\n{text}");
        blown += usize::from(faults.iter().any(|(_, still)| !still));
        stood += usize::from(faults.iter().any(|(_, still)| *still));
        if number % 10 == 0 {
            let (again, told) = heard(&plan, 2);
            assert!(bits(&frames) == bits(&again) && told == faults, "{text}");
        }
    }
    assert!(blown > 100, "only {blown} blew up, {stood} stood");
}

/// A chain without a loop isn't watched module by module. The first that goes past the bound is named all the same, for any number
/// of threads, and not one before or after it.
#[test]
fn the_module_in_a_chain_of_gains_is_named() {
    let chain = "song bars=1 tempo=240 tail=0\ninstrument i voices=2 {\n sine o\n vca a gain=16\n vca b gain=16\n vca c gain=16\n \
        route o -> a -> b -> c -> out\n}\ntrack i \"..x.\"\n";
    let top = "song bars=1\nsine o freq=220\nvca a gain=16\nvca b gain=16\nvca c gain=16\nsum d\nroute o -> a -> b -> c -> d -> out\n";
    // What goes past the bound and is brought back is music.
    let mild = top.replace("d -> out", "d -> out gain=0.0001");
    let late = format!(
        "{}automate w.gain to=16 curve=step bars=2\n",
        top.replace("bars=1", "bars=4")
            .replace("sum d", "vca w gain=0\nsum d")
            .replace("c -> d", "c -> w -> d")
    );
    let sum = "song bars=1\nsine o freq=220\nsum a\nsum b\nroute o -> a gain=16\nroute a -> b gain=16\nroute b -> out gain=16\n";
    for (text, name) in [(chain, "i.c"), (top, "c"), (mild.as_str(), ""), (late.as_str(), "c"), (sum, "out")]
    {
        let plan = plan(text, RATE);
        for jobs in [1, 3] {
            let mut take = |_: &[Frame]| Ok::<(), ConsumerDone>(());
            let (_, faults) =
                render(&plan, Compilation::best(), jobs, Excerpt::default(), &mut take).expect("all of it");
            let faults = chronus::engine::search::named(&plan, Compilation::best(), faults);
            let told: Vec<&str> = faults.iter().map(|fault| fault.name(&plan.paths)).collect();
            assert_eq!(told, if name.is_empty() { vec![] } else { vec![name] }, "{jobs} jobs\n{text}");
        }
    }
}

//! Several threads give what one gives, and stop when they are told to; modules in lanes give what they give alone.

use std::fmt::Write;
use std::sync::Arc;

use chronus::engine::block_loop::{Engine, Frame};
use chronus::engine::offline_render::Excerpt;
use chronus::engine::optimize::lean;
use chronus::engine::worker_pool::{ConsumerDone, render};
use chronus::modules::dispatch::Compilation;
use chronus::plan::compiled_plan::{Plan, Step};
use chronus::plan::subgraphs::cut;

use crate::listen::{plan, play};

/// Instruments of their own, one that glides by a knob, one that hears the top level, sends, and what follows a note.
const BAND: &str = "song \"t\" tempo=140 bars=24 seed=4\n\
    instrument a voices=9 {\n supersaw osc\n lowpass tone cutoff=\"900Hz\"\n lfo sway rate=\"3Hz\"\n adsr env release=\"300ms\"\n \
    route sway -> tone.cutoff by=\"1oct\"\n route osc -> tone -> out vca=env gain=0.1\n}\n\
    instrument b glide=\"40ms\" {\n saw osc\n ladder tone cutoff=\"400Hz\"\n decay env time=\"200ms\"\n \
    route osc -> tone -> out vca=env gain=0.3\n}\n\
    instrument c {\n noise hiss\n bandpass tone freq=\"2kHz\"\n decay env time=\"90ms\"\n \
    route hiss -> tone -> out vca=env gain=0.3\n}\n\
    lfo slow rate=\"0.3Hz\"\n\
    route slow -> c.tone.freq by=\"2oct\"\n\
    delay echo time=\"1/8.\" feedback=0.4\n\
    route a -> out pan=-0.3\n\
    route b c -> out\n\
    route a b -> echo gain=0.3\n\
    route echo -> out\n\
    track a notes=\"a3/c4/e4 g3/b3/d4\" \"X___ ..x. X__. x..x\"\n\
    track b notes=\"a1 a2 c2\" \"X~x. x.X~ x.x. X...\"\n\
    track c \"x.xX\" {\n lock tone.q \". 4 . <2 8>\"\n}\n\
    automate a.tone.cutoff to=\"6kHz\" bars=\"1..12\" curve=exp\n\
    automate b.gain from=0 to=1 bars=\"2..9\" shape=triangle cycles=20\n\
    automate slow.rate to=\"4Hz\" bars=\"3..20\"\n\
    automate tempo to=155 bars=\"5..8\"\n";

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let plan = plan(BAND);
    let parts = cut(&plan, 2);
    assert!(parts.subgraphs.len() > 1, "only {} islands", parts.subgraphs.len());
    assert!(parts.main.voices.iter().any(|voice| !voice.outside), "somebody hears the top level");
    let alone = play(&plan);
    for jobs in [2, 3, 7] {
        let mut heard = (Vec::new(), Vec::new());
        let mut take = |frames: &[Frame]| {
            heard.0.extend(frames.iter().map(|frame| frame[0]));
            heard.1.extend(frames.iter().map(|frame| frame[1]));
            Ok(())
        };
        let (frames, faults) =
            render(&plan, Compilation::best(), jobs, Excerpt::default(), &mut take).expect("all of it");
        assert_eq!((frames as usize, faults.len()), (heard.0.len(), 0));
        assert_eq!(heard.0.len(), alone.0.len());
        for (side, (one, many)) in [(&alone.0, &heard.0), (&alone.1, &heard.1)].into_iter().enumerate() {
            let at = one.iter().zip(many).position(|(a, b)| a.to_bits() != b.to_bits());
            assert_eq!(at, None, "side {side} with {jobs} threads");
        }
    }
}

#[test]
fn a_lean_plan_sounds_the_same() {
    // A module that nobody hears, a chain of such, and two knobs that move a control and each other.
    let wasteful = BAND.to_owned()
        + "noise waste\nladder wasted\nroute waste -> wasted\n\
           knob depth 0.5\nknob height 0.25\nroute depth -> height by=0.5\nroute height -> echo.feedback by=0.2\n";
    for text in [BAND, &wasteful] {
        let plan = plan(text);
        let lean = Arc::new(lean(Plan::clone(&plan)));
        assert!(lean.buffers.len() < plan.buffers.len(), "{} buffers", plan.buffers.len());
        let (all, few) = (play(&plan), play(&lean));
        assert!(
            all.0.iter().zip(&few.0).chain(all.1.iter().zip(&few.1)).all(|(a, b)| a.to_bits() == b.to_bits())
        );
        assert_eq!((all.0.len(), all.1.len()), (few.0.len(), few.1.len()));
    }
    let moves = |plan: &Plan| plan.steps.iter().filter(|step| matches!(step, Step::Move { .. })).count();
    let (whole, fewer) = (plan(&wasteful), lean(Plan::clone(&plan(&wasteful))));
    assert_eq!(whole.kernels.len() - fewer.kernels.len(), 2, "what nobody hears is left out");
    assert_eq!(moves(&whole) - moves(&fewer), 2, "what never changes is done once");
}

#[test]
fn threads_go_home_when_it_is_enough() {
    let plan = plan(BAND);
    let mut chunks = 0;
    let mut take = |_: &[Frame]| {
        chunks += 1;
        if chunks == 5 { Err(ConsumerDone) } else { Ok(()) }
    };
    assert_eq!(
        render(&plan, Compilation::best(), 3, Excerpt::default(), &mut take).err(),
        Some(ConsumerDone)
    );
    assert_eq!(chunks, 5);
}

#[test]
fn a_short_song_needs_no_threads() {
    let short = plan("song \"t\" tempo=120 bars=1\nsine hum freq=\"220Hz\"\nroute hum -> out gain=0.5\n");
    assert!(cut(&short, 8).subgraphs.is_empty());
    let long = plan(BAND);
    assert!(cut(&long, 1).subgraphs.is_empty());
}

/// What a module has output in the first blocks.
fn tapped(text: &str, path: &str) -> Vec<u32> {
    let plan = plan(text);
    let mut engine = Engine::new(Arc::clone(&plan), Compilation::best());
    let mut heard = Vec::new();
    for _ in 0..400 {
        engine.block();
        engine.taps(|index, _, samples| {
            if plan.paths[index] == path {
                heard.extend(samples.map(f32::to_bits));
            }
        });
    }
    heard
}

#[test]
fn a_module_sounds_the_same_beside_its_equals() {
    for module in [
        "reverb fx5 time=\"2.5s\" damp=0.25",
        "ladder fx5 cutoff=\"700Hz\" resonance=0.7",
        "notch fx5 freq=\"800Hz\"",
    ] {
        let song = |count: usize| {
            let mut text =
                String::from("song \"t\" tempo=120 bars=1 seed=3\nsaw tone freq=110\nnoise hiss\n");
            for n in (0..count).filter(|&n| n != 5) {
                let other = module.split(' ').next().expect("a kind");
                let _ = writeln!(text, "{other} fx{n}\nroute hiss -> fx{n} -> out gain=0.1");
            }
            text + module + "\nroute tone -> fx5 -> out gain=0.1\n"
        };
        let packed = |text: &str| {
            let wide = |step: &Step| matches!(step, Step::Gather { width, .. } if *width > 1);
            plan(text).steps.iter().any(wide)
        };
        let (alone, among) = (song(0), song(11));
        assert!(!packed(&alone) && packed(&among), "{module}");
        assert_eq!(tapped(&alone, "fx5"), tapped(&among, "fx5"), "{module}");
    }
}

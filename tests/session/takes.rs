//! Takes give the same samples again.

use std::path::Path;

use chronus::engine::block_loop::Frame;
use chronus::live::replay::Replay;
use chronus::live::session::SessionConfig;
use chronus::live::take::Take;
use chronus::modules::spec::BLOCK;
use chronus::osc::message::Arg;

use crate::rig::{Rig, config, f, s};

/// What the take at `path` gives, and the files that it can't have any more as they were.
pub(crate) fn replayed(take: Take, path: &Path, config: SessionConfig) -> (Vec<Frame>, Vec<String>) {
    let mut replay = Replay::new(take, path, config).unwrap_or_else(|why| panic!("{:?}", why.diagnostics));
    let (mut frames, mut block) = (Vec::new(), [[0.0; 2]; BLOCK]);
    while !replay.is_over(false) {
        let (count, _) = replay.block(&mut block).unwrap_or_else(|why| panic!("{:?}", why.diagnostics));
        frames.extend_from_slice(&block[..count]);
    }
    (frames, replay.others().to_vec())
}

pub(crate) fn again(take: &Take) -> Vec<Frame> {
    let read = Take::read(&take.written()).unwrap();
    replayed(read, Path::new("test.take.kdl"), config()).0
}

#[test]
fn a_night_is_rendered_as_it_was_heard() {
    let song = |extra: &str| {
        format!(
            "song bars=4 tempo=120 seed=5\ninstrument a voices=3 {{\n saw osc\n lowpass tone cutoff=\"1kHz\"\n adsr env\n lfo wobble rate=3\n route osc -> tone -> \
             out vca=env\n route wobble -> tone.cutoff by=\"1oct\"\n route random -> tone.q by=0.5\n}}\ndelay echo time=\"1/8\"\nreverb hall\nroute a -> out\nroute a -> echo -> \
             hall -> out gain=0.2\ntrack a notes=\"c3 e3 g3\" \"X.x?50 .Xx.\"\n{extra}"
        )
    };
    let mut rig = Rig::new(&song(""));
    rig.play_to(5_056);
    rig.say("/mod/a/tone/cutoff", &[f(333.3)]);
    rig.say_at(30_001, "/mod/a/tone/q", &[f(2.0)]);
    rig.play_to(20_032);
    rig.say("/note/a", &[s("c5"), f(0.7), f(0.4)]);
    rig.say("/seq/bpm", &[f(133.7)]);
    rig.play_to(50_048);
    rig.reload(&song("knob spare 0.5\n"), true);
    rig.play_to(70_016);
    rig.say("/seq/add", &[s("top"), s("a"), s("x.X?70 ."), s("notes=c6 g6")]);
    rig.say("/mod/a/pan", &[f(0.4)]);
    rig.play_to(200_000);
    rig.say("/gate/a", &[f(0.9), Arg::Int(50)]);
    rig.say("/seq/mute", &[s("a"), Arg::Bool(true)]);
    rig.play_to(230_000);
    rig.say("/mod/a/*/auto", &[]);
    rig.say("/seq/goto", &[Arg::Int(2)]);
    rig.say("/gate/a", &[f(0.0)]);
    rig.say("/engine/panic", &[]);
    rig.play_to(400_000);
    let heard = rig.heard.clone();
    assert!(heard.iter().any(|frame| frame[0] != 0.0));
    let rendered = again(&rig.take());
    assert_eq!(rendered.len(), heard.len());
    let apart = rendered.iter().zip(&heard).position(|(a, b)| a != b);
    assert_eq!(apart, None, "the take differs from that frame on");
}

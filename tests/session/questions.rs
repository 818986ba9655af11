//! Questions and their answers.

use chronus::live::outcome::HostRequest;
use chronus::osc::message::{Arg, Message};
use proptest::prelude::*;

use crate::rig::{Rig, s};

const SONG: &str = "song bars=4 tempo=120\ninstrument a {\n saw osc\n lowpass tone cutoff=\"2kHz\"\n adsr env\n route osc -> tone -> out vca=env\n}\ntrack a X...\n";

#[test]
fn everything_is_listed() {
    let mut rig = Rig::new(SONG);
    rig.say("/mod/a/tone/cutoff", &[Arg::Int(800)]);
    rig.say("/engine/list", &[s("/mod/a/tone/*")]);
    let row = |message: &Message| message.to_string();
    assert_eq!(row(&rig.answers[0]), "/engine/list /mod/a/tone/cutoff f 20 20000 2000 Hz 800");
    assert_eq!(rig.answers.last().map(row).as_deref(), Some("/engine/list/end 2"));
    rig.answers.clear();
    rig.say("/engine/schema", &[]);
    let mut rows = Vec::new();
    for answer in &rig.answers {
        let text = answer.args[2].text().unwrap();
        assert!(text.len() < 60_000);
        rows.extend(serde_json::from_str::<Vec<serde_json::Value>>(text).unwrap());
    }
    assert_eq!(rows, rig.session.schema());
    assert!(
        rows.iter().any(|row| row["address"] == "/gate/a")
            && rows.iter().any(|row| row["address"] == "/seq/bpm")
    );
    rig.answers.clear();
    rig.say("/ping", &[Arg::Int(7)]);
    assert_eq!(rig.answers, [Message::new("/pong", [Arg::Int(7)])]);
}

/// What a song offers to its player stands before what its modules are made of.
#[test]
fn gates_aliases_and_knobs_are_listed_first() {
    let song = SONG.replace(
        " saw osc\n",
        " saw osc\n knob bite 1 max=4\n alias bright tone.cutoff\n route bite -> osc.tune by=1\n",
    );
    let mut rig = Rig::new(&song);
    rig.say("/engine/list", &[]);
    let rows = rig.answers.iter().filter(|answer| answer.address == "/engine/list");
    let addresses: Vec<&str> = rows.filter_map(|row| row.args[0].text()).collect();
    let at = |wanted: &str| addresses.iter().position(|address| *address == wanted).expect(wanted);
    let command =
        ["/gate/a", "/mod/a/bright", "/mod/a/bite", "/mod/a/gain", "/mod/a/osc/freq", "/seq/bpm"].map(at);
    assert!(command.is_sorted() && command[0] == 0, "{addresses:?}");
}

#[test]
fn files_have_plain_names_only() {
    let mut rig = Rig::new(SONG);
    for name in ["../x", "a/b", "a\\b", "", ".", "..", "x.kdl", "a b", "\u{0}", "C:x", "~"] {
        rig.say("/pattern/save", &[s(name)]);
        rig.say("/pattern/load", &[s(name)]);
        rig.say("/engine/record/start", &[s(name)]);
    }
    rig.say("/pattern/save", &[Arg::Int(129)]);
    assert_eq!((rig.errors.len(), rig.host_requests.len()), (34, 0));
    rig.say("/pattern/save", &[Arg::Float(3.0), s("Third")]);
    assert_eq!(rig.host_requests, [HostRequest::Save("3".to_owned(), Some("Third".to_owned()))]);
}

fn arg() -> impl Strategy<Value = Arg> {
    prop_oneof![
        any::<i32>().prop_map(Arg::Int),
        any::<f32>().prop_map(Arg::Float),
        any::<f64>().prop_map(Arg::Double),
        any::<bool>().prop_map(Arg::Bool),
        "[a-z0-9 =.,X\\[\\]\"\\\\?*]{0,12}".prop_map(Arg::Text),
        prop_oneof![Just("a"), Just("X..x"), Just("c4"), Just("notes=c4 e4"), Just("end")]
            .prop_map(Arg::from),
        Just(Arg::Nil),
    ]
}

fn address() -> impl Strategy<Value = String> {
    let rig = Rig::new(SONG);
    let known = rig.session.addresses();
    prop_oneof![
        4 => proptest::sample::select(known),
        1 => "/[a-z/*?\\[\\]{},]{0,20}",
        1 => Just("/mod/*/*".to_owned()),
        1 => Just("/note/a".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_said_the_music_goes_on(said in prop::collection::vec((address(), prop::collection::vec(arg(), 0..5)), 1..12)) {
        let mut rig = Rig::new(SONG);
        for (address, args) in said {
            rig.say(&address, &args);
            let next = rig.performance.frame() + 640;
            rig.play_to(next);
        }
        let next = rig.performance.frame() + 6_400;
        rig.play_to(next);
        prop_assert!(rig.heard.iter().flatten().all(|x| x.is_finite()));
    }
}

//! What programs ask by HTTP: OSCQuery.

use serde_json::{Value, json};

use crate::client::{get, request};
use crate::rig::{Rig, SONG};

#[test]
fn every_address_is_in_the_tree() {
    let rig = Rig::new(SONG);
    let (status, tree) = get(rig.address, "/");
    assert_eq!((status, &tree["FULL_PATH"], &tree["ACCESS"]), (200, &json!("/"), &json!(0)));
    let cutoff = &tree["CONTENTS"]["mod"]["CONTENTS"]["bass"]["CONTENTS"]["filter"]["CONTENTS"]["cutoff"];
    assert_eq!(get(rig.address, "/mod/bass/filter/cutoff"), (200, cutoff.clone()));
    assert_eq!(
        (&cutoff["TYPE"], &cutoff["VALUE"], &cutoff["RANGE"], &cutoff["UNIT"], &cutoff["ACCESS"]),
        (&json!("f"), &json!([800.0]), &json!([{ "MIN": 20.0, "MAX": 20_000.0 }]), &json!(["Hz"]), &json!(3))
    );
    assert!(cutoff["DESCRIPTION"].as_str().is_some_and(|about| about.len() > 10));
    let methods = |node: &Value| -> usize {
        fn count(node: &Value) -> usize {
            let inside = node["CONTENTS"].as_object().into_iter().flatten();
            usize::from(!node["TYPE"].is_null()) + inside.map(|(_, node)| count(node)).sum::<usize>()
        }
        count(node)
    };
    let path = std::path::PathBuf::from("x.kdl");
    let config = chronus::live::session::SessionConfig {
        path,
        outside: false,
        rate: 48_000,
        ends: false,
        ..chronus::live::session::SessionConfig::default()
    };
    let Ok((session, _)) = chronus::live::session::Session::begin(config, SONG) else { panic!("no song") };
    assert_eq!(methods(&tree), session.schema().len());
    let mute = get(rig.address, "/seq/mute").1;
    assert_eq!((&mute["TYPE"], &mute["ACCESS"]), (&json!("sT"), &json!(2)));
    assert_eq!(get(rig.address, "/gate/bass").1["TYPE"], "f");
}

#[test]
fn attributes_have_numbers_when_they_are_missing() {
    let rig = Rig::new(SONG);
    let at = |path: &str| get(rig.address, path);
    assert_eq!(at("/mod/bass/filter/cutoff?VALUE"), (200, json!({ "VALUE": [800.0] })));
    assert_eq!(at("/mod/bass/filter/cutoff?"), at("/mod/bass/filter/cutoff"));
    assert_eq!(at("/mod/bass?VALUE").0, 204);
    assert_eq!(at("/seq/start?VALUE").0, 204);
    assert_eq!(at("/mod/bass?NONSENSE").0, 400);
    for path in
        ["/mod/bass/nothing", "/x", "/mod/bass/filter/cutoff/x", "/..%2f..", "/favicon.ico", "/CONTENTS"]
    {
        assert_eq!(at(path).0, 404, "{path}");
    }
    for path in ["/?HOST_INFO", "/mod?HOST_INFO"] {
        let (status, info) = at(path);
        assert_eq!(status, 200);
        assert_eq!((&info["OSC_PORT"], &info["OSC_TRANSPORT"]), (&json!(5005), &json!("UDP")));
        assert_eq!((&info["WS_PORT"], &info["WS_IP"]), (&json!(rig.address.port()), &json!("127.0.0.1")));
        assert_eq!(
            (&info["EXTENSIONS"]["LISTEN"], &info["EXTENSIONS"]["TYPE"]),
            (&json!(true), &Value::Null)
        );
        assert_eq!(info["NAME"], "<script>alert(1)</script> & <b>co");
    }
}

#[test]
fn values_are_those_of_now() {
    let rig = Rig::new(SONG);
    let mut socket = crate::client::Socket::to(rig.address);
    socket.say("/mod/bass/filter/cutoff", [1250.0.into()]);
    rig.wait("the cutoff", |view| view.put.iter().any(|put| put.value == 1250.0));
    assert_eq!(get(rig.address, "/mod/bass/filter/cutoff?VALUE").1, json!({ "VALUE": [1250.0] }));
    rig.song("song tempo=100\ninstrument lead {\n saw osc\n route osc -> out\n}\ntrack lead \"X...\"\n");
    rig.wait("another song", |view| view.songs == 1);
    assert_eq!(get(rig.address, "/mod/bass/filter/cutoff").0, 404);
    assert_eq!(get(rig.address, "/mod/lead/osc").0, 200);
}

#[test]
fn browsers_get_a_page_and_nothing_from_elsewhere() {
    let rig = Rig::new(SONG);
    let host = format!("Host: {}\r\nAccept: text/html,application/xhtml+xml,*/*;q=0.8\r\n", rig.address);
    let (status, head, body) = request(rig.address, "GET /", &host);
    assert_eq!(status, 200);
    assert!(head.contains("text/html; charset=utf-8") && body.starts_with("<!doctype html>"), "{head}");
    let policy =
        head.lines().find_map(|line| line.strip_prefix("Content-Security-Policy: ")).expect("a policy");
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert_eq!(body.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    let again = request(rig.address, "GET /", &host).1;
    assert!(!again.contains(nonce), "the nonce is always the same");
    // A song's words are never in it.
    assert!(!body.contains("alert(1)"));
    let (status, head, body) = request(rig.address, "HEAD /", &host);
    assert!(status == 200 && head.contains("text/html") && body.is_empty());
    assert_eq!(request(rig.address, "POST /", &host).0, 405);
    assert_eq!(request(rig.address, "OPTIONS /mod", &host).0, 405);
}

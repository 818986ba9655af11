//! `chronus play --web` as it is written on the command line; what is said here needs no device.

use std::net::TcpListener;
use std::path::Path;
use std::process::Output;

use crate::program::program;

fn play(args: &[&str]) -> Output {
    program()
        .arg("play")
        .args(args)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("songs"))
        .output()
        .expect("the program starts")
}

fn stderr(output: &Output) -> String {
    let said = String::from_utf8(output.stderr.clone()).expect("UTF-8");
    // Long lines are folded where the width ends.
    said.replace('│', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_port_that_is_taken_is_said_before_anything_sounds() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let at = taken.local_addr().unwrap().to_string();
    let output = play(&["first-light.kdl", "--no-osc", "--web", &at]);
    let said = stderr(&output);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{said}");
    assert!(said.contains("page-not-served") && said.contains("another program listens there"), "{said}");
    let elsewhere = play(&["first-light.kdl", "--no-osc", "--web", "192.0.2.1:8080"]);
    assert!(stderr(&elsewhere).contains("this machine has no such address"));
    let nowhere = play(&["first-light.kdl", "--no-osc", "--web", "no.such.host.invalid:8080"]);
    assert!(stderr(&nowhere).contains("bad-host"));
    assert_eq!((elsewhere.status.code(), nowhere.status.code()), (Some(2), Some(2)));
}

#[test]
fn what_is_no_place_is_said() {
    for wrong in ["nope", "127.0.0.1:x", "127.0.0.1:65536", ":8080", "http://127.0.0.1:80", "first-light.kdl"]
    {
        let output = play(&["first-light.kdl", "--web", wrong]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains("write HOST:PORT, such as 127.0.0.1:8080"), "{}", stderr(&output));
    }
}

//! `chronus explain`.

use chronus::diagnostic::codes::all;

use super::{chronus, folder, stderr, stdout};

#[test]
fn every_code_is_listed_and_explained() {
    let folder = folder("explain");
    let list = chronus(&folder, &["explain"]);
    assert_eq!(list.status.code(), Some(0));
    for code in all() {
        assert!(stdout(&list).contains(code.id), "{}", code.id);
    }
    let one = chronus(&folder, &["explain", "needs-quotes"]);
    assert_eq!(one.status.code(), Some(0));
    let text = stdout(&one);
    assert!(text.starts_with("needs-quotes (error)\n\n"), "{text}");
    assert!(text.contains("    song bars=1 tail=2s\n"), "{text}");
    assert!(text.contains("write `tail=\"2s\"`"), "{text}");
    assert!(text.contains("    song bars=1 tail=\"2s\"\n"), "{text}");
    assert_eq!(stderr(&one), "");
}

#[test]
fn an_unknown_code_gets_the_nearest() {
    let folder = folder("explain-unknown");
    let output = chronus(&folder, &["explain", "need-quotes"]);
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(stdout(&output), "");
    assert_eq!(stderr(&output), "there is no code `need-quotes`; did you mean `needs-quotes`?\n");
}

//! `chronus completions`.

use super::{chronus, folder, stderr, stdout};

const COMMANDS: [&str; 8] = ["check", "fmt", "render", "osc", "explain", "modules", "schema", "completions"];

#[test]
fn each_shell_gets_every_command() {
    let folder = folder("completions");
    for (shell, mark) in
        [("bash", "complete -F _chronus"), ("zsh", "#compdef chronus"), ("fish", "complete -c chronus")]
    {
        let output = chronus(&folder, &["completions", shell]);
        assert_eq!((output.status.code(), stderr(&output)), (Some(0), ""));
        assert!(stdout(&output).contains(mark), "{shell}");
        for command in COMMANDS {
            assert!(stdout(&output).contains(command), "{shell} {command}");
        }
        // The addresses of a playing engine.
        assert!(stdout(&output).contains("chronus osc list --format=addresses"), "{shell}");
    }
    let zsh = chronus(&folder, &["completions", "zsh"]);
    assert_eq!(stdout(&zsh).matches(":_chronus_addresses'").count(), 3);
}

#[test]
fn other_shells_are_code_two() {
    let output = chronus(&folder("completions-unknown"), &["completions", "csh"]);
    assert_eq!((output.status.code(), stdout(&output)), (Some(2), ""));
    assert!(stderr(&output).contains("[possible values: bash, zsh, fish]"), "{}", stderr(&output));
}

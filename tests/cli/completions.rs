//! `chronus completions`.

use std::path::Path;
use std::process::{Command, Output};

use chronus::osc::message::{Arg, Message};

use super::osc::{Engine, message};
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

/// Addresses that a shell, a terminal or a pattern would make something else of, and one that is fine.
const HOSTILE: [&str; 9] = [
    "/x$(touch evaluated)",
    "/x`touch evaluated`",
    "/x;touch evaluated",
    "/x\ntouch evaluated",
    "/*",
    "/mod/x y",
    "/x\u{1b}[2J",
    "/x\u{202e}y",
    "/mod/bass/gain",
];

/// An engine whose list has them.
fn hostile(said: &Message) -> Vec<Message> {
    let row = |address: &str| {
        let cells = [address.into(), "command".into(), Arg::Nil, Arg::Nil, Arg::Nil, "".into(), Arg::Nil];
        message("/engine/list", &cells)
    };
    match said.address.as_str() {
        "/engine/list" => {
            let end = message("/engine/list/end", &[(HOSTILE.len() as i32).into()]);
            HOSTILE.iter().map(|address| row(address)).chain([end]).collect()
        }
        "/engine/schema" => {
            let rows: Vec<_> =
                HOSTILE.iter().map(|address| serde_json::json!({ "address": address })).collect();
            vec![message("/engine/schema", &[0.into(), 1.into(), serde_json::json!(rows).to_string().into()])]
        }
        _ => vec![message("/x$(touch evaluated)", &[]), message("/pong\u{1b}[2J", &[])],
    }
}

#[test]
fn addresses_that_no_engine_has_are_left_out() {
    let engine = Engine::start(hostile);
    for format in ["human", "json", "addresses"] {
        let output = engine.osc(&["list", "--format", format]);
        assert!(output.status.success() && stdout(&output).contains("/mod/bass/gain"), "{format}");
        assert_eq!(stdout(&output).lines().count(), 1, "{format}: {}", stdout(&output));
        assert_eq!(stderr(&output), "left out: 8 addresses with characters that no address has\n");
    }
    let schema = engine.osc(&["schema"]);
    assert_eq!(stdout(&schema), "[\n{\"address\":\"/mod/bass/gain\"}\n]\n");
    let sent = engine.osc(&["send", "/mod/bass/gain", "1"]);
    assert_eq!((stdout(&sent), stderr(&sent)), ("", ""));
}

/// The first lines of what completes in `shell`, with programs in `folder` found first.
fn run(shell: &str, args: &[&str], script: &str, folder: &Path) -> Option<Output> {
    let path = std::env::var("PATH").unwrap_or_default();
    let program = Path::new(env!("CARGO_BIN_EXE_chronus")).parent()?;
    let mut command = Command::new(shell);
    command.args(args).arg(script).current_dir(folder).env("HOME", folder).env("XDG_CONFIG_HOME", folder);
    command.env("PATH", format!("{}:{}:{path}", folder.join("first").display(), program.display()));
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            super::skip::missing(
                &format!("completions in {shell}"),
                &format!("{error}; `.ci/live --install` installs it"),
            );
            None
        }
    }
}

/// A folder with a program `chronus` that prints what no engine has, and files with such names.
fn trap(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    std::fs::create_dir(folder.join("first")).unwrap();
    let program = folder.join("first/chronus");
    let lines: String = HOSTILE.join("\n") + "\n";
    std::fs::write(folder.join("lines"), lines).unwrap();
    std::fs::write(&program, format!("#!/bin/sh\ncat '{}'\n", folder.join("lines").display())).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        for file in ["$(touch evaluated).wav", "`touch evaluated`.wav", "a b.wav", "*.wav"] {
            std::fs::write(folder.join(file), "").unwrap();
        }
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = chronus(&folder, &["completions", shell]);
        std::fs::write(folder.join(format!("completions.{shell}")), &script.stdout).unwrap();
    }
    folder
}

/// Completes as bash does: prints what would be inserted, as it is and as a command line has it.
const BASH: &str = r#"
source ./completions.bash
at() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMPREPLY=()
    _chronus_with_addresses chronus "${@: -1}" "${@: -2:1}"
    for reply in "${COMPREPLY[@]}"; do
        printf '%s\n' "$reply"
        eval "printf '= %s\n' $reply"
    done
}
"#;

#[cfg(unix)]
#[test]
fn bash_evaluates_no_address_and_no_name() {
    let folder = trap("completions-bash");
    let script = format!("{BASH}at chronus osc send /\nprintf 'files\\n'\nat chronus play --take ''\n");
    let Some(output) = run("bash", &["--norc", "-c"], &script, &folder) else { return };
    assert_eq!(stderr(&output), "");
    let (addresses, files) = stdout(&output).split_once("files\n").expect("both");
    // Each is there as it was printed, once a command line has read it; the first line of one and the rest of it are two.
    let read = |text: &str| -> Vec<String> {
        text.lines().filter_map(|line| line.strip_prefix("= ")).map(str::to_owned).collect()
    };
    let mut wanted: Vec<&str> = HOSTILE.iter().flat_map(|address| address.lines()).collect();
    wanted.retain(|line| line.starts_with('/'));
    assert_eq!(read(addresses), wanted);
    for file in ["$(touch evaluated).wav", "`touch evaluated`.wav", "a b.wav", "*.wav"] {
        assert!(read(files).contains(&file.to_owned()), "{files}");
    }
    assert!(!folder.join("evaluated").exists());
    let engine = Engine::start(hostile);
    std::fs::remove_dir_all(folder.join("first")).unwrap();
    let script = format!("{BASH}at chronus osc --to {} send /\n", engine.to);
    let output = run("bash", &["--norc", "-c"], &script, &folder).expect("it was there");
    assert_eq!((stdout(&output), stderr(&output)), ("/mod/bass/gain\n= /mod/bass/gain\n", ""));
    assert!(!folder.join("evaluated").exists());
}

#[cfg(unix)]
#[test]
fn zsh_evaluates_no_address() {
    let folder = trap("completions-zsh");
    // What adds matches in a running completion prints them here.
    let script = "compdef() { }\ncompadd() { print -rl -- \"${(@P)2}\" }\nsource ./completions.zsh\nBUFFER='chronus osc send /'\n_chronus_addresses\n";
    let Some(output) = run("zsh", &["-f", "-c"], script, &folder) else { return };
    let wanted: String = HOSTILE.join("\n") + "\n";
    assert_eq!((stdout(&output), stderr(&output)), (wanted.as_str(), ""));
    assert!(!folder.join("evaluated").exists());
    let engine = Engine::start(hostile);
    std::fs::remove_dir_all(folder.join("first")).unwrap();
    let script = script.replace("osc send", &format!("osc --to {} send", engine.to));
    let output = run("zsh", &["-f", "-c"], &script, &folder).expect("it was there");
    assert_eq!((stdout(&output), stderr(&output)), ("/mod/bass/gain\n", ""));
    assert!(!folder.join("evaluated").exists());
}

#[cfg(unix)]
#[test]
fn fish_evaluates_no_address() {
    let folder = trap("completions-fish");
    let script = |line: &str| format!("source ./completions.fish\ncomplete -C '{line}'\n");
    let Some(output) = run("fish", &["--no-config", "-c"], &script("chronus osc send /x"), &folder) else {
        return;
    };
    assert!(stdout(&output).contains("/x$(touch evaluated)"), "{}{}", stdout(&output), stderr(&output));
    assert!(!folder.join("evaluated").exists());
    let engine = Engine::start(hostile);
    std::fs::remove_dir_all(folder.join("first")).unwrap();
    let line = script(&format!("chronus osc --to {} send /m", engine.to));
    let output = run("fish", &["--no-config", "-c"], &line, &folder).expect("it was there");
    assert_eq!((stdout(&output), stderr(&output)), ("/mod/bass/gain\n", ""));
    assert!(!folder.join("evaluated").exists());
}

//! The package as it is built and given away: what decides the sound is pinned, tests and program share what is built, the program
//! lies at a random place in memory, tests leave the user's files alone, licences and notices are there.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

#[path = "common/notices.rs"]
mod notices;

#[path = "common/program.rs"]
mod program;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file in `folder`, or itself.
fn files(folder: &str) -> Vec<PathBuf> {
    fn walk(path: PathBuf, files: &mut Vec<PathBuf>) {
        match std::fs::read_dir(&path) {
            Ok(entries) => entries.for_each(|entry| walk(entry.unwrap().path(), files)),
            Err(_) => files.push(path),
        }
    }
    let mut files = Vec::new();
    walk(root().join(folder), &mut files);
    files.sort();
    files
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let rust = files(folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "rs"));
    rust.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// What cargo prints, without asking the network.
fn cargo(args: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(args).args(["--locked", "--offline"]).current_dir(root()).output();
    let output = output.expect("cargo is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The lines `name = …` of a section of Cargo.toml.
fn section<'a>(manifest: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
    let after = manifest.split(&format!("\n[{name}]\n")).nth(1).expect("the section is there");
    let lines = after.split("\n[").next().unwrap().lines();
    lines.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = ")).collect()
}

/// The version that `entry` of Cargo.toml asks for.
fn version(entry: &str) -> &str {
    let text = entry.split_once("version = ").map_or(entry, |(_, rest)| rest);
    text.split('"').nth(1).expect("a version")
}

/// Where a song becomes samples, and where samples become or come out of files.
const SOUND: [&str; 8] = [
    "src/units",
    "src/dsp",
    "src/modules",
    "src/model",
    "src/plan",
    "src/engine",
    "src/check/decode.rs",
    "src/io/wav.rs",
];

/// Crates that these use and whose results can't differ or aren't heard: a standard hash, the same bytes seen as another type, a meter,
/// files for a time.
const SAME_ANYWAY: [&str; 4] = ["blake3", "bytemuck", "ebur128", "tempfile"];

/// Parts of symphonia that samples go through; it asks for any later version of them itself.
const DECODERS: [&str; 5] = [
    "symphonia-bundle-flac",
    "symphonia-bundle-mp3",
    "symphonia-codec-pcm",
    "symphonia-core",
    "symphonia-format-riff",
];

#[test]
fn what_makes_the_sound_has_an_exact_version() {
    let manifest = read("Cargo.toml");
    let texts: Vec<String> = SOUND.iter().flat_map(|folder| sources(folder)).map(|(_, text)| text).collect();
    let mut pinned = Vec::new();
    for (name, entry) in section(&manifest, "dependencies") {
        let path = format!("{}::", name.replace('-', "_"));
        let sounds = texts.iter().any(|text| text.contains(&path)) && !SAME_ANYWAY.contains(&name);
        if sounds || DECODERS.contains(&name) {
            assert!(version(entry).starts_with('='), "{name} makes sound: {entry}");
            pinned.push(name);
        }
    }
    for name in ["fundsp", "hound", "libm", "symphonia"].into_iter().chain(DECODERS) {
        assert!(pinned.contains(&name), "{name} isn't looked at");
    }
    // The build script tabulates waves.
    for (name, entry) in section(&manifest, "build-dependencies") {
        assert!(version(entry).starts_with('='), "{name} makes sound: {entry}");
    }
}

#[test]
fn tests_ask_for_no_features_that_the_program_lacks() {
    let tree = |edges| -> BTreeSet<String> {
        let tree = cargo(&["tree", "--edges", edges, "--prefix", "none", "--format", "{p} {f}"]);
        tree.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
    };
    let (program, tests) = (tree("normal,build"), tree("normal,build,dev"));
    assert!(program.len() > 100, "{program:?}");
    let twice: Vec<&String> = program.difference(&tests).collect();
    assert!(
        twice.is_empty(),
        "cargo builds these twice, and all that uses them; add to [dependencies] what [dev-dependencies] ask for: {twice:?}"
    );
}

#[test]
fn the_library_alone_asks_for_no_sound_system() {
    let names = |features: &[&str]| {
        let tree = cargo(
            &[&["tree", "--edges", "normal,build", "--prefix", "none", "--format", "{p}"], features].concat(),
        );
        tree.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect::<BTreeSet<_>>()
    };
    let of_speakers =
        ["alsa", "alsa-sys", "audio_thread_priority", "cpal", "pkg-config", "pulseaudio", "ratatui"];
    let (all, alone) = (names(&[]), names(&["--no-default-features"]));
    for name in of_speakers {
        assert!(!alone.contains(name), "{name}");
        assert!(all.contains(name) || !cfg!(target_os = "linux"), "{name} isn't looked for");
    }
    // Only alsa-sys may ask our stand-in for pkg-config, which knows ALSA alone.
    let lock = read("Cargo.lock");
    let askers: Vec<&str> = lock
        .split("[[package]]")
        .filter(|package| package.contains("\n \"pkg-config\","))
        .map(|package| package.split('"').nth(1).unwrap())
        .collect();
    assert_eq!(askers, ["alsa-sys"]);
}

/// What README tells a package to write that depends on the library, as cargo understands it.
#[test]
fn dependents_build_with_what_readme_says() {
    let readme = read("README.md");
    let fences: Vec<&str> =
        readme.split("\n```toml\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    let [alone, patch] = fences[..] else { panic!("{fences:?}") };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dependent");
    std::fs::create_dir_all(folder.join("src")).unwrap();
    std::fs::write(folder.join("src/lib.rs"), "").unwrap();
    let tree = |dependencies: &str| {
        let place = root().display().to_string().replace('\\', "/");
        let dependencies = dependencies.replace("../chronus", &place);
        let head = "[package]\nname = \"dependent\"\nedition = \"2024\"\n\n[workspace]\n\n";
        std::fs::write(folder.join("Cargo.toml"), format!("{head}{dependencies}\n")).unwrap();
        // With the versions of ours it asks no network.
        std::fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let args = ["tree", "--offline", "--prefix", "none", "--format", "{p}"];
        let output = Command::new(cargo).args(args).current_dir(&folder).output().expect("cargo is there");
        assert!(output.status.success(), "{dependencies}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let tree_alone = tree(alone);
    assert!(tree_alone.contains("chronus v") && !tree_alone.contains("alsa-sys"), "{tree_alone}");
    let playing = alone.replace(", default-features = false", "");
    assert_ne!(playing, alone);
    let tree_playing = tree(&format!("{playing}\n{patch}"));
    assert!(tree_playing.contains("alsa-sys") || !cfg!(target_os = "linux"), "{tree_playing}");
    for line in tree_playing.lines().filter(|line| line.starts_with("pkg-config ")) {
        assert!(line.contains("tools"), "{line} isn't what stands in for it");
    }
}

/// The program listens on the network, so where it lies in memory must not be known.
#[cfg(target_os = "linux")]
#[test]
fn the_program_lies_at_a_random_place_in_memory() {
    let bytes = std::fs::read(env!("CARGO_BIN_EXE_chronus")).unwrap();
    assert_eq!(&bytes[..6], b"\x7fELF\x02\x01", "64 bits, the lowest byte first");
    let kind = u16::from_le_bytes([bytes[16], bytes[17]]);
    assert_eq!(kind, 3, "ET_DYN, as everything has that may lie anywhere; ET_EXEC, 2, has a fixed place");
    // And the system is told that it may choose: two runs see other addresses.
    let place = |path: &str| std::fs::read_to_string(path).is_ok_and(|text| text.trim() == "0");
    if place("/proc/sys/kernel/randomize_va_space") {
        return;
    }
    let first = || {
        let mut command = program::program();
        // It waits for a song.
        command.args(["check", "-"]).stdin(std::process::Stdio::piped());
        let running = program::Running::start(&mut command);
        let began = std::time::Instant::now();
        loop {
            let maps = std::fs::read_to_string(format!("/proc/{}/maps", running.id())).unwrap();
            if let Some(line) = maps.lines().find(|line| line.ends_with("/chronus")) {
                return line.split('-').next().unwrap().to_owned();
            }
            assert!(began.elapsed() < std::time::Duration::from_secs(20), "it isn't there: {maps}");
        }
    };
    let seen: BTreeSet<String> = (0..5).map(|_| first()).collect();
    assert!(seen.len() > 1, "{seen:?}");
}

/// Programs other than chronus that tests start. Each is needed, or its tests are skipped and say so.
const PROGRAMS: [&str; 6] = ["bash", "git", "oscsend", "parec", "python3", "rustc"];

#[test]
fn tests_start_programs_in_one_way_only() {
    let ours = root().join("tests/common/program.rs");
    let this = root().join(file!());
    let mut faults = Vec::new();
    for (path, text) in ["tests", "benches", "src"].iter().flat_map(|folder| sources(folder)) {
        if path == ours || path == this {
            continue;
        }
        if text.contains("CARGO_BIN_EXE_chronus\"))") && text.contains("Command::new(env!(") {
            faults.push(format!("{}: start chronus by tests/common/program.rs", path.display()));
        }
        for name in text.split("Command::new(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            if !PROGRAMS.contains(&name) && name != "chronus" {
                faults.push(format!("{}: a fresh machine may have no `{name}`", path.display()));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_cache_of_the_tests_is_not_the_users() {
    let command = program::program();
    let set = command.get_envs().find(|(name, _)| *name == "CHRONUS_CACHE").and_then(|(_, value)| value);
    let folder = PathBuf::from(set.expect("it is set"));
    assert!(folder.starts_with(root().join("target")) || folder.starts_with(env!("CARGO_TARGET_TMPDIR")));
    let mut command = program::program();
    let output = command.arg("cache").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains(&folder.display().to_string()), "{said}");
}

#[test]
fn every_install_keeps_to_the_lock_file() {
    let mut seen = 0;
    for path in ["README.md", "docs", ".ci", "examples", ".github"].iter().flat_map(|folder| files(folder)) {
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for command in text.lines().flat_map(|line| line.split("cargo install ").skip(1)) {
            let words: Vec<&str> = command.split('`').next().unwrap().split_whitespace().collect();
            // An option that is only spoken of installs nothing.
            if words.len() > 1 {
                assert!(words.contains(&"--locked"), "{}: cargo install {command}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen >= 4, "{seen}");
}

#[test]
fn workflows_only_call_scripts() {
    for path in files(".github") {
        let text = std::fs::read_to_string(&path).unwrap();
        for line in text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("run: "))
        {
            let script = line.split(' ').next().unwrap();
            assert!(
                script.starts_with(".ci/") && root().join(script).is_file(),
                "{}: {line}",
                path.display()
            );
        }
    }
}

/// A tag of an action may be moved to other code; a commit can't be.
#[test]
fn workflows_name_actions_by_commit_and_may_only_read() {
    let recipe = root().join("examples/ci/github.yml");
    let workflows: Vec<PathBuf> = files(".github").into_iter().chain([recipe]).collect();
    assert!(workflows.len() > 1, "{workflows:?}");
    for path in workflows {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains("\npermissions:\n  contents: read\n"), "{} may do everything", path.display());
        let mut actions = 0;
        for action in text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, action)| action)) {
            let (commit, version) = action.split_once('@').unwrap().1.split_once(" # v").unwrap_or_default();
            assert!(
                commit.len() == 40
                    && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && !version.is_empty(),
                "{}: {action} names no commit with its version as a comment",
                path.display()
            );
            actions += 1;
        }
        assert!(actions > 1, "{} uses nothing?", path.display());
    }
}

#[test]
fn licences_stand_where_packagers_look() {
    let readme = read("README.md");
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY.txt"] {
        assert!(read(name).len() > 500, "{name}");
        assert!(readme.contains(&format!("`{name}`")), "README.md names no {name}");
    }
    assert!(read("Cargo.toml").contains("license = \"MIT OR Apache-2.0\""));
}

#[test]
fn notices_of_others_are_current() {
    let path = root().join("THIRD-PARTY.txt");
    if std::env::var_os("CHRONUS_BLESS").is_some() {
        std::fs::write(&path, notices::document(&notices::TARGETS)).unwrap();
    }
    let text = std::fs::read_to_string(&path).unwrap();
    // Here are the crates of this machine only; what is listed for others must at least be what Cargo.lock says.
    let host = notices::host();
    let faults = notices::missing(&text, &host);
    assert!(faults.is_empty(), "THIRD-PARTY.txt is stale, run .ci/bless: {faults:?}");
    let lock = read("Cargo.lock");
    for (name, version) in notices::listed(&text) {
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"\n");
        assert!(
            lock.contains(&entry),
            "THIRD-PARTY.txt has {name} {version}, Cargo.lock hasn't: run .ci/bless"
        );
    }
}

//! The notices of other people's code in the program: every crate that is linked into it, with the text of its licence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What .ci/release builds for, one of each system and processor: the C library brings no crates.
pub(crate) const TARGETS: [&str; 5] = [
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
];

const HEAD: &str = "Code of others in chronus\n\
    \n\
    chronus may be used under the MIT licence or the Apache licence 2.0 (LICENSE-MIT, LICENSE-APACHE). The program holds the crates\n\
    below as well, under licences of their own: those for all systems that it is built for are listed. Their source is at\n\
    https://crates.io/crates/NAME/VERSION, unaltered. It also holds Rust's standard library (MIT OR Apache-2.0, copyright the Rust\n\
    Project Developers), on Linux with glibc the unwinder of GCC (GPL-3.0 with the GCC Runtime Library Exception, copyright the\n\
    Free Software Foundation), and in static builds musl (MIT, copyright Rich Felker and others) and LLVM's unwinder (Apache-2.0\n\
    WITH LLVM-exception).\n\
    \n\
    Written by .ci/bless.\n";
const BETWEEN: &str = "\n--------------------------------------------------------------------------------\n";

/// A crate that is linked into the program.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Linked {
    name: String,
    version: String,
    licence: String,
    authors: String,
    texts: Vec<String>,
}

/// The target of the compiler that built this.
pub(crate) fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc is there");
    let said = String::from_utf8(output.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// The crates that are linked for `target`: not those of build scripts, macros and tests.
fn linked(target: &str) -> BTreeSet<Linked> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
    if std::env::var_os("CHRONUS_BLESS").is_none() {
        command.arg("--offline");
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    let by_id = |list: &'static str, all: &Value| -> BTreeMap<String, Value> {
        let list = if list == "nodes" { &all["resolve"]["nodes"] } else { &all[list] };
        let items = list.as_array().unwrap().iter();
        items.map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
    };
    let (packages, nodes) = (by_id("packages", &all), by_id("nodes", &all));
    let root = all["resolve"]["root"].as_str().unwrap();
    let (mut seen, mut next) = (BTreeSet::new(), vec![root.to_owned()]);
    let mut linked = BTreeSet::new();
    while let Some(id) = next.pop() {
        let package = &packages[&id];
        let has = |kind: &str| {
            let targets = package["targets"].as_array().unwrap().iter();
            targets.flat_map(|target| target["kind"].as_array().unwrap()).any(|known| known == kind)
        };
        if has("proc-macro") || !seen.insert(id.clone()) {
            continue;
        }
        if id != root {
            linked.insert(Linked::of(package));
        }
        for dep in nodes[&id]["deps"].as_array().unwrap() {
            if dep["dep_kinds"].as_array().unwrap().iter().any(|kind| kind["kind"].is_null()) {
                next.push(dep["pkg"].as_str().unwrap().to_owned());
            }
        }
    }
    linked
}

impl Linked {
    fn of(package: &Value) -> Self {
        let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let folder = Path::new(package["manifest_path"].as_str().unwrap()).parent().unwrap();
        let authors: Vec<&str> =
            package["authors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let licence = text("license");
        let texts = texts(folder, &licence);
        Self { name: text("name"), version: text("version"), licence, authors: authors.join(", "), texts }
    }

    fn line(&self) -> String {
        format!("{} {}: {}\n", self.name, self.version, self.licence)
    }

    /// What its licence asks for: its text, or the names of those who wrote it if it brings none.
    fn notices(&self) -> Vec<String> {
        if self.texts.is_empty() {
            let by = if self.authors.is_empty() { "its authors" } else { &self.authors };
            return vec![format!("{}. Copyright {by}. The package brings no text of it.\n", self.licence)];
        }
        self.texts.clone()
    }
}

/// The texts in a package: where it may be taken under the MIT licence that alone, else all of them.
fn texts(folder: &Path, licence: &str) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| {
            let name = name.to_lowercase();
            ["licen", "copying", "notice", "unlicense"].iter().any(|start| name.starts_with(start))
        })
        .filter(|name| folder.join(name).is_file())
        .collect();
    names.sort();
    let mit = |name: &String| name.to_lowercase().contains("mit");
    if licence.contains("MIT") && !licence.contains(" AND ") && names.iter().any(mit) {
        names.retain(|name| mit(name) || name.to_lowercase().starts_with("notice"));
    }
    let read = |name: &String| {
        let text = String::from_utf8_lossy(&fs::read(folder.join(name)).unwrap()).into_owned();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        format!("{}\n", lines.join("\n").trim_matches('\n'))
    };
    names.iter().map(read).collect()
}

/// All of the document.
pub(crate) fn document(targets: &[&str]) -> String {
    let all: BTreeSet<Linked> = targets.iter().flat_map(|target| linked(target)).collect();
    let mut text = format!("{HEAD}\n");
    all.iter().for_each(|linked| text.push_str(&linked.line()));
    // Equal texts stand there once.
    let mut notices: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for linked in &all {
        for notice in linked.notices() {
            notices.entry(notice).or_default().push(&linked.name);
        }
    }
    let mut notices: Vec<(Vec<&str>, String)> =
        notices.into_iter().map(|(text, names)| (names, text)).collect();
    notices.sort();
    for (mut names, notice) in notices {
        names.dedup();
        write!(text, "{BETWEEN}{}\n\n{notice}", names.join(", ")).unwrap();
    }
    text
}

/// What `text` lacks of the crates for `target`.
pub(crate) fn missing(text: &str, target: &str) -> Vec<String> {
    let mut missing = Vec::new();
    for linked in linked(target) {
        if !text.contains(&format!("\n{}", linked.line())) {
            missing.push(linked.line());
        }
        missing.extend(linked.notices().into_iter().filter(|notice| !text.contains(notice)));
    }
    missing
}

/// The names and versions of the crates that `text` lists.
pub(crate) fn listed(text: &str) -> Vec<(String, String)> {
    let list =
        text.split("Written by .ci/bless.\n\n").nth(1).expect("the list").split(BETWEEN).next().unwrap();
    let of = |line: &str| {
        let (name, version) = line.split_once(": ").expect("a licence").0.split_once(' ').expect("a version");
        (name.to_owned(), version.to_owned())
    };
    list.lines().map(of).collect()
}

//! The structure of the source: which layer imports which, headings, file sizes, names, and the map in docs/map.md.
//!
//! Each check is a function from files to faults. Its test applies it to `src`, where it must find nothing, and to made-up files with
//! the fault that it is there for, which it must find.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

#[path = "common/imports.rs"]
mod imports;

use imports::{UsedPath, is_for_tests, paths};
use syn::visit::{self, Visit};

/// The layers, lowest first. A layer imports only lower ones.
const LAYERS: [&str; 18] = [
    "units",
    "dsp",
    "modules",
    "diagnostic",
    "syntax",
    "model",
    "check",
    "plan",
    "change",
    "engine",
    "compare",
    "osc",
    "io",
    "live",
    "web",
    "report",
    "reference",
    "cli",
];

/// Lines of code in a file at most, tests and blank lines not counted.
const MOST_LINES: usize = 450;

struct File {
    /// The path below `src`, with slashes.
    name: String,
    text: String,
}

impl File {
    fn layer(&self) -> Option<usize> {
        let (folder, _) = self.name.split_once('/')?;
        LAYERS.iter().position(|layer| *layer == folder)
    }

    fn is_mod(&self) -> bool {
        self.name.ends_with("/mod.rs")
    }

    /// The module that it is: `["cli", "osc", "send"]`; that of a `mod.rs` is its folder.
    fn module(&self) -> Vec<String> {
        let mut parts: Vec<String> =
            self.name.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        if ["mod", "lib", "main"].contains(&parts.last().unwrap().as_str()) {
            parts.pop();
        }
        parts
    }

    /// The first paragraph of its documentation, as one line.
    fn heading(&self) -> String {
        let lines = self.text.lines().take_while(|line| line.starts_with("//!") && line.len() > 3);
        lines.map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join(" ")
    }

    /// The text without what is compiled for tests only, which comes last (`tests_come_last`).
    fn shipped(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    fn paths(&self) -> Vec<UsedPath> {
        paths(&self.module(), &self.text)
    }

    fn syntax(&self) -> syn::File {
        syn::parse_file(&self.text).unwrap_or_else(|fault| panic!("{}: {fault}", self.name))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files() -> Vec<File> {
    fn walk(folder: &Path, files: &mut Vec<File>) {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                walk(&path, files);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let below = path.strip_prefix(root().join("src")).unwrap();
                let parts: Vec<&str> = below.iter().map(|part| part.to_str().unwrap()).collect();
                files.push(File { name: parts.join("/"), text: std::fs::read_to_string(&path).unwrap() });
            }
        }
    }
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    files
}

/// Files that were made up.
fn made(files: &[(&str, &str)]) -> Vec<File> {
    files.iter().map(|&(name, text)| File { name: name.to_owned(), text: text.to_owned() }).collect()
}

fn expect_none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

/// The check finds what is wrong with each of `wrong` by itself, a file's name and text, and nothing in any of `right`.
fn finds(check: impl Fn(&[File]) -> Vec<String>, wrong: &[(&str, &str)], right: &[(&str, &str)]) {
    for file in wrong {
        assert!(!check(&made(&[*file])).is_empty(), "not found in {}:\n{}", file.0, file.1);
    }
    for file in right {
        expect_none(file.1, &check(&made(&[*file])));
    }
}

/// Imports of higher layers, and imports that hide which layer they are of.
fn imports_of_higher_layers(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let Some(layer) = file.layer() else { continue };
        for path in file.paths().iter().filter(|path| path.starts_with(&["crate"])) {
            match path.segments.get(1) {
                Some(first) => {
                    if let Some(other) = LAYERS.iter().position(|layer| layer == first)
                        && other > layer
                    {
                        faults.push(format!("{}: {}", file.name, path.text()));
                    }
                }
                None if path.hides => faults.push(format!("{}: the whole crate", file.name)),
                None => {}
            }
        }
    }
    faults
}

#[test]
fn layers_import_only_lower_layers() {
    expect_none("a layer imports a higher one", &imports_of_higher_layers(&files()));
    finds(
        imports_of_higher_layers,
        &[
            ("check/a.rs", "use crate::io::wav;"),
            ("check/a.rs", "use crate::{io::wav, units::key};"),
            ("check/a.rs", "use crate::{units::key, io::{self, wav}};"),
            ("check/a.rs", "use crate::io as files;"),
            ("check/a.rs", "use super::super::io::wav;"),
            ("check/mod.rs", "use super::io::wav;"),
            ("web/a.rs", "use crate::cli::output;"),
            ("check/a.rs", "fn a() { crate::io::wav::write(); }"),
            ("check/a.rs", "fn a(x: &crate::io::wav::Wav) {}"),
            ("check/a.rs", "fn a() { <crate::io::wav::Wav as Default>::default(); }"),
            ("check/a.rs", "impl crate::io::player::Player for X {}"),
            ("check/a.rs", "fn a() { println!(\"{}\", crate :: io::wav::NAME); }"),
            ("check/a.rs", "macro_rules! a { () => { $crate::io::wav::write() }; }"),
            ("check/a.rs", "macro_rules! a { () => { use crate::{units::key, io::wav}; }; }"),
            ("check/a.rs", "mod inner { use super::super::super::io::wav; }"),
            ("check/a.rs", "#[cfg(test)] mod tests { use crate::io::wav; }"),
            ("check/a.rs", "/// As [`crate::io::wav`].\nfn a() {}"),
            ("check/a.rs", "use crate as all; use all::io::wav;"),
            ("check/a.rs", "use crate::*;"),
            ("check/a.rs", "extern crate self as all;"),
        ],
        &[
            ("io/a.rs", "use crate::{check::song, units::key};"),
            ("check/a.rs", "use other::io::wav; fn io() { io(); let x = \"crate\"; }"),
            ("check/a.rs", "pub(in crate::check) fn a() {}"),
            ("lib.rs", "pub mod io; pub use crate::io::wav;"),
        ],
    );
}

/// The parser finds every form of a path, and resolves it.
#[test]
fn paths_are_found_in_every_form() {
    let module = ["check".to_owned(), "a".to_owned()];
    let written = |text: &str| {
        paths(&module, text).iter().map(UsedPath::text).filter(|path| path.contains("::")).collect::<Vec<_>>()
    };
    let cases: &[(&str, &[&str])] = &[
        ("use crate::io::wav;", &["crate::io::wav"]),
        (
            "use crate::{io::{self, wav::{A, B as C}}, x::*};",
            &["crate::io", "crate::io::wav::A", "crate::io::wav::B", "crate::x"],
        ),
        ("use {crate::io, std::fs};", &["crate::io", "std::fs"]),
        (
            "use super::b; use self::c; use super::super::io;",
            &["crate::check::b", "crate::check::a::c", "crate::io"],
        ),
        ("mod inner { use super::b; use super::super::c; }", &["crate::check::a::b", "crate::check::c"]),
        (
            "fn a() { let x: Vec<crate::io::A> = crate::b::<crate::C>(); }",
            &["crate::io::A", "crate::b", "crate::C"],
        ),
        ("fn a() { assert!(f(&crate :: io :: A)) }", &["crate::io::A"]),
        ("macro_rules! a { () => { use crate::{io::A, b::B}; } }", &["crate::io::A", "crate::b::B"]),
        ("m! { pub(in crate::check) fn a(b: super::B) }", &["crate::check::B"]),
        ("#[derive(crate::A)] struct B;", &["crate::A"]),
        ("pub(in crate::check) struct A; fn b() { mycrate::io::x(); }", &["mycrate::io::x"]),
        ("fn a() { \"crate::io\"; } // crate::io::x", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(written(text), *expected, "{text}");
    }
    let found =
        paths(&module, "use super::b;\nmod c { use super::d; }\n#[cfg(test)]\nmod tests { use super::e; }");
    let leaves: Vec<bool> = found.iter().map(|path| path.leaves_file).collect();
    let for_tests: Vec<bool> = found.iter().map(|path| path.for_tests).collect();
    assert_eq!((leaves, for_tests), (vec![true, false, false], vec![false, false, true]));
}

fn files_without_heading(files: &[File]) -> Vec<String> {
    let silent = |file: &&File| file.heading().len() < 12 || !file.heading().ends_with(['.', ':']);
    files.iter().filter(silent).map(|file| file.name.clone()).collect()
}

#[test]
fn every_file_says_what_it_is_for() {
    expect_none("no `//!` heading that is a sentence", &files_without_heading(&files()));
    finds(
        files_without_heading,
        &[("io/a.rs", "use x;"), ("io/a.rs", "//! Files."), ("io/a.rs", "//! What files a song uses")],
        &[("io/a.rs", "//! What files\n//! a song uses.\n//!\n//! More of it")],
    );
}

fn long_files(files: &[File]) -> Vec<String> {
    let lines = |file: &File| file.shipped().lines().filter(|line| !line.trim().is_empty()).count();
    let counted = files.iter().map(|file| (file, lines(file)));
    counted
        .filter(|(_, lines)| *lines > MOST_LINES)
        .map(|(file, lines)| format!("{} has {lines} lines", file.name))
        .collect()
}

#[test]
fn files_are_short() {
    expect_none("a file is too long", &long_files(&files()));
    let code = "fn a() {}\n\n".repeat(MOST_LINES);
    let tests = format!("{code}#[cfg(test)]\nmod tests {{\n{code}}}\n");
    finds(
        long_files,
        &[("io/a.rs", &format!("{code}fn b() {{}}\n"))],
        &[("io/a.rs", &code), ("io/b.rs", &tests)],
    );
}

/// What is compiled for tests only and isn't a module at the end of its file: `File::shipped` ends there.
fn tests_before_the_end(files: &[File]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let is_test =
            |item: &syn::Item| matches!(item, syn::Item::Mod(module) if is_for_tests(&module.attrs));
        let last = file.syntax().items.iter().rev().take_while(|item| is_test(item)).count();
        if file.text.matches("#[cfg(test)]").count() != last {
            faults.push(file.name.clone());
        }
    }
    faults
}

#[test]
fn tests_come_last() {
    expect_none("`#[cfg(test)]` before the end of a file", &tests_before_the_end(&files()));
    finds(
        tests_before_the_end,
        &[
            ("io/a.rs", "#[cfg(test)]\nuse x;\nfn a() {}"),
            ("io/a.rs", "#[cfg(test)]\nmod tests {}\nfn a() {}"),
            ("io/a.rs", "fn a() {}\nimpl A { #[cfg(test)] fn a() {} }"),
        ],
        &[("io/a.rs", "fn a() {}\n#[cfg(test)]\nmod laws {}\n#[cfg(test)]\nmod tests {}")],
    );
}

/// Modules that use their own `mod.rs`: `super`, or items that it declares. It lists them; they don't depend on it.
fn uses_of_their_mod(files: &[File]) -> Vec<String> {
    let modules: BTreeSet<Vec<String>> = files.iter().map(File::module).collect();
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| !file.is_mod() && file.layer().is_some()) {
        if file.shipped().contains("super::") || file.text.contains("use super::*") {
            faults.push(format!("{}: `super::`", file.name));
        }
        let module = file.module();
        for path in file.paths().iter().filter(|path| !path.for_tests && !path.is_link) {
            if path.leaves_file {
                faults.push(format!("{}: `super`, {}", file.name, path.text()));
            }
            let Some(("crate", used)) = path.segments.split_first().map(|(root, used)| (root.as_str(), used))
            else {
                continue;
            };
            // The folder around both, and what is used of it.
            let above = (1..module.len()).rev().find(|&above| used.starts_with(&module[..above]));
            if above.is_some_and(|above| used.get(..=above).is_none_or(|inner| !modules.contains(inner))) {
                faults.push(format!("{}: {}", file.name, path.text()));
            }
        }
    }
    faults
}

#[test]
fn modules_do_not_use_their_mod_rs() {
    expect_none("a module uses its `mod.rs`", &uses_of_their_mod(&files()));
    let check = |files: &[File]| {
        let around =
            made(&[("cli/mod.rs", ""), ("cli/b.rs", ""), ("cli/osc/mod.rs", ""), ("cli/osc/b.rs", "")]);
        let more = files.iter().map(|file| File { name: file.name.clone(), text: file.text.clone() });
        uses_of_their_mod(&around.into_iter().chain(more).collect::<Vec<_>>())
    };
    finds(
        check,
        &[
            ("cli/a.rs", "use super::TABLE;"),
            ("cli/a.rs", "use crate::cli::TABLE;"),
            ("cli/a.rs", "use crate::cli::{b::B, TABLE};"),
            ("cli/a.rs", "use crate::cli::*;"),
            ("cli/a.rs", "fn a() { crate::cli::run(); }"),
            ("cli/osc/a.rs", "use crate::cli::osc::TABLE;"),
            ("cli/osc/a.rs", "use crate::cli::TABLE;"),
            ("cli/a.rs", "mod inner { use super::super::TABLE; }"),
            ("cli/a.rs", "#[cfg(test)] mod tests { use super::*; }"),
        ],
        &[
            ("cli/a.rs", "use crate::cli::b::B; use crate::cli::b;"),
            ("cli/osc/a.rs", "use crate::cli::osc::b::B; use crate::cli::b::B;"),
            ("cli/a.rs", "#[cfg(test)] mod tests { use super::a; use crate::cli::TABLE; }"),
            ("cli/a.rs", "/// See [`crate::cli`].\nfn a() {}"),
            ("cli/mod.rs", "use super::io::wav;"),
        ],
    );
}

/// Clocks, devices, files and the terminal in layers below `io`.
fn outside_world(files: &[File]) -> Vec<String> {
    let io = LAYERS.iter().position(|layer| *layer == "io").unwrap();
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.layer().is_some_and(|layer| layer < io)) {
        for word in ["std::fs", "std::net", "std::time", "std::env", "Instant::now", "println!", "eprintln!"]
        {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name));
            }
        }
        for path in file.paths().iter().filter(|path| !path.for_tests && path.starts_with(&["std"])) {
            let module = path.segments.get(1).map(String::as_str);
            if matches!(module, Some("fs" | "net" | "time" | "env" | "process"))
                || (module.is_none() && path.hides)
            {
                faults.push(format!("{} uses {}", file.name, path.text()));
            }
        }
    }
    faults
}

#[test]
fn no_clock_no_device_no_file_below_io() {
    expect_none("only io and what is above it touch the world", &outside_world(&files()));
    finds(
        outside_world,
        &[
            ("plan/a.rs", "fn a() { std::fs::read(x); }"),
            ("plan/a.rs", "use std::{fs, mem};"),
            ("plan/a.rs", "use std::{collections::BTreeMap, time::{Duration, Instant}};"),
            ("plan/a.rs", "use std as other;"),
            ("plan/a.rs", "fn a() { Instant::now(); }"),
            ("plan/a.rs", "fn a() { println!(); }"),
            ("plan/a.rs", "use std::env;"),
        ],
        &[
            ("plan/a.rs", "use std::{mem, sync};\n#[cfg(test)] mod tests { use std::fs; }"),
            ("io/a.rs", "use std::fs;"),
        ],
    );
}

/// Text that is printed past `cli/output.rs` may hand somebody else's control sequences to a terminal.
fn prints(files: &[File]) -> Vec<String> {
    // What prints the program's own words, what `output.rs` has escaped before, and sound.
    let known = [
        "cli/output.rs",
        "cli/completions.rs",
        "cli/osc/watch.rs",
        "cli/screen/terminal.rs",
        "io/output_file.rs",
        // Asks where it goes.
        "io/file_identity.rs",
        "build.rs",
    ];
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| !known.contains(&file.name.as_str())) {
        for word in ["println!", "print!(", "dbg!(", "stdout().lock()", "stderr().lock()", "= io::stdout()"] {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name));
            }
        }
    }
    faults
}

#[test]
fn what_is_printed_goes_through_one_file() {
    expect_none("only cli/output.rs prints", &prints(&files()));
    finds(
        prints,
        &[
            ("cli/a.rs", "fn a() { println!(); }"),
            ("cli/a.rs", "fn a() { eprint!(\"\"); }"),
            ("cli/a.rs", "fn a() { dbg!(1); }"),
            ("io/a.rs", "fn a() { let out = io::stdout(); }"),
            ("io/a.rs", "fn a() { std::io::stderr().lock(); }"),
        ],
        &[("cli/output.rs", "fn a() { println!(); }"), ("cli/a.rs", "use crate::cli::output::line;")],
    );
}

/// Files written above `io`: `io/output_claims.rs` decides what a command may write.
fn writes(files: &[File]) -> Vec<String> {
    let io = LAYERS.iter().position(|layer| *layer == "io").unwrap();
    let mut faults = Vec::new();
    for file in files.iter().filter(|file| file.layer().is_some_and(|layer| layer > io)) {
        for word in
            ["fs::write", "File::create", "OpenOptions", "File::options", "NamedTempFile", "Output::whole"]
        {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name));
            }
        }
        let direct = ["write", "copy", "hard_link"];
        for path in file.paths().iter().filter(|path| !path.for_tests && path.starts_with(&["std", "fs"])) {
            if path.segments.get(2).map_or(path.hides, |name| direct.contains(&name.as_str())) {
                faults.push(format!("{} uses {}", file.name, path.text()));
            }
        }
    }
    faults
}

#[test]
fn only_io_writes_files() {
    expect_none("a file is written past `io::output_claims`", &writes(&files()));
    finds(
        writes,
        &[
            ("cli/a.rs", "fn a() { std::fs::write(x, y); }"),
            ("cli/a.rs", "use std::fs::{read, write};"),
            ("cli/a.rs", "use std::fs::*;"),
            ("live/a.rs", "fn a() { File::create(x); }"),
            ("live/a.rs", "fn a() { OpenOptions::new(); }"),
            ("live/a.rs", "fn a() { NamedTempFile::new(); }"),
        ],
        &[
            ("cli/a.rs", "use std::fs::read;\n#[cfg(test)] mod tests { use std::fs::write; }"),
            ("io/a.rs", "fn a() { fs::write(x); }"),
        ],
    );
}

/// Words of kinds of module, their parameters and settings, outside of the layer `modules`.
fn words_of_kinds(files: &[File]) -> Vec<String> {
    use chronus::syntax::vocabulary::{FORMS, Takes};
    // Words of the language itself, which a parameter may share.
    let shared: Vec<&str> = FORMS
        .iter()
        .flat_map(|form| {
            let props = form.props.iter().flat_map(|p| [p.name].into_iter().chain(p.also.iter().copied()));
            let args = form.args.iter().map(|arg| arg.name);
            [form.name].into_iter().chain(form.also.iter().copied()).chain(props).chain(args)
        })
        .chain(FORMS.iter().flat_map(|form| form.props).flat_map(|prop| match prop.takes {
            Takes::Choice(words) => words.iter().copied(),
            _ => [].iter().copied(),
        }))
        .chain(chronus::diagnostic::codes::all().map(|code| code.id))
        // What every voice has is a word of the language too.
        .chain(["gate", "note", "velocity", "random"])
        .collect();
    let modules = LAYERS.iter().position(|layer| *layer == "modules");
    let mut faults = BTreeSet::new();
    for spec in chronus::modules::TABLE {
        let params = spec.params.iter().map(|param| param.name);
        let settings = spec.settings.iter().map(|setting| setting.name);
        for word in params.chain(settings).chain([spec.kind]).filter(|word| !shared.contains(word)) {
            let quoted = format!("\"{word}\"");
            let outside = files.iter().filter(|file| {
                file.layer().is_some() && file.layer() != modules && file.shipped().contains(&quoted)
            });
            faults.extend(outside.map(|file| format!("{} names {word}", file.name)));
        }
    }
    faults.into_iter().collect()
}

#[test]
fn a_parameter_is_named_in_its_own_file_only() {
    expect_none("a kind's word stands outside of the kind", &words_of_kinds(&files()));
    finds(
        words_of_kinds,
        &[("check/a.rs", "fn a() { x == \"cutoff\" }"), ("plan/a.rs", "fn a() { x == \"reverb\" }")],
        &[("modules/a.rs", "fn a() { x == \"cutoff\" }"), ("check/a.rs", "fn a() { x == \"gate\" }")],
    );
}

/// Names that were replaced by the field's terms: modules, with what to write instead.
const OLD_MODULES: &[(&str, &str)] = &[
    ("aside", "block_hook"),
    ("asked", "queries"),
    ("cells", "step_lowering"),
    ("cohorts", "voice_batches"),
    ("contrast", "compare"),
    ("crew", "worker_pool"),
    ("decide", "scheduler"),
    ("ends", "endpoints"),
    ("feed", "audio_callback"),
    ("figures", "stats"),
    ("heard", "replies"),
    ("islands", "subgraphs"),
    ("keeping", "persistence"),
    ("kept", "carry_over"),
    ("lean", "optimize"),
    ("likeness", "similarity"),
    ("makers", "producers"),
    ("movable", "modulatable"),
    ("moves", "modulation"),
    ("nature", "difference_kind"),
    ("news", "messages"),
    ("offer", "device_config"),
    ("orders", "commands"),
    ("packs", "node_batches"),
    ("passage", "transpose"),
    ("sheets", "source_files"),
    ("shown", "view_state"),
    ("talk", "connection"),
    ("taped", "voice_cache"),
    ("tapes", "voice_cache"),
    ("telling", "compare_output"),
    ("trouble", "device_error"),
];

/// The same for types.
const OLD_TYPES: &[(&str, &str)] = &[
    ("Band", "TrackContext; of an equaliser, by its filter"),
    ("Built", "CheckedInstrument"),
    ("Choke", "StealFade"),
    ("Cohort", "VoiceBatch"),
    ("Comparison", "what is compared: SoundComparison, SongComparison"),
    ("Control", "what it controls: ControlId, ThreadCommand"),
    ("Door", "Listener"),
    ("Draft", "PatchBuilder"),
    ("Drives", "AutomationLanes"),
    ("Ear", "Renderer"),
    ("Happenings", "VoiceEvents"),
    ("Heard", "Reply"),
    ("House", "ServerState"),
    ("Island", "Subgraph"),
    ("Islands", "Subgraphs"),
    ("Lab", "Bisector"),
    ("Lane", "SimdLane or StepLane"),
    ("Likeness", "Similarity"),
    ("Movable", "Modulatable"),
    ("Name", "StableId"),
    ("Nature", "DifferenceKind"),
    ("News", "Messages"),
    ("Part", "what it is a part of: StemPart, SongPart"),
    ("Place", "SongPosition, BarBeat or SourceSpan"),
    ("Prints", "Fingerprints"),
    ("Said", "ThreadCommand"),
    ("Shelf", "Arena"),
    ("Side", "what it is a side of: StereoSide, ComparedSide"),
    ("Stage", "SessionConfig"),
    ("Strike", "NoteOn"),
    ("Talk", "Connection"),
    ("Torn", "Corrupt"),
    ("Touch", "SetOverride"),
    ("What", "what it says"),
    ("Wish", "HostRequest"),
];

/// Types that several files may define, each with the reason: none so far.
const DEFINED_TWICE: &[(&str, &str)] = &[];

/// The types and the modules that a file defines.
#[derive(Default)]
struct Definitions {
    types: Vec<String>,
    modules: Vec<String>,
}

impl<'ast> Visit<'ast> for Definitions {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Struct(item) => self.types.push(item.ident.to_string()),
            syn::Item::Enum(item) => self.types.push(item.ident.to_string()),
            syn::Item::Union(item) => self.types.push(item.ident.to_string()),
            syn::Item::Trait(item) => self.types.push(item.ident.to_string()),
            syn::Item::Type(item) => self.types.push(item.ident.to_string()),
            syn::Item::Mod(item) => self.modules.push(item.ident.to_string()),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    // What a macro defines: `struct Name`, `enum Name` among its tokens.
    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let text = call.tokens.to_string();
        let words: Vec<&str> = text.split_whitespace().collect();
        for pair in words.windows(2) {
            let name: String = pair[1].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if ["struct", "enum", "union", "trait", "type"].contains(&pair[0])
                && name.starts_with(|c: char| c.is_uppercase())
            {
                self.types.push(name);
            }
        }
    }
}

fn definitions(file: &File) -> Definitions {
    let mut definitions = Definitions::default();
    definitions.visit_file(&file.syntax());
    definitions.modules.extend(file.module());
    definitions
}

fn old_names(files: &[File]) -> Vec<String> {
    let mut faults = BTreeSet::new();
    for file in files {
        let Definitions { types, modules } = definitions(file);
        for (names, old) in [(types, OLD_TYPES), (modules, OLD_MODULES)] {
            for (name, instead) in old.iter().filter(|(old, _)| names.iter().any(|name| name == old)) {
                faults.insert(format!("{}: {name}: write {instead}", file.name));
            }
        }
    }
    faults.into_iter().collect()
}

/// Names of types that are defined more than once.
fn shared_names(files: &[File]) -> Vec<String> {
    let mut defined: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for file in files {
        for name in definitions(file).types {
            defined.entry(name).or_default().push(&file.name);
        }
    }
    let known = |name: &str| DEFINED_TWICE.iter().any(|(known, _)| *known == name);
    let twice = defined.iter().filter(|(name, files)| files.len() > 1 && !known(name));
    twice.map(|(name, files)| format!("{name}: {}", files.join(", "))).collect()
}

#[test]
fn names_of_the_glossary() {
    let source = files();
    expect_none("a name that isn't used any more", &old_names(&source));
    expect_none("two types have one name", &shared_names(&source));
    for (name, reason) in DEFINED_TWICE {
        let defined = source.iter().flat_map(|file| definitions(file).types).filter(|other| other == name);
        assert!(defined.count() > 1, "{name} needs no exception any more ({reason})");
    }
    finds(
        old_names,
        &[
            ("check/a.rs", "pub(crate) struct Shelf;"),
            ("check/a.rs", "enum What { A }"),
            ("check/a.rs", "trait Ear {}"),
            ("check/a.rs", "type Place = usize;"),
            ("check/a.rs", "union Lane { a: u8 }"),
            ("check/a.rs", "fn a() { struct Part; }"),
            ("check/a.rs", "mod inner { struct Part; }"),
            ("check/a.rs", "macro_rules! a { () => { pub struct Part { a: u8 } }; }"),
            ("check/a.rs", "mod islands { }"),
            ("engine/crew.rs", ""),
            ("cli/contrast/mod.rs", ""),
        ],
        &[
            ("check/a.rs", "struct StemPart; enum A { Part } fn islands(Part: u8) { let kept = 1; }"),
            ("check/a.rs", "// struct Part;\n/// The enum What.\nfn a() {}"),
        ],
    );
    let once = ("io/a.rs", "struct A; impl Iterator for A { type Item = u8; }");
    assert_eq!(shared_names(&made(&[once, ("io/b.rs", "struct B;")])), [""; 0]);
    assert_eq!(shared_names(&made(&[once, ("live/b.rs", "enum A {}")])), ["A: io/a.rs, live/b.rs"]);
    assert_eq!(
        shared_names(&made(&[("io/a.rs", "struct A; mod b { type A = u8; }")])),
        ["A: io/a.rs, io/a.rs"]
    );
}

/// The files of a folder, each with its heading; folders in it have a list of their own.
fn list(files: &[File], folder: &str, indent: &str, map: &mut String) {
    let mut folders = BTreeSet::new();
    for file in files {
        let Some(below) = file.name.strip_prefix(folder) else { continue };
        if let Some((inner, _)) = below.split_once('/') {
            folders.insert(inner);
        } else if !file.is_mod() {
            writeln!(map, "{indent}- `{below}`: {}", file.heading()).unwrap();
        }
    }
    for inner in folders {
        let path = format!("{folder}{inner}/");
        writeln!(map, "{indent}- `{inner}/`: {}", mod_heading(files, &path)).unwrap();
        list(files, &path, &format!("{indent}  "), map);
    }
}

/// The heading of a folder is that of its own `mod.rs`.
fn mod_heading(files: &[File], folder: &str) -> String {
    let name = format!("{folder}mod.rs");
    files.iter().find(|file| file.name == name).map(File::heading).unwrap_or_default()
}

/// The map of the source: docs/map.md.
fn map(files: &[File]) -> String {
    let mut map = "# Map of the source\n\nThe layers of `src`, highest first, and what each file is for. A layer imports only lower ones. \
                   [architecture.md](architecture.md)\ndescribes how they work together. `tests/layering.rs` writes this page from the \
                   first lines of the files.\n"
        .to_owned();
    for (number, layer) in LAYERS.iter().enumerate().rev() {
        let folder = format!("{layer}/");
        if files.iter().any(|file| file.name.starts_with(&folder)) {
            let heading = mod_heading(files, &folder);
            writeln!(map, "\n## {} `{layer}`\n\n{heading}\n", number + 1).unwrap();
            list(files, &folder, "", &mut map);
        }
    }
    map.push_str("\n## Outside of the layers\n\n");
    for file in files.iter().filter(|file| file.layer().is_none()) {
        writeln!(map, "- `{}`: {}", file.name, file.heading()).unwrap();
    }
    map
}

#[test]
fn the_map_in_the_docs_is_current() {
    let path = root().join("docs/map.md");
    let new = map(&files());
    if std::env::var_os("CHRONUS_BLESS").is_some() {
        std::fs::write(&path, &new).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == new, "docs/map.md is stale: run .ci/bless");
}

/// A folder within a layer has its own heading, and doesn't lend it to the layer.
#[test]
fn the_map_has_the_headings_of_each_folder() {
    let files = made(&[
        ("cli/a.rs", "//! File a."),
        ("cli/inner/mod.rs", "//! Inner."),
        ("cli/inner/b.rs", "//! File b."),
        ("cli/mod.rs", "//! The layer.\n//!\n//! More."),
        ("cli/z.rs", "//! File z."),
        ("main.rs", "//! The program."),
    ]);
    let map = map(&files);
    let expected = "\n## 18 `cli`\n\nThe layer.\n\n- `a.rs`: File a.\n- `z.rs`: File z.\n- `inner/`: Inner.\n  - `b.rs`: File b.\n\n## \
                    Outside of the layers\n\n- `main.rs`: The program.\n";
    assert!(map.ends_with(expected), "{map}");
}

//! The structure of the source: floors, headings, roofs, file sizes, and the map in docs/architecture.md.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may stop")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The floors, lowest first. A floor imports only lower ones.
const FLOORS: [&str; 18] = [
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

/// A noun fits into about 400 lines.
const MOST_LINES: usize = 450;

struct File {
    path: PathBuf,
    text: String,
}

impl File {
    /// The path below `src`, with slashes.
    fn name(&self) -> String {
        let below = self.path.strip_prefix(source()).unwrap();
        below.iter().map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/")
    }

    fn floor(&self) -> Option<usize> {
        let name = self.name();
        FLOORS.iter().position(|floor| name.starts_with(&format!("{floor}/")))
    }

    fn is_roof(&self) -> bool {
        self.path.ends_with("mod.rs")
    }

    /// The heading, as one line.
    fn heading(&self) -> String {
        let lines = self.text.lines().take_while(|line| line.starts_with("//!") && line.len() > 3);
        lines.map(|line| line.trim_start_matches("//!").trim()).collect::<Vec<_>>().join(" ")
    }

    /// The text without what is compiled for tests only.
    fn shipped(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn source() -> PathBuf {
    root().join("src")
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
                let text = std::fs::read_to_string(&path).unwrap();
                files.push(File { path, text });
            }
        }
    }
    let mut files = Vec::new();
    walk(&source(), &mut files);
    files
}

/// Everything in `files` that `fault` finds, or nothing.
fn expect_none(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n{}", faults.join("\n"));
}

#[test]
fn floors_import_only_lower_floors() {
    let mut faults = Vec::new();
    for file in files() {
        let Some(floor) = file.floor() else { continue };
        for (above, name) in FLOORS.iter().enumerate().skip(floor + 1) {
            if file.text.contains(&format!("crate::{name}::")) {
                faults.push(format!("{} ({}) knows {name} ({})", file.name(), floor + 1, above + 1));
            }
        }
    }
    expect_none("a floor imports a higher one", &faults);
}

#[test]
fn every_file_says_what_it_owns() {
    let silent = |file: &File| {
        let heading = file.heading();
        (heading.len() < 12 || !heading.ends_with(['.', ':'])).then(|| file.name())
    };
    expect_none(
        "no `//!` heading that is a sentence",
        &files().iter().filter_map(silent).collect::<Vec<_>>(),
    );
}

#[test]
fn files_are_no_longer_than_a_noun() {
    let long = |file: &File| {
        let lines = file.shipped().lines().filter(|line| !line.trim().is_empty()).count();
        (lines > MOST_LINES).then(|| format!("{} has {lines} lines", file.name()))
    };
    expect_none("a file is too long", &files().iter().filter_map(long).collect::<Vec<_>>());
}

#[test]
fn children_do_not_look_up_at_their_roof() {
    let mut faults = Vec::new();
    for file in files().iter().filter(|file| !file.is_roof()) {
        if file.shipped().contains("super::") {
            faults.push(format!("{} says `super::`", file.name()));
        }
        if file.text.contains("use super::*") {
            faults.push(format!("{} says `use super::*`", file.name()));
        }
        if let Some(floor) = file.floor() {
            let roof = format!("crate::{}::TABLE", FLOORS[floor]);
            if file.shipped().contains(&roof) && file.name() != "check/name_table.rs" {
                faults.push(format!("{} reads its roof's table", file.name()));
            }
        }
    }
    expect_none("a child imports its roof", &faults);
}

#[test]
fn no_clock_no_device_no_file_below_io() {
    let mut faults = Vec::new();
    let io = FLOORS.iter().position(|floor| *floor == "io").unwrap();
    for file in files() {
        if file.floor().is_none_or(|floor| floor >= io) {
            continue;
        }
        for word in ["std::fs", "std::net", "std::time", "std::env", "Instant::now", "println!", "eprintln!"]
        {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name()));
            }
        }
    }
    expect_none("only io and cli touch the world", &faults);
}

/// Whoever prints past `cli/output.rs` may hand orders of others to a terminal.
#[test]
fn what_is_printed_goes_through_one_file() {
    // What is the program's own, what has been made harmless there, and sound.
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
    for file in files().iter().filter(|file| !known.contains(&file.name().as_str())) {
        for word in ["println!", "print!(", "dbg!(", "stdout().lock()", "stderr().lock()", "= io::stdout()"] {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name()));
            }
        }
    }
    expect_none("only cli/output.rs prints", &faults);
}

/// What a command may write is decided in one place, `io/output_claims.rs`.
#[test]
fn only_io_writes_files() {
    let mut faults = Vec::new();
    let io = FLOORS.iter().position(|floor| *floor == "io").unwrap();
    for file in files().iter().filter(|file| file.floor().is_some_and(|floor| floor > io)) {
        for word in
            ["fs::write", "File::create", "OpenOptions", "File::options", "NamedTempFile", "Output::whole"]
        {
            if file.shipped().contains(word) {
                faults.push(format!("{} uses {word}", file.name()));
            }
        }
    }
    expect_none("a file is written past `io::output_claims`", &faults);
}

#[test]
fn a_parameter_is_named_in_its_own_file_only() {
    // Words of the language itself, which a parameter may share.
    let shared: Vec<&str> = chronus::syntax::vocabulary::FORMS
        .iter()
        .flat_map(|form| {
            let props = form.props.iter().flat_map(|p| [p.name].into_iter().chain(p.also.iter().copied()));
            let args = form.args.iter().map(|arg| arg.name);
            [form.name].into_iter().chain(form.also.iter().copied()).chain(props).chain(args)
        })
        .chain(chronus::syntax::vocabulary::FORMS.iter().flat_map(|form| form.props).flat_map(|prop| {
            match prop.takes {
                chronus::syntax::vocabulary::Takes::Choice(words) => words.iter().copied(),
                _ => [].iter().copied(),
            }
        }))
        .chain(chronus::diagnostic::codes::all().map(|code| code.id))
        // What every voice has is a word of the language too.
        .chain(["gate", "note", "velocity", "random"])
        .collect();
    let mut faults = Vec::new();
    let files = files();
    for spec in chronus::modules::TABLE {
        let params = spec.params.iter().map(|param| param.name);
        let settings = spec.settings.iter().map(|setting| setting.name);
        for word in params.chain(settings).chain([spec.kind]) {
            let quoted = format!("\"{word}\"");
            let outside = files.iter().filter(|file| {
                let floor = file.floor();
                floor != Some(2) && floor.is_some() && file.shipped().contains(&quoted)
            });
            if !shared.contains(&word) {
                faults.extend(outside.map(|file| format!("{} names {word}", file.name())));
            }
        }
    }
    faults.sort();
    faults.dedup();
    expect_none("a kind's word stands outside of the kind", &faults);
}

/// The map of the source, as docs/architecture.md shows it.
fn map() -> String {
    let mut map = String::new();
    for (number, floor) in FLOORS.iter().enumerate().rev() {
        let files = files();
        let of_floor = files.iter().filter(|file| file.floor() == Some(number));
        let (roofs, rooms): (Vec<&File>, Vec<&File>) = of_floor.partition(|file| file.is_roof());
        if roofs.is_empty() {
            continue;
        }
        let about = roofs.first().map(|roof| roof.heading()).unwrap_or_default();
        writeln!(map, "\n### {} `{floor}`\n\n{about}\n", number + 1).unwrap();
        for room in rooms {
            let name = room.name();
            let short = name.trim_start_matches(&format!("{floor}/"));
            writeln!(map, "- `{short}`: {}", room.heading()).unwrap();
        }
    }
    map
}

#[test]
fn the_map_in_the_docs_is_current() {
    const START: &str = "<!-- map: written by tests/house.rs -->\n";
    const END: &str = "<!-- end of map -->";
    let path = root().join("docs/architecture.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).expect("the mark where the map starts");
    let (old, after) = rest.split_once(END).expect("the mark where the map ends");
    let new = format!("{}\n", map());
    if old != new && std::env::var_os("CHRONUS_BLESS").is_some() {
        std::fs::write(&path, format!("{before}{START}{new}{END}{after}")).unwrap();
        return;
    }
    assert!(old == new, "the map in docs/architecture.md is stale: run .ci/bless");
}

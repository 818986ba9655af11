//! The documents: every song in them is fine, every fragment is KDL, every command works, and what is derived from the
//! tables is current. After a reviewed change: `.ci/bless`.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "common/program.rs"]
mod program;
#[path = "common/words.rs"]
mod words;

use chronus::check::library::RIGS;
use chronus::check::song::check;
use chronus::diagnostic::bag::Bag;
use chronus::diagnostic::printer::{Style, graphical};
use chronus::diagnostic::source::{SourceText, Sources};
use chronus::diagnostic::span::SourceId;
use chronus::model::controls::{ControlFacts, Controls, NamedControl};
use chronus::reference;
use chronus::syntax::format::format;
use chronus::syntax::reader::read;
use chronus::syntax::signs::SIGNS;
use chronus::syntax::vocabulary::FORMS;
use chronus::units::{chord, key};
use program::program;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn document() -> String {
    fs::read_to_string(root().join("docs/language.md")).unwrap()
}

/// The README and everything in docs, by name.
fn documents() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.push(root().join("README.md"));
    paths.sort();
    let named = |path: PathBuf| {
        (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(named).collect()
}

/// The pages of docs/decisions, by their path below docs.
fn decisions() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root().join("docs/decisions")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (format!("decisions/{name}"), fs::read_to_string(path).unwrap())
    };
    paths.into_iter().map(named).collect()
}

/// The schemas, which hold the texts of modules, properties and JSON keys.
fn schemas() -> Vec<(String, String)> {
    let rows = reference::schemas::SCHEMAS.iter();
    rows.map(|schema| (schema.file.to_owned(), (schema.text)())).collect()
}

/// Its map of files is written from the headings in src, which don't keep to this yet.
const NOT_YET: [&str; 1] = ["map.md"];

#[test]
fn prose_has_the_usual_terms() {
    let faults: Vec<String> = documents()
        .iter()
        .filter(|(name, _)| !NOT_YET.contains(&name.as_str()))
        .chain(&schemas())
        .chain(&decisions())
        .flat_map(|(name, text)| words::faults(name, text))
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn avoided_phrases_are_found() {
    let faults = words::faults(
        "page.md",
        "Fine.\nIt is put\n    out. Behind it\ngrows beehind a behindhand At the Most",
    );
    let lines = ["page.md:2: \"put out\"", "page.md:3: \"behind\"", "page.md:4: \"at the most\""];
    assert_eq!(faults.len(), lines.len(), "{faults:?}");
    for (fault, line) in faults.iter().zip(lines) {
        assert!(fault.starts_with(line), "{fault}");
    }
}

/// Every page can be reached from README by links.
#[test]
fn every_page_is_linked() {
    let documents = documents();
    let mut reached = vec!["README.md"];
    let mut next = 0;
    while let Some(name) = reached.get(next) {
        next += 1;
        let (_, text) = documents.iter().find(|(other, _)| other == name).unwrap();
        for (name, _) in &documents {
            let linked = text.contains(&format!("]({name}")) || text.contains(&format!("](docs/{name}"));
            if linked && !reached.contains(&name.as_str()) {
                reached.push(name);
            }
        }
    }
    for (name, _) in &documents {
        assert!(reached.contains(&name.as_str()), "no page that README leads to links to {name}");
    }
}

/// Decisions are numbered without gaps, listed on the page that introduces them, and their links lead somewhere.
#[test]
fn decisions_are_listed() {
    let page = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let decisions = decisions();
    assert!(decisions.len() > 2);
    for (index, (name, text)) in decisions.iter().enumerate() {
        let number = index + 1;
        assert!(name.starts_with(&format!("decisions/{number:04}-")), "{name} isn't number {number}");
        let title = text.lines().next().unwrap().trim_start_matches(&format!("# {number}. "));
        assert!(
            page.contains(&format!("\n{number}. [{title}]({name})\n")),
            "docs/architecture.md lists no {name}"
        );
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let leads = link.contains("://") || root().join("docs/decisions").join(link).exists();
            assert!(leads, "{name}: {link}");
        }
    }
}

/// Links between pages, and to headings in them, lead somewhere.
#[test]
fn links_lead_somewhere() {
    let documents = documents();
    for (name, text) in &documents {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if link.contains("://") {
                continue;
            }
            let (page, heading) = link.split_once('#').unwrap_or((link, ""));
            let page = if page.is_empty() { name } else { page };
            let below = if name == "README.md" { root().join(page) } else { root().join("docs").join(page) };
            assert!(below.exists(), "{name}: {link}");
            if let (false, Some((_, text))) =
                (heading.is_empty(), documents.iter().find(|(other, _)| other == page))
            {
                let anchors = text.lines().filter(|line| line.starts_with('#')).map(anchor);
                assert!(anchors.into_iter().any(|anchor| anchor == heading), "{name}: {link}");
            }
        }
    }
}

/// The anchor that GitHub gives to a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// Terms of our own, which docs/glossary.md defines.
const TERMS: [&str; 22] = [
    "Pass",
    "Lane",
    "Step",
    "Knob",
    "Section",
    "Take",
    "Stem",
    "Golden file",
    "Deck",
    "Cable",
    "Tail",
    "Latch",
    "Slur",
    "Route",
    "Tap",
    "Probe",
    "Ring",
    "Override",
    "Voice",
    "Pattern",
    "Track",
    "Lock",
];

#[test]
fn the_glossary_defines_the_terms() {
    let text = fs::read_to_string(root().join("docs/glossary.md")).unwrap();
    let defined: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("- **")?.split_once("**: "))
        .map(|(term, _)| term)
        .collect();
    for term in TERMS {
        assert!(defined.contains(&term), "{term}");
    }
    for chapter in text.split("\n## ").skip(1) {
        let terms: Vec<&str> = chapter
            .lines()
            .filter_map(|line| line.strip_prefix("- **")?.split_once("**: "))
            .map(|(term, _)| term)
            .collect();
        assert!(terms.is_sorted_by_key(|term| term.to_lowercase()), "{terms:?}");
    }
    // What is looked for in language.md has a heading or is in bold where it is defined.
    let language = document();
    for findable in [
        "### Patterns",
        "### Multi-line texts",
        "BPM: quarter notes",
        "A **pass** is",
        "A **lane** is",
        "**voice**",
    ] {
        assert!(language.contains(findable), "{findable}");
    }
}

/// The fences of a document: what they are marked with, and what is in them.
fn fences(document: &str) -> Vec<(&str, &str)> {
    document.split("```").skip(1).step_by(2).filter_map(|fence| fence.split_once('\n')).collect()
}

#[test]
fn songs_are_fine_and_fragments_are_kdl() {
    assert!(fences(&document()).iter().filter(|(mark, _)| *mark == "kdl").count() >= 4);
    for (name, document) in documents() {
        for (mark, text) in fences(&document) {
            let mut sources = Sources::default();
            let id = sources.add(SourceText::new(&name, text));
            let said = match mark {
                "kdl" => check(id, text).diagnostics,
                "kdl fragment" => {
                    let mut bag = Bag::default();
                    read(SourceId::default(), text, &mut bag);
                    bag.into_sorted()
                }
                // tests/package.rs tries what is written in toml.
                "sh" | "text" | "toml" => Vec::new(),
                _ => panic!("{name}: a fence marked {mark:?}"),
            };
            let drawn: String = said.iter().map(|d| graphical(d, &sources, Style::Plain)).collect();
            assert!(said.is_empty(), "{name}\n{drawn}");
        }
    }
}

/// What a reader types that isn't chronus itself, or takes long; everything else is tried.
const NOT_TRIED: [&str; 14] = [
    "cargo test",
    "cargo bench",
    "cargo install",
    "python3 ",
    "./install.sh",
    ".ci/",
    "apt-get ",
    "CHRONUS=",
    // Minutes on a sound server; tests/live does the same for 20 s.
    "CHRONUS_SESSION=",
    // The rig of the other engines, which stands beside the repository.
    "../shared/peers/",
    "cargo build",
    // Needs an engine that plays; tests/cli/osc.rs tries them against one that is silent.
    "chronus osc ",
    // Needs a device; tests/live plays through real servers.
    "chronus play",
    // Needs what that wrote.
    "chronus render songs/studio.kdl --take ",
];

#[test]
fn commands_work() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for songs in ["songs", "songs/sounds", "examples"] {
        fs::create_dir_all(folder.join(songs)).unwrap();
        for entry in fs::read_dir(root().join(songs)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            fs::copy(&path, folder.join(songs).join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut tried = 0;
    for (name, document) in documents() {
        let shell = fences(&document).into_iter().filter(|(mark, _)| *mark == "sh");
        for line in shell.flat_map(|(_, text)| text.lines()) {
            let line = line.trim();
            if line.is_empty() || NOT_TRIED.iter().any(|start| line.starts_with(start)) {
                continue;
            }
            let command = line.strip_prefix("cargo run --release -- ").or(line.strip_prefix("chronus "));
            let command = command.unwrap_or_else(|| panic!("{name}: not a command of ours: {line}"));
            let words = command.split(" #").next().unwrap().split_whitespace();
            let output = program()
                .args(words)
                .current_dir(&folder)
                .env("CHRONUS_CACHE", folder.join("cache"))
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{name}: {line}\n{said}");
            tried += 1;
        }
    }
    assert!(tried >= 3, "{tried}");
}

#[test]
fn what_is_derived_is_current() {
    let schemas = reference::schemas::SCHEMAS;
    let mut wanted: Vec<(String, String)> =
        schemas.iter().map(|schema| (format!("schema/{}", schema.file), (schema.text)())).collect();
    wanted.push(("docs/modules.md".to_owned(), reference::modules::document()));
    wanted.push(("docs/osc.md".to_owned(), reference::osc::document()));
    for (name, wanted) in &wanted {
        let path = root().join(name);
        if std::env::var_os("CHRONUS_BLESS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, wanted).unwrap();
        }
        let is = fs::read_to_string(&path).unwrap_or_default();
        assert!(is == *wanted, "{name} is stale: run .ci/bless");
    }
    assert_eq!(fs::read_dir(root().join("schema")).unwrap().count(), schemas.len(), "a schema of nothing");
}

/// The addresses of the rig as docs/rig.md shows them: its aliases.
fn addresses() -> String {
    let controls = Controls::of(&check(SourceId::default(), RIGS[0].text).song.unwrap());
    let mut shown: Vec<&NamedControl> = controls.all().iter().filter(|named| named.alias).collect();
    let alike =
        |named: &NamedControl| (2..=16).any(|voice| named.path.starts_with(&format!("voice{voice}.")));
    shown.retain(|named| !alike(named));
    // Voices first; each module's together.
    let head = |named: &NamedControl| named.path.split('.').next().unwrap_or_default().to_owned();
    shown.sort_by_key(|named| (!named.path.starts_with("voice"), head(named)));
    let mut table = "\n| address | range | default | moves |\n|---|---|---|---|\n".to_owned();
    for named in shown {
        let ControlFacts { unit, range: (min, max), .. } = named.facts;
        let stands = named.facts.default(120.0).unwrap();
        let moved =
            controls.all().iter().find(|other| !other.alias && other.control == named.control).unwrap();
        let [min, max, stands] = [min, max, stands].map(|value| unit.spoken(value));
        writeln!(table, "| `{}` | {min} to {max} | {stands} | `{}` |", named.address(), moved.path).unwrap();
    }
    table
}

#[test]
fn the_addresses_of_the_rig_are_current() {
    const START: &str = "<!-- table: written by tests/docs.rs -->\n";
    const END: &str = "<!-- end of table -->";
    let path = root().join("docs/rig.md");
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(START).expect("the mark where the table starts");
    let (old, after) = rest.split_once(END).expect("the mark where the table ends");
    let new = format!("{}\n", addresses());
    if old != new && std::env::var_os("CHRONUS_BLESS").is_some() {
        fs::write(&path, format!("{before}{START}{new}{END}{after}")).unwrap();
        return;
    }
    assert!(old == new, "the table in docs/rig.md is stale: run .ci/bless");
}

/// All songs are in canonical form.
#[test]
fn songs_are_formatted() {
    for folder in ["songs", "songs/sounds", "examples", "library", "library/made"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "kdl") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let formatted = format(SourceId::default(), &text, &mut Bag::default()).unwrap();
            if formatted != text && std::env::var_os("CHRONUS_BLESS").is_some() {
                fs::write(&path, formatted).unwrap();
            } else {
                assert!(formatted == text, "{}: run `chronus fmt` on it", path.display());
            }
        }
    }
}

/// The song that shows the whole language.
#[test]
fn the_whole_song_is_right() {
    let text = fs::read_to_string(root().join("tests/whole_song.kdl")).unwrap();
    let found = check(SourceId::default(), &text).diagnostics;
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_word_is_named() {
    let document = document();
    let named =
        |word: &str| document.contains(&format!("`{word}`")) || document.contains(&format!(" {word}"));
    for form in FORMS {
        assert!(named(form.name), "{}", form.name);
        for prop in form.props {
            assert!(
                document.contains(&format!("`{}`", prop.name))
                    || document.contains(&format!("{}=", prop.name)),
                "{} {}",
                form.name,
                prop.name
            );
        }
    }
    for sign in SIGNS {
        assert!(document.contains(sign.sign), "{}", sign.sign);
    }
    for shape in chord::SHAPES {
        assert!(named(shape.name) || document.contains(&format!("`{} ", shape.name)), "{}", shape.name);
    }
    for scale in key::SCALES {
        assert!(named(scale.name), "{}", scale.name);
    }
}

/// The comments of a source file, each run of lines as one text; what isn't a comment is left out, its lines stay.
fn comments(text: &str) -> String {
    let comment = |line: &str| {
        line.find("//").map_or(String::new(), |at| line[at..].trim_start_matches(['/', '!']).to_owned())
    };
    text.lines().map(comment).collect::<Vec<_>>().join("\n")
}

/// Comments have the usual terms too. Those of the commands are their `--help`, which is tested as that.
#[test]
fn comments_have_the_usual_terms() {
    fn walk(folder: &std::path::Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("src/cli") {
                walk(&path, found);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(words::faults(&path.display().to_string(), &comments(&text)));
            }
        }
    }
    assert_eq!(words::faults("x", &comments("let x = 1; // goes\n// round")).len(), 1);
    assert_eq!(words::faults("x", &comments("let behind = 1;")).len(), 0);
    let mut found = Vec::new();
    walk(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

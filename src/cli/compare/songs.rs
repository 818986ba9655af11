//! The songs to be tested: found at the paths that a user gives.

use std::path::{Path, PathBuf};

use crate::check::song_files::FileRefusal;
use crate::cli::compare::compare_input::GOLDEN;
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::comparing;
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::SourceId;
use crate::io::folder::open;
use crate::syntax::reader::read;

/// What songs end in.
const SONG: &str = "kdl";
/// Nodes that make a file a song, and not only a store of instruments.
const PLAYS: [&str; 4] = ["song", "track", "section", "arrange"];
/// How deep folders are looked through.
const DEEPEST: usize = 16;

/// What is to be tested.
#[derive(Debug, Default)]
pub(crate) struct FoundSongs {
    /// In the order of the paths, those of a folder by their names.
    pub(crate) songs: Vec<PathBuf>,
    /// Golden files without a song.
    pub(crate) orphans: Vec<PathBuf>,
}

/// Finds all songs at `paths`; without any in `songs`, or else here. `only` keeps those whose path has it in it.
///
/// # Errors
/// If there is none.
pub(crate) fn find(paths: &[PathBuf], only: Option<&str>) -> Result<FoundSongs, Diagnostic> {
    let here = [PathBuf::from(if Path::new("songs").is_dir() { "songs" } else { "." })];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut found = FoundSongs::default();
    for path in paths {
        if path.is_dir() {
            walk(path, 0, &mut found);
        } else if !path.exists() {
            let said = FileRefusal::Missing.diagnostic(&path.display().to_string());
            return Err(said.help("names are relative to the folder that the command runs in"));
        } else if path.extension().is_some_and(|end| end == GOLDEN) {
            found.take(&path.with_extension(SONG), path);
        } else {
            found.add(path.clone());
        }
    }
    let kept = |path: &PathBuf| only.is_none_or(|only| path.to_string_lossy().contains(only));
    found.songs.retain(kept);
    found.orphans.retain(kept);
    if found.songs.is_empty() && found.orphans.is_empty() {
        let places: Vec<String> = paths.iter().map(|path| quote::path(&path.display().to_string())).collect();
        let message = match only {
            Some(only) => {
                format!("there is no song with {} in its path in {}", quoted(only), places.join(", "))
            }
            None => format!("there is no song in {}", places.join(", ")),
        };
        let help = "name songs, or folders that have files in them that end in `.kdl`";
        return Err(Diagnostic::of_file(&comparing::NO_SONGS, message).help(help));
    }
    Ok(found)
}

impl FoundSongs {
    fn add(&mut self, path: PathBuf) {
        if !self.songs.contains(&path) {
            self.songs.push(path);
        }
    }

    /// A golden file: its song, if it is there.
    fn take(&mut self, song: &Path, golden: &Path) {
        if song.exists() {
            self.add(song.to_owned());
        } else if !self.orphans.iter().any(|known| known == golden) {
            self.orphans.push(golden.to_owned());
        }
    }
}

fn walk(folder: &Path, depth: usize, found: &mut FoundSongs) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        // What is built or hidden isn't written by the user.
        if name.starts_with('.') || matches!(name.as_str(), "target" | "node_modules") {
            continue;
        }
        // Without the dot that only says "here".
        let path = path.strip_prefix("./").map(Path::to_path_buf).unwrap_or(path);
        match path.extension().and_then(|end| end.to_str()) {
            _ if path.is_dir() && depth < DEEPEST && !path.is_symlink() => walk(&path, depth + 1, found),
            _ if path.is_dir() => {}
            Some(SONG) if path.with_extension(GOLDEN).exists() || plays(&path) => found.add(path),
            Some(GOLDEN) => found.take(&path.with_extension(SONG), &path),
            _ => {}
        }
    }
}

/// Whether the file is a song by itself. What can't be read counts as one, so that it is told.
fn plays(path: &Path) -> bool {
    let Ok(text) = open(path) else { return true };
    let nodes = read(SourceId(0), &text, &mut Bag::default());
    nodes.iter().any(|node| PLAYS.contains(&node.name.text.as_ref()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::find;

    #[test]
    fn songs_are_found_and_stores_of_instruments_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str, text: &str| {
            std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
            std::fs::write(at(name), text).unwrap();
        };
        write("b.kdl", "song bars=1");
        write("a/x.kdl", "track kick X");
        write("a/kit.kdl", "instrument kick {\n}\n");
        write("target/no.kdl", "song");
        write(".git/no.kdl", "song");
        write("gone.golden", "");
        write("a/x.golden", "");
        let found = find(&[folder.path().to_owned()], None).unwrap();
        assert_eq!(found.songs, [at("a/x.kdl"), at("b.kdl")]);
        assert_eq!(found.orphans, [at("gone.golden")]);
        let both = find(&[at("a/x.golden"), at("a/x.kdl")], None).unwrap();
        assert_eq!(both.songs, [at("a/x.kdl")]);
        assert_eq!(find(&[folder.path().to_owned()], Some("b.k")).unwrap().songs, [at("b.kdl")]);
        let code = |paths: &[PathBuf], only| find(paths, only).unwrap_err().code.id;
        assert_eq!(code(&[at("a/kit.kdl")], Some("zzz")), "no-songs");
        assert_eq!(code(&[at("nowhere.kdl")], None), "missing-file");
    }
}

//! The files that `/pattern/save` writes beside a song: how they are known again, and the versions before that are kept.

use std::path::{Path, PathBuf};

use crate::io::folder;
use crate::io::output_claims::Outputs;

/// Versions that are kept beside the newest one.
const KEPT: usize = 3;
/// How the last line of a saved song begins. A hash of all before it follows.
const MARK: &str = "// Saved by chronus, ";
/// How it ends.
const ABOUT: &str = ": saving under this name again replaces it, unless it was edited.\n";

/// `text` as it is saved: with a line at its end by which it is known again.
fn marked(text: &str) -> String {
    let mut body: String = text.split_inclusive('\n').filter(|line| !line.starts_with(MARK)).collect();
    if !body.is_empty() && !body.ends_with('\n') {
        body.push('\n');
    }
    let hash = hash(&body);
    body + MARK + &hash + ABOUT
}

/// Whether `text` is as it was saved: nobody has written or edited it by hand.
fn is_saved(text: &str) -> bool {
    let Some((body, line)) = text.rsplit_once(MARK) else { return false };
    line.strip_suffix(ABOUT).is_some_and(|written| written == hash(body))
}

fn hash(body: &str) -> String {
    blake3::hash(body.as_bytes()).to_hex()[..16].to_owned()
}

/// Whether chronus may write over the file at `path`: it isn't there, or is as it was saved.
fn is_free(path: &Path) -> bool {
    path.symlink_metadata().is_err() || folder::open(path).is_ok_and(|text| is_saved(&text))
}

/// The file in which the version `age` saves ago of the slot at `path` is kept.
fn version(path: &Path, age: usize) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{age}"));
    PathBuf::from(name)
}

/// Saves `text` in the slot at `path`. What was saved there before is kept as the first version, and those before it as the second
/// and third.
///
/// # Errors
/// If something there may not be replaced, or can't be written.
pub(super) fn save(path: &Path, text: &str, outputs: &mut Outputs) -> Result<(), String> {
    let text = marked(text);
    if folder::open(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let all: Vec<PathBuf> =
        [path.to_path_buf()].into_iter().chain((1..=KEPT).map(|age| version(path, age))).collect();
    for file in &all {
        let name = file.display();
        if outputs.is_read(file) {
            return Err(format!("{name} is in use: choose another name"));
        }
        if !is_free(file) {
            return Err(format!("{name} was written or edited by hand: choose another name"));
        }
    }
    let place = outputs.claim_in_place(path).map_err(|why| format!("{why}: choose another name"))?;
    if let Ok(before) = folder::open(path) {
        let cannot = |error: std::io::Error| {
            format!("the version before of {} can't be kept: {error}", path.display())
        };
        for age in (2..=KEPT).rev().filter(|age| all[age - 1].exists()) {
            std::fs::rename(&all[age - 1], &all[age]).map_err(cannot)?;
        }
        // A copy, so that the slot itself is there at any moment.
        let kept = outputs.claim_in_place(&all[1]).map_err(|why| why.to_string())?;
        kept.write(before.as_bytes()).map_err(cannot)?;
    }
    place.write(text.as_bytes()).map_err(|error| format!("{} can't be written: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{is_saved, marked, save, version};
    use crate::io::output_claims::Outputs;
    use std::path::Path;

    #[test]
    fn what_was_saved_is_known_again() {
        for text in ["song\n", "song", "", "// Saved by chronus, I think\nsong\n"] {
            let saved = marked(text);
            assert!(is_saved(&saved), "{saved}");
            assert_eq!(marked(&saved), saved, "saved again it has one mark");
            assert!(!is_saved(&saved.replacen('s', "t", 1)) && !is_saved(&format!("{saved}sine x\n")));
        }
        assert!(!is_saved("song\n") && !is_saved(""));
    }

    fn saved(path: &Path, text: &str) -> Result<(), String> {
        save(path, text, &mut Outputs::default())
    }

    fn first_line(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap().lines().next().unwrap().to_owned()
    }

    #[test]
    fn three_versions_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.a.kdl");
        for text in ["one", "two", "three", "four", "five", "five"] {
            saved(&path, text).unwrap();
        }
        assert_eq!(first_line(&path), "five");
        let kept = [1, 2, 3].map(|age| first_line(&version(&path, age)));
        assert_eq!(kept, ["four", "three", "two"]);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 4);
    }

    #[test]
    fn what_was_written_by_hand_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.a.kdl");
        std::fs::write(&path, "by hand\n").unwrap();
        assert!(saved(&path, "one").unwrap_err().contains("by hand"));
        assert_eq!(first_line(&path), "by hand");
        std::fs::remove_file(&path).unwrap();
        saved(&path, "one").unwrap();
        // A version too.
        std::fs::write(version(&path, 3), "by hand\n").unwrap();
        assert!(saved(&path, "two").unwrap_err().contains("song.a.kdl.3"));
        assert_eq!((first_line(&path).as_str(), first_line(&version(&path, 3)).as_str()), ("one", "by hand"));
        std::fs::remove_file(version(&path, 3)).unwrap();
        // Edited since.
        std::fs::write(&path, "edited\n".to_owned() + &std::fs::read_to_string(&path).unwrap()).unwrap();
        assert!(saved(&path, "two").is_err());
        assert_eq!(first_line(&path), "edited");
    }

    #[test]
    fn what_is_in_use_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("song.a.kdl");
        saved(&path, "one").unwrap();
        let mut outputs = Outputs::default();
        outputs.reads([&path]);
        assert!(save(&path, "two", &mut outputs).unwrap_err().contains("is in use"));
        assert_eq!(first_line(&path), "one");
    }
}

//! What was in the files that the songs of a take use: named in the take, and kept beside it where it changed while it was played.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::io::folder;
use crate::io::output_claims::Outputs;
use crate::live::control_thread::ControlThread;
use crate::live::persistence::TakeWriter;
use crate::live::take::quoted;
use crate::live::used::{ChangedFile, content_name};

/// A file that a song of a take uses, and what was in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its path from the song's folder.
    pub name: String,
    /// The number of the text from which on this was so; 0 for the first one.
    pub from: u64,
    /// The beginning of the BLAKE3 of its content, in hexadecimal.
    pub content: String,
    /// Where that is kept, from the take's folder; nothing if the file itself still was so when the take ended.
    pub kept: Option<PathBuf>,
}

impl Version {
    /// As it stands in a take, with its line break.
    pub fn written(&self) -> String {
        let Self { name, from, content, kept } = self;
        let mut line = format!("used {} n={from} blake3={}", quoted(name), quoted(content));
        if let Some(kept) = kept {
            // Writing to a text can't fail.
            let _ = write!(line, " kept={}", quoted(&kept.display().to_string()));
        }
        line + "\n"
    }
}

/// What was in the file `name` when the text with this number came in, as far as it is known.
pub(super) fn version<'a>(all: &'a [Version], name: &str, number: u64) -> Option<&'a Version> {
    // Of two lines about the same the later one knows more: it was written when the file changed.
    all.iter().filter(|one| one.name == name && one.from <= number).max_by_key(|one| one.from)
}

/// The files to be read in place of those that the text with this number uses. What is kept lies beside `take`.
pub(super) fn instead(all: &[Version], number: u64, take: &Path) -> BTreeMap<String, PathBuf> {
    let names = all.iter().map(|one| one.name.as_str());
    let kept = names.filter_map(|name| {
        let kept = version(all, name, number)?.kept.as_ref()?;
        Some((name.to_owned(), take.with_file_name(kept)))
    });
    kept.collect()
}

impl ControlThread {
    /// Notes in the take what is in files that the song uses since the text with this number, and keeps what was in them before.
    pub(super) fn take_used(&mut self, number: u64) {
        let changed = self.session.changed();
        let Some(taking) = &mut self.take else { return };
        let (mut lines, mut failed) = (String::new(), None);
        for ChangedFile { name, before, now } in changed {
            if let Some(before) = before {
                lines.push_str(&kept_line(taking, &name, &before, &mut failed));
            }
            taking.used_from.insert(name.clone(), number);
            let version = Version { name, from: number, content: content_name(&now), kept: None };
            lines.push_str(&version.written());
        }
        self.told_used(&lines, failed);
    }

    /// Keeps what was in the files that the take's songs have used and that are others now, or gone.
    pub(super) fn keep_used(&mut self) {
        let Some(taking) = &self.take else { return };
        let song = &self.session.config().path;
        let (mut lines, mut failed) = (String::new(), None);
        for (name, bytes) in &self.session.used.contents {
            let now = folder::bytes(&song.with_file_name(name), bytes.len() as u64);
            if now.is_err() || now.is_ok_and(|now| now[..] != bytes[..]) {
                lines.push_str(&kept_line(taking, name, bytes, &mut failed));
            }
        }
        self.told_used(&lines, failed);
    }

    /// Writes lines of versions, and tells why one couldn't be kept.
    fn told_used(&mut self, lines: &str, failed: Option<String>) {
        self.write_take(lines);
        if let Some(why) = failed {
            self.see(|view| view.warn(why));
        }
    }
}

/// Keeps what has been in the file `name` so far, and gives its line. Why that can't be is `failed`.
fn kept_line(taking: &TakeWriter, name: &str, content: &[u8], failed: &mut Option<String>) -> String {
    let from = taking.used_from.get(name).copied().unwrap_or(0);
    let kept = keep(&taking.path, name, content).map_err(|why| *failed = Some(why)).ok();
    Version { name: name.to_owned(), from, content: content_name(content), kept }.written()
}

/// Keeps what was in the file `name` beside the take, and gives where from its folder.
///
/// # Errors
/// Why that can't be, in words.
fn keep(take: &Path, name: &str, content: &[u8]) -> Result<PathBuf, String> {
    let mut folder = take.file_name().unwrap_or_default().to_owned();
    folder.push(".files");
    let mut kept = PathBuf::from(folder).join(content_name(content));
    if let Some(kind) = Path::new(name).extension() {
        kept.set_extension(kind);
    }
    let path = take.with_file_name(&kept);
    if path.exists() {
        return Ok(kept);
    }
    let cannot = |why: String| {
        format!("what was in {name} can't be kept for the take, which won't render as it was heard: {why}")
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| cannot(error.to_string()))?;
    }
    let place = Outputs::default().claim_in_place(&path).map_err(|why| cannot(why.to_string()))?;
    place.write(content).map_err(|error| cannot(error.to_string()))?;
    Ok(kept)
}

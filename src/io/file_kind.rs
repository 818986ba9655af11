//! The kinds of file that chronus writes: what each is called, what its name ends in, and how its content is known.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes from the start of a file that tell its kind.
const HEAD: u64 = 4_096;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub struct FileKind {
    /// What one is called, with its article.
    pub name: &'static str,
    /// What names end in, the usual one first, in lower case.
    pub ends: &'static [&'static str],
    /// Whether a file that begins with these bytes is one.
    is: fn(&[u8]) -> bool,
}

/// Sound as rendered and recorded.
pub const WAV: FileKind =
    FileKind { name: "a WAV file", ends: &["wav", "wave"], is: |head| has_magic(head, b"RIFF", b"WAVE") };

/// The page that `--report` writes.
pub const PAGE: FileKind = FileKind {
    name: "a report of chronus",
    ends: &["html", "htm"],
    is: |head| contains(head, PAGE_MARK.as_bytes()),
};

/// What stands in the head of every page that `--report` writes.
pub const PAGE_MARK: &str = "<meta name=\"generator\" content=\"chronus\">";

/// What `chronus test` holds songs against.
pub const GOLDEN: FileKind = FileKind {
    name: "a golden file",
    ends: &["golden"],
    is: |head| head.starts_with(crate::compare::golden_text::NAME.as_bytes()),
};

/// What was done to a song while it was played, as a text.
pub const TAKE: FileKind = FileKind { name: "a take", ends: &["kdl", "take", "txt"], is: |_| false };

/// A song's text. Only the song itself tells whether it may be replaced, so none is one by its content.
pub const SONG: FileKind = FileKind { name: "a song", ends: &["kdl"], is: |_| false };

/// The kinds, for whoever needs all of them.
pub const ALL: [FileKind; 4] = [WAV, PAGE, GOLDEN, SONG];

/// Formats that chronus doesn't write: what names end in, in lower case with spaces between, and what they are called.
const FOREIGN: &[(&str, &str)] = &[
    ("flac", "FLAC"),
    ("mp3", "MP3"),
    ("ogg oga", "Ogg Vorbis"),
    ("opus", "Opus"),
    ("m4a mp4 aac m4b", "AAC"),
    ("alac", "Apple Lossless"),
    ("aif aiff aifc", "AIFF"),
    ("wma", "Windows Media"),
    ("au snd", "Sun audio"),
    ("caf", "Core Audio"),
    ("w64", "Sony Wave64"),
    ("rf64 bw64", "RF64"),
    ("wv", "WavPack"),
    ("ape", "Monkey's Audio"),
    ("mka mkv webm avi mov", "video"),
    ("mid midi", "MIDI"),
    ("json", "JSON"),
    ("xml", "XML"),
    ("txt md", "text"),
    ("svg png jpg jpeg pdf", "pictures"),
    ("zip gz xz zst tar 7z", "archives"),
    ("scl", "Scala tunings"),
];

impl FileKind {
    /// Whether the content of `file` is of this kind. An empty file is of every kind, because it has nothing to lose.
    ///
    /// # Errors
    /// If it can't be read.
    pub fn is(&self, file: &mut File) -> io::Result<bool> {
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head)?;
        Ok(head.is_empty() || (self.is)(&head))
    }

    /// The format that the name of `path` means, if that is another one than this. A name that means none is fit for all.
    pub fn contradicted_by(&self, path: &Path) -> Option<&'static str> {
        let end = path.extension()?.to_str()?.to_lowercase();
        let has = |ends: &[&str]| ends.contains(&end.as_str());
        if has(self.ends) {
            return None;
        }
        let ours = ALL.iter().find(|kind| has(kind.ends)).map(|kind| kind.name);
        ours.or_else(|| {
            FOREIGN.iter().find(|(ends, _)| ends.split(' ').any(|one| one == end)).map(|(_, name)| *name)
        })
    }
}

/// Whether `head` has the chunk heading `first`, and `second` after the size.
fn has_magic(head: &[u8], first: &[u8], second: &[u8]) -> bool {
    head.starts_with(first) && head.get(8..12) == Some(second)
}

fn contains(head: &[u8], what: &[u8]) -> bool {
    head.windows(what.len()).any(|window| window == what)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{ALL, FOREIGN, GOLDEN, PAGE, WAV};

    #[test]
    fn names_mean_formats() {
        let means = |name: &str| WAV.contradicted_by(Path::new(name));
        for fits in ["x.wav", "x.WAVE", "x", "x.raw", "x.mp3.wav", "x.2", ".mp3"] {
            assert_eq!(means(fits), None, "{fits}");
        }
        assert_eq!(means("x.MP3"), Some("MP3"));
        assert_eq!(means("x.ogg"), Some("Ogg Vorbis"));
        assert_eq!(means("x.kdl"), Some("a song"));
        assert_eq!(PAGE.contradicted_by(Path::new("kick.wav")), Some("a WAV file"));
        assert_eq!(GOLDEN.contradicted_by(Path::new("a.golden")), None);
    }

    #[test]
    fn an_end_means_one_format() {
        let ours = ALL.iter().flat_map(|kind| kind.ends.iter().copied());
        let mut ends: Vec<&str> = ours.chain(FOREIGN.iter().flat_map(|(ends, _)| ends.split(' '))).collect();
        let count = ends.len();
        ends.sort_unstable();
        ends.dedup();
        assert_eq!(ends.len(), count);
        assert!(ends.iter().all(|end| end.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())));
    }
}

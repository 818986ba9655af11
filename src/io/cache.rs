//! The cache: a folder of sealed files named by what they were made from, bounded in size, safe to delete at any time.

use std::fs::{File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::NamedTempFile;

use crate::io::drafts::{draft, remove_abandoned};
use crate::io::sealed::{FORMAT, SealKey, SealedKind};

/// Bytes that it may hold if nobody says otherwise.
const MOST: u64 = 2 << 30;
/// What has so few bytes hardly takes room, and is the last to go.
const SMALL: u64 = 1 << 10;
/// The folder in it for what is kept to be listened to.
const KEPT: &str = "kept";
/// What the files there are called: a song as it is, as it was, and the difference.
pub const KEPT_NAMES: [&str; 3] = ["is.wav", "was.wav", "difference.wav"];
/// How long that is kept.
const FORGOTTEN: Duration = Duration::from_hours(24 * 30);
/// How deep folders are looked through there.
const DEEPEST: usize = 64;

/// The folder.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    most: u64,
    /// Bytes in it, as far as is known: others write too.
    held: AtomicU64,
}

/// What is in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheContents {
    /// Whole files.
    pub files: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Why there is no cache.
#[derive(Debug)]
pub enum NoCache {
    /// The system doesn't say where a user's caches are.
    Nowhere,
    /// `CHRONUS_CACHE_SIZE` isn't a size.
    Size(String),
    /// The folder can't be made or written to.
    Folder(PathBuf, io::Error),
}

/// A file of the cache, as it lies there.
struct CacheEntry {
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
}

impl Cache {
    /// The user's: in `$CHRONUS_CACHE`, else where the system keeps caches, of at most `$CHRONUS_CACHE_SIZE` bytes.
    pub fn of_user() -> Result<Self, NoCache> {
        let most = match std::env::var_os("CHRONUS_CACHE_SIZE") {
            None => MOST,
            Some(text) => {
                let text = text.to_string_lossy().into_owned();
                size(&text).ok_or(NoCache::Size(text))?
            }
        };
        let folder = user_folder().ok_or(NoCache::Nowhere)?;
        Self::at(&folder, most).map_err(|error| NoCache::Folder(folder, error))
    }

    /// One in `folder`, which is made if it isn't there, of at most `most` bytes.
    pub fn at(folder: &Path, most: u64) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let cache = Self { folder: folder.to_path_buf(), most, held: AtomicU64::new(0) };
        // Whether it may be written shows only when it is.
        drop(cache.draft()?);
        cache.tidy();
        Ok(cache)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Bytes that it may hold.
    pub fn most(&self) -> u64 {
        self.most
    }

    /// What is in it.
    pub fn held(&self) -> CacheContents {
        let mut held = CacheContents::default();
        for entry in self.entries().iter().chain(&self.kept()) {
            held.files += 1;
            held.bytes += entry.bytes;
        }
        held
    }

    /// The file of that key, which counts as used from now on.
    pub fn open(&self, key: &SealKey, kind: SealedKind) -> Option<File> {
        let path = self.path(key, kind);
        // Some systems set times only on files that are open for writing, which a file need not allow.
        let file = File::options().read(true).write(true).open(&path).or_else(|_| File::open(&path)).ok()?;
        let now = SystemTime::now();
        drop(file.set_times(FileTimes::new().set_accessed(now).set_modified(now)));
        Some(file)
    }

    /// A file to be written, which is gone when it is dropped.
    pub fn draft(&self) -> io::Result<NamedTempFile> {
        draft(&self.folder)
    }

    /// Gives a whole draft its name. What was used least lately makes room for it.
    pub fn keep(&self, draft: NamedTempFile, key: &SealKey, kind: SealedKind) -> io::Result<()> {
        let bytes = draft.as_file().metadata()?.len();
        if bytes > self.most {
            return Ok(());
        }
        if self.held.fetch_add(bytes, Ordering::Relaxed) + bytes > self.most {
            self.make_room(bytes);
        }
        draft.persist(self.path(key, kind))?;
        Ok(())
    }

    /// Removes the file of that key.
    pub fn remove(&self, key: &SealKey, kind: SealedKind) {
        // What can't be removed is written anew, or found broken again.
        drop(std::fs::remove_file(self.path(key, kind)));
    }

    /// Removes all that is in it, and drafts that nobody writes. Gives what it held.
    pub fn clear(&self) -> CacheContents {
        let held = self.held();
        self.entries().iter().for_each(|entry| drop(std::fs::remove_file(&entry.path)));
        remove_abandoned(&self.folder);
        self.held.store(0, Ordering::Relaxed);
        self.kept().iter().for_each(|entry| drop(std::fs::remove_file(&entry.path)));
        held
    }

    /// Brings it into its bounds, and removes what killed programs have left.
    pub fn tidy(&self) {
        remove_abandoned(&self.folder);
        self.make_room(0);
        let now = SystemTime::now();
        for entry in self.kept() {
            if now.duration_since(entry.used).is_ok_and(|age| age >= FORGOTTEN) {
                drop(std::fs::remove_file(&entry.path));
            }
        }
    }

    /// What is kept to be listened to.
    fn kept(&self) -> Vec<CacheEntry> {
        kept_in(&self.folder.join(KEPT), 0)
    }

    fn path(&self, key: &SealKey, kind: SealedKind) -> PathBuf {
        self.folder.join(format!("{}.{}{FORMAT}", blake3::Hash::from_bytes(*key).to_hex(), kind.word()))
    }

    /// Removes what was used least lately until `more` bytes fit; what is small only when nothing else is left.
    fn make_room(&self, more: u64) {
        let mut entries = self.entries();
        let order = |entry: &CacheEntry| (entry.bytes <= SMALL, entry.used);
        entries.sort_by(|a, b| (order(a), &a.path).cmp(&(order(b), &b.path)));
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in &entries {
            if bytes + more <= self.most {
                break;
            }
            if std::fs::remove_file(&entry.path).is_ok() {
                bytes -= entry.bytes;
            }
        }
        self.held.store(bytes + more, Ordering::Relaxed);
    }

    /// All whole files, those of other versions too.
    fn entries(&self) -> Vec<CacheEntry> {
        let entry = |file: std::fs::DirEntry| {
            let (name, about) = (file.file_name(), file.metadata().ok()?);
            let (key, suffix) = name.to_str()?.split_once('.')?;
            let is_key = key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit());
            let ours = is_key && SealedKind::ALL.iter().any(|kind| suffix.starts_with(kind.word()));
            let used = about.modified().ok()?;
            (ours && about.is_file()).then(|| CacheEntry { used, bytes: about.len(), path: file.path() })
        };
        let files = std::fs::read_dir(&self.folder).into_iter().flatten();
        files.filter_map(|file| entry(file.ok()?)).collect()
    }
}

/// Bytes in words: `500M`, `2G`, `1000000`.
fn size(text: &str) -> Option<u64> {
    let text = text.trim();
    let (number, shift) = match text.chars().last()?.to_ascii_uppercase() {
        'K' => (&text[..text.len() - 1], 10),
        'M' => (&text[..text.len() - 1], 20),
        'G' => (&text[..text.len() - 1], 30),
        _ => (text, 0),
    };
    number.trim_end().parse::<u64>().ok()?.checked_mul(1 << shift)
}

/// All files below `folder` that have the name of a kept one: others are the user's.
fn kept_in(folder: &Path, depth: usize) -> Vec<CacheEntry> {
    let mut all = Vec::new();
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = file.metadata() else { continue };
        if about.is_dir() && depth < DEEPEST {
            all.extend(kept_in(&file.path(), depth + 1));
        } else if let (true, Ok(used)) =
            (about.is_file() && KEPT_NAMES.iter().any(|name| file.file_name() == *name), about.modified())
        {
            all.push(CacheEntry { used, bytes: about.len(), path: file.path() });
        }
    }
    all
}

/// A folder with the user's caches for what has to do with the file at `path`: where else would be in the way of the user's own.
pub fn folder_for(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    let parts = real.with_extension("");
    let parts = parts.components().filter_map(|part| match part {
        std::path::Component::Normal(name) => Some(name),
        _ => None,
    });
    Some(user_folder()?.join(KEPT).join(parts.collect::<PathBuf>()))
}

/// Where the system keeps this program's caches.
pub(super) fn user_folder() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(folder) = of("CHRONUS_CACHE") {
        return Some(folder);
    }
    let folder = if cfg!(windows) {
        of("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        of("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // One that isn't absolute doesn't count: so the specification wants it.
        of("XDG_CACHE_HOME")
            .filter(|folder| folder.is_absolute())
            .or_else(|| Some(of("HOME")?.join(".cache")))
    };
    folder.map(|folder| folder.join("chronus"))
}

#[cfg(test)]
mod tests {
    use super::{Cache, size};

    use crate::io::sealed::{SealedKind, Sealer, Unsealer};

    use std::time::{Duration, SystemTime};

    const KEY: [u8; 32] = [7; 32];

    fn store(cache: &Cache, key: u8, chunk: &[u8]) {
        let mut sealer = Sealer::new(cache.draft().unwrap(), [key; 32], SealedKind::CachedVoice).unwrap();
        sealer.push(chunk).unwrap();
        cache.keep(sealer.finish(1, 0).unwrap(), &[key; 32], SealedKind::CachedVoice).unwrap();
    }

    /// Reads all of a file, if it is whole.
    fn read(cache: &Cache, key: u8) -> Option<Vec<u8>> {
        let mut file = Unsealer::open(
            cache.open(&[key; 32], SealedKind::CachedVoice)?,
            [key; 32],
            SealedKind::CachedVoice,
        )
        .ok()?;
        let mut all = Vec::new();
        while let Some(chunk) = file.next_chunk().ok()? {
            all.extend_from_slice(chunk);
        }
        Some(all)
    }

    #[test]
    fn sizes_are_bytes_or_have_a_letter() {
        assert_eq!(size("1000"), Some(1000));
        assert_eq!(size("3k"), Some(3 << 10));
        assert_eq!(size(" 500M "), Some(500 << 20));
        assert_eq!(size("2 G"), Some(2 << 30));
        for wrong in ["", "G", "-1", "1.5G", "2T", "99999999999G", "é"] {
            assert_eq!(size(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_used_least_lately_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path(), 4_000).unwrap();
        for key in 1..=3 {
            store(&cache, key, &[key; 1_100]);
            let age = Duration::from_secs(100 - u64::from(key));
            cache
                .open(&[key; 32], SealedKind::CachedVoice)
                .unwrap()
                .set_modified(SystemTime::now() - age)
                .unwrap();
        }
        assert_eq!(cache.held().files, 3);
        // Opened, so it stays.
        assert_eq!(read(&cache, 1), Some(vec![1; 1_100]));
        // The oldest of all, but small.
        store(&cache, 6, &[6; 20]);
        cache.open(&[6; 32], SealedKind::CachedVoice).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
        store(&cache, 4, &[4; 1_100]);
        assert_eq!([1, 2, 3, 4].map(|key| read(&cache, key).is_some()), [true, false, true, true]);
        assert!(cache.path(&[6; 32], SealedKind::CachedVoice).exists());
        assert!(cache.held().bytes <= 4_000, "{:?}", cache.held());
        // What can never fit isn't kept, and nothing goes for it.
        store(&cache, 5, &[5; 4_000]);
        assert_eq!(cache.held().files, 4);
        assert!(read(&cache, 5).is_none());
        // A smaller bound holds as soon as the folder is opened with it.
        assert_eq!(Cache::at(folder.path(), 1_500).unwrap().held().files, 2);
        assert_eq!(Cache::at(folder.path(), 100).unwrap().held().files, 0);
    }

    #[test]
    fn every_byte_counts() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::at(folder.path(), 1 << 20).unwrap();
        store(&cache, 7, b"some bytes of sound");
        let path = cache.path(&KEY, SealedKind::CachedVoice);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut altered = whole.clone();
            altered[at] ^= 1;
            std::fs::write(&path, &altered).unwrap();
            assert_eq!(read(&cache, 7), None, "byte {at}");
            std::fs::write(&path, &whole[..at]).unwrap();
            assert_eq!(read(&cache, 7), None, "the first {at} bytes");
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(read(&cache, 7).is_some());
        // Another's file under this name is another's.
        std::fs::rename(&path, cache.path(&[8; 32], SealedKind::CachedVoice)).unwrap();
        assert_eq!(read(&cache, 8), None);
    }

    #[test]
    fn drafts_of_the_killed_go() {
        let folder = tempfile::tempdir().unwrap();
        for name in [".chronus-killed.part", "mine.part"] {
            std::fs::write(folder.path().join(name), "half").unwrap();
        }
        let cache = Cache::at(folder.path(), 1 << 20).unwrap();
        let left = |name: &str| folder.path().join(name).exists();
        assert!(!left(".chronus-killed.part") && left("mine.part"));
        let ours = cache.draft().unwrap();
        Cache::at(folder.path(), 1 << 20).unwrap().clear();
        assert!(ours.path().exists(), "it is being written");
        drop(ours);
        store(&cache, 1, b"sound");
        assert_eq!(cache.clear().files, 1);
        // Every kind counts, and goes.
        for kind in SealedKind::ALL {
            let sealer = Sealer::new(cache.draft().unwrap(), KEY, kind).unwrap();
            cache.keep(sealer.finish(1, 0).unwrap(), &KEY, kind).unwrap();
        }
        assert_eq!((cache.clear().files, cache.held().files), (3, 0));
        assert!(!left(".chronus-new.part") && left("mine.part"), "what isn't ours stays");
        assert_eq!(cache.held().files, 0);
    }
}

//! Sealed files: a name, chunks and an end, each with a checksum, so that what is corrupt or altered is never taken for whole.
//!
//! ```text
//! head   "chronus\0"  format u32  kind u32  key 32 bytes  seal
//! chunk  length u32   bytes       seal
//! tail   three numbers u64                  seal
//! ```
//!
//! A seal is the first half of the BLAKE3 hash, keyed with the file's key, of the chunk's number, its length and a digest of its
//! bytes. The digest is for accidents, not against forgers, who could as well change the program: it takes a tenth of the time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

/// A file's key: what it was made from.
pub type SealKey = [u8; 32];

/// Of the layout of sealed files and of what they hold.
pub const FORMAT: u32 = 1;

/// What a sealed file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealedKind {
    /// What one voice outputs.
    CachedVoice = 1,
    /// All frames of a song.
    Song = 2,
    /// The hash of all frames of a song.
    Hash = 3,
}

impl SealedKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::CachedVoice, Self::Song, Self::Hash];

    /// What files of this kind end in, before the format.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CachedVoice => "tape",
            Self::Song => "song",
            Self::Hash => "hash",
        }
    }
}

const MAGIC: &[u8; 8] = b"chronus\0";
const HEAD: usize = 48;
const TAIL: usize = 24;
const SEAL: usize = 16;
/// Sums of a digest.
const LANES: usize = 8;
/// Bytes that a chunk may have.
const MOST: usize = 1 << 20;
/// In place of a chunk's number.
const OF_HEAD: u64 = u64::MAX;
const OF_TAIL: u64 = u64::MAX - 1;

/// What is known of the whole file at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedTail {
    /// Its chunks.
    pub chunks: u64,
    /// What they hold: blocks or frames.
    pub length: u64,
    /// What the kind of file says with it.
    pub mark: u64,
}

impl SealedTail {
    fn bytes(self) -> [u8; TAIL] {
        let mut bytes = [0; TAIL];
        for (to, number) in bytes.chunks_exact_mut(8).zip([self.chunks, self.length, self.mark]) {
            to.copy_from_slice(&number.to_le_bytes());
        }
        bytes
    }

    fn of(bytes: &[u8; TAIL]) -> Self {
        let mut numbers = [0; 3];
        for (number, from) in numbers.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *number = u64::from_le_bytes(*from);
        }
        let [chunks, length, mark] = numbers;
        Self { chunks, length, mark }
    }
}

/// Eight sums side by side, each of every eighth word. Each step maps sums one to one, so a change of one word always shows, and of
/// several all but once in 2^64.
fn digest(bytes: &[u8]) -> [u64; LANES] {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut sums = [1; LANES];
    let (words, rest) = bytes.as_chunks::<8>();
    let (rows, last) = words.as_chunks::<LANES>();
    let mut add = |lane: usize, word: [u8; 8]| {
        let sum: u64 = sums[lane] ^ u64::from_le_bytes(word);
        sums[lane] = sum.wrapping_mul(ODD).rotate_left(29);
    };
    for row in rows {
        for lane in 0..LANES {
            add(lane, row[lane]);
        }
    }
    let mut end = [0; 8];
    end[..rest.len()].copy_from_slice(rest);
    last.iter().chain([&end]).enumerate().for_each(|(lane, word)| add(lane, *word));
    sums
}

fn seal(key: &SealKey, number: u64, bytes: &[u8]) -> [u8; SEAL] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&number.to_le_bytes()).update(&(bytes.len() as u64).to_le_bytes());
    for sum in digest(bytes) {
        hasher.update(&sum.to_le_bytes());
    }
    let mut seal = [0; SEAL];
    seal.copy_from_slice(&hasher.finalize().as_bytes()[..SEAL]);
    seal
}

fn head(key: &SealKey, kind: SealedKind) -> [u8; HEAD] {
    let mut head = [0; HEAD];
    head[..8].copy_from_slice(MAGIC);
    head[8..12].copy_from_slice(&FORMAT.to_le_bytes());
    head[12..16].copy_from_slice(&(kind as u32).to_le_bytes());
    head[16..].copy_from_slice(key);
    head
}

/// Writes a sealed file.
#[derive(Debug)]
pub struct Sealer {
    draft: NamedTempFile,
    key: SealKey,
    chunks: u64,
    written: u64,
    line: Vec<u8>,
}

impl Sealer {
    /// Begins a file in `draft`.
    pub fn new(mut draft: NamedTempFile, key: SealKey, kind: SealedKind) -> io::Result<Self> {
        let head = head(&key, kind);
        draft.write_all(&[&head[..], &seal(&key, OF_HEAD, &head)].concat())?;
        Ok(Self { draft, key, chunks: 0, written: (HEAD + SEAL) as u64, line: Vec::new() })
    }

    /// Bytes written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Writes a chunk of at most a mebibyte.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.line.clear();
        self.line.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        self.line.extend_from_slice(bytes);
        self.line.extend_from_slice(&seal(&self.key, self.chunks, bytes));
        self.draft.write_all(&self.line)?;
        self.chunks += 1;
        self.written += self.line.len() as u64;
        Ok(())
    }

    /// The file is whole but for its name.
    pub fn finish(mut self, length: u64, mark: u64) -> io::Result<NamedTempFile> {
        let tail = SealedTail { chunks: self.chunks, length, mark }.bytes();
        self.draft.write_all(&[&tail[..], &seal(&self.key, OF_TAIL, &tail)].concat())?;
        Ok(self.draft)
    }
}

/// Reads a sealed file.
#[derive(Debug)]
pub struct Unsealer {
    file: File,
    key: SealKey,
    tail: SealedTail,
    next: u64,
    size: u64,
    bytes: Vec<u8>,
}

fn broken() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

impl Unsealer {
    /// Opens `file`.
    ///
    /// # Errors
    /// `InvalidData` if it isn't a whole file of that kind with that key.
    pub fn open(mut file: File, key: SealKey, kind: SealedKind) -> io::Result<Self> {
        let mut start = [0; HEAD + SEAL];
        let size = file.metadata()?.len();
        if size < (HEAD + TAIL + 2 * SEAL) as u64 {
            return Err(broken());
        }
        file.read_exact(&mut start)?;
        let wanted = head(&key, kind);
        if start[..HEAD] != wanted || start[HEAD..] != seal(&key, OF_HEAD, &wanted) {
            return Err(broken());
        }
        let mut end = [0; TAIL + SEAL];
        file.seek(SeekFrom::End(-((TAIL + SEAL) as i64)))?;
        file.read_exact(&mut end)?;
        let (Some(tail), rest) = (end.first_chunk::<TAIL>(), &end[TAIL..]) else { return Err(broken()) };
        if *rest != seal(&key, OF_TAIL, tail) {
            return Err(broken());
        }
        file.seek(SeekFrom::Start((HEAD + SEAL) as u64))?;
        Ok(Self { file, key, tail: SealedTail::of(tail), next: 0, size, bytes: Vec::new() })
    }

    /// What its end says.
    pub fn tail(&self) -> SealedTail {
        self.tail
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Reads the next chunk; `None` after the last.
    ///
    /// # Errors
    /// If it can't be read, or isn't what was written.
    pub fn next_chunk(&mut self) -> io::Result<Option<&[u8]>> {
        if self.next == self.tail.chunks {
            return Ok(None);
        }
        let mut length = [0; 4];
        self.file.read_exact(&mut length)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > MOST {
            return Err(broken());
        }
        self.bytes.resize(length + SEAL, 0);
        self.file.read_exact(&mut self.bytes)?;
        let (bytes, sealed) = self.bytes.split_at(length);
        if *sealed != seal(&self.key, self.next, bytes) {
            return Err(broken());
        }
        self.next += 1;
        Ok(Some(self.chunk()))
    }

    /// The chunk that was read last.
    pub fn chunk(&self) -> &[u8] {
        &self.bytes[..self.bytes.len().saturating_sub(SEAL)]
    }
}

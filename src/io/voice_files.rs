//! Cached voices in files: what a voice or a sum of voices has output, a chunk of blocks at a time.
//!
//! A chunk begins with the number of its blocks and whether anything is awake in any; if not, that is all. Else each block
//! has a byte: 1 if anything is awake, plus for each channel, two bits further up, 0 if it is constant at the value it had
//! last in this chunk, 1 if it is constant at the value that follows, 2 if its samples follow.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::engine::voice_cache::{CachedVoice, Corrupt, VoiceRecorder};
use crate::io::cache::Cache;
use crate::io::sealed::{SealKey, SealedKind, Sealer, Unsealer};
use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;

/// Blocks of a chunk.
const BLOCKS: u8 = 64;
/// Channels that a cached voice has room for: left, right and the level of a voice, or those of a sum.
pub const CHANNELS: usize = 3;

const AWAKE: u8 = 1;
const SAME: u8 = 0;
const CONSTANT: u8 = 1;
const VARYING: u8 = 2;

/// What all recorders of a render share.
#[derive(Debug, Default)]
pub struct SharedRecorder {
    /// Bytes that may still be written.
    pub left: AtomicU64,
    /// Voices on cached voices that have been kept.
    pub kept: AtomicUsize,
}

/// A cached voice being played.
#[derive(Debug)]
pub struct VoiceReader {
    file: Unsealer,
    cache: Arc<Cache>,
    key: SealKey,
    /// Place in the chunk.
    at: usize,
    /// Blocks of the chunk still to come.
    left: u8,
    sleeps: bool,
    last: [f32; CHANNELS],
}

impl VoiceReader {
    /// The cached voice of that key, if it is there and seems whole.
    pub fn open(cache: &Arc<Cache>, key: SealKey) -> Option<Self> {
        let file = Unsealer::open(cache.open(&key, SealedKind::CachedVoice)?, key, SealedKind::CachedVoice);
        if file.is_err() {
            cache.remove(&key, SealedKind::CachedVoice);
        }
        let cache = Arc::clone(cache);
        Some(Self { file: file.ok()?, cache, key, at: 0, left: 0, sleeps: true, last: [0.0; CHANNELS] })
    }

    /// Its blocks.
    pub fn blocks(&self) -> u64 {
        self.file.tail().length
    }

    /// Whether it sleeps for ever after its end.
    pub fn is_closed(&self) -> bool {
        self.file.tail().mark == 1
    }

    /// Its bytes.
    pub fn size(&self) -> u64 {
        self.file.size()
    }

    /// Goes on to the next chunk. Tells whether there is one.
    fn turn(&mut self) -> Result<bool, Corrupt> {
        let chunk = match self.file.next_chunk() {
            Ok(Some(chunk)) => chunk,
            Ok(None) => return Ok(false),
            Err(_) => {
                self.cache.remove(&self.key, SealedKind::CachedVoice);
                return Err(Corrupt);
            }
        };
        let [blocks, awake, ..] = *chunk else { return Err(Corrupt) };
        (self.left, self.sleeps, self.at) = (blocks, awake == 0, 2);
        self.last = [0.0; CHANNELS];
        Ok(blocks > 0)
    }

    /// The next bytes of the chunk.
    fn bytes<const N: usize>(&mut self) -> Result<&[u8; N], Corrupt> {
        let rest = self.file.chunk().get(self.at..).and_then(<[u8]>::first_chunk).ok_or(Corrupt)?;
        self.at += N;
        Ok(rest)
    }
}

impl CachedVoice for VoiceReader {
    fn next(&mut self, channels: &mut [Buffer]) -> Result<bool, Corrupt> {
        let mut tag = 0;
        if self.left > 0 || self.turn()? {
            self.left -= 1;
            if !self.sleeps {
                [tag] = *self.bytes::<1>()?;
            }
        } else if !self.is_closed() {
            return Err(Corrupt);
        }
        if tag & AWAKE == 0 {
            channels.iter_mut().for_each(|channel| channel.set([0.0]));
            return Ok(false);
        }
        tag >>= 1;
        for (channel, buffer) in channels.iter_mut().take(CHANNELS).enumerate() {
            match tag & 3 {
                VARYING => {
                    let bytes = self.bytes::<{ 4 * BLOCK }>()?;
                    let rows = buffer.rows::<1>().as_flattened_mut();
                    for (sample, bytes) in rows.iter_mut().zip(bytes.as_chunks::<4>().0) {
                        *sample = f32::from_le_bytes(*bytes);
                    }
                }
                CONSTANT => {
                    self.last[channel] = f32::from_le_bytes(*self.bytes::<4>()?);
                    buffer.set([self.last[channel]]);
                }
                _ => buffer.set([self.last[channel]]),
            }
            tag >>= 2;
        }
        Ok(true)
    }
}

/// A cached voice being written.
#[derive(Debug)]
pub struct VoiceWriter {
    /// `None` once something went wrong: then it isn't kept.
    file: Option<Sealer>,
    cache: Arc<Cache>,
    shared: Arc<SharedRecorder>,
    key: SealKey,
    chunk: Vec<u8>,
    last: [Option<u32>; CHANNELS],
    blocks: u64,
    awake: bool,
    /// How many are on it.
    voices: usize,
    /// The frame of the last thing that happens to them.
    last_event: u64,
}

impl VoiceWriter {
    /// A cached voice of that key, for so many voices, to which nothing happens after `last_event`. `None` if it can't be written.
    pub fn new(
        cache: &Arc<Cache>,
        shared: &Arc<SharedRecorder>,
        key: SealKey,
        voices: usize,
        last_event: u64,
    ) -> Option<Self> {
        let file = Sealer::new(cache.draft().ok()?, key, SealedKind::CachedVoice).ok()?;
        let (cache, shared) = (Arc::clone(cache), Arc::clone(shared));
        let chunk = vec![0, 0];
        let last = [None; CHANNELS];
        Some(Self {
            file: Some(file),
            cache,
            shared,
            key,
            chunk,
            last,
            blocks: 0,
            awake: false,
            voices,
            last_event,
        })
    }

    /// Writes the chunk.
    fn turn(&mut self) {
        if self.chunk[1] == 0 {
            self.chunk.truncate(2);
        }
        let more = self.chunk.len() as u64;
        let enough = |left: u64| left.checked_sub(more);
        let room = self.shared.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, enough).is_ok();
        let well = room && self.file.as_mut().is_some_and(|file| file.push(&self.chunk).is_ok());
        if !well {
            self.drop_file();
        }
        self.chunk.clear();
        self.chunk.extend_from_slice(&[0, 0]);
        self.last = [None; CHANNELS];
    }

    /// Gives up: the room is others'.
    fn drop_file(&mut self) {
        if let Some(file) = self.file.take() {
            self.shared.left.fetch_add(file.written(), Ordering::Relaxed);
        }
    }
}

impl VoiceRecorder for VoiceWriter {
    fn next(&mut self, awake: bool, channels: &mut dyn Iterator<Item = &Buffer>) {
        if self.file.is_none() {
            return;
        }
        self.blocks += 1;
        self.awake = awake;
        self.chunk[0] += 1;
        self.chunk[1] |= u8::from(awake);
        let place = self.chunk.len();
        let mut tags = u8::from(awake);
        self.chunk.push(0);
        for (channel, buffer) in channels.take(if awake { CHANNELS } else { 0 }).enumerate() {
            let first = buffer.samples()[0];
            let tag = if !buffer.is_constant() {
                let from = self.chunk.len();
                self.chunk.resize(from + 4 * BLOCK, 0);
                let to = self.chunk[from..].as_chunks_mut::<4>().0;
                to.iter_mut().zip(buffer.samples()).for_each(|(to, sample)| *to = sample.to_le_bytes());
                VARYING
            } else if self.last[channel] == Some(first.to_bits()) {
                SAME
            } else {
                self.chunk.extend_from_slice(&first.to_le_bytes());
                self.last[channel] = Some(first.to_bits());
                CONSTANT
            };
            tags |= tag << (1 + 2 * channel);
        }
        self.chunk[place] = tags;
        if self.chunk[0] == BLOCKS {
            self.turn();
        }
    }

    fn keep(mut self: Box<Self>) {
        if self.chunk[0] > 0 {
            self.turn();
        }
        let closed = !self.awake && self.last_event < self.blocks * BLOCK as u64;
        let Some(file) = self.file else { return };
        let done = file.finish(self.blocks, u64::from(closed));
        // Where it can't be kept the render is none the worse.
        if done.and_then(|draft| self.cache.keep(draft, &self.key, SealedKind::CachedVoice)).is_ok() {
            self.shared.kept.fetch_add(self.voices, Ordering::Relaxed);
        }
    }
}

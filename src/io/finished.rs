//! Finished songs: all frames of a plan, from the cache or rendered.

use std::io;
use std::sync::Arc;

use blake3::{Hash, Hasher};

use crate::engine::block_loop::Frame;
use crate::engine::guard::Fault;
use crate::engine::offline_render::Excerpt;
use crate::engine::probe::add_frames;
use crate::engine::search::named;
use crate::engine::worker_pool::{ConsumerDone, render};
use crate::io::cache::Cache;
use crate::io::cached::key;
use crate::io::sealed::{SealKey, SealedKind, Sealer, Unsealer};
use crate::modules::dispatch::Compilation;
use crate::plan::compiled_plan::Plan;
use crate::plan::content::Content;

/// Frames of a chunk.
const CHUNK: usize = 4_096;

/// A song from its first frame to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// All frames.
    pub frames: Vec<Frame>,
    /// Modules that broke down. A song with any is rendered each time.
    pub faults: Vec<Fault>,
    /// Whether it came from the cache.
    pub cached: bool,
}

/// All frames of `plan`, which is as it is rendered, or, of a stem, those before frame `to`, where its mix ended: from the cache if they are there, else rendered on at
/// most `jobs` threads and put there. The frames are the same.
pub fn finished(plan: &Arc<Plan>, to: Option<u64>, jobs: usize, cache: Option<&Cache>) -> Finished {
    let key = key("song", content(plan, to).as_bytes());
    if let Some(frames) = cache.and_then(|cache| read(cache, &key)) {
        return Finished { frames, faults: Vec::new(), cached: true };
    }
    let mut frames = Vec::new();
    let mut take = |more: &[Frame]| {
        frames.extend_from_slice(more);
        Ok::<(), ConsumerDone>(())
    };
    let done =
        render(plan, Compilation::best(), jobs, Excerpt { from: 0, to, fades: to.is_some() }, &mut take);
    let faults = done.map(|(_, faults)| named(plan, Compilation::best(), faults)).unwrap_or_default();
    if let Some(cache) = cache.filter(|_| faults.is_empty()) {
        // Where it can't be kept it is rendered again.
        drop(write(cache, &key, &frames));
        if to.is_none() {
            let mut hasher = Hasher::new();
            add_frames(&mut hasher, &frames);
            drop(keep(cache, &hash_key(plan), hasher.finalize()));
        }
    }
    Finished { frames, faults, cached: false }
}

/// What names the frames of `plan` up to frame `to`.
fn content(plan: &Plan, to: Option<u64>) -> Hash {
    let mut hasher = Hasher::new();
    hasher.update(Content::settled(plan).frames(plan).as_bytes());
    hasher.update(&to.unwrap_or(u64::MAX).to_le_bytes());
    hasher.finalize()
}

fn hash_key(plan: &Plan) -> SealKey {
    key("hash", content(plan, None).as_bytes())
}

/// BLAKE3 of all samples of `plan`, as a render tells it: from the cache if it is there. It takes no room there, so songs that are
/// only to be as they were needn't be kept.
pub fn hash(plan: &Arc<Plan>, jobs: usize, cache: Option<&Cache>) -> Hash {
    let key = hash_key(plan);
    if let Some(known) = cache.and_then(|cache| known(cache, &key)) {
        return known;
    }
    let mut hasher = Hasher::new();
    let mut take = |more: &[Frame]| {
        add_frames(&mut hasher, more);
        Ok::<(), ConsumerDone>(())
    };
    let done = render(plan, Compilation::best(), jobs, Excerpt::default(), &mut take);
    let hash = hasher.finalize();
    let fine = done.is_ok_and(|(_, faults)| faults.is_empty());
    if let Some(cache) = cache.filter(|_| fine) {
        // Where it can't be kept it is computed again.
        drop(keep(cache, &key, hash));
    }
    hash
}

fn known(cache: &Cache, key: &SealKey) -> Option<Hash> {
    let file = cache.open(key, SealedKind::Hash)?;
    let mut file = Unsealer::open(file, *key, SealedKind::Hash).ok()?;
    let bytes = file.next_chunk().ok()??;
    Some(Hash::from_bytes(bytes.try_into().ok()?))
}

fn keep(cache: &Cache, key: &SealKey, hash: Hash) -> io::Result<()> {
    let mut file = Sealer::new(cache.draft()?, *key, SealedKind::Hash)?;
    file.push(hash.as_bytes())?;
    cache.keep(file.finish(1, 0)?, key, SealedKind::Hash)
}

/// The frames of that key, if they are there and whole. What is broken is removed.
fn read(cache: &Cache, key: &SealKey) -> Option<Vec<Frame>> {
    let file = cache.open(key, SealedKind::Song)?;
    let frames = frames(file, key);
    if frames.is_err() {
        cache.remove(key, SealedKind::Song);
    }
    frames.ok()
}

fn frames(file: std::fs::File, key: &SealKey) -> io::Result<Vec<Frame>> {
    let mut file = Unsealer::open(file, *key, SealedKind::Song)?;
    let mut frames = Vec::new();
    while let Some(chunk) = file.next_chunk()? {
        let sample = |bytes: &[u8; 4]| f32::from_le_bytes(*bytes);
        let of = |[left, right]: &[[u8; 4]; 2]| [sample(left), sample(right)];
        frames.extend(chunk.as_chunks::<4>().0.as_chunks::<2>().0.iter().map(of));
    }
    if frames.len() as u64 == file.tail().length {
        Ok(frames)
    } else {
        Err(io::ErrorKind::InvalidData.into())
    }
}

fn write(cache: &Cache, key: &SealKey, frames: &[Frame]) -> io::Result<()> {
    if frames.len() as u64 * 8 > cache.most() {
        return Ok(());
    }
    let mut file = Sealer::new(cache.draft()?, *key, SealedKind::Song)?;
    let mut bytes = Vec::with_capacity(8 * CHUNK);
    for chunk in frames.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(chunk.as_flattened().iter().flat_map(|sample| sample.to_le_bytes()));
        file.push(&bytes)?;
    }
    cache.keep(file.finish(frames.len() as u64, 0)?, key, SealedKind::Song)
}

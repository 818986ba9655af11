//! Who makes what a song hears of its voices ahead of it: subgraphs that are computed, and cached voices.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::block_hook::BlockHook;
use crate::engine::block_loop::Engine;
use crate::engine::observer::NoObserver;
use crate::engine::voice_cache::{CachedVoice, VoiceRecording};
use crate::modules::buffer::Buffer;
use crate::plan::compiled_plan::{BufferId, CachedVoicePlan, Plan};

/// Blocks that are worked on before threads speak again.
pub(super) const BLOCKS: usize = 16;
/// Chunks by which one part can be ahead of the next.
pub(super) const AHEAD: usize = 3;

/// What one subgraph has output in a block.
pub(super) struct ProducedBlock {
    buffers: Vec<Buffer>,
    awake: Vec<bool>,
    corrupt: bool,
}

/// Who makes what is heard.
pub(super) enum ProducerSource {
    /// A subgraph, some of whose voices are recorded.
    Subgraph(Box<Engine>, Vec<VoiceRecording>),
    /// Cached voices, each with the number of its channels.
    CachedVoices(Vec<(Box<dyn CachedVoice>, usize)>),
}

/// A subgraph at work, or cached voices that are played.
pub(super) struct Producer {
    pub(super) source: Mutex<ProducerSource>,
    /// Its buffers that are heard, there and in the main plan.
    exports: Vec<(BufferId, BufferId)>,
    /// Its voices' places in the main plan, if they are heard one by one.
    voices: Vec<Option<usize>>,
    /// What it has output, a record a block.
    pub(super) chunks: [Mutex<Vec<ProducedBlock>>; AHEAD],
}

/// What the rest of the song hears and records.
pub(super) struct ProducerInputs<'a> {
    pub(super) heard: Vec<(&'a Producer, MutexGuard<'a, Vec<ProducedBlock>>)>,
    pub(super) recordings: &'a mut [VoiceRecording],
    pub(super) corrupt: bool,
}

impl BlockHook for ProducerInputs<'_> {
    fn before(&mut self, engine: &mut Engine, block: usize) {
        let (notes, buffers) = engine.inside();
        for (producer, records) in &mut self.heard {
            let record = &mut records[block];
            self.corrupt |= record.corrupt;
            for (voice, &awake) in producer.voices.iter().zip(&record.awake) {
                if let Some(voice) = *voice {
                    notes.set_awake(voice, awake);
                }
            }
            for (kept, &(_, to)) in record.buffers.iter_mut().zip(&producer.exports) {
                std::mem::swap(kept, &mut buffers[to]);
            }
        }
    }

    fn after(&mut self, engine: &mut Engine) {
        self.recordings.iter_mut().for_each(|recording| recording.take(engine));
    }
}

impl Producer {
    pub(super) fn new(
        source: ProducerSource,
        exports: Vec<(BufferId, BufferId)>,
        voices: Vec<Option<usize>>,
        widths: &[usize],
    ) -> Self {
        let record = || ProducedBlock {
            buffers: widths.iter().map(|&width| Buffer::new(width)).collect(),
            awake: vec![false; voices.len()],
            corrupt: false,
        };
        Self {
            chunks: std::array::from_fn(|_| Mutex::new((0..BLOCKS).map(|_| record()).collect())),
            source: Mutex::new(source),
            exports,
            voices,
        }
    }

    /// The next chunk, into its place.
    pub(super) fn make(&self, place: usize) {
        let mut source = lock(&self.source);
        for record in lock(&self.chunks[place]).iter_mut() {
            match &mut *source {
                ProducerSource::Subgraph(engine, recordings) => {
                    engine.begin();
                    engine.work(&mut NoObserver);
                    recordings.iter_mut().for_each(|recording| recording.take(engine));
                    let (notes, buffers) = engine.inside();
                    for (voice, awake) in record.awake.iter_mut().enumerate() {
                        *awake = notes.is_awake(voice);
                    }
                    for (kept, &(from, _)) in record.buffers.iter_mut().zip(&self.exports) {
                        kept.copy(&buffers[from]);
                    }
                    engine.end();
                }
                ProducerSource::CachedVoices(cached_voices) => {
                    let mut channels = record.buffers.as_mut_slice();
                    for ((cached_voice, count), awake) in cached_voices.iter_mut().zip(&mut record.awake) {
                        let (own, rest) = channels.split_at_mut(*count);
                        channels = rest;
                        match cached_voice.next(own) {
                            Ok(is_awake) => *awake = is_awake,
                            Err(_) => record.corrupt = true,
                        }
                    }
                }
            }
        }
    }
}

/// Shares the cached voices of `plan` out, so that threads can play them side by side.
pub(super) fn cached_voice_producers(
    plan: &Plan,
    jobs: usize,
    players: Vec<Box<dyn CachedVoice>>,
) -> Vec<Producer> {
    let most = if jobs > 1 { 2 * jobs } else { 1 };
    let shares = most.min(players.len());
    let mut shared: Vec<Vec<(Box<dyn CachedVoice>, &CachedVoicePlan)>> =
        (0..shares).map(|_| Vec::new()).collect();
    for (number, cached_voice) in players.into_iter().zip(&plan.cached_voices).enumerate() {
        shared[number % shares].push(cached_voice);
    }
    let producer = |cached_voices: Vec<(Box<dyn CachedVoice>, &CachedVoicePlan)>| {
        // Those in a sum are heard only there.
        let voices = cached_voices.iter().map(|(_, plan)| (!plan.is_sum).then_some(plan.voices[0])).collect();
        let channels = cached_voices.iter().flat_map(|(_, plan)| &plan.channels);
        let exports: Vec<_> = channels.map(|&channel| (channel, channel)).collect();
        let widths = vec![1; exports.len()];
        let cached_voices = cached_voices
            .into_iter()
            .map(|(cached_voice, plan)| (cached_voice, plan.channels.len()))
            .collect();
        Producer::new(ProducerSource::CachedVoices(cached_voices), exports, voices, &widths)
    };
    shared.into_iter().map(producer).collect()
}

/// Nothing is left half-done where a thread stops by a panic but the render itself, which the alarm ends.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

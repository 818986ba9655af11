//! Who makes what a song hears of its voices ahead of it: islands that are computed, and tapes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::engine::aside::Aside;
use crate::engine::block_loop::Engine;
use crate::engine::tapes::{Recording, Tape};
use crate::engine::watch::Unwatched;
use crate::modules::buffer::Buffer;
use crate::plan::steps::{BufferId, Plan, TapePlan};

/// Blocks that are worked on before threads speak again.
pub(super) const BLOCKS: usize = 16;
/// Chunks by which one part can be ahead of the next.
pub(super) const AHEAD: usize = 3;

/// What one island has put out in a block.
pub(super) struct Record {
    buffers: Vec<Buffer>,
    awake: Vec<bool>,
    torn: bool,
}

/// Who makes what is heard.
pub(super) enum Source {
    /// An island, some of whose voices are taken down.
    Island(Box<Engine>, Vec<Recording>),
    /// Tapes, each with the number of its channels.
    Tapes(Vec<(Box<dyn Tape>, usize)>),
}

/// An island at work, or tapes that are played.
pub(super) struct Maker {
    pub(super) source: Mutex<Source>,
    /// Its buffers that are heard, there and in the main plan.
    exports: Vec<(BufferId, BufferId)>,
    /// Its voices' places in the main plan, if they are heard one by one.
    voices: Vec<Option<usize>>,
    /// What it has put out, a record a block.
    pub(super) chunks: [Mutex<Vec<Record>>; AHEAD],
}

/// What the rest of the song hears and takes down.
pub(super) struct Hearing<'a> {
    pub(super) heard: Vec<(&'a Maker, MutexGuard<'a, Vec<Record>>)>,
    pub(super) recordings: &'a mut [Recording],
    pub(super) torn: bool,
}

impl Aside for Hearing<'_> {
    fn before(&mut self, engine: &mut Engine, block: usize) {
        let (notes, buffers) = engine.inside();
        for (maker, records) in &mut self.heard {
            let record = &mut records[block];
            self.torn |= record.torn;
            for (voice, &awake) in maker.voices.iter().zip(&record.awake) {
                if let Some(voice) = *voice {
                    notes.set_awake(voice, awake);
                }
            }
            for (kept, &(_, to)) in record.buffers.iter_mut().zip(&maker.exports) {
                std::mem::swap(kept, &mut buffers[to]);
            }
        }
    }

    fn after(&mut self, engine: &mut Engine) {
        self.recordings.iter_mut().for_each(|recording| recording.take(engine));
    }
}

impl Maker {
    pub(super) fn new(
        source: Source,
        exports: Vec<(BufferId, BufferId)>,
        voices: Vec<Option<usize>>,
        widths: &[usize],
    ) -> Self {
        let record = || Record {
            buffers: widths.iter().map(|&width| Buffer::new(width)).collect(),
            awake: vec![false; voices.len()],
            torn: false,
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
                Source::Island(engine, recordings) => {
                    engine.begin();
                    engine.work(&mut Unwatched);
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
                Source::Tapes(tapes) => {
                    let mut channels = record.buffers.as_mut_slice();
                    for ((tape, count), awake) in tapes.iter_mut().zip(&mut record.awake) {
                        let (own, rest) = channels.split_at_mut(*count);
                        channels = rest;
                        match tape.next(own) {
                            Ok(is_awake) => *awake = is_awake,
                            Err(_) => record.torn = true,
                        }
                    }
                }
            }
        }
    }
}

/// Shares the tapes of `plan` out, so that threads can play them side by side.
pub(super) fn tape_makers(plan: &Plan, jobs: usize, players: Vec<Box<dyn Tape>>) -> Vec<Maker> {
    let most = if jobs > 1 { 2 * jobs } else { 1 };
    let shares = most.min(players.len());
    let mut shared: Vec<Vec<(Box<dyn Tape>, &TapePlan)>> = (0..shares).map(|_| Vec::new()).collect();
    for (number, tape) in players.into_iter().zip(&plan.tapes).enumerate() {
        shared[number % shares].push(tape);
    }
    let maker = |tapes: Vec<(Box<dyn Tape>, &TapePlan)>| {
        // Those in a sum are heard only there.
        let voices = tapes.iter().map(|(_, plan)| (!plan.is_sum).then_some(plan.voices[0])).collect();
        let channels = tapes.iter().flat_map(|(_, plan)| &plan.channels);
        let exports: Vec<_> = channels.map(|&channel| (channel, channel)).collect();
        let widths = vec![1; exports.len()];
        let tapes = tapes.into_iter().map(|(tape, plan)| (tape, plan.channels.len())).collect();
        Maker::new(Source::Tapes(tapes), exports, voices, &widths)
    };
    shared.into_iter().map(maker).collect()
}

/// Nothing is left half-done where a thread stops by a panic but the render itself, which the alarm ends.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

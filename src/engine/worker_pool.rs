//! One song rendered by several threads: subgraphs ahead, the rest after them, in chunks, with the same bits.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::engine::block_loop::{Engine, Frame};
use crate::engine::guard::{Fault, joined};
use crate::engine::observer::NoObserver;
use crate::engine::offline_render::{Excerpt, Rendering};
use crate::engine::producers::{
    AHEAD, BLOCKS, Producer, ProducerInputs, ProducerSource, cached_voice_producers, lock,
};
use crate::engine::voice_cache::{VoiceCache, VoiceRecording};
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::{BufferId, Plan};
use crate::plan::subgraphs::{Subgraphs, cut};

/// Why nothing more is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsumerDone;

/// Renders an excerpt of `plan` on at most `jobs` threads, this one among them, and gives its frames to `take`, in order, on this
/// thread, until it has had enough. Gives the number of frames and the first faults.
///
/// # Errors
/// If `take` has had enough.
pub fn render(
    plan: &Arc<Plan>,
    compilation: Compilation,
    jobs: usize,
    excerpt: Excerpt,
    take: FrameConsumer<'_>,
) -> Result<(u64, Vec<Fault>), ConsumerDone> {
    match render_with(plan, compilation, jobs, excerpt, VoiceCache::default(), take) {
        Ok(done) => Ok(done),
        // There are no cached voices that could tear.
        Err(RenderEnd::ConsumerDone | RenderEnd::Corrupt) => Err(ConsumerDone),
    }
}

/// Why a render with cached voices has ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenderEnd {
    /// Nothing more is taken.
    ConsumerDone,
    /// A cached voice is corrupt. What was given away before is right.
    Corrupt,
}

/// The same while some voices are heard from cached voices and others are recorded. The samples are the same.
///
/// # Errors
/// If `take` has had enough, or if a cached voice is corrupt.
pub fn render_with(
    plan: &Arc<Plan>,
    compilation: Compilation,
    jobs: usize,
    excerpt: Excerpt,
    cached_voices: VoiceCache,
    take: FrameConsumer<'_>,
) -> Result<(u64, Vec<Fault>), RenderEnd> {
    let worker_pool = WorkerPool::new(plan, jobs, compilation, excerpt, cached_voices);
    let mut result = Ok(());
    // To hand chunks from thread to thread takes longer than to measure and write them.
    let helpers = if worker_pool.producers.is_empty() { 0 } else { jobs.max(1) - 1 };
    std::thread::scope(|scope| {
        for helper in 0..helpers {
            scope.spawn({
                let worker_pool = &worker_pool;
                move || worker_pool.work(helper == 0, None)
            });
        }
        let mut take = |frames: &[Frame]| {
            result = take(frames);
            result
        };
        worker_pool.work(helpers == 0, Some(&mut take));
    });
    if result.is_err() {
        return Err(RenderEnd::ConsumerDone);
    }
    if lock(&worker_pool.state).corrupt {
        return Err(RenderEnd::Corrupt);
    }
    Ok(worker_pool.report())
}

/// Who has done how much.
struct PoolState {
    /// Chunks that each subgraph has made.
    made: Vec<u64>,
    making: Vec<bool>,
    /// Chunks that have become sound.
    mixed: u64,
    /// Chunks that have been taken.
    taken: u64,
    /// How many chunks there are, once it is known.
    last: Option<u64>,
    /// Threads that have nothing to do.
    waiting: usize,
    stopped: bool,
    corrupt: bool,
}

/// Something to do.
enum Job {
    /// The next chunk of a subgraph.
    Make(usize),
    /// The next chunk of the sound.
    Mix,
    /// Giving it away.
    Take,
    /// Nothing now.
    Wait,
    /// Nothing any more.
    Leave,
}

type FrameConsumer<'a> = &'a mut dyn FnMut(&[Frame]) -> Result<(), ConsumerDone>;

struct WorkerPool {
    producers: Vec<Producer>,
    /// With the voices that are recorded of those it has itself.
    rendering: Mutex<(Rendering, Vec<VoiceRecording>)>,
    chunks: [Mutex<Vec<Frame>>; AHEAD],
    state: Mutex<PoolState>,
    changed: Condvar,
}

impl WorkerPool {
    fn new(
        plan: &Plan,
        jobs: usize,
        compilation: Compilation,
        excerpt: Excerpt,
        VoiceCache { players, mut recorders, sums }: VoiceCache,
    ) -> Self {
        let Subgraphs { main, subgraphs } = cut(plan, jobs);
        let mut producers = cached_voice_producers(&main, jobs, players);
        for subgraph in subgraphs {
            let mut recordings = Vec::new();
            for (here, voice) in subgraph.voices.iter().enumerate() {
                if let Some(place) = recorders.iter().position(|(of, _)| of == voice) {
                    let (_, recorder) = recorders.swap_remove(place);
                    recordings.push(VoiceRecording::new(&subgraph.plan, here, recorder));
                }
            }
            let width = |&(from, _): &(BufferId, BufferId)| subgraph.plan.buffers[from].width;
            let widths: Vec<usize> = subgraph.exports.iter().map(width).collect();
            let engine = Box::new(Engine::new(Arc::new(subgraph.plan), compilation));
            let source = ProducerSource::Subgraph(engine, recordings);
            let voices = subgraph.voices.into_iter().map(Some).collect();
            producers.push(Producer::new(source, subgraph.exports, voices, &widths));
        }
        let recordings =
            recorders.into_iter().map(|(voice, recorder)| VoiceRecording::new(&main, voice, recorder));
        let sums = main.sums.iter().zip(sums).map(VoiceRecording::of_sum);
        let recordings = recordings.chain(sums).collect();
        let count = producers.len();
        Self {
            producers,
            rendering: Mutex::new((Rendering::of(Arc::new(main), compilation, excerpt), recordings)),
            chunks: Default::default(),
            state: Mutex::new(PoolState {
                made: vec![0; count],
                making: vec![false; count],
                mixed: 0,
                taken: 0,
                last: None,
                waiting: 0,
                stopped: false,
                corrupt: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Does what there is to do until the song is over. Only who has `take` can give frames away, and only one thread `mixes`:
    /// what delays and reverbs hold would go from one processor's cache to the other's with each chunk.
    fn work(&self, mixes: bool, mut take: Option<FrameConsumer<'_>>) {
        let alarm = Alarm(self);
        let mut state = lock(&self.state);
        loop {
            match state.next(mixes, take.is_some()) {
                Job::Leave => break,
                Job::Wait => {
                    state.waiting += 1;
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    state.waiting -= 1;
                    continue;
                }
                Job::Make(subgraph) => {
                    state.making[subgraph] = true;
                    let chunk = state.made[subgraph];
                    drop(state);
                    self.producers[subgraph].make(place(chunk));
                    state = lock(&self.state);
                    state.making[subgraph] = false;
                    state.made[subgraph] += 1;
                }
                Job::Mix => {
                    let chunk = state.mixed;
                    drop(state);
                    let MixedChunk { over, corrupt } = self.mix(place(chunk));
                    state = lock(&self.state);
                    state.mixed += 1;
                    if over {
                        state.last = Some(state.mixed);
                    }
                    // So that it is never given away.
                    state.corrupt |= corrupt;
                    state.stopped |= corrupt;
                }
                Job::Take => {
                    let chunk = state.taken;
                    drop(state);
                    let frames = lock(&self.chunks[place(chunk)]);
                    let enough = take.as_mut().is_some_and(|take| take(&frames).is_err());
                    drop(frames);
                    state = lock(&self.state);
                    state.taken += 1;
                    state.stopped |= enough;
                }
            }
            // A call of the system, whether anybody hears it or not.
            if state.waiting > 0 {
                self.changed.notify_all();
            }
        }
        drop(state);
        drop(alarm);
    }

    /// One chunk of the sound.
    fn mix(&self, place: usize) -> MixedChunk {
        let mut rendering = lock(&self.rendering);
        let (rendering, recordings) = &mut *rendering;
        let mut chunk = lock(&self.chunks[place]);
        let heard = self.producers.iter().map(|producer| (producer, lock(&producer.chunks[place]))).collect();
        let mut hearing = ProducerInputs { heard, recordings, corrupt: false };
        let over = rendering.next_chunk(&mut chunk, BLOCKS, &mut hearing, &mut NoObserver);
        MixedChunk { over, corrupt: hearing.corrupt }
    }

    /// Frames rendered, and the first faults of all engines. What is sound of the recordings is kept.
    fn report(self) -> (u64, Vec<Fault>) {
        let (rendering, recordings) = into_inner(self.rendering);
        let mut faults = rendering.faults().to_vec();
        VoiceRecording::keep(recordings, faults.is_empty());
        for producer in self.producers {
            if let ProducerSource::Subgraph(engine, recordings) = into_inner(producer.source) {
                faults.extend_from_slice(engine.faults());
                VoiceRecording::keep(recordings, engine.faults().is_empty());
            }
        }
        // A subgraph may have run on after the end.
        faults.retain(|fault| fault.frame < rendering.next_frame() + BLOCK as u64);
        (rendering.frames(), joined(faults))
    }
}

/// What came of a chunk.
struct MixedChunk {
    /// It was the last.
    over: bool,
    /// A cached voice is corrupt in it.
    corrupt: bool,
}

impl PoolState {
    fn next(&self, mixes: bool, may_take: bool) -> Job {
        let over = self.last.is_some();
        if self.stopped || over && (!may_take || self.last == Some(self.taken)) {
            return Job::Leave;
        }
        if may_take && self.taken < self.mixed {
            return Job::Take;
        }
        if over {
            return Job::Wait;
        }
        let ready = self.made.iter().all(|&made| made > self.mixed);
        if mixes && ready && self.mixed - self.taken < AHEAD as u64 {
            return Job::Mix;
        }
        let free = (0..self.made.len())
            .filter(|&subgraph| !self.making[subgraph] && self.made[subgraph] - self.mixed < AHEAD as u64);
        free.min_by_key(|&subgraph| self.made[subgraph]).map_or(Job::Wait, Job::Make)
    }
}

/// Where a chunk is kept.
fn place(chunk: u64) -> usize {
    (chunk % AHEAD as u64) as usize
}

fn into_inner<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Sends everybody home when a thread panics.
struct Alarm<'a>(&'a WorkerPool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).stopped = true;
            self.0.changed.notify_all();
        }
    }
}

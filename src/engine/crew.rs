//! One song rendered by several threads: islands ahead, the rest behind them, in chunks, with the same bits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::engine::block_loop::{Engine, Fault, Frame};
use crate::engine::render::{Excerpt, Rendering};
use crate::engine::watch::Unwatched;
use crate::modules::buffer::Buffer;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::islands::{Islands, cut};
use crate::plan::steps::{BufferId, Plan};

/// Blocks that are worked on before threads speak again.
const BLOCKS: usize = 16;
/// Chunks by which one part can be ahead of the next.
const AHEAD: usize = 3;

/// Why nothing more is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enough;

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
    take: Take<'_>,
) -> Result<(u64, Vec<Fault>), Enough> {
    let crew = Crew::new(cut(plan, jobs), compilation, excerpt);
    let mut result = Ok(());
    std::thread::scope(|scope| {
        for _ in 1..jobs {
            scope.spawn(|| crew.work(None));
        }
        let mut take = |frames: &[Frame]| {
            result = take(frames);
            result
        };
        crew.work(Some(&mut take));
    });
    result.map(|()| crew.report())
}

/// What one island has put out in a block.
struct Record {
    buffers: Vec<Buffer>,
    awake: Vec<bool>,
}

/// An island at work.
struct Maker {
    engine: Mutex<Engine>,
    /// Its buffers that are heard, there and in the main plan.
    exports: Vec<(BufferId, BufferId)>,
    /// Its voices' places in the main plan.
    voices: Vec<usize>,
    /// What it has put out, a record a block.
    chunks: [Mutex<Vec<Record>>; AHEAD],
}

/// Who has done how much.
struct State {
    /// Chunks that each island has made.
    made: Vec<u64>,
    making: Vec<bool>,
    /// Chunks that have become sound.
    mixed: u64,
    mixing: bool,
    /// Chunks that have been taken.
    taken: u64,
    /// How many chunks there are, once it is known.
    last: Option<u64>,
    stopped: bool,
}

/// Something to do.
enum Job {
    /// The next chunk of an island.
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

type Take<'a> = &'a mut dyn FnMut(&[Frame]) -> Result<(), Enough>;

struct Crew {
    makers: Vec<Maker>,
    rendering: Mutex<Rendering>,
    chunks: [Mutex<Vec<Frame>>; AHEAD],
    state: Mutex<State>,
    changed: Condvar,
}

impl Crew {
    fn new(Islands { main, islands }: Islands, compilation: Compilation, excerpt: Excerpt) -> Self {
        let makers: Vec<Maker> = islands
            .into_iter()
            .map(|island| {
                let record = || Record {
                    buffers: island
                        .exports
                        .iter()
                        .map(|&(from, _)| Buffer::new(island.plan.buffers[from].width))
                        .collect(),
                    awake: vec![false; island.voices.len()],
                };
                Maker {
                    chunks: std::array::from_fn(|_| Mutex::new((0..BLOCKS).map(|_| record()).collect())),
                    engine: Mutex::new(Engine::new(Arc::new(island.plan), compilation)),
                    exports: island.exports,
                    voices: island.voices,
                }
            })
            .collect();
        let count = makers.len();
        Self {
            makers,
            rendering: Mutex::new(Rendering::of(Arc::new(main), compilation, excerpt)),
            chunks: Default::default(),
            state: Mutex::new(State {
                made: vec![0; count],
                making: vec![false; count],
                mixed: 0,
                mixing: false,
                taken: 0,
                last: None,
                stopped: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Does what there is to do until the song is over. Only who has `take` can give frames away.
    fn work(&self, mut take: Option<Take<'_>>) {
        let alarm = Alarm(self);
        let mut state = lock(&self.state);
        loop {
            match state.next(take.is_some()) {
                Job::Leave => break,
                Job::Wait => {
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                    continue;
                }
                Job::Make(island) => {
                    state.making[island] = true;
                    let chunk = state.made[island];
                    drop(state);
                    self.make(island, place(chunk));
                    state = lock(&self.state);
                    state.making[island] = false;
                    state.made[island] += 1;
                }
                Job::Mix => {
                    state.mixing = true;
                    let chunk = state.mixed;
                    drop(state);
                    let over = self.mix(place(chunk));
                    state = lock(&self.state);
                    state.mixing = false;
                    state.mixed += 1;
                    if over {
                        state.last = Some(state.mixed);
                    }
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
            self.changed.notify_all();
        }
        drop(state);
        drop(alarm);
    }

    /// One chunk of an island.
    fn make(&self, island: usize, place: usize) {
        let maker = &self.makers[island];
        let mut engine = lock(&maker.engine);
        for record in lock(&maker.chunks[place]).iter_mut() {
            engine.begin();
            engine.work(&mut Unwatched);
            let (notes, buffers) = engine.inside();
            for (voice, awake) in record.awake.iter_mut().enumerate() {
                *awake = notes.is_awake(voice);
            }
            for (kept, &(from, _)) in record.buffers.iter_mut().zip(&maker.exports) {
                kept.copy(&buffers[from]);
            }
            engine.end();
        }
    }

    /// One chunk of the sound. Tells whether it was the last.
    fn mix(&self, place: usize) -> bool {
        let mut rendering = lock(&self.rendering);
        let mut chunk = lock(&self.chunks[place]);
        let mut heard: Vec<_> = self.makers.iter().map(|maker| lock(&maker.chunks[place])).collect();
        let hear = |engine: &mut Engine, block: usize| {
            let (notes, buffers) = engine.inside();
            for (maker, records) in self.makers.iter().zip(&mut heard) {
                let record = &mut records[block];
                for (&voice, &awake) in maker.voices.iter().zip(&record.awake) {
                    notes.set_awake(voice, awake);
                }
                for (kept, &(_, to)) in record.buffers.iter_mut().zip(&maker.exports) {
                    std::mem::swap(kept, &mut buffers[to]);
                }
            }
        };
        rendering.next_chunk(&mut chunk, BLOCKS, hear, &mut Unwatched)
    }

    /// Frames rendered, and the first faults of all engines.
    fn report(&self) -> (u64, Vec<Fault>) {
        let rendering = lock(&self.rendering);
        let mut faults = rendering.faults().to_vec();
        for maker in &self.makers {
            faults.extend_from_slice(lock(&maker.engine).faults());
        }
        // An island may have run on behind the end.
        faults.retain(|fault| fault.frame < rendering.next_frame() + BLOCK as u64);
        faults.sort_by_key(|fault| (fault.frame, fault.path));
        (rendering.frames(), faults)
    }
}

impl State {
    fn next(&self, may_take: bool) -> Job {
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
        if !self.mixing && ready && self.mixed - self.taken < AHEAD as u64 {
            return Job::Mix;
        }
        let free = (0..self.made.len())
            .filter(|&island| !self.making[island] && self.made[island] - self.mixed < AHEAD as u64);
        free.min_by_key(|&island| self.made[island]).map_or(Job::Wait, Job::Make)
    }
}

/// Where a chunk is kept.
fn place(chunk: u64) -> usize {
    (chunk % AHEAD as u64) as usize
}

/// Nothing is left half-done where a thread stops by a panic but the render itself, which the alarm ends.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends everybody home when a thread panics.
struct Alarm<'a>(&'a Crew);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).stopped = true;
            self.0.changed.notify_all();
        }
    }
}

//! One song rendered by several threads: islands ahead, the rest behind them, in chunks, with the same bits.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use crate::engine::block_loop::{Engine, Frame};
use crate::engine::guard::{Fault, joined};
use crate::engine::makers::{AHEAD, BLOCKS, Hearing, Maker, Source, lock, tape_makers};
use crate::engine::render::{Excerpt, Rendering};
use crate::engine::tapes::{Recording, Tapes};
use crate::engine::watch::Unwatched;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::islands::{Islands, cut};
use crate::plan::steps::{BufferId, Plan};

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
    match render_with(plan, compilation, jobs, excerpt, Tapes::default(), take) {
        Ok(done) => Ok(done),
        // There are no tapes that could tear.
        Err(Ended::Enough | Ended::Torn) => Err(Enough),
    }
}

/// Why a render with tapes has ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Nothing more is taken.
    Enough,
    /// A tape has torn. What was given away before is right.
    Torn,
}

/// The same while some voices are heard from tapes and others are taken down. The samples are the same.
///
/// # Errors
/// If `take` has had enough, or if a tape has torn.
pub fn render_with(
    plan: &Arc<Plan>,
    compilation: Compilation,
    jobs: usize,
    excerpt: Excerpt,
    tapes: Tapes,
    take: Take<'_>,
) -> Result<(u64, Vec<Fault>), Ended> {
    let crew = Crew::new(plan, jobs, compilation, excerpt, tapes);
    let mut result = Ok(());
    // To hand chunks from thread to thread takes longer than to measure and write them.
    let helpers = if crew.makers.is_empty() { 0 } else { jobs.max(1) - 1 };
    std::thread::scope(|scope| {
        for helper in 0..helpers {
            scope.spawn({
                let crew = &crew;
                move || crew.work(helper == 0, None)
            });
        }
        let mut take = |frames: &[Frame]| {
            result = take(frames);
            result
        };
        crew.work(helpers == 0, Some(&mut take));
    });
    if result.is_err() {
        return Err(Ended::Enough);
    }
    if lock(&crew.state).torn {
        return Err(Ended::Torn);
    }
    Ok(crew.report())
}

/// Who has done how much.
struct State {
    /// Chunks that each island has made.
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
    torn: bool,
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
    /// With the voices that are taken down of those it has itself.
    rendering: Mutex<(Rendering, Vec<Recording>)>,
    chunks: [Mutex<Vec<Frame>>; AHEAD],
    state: Mutex<State>,
    changed: Condvar,
}

impl Crew {
    fn new(
        plan: &Plan,
        jobs: usize,
        compilation: Compilation,
        excerpt: Excerpt,
        Tapes { players, mut recorders, sums }: Tapes,
    ) -> Self {
        let Islands { main, islands } = cut(plan, jobs);
        let mut makers = tape_makers(&main, jobs, players);
        for island in islands {
            let mut recordings = Vec::new();
            for (here, voice) in island.voices.iter().enumerate() {
                if let Some(place) = recorders.iter().position(|(of, _)| of == voice) {
                    let (_, recorder) = recorders.swap_remove(place);
                    recordings.push(Recording::new(&island.plan, here, recorder));
                }
            }
            let width = |&(from, _): &(BufferId, BufferId)| island.plan.buffers[from].width;
            let widths: Vec<usize> = island.exports.iter().map(width).collect();
            let engine = Box::new(Engine::new(Arc::new(island.plan), compilation));
            let source = Source::Island(engine, recordings);
            let voices = island.voices.into_iter().map(Some).collect();
            makers.push(Maker::new(source, island.exports, voices, &widths));
        }
        let recordings =
            recorders.into_iter().map(|(voice, recorder)| Recording::new(&main, voice, recorder));
        let sums = main.sums.iter().zip(sums).map(Recording::of_sum);
        let recordings = recordings.chain(sums).collect();
        let count = makers.len();
        Self {
            makers,
            rendering: Mutex::new((Rendering::of(Arc::new(main), compilation, excerpt), recordings)),
            chunks: Default::default(),
            state: Mutex::new(State {
                made: vec![0; count],
                making: vec![false; count],
                mixed: 0,
                taken: 0,
                last: None,
                waiting: 0,
                stopped: false,
                torn: false,
            }),
            changed: Condvar::new(),
        }
    }

    /// Does what there is to do until the song is over. Only who has `take` can give frames away, and only one thread `mixes`:
    /// what delays and reverbs hold would go from one processor's cache to the other's with each chunk.
    fn work(&self, mixes: bool, mut take: Option<Take<'_>>) {
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
                Job::Make(island) => {
                    state.making[island] = true;
                    let chunk = state.made[island];
                    drop(state);
                    self.makers[island].make(place(chunk));
                    state = lock(&self.state);
                    state.making[island] = false;
                    state.made[island] += 1;
                }
                Job::Mix => {
                    let chunk = state.mixed;
                    drop(state);
                    let Mixed { over, torn } = self.mix(place(chunk));
                    state = lock(&self.state);
                    state.mixed += 1;
                    if over {
                        state.last = Some(state.mixed);
                    }
                    // So that it is never given away.
                    state.torn |= torn;
                    state.stopped |= torn;
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
    fn mix(&self, place: usize) -> Mixed {
        let mut rendering = lock(&self.rendering);
        let (rendering, recordings) = &mut *rendering;
        let mut chunk = lock(&self.chunks[place]);
        let heard = self.makers.iter().map(|maker| (maker, lock(&maker.chunks[place]))).collect();
        let mut hearing = Hearing { heard, recordings, torn: false };
        let over = rendering.next_chunk(&mut chunk, BLOCKS, &mut hearing, &mut Unwatched);
        Mixed { over, torn: hearing.torn }
    }

    /// Frames rendered, and the first faults of all engines. What is sound of the recordings is kept.
    fn report(self) -> (u64, Vec<Fault>) {
        let (rendering, recordings) = into_inner(self.rendering);
        let mut faults = rendering.faults().to_vec();
        Recording::keep(recordings, faults.is_empty());
        for maker in self.makers {
            if let Source::Island(engine, recordings) = into_inner(maker.source) {
                faults.extend_from_slice(engine.faults());
                Recording::keep(recordings, engine.faults().is_empty());
            }
        }
        // An island may have run on behind the end.
        faults.retain(|fault| fault.frame < rendering.next_frame() + BLOCK as u64);
        (rendering.frames(), joined(faults))
    }
}

/// What came of a chunk.
struct Mixed {
    /// It was the last.
    over: bool,
    /// A tape has torn in it.
    torn: bool,
}

impl State {
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
            .filter(|&island| !self.making[island] && self.made[island] - self.mixed < AHEAD as u64);
        free.min_by_key(|&island| self.made[island]).map_or(Job::Wait, Job::Make)
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
struct Alarm<'a>(&'a Crew);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).stopped = true;
            self.0.changed.notify_all();
        }
    }
}

//! One song rendered by several threads: islands ahead, the rest behind them, in chunks, with the same bits.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::engine::aside::Aside;
use crate::engine::block_loop::{Engine, Fault, Frame};
use crate::engine::render::{Excerpt, Rendering};
use crate::engine::tapes::{Recording, Tape, Tapes};
use crate::engine::watch::Unwatched;
use crate::modules::buffer::Buffer;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::islands::{Islands, cut};
use crate::plan::steps::{BufferId, Plan, TapePlan};

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
    if result.is_err() {
        return Err(Ended::Enough);
    }
    if lock(&crew.state).torn {
        return Err(Ended::Torn);
    }
    Ok(crew.report())
}

/// What one island has put out in a block.
struct Record {
    buffers: Vec<Buffer>,
    awake: Vec<bool>,
    torn: bool,
}

/// Who makes what is heard.
enum Source {
    /// An island, some of whose voices are taken down.
    Island(Box<Engine>, Vec<Recording>),
    /// Tapes, each with the number of its channels.
    Tapes(Vec<(Box<dyn Tape>, usize)>),
}

/// An island at work, or tapes that are played.
struct Maker {
    source: Mutex<Source>,
    /// Its buffers that are heard, there and in the main plan.
    exports: Vec<(BufferId, BufferId)>,
    /// Its voices' places in the main plan, if they are heard one by one.
    voices: Vec<Option<usize>>,
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
            let widths = island.exports.iter().map(|&(from, _)| island.plan.buffers[from].width).collect();
            let engine = Box::new(Engine::new(Arc::new(island.plan), compilation));
            let source = Source::Island(engine, recordings);
            let voices = island.voices.into_iter().map(Some).collect();
            makers.push(Maker::new(source, island.exports, voices, widths));
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
                mixing: false,
                taken: 0,
                last: None,
                stopped: false,
                torn: false,
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
                    let Mixed { over, torn } = self.mix(place(chunk));
                    state = lock(&self.state);
                    state.mixing = false;
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
            self.changed.notify_all();
        }
        drop(state);
        drop(alarm);
    }

    /// One chunk of an island.
    fn make(&self, island: usize, place: usize) {
        let maker = &self.makers[island];
        let mut source = lock(&maker.source);
        for record in lock(&maker.chunks[place]).iter_mut() {
            match &mut *source {
                Source::Island(engine, recordings) => {
                    engine.begin();
                    engine.work(&mut Unwatched);
                    recordings.iter_mut().for_each(|recording| recording.take(engine));
                    let (notes, buffers) = engine.inside();
                    for (voice, awake) in record.awake.iter_mut().enumerate() {
                        *awake = notes.is_awake(voice);
                    }
                    for (kept, &(from, _)) in record.buffers.iter_mut().zip(&maker.exports) {
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
        faults.sort_by_key(|fault| (fault.frame, fault.path));
        (rendering.frames(), faults)
    }
}

/// What came of a chunk.
struct Mixed {
    /// It was the last.
    over: bool,
    /// A tape has torn in it.
    torn: bool,
}

/// What the rest of the song hears and takes down.
struct Hearing<'a> {
    heard: Vec<(&'a Maker, MutexGuard<'a, Vec<Record>>)>,
    recordings: &'a mut [Recording],
    torn: bool,
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
    fn new(
        source: Source,
        exports: Vec<(BufferId, BufferId)>,
        voices: Vec<Option<usize>>,
        widths: Vec<usize>,
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
}

/// Shares the tapes of `plan` out, so that threads can play them side by side.
fn tape_makers(plan: &Plan, jobs: usize, players: Vec<Box<dyn Tape>>) -> Vec<Maker> {
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
        Maker::new(Source::Tapes(tapes), exports, voices, widths)
    };
    shared.into_iter().map(maker).collect()
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

//! A plan becomes a file: rendered, measured and written, on one thread or two.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::engine::block_loop::Fault;
use crate::engine::probe::{Levels, Probe};
use crate::engine::render::Rendering;
use crate::engine::watch::{Part, Unwatched, Watch};
use crate::io::profile::{Costs, Profile};
use crate::io::wav::WavWriter;
use crate::modules::dispatch::Compilation;
use crate::plan::steps::Plan;

/// Frames that go from the engine to the file together.
const CHUNK: usize = 4_096;
/// Chunks that may be on their way between two threads.
const ON_THE_WAY: usize = 4;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Bounced {
    /// What was measured; `None` if it wasn't asked for.
    pub levels: Option<Levels>,
    /// Frames written.
    pub frames: u64,
    /// Modules that were reset because their arithmetic broke down; the first few.
    pub faults: Vec<Fault>,
    /// Where the time went; `None` if it wasn't asked for.
    pub costs: Option<Costs>,
}

/// Why there is no file.
#[derive(Debug)]
pub enum Stopped {
    /// It was asked to stop.
    Asked,
    /// Writing failed.
    Failed(io::Error),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

/// How a plan is bounced.
pub struct Bounce<'a> {
    /// Threads that may be used. The samples are the same for any number.
    pub jobs: usize,
    /// Whether levels and hash are measured.
    pub measure: bool,
    /// Whether the costs of modules are measured. The samples are the same, but it takes longer.
    pub profile: bool,
    /// Ends it early when it becomes true.
    pub stop: &'a AtomicBool,
    /// Told the frames written so far, now and then.
    pub progress: &'a mut dyn FnMut(u64),
}

#[derive(Default)]
struct Chunk {
    left: Vec<f32>,
    right: Vec<f32>,
}

impl Bounce<'_> {
    /// Renders `plan` into `wav`, which gets its name only when all of it is written.
    pub fn run(&mut self, plan: &Arc<Plan>, wav: WavWriter) -> Result<Bounced, Stopped> {
        if !self.profile {
            return self.run_watched(plan, wav, &mut Unwatched).map(|(bounced, _)| bounced);
        }
        let mut profile = Profile::new(plan);
        let (bounced, writing) = self.run_watched(plan, wav, &mut profile)?;
        Ok(Bounced { costs: Some(profile.costs(plan, writing)), ..bounced })
    }

    /// The same while the engine is watched. Also returns what measuring and writing took, if `profile` asks for it.
    fn run_watched(
        &mut self,
        plan: &Arc<Plan>,
        wav: WavWriter,
        watch: &mut (impl Watch + Send),
    ) -> Result<(Bounced, Duration), Stopped> {
        let mut rendering = Rendering::new(Arc::clone(plan), Compilation::best());
        let mut sink = Sink {
            wav,
            probe: self.measure.then(|| Probe::new(plan.rate)),
            frames: 0,
            spent: self.profile.then_some(Duration::ZERO),
            stop: self.stop,
            progress: self.progress,
        };
        if self.jobs > 1 {
            in_two_threads(&mut rendering, &mut sink, watch)?;
        } else {
            let mut chunk = Chunk::default();
            while fill(&mut rendering, &mut chunk, watch) {
                sink.take(&chunk)?;
            }
        }
        let started = sink.spent.map(|_| Instant::now());
        let levels = sink.probe.map(Probe::finish);
        sink.wav.finish()?;
        let spent =
            sink.spent.unwrap_or_default() + started.map_or(Duration::ZERO, |started| started.elapsed());
        let faults = rendering.faults().to_vec();
        Ok((Bounced { levels, frames: rendering.frames(), faults, costs: None }, spent))
    }
}

/// Where chunks end.
struct Sink<'a> {
    wav: WavWriter,
    probe: Option<Probe>,
    frames: u64,
    /// Time spent here, if it is measured.
    spent: Option<Duration>,
    stop: &'a AtomicBool,
    progress: &'a mut dyn FnMut(u64),
}

impl Sink<'_> {
    fn take(&mut self, chunk: &Chunk) -> Result<(), Stopped> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Stopped::Asked);
        }
        let started = self.spent.map(|_| Instant::now());
        self.wav.push(&chunk.left, &chunk.right)?;
        if let Some(probe) = &mut self.probe {
            probe.push(&chunk.left, &chunk.right);
        }
        if let (Some(spent), Some(started)) = (&mut self.spent, started) {
            *spent += started.elapsed();
        }
        self.frames += chunk.left.len() as u64;
        (self.progress)(self.frames);
        Ok(())
    }
}

/// Renders the next chunk; false if there is none.
fn fill(rendering: &mut Rendering, chunk: &mut Chunk, watch: &mut impl Watch) -> bool {
    chunk.left.clear();
    chunk.right.clear();
    while chunk.left.len() < CHUNK {
        let Some((left, right)) = rendering.next_frames_watched(watch) else { break };
        chunk.left.extend_from_slice(left);
        chunk.right.extend_from_slice(right);
        watch.ends(Part::Output);
    }
    !chunk.left.is_empty()
}

/// The engine on a thread of its own; measuring and writing on this one. Chunks go round, so none are made on the way.
fn in_two_threads(
    rendering: &mut Rendering,
    sink: &mut Sink<'_>,
    watch: &mut (impl Watch + Send),
) -> Result<(), Stopped> {
    let (full, to_write): (SyncSender<Chunk>, Receiver<Chunk>) = sync_channel(ON_THE_WAY);
    let (empty, to_fill): (SyncSender<Chunk>, Receiver<Chunk>) = sync_channel(ON_THE_WAY);
    for _ in 0..ON_THE_WAY {
        // The channel holds as many as are put in here, so this can't fail.
        let _ = empty.send(Chunk::default());
    }
    std::thread::scope(|scope| {
        scope.spawn(move || {
            while let Ok(mut chunk) = to_fill.recv() {
                // The other end hangs up when writing failed.
                if !fill(rendering, &mut chunk, watch) || full.send(chunk).is_err() {
                    break;
                }
            }
        });
        let mut result = Ok(());
        while let Ok(chunk) = to_write.recv() {
            result = sink.take(&chunk);
            if result.is_err() {
                break;
            }
            let _ = empty.try_send(chunk);
        }
        // Both ends are let go before the scope waits for the thread.
        drop((to_write, empty));
        result
    })
}

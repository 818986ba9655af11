//! A plan becomes a file: rendered, measured and written.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::engine::block_hook::NoHook;
use crate::engine::block_loop::Frame;
use crate::engine::guard::Fault;
use crate::engine::observer::{BlockObserver, NoObserver};
use crate::engine::offline_render::{Excerpt, Rendering};
use crate::engine::probe::{Probe, ProbeLevels};
use crate::engine::search::named;
use crate::engine::worker_pool::{self, ConsumerDone};
use crate::io::cache::Cache;
use crate::io::cached::{CacheReport, Cached};
use crate::io::profile::{Costs, Profile};
use crate::io::wav::WavWriter;
use crate::modules::dispatch::Compilation;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::Plan;

/// Blocks that go from the engine to the file together on one thread.
const BLOCKS: usize = 256;

/// What came of it.
#[derive(Clone, Debug)]
pub struct Bounced {
    /// What was measured; `None` if it wasn't asked for.
    pub levels: Option<ProbeLevels>,
    /// Frames rendered.
    pub frames: u64,
    /// What has broken down: each culprit once, in the order of frames.
    pub faults: Vec<Fault>,
    /// Where the time went; `None` if it wasn't asked for.
    pub costs: Option<Costs>,
    /// What a cache has given and got; `None` if there was none.
    pub report: Option<CacheReport>,
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
    /// What of it is output.
    pub excerpt: Excerpt,
    /// Threads that may be used. The samples are the same for any number.
    pub jobs: usize,
    /// Whether levels and hash are measured.
    pub measure: bool,
    /// Whether the costs of modules are measured. The samples are the same, but it takes longer.
    pub profile: bool,
    /// What is in it isn't computed again, what isn't is put there. The samples are the same. The plan must be one whose buffers
    /// aren't used again (`engine::optimize::folded`), and costs are measured without it.
    pub cache: Option<&'a Arc<Cache>>,
    /// Whether sums of voices go into the cache in place of voices, which other songs could have used.
    pub sums: bool,
    /// Ends it early when it becomes true.
    pub stop: &'a AtomicBool,
    /// Told the frames written so far, now and then.
    pub progress: &'a mut dyn FnMut(u64),
}

impl Bounce<'_> {
    /// Renders `plan` into `wav`, which gets its name only when all of it is written. Without one, nothing is written.
    pub fn run(&mut self, plan: &Arc<Plan>, wav: Option<WavWriter>) -> Result<Bounced, Stopped> {
        if !self.profile {
            return self.run_watched(plan, wav, &mut NoObserver).map(|(bounced, _)| bounced);
        }
        let mut profile = Profile::new(plan);
        let (bounced, writing) = self.run_watched(plan, wav, &mut profile)?;
        Ok(Bounced { costs: Some(profile.costs(plan, writing)), ..bounced })
    }

    /// The same while the engine is watched. Also returns what measuring and writing took, if `profile` asks for it.
    fn run_watched(
        &mut self,
        plan: &Arc<Plan>,
        wav: Option<WavWriter>,
        watch: &mut impl BlockObserver,
    ) -> Result<(Bounced, Duration), Stopped> {
        let mut sink = Sink {
            wav,
            probe: self.measure.then(|| Probe::new(plan.rate)),
            frames: 0,
            spent: self.profile.then_some(Duration::ZERO),
            stop: self.stop,
            progress: self.progress,
        };
        let mut report = None;
        let cache = self.cache.filter(|_| !self.profile);
        let (frames, faults) = if cache.is_some() || self.jobs > 1 && !self.profile {
            let mut stopped = None;
            let mut take = |frames: &[Frame]| {
                sink.take(frames).map_err(|why| {
                    stopped = Some(why);
                    ConsumerDone
                })
            };
            let (jobs, excerpt, compilation) = (self.jobs, self.excerpt, Compilation::best());
            let done = match cache {
                None => worker_pool::render(plan, compilation, jobs, excerpt, &mut take),
                Some(cache) => Cached { cache, compilation, jobs, excerpt, sums: self.sums }
                    .render(plan, &mut take)
                    .map(|(frames, faults, done)| {
                        report = Some(done);
                        (frames, faults)
                    }),
            };
            match done {
                Ok(done) => done,
                Err(ConsumerDone) => return Err(stopped.unwrap_or(Stopped::Asked)),
            }
        } else {
            let mut rendering = Rendering::of(Arc::clone(plan), Compilation::best(), self.excerpt);
            let mut chunk = Vec::with_capacity(BLOCKS * BLOCK);
            let mut over = false;
            while !over {
                over = rendering.next_chunk(&mut chunk, BLOCKS, &mut NoHook, watch);
                sink.take(&chunk)?;
            }
            (rendering.frames(), rendering.faults().to_vec())
        };
        let faults = named(plan, Compilation::best(), faults);
        let started = sink.spent.map(|_| Instant::now());
        let levels = sink.probe.map(Probe::finish);
        if let Some(wav) = sink.wav {
            wav.finish()?;
        }
        let spent =
            sink.spent.unwrap_or_default() + started.map_or(Duration::ZERO, |started| started.elapsed());
        Ok((Bounced { levels, frames, faults, costs: None, report }, spent))
    }
}

/// Where chunks end.
struct Sink<'a> {
    wav: Option<WavWriter>,
    probe: Option<Probe>,
    frames: u64,
    /// Time spent here, if it is measured.
    spent: Option<Duration>,
    stop: &'a AtomicBool,
    progress: &'a mut dyn FnMut(u64),
}

impl Sink<'_> {
    fn take(&mut self, frames: &[Frame]) -> Result<(), Stopped> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(Stopped::Asked);
        }
        let started = self.spent.map(|_| Instant::now());
        if let Some(wav) = &mut self.wav {
            wav.push(frames)?;
        }
        if let Some(probe) = &mut self.probe {
            probe.push(frames);
        }
        if let (Some(spent), Some(started)) = (&mut self.spent, started) {
            *spent += started.elapsed();
        }
        self.frames += frames.len() as u64;
        (self.progress)(self.frames);
        Ok(())
    }
}

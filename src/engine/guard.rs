//! What has run away is held: which modules have broken down, and the guard of what the song outputs.

use crate::dsp::loudest::{LOUDEST, highest_bits};
use crate::modules::buffer::Buffer;
use crate::modules::spec::BLOCK;
use crate::plan::compiled_plan::Plan;

/// Samples of at least this magnitude count as full scale: a limiter before `out` may hold a little below 1.
const FULL: f32 = 0.8;
/// How far a sample may move, once clipped to full scale, and still stand.
const STANDS: f32 = 0.02;
/// Seconds of standing at full scale after which the output is silenced: half a cycle of 2 Hz, far below anything heard.
const PATIENCE: f32 = 0.25;
/// Seconds of moving after which it is heard again.
const CALM: f32 = 0.05;

/// What has broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Culprit {
    /// A module, by the index of its path in the plan: its state or its output was not finite, or its output was over
    /// [`LOUDEST`]. It was reset, and silenced for the block.
    Module(usize),
    /// The song's output, likewise: it was silenced for the block.
    Output,
    /// The same, of which this module was the first whose output was over [`LOUDEST`].
    Chain(usize),
    /// The song's output stood still at full scale and was silenced until it moved.
    Still,
}

/// That something has broken down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it was.
    pub culprit: Culprit,
    /// The first frame of the block in which it happened for the first time.
    pub frame: u64,
}

impl Fault {
    /// The path of the module, or `out`.
    pub fn name<'p>(&self, paths: &'p [String]) -> &'p str {
        match self.culprit {
            Culprit::Module(path) | Culprit::Chain(path) => paths.get(path).map_or("?", String::as_str),
            Culprit::Output | Culprit::Still => "out",
        }
    }

    /// What has happened, in a sentence without its end: where it happened may follow.
    pub fn words(&self, paths: &[String]) -> String {
        let name = self.name(paths);
        match self.culprit {
            Culprit::Module(_) => {
                format!("module `{name}` blew up (past +60 dBFS, or not a number) and was reset")
            }
            Culprit::Output => {
                format!("`{name}` blew up (past +60 dBFS, or not a number) and was silenced")
            }
            Culprit::Chain(_) => format!("module `{name}` went past +60 dBFS, and `out` was silenced"),
            Culprit::Still => format!("`{name}` stood still at full scale and was silenced until it moved"),
        }
    }

    /// The same, and where in the song it happened first.
    pub fn told(&self, plan: &Plan) -> String {
        format!("{}, first at bar {}", self.words(&plan.paths), plan.timeline.position(self.frame).bar)
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.culprit {
            Culprit::Module(_) => {
                "turn down what is routed into it: a loop must take away more than it adds, a gain below 1 all the way round"
            }
            Culprit::Chain(_) => "turn down the gains on the way to it",
            Culprit::Output => "turn down the gains on the way to `out`",
            Culprit::Still => {
                "turn down the gain of the loop that holds it there, or put a `dcblock` before `out`"
            }
        }
    }
}

/// What has broken down so far: each culprit once.
#[derive(Debug)]
pub(super) struct Faults {
    /// For each module, then for both of the output.
    told: Vec<bool>,
    all: Vec<Fault>,
}

impl Faults {
    /// None, with room for so many modules.
    pub(super) fn new(modules: usize) -> Self {
        Self { told: vec![false; modules + 2], all: Vec::with_capacity(modules + 2) }
    }

    pub(super) fn all(&self) -> &[Fault] {
        &self.all
    }

    pub(super) fn add(&mut self, culprit: Culprit, frame: u64) {
        let modules = self.told.len() - 2;
        let place = match culprit {
            Culprit::Module(path) => path.min(modules),
            Culprit::Output | Culprit::Chain(_) => modules,
            Culprit::Still => modules + 1,
        };
        if !std::mem::replace(&mut self.told[place], true) {
            self.all.push(Fault { culprit, frame });
        }
    }
}

/// Joins the faults of several engines that play parts of one plan: each culprit once, in the order of frames.
pub(super) fn joined(mut faults: Vec<Fault>) -> Vec<Fault> {
    faults.sort_by_key(|fault| (fault.culprit, fault.frame));
    faults.dedup_by_key(|fault| fault.culprit);
    faults.sort_by_key(|fault| (fault.frame, fault.culprit));
    faults
}

/// Watches what the song outputs, and silences it while it must.
#[derive(Debug)]
pub(super) struct OutGuard {
    /// The bits of the lowest magnitude that has to be looked at.
    alert: u32,
    /// Whether something in the song may hold a level.
    holds: bool,
    /// For each channel, where it stands and for how many blocks it has.
    stands: [(f32, u32); 2],
    /// Blocks in which it has moved since it was silenced; `None` while it isn't.
    moved: Option<u32>,
    /// Blocks of patience, and of calm.
    limits: [u32; 2],
    /// Whether the block just run is silenced.
    silences: bool,
    /// Whether it was past the bound.
    loud: bool,
}

impl OutGuard {
    pub(super) fn new(plan: &Plan) -> Self {
        let blocks = |seconds: f32| (seconds * plan.rate as f32 / BLOCK as f32) as u32 + 1;
        let alert = if plan.holds { FULL } else { LOUDEST };
        Self {
            alert: alert.to_bits(),
            holds: plan.holds,
            stands: [(0.0, 0); 2],
            moved: None,
            limits: [blocks(PATIENCE), blocks(CALM)],
            silences: false,
            loud: false,
        }
    }

    /// Whether the block just run was past the bound.
    pub(super) fn is_loud(&self) -> bool {
        self.loud
    }

    /// Whether nothing of the block just run may be heard.
    pub(super) fn silences(&self) -> bool {
        self.silences
    }

    /// Looks at a block of the output.
    #[inline(always)]
    pub(super) fn watch(&mut self, out: [&Buffer; 2], frame: u64, faults: &mut Faults) {
        let highest = highest(out[0]).max(highest(out[1]));
        if highest > self.alert || self.moved.is_some() {
            self.look(out, highest, frame, faults);
        } else {
            (self.silences, self.loud) = (false, false);
            self.stands = [(0.0, 0); 2];
        }
    }

    #[cold]
    fn look(&mut self, out: [&Buffer; 2], highest: u32, frame: u64, faults: &mut Faults) {
        let loud = highest > LOUDEST.to_bits();
        if loud {
            faults.add(Culprit::Output, frame);
        }
        if self.holds {
            let mut stands = false;
            for (channel, stand) in out.into_iter().zip(&mut self.stands) {
                let samples = channel.content();
                *stand = match (standing(samples, stand.0), standing(samples, clipped(samples[0]))) {
                    (true, _) => (stand.0, stand.1.saturating_add(1)),
                    (false, true) => (clipped(samples[0]), 1),
                    (false, false) => (0.0, 0),
                };
                stands |= stand.1 > 0;
            }
            let [patience, calm] = self.limits;
            if self.stands.iter().any(|(_, blocks)| *blocks >= patience) && self.moved.is_none() {
                self.moved = Some(0);
                faults.add(Culprit::Still, frame);
            }
            self.moved = match self.moved {
                Some(_) if stands => Some(0),
                Some(moved) if moved + 1 < calm => Some(moved + 1),
                _ => None,
            };
        }
        (self.silences, self.loud) = (loud || self.moved.is_some(), loud);
    }
}

/// The highest magnitude in a block of one channel.
#[inline(always)]
fn highest(channel: &Buffer) -> u32 {
    // Apart, so that both lengths are known when this is compiled.
    let samples = channel.all_rows::<1>().as_flattened();
    if channel.is_constant() { highest_bits(&samples[..1]) } else { highest_bits(samples) }
}

/// A sample as a speaker plays it; NaN stands at full scale.
fn clipped(x: f32) -> f32 {
    if x.is_nan() { 1.0 } else { x.clamp(-1.0, 1.0) }
}

/// Whether all samples are at full scale and about where `place` is.
fn standing(samples: &[f32], place: f32) -> bool {
    samples.iter().all(|x| {
        let x = clipped(*x);
        x.abs() >= FULL && (x - place).abs() <= STANDS
    })
}

//! What one patch comes to: operations on numbered slots, still without lanes. Voices of equal shape share lanes.

use std::sync::Arc;

use crate::dsp::clip::Clip;
use crate::model::patch::NoteSignal;
use crate::modules::spec::ModuleSpec;
use crate::plan::guards::ModuleGuard;

/// A signal of one channel in a shape.
pub(super) type Slot = usize;

/// Where a slot's content comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Role {
    /// Written by an operation.
    Computed,
    /// A constant.
    Fixed,
    /// What the song itself moves, by its number in the patch.
    Base(usize),
    /// Of the voice's note.
    Voice(VoiceSignal),
    /// From outside the instrument, by the number of the import.
    Import(usize),
    /// Of an instrument's newest note; at the top level only.
    Newest(usize, NoteSignal),
    /// What opens a module of the top level from outside.
    Gate(usize),
    /// 1 while the song plays, then falling to 0.
    Running,
}

/// What a delay gives before anything has come through it: at the start of the song, and when its voice wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelayPast {
    /// Nothing: sound, gates, envelopes.
    Silent,
    /// Its first value: controls, which have one at any time.
    Held,
}

/// What the engine writes for each voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VoiceSignal {
    /// As routes know it.
    Note(NoteSignal),
    /// The note's frequency in Hz.
    Freq,
}

/// What is done, in order.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Op {
    /// A module's kernel, on one channel or on a coupled pair.
    Kernel(KernelOp),
    /// `out` = the sum of products.
    Sum { terms: Vec<ShapeTerm>, out: Slot },
    /// `out` = `base`, moved and held between `min` and `max`.
    Move { base: Slot, terms: Vec<ShapeMoveTerm>, min: f32, max: f32, out: Slot },
    /// The gains of both channels for a balance.
    Pan { pan: Slot, stereo: bool, left: Slot, right: Slot },
    /// `to` gets what `from` was a block ago.
    Latch { from: Slot, to: Slot },
    /// `out` = `from`, `frames` later.
    Pad { from: Slot, frames: usize, past: DelayPast, out: Slot },
    /// `slot` is multiplied by `by`.
    Fade { slot: Slot, by: Slot },
    /// Here the voices of a level are computed.
    Voices { level: usize },
    /// From here on an instrument can be heard: its voices and all that its channels are multiplied by are there.
    Output { instrument: usize, factors: Vec<Slot> },
}

/// One run of a kernel.
#[derive(Clone, Debug)]
pub(super) struct KernelOp {
    /// Index of the module in its patch.
    pub(super) module: usize,
    /// What it is.
    pub(super) spec: &'static ModuleSpec,
    /// What is watched of it.
    pub(super) guard: ModuleGuard,
    /// 0, or 1 for the right channel of a kind that knows one channel.
    pub(super) channel: usize,
    /// The settings as the kernel reads them.
    pub(super) settings: Vec<f32>,
    /// The sound that it plays.
    pub(super) clip: Option<Arc<Clip>>,
    /// In the kernel's order.
    pub(super) ins: Vec<Slot>,
    /// In the kernel's order.
    pub(super) outs: Vec<Slot>,
}

impl PartialEq for KernelOp {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.spec, other.spec)
            && self.guard == other.guard
            && self.channel == other.channel
            && self.settings == other.settings
            && self.clip.as_ref().map(|clip| clip.name) == other.clip.as_ref().map(|clip| clip.name)
            && self.ins == other.ins
            && self.outs == other.outs
    }
}

/// A product in a sum.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShapeTerm {
    pub(super) from: TermSource,
    pub(super) factors: Vec<Slot>,
}

/// What a term reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum TermSource {
    /// A slot of this shape.
    Slot(Slot),
    /// One channel of an instrument, after its gain and balance; at the top level only.
    Instrument { instrument: usize, channel: usize },
}

/// A source that moves a control.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct ShapeMoveTerm {
    pub(super) from: Slot,
    /// How far a source of 1 moves it.
    pub(super) depth: Slot,
    /// The depth counts octaves, by which the base is multiplied, instead of being added.
    pub(super) octaves: bool,
}

/// A patch as operations.
#[derive(Clone, Debug, Default)]
pub(super) struct Shape {
    pub(super) roles: Vec<Role>,
    /// The content of every slot that no operation writes.
    pub(super) values: Vec<f32>,
    pub(super) ops: Vec<Op>,
    /// The end of the patch: one slot for mono, two for stereo; none if nothing reaches it.
    pub(super) outs: Vec<Slot>,
    /// Frames by which the end lags.
    pub(super) latency: usize,
    /// For each kernel operation, the highest value of each parameter.
    pub(super) highest: Vec<Vec<f32>>,
    /// No envelope is on the way out, so the gate itself opens the voice.
    pub(super) bare: bool,
    shared: Vec<(Role, Slot)>,
}

impl Shape {
    /// A new slot.
    pub(super) fn slot(&mut self, role: Role, value: f32) -> Slot {
        self.roles.push(role);
        self.values.push(value);
        self.roles.len() - 1
    }

    /// A slot that an operation will write.
    pub(super) fn computed(&mut self) -> Slot {
        self.slot(Role::Computed, 0.0)
    }

    /// A constant.
    pub(super) fn fixed(&mut self, value: f32) -> Slot {
        self.slot(Role::Fixed, value)
    }

    /// The one slot of `role`, which stands for something that is written from outside.
    pub(super) fn shared(&mut self, role: Role) -> Slot {
        self.find(role).unwrap_or_else(|| {
            let slot = self.slot(role, 0.0);
            self.shared.push((role, slot));
            slot
        })
    }

    /// The slot of `role`, if it has been asked for.
    pub(super) fn find(&self, role: Role) -> Option<Slot> {
        self.shared.iter().find(|(r, _)| *r == role).map(|&(_, slot)| slot)
    }

    /// Whether two shapes differ in constants only, so that both can run in lanes of one voice batch.
    pub(super) fn same_form(&self, other: &Self) -> bool {
        self.roles == other.roles
            && self.outs == other.outs
            && self.latency == other.latency
            && self.bare == other.bare
            && self.ops == other.ops
    }

    /// For each operation, the highest value of each parameter if it is a kernel.
    pub(super) fn highest_of_ops(&self) -> Vec<&[f32]> {
        let mut highest = self.highest.iter();
        let of = |op: &Op| match op {
            Op::Kernel(_) => highest.next().map_or(&[][..], Vec::as_slice),
            _ => &[],
        };
        self.ops.iter().map(of).collect()
    }

    /// In how many sums each instrument is read.
    pub(super) fn instrument_reads(&self, instruments: usize) -> Vec<usize> {
        let mut reads = vec![0; instruments];
        for op in &self.ops {
            if let Op::Sum { terms, .. } = op {
                for term in terms {
                    if let TermSource::Instrument { instrument, channel: 0 } = term.from {
                        reads[instrument] += 1;
                    }
                }
            }
        }
        reads
    }
}

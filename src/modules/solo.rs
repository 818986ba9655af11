//! One module alone, without a song: for the laws that every kind keeps, for measuring, for benchmarks.

use crate::dsp::clip::{Clip, Recording};
use crate::dsp::math::{exp2, sine};
use crate::dsp::phase::{TURN, increment};
use crate::modules::buffer::{Buffer, In, Rows};
use crate::modules::call::{Call, DelayRing, KernelClock, MAX_INPUTS};
use crate::modules::dispatch::{Compilation, Runnable};
use crate::modules::kernel::{Foreign, Kernel};
use crate::modules::spec::{BLOCK, ModuleSpec};
use crate::modules::state::{Setup, Sleep, StateLane};

/// The code of one module alone: a kernel or a unit from another crate.
pub trait SoloCode<const W: usize> {
    /// Runs one block.
    fn run(&mut self, call: &mut Call<'_, W>);
    /// Forgets what it keeps for itself; what the call carries is not its own.
    fn reset(&mut self);
}

impl<const W: usize> SoloCode<W> for Runnable<W> {
    fn run(&mut self, call: &mut Call<'_, W>) {
        Runnable::run(*self, call);
    }

    fn reset(&mut self) {}
}

/// A unit from another crate.
struct Other(Box<dyn Foreign>);

impl SoloCode<1> for Other {
    fn run(&mut self, call: &mut Call<'_, 1>) {
        self.0.run(call);
    }

    fn reset(&mut self) {
        self.0.reset();
    }
}

/// Marks the widths that kernels are compiled for.
#[derive(Debug)]
pub struct LaneWidths;

/// A width that modules can run at.
pub trait Width<const W: usize> {
    /// The code of `spec` at this width, if there is any.
    fn code(spec: &ModuleSpec, setup: &Setup<'_>, compilation: Compilation) -> Option<Box<dyn SoloCode<W>>>;
}

impl Width<1> for LaneWidths {
    fn code(spec: &ModuleSpec, setup: &Setup<'_>, compilation: Compilation) -> Option<Box<dyn SoloCode<1>>> {
        match &spec.kernel {
            Kernel::Lanes { baseline, avx2, .. } => Some(Box::new(compilation.choose(baseline, avx2).one())),
            Kernel::Foreign(make) => Some(Box::new(Other(make(setup)))),
        }
    }
}

impl Width<4> for LaneWidths {
    fn code(spec: &ModuleSpec, _: &Setup<'_>, compilation: Compilation) -> Option<Box<dyn SoloCode<4>>> {
        let Kernel::Lanes { baseline, avx2, .. } = &spec.kernel else { return None };
        Some(Box::new(compilation.choose(baseline, avx2).four()))
    }
}

impl Width<8> for LaneWidths {
    fn code(spec: &ModuleSpec, _: &Setup<'_>, compilation: Compilation) -> Option<Box<dyn SoloCode<8>>> {
        let Kernel::Lanes { baseline, avx2, .. } = &spec.kernel else { return None };
        Some(Box::new(compilation.choose(baseline, avx2).eight()))
    }
}

/// A module of one kind, `W` lanes wide, with whatever is written on its inputs.
pub struct Solo<const W: usize> {
    spec: &'static ModuleSpec,
    code: Box<dyn SoloCode<W>>,
    inputs: Vec<Buffer>,
    outputs: Vec<Buffer>,
    rows: Vec<[f32; W]>,
    words: Vec<[u32; W]>,
    rings: Vec<DelayRing>,
    settings: Vec<f32>,
    highest: Vec<f32>,
    clip: Option<Clip>,
    seeds: [u32; W],
    clock: KernelClock,
}

impl<const W: usize> Solo<W>
where
    LaneWidths: Width<W>,
{
    /// A module of `spec` at `rate` Hz with `settings` (name, value as the kernel reads it) over the defaults.
    /// `None` for a unit from another crate at any width but 1.
    ///
    /// # Panics
    /// If a setting is unknown.
    pub fn new(
        spec: &'static ModuleSpec,
        rate: f32,
        settings: &[(&str, f32)],
        seeds: [u32; W],
        compilation: Compilation,
    ) -> Option<Self> {
        let inputs = default_inputs(spec, W);
        let outputs = vec![Buffer::new(W); spec.output_places()];
        let settings = given_settings(spec, settings);
        let highest: Vec<f32> = spec.params.iter().map(|p| p.max as f32).collect();
        let clip = spec.cut().map(|cut| Clip::new(&trial(), cut(&settings)));
        let setup =
            Setup { rate, seed: seeds[0], settings: &settings, highest: &highest, clip: clip.as_ref() };
        let code = <LaneWidths as Width<W>>::code(spec, &setup, compilation)?;
        let rings = (spec.state.rings)(&setup).into_iter().map(|frames| DelayRing::new(frames, W)).collect();
        let mut solo = Self {
            spec,
            code,
            inputs,
            outputs,
            rows: vec![[0.0; W]; spec.state.rows],
            words: vec![[0; W]; spec.state.words],
            rings,
            settings,
            highest,
            clip,
            seeds,
            clock: KernelClock::new(rate),
        };
        solo.reset();
        Some(solo)
    }

    /// Plays `recording`, if its kind plays a sound file.
    #[must_use]
    pub fn playing(mut self, recording: &Recording) -> Self {
        self.clip = self.spec.cut().map(|cut| Clip::new(recording, cut(&self.settings)));
        self
    }

    /// Back to the state before the first block.
    pub fn reset(&mut self) {
        self.code.reset();
        self.rings.iter_mut().for_each(DelayRing::clear);
        for (lane, seed) in self.seeds.into_iter().enumerate() {
            let setup = Setup {
                rate: self.clock.rate,
                seed,
                settings: &self.settings,
                highest: &self.highest,
                clip: self.clip.as_ref(),
            };
            let mut state =
                StateLane::new(self.rows.as_flattened_mut(), self.words.as_flattened_mut(), W, lane);
            state.clear();
            (self.spec.state.init)(&mut state, &setup);
        }
        self.clock.frame = 0;
    }

    /// Silences one lane of all rings, into which nothing but the last `written` frames has been written since they were silent, as
    /// the engine does; whether nothing is left in it.
    pub fn silence_rings(&mut self, lane: usize, written: usize) -> bool {
        self.rings.iter_mut().for_each(|ring| ring.silence_lane(W, lane, written));
        self.rings.iter().all(|ring| ring.all_rows::<W>().iter().all(|row| row[lane] == 0.0))
    }

    /// Brings a kind that runs on while it sleeps to where it would be after `frames`; does nothing to others.
    pub fn advance(&mut self, frames: u64) {
        if let Sleep::Advance(advance) = self.spec.state.sleep {
            for lane in 0..W {
                advance(
                    &mut StateLane::new(self.rows.as_flattened_mut(), self.words.as_flattened_mut(), W, lane),
                    frames,
                );
            }
        }
        self.clock.frame += frames;
    }

    /// Sets the input or parameter `name` to `value` in every lane from now on; of a coupling kind's main input
    /// both channels.
    ///
    /// # Panics
    /// If there is no such input or parameter.
    pub fn set(&mut self, name: &str, value: f32) {
        self.set_lanes(name, [value; W]);
    }

    /// Sets the input or parameter `name` to a value for each lane.
    ///
    /// # Panics
    /// If there is no such input or parameter.
    pub fn set_lanes(&mut self, name: &str, values: [f32; W]) {
        for place in self.spec.places(name) {
            self.inputs[place].set::<W>(values);
        }
    }

    /// Writes the next block of the input or parameter `name`, a row a frame.
    ///
    /// # Panics
    /// If there is no such input or parameter.
    pub fn feed(&mut self, name: &str, rows: &Rows<W>) {
        for place in self.spec.places(name) {
            *self.inputs[place].rows::<W>() = *rows;
        }
    }

    /// Writes the next block of one channel (0 left, 1 right) of a coupling kind's main input.
    pub fn feed_channel(&mut self, channel: usize, rows: &Rows<W>) {
        *self.inputs[channel].rows::<W>() = *rows;
    }

    /// Sets kernel input `place`, counted over channels and parameters, to a value for each lane.
    pub fn set_place(&mut self, place: usize, values: [f32; W]) {
        self.inputs[place].set::<W>(values);
    }

    /// Writes the next block of kernel input `place`, counted over channels and parameters.
    pub fn feed_place(&mut self, place: usize, rows: &Rows<W>) {
        *self.inputs[place].rows::<W>() = *rows;
    }

    /// Runs one block. The outputs stay readable until the next.
    pub fn run(&mut self) {
        let mut ins = [In::Constant(&[0.0; W]); MAX_INPUTS];
        for (place, input) in self.inputs.iter().enumerate() {
            ins[place] = input.input();
        }
        let mut call = Call {
            ins: &ins[..self.inputs.len()],
            outs: &mut self.outputs,
            rows: &mut self.rows,
            words: &mut self.words,
            rings: &mut self.rings,
            settings: &self.settings,
            clip: self.clip.as_ref(),
            clock: &self.clock,
        };
        self.code.run(&mut call);
        self.clock.frame += BLOCK as u64;
    }

    /// The block just output by output `index` (channels counted), a row a frame.
    pub fn output(&self, index: usize) -> Rows<W> {
        let mut spare = [[0.0; W]; BLOCK];
        *self.outputs[index].input::<W>().rows(&mut spare)
    }

    /// Whether output `index` said that its last block was constant.
    pub fn output_is_constant(&self, index: usize) -> bool {
        self.outputs[index].is_constant()
    }

    /// The rows of state, to look at or to spoil.
    pub fn state(&mut self) -> &mut [[f32; W]] {
        &mut self.rows
    }
}

/// What a kind plays that plays a sound file: half a second of a tone that rises through three octaves, left and right a
/// little apart.
fn trial() -> Recording {
    let plane = |apart: f32| {
        let mut phase = 0_u32;
        let tone = |frame: usize| {
            phase = phase.wrapping_add(increment(200.0 * exp2(frame as f32 * 1.25e-4), apart));
            0.5 * sine(phase)
        };
        (0..24_000).map(tone).collect()
    };
    Recording::new(48_000, vec![plane(TURN / 48_000.0), plane(TURN / 47_000.0)])
}

fn default_inputs(spec: &ModuleSpec, width: usize) -> Vec<Buffer> {
    let mut inputs = vec![Buffer::new(width); spec.signal_places()];
    inputs.extend(spec.params.iter().map(|param| {
        let mut buffer = Buffer::new(width);
        (0..width).for_each(|lane| buffer.set_lane(lane, param.default as f32));
        buffer
    }));
    inputs
}

fn given_settings(spec: &ModuleSpec, given: &[(&str, f32)]) -> Vec<f32> {
    let mut settings: Vec<f32> = spec.settings.iter().map(|s| s.default() as f32).collect();
    for (name, value) in given {
        settings[spec.setting(name)] = *value;
    }
    settings
}

//! One module alone, without a song: for the laws that every kind keeps, for measuring, for benchmarks.

use crate::modules::buffer::{Buffer, In, Rows};
use crate::modules::call::{Call, Clock, MAX_INPUTS, Ring};
use crate::modules::kernel::{Foreign, Kernel, KernelFn, Widths};
use crate::modules::spec::{BLOCK, ModuleSpec};
use crate::modules::state::{Lane, Setup, Sleep};

/// Which compilation of a kernel to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compilation {
    /// For any processor of the target.
    Baseline,
    /// With AVX2, which this processor has: made by [`Compilation::best`] only.
    Avx2(Avx2),
}

/// Proof that the processor has AVX2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

impl Compilation {
    /// The fastest compilation that this processor can run.
    pub fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Self::Avx2(Avx2(()));
        }
        Self::Baseline
    }
}

/// A kernel compiled for one width.
pub trait Width<const W: usize> {
    /// The function of this width.
    fn of(widths: &Widths) -> KernelFn<W>;
}

/// Marks the widths that kernels are compiled for.
#[derive(Debug)]
pub struct Lanes;

impl Width<1> for Lanes {
    fn of(widths: &Widths) -> KernelFn<1> {
        widths.one
    }
}

impl Width<4> for Lanes {
    fn of(widths: &Widths) -> KernelFn<4> {
        widths.four
    }
}

impl Width<8> for Lanes {
    fn of(widths: &Widths) -> KernelFn<8> {
        widths.eight
    }
}

/// A module of one kind, `W` lanes wide, with whatever is written on its inputs.
pub struct Solo<const W: usize> {
    spec: &'static ModuleSpec,
    kernel: KernelFn<W>,
    inputs: Vec<Buffer>,
    outputs: Vec<Buffer>,
    rows: Vec<[f32; W]>,
    words: Vec<[u32; W]>,
    rings: Vec<Ring>,
    settings: Vec<f32>,
    highest: Vec<f32>,
    seeds: [u32; W],
    clock: Clock,
}

impl<const W: usize> Solo<W>
where
    Lanes: Width<W>,
{
    /// A module of `spec` at `rate` Hz with `settings` (name, value as the kernel reads it) over the defaults.
    /// `None` for a kind that isn't made of lanes.
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
        let Kernel::Lanes { baseline, avx2 } = &spec.kernel else { return None };
        let widths = match compilation {
            Compilation::Baseline => baseline,
            Compilation::Avx2(_) => avx2,
        };
        let inputs = default_inputs(spec, W);
        let outputs = vec![Buffer::new(W); spec.output_places()];
        let settings = given_settings(spec, settings);
        let highest: Vec<f32> = spec.params.iter().map(|p| p.max as f32).collect();
        let setup = Setup { rate, seed: seeds[0], settings: &settings, highest: &highest };
        let rings = (spec.state.rings)(&setup).into_iter().map(|frames| Ring::new(frames, W)).collect();
        let mut solo = Self {
            spec,
            kernel: <Lanes as Width<W>>::of(widths),
            inputs,
            outputs,
            rows: vec![[0.0; W]; spec.state.rows],
            words: vec![[0; W]; spec.state.words],
            rings,
            settings,
            highest,
            seeds,
            clock: Clock::new(rate),
        };
        solo.reset();
        Some(solo)
    }

    /// Back to the state before the first block.
    pub fn reset(&mut self) {
        self.rings.iter_mut().for_each(Ring::clear);
        for (lane, seed) in self.seeds.into_iter().enumerate() {
            let setup =
                Setup { rate: self.clock.rate, seed, settings: &self.settings, highest: &self.highest };
            let mut state = Lane::new(self.rows.as_flattened_mut(), self.words.as_flattened_mut(), W, lane);
            state.clear();
            (self.spec.state.init)(&mut state, &setup);
        }
        self.clock.frame = 0;
    }

    /// Brings a kind that runs on while it sleeps to where it would be after `frames`; does nothing to others.
    pub fn advance(&mut self, frames: u64) {
        if let Sleep::Advance(advance) = self.spec.state.sleep {
            for lane in 0..W {
                advance(
                    &mut Lane::new(self.rows.as_flattened_mut(), self.words.as_flattened_mut(), W, lane),
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
    #[allow(unsafe_code, reason = "kernels are typed unsafe for AVX2, whose presence `Avx2` proves")]
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
            clock: &self.clock,
        };
        // SAFETY: an AVX2 kernel was chosen only where `Compilation::best` has found AVX2.
        unsafe { (self.kernel)(&mut call) };
        self.clock.frame += BLOCK as u64;
    }

    /// The block just put out by output `index` (channels counted), a row a frame.
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

/// A module of a kind that wraps another crate's unit, alone.
pub struct SoloForeign {
    spec: &'static ModuleSpec,
    unit: Box<dyn Foreign>,
    inputs: Vec<Buffer>,
    outputs: Vec<Buffer>,
    settings: Vec<f32>,
    clock: Clock,
}

impl SoloForeign {
    /// As [`Solo::new`]; `None` for a kind made of lanes.
    ///
    /// # Panics
    /// If a setting is unknown.
    pub fn new(spec: &'static ModuleSpec, rate: f32, settings: &[(&str, f32)], seed: u32) -> Option<Self> {
        let Kernel::Foreign(make) = spec.kernel else { return None };
        let settings = given_settings(spec, settings);
        let highest: Vec<f32> = spec.params.iter().map(|p| p.max as f32).collect();
        let unit = make(&Setup { rate, seed, settings: &settings, highest: &highest });
        Some(Self {
            spec,
            unit,
            inputs: default_inputs(spec, 1),
            outputs: vec![Buffer::new(1); spec.output_places()],
            settings,
            clock: Clock::new(rate),
        })
    }

    /// As [`Solo::set`].
    ///
    /// # Panics
    /// If there is no such input or parameter.
    pub fn set(&mut self, name: &str, value: f32) {
        for place in self.spec.places(name) {
            self.inputs[place].set::<1>([value]);
        }
    }

    /// As [`Solo::feed`].
    ///
    /// # Panics
    /// If there is no such input or parameter.
    pub fn feed(&mut self, name: &str, rows: &Rows<1>) {
        for place in self.spec.places(name) {
            *self.inputs[place].rows::<1>() = *rows;
        }
    }

    /// As [`Solo::run`].
    pub fn run(&mut self) {
        let mut ins = [In::Constant(&[0.0; 1]); MAX_INPUTS];
        for (place, input) in self.inputs.iter().enumerate() {
            ins[place] = input.input();
        }
        self.unit.run(&mut Call {
            ins: &ins[..self.inputs.len()],
            outs: &mut self.outputs,
            rows: &mut [],
            words: &mut [],
            rings: &mut [],
            settings: &self.settings,
            clock: &self.clock,
        });
        self.clock.frame += BLOCK as u64;
    }

    /// As [`Solo::output`].
    pub fn output(&self, index: usize) -> Rows<1> {
        let mut spare = [[0.0; 1]; BLOCK];
        *self.outputs[index].input::<1>().rows(&mut spare)
    }

    /// Forgets everything heard so far.
    pub fn reset(&mut self) {
        self.unit.reset();
        self.clock.frame = 0;
    }
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

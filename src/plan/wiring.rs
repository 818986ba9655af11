//! From a patch to its shape: modules in order, each with its inputs summed and its parameters moved.

use crate::model::patch::{
    CableSource, CableTarget, ControlId, InstrumentControl, NoteSignal, ParameterBase, Patch,
};
use crate::model::song::{Glide, Song};
use crate::model::widths::widths;
use crate::modules::spec::{Channels, Family, ModuleSpec, Normal};
use crate::modules::state::Setup;
use crate::plan::automation::AutomationLanes;
use crate::plan::bare::voice_is_bare;
use crate::plan::cable_targets::Targets;
use crate::plan::clips::Clips;
use crate::plan::guards::Guards;
use crate::plan::network::{DelayFreeLoop, Network, NetworkNode};
use crate::plan::shape::{DelayPast, KernelOp, Op, Role, Shape, ShapeTerm, Slot, TermSource, VoiceSignal};

/// What the top level needs to know of an instrument's voices.
#[derive(Clone, Copy, Debug)]
pub(super) struct VoiceEnd {
    /// 0 if nothing reaches the voice's end, 1 for mono, 2 for stereo.
    pub(super) channels: usize,
    /// Frames by which it lags.
    pub(super) latency: usize,
}

/// What the top level adds to an instrument: slots of the top level.
#[derive(Clone, Debug, Default)]
pub(super) struct InstrumentEnd {
    /// What each channel of the sum of its voices is multiplied by; one channel for mono, two for stereo.
    pub(super) factors: Vec<Vec<Slot>>,
    /// What feeds each of its imports.
    pub(super) imports: Vec<Slot>,
    /// Its glide in seconds.
    pub(super) glide: Slot,
    /// The level at which its voices are computed.
    pub(super) level: usize,
    /// Its channels, where what they are multiplied by lags more than its voices do.
    pub(super) late: Option<Vec<Slot>>,
    /// Frames by which these lag.
    pub(super) lag: usize,
}

/// A cable of the top level that ends inside an instrument.
#[derive(Clone, Copy, Debug)]
pub(super) struct Import {
    /// Index of the cable in the song's patch.
    pub(super) cable: usize,
    /// What it moves.
    pub(super) control: ControlId,
}

/// For each instrument, the cables that come into it from outside, in song order. Each makes two imports: its signal
/// (number 2n) and its depth (2n + 1).
pub(super) fn imports(song: &Song) -> Vec<Vec<Import>> {
    let mut imports = vec![Vec::new(); song.instruments.len()];
    for (cable, c) in song.patch.cables.iter().enumerate() {
        if let CableTarget::Control(
            control @ (ControlId::Param { instrument: Some(i), .. }
            | ControlId::Knob { instrument: Some(i), .. }
            | ControlId::Cable { instrument: Some(i), .. }),
        ) = c.to
        {
            imports[i].push(Import { cable, control });
        }
    }
    imports
}

/// What is the same for every patch of a song.
#[derive(Clone, Copy, Debug)]
pub(super) struct WiringContext<'a> {
    pub(super) song: &'a Song,
    /// Frames a second.
    pub(super) rate: f32,
    /// Quarter notes a minute at the start.
    pub(super) tempo: f64,
    /// What [`imports`] found.
    pub(super) imports: &'a [Vec<Import>],
    /// What the song itself moves.
    pub(super) automation_lanes: &'a AutomationLanes,
    /// What its modules play.
    pub(super) clips: &'a Clips,
    /// What is watched of its modules.
    pub(super) guards: &'a Guards,
    /// Whether it is to be played, with live control.
    pub(super) live: bool,
}

/// A patch on its way to a shape.
#[derive(Debug)]
pub(super) struct Wiring<'a> {
    pub(super) context: WiringContext<'a>,
    pub(super) patch: &'a Patch,
    /// The instrument whose patch it is; `None` for the top level.
    pub(super) instrument: Option<usize>,
    /// The voices of each instrument; empty inside an instrument.
    pub(super) voices: &'a [VoiceEnd],
    pub(super) imports: &'a [Import],
    targets: Targets<'a>,
    pub(super) shape: Shape,
    /// For each module, the channels of its main input and of its outputs.
    pub(super) widths: Vec<[usize; 2]>,
    /// For each module, for each output, a slot for each channel; empty before the module's turn.
    pub(super) outputs: Vec<Vec<Vec<Slot>>>,
    /// Frames by which each module's outputs lag.
    pub(super) latencies: Vec<usize>,
    /// The value of each knob, and the frames by which it lags.
    pub(super) knobs: Vec<(Slot, usize)>,
    pub(super) instruments: Vec<InstrumentEnd>,
    /// What is read one block late: the source, its channel, and the slot that gets it.
    pub(super) latches: Vec<(CableSource, usize, Slot)>,
    /// Silence.
    pub(super) zero: Slot,
}

/// The shape of one voice of `instrument`.
pub(super) fn voice_shape(context: WiringContext<'_>, instrument: usize) -> Result<Shape, DelayFreeLoop> {
    let patch = &context.song.instruments[instrument].patch;
    let imports = &context.imports[instrument];
    let mut wiring = Wiring::new(context, patch, Some(instrument), imports, &[]);
    let network = Network::new(patch, 0)?;
    wiring.run(&network);
    wiring.shape.bare = voice_is_bare(patch);
    Ok(wiring.shape)
}

/// The shape of the top level, and what it adds to each instrument.
pub(super) fn top_shape(
    context: WiringContext<'_>,
    voices: &[VoiceEnd],
) -> Result<(Shape, Vec<InstrumentEnd>), DelayFreeLoop> {
    let patch = &context.song.patch;
    let mut wiring = Wiring::new(context, patch, None, &[], voices);
    let network = Network::new(patch, voices.len())?;
    wiring.run(&network);
    Ok((wiring.shape, wiring.instruments))
}

impl<'a> Wiring<'a> {
    fn new(
        context: WiringContext<'a>,
        patch: &'a Patch,
        instrument: Option<usize>,
        imports: &'a [Import],
        voices: &'a [VoiceEnd],
    ) -> Self {
        let mut shape = Shape::default();
        let zero = shape.fixed(0.0);
        let targets = Targets::new(patch, instrument);
        let instrument_widths: Vec<usize> =
            (0..voices.len()).map(|i| instrument_width(context, voices, i, &targets)).collect();
        let stereo = |module| context.clips.find(instrument, module).is_some_and(|clip| clip.stereo);
        Self {
            context,
            patch,
            instrument,
            voices,
            imports,
            targets,
            shape,
            widths: widths(patch, &instrument_widths, stereo),
            outputs: vec![Vec::new(); patch.modules.len()],
            latencies: vec![0; patch.modules.len()],
            knobs: vec![(zero, 0); patch.knobs.len()],
            instruments: instrument_widths
                .iter()
                .map(|&width| InstrumentEnd { factors: vec![Vec::new(); width], ..InstrumentEnd::default() })
                .collect(),
            latches: Vec::new(),
            zero,
        }
    }

    /// The cables of this patch that go to `target`, in song order.
    pub(super) fn cables_to(&self, target: CableTarget) -> Vec<usize> {
        self.targets.cables(target)
    }

    fn run(&mut self, network: &Network) {
        let mut late_inputs = Vec::new();
        for (index, &(level, node)) in network.order.iter().enumerate() {
            match node {
                NetworkNode::Knob(knob) => self.knob(knob),
                NetworkNode::Module(module) => {
                    if let Some(slots) = self.module(module, network.late.contains(&module)) {
                        late_inputs.push((module, slots));
                    }
                }
                NetworkNode::Output(instrument) => self.instrument_output(instrument),
                NetworkNode::Voices(instrument) => {
                    self.instrument_imports(instrument);
                    self.instruments[instrument].level = level;
                    let next = network.order.get(index + 1);
                    if !matches!(next, Some(&(l, NetworkNode::Voices(_))) if l == level) {
                        self.shape.ops.push(Op::Voices { level });
                    }
                }
            }
        }
        let (outs, latency) = self.port(&self.cables_to(CableTarget::Out), None);
        self.shape.outs = outs;
        self.shape.latency = latency;
        self.latch(late_inputs);
    }

    /// Writes the latches, which come before everything else.
    fn latch(&mut self, late_inputs: Vec<(usize, Vec<Slot>)>) {
        let mut latches = Vec::new();
        for (module, slots) in late_inputs {
            let cables = self.cables_to(CableTarget::Input { module, input: 0 });
            let (sums, _) = self.port(&cables, Some(slots.len()));
            latches.extend(sums.into_iter().zip(slots).map(|(from, to)| Op::Latch { from, to }));
        }
        // Summing the late inputs may have asked for more latches, so these come last.
        let mut next = 0;
        while let Some(&(source, channel, to)) = self.latches.get(next) {
            next += 1;
            let (channels, _) = self.source(source);
            let from = match channels[channel.min(channels.len() - 1)] {
                TermSource::Slot(slot) => slot,
                from @ TermSource::Instrument { .. } => {
                    let out = self.shape.computed();
                    let terms = vec![ShapeTerm { from, factors: Vec::new() }];
                    self.shape.ops.push(Op::Sum { terms, out });
                    out
                }
            };
            latches.push(Op::Latch { from, to });
        }
        self.shape.ops.splice(0..0, latches);
    }

    /// The slot of a control's own value: `value`, unless the song itself moves it.
    pub(super) fn base(&mut self, control: ControlId, value: f64) -> Slot {
        let Some((number, automation_lane)) = self.context.automation_lanes.find(control) else {
            return self.shape.fixed(value as f32);
        };
        let slot = self.shape.shared(Role::Base(number));
        self.shape.values[slot] = automation_lane.curve.start;
        slot
    }

    /// Whether anything moves a control.
    pub(super) fn moves(&self, control: ControlId) -> bool {
        self.context.automation_lanes.find(control).is_some()
            || !self.cables_to(CableTarget::Control(control)).is_empty()
    }

    fn knob(&mut self, index: usize) {
        let knob = &self.patch.knobs[index];
        let control = ControlId::Knob { instrument: self.instrument, knob: index };
        self.knobs[index] = self.steered(control, knob.default, (knob.min, knob.max));
    }

    /// Writes a module. Of a late one, returns the slots that its main input is to be latched into.
    fn module(&mut self, index: usize, late: bool) -> Option<Vec<Slot>> {
        let module = &self.patch.modules[index];
        let spec = module.spec;
        let [main_width, out_width] = self.widths[index];
        let mut late_slots = None;
        // For each signal input, its channels, and the frames by which they lag.
        let mut signals: Vec<(Vec<Slot>, Option<usize>)> = Vec::with_capacity(spec.inputs.len());
        for (input, port) in spec.inputs.iter().enumerate() {
            let main = input == 0 && spec.has_main_input();
            let cables = self.cables_to(CableTarget::Input { module: index, input });
            if main && late {
                let slots: Vec<Slot> = (0..main_width).map(|_| self.shape.computed()).collect();
                late_slots = Some(slots.clone());
                // It stays where it is: nothing makes its loop longer.
                signals.push((slots, None));
            } else if cables.is_empty() && port.normal == Normal::Gate && self.instrument.is_some() {
                let gate = Role::Voice(VoiceSignal::Note(NoteSignal::Gate));
                signals.push((vec![self.shape.shared(gate)], Some(0)));
            } else if cables.is_empty() && port.normal == Normal::Gate && self.context.live {
                signals.push((vec![self.shape.shared(Role::Gate(index))], Some(0)));
            } else if let (true, Normal::Main, Some(main)) =
                (cables.is_empty(), port.normal, signals.first().cloned())
            {
                signals.push(main);
            } else {
                let width = if main { main_width } else { spec.input_lanes(input) };
                let (slots, lag) = self.port(&cables, Some(width));
                signals.push((slots, Some(lag)));
            }
        }
        let params: Vec<(Slot, usize)> =
            (0..spec.params.len()).map(|param| self.param(index, param)).collect();
        let lags = signals.iter().filter_map(|(_, lag)| *lag).chain(params.iter().map(|(_, lag)| *lag));
        let latency = lags.max().unwrap_or(0);
        // All that it hears meets here.
        let mut meet =
            |slot, lag: Option<usize>, past| self.delayed(slot, lag.map_or(0, |lag| latency - lag), past);
        let params: Vec<Slot> =
            params.into_iter().map(|(slot, lag)| meet(slot, Some(lag), DelayPast::Held)).collect();
        let signals: Vec<Vec<Slot>> = signals
            .into_iter()
            .map(|(slots, lag)| slots.into_iter().map(|slot| meet(slot, lag, DelayPast::Silent)).collect())
            .collect();
        let mut settings = module.settings.clone();
        if let (true, Some(place)) = (late, spec.late()) {
            settings[place] = 1.0;
        }
        let highest: Vec<f32> = (0..spec.params.len()).map(|param| self.highest(index, param)).collect();
        let clip = self.context.clips.find(self.instrument, index);
        let setup = Setup {
            rate: self.context.rate,
            seed: 0,
            settings: &settings,
            highest: &highest,
            clip: clip.as_deref(),
        };
        self.latencies[index] = latency + (spec.state.latency)(&setup) as usize;
        let copies = if spec.channels == Channels::Each { out_width } else { 1 };
        let written = if spec.coupled() { 2 } else { 1 };
        let mut outputs = vec![Vec::with_capacity(2); spec.outputs.len()];
        for channel in 0..copies {
            let mut ins = Vec::with_capacity(spec.signal_places() + params.len());
            for (input, slots) in signals.iter().enumerate() {
                if spec.coupled() && spec.input_lanes(input) == 2 {
                    ins.extend([slots[0], slots[slots.len() - 1]]);
                } else {
                    ins.push(slots[channel.min(slots.len() - 1)]);
                }
            }
            ins.extend(&params);
            let mut outs = Vec::with_capacity(spec.outputs.len() * written);
            for output in &mut outputs {
                let slots: Vec<Slot> = (0..written).map(|_| self.shape.computed()).collect();
                output.extend(slots.iter().take(out_width));
                outs.extend(slots);
            }
            self.shape.highest.push(highest.clone());
            self.shape.ops.push(Op::Kernel(KernelOp {
                module: index,
                spec,
                guard: self.context.guards.of(self.instrument, index),
                channel,
                settings: settings.clone(),
                clip: clip.clone(),
                ins,
                outs,
            }));
        }
        if self.instrument.is_none() && spec.family == Family::Source {
            let running = self.shape.shared(Role::Running);
            let by = self.delayed(running, self.latencies[index], DelayPast::Held);
            let slots: Vec<Slot> = outputs.iter().flatten().copied().collect();
            self.shape.ops.extend(slots.into_iter().map(|slot| Op::Fade { slot, by }));
        }
        self.outputs[index] = outputs;
        late_slots
    }

    /// The slot of a parameter's value, with all that moves it, and the frames by which it lags.
    fn param(&mut self, module: usize, param: usize) -> (Slot, usize) {
        let spec = self.patch.modules[module].spec;
        let (base, declared) = (self.patch.modules[module].params[param], &spec.params[param]);
        let control = ControlId::Param { instrument: self.instrument, module, param };
        let base = match base {
            ParameterBase::Follow => {
                let freq = self.shape.shared(Role::Voice(VoiceSignal::Freq));
                let movable = self.context.automation_lanes.find(control);
                movable.map_or(freq, |(number, _)| self.shape.shared(Role::Base(number)))
            }
            ParameterBase::Number(_) | ParameterBase::Note(_) => {
                let value = self.base_value(spec, param, base);
                self.base(control, value)
            }
        };
        self.control(control, base, (declared.min, declared.max))
    }

    /// A base that isn't the note's, in the parameter's unit and range.
    pub(super) fn base_value(&self, spec: &ModuleSpec, param: usize, base: ParameterBase) -> f64 {
        let declared = &spec.params[param];
        let value = match base {
            ParameterBase::Number(value) => value,
            ParameterBase::Note(length) => {
                let seconds = length.seconds(self.context.tempo);
                if declared.unit == crate::units::unit::Unit::Hertz { 1.0 / seconds } else { seconds }
            }
            ParameterBase::Follow => declared.max,
        };
        value.clamp(declared.min, declared.max)
    }

    /// The song-level end of a cable that goes into an instrument: its signal and its depth.
    fn instrument_imports(&mut self, instrument: usize) {
        let glide = match self.context.song.instruments[instrument].glide {
            Glide::Seconds(seconds) => seconds,
            Glide::Note(length) => length.seconds(self.context.tempo),
        };
        let control = ControlId::Instrument { instrument, which: InstrumentControl::Glide };
        self.instruments[instrument].glide = self.steered(control, glide, (0.0, 60.0)).0;
        for import in &self.context.imports[instrument] {
            let (signal, _) = self.port(&[import.cable], Some(1));
            let (depth, ..) = self.depth(import.cable);
            self.instruments[instrument].imports.extend([signal[0], depth]);
        }
    }
}

/// How many channels an instrument outputs: it is stereo if its voices are, or if it is off the centre.
fn instrument_width(
    context: WiringContext<'_>,
    voices: &[VoiceEnd],
    index: usize,
    targets: &Targets<'_>,
) -> usize {
    let WiringContext { song, automation_lanes, .. } = context;
    let control = ControlId::Instrument { instrument: index, which: InstrumentControl::Pan };
    let moved =
        automation_lanes.find(control).is_some() || !targets.cables(CableTarget::Control(control)).is_empty();
    if voices[index].channels == 2 || song.instruments[index].pan != 0.0 || moved { 2 } else { 1 }
}

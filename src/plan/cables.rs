//! Cables: what a port hears is the sum of its cables, each with its gain, balance and control.

use crate::dsp::pan::{balance, equal_power};
use crate::model::highest::moved;
use crate::model::patch::{CableControl, Control, Depth, Source, Target};
use crate::model::widths::cable_width;
use crate::plan::shape::{From, MoveTerm, Op, Role, Slot, Term, VoiceSignal};
use crate::plan::wiring::Wiring;

impl Wiring<'_> {
    /// Where a source is read, a place for each of its channels, and the frames by which it lags behind.
    pub(super) fn source(&mut self, source: Source) -> (Vec<From>, usize) {
        match source {
            Source::Module { module, output } => {
                let slots = &self.outputs[module][output];
                (slots.iter().map(|&slot| From::Slot(slot)).collect(), self.latencies[module])
            }
            Source::Knob(knob) => (vec![From::Slot(self.knobs[knob])], 0),
            Source::Voice(signal) => {
                (vec![From::Slot(self.shape.shared(Role::Voice(VoiceSignal::Note(signal))))], 0)
            }
            Source::Newest(instrument, signal) => {
                (vec![From::Slot(self.shape.shared(Role::Newest(instrument, signal)))], 0)
            }
            Source::Instrument(instrument) => {
                let channels = self.instruments[instrument].factors.len();
                let places = (0..channels).map(|channel| From::Instrument { instrument, channel });
                (places.collect(), self.voices[instrument].latency)
            }
        }
    }

    /// A cable's source: latched where the cable is a feedback.
    fn cable_source(&mut self, index: usize) -> (Vec<From>, usize) {
        let cable = &self.patch.cables[index];
        if !cable.feedback {
            return self.source(cable.from);
        }
        let source = cable.from;
        let places: Vec<usize> = self.instruments.iter().map(|i| i.factors.len()).collect();
        let mut unpanned = cable.clone();
        unpanned.pan = None;
        let channels = cable_width(&unpanned, &self.widths, &places);
        let slots = (0..channels).map(|channel| {
            let to = self.shape.computed();
            self.latches.push((source, channel, to));
            From::Slot(to)
        });
        (slots.collect(), 0)
    }

    /// What the port at the end of `cables` hears: a slot a channel, and the frames by which it lags behind. `channels`
    /// is the port's width; `None` takes as many as come.
    pub(super) fn port(&mut self, cables: &[usize], channels: Option<usize>) -> (Vec<Slot>, usize) {
        let sources: Vec<(usize, Vec<From>, usize)> = cables
            .iter()
            .map(|&cable| {
                let (from, latency) = self.cable_source(cable);
                (cable, from, latency)
            })
            .collect();
        let panned = |cable: usize| self.patch.cables[cable].pan.is_some();
        let widest = sources.iter().map(|(cable, from, _)| if panned(*cable) { 2 } else { from.len() }).max();
        let channels = channels.or(widest).unwrap_or(0);
        let latency = sources.iter().map(|&(_, _, latency)| latency).max().unwrap_or(0);
        let mut terms: Vec<Vec<Term>> = vec![Vec::new(); channels];
        for (cable, from, lag) in sources {
            let from = self.padded(from, latency - lag);
            for (channel, products) in self.products(cable, &from, channels).into_iter().enumerate() {
                terms[channel].extend(products);
            }
        }
        (terms.into_iter().map(|terms| self.sum(terms)).collect(), latency)
    }

    /// Delays a source by `frames`.
    fn padded(&mut self, from: Vec<From>, frames: usize) -> Vec<From> {
        if frames == 0 {
            return from;
        }
        let mut padded = Vec::with_capacity(from.len());
        for place in from {
            let from = match place {
                From::Slot(slot) => slot,
                From::Instrument { .. } => self.sum(vec![Term { from: place, factors: Vec::new() }]),
            };
            let out = self.shape.computed();
            self.shape.ops.push(Op::Pad { from, frames, out });
            padded.push(From::Slot(out));
        }
        padded
    }

    /// One cable's part in each channel of a port.
    fn products(&mut self, index: usize, from: &[From], channels: usize) -> Vec<Vec<Term>> {
        let cable = &self.patch.cables[index];
        let (gain, pan, named) = (cable.gain, cable.pan, cable.id.is_some());
        let vca = cable.vca.map(|source| self.source(source).0);
        let control = |which| Control::Cable { instrument: self.instrument, cable: index, which };
        // A stereo signal into a mono port is averaged.
        let average = channels == 1 && (from.len() == 2 || pan.is_some());
        let mut fixed = if average { 0.5 } else { 1.0 };
        let mut shared = Vec::new();
        let gain_control = control(CableControl::Gain);
        let pan_control = control(CableControl::Pan);
        if named || !self.cables_to(Target::Control(gain_control)).is_empty() {
            let base = self.base(gain_control, gain);
            shared.push(self.control(gain_control, base, (-16.0, 16.0)));
        } else {
            fixed *= gain;
        }
        let mut pans = [1.0, 1.0];
        let mut pan_slots = None;
        if let Some(pan) = pan {
            if named || !self.cables_to(Target::Control(pan_control)).is_empty() {
                let base = self.base(pan_control, pan);
                let slot = self.control(pan_control, base, (-1.0, 1.0));
                pan_slots = Some(self.pan(slot, from.len() == 2));
            } else {
                let law = if from.len() == 2 { balance } else { equal_power };
                pans = law(pan as f32).map(f64::from);
            }
        }
        let sides = if average { 2 } else { channels };
        let mut products = vec![Vec::new(); channels];
        for side in 0..sides {
            let mut factors = Vec::new();
            if let Some(vca) = &vca {
                factors.push(self.slot_of(vca[side.min(vca.len() - 1)]));
            }
            factors.extend(&shared);
            if let Some(slots) = pan_slots {
                factors.push(slots[side]);
            }
            let constant = fixed * pans[side];
            if constant != 1.0 {
                factors.push(self.shape.fixed(constant as f32));
            }
            let from = from[side.min(from.len() - 1)];
            products[side.min(channels - 1)].push(Term { from, factors });
        }
        products
    }

    /// The sum of `terms`: nothing at all, one signal as it is, or a new slot.
    fn sum(&mut self, terms: Vec<Term>) -> Slot {
        match terms.as_slice() {
            [] => self.zero,
            [Term { from: From::Slot(slot), factors }] if factors.is_empty() => *slot,
            _ => {
                let out = self.shape.computed();
                self.shape.ops.push(Op::Sum { terms, out });
                out
            }
        }
    }

    /// A place as a slot, summing an instrument's voices where it must.
    fn slot_of(&mut self, place: From) -> Slot {
        self.sum(vec![Term { from: place, factors: Vec::new() }])
    }

    /// The gains of both channels for the balance in `pan`.
    pub(super) fn pan(&mut self, pan: Slot, stereo: bool) -> [Slot; 2] {
        if self.shape.roles[pan] == Role::Fixed {
            let law = if stereo { balance } else { equal_power };
            return law(self.shape.values[pan]).map(|gain| self.shape.fixed(gain));
        }
        let [left, right] = [self.shape.computed(), self.shape.computed()];
        self.shape.ops.push(Op::Pan { pan, stereo, left, right });
        [left, right]
    }

    /// The slot of `control`: `base`, moved by every cable that goes there, held in `range`.
    pub(super) fn control(&mut self, control: Control, base: Slot, range: (f64, f64)) -> Slot {
        let mut terms = Vec::new();
        for cable in self.cables_to(Target::Control(control)) {
            let (signal, _) = self.port(&[cable], Some(1));
            let (depth, octaves) = self.depth(cable);
            terms.push(MoveTerm { from: signal[0], depth, octaves });
        }
        for (number, import) in self.imports.iter().enumerate() {
            if import.control == control {
                let from = self.shape.shared(Role::Import(2 * number));
                let depth = self.shape.shared(Role::Import(2 * number + 1));
                let by = self.context.song.patch.cables[import.cable].by;
                terms.push(MoveTerm { from, depth, octaves: matches!(by, Some(Depth::Octaves(_))) });
            }
        }
        if terms.is_empty() {
            return base;
        }
        let out = self.shape.computed();
        self.shape.ops.push(Op::Move { base, terms, min: range.0 as f32, max: range.1 as f32, out });
        out
    }

    /// The slot of a cable's depth, and whether it counts octaves.
    pub(super) fn depth(&mut self, index: usize) -> (Slot, bool) {
        let (depth, octaves, range) = match self.patch.cables[index].by {
            Some(Depth::Octaves(octaves)) => (octaves, true, (-20.0, 20.0)),
            Some(Depth::Linear(amount)) => (amount, false, (-1e6, 1e6)),
            None => (1.0, false, (-1e6, 1e6)),
        };
        let control = Control::Cable { instrument: self.instrument, cable: index, which: CableControl::By };
        let base = self.base(control, depth);
        (self.control(control, base, range), octaves)
    }

    /// The highest value a parameter can reach while its sources stay between -1 and 1.
    pub(super) fn highest(&self, module: usize, param: usize) -> f32 {
        let declared = &self.patch.modules[module].spec.params[param];
        let control = Control::Param { instrument: self.instrument, module, param };
        let base = self.patch.modules[module].params[param];
        let declared_base = self.base_value(self.patch.modules[module].spec, param, base);
        let driven = self.context.drives.find(control).map_or(declared_base, |(_, drive)| drive.highest);
        let base = declared_base.max(driven);
        let own = self.cables_to(Target::Control(control)).into_iter().map(|cable| &self.patch.cables[cable]);
        let outer = self.imports.iter().filter(|import| import.control == control);
        let outer = outer.map(|import| &self.context.song.patch.cables[import.cable]);
        moved(base, own.chain(outer)).min(declared.max) as f32
    }
}

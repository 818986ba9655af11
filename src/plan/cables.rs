//! Cables: what a port hears is the sum of its cables, each with its gain, balance and control.

use crate::dsp::pan::{balance, equal_power};
use crate::model::highest::moved;
use crate::model::patch::{Cable, CableControl, CableSource, CableTarget, ControlId, Depth};
use crate::model::widths::cable_width;
use crate::plan::shape::{
    DelayPast, Op, Role, Shape, ShapeMoveTerm, ShapeTerm, Slot, TermSource, VoiceSignal,
};
use crate::plan::wiring::Wiring;

/// What is heard through a cable: everything that is multiplied, at the same time.
struct CableSignal {
    cable: usize,
    /// A place for each channel.
    from: Vec<TermSource>,
    /// Frames by which all of it lags.
    lag: usize,
    vca: Option<Vec<Slot>>,
    /// Its gain, where that can move.
    gain: Option<Slot>,
    /// The gains of both sides for its balance, where that can move.
    pan: Option<[Slot; 2]>,
}

impl CableSignal {
    /// Whether it is multiplied by anything that moves.
    fn varies(&self, shape: &Shape) -> bool {
        let factors = self.vca.iter().flatten().chain(&self.gain).chain(self.pan.iter().flatten());
        factors.into_iter().any(|&slot| shape.roles[slot] != Role::Fixed)
    }
}

/// What a source was before the song, or before its voice woke.
fn past(source: CableSource) -> DelayPast {
    if matches!(source, CableSource::Knob(_)) { DelayPast::Held } else { DelayPast::Silent }
}

impl Wiring<'_> {
    /// Where a source is read, a place for each of its channels, and the frames by which it lags.
    pub(super) fn source(&mut self, source: CableSource) -> (Vec<TermSource>, usize) {
        match source {
            CableSource::Module { module, output } => {
                let slots = &self.outputs[module][output];
                (slots.iter().map(|&slot| TermSource::Slot(slot)).collect(), self.latencies[module])
            }
            CableSource::Knob(knob) => {
                let (slot, lag) = self.knobs[knob];
                (vec![TermSource::Slot(slot)], lag)
            }
            CableSource::Voice(signal) => {
                (vec![TermSource::Slot(self.shape.shared(Role::Voice(VoiceSignal::Note(signal))))], 0)
            }
            CableSource::Newest(instrument, signal) => {
                (vec![TermSource::Slot(self.shape.shared(Role::Newest(instrument, signal)))], 0)
            }
            CableSource::Instrument(instrument) => {
                if let Some(slots) = &self.instruments[instrument].late {
                    return (
                        slots.iter().map(|&slot| TermSource::Slot(slot)).collect(),
                        self.instruments[instrument].lag,
                    );
                }
                let channels = self.instruments[instrument].factors.len();
                let places = (0..channels).map(|channel| TermSource::Instrument { instrument, channel });
                (places.collect(), self.voices[instrument].latency)
            }
        }
    }

    /// A cable's source: latched where the cable is a feedback.
    fn cable_source(&mut self, index: usize) -> (Vec<TermSource>, usize) {
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
            TermSource::Slot(to)
        });
        (slots.collect(), 0)
    }

    /// What the port at the end of `cables` hears: a slot a channel, and the frames by which it lags. `channels`
    /// is the port's width; `None` takes as many as come.
    pub(super) fn port(&mut self, cables: &[usize], channels: Option<usize>) -> (Vec<Slot>, usize) {
        let heard: Vec<CableSignal> = cables.iter().map(|&cable| self.hear(cable)).collect();
        let width =
            |one: &CableSignal| if self.patch.cables[one.cable].pan.is_some() { 2 } else { one.from.len() };
        let channels = channels.or(heard.iter().map(width).max()).unwrap_or(0);
        let latency = heard.iter().map(|one| one.lag).max().unwrap_or(0);
        let mut terms: Vec<Vec<ShapeTerm>> = vec![Vec::new(); channels];
        for mut one in heard {
            let late = latency - one.lag;
            let varies = one.varies(&self.shape);
            if !varies {
                one.from = self.padded(one.from, late);
            }
            for (channel, products) in self.products(&one, channels).into_iter().enumerate() {
                if varies && late > 0 && !products.is_empty() {
                    let product = self.sum(products);
                    let from = TermSource::Slot(self.delayed(product, late, DelayPast::Silent));
                    terms[channel].push(ShapeTerm { from, factors: Vec::new() });
                } else {
                    terms[channel].extend(products);
                }
            }
        }
        (terms.into_iter().map(|terms| self.sum(terms)).collect(), latency)
    }

    /// A cable's source and all that it is multiplied by, each as late as the latest of them. A feedback stays where it is:
    /// nothing makes its loop longer.
    fn hear(&mut self, cable: usize) -> CableSignal {
        let (from, own_lag) = self.cable_source(cable);
        let Cable { gain, pan, vca, feedback, ref id, .. } = self.patch.cables[cable];
        let moves = |wiring: &Self, control| {
            id.is_some() || !wiring.cables_to(CableTarget::Control(control)).is_empty()
        };
        let control = |which| ControlId::Cable { instrument: self.instrument, cable, which };
        let [gain_control, pan_control] = [CableControl::Gain, CableControl::Pan].map(control);
        let vca = vca.map(|source| (self.source(source), past(source)));
        let gain = moves(self, gain_control).then(|| self.steered(gain_control, gain, (-16.0, 16.0)));
        let pan = pan.filter(|_| moves(self, pan_control));
        let pan = pan.map(|pan| self.steered(pan_control, pan, (-1.0, 1.0)));
        let lags = vca
            .iter()
            .map(|((_, lag), _)| *lag)
            .chain([&gain, &pan].into_iter().flatten().map(|(_, lag)| *lag));
        let lag = if feedback { own_lag } else { lags.fold(own_lag, usize::max) };
        let from = self.padded(from, lag - own_lag);
        let vca = vca.map(|((places, own), past)| {
            let slots = places.into_iter().map(|place| self.slot_of(place)).collect::<Vec<Slot>>();
            slots.into_iter().map(|slot| self.delayed(slot, lag.saturating_sub(own), past)).collect()
        });
        let mut held =
            |(slot, own): (Slot, usize)| self.delayed(slot, lag.saturating_sub(own), DelayPast::Held);
        let (gain, pan) = (gain.map(&mut held), pan.map(&mut held));
        let pan = pan.map(|pan| self.pan(pan, from.len() == 2));
        CableSignal { cable, from, lag, vca, gain, pan }
    }

    /// Delays a source by `frames`.
    fn padded(&mut self, from: Vec<TermSource>, frames: usize) -> Vec<TermSource> {
        if frames == 0 {
            return from;
        }
        let slots: Vec<Slot> = from.into_iter().map(|place| self.slot_of(place)).collect();
        slots
            .into_iter()
            .map(|slot| TermSource::Slot(self.delayed(slot, frames, DelayPast::Silent)))
            .collect()
    }

    /// `slot`, so many frames later. A constant is the same at any time.
    pub(super) fn delayed(&mut self, slot: Slot, frames: usize, past: DelayPast) -> Slot {
        if frames == 0 || self.shape.roles[slot] == Role::Fixed {
            return slot;
        }
        let out = self.shape.computed();
        self.shape.ops.push(Op::Pad { from: slot, frames, past, out });
        out
    }

    /// One cable's part in each channel of a port.
    fn products(&mut self, heard: &CableSignal, channels: usize) -> Vec<Vec<ShapeTerm>> {
        let cable = &self.patch.cables[heard.cable];
        let from = &heard.from;
        // A stereo signal into a mono port is averaged.
        let average = channels == 1 && (from.len() == 2 || cable.pan.is_some());
        let mut fixed = if average { 0.5 } else { 1.0 };
        if heard.gain.is_none() {
            fixed *= cable.gain;
        }
        let mut pans = [1.0, 1.0];
        if let (Some(pan), None) = (cable.pan, heard.pan) {
            let law = if from.len() == 2 { balance } else { equal_power };
            pans = law(pan as f32).map(f64::from);
        }
        let sides = if average { 2 } else { channels };
        let mut products = vec![Vec::new(); channels];
        for side in 0..sides {
            let mut factors = Vec::new();
            if let Some(vca) = &heard.vca {
                factors.push(vca[side.min(vca.len() - 1)]);
            }
            factors.extend(heard.gain);
            factors.extend(heard.pan.map(|slots| slots[side]));
            let constant = fixed * pans[side];
            if constant != 1.0 {
                factors.push(self.shape.fixed(constant as f32));
            }
            let from = from[side.min(from.len() - 1)];
            products[side.min(channels - 1)].push(ShapeTerm { from, factors });
        }
        products
    }

    /// The sum of `terms`: nothing at all, one signal as it is, or a new slot.
    pub(super) fn sum(&mut self, terms: Vec<ShapeTerm>) -> Slot {
        match terms.as_slice() {
            [] => self.zero,
            [ShapeTerm { from: TermSource::Slot(slot), factors }] if factors.is_empty() => *slot,
            _ => {
                let out = self.shape.computed();
                self.shape.ops.push(Op::Sum { terms, out });
                out
            }
        }
    }

    /// A place as a slot, summing an instrument's voices where it must.
    pub(super) fn slot_of(&mut self, place: TermSource) -> Slot {
        self.sum(vec![ShapeTerm { from: place, factors: Vec::new() }])
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

    /// The slot of `control`, which stands at `value` by itself, and its lag: see [`Self::control`].
    pub(super) fn steered(&mut self, control: ControlId, value: f64, range: (f64, f64)) -> (Slot, usize) {
        let base = self.base(control, value);
        self.control(control, base, range)
    }

    /// The slot of `control`: `base`, moved by every cable that goes there, held in `range`; and the frames by which it lags
    /// after. What comes into a voice from outside is as late there as on its own way.
    pub(super) fn control(&mut self, control: ControlId, base: Slot, range: (f64, f64)) -> (Slot, usize) {
        let mut terms = Vec::new();
        for cable in self.cables_to(CableTarget::Control(control)) {
            let (signal, signal_lag) = self.port(&[cable], Some(1));
            let (depth, octaves, depth_lag) = self.depth(cable);
            terms.push((ShapeMoveTerm { from: signal[0], depth, octaves }, [signal_lag, depth_lag]));
        }
        for (number, import) in self.imports.iter().enumerate() {
            if import.control == control {
                let from = self.shape.shared(Role::Import(2 * number));
                let depth = self.shape.shared(Role::Import(2 * number + 1));
                let by = self.context.song.patch.cables[import.cable].by;
                let octaves = matches!(by, Some(Depth::Octaves(_)));
                terms.push((ShapeMoveTerm { from, depth, octaves }, [0; 2]));
            }
        }
        if terms.is_empty() {
            return (base, 0);
        }
        let lag = terms.iter().flat_map(|(_, lags)| *lags).max().unwrap_or(0);
        let base = self.delayed(base, lag, DelayPast::Held);
        let late = |(term, [signal, depth]): (ShapeMoveTerm, [usize; 2])| ShapeMoveTerm {
            from: self.delayed(term.from, lag - signal, DelayPast::Silent),
            depth: self.delayed(term.depth, lag - depth, DelayPast::Held),
            ..term
        };
        let terms = terms.into_iter().map(late).collect();
        let out = self.shape.computed();
        self.shape.ops.push(Op::Move { base, terms, min: range.0 as f32, max: range.1 as f32, out });
        (out, lag)
    }

    /// The slot of a cable's depth, whether it counts octaves, and the frames by which it lags.
    pub(super) fn depth(&mut self, index: usize) -> (Slot, bool, usize) {
        let (depth, octaves, range) = match self.patch.cables[index].by {
            Some(Depth::Octaves(octaves)) => (octaves, true, (-20.0, 20.0)),
            Some(Depth::Linear(amount)) => (amount, false, (-1e6, 1e6)),
            None => (1.0, false, (-1e6, 1e6)),
        };
        let control = ControlId::Cable { instrument: self.instrument, cable: index, which: CableControl::By };
        let (slot, lag) = self.steered(control, depth, range);
        (slot, octaves, lag)
    }

    /// The highest value a parameter can reach while its sources stay between -1 and 1.
    pub(super) fn highest(&self, module: usize, param: usize) -> f32 {
        let declared = &self.patch.modules[module].spec.params[param];
        let control = ControlId::Param { instrument: self.instrument, module, param };
        let base = self.patch.modules[module].params[param];
        let declared_base = self.base_value(self.patch.modules[module].spec, param, base);
        let driven = self
            .context
            .automation_lanes
            .find(control)
            .map_or(declared_base, |(_, automation_lane)| automation_lane.highest);
        let base = declared_base.max(driven);
        let own =
            self.cables_to(CableTarget::Control(control)).into_iter().map(|cable| &self.patch.cables[cable]);
        let outer = self.imports.iter().filter(|import| import.control == control);
        let outer = outer.map(|import| &self.context.song.patch.cables[import.cable]);
        moved(base, own.chain(outer)).min(declared.max) as f32
    }
}

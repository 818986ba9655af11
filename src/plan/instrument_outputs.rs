//! Where instruments are heard: their voices, times all that they are multiplied by as a whole.

use crate::model::patch::{ControlId, InstrumentControl};
use crate::plan::shape::{DelayPast, Op, ShapeTerm, Slot, TermSource};
use crate::plan::wiring::Wiring;

impl Wiring<'_> {
    /// Lays out the gain and the balance of an instrument. What lags more than its voices do delays them.
    pub(super) fn instrument_output(&mut self, index: usize) {
        let instrument = &self.context.song.instruments[index];
        let (gain, pan) = (instrument.gain, instrument.pan);
        let control = |which| ControlId::Instrument { instrument: index, which };
        let [gained, panned] = [InstrumentControl::Gain, InstrumentControl::Pan].map(control);
        let gain = (gain != 1.0 || self.moves(gained)).then(|| self.steered(gained, gain, (0.0, 16.0)));
        let pan = (pan != 0.0 || self.moves(panned)).then(|| self.steered(panned, pan, (-1.0, 1.0)));
        // The voices, and what they are multiplied by, meet here.
        let own = self.voices[index].latency;
        let lag = [gain, pan].into_iter().flatten().map(|(_, lag)| lag).fold(own, usize::max);
        let [gain, pan] = [gain, pan]
            .map(|control| control.map(|(slot, at)| self.delayed(slot, lag - at, DelayPast::Held)));
        let width = self.instruments[index].factors.len();
        let mut factors: Vec<Vec<Slot>> = vec![gain.into_iter().collect(); width];
        if let Some(pan) = pan {
            let gains = self.pan(pan, self.voices[index].channels == 2);
            factors.iter_mut().zip(gains).for_each(|(factors, gain)| factors.push(gain));
        }
        if lag == own {
            self.shape.ops.push(Op::Output { instrument: index, factors: factors.concat() });
            self.instruments[index].factors = factors;
            return;
        }
        self.shape.ops.push(Op::Output { instrument: index, factors: Vec::new() });
        let channels = factors.into_iter().enumerate().map(|(channel, factors)| {
            let voices = self.slot_of(TermSource::Instrument { instrument: index, channel });
            let from = TermSource::Slot(self.delayed(voices, lag - own, DelayPast::Silent));
            self.sum(vec![ShapeTerm { from, factors }])
        });
        let late = channels.collect();
        self.instruments[index].late = Some(late);
        self.instruments[index].lag = lag;
    }
}

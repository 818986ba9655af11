//! By how much a quiet sound is raised on its way to the end of the song: voices sleep by what can be heard there.

use std::collections::VecDeque;

use crate::model::highest::Highest;
use crate::model::patch::{
    Cable, CableControl, CableSource, CableTarget, ControlId, InstrumentControl, Module,
};
use crate::model::song::Song;
use crate::modules::spec::Normal;

/// The most that counts: 100 dB. What is raised by more was under every noise there is.
const MOST: f64 = 1e5;

/// The gains of a song's top level, each the highest that the song itself comes to, along the way that raises most. Balances don't
/// count.
#[derive(Debug)]
pub struct Raises<'s> {
    song: &'s Song,
    highest: Highest<'s>,
    /// The gain of each cable.
    cables: Vec<f64>,
    /// For each module, how much it raises what it hears.
    own: Vec<f64>,
    /// For each module, how much what it outputs is raised after it.
    after: Vec<f64>,
}

impl<'s> Raises<'s> {
    /// The gains of `song`. What is muted counts as if it weren't, so that a stem sleeps as its mix does.
    pub fn of(song: &'s Song) -> Self {
        let highest = Highest::of(song);
        let patch = &song.patch;
        let own = |(index, module): (usize, &Module)| {
            let raise = f64::from((module.spec.state.raises)(&highest.of_module(None, index)));
            // What holds its level by itself divides by nothing, or less.
            if raise >= 0.0 { raise.min(MOST) } else { MOST }
        };
        let gain = |(cable, one): (usize, &Cable)| {
            let control = ControlId::Cable { instrument: None, cable, which: CableControl::Gain };
            highest.of_gain(control, one.gain)
        };
        let own = patch.modules.iter().enumerate().map(own).collect();
        let cables = patch.cables.iter().enumerate().map(gain).collect();
        let mut raises = Self { song, highest, cables, own, after: vec![0.0; patch.modules.len()] };
        raises.spread();
        raises
    }

    /// Finds what comes after each module, from the end of the song on. What comes back round a loop with more than it set out
    /// with is followed for a while.
    fn spread(&mut self) {
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.after.len()];
        let mut changed: VecDeque<usize> = VecDeque::new();
        for (index, cable) in self.song.patch.cables.iter().enumerate() {
            if let CableTarget::Input { module, .. } = cable.to {
                into[module].push(index);
            }
            self.raise(index, &mut changed);
        }
        for _ in 0..64 * self.after.len() {
            let Some(module) = changed.pop_front() else { break };
            for &cable in &into[module] {
                self.raise(cable, &mut changed);
            }
        }
    }

    /// Lets the sources of a cable know what comes after it; those for which that is more are `changed`.
    fn raise(&mut self, index: usize, changed: &mut VecDeque<usize>) {
        let along = self.along(index);
        let cable = &self.song.patch.cables[index];
        for source in [Some(cable.from), cable.vca].into_iter().flatten() {
            if let CableSource::Module { module, .. } = source
                && along > self.after[module]
            {
                self.after[module] = along;
                changed.push_back(module);
            }
        }
    }

    /// By how much the sum of an instrument's voices is raised, at least 1.
    pub fn instrument(&self, index: usize) -> f64 {
        let source = CableSource::Instrument(index);
        let cables = self.song.patch.cables.iter().enumerate();
        let from = cables.filter(|(_, cable)| cable.from == source || cable.vca == Some(source));
        let most = from.map(|(cable, _)| self.along(cable)).fold(0.0, f64::max);
        let control = ControlId::Instrument { instrument: index, which: InstrumentControl::Gain };
        (most * self.highest.of_gain(control, self.song.instruments[index].gain)).clamp(1.0, MOST)
    }

    /// By how much what comes to a target is raised from there on.
    pub fn onward(&self, target: CableTarget) -> f64 {
        match target {
            CableTarget::Out => self.song.master,
            CableTarget::Input { module, input } => {
                match self.song.patch.modules[module].spec.inputs[input].normal {
                    // A sidechain isn't heard.
                    Normal::Main => 1.0,
                    _ => self.own[module] * self.after[module],
                }
            }
            // What moves a control counts as it is.
            CableTarget::Control(_) => 1.0,
        }
    }

    fn along(&self, index: usize) -> f64 {
        let cable = &self.song.patch.cables[index];
        // What a stem leaves out ended at the song's own end.
        let onward = if cable.muted && cable.to == CableTarget::Out { 1.0 } else { self.onward(cable.to) };
        (self.cables[index] * onward).min(MOST)
    }
}

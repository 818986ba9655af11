//! Which stems the instruments and modules of the top level reach, by sound or by what they move.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::patch::{CableSource, CableTarget, ControlId};
use crate::model::song::Song;

/// For each id of the top level the stems that it reaches.
pub(super) fn reach(song: &Song) -> BTreeMap<String, BTreeSet<String>> {
    let instruments = song.instruments.len();
    let modules = song.patch.modules.len();
    let ids: Vec<&str> =
        song.part_ids().chain(song.patch.knobs.iter().map(|knob| knob.id.as_str())).collect();
    let from = |source: CableSource| match source {
        CableSource::Instrument(instrument) | CableSource::Newest(instrument, _) => Some(instrument),
        CableSource::Module { module, .. } => Some(instruments + module),
        CableSource::Knob(knob) => Some(instruments + modules + knob),
        CableSource::Voice(_) => None,
    };
    // What each leads to; a control of a cable is moved on the way to where the cable goes.
    let mut leads: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    let to = |target: CableTarget| match target {
        CableTarget::Out => None,
        CableTarget::Input { module, .. } => Some(instruments + module),
        CableTarget::Control(control) => match control {
            ControlId::Param { instrument: Some(instrument), .. }
            | ControlId::Knob { instrument: Some(instrument), .. }
            | ControlId::Cable { instrument: Some(instrument), .. }
            | ControlId::Instrument { instrument, .. } => Some(instrument),
            ControlId::Param { instrument: None, module, .. } => Some(instruments + module),
            ControlId::Knob { instrument: None, knob } => Some(instruments + modules + knob),
            ControlId::Cable { instrument: None, cable, .. } => {
                song.patch.cables.get(cable).and_then(|cable| from(cable.from))
            }
        },
    };
    for cable in &song.patch.cables {
        for source in [Some(cable.from), cable.vca].into_iter().flatten().filter_map(from) {
            // What weighs a cable reaches what the cable carries.
            let weighs = Some(source) != from(cable.from);
            leads[source].extend(if weighs { from(cable.from) } else { None });
            leads[source].extend(to(cable.to));
        }
    }
    let stems: BTreeSet<String> = song.stems().into_iter().map(|stem| stem.id).collect();
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (start, id) in ids.iter().enumerate() {
        let mut seen = vec![false; ids.len()];
        let mut waiting = vec![start];
        while let Some(at) = waiting.pop() {
            if !std::mem::replace(&mut seen[at], true) {
                waiting.extend(&leads[at]);
            }
        }
        let reached = ids.iter().zip(&seen).filter(|(id, seen)| **seen && stems.contains(**id));
        all.entry((*id).to_owned()).or_default().extend(reached.map(|(id, _)| (*id).to_owned()));
    }
    all
}

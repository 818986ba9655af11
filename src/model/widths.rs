//! How many channels each module of a patch has.

use crate::model::patch::{Cable, CableSource, CableTarget, Patch};
use crate::modules::spec::Channels;

/// For each module, the channels of its main input and of its outputs: a module is stereo when its kind is or when
/// anything stereo reaches its main input, or when what it plays is (`plays_stereo`, by its index). `instruments` are the
/// channels of each instrument.
pub fn widths(patch: &Patch, instruments: &[usize], plays_stereo: impl Fn(usize) -> bool) -> Vec<[usize; 2]> {
    let stereo = |(index, module): (usize, &crate::model::patch::Module)| {
        if module.spec.channels == Channels::Stereo || plays_stereo(index) { [1, 2] } else { [1, 1] }
    };
    let mut widths: Vec<[usize; 2]> = patch.modules.iter().enumerate().map(stereo).collect();
    let mut leaving = vec![Vec::new(); patch.modules.len()];
    for (index, cable) in patch.cables.iter().enumerate() {
        if let CableSource::Module { module, .. } = cable.from {
            leaving[module].push(index);
        }
    }
    // Each module becomes stereo at most once, and only then its own cables are looked at again.
    let mut left: Vec<usize> = (0..patch.cables.len()).rev().collect();
    while let Some(cable) = left.pop() {
        let cable = &patch.cables[cable];
        let CableTarget::Input { module, input: 0 } = cable.to else { continue };
        if patch.modules[module].spec.has_main_input()
            && widths[module][0] == 1
            && cable_width(cable, &widths, instruments) == 2
        {
            widths[module] = [2, 2];
            left.extend(&leaving[module]);
        }
    }
    widths
}

/// The channels that `cable` carries.
pub fn cable_width(cable: &Cable, widths: &[[usize; 2]], instruments: &[usize]) -> usize {
    let from = match cable.from {
        CableSource::Module { module, .. } => widths[module][1],
        CableSource::Instrument(instrument) => instruments[instrument],
        CableSource::Knob(_) | CableSource::Voice(_) | CableSource::Newest(..) => 1,
    };
    if cable.pan.is_some() { 2 } else { from }
}

//! How many channels each module has, and whether an envelope opens a voice.

use crate::model::patch::{Cable, Control, Patch, Source, Target};
use crate::modules::spec::{Channels, Family};
use crate::units::unit::Unit;

/// For each module, the channels of its main input and of its outputs: a module is stereo when its kind is or when
/// anything stereo reaches its main input, or when what it plays is (`plays_stereo`, by its index). `instruments` are the
/// channels of each instrument.
pub(super) fn widths(
    patch: &Patch,
    instruments: &[usize],
    plays_stereo: impl Fn(usize) -> bool,
) -> Vec<[usize; 2]> {
    let mut widths: Vec<[usize; 2]> =
        patch
            .modules
            .iter()
            .enumerate()
            .map(|(index, module)| {
                if module.spec.channels == Channels::Stereo || plays_stereo(index) { [1, 2] } else { [1, 1] }
            })
            .collect();
    // Widths only grow, so this ends; a loop of cables is why one pass isn't enough.
    loop {
        let mut grown = false;
        for cable in &patch.cables {
            let Target::Input { module, input: 0 } = cable.to else { continue };
            let spec = patch.modules[module].spec;
            if spec.has_main_input()
                && widths[module][0] == 1
                && cable_width(cable, &widths, instruments) == 2
            {
                widths[module] = [2, 2];
                grown = true;
            }
        }
        if !grown {
            return widths;
        }
    }
}

/// The channels that `cable` carries.
pub(super) fn cable_width(cable: &Cable, widths: &[[usize; 2]], instruments: &[usize]) -> usize {
    let from = match cable.from {
        Source::Module { module, .. } => widths[module][1],
        Source::Instrument(instrument) => instruments[instrument],
        Source::Knob(_) | Source::Voice(_) | Source::Newest(..) => 1,
    };
    if cable.pan.is_some() { 2 } else { from }
}

/// Whether no envelope is on the way to the end of the patch, and no sound that ends by itself, so that the gate itself
/// must open the voice.
///
/// An envelope is on the way if a cable on the way is multiplied by it, if it moves a gain of a module on the way, or if
/// its own signal goes that way; through other modules too.
pub(super) fn voice_is_bare(patch: &Patch) -> bool {
    let mut on_the_way = vec![false; patch.modules.len()];
    let mut ways: Vec<&Cable> = patch.cables.iter().filter(|cable| cable.to == Target::Out).collect();
    while let Some(cable) = ways.pop() {
        if cable.vca.is_some_and(|source| from_envelope(patch, source)) {
            return false;
        }
        let Source::Module { module, .. } = cable.from else { continue };
        if std::mem::replace(&mut on_the_way[module], true) {
            continue;
        }
        let spec = patch.modules[module].spec;
        if spec.family == Family::Envelope || (spec.state.ends)(&patch.modules[module].settings) {
            return false;
        }
        for cable in &patch.cables {
            match cable.to {
                Target::Input { module: m, input: 0 } if m == module && spec.has_main_input() => {
                    ways.push(cable);
                }
                Target::Control(Control::Param { module: m, param, .. })
                    if m == module
                        && spec.params[param].unit == Unit::Gain
                        && from_envelope(patch, cable.from) =>
                {
                    return false;
                }
                _ => {}
            }
        }
    }
    true
}

/// Whether a control comes from an envelope, directly or through other modules.
fn from_envelope(patch: &Patch, source: Source) -> bool {
    let mut seen = vec![false; patch.modules.len()];
    let mut sources = vec![source];
    while let Some(source) = sources.pop() {
        let Source::Module { module, .. } = source else { continue };
        if std::mem::replace(&mut seen[module], true) {
            continue;
        }
        if patch.modules[module].spec.family == Family::Envelope {
            return true;
        }
        let into = |cable: &&Cable| matches!(cable.to, Target::Input { module: m, .. } if m == module);
        sources.extend(patch.cables.iter().filter(into).map(|cable| cable.from));
    }
    false
}

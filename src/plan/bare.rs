//! Whether an envelope opens a voice.

use crate::model::patch::{Cable, CableSource, CableTarget, ControlId, Patch};
use crate::modules::spec::{Family, Normal};
use crate::units::unit::Unit;

/// Whether some of the sound goes to the end of the patch without an envelope on its way and without ending by itself, so that the
/// gate itself must open the voice.
///
/// An envelope is on the way if a cable on the way is multiplied by it, if it moves a gain of a module on the way, or if
/// its own signal goes that way; through other modules too. What ends by itself, such as a plucked string, ends once its inputs do.
pub(super) fn voice_is_bare(patch: &Patch) -> bool {
    let mut on_the_way = vec![false; patch.modules.len()];
    let mut ways: Vec<&Cable> = patch.cables.iter().filter(|cable| cable.to == CableTarget::Out).collect();
    while let Some(cable) = ways.pop() {
        if cable.vca.is_some_and(|source| from_envelope(patch, source)) {
            continue;
        }
        // A velocity or a note sounds for as long as its voice does.
        let CableSource::Module { module, .. } = cable.from else { return true };
        if std::mem::replace(&mut on_the_way[module], true) || is_closed(patch, module) {
            continue;
        }
        let spec = patch.modules[module].spec;
        if !(spec.has_main_input() || (spec.state.ends)(&patch.modules[module].settings)) {
            return true;
        }
        let sounds = |input: usize| {
            if spec.has_main_input() { input == 0 } else { spec.inputs[input].normal != Normal::Gate }
        };
        ways.extend(patch.cables.iter().filter(
            |cable| matches!(cable.to, CableTarget::Input { module: m, input } if m == module && sounds(input)),
        ));
    }
    false
}

/// Whether an envelope closes a module on the way: it is one, or one moves a gain of it.
fn is_closed(patch: &Patch, module: usize) -> bool {
    let spec = patch.modules[module].spec;
    spec.family == Family::Envelope
        || patch.cables.iter().any(|cable| match cable.to {
            CableTarget::Control(ControlId::Param { module: m, param, .. }) => {
                m == module && spec.params[param].unit == Unit::Gain && from_envelope(patch, cable.from)
            }
            _ => false,
        })
}

/// Whether a control comes from an envelope, directly or through other modules.
fn from_envelope(patch: &Patch, source: CableSource) -> bool {
    let mut seen = vec![false; patch.modules.len()];
    let mut sources = vec![source];
    while let Some(source) = sources.pop() {
        let CableSource::Module { module, .. } = source else { continue };
        if std::mem::replace(&mut seen[module], true) {
            continue;
        }
        if patch.modules[module].spec.family == Family::Envelope {
            return true;
        }
        let into = |cable: &&Cable| matches!(cable.to, CableTarget::Input { module: m, .. } if m == module);
        sources.extend(patch.cables.iter().filter(into).map(|cable| cable.from));
    }
    false
}

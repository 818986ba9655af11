//! Whether an envelope opens a voice.

use crate::model::patch::{Cable, Control, Patch, Source, Target};
use crate::modules::spec::Family;
use crate::units::unit::Unit;

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

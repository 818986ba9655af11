//! Loops that add more than they take away, where that can be known from the text.
//!
//! A signal that stands still passes a linear module with one gain. With these, a loop's modules `x` obey `x = A x + in`, where
//! `A` holds the gains from module to module. Every loop takes time, so the characteristic determinant `det(I - A(z))` tends to 1
//! for large `z`; if it is negative at `z = 1`, it has a real zero outside of the unit circle: what loops grows without end.
//! A single ring of pure gains and delays grows whichever sign it has, once the magnitude of its product is more than 1.

use std::collections::BTreeSet;

use crate::check::context::Context;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::codes::routes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::dsp::math::decibels;
use crate::model::patch::{
    Cable, CableControl, CableSource, CableTarget, ControlId, Module, ParameterBase, Patch,
};
use crate::model::rounds::components;
use crate::model::song::Song;
use crate::modules::state::Passes;
use crate::syntax::tree::Node as Line;
use crate::units::number::short_number;

/// Loops of more modules than this aren't looked at.
const MOST: usize = 64;
/// How far from exactly 1 a loop must be to be sure of it.
const SURELY: f64 = 1e-6;
/// What a loop is turned down to, below what would just keep it going.
const SAFE: f64 = 0.9;

/// Where the cables of a song stand in its texts.
pub(super) struct CablePlaces<'a, 't> {
    top: Vec<CablePlace<'a, 't>>,
    instruments: Vec<Vec<CablePlace<'a, 't>>>,
}

/// Where a cable stands.
struct CablePlace<'a, 't> {
    span: Span,
    /// The line that says its gain, or could; `None` where its line says the gain of another cable.
    line: Option<&'a Line<'t>>,
}

impl<'a, 't> CablePlaces<'a, 't> {
    /// Those of the top level and of each instrument.
    pub(super) fn of<'d>(
        top: &PatchBuilder<'a, 't>,
        instruments: impl Iterator<Item = &'d PatchBuilder<'a, 't>>,
    ) -> Self
    where
        'a: 'd,
        't: 'd,
    {
        let places = |builder: &PatchBuilder<'a, 't>| {
            let place = |(index, span): (usize, &Span)| {
                let line = builder.cable_nodes.get(index).filter(|(_, last)| *last).map(|(line, _)| *line);
                CablePlace { span: *span, line }
            };
            builder.cable_spans.iter().enumerate().map(place).collect()
        };
        Self { top: places(top), instruments: instruments.map(places).collect() }
    }
}

impl CablePlace<'_, '_> {
    /// Writes another gain.
    fn edit(&self, gain: f64) -> Option<Edit> {
        let gain = short_number(gain);
        self.line.map(|line| match line.prop("gain") {
            Some(prop) => Edit::replace(prop.value.span, gain).showing("gain="),
            None => line.add("gain", &gain),
        })
    }
}

/// Warns of every loop of `song` that surely runs away.
pub(super) fn check(cx: &mut Context, song: &Song, places: &CablePlaces<'_, '_>) {
    let moved = moved(song);
    for (index, (instrument, places)) in song.instruments.iter().zip(&places.instruments).enumerate() {
        GainLoops { patch: &instrument.patch, instrument: Some(index), moved: &moved, places }.check(cx);
    }
    GainLoops { patch: &song.patch, instrument: None, moved: &moved, places: &places.top }.check(cx);
}

/// Every control that something moves: a route, automation or a lock.
fn moved(song: &Song) -> BTreeSet<ControlId> {
    let patches = song.instruments.iter().map(|instrument| &instrument.patch).chain([&song.patch]);
    let cables = patches.flat_map(|patch| &patch.cables).filter_map(|cable| match cable.to {
        CableTarget::Control(control) => Some(control),
        CableTarget::Out | CableTarget::Input { .. } => None,
    });
    let automations = song.sections.iter().flat_map(|section| &section.automations).map(|one| one.control);
    let tracks = song.sections.iter().flat_map(|section| &section.tracks);
    let locks = tracks.flat_map(|track| &track.locks).map(|lock| lock.control);
    cables.chain(automations).chain(locks).collect()
}

/// The loops of one patch.
struct GainLoops<'s, 'a, 't> {
    patch: &'s Patch,
    instrument: Option<usize>,
    moved: &'s BTreeSet<ControlId>,
    places: &'s [CablePlace<'a, 't>],
}

/// What stands in a patch: its modules first, then its knobs, then the instruments that it sees.
type GainNode = usize;

impl GainLoops<'_, '_, '_> {
    fn check(&self, cx: &mut Context) {
        let ends: Vec<(Vec<GainNode>, Option<GainNode>)> =
            self.patch.cables.iter().map(|cable| (self.sources(cable), self.end(cable.to))).collect();
        let nodes = ends.iter().flat_map(|(from, to)| from.iter().chain(to)).max().map_or(0, |most| most + 1);
        let mut leaving = vec![Vec::new(); nodes.max(self.patch.modules.len())];
        for (from, to) in &ends {
            from.iter().for_each(|&from| leaving[from].extend(to));
        }
        let component = components(&leaving);
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); component.len()];
        for (cable, (from, to)) in ends.iter().enumerate() {
            for &from in from {
                if to.is_some_and(|to| component[to] == component[from]) {
                    inside[component[from]].push(cable);
                }
            }
        }
        for cables in inside.iter().filter(|cables| !cables.is_empty()) {
            if cx.enough() {
                return;
            }
            if let Some(ring) = self.ring(cables)
                && let Some(warning) = self.warning(&ring, cables)
            {
                cx.report(warning);
            }
        }
    }

    fn sources(&self, cable: &Cable) -> Vec<GainNode> {
        [Some(cable.from), cable.vca].into_iter().flatten().filter_map(|source| self.source(source)).collect()
    }

    fn source(&self, source: CableSource) -> Option<GainNode> {
        let (modules, knobs) = (self.patch.modules.len(), self.patch.knobs.len());
        match source {
            CableSource::Module { module, .. } => Some(module),
            CableSource::Knob(knob) => Some(modules + knob),
            CableSource::Instrument(instrument) => Some(modules + knobs + instrument),
            CableSource::Voice(_) | CableSource::Newest(..) => None,
        }
    }

    fn end(&self, to: CableTarget) -> Option<GainNode> {
        let (modules, knobs) = (self.patch.modules.len(), self.patch.knobs.len());
        let mut to = to;
        // A cable may move another one's gain, and that one a third's: follow them, but not for ever.
        for _ in 0..=self.patch.cables.len() {
            let control = match to {
                CableTarget::Out => return None,
                CableTarget::Input { module, .. } => return Some(module),
                CableTarget::Control(control) => control,
            };
            let of = match control {
                ControlId::Param { instrument, .. }
                | ControlId::Knob { instrument, .. }
                | ControlId::Cable { instrument, .. } => instrument,
                ControlId::Instrument { instrument, .. } => Some(instrument),
            };
            if let Some(instrument) = of.filter(|_| self.instrument.is_none()) {
                return Some(modules + knobs + instrument);
            }
            match control {
                ControlId::Param { module, .. } => return Some(module),
                ControlId::Knob { knob, .. } => return Some(modules + knob),
                ControlId::Cable { cable, .. } => to = self.patch.cables.get(cable)?.to,
                ControlId::Instrument { .. } => return None,
            }
        }
        None
    }

    /// The gains of a loop that these cables make; `None` where any of them isn't known.
    fn ring(&self, cables: &[usize]) -> Option<GainLoop> {
        let mut modules: Vec<usize> = Vec::new();
        let mut edges = Vec::with_capacity(cables.len());
        for &index in cables {
            let cable = &self.patch.cables[index];
            let (
                CableSource::Module { module: from, output: 0 },
                CableTarget::Input { module: to, input: 0 },
            ) = (cable.from, cable.to)
            else {
                return None;
            };
            let control = |which| ControlId::Cable { instrument: self.instrument, cable: index, which };
            let moves = [CableControl::Gain, CableControl::Pan]
                .map(control)
                .iter()
                .any(|one| self.moved.contains(one));
            if moves
                || cable.vca.is_some()
                || cable.pan.is_some()
                || !self.patch.modules[to].spec.has_main_input()
            {
                return None;
            }
            edges.push((index, from, to, cable.gain));
            modules.extend([from, to]);
        }
        modules.sort_unstable();
        modules.dedup();
        if modules.len() > MOST {
            return None;
        }
        let passes = modules.iter().map(|&module| self.passes(module)).collect::<Option<Vec<Passes>>>()?;
        let place = |module: usize| modules.iter().position(|&one| one == module).unwrap_or(0);
        let edges = edges
            .into_iter()
            .map(|(cable, from, to, gain)| {
                let Passes { gain: passed, flat } = passes[place(from)];
                GainLink { cable, from: place(from), to: place(to), gain, passed, flat }
            })
            .collect();
        Some(GainLoop { modules, links: edges })
    }

    fn passes(&self, index: usize) -> Option<Passes> {
        let Module { spec, params, .. } = &self.patch.modules[index];
        let known: Vec<Option<f64>> = params
            .iter()
            .enumerate()
            .map(|(param, base)| {
                let control = ControlId::Param { instrument: self.instrument, module: index, param };
                match base {
                    ParameterBase::Number(value) if !self.moved.contains(&control) => Some(*value),
                    _ => None,
                }
            })
            .collect();
        (spec.state.passes)(&known)
    }

    fn warning(&self, ring: &GainLoop, cables: &[usize]) -> Option<Diagnostic> {
        let excess = ring.excess()?;
        // The loudest of those whose line can say another gain.
        let gain = |cable: usize| self.patch.cables[cable].gain;
        let place = |cable: usize| self.places.get(cable);
        let loudest = cables
            .iter()
            .filter(|cable| place(**cable).is_some_and(|place| place.line.is_some()))
            .max_by(|a, b| gain(**a).abs().total_cmp(&gain(**b).abs()))
            .or(cables.last())?;
        let loud = place(*loudest)?;
        let ids: Vec<&str> =
            ring.modules.iter().map(|&module| self.patch.modules[module].id.as_str()).collect();
        let way = match ids.as_slice() {
            [one] => format!("`{one}` hears itself"),
            several => format!("`{}` hear each other", several.join("`, `")),
        };
        let message = match excess {
            Excess::Product(gain) => format!(
                "this loop adds more than it takes away: {way} with a gain of {} ({:+.1} dB) each time round",
                short_number(gain),
                decibels(gain.abs())
            ),
            Excess::Several => format!("this loop adds more than it takes away: {way}, and all of it grows"),
        };
        let warning = Diagnostic::new(&routes::RUNAWAY_LOOP, loud.span, message).label("part of the loop");
        let mut warning = match ring.mended(*loudest).and_then(|gain| loud.edit(gain)) {
            Some(edit) => warning.suggest(edit, |written| format!("write {written} on this route, or less")),
            None => warning.help("turn down the gains of the routes in it"),
        };
        for other in cables.iter().filter(|cable| *cable != loudest).take(8) {
            if let Some(other) = place(*other).filter(|other| other.span != loud.span) {
                warning = warning.also(other.span, "part of it");
            }
        }
        Some(warning)
    }
}

/// A cable between two modules of a loop.
#[derive(Clone, Copy)]
struct GainLink {
    cable: usize,
    /// Places among the modules of the loop.
    from: usize,
    to: usize,
    /// Of the cable.
    gain: f64,
    /// What the module before it passes.
    passed: f64,
    flat: bool,
}

/// A loop all of whose gains are known.
struct GainLoop {
    modules: Vec<usize>,
    links: Vec<GainLink>,
}

/// What a loop has too much of.
enum Excess {
    /// A single ring of this gain.
    Product(f64),
    /// Several rings together.
    Several,
}

impl GainLoop {
    /// The gain of a loop that has one way round only.
    fn product(&self) -> Option<f64> {
        let single = self.links.len() == self.modules.len();
        single.then(|| self.links.iter().map(|link| link.gain * link.passed).product())
    }

    fn excess(&self) -> Option<Excess> {
        let Some(gain) = self.product() else {
            return (self.determinant(None) < -SURELY).then_some(Excess::Several);
        };
        let flat = self.links.iter().all(|link| link.flat);
        let much = if flat { gain.abs() } else { gain };
        (much > 1.0 + SURELY).then_some(Excess::Product(gain))
    }

    /// A gain of one cable with which the loop keeps no more than [`SAFE`] of what would just keep it going.
    fn mended(&self, cable: usize) -> Option<f64> {
        let gain = self.links.iter().find(|link| link.cable == cable)?.gain;
        let most = if let Some(product) = self.product() {
            gain / product.abs()
        } else {
            // The determinant is linear in each gain.
            let [without, with] = [0.0, 1.0].map(|gain| self.determinant(Some((cable, gain))));
            if without <= SURELY {
                return None;
            }
            without / (without - with)
        };
        (most.is_finite() && most.abs() < gain.abs()).then_some(most * SAFE)
    }

    /// The determinant of what the loop leaves of a signal that stands still, while one cable has another gain.
    fn determinant(&self, other: Option<(usize, f64)>) -> f64 {
        let size = self.modules.len();
        let mut rows: Vec<Vec<f64>> =
            (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect();
        for link in &self.links {
            let gain = other.filter(|(cable, _)| *cable == link.cable).map_or(link.gain, |(_, gain)| gain);
            rows[link.to][link.from] -= gain * link.passed;
        }
        let mut determinant = 1.0;
        for column in 0..size {
            let Some(pivot) =
                (column..size).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()))
            else {
                return 0.0;
            };
            if rows[pivot][column] == 0.0 {
                return 0.0;
            }
            if pivot != column {
                rows.swap(pivot, column);
                determinant = -determinant;
            }
            determinant *= rows[column][column];
            let (above, below) = rows.split_at_mut(column + 1);
            for row in below {
                let share = row[column] / above[column][column];
                for (x, top) in row.iter_mut().zip(&above[column]).skip(column) {
                    *x -= share * top;
                }
            }
        }
        determinant
    }
}

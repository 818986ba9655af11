//! A patch while it is put together: first everything that is declared, then the cables between.

use crate::check::context::Context;
use crate::check::fields::NodeMeaning;
use crate::check::name_table::{NameTable, NamedThing};
use crate::diagnostic::codes::values;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{Cable, CableSource, CableTarget, ControlId, Knob, Module, Patch};
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::{NodeForm, NodeScope};

/// A patch with the places of what is in it.
#[derive(Default)]
pub(super) struct PatchBuilder<'a, 't> {
    /// The instrument that it belongs to; `None` at the top level.
    pub(super) instrument: Option<usize>,
    pub(super) names: NameTable,
    pub(super) modules: Vec<Module>,
    pub(super) module_spans: Vec<Span>,
    pub(super) module_nodes: Vec<&'a Node<'t>>,
    /// Where a line can be added.
    pub(super) end: Option<Span>,
    pub(super) knobs: Vec<Knob>,
    pub(super) knob_spans: Vec<Span>,
    pub(super) cables: Vec<Cable>,
    pub(super) cable_spans: Vec<Span>,
    /// The line of each cable that the song lays, and whether its last hop is the cable: what the line's properties are of.
    pub(super) cable_nodes: Vec<(&'a Node<'t>, bool)>,
    pub(super) routes: Vec<(&'a Node<'t>, &'static NodeForm)>,
    pub(super) aliases: Vec<(&'a Node<'t>, &'static NodeForm)>,
    /// Second names, in the order of the song.
    pub(super) second_names: Vec<SecondName<'a, 't>>,
}

/// A second name for a control.
pub(super) struct SecondName<'a, 't> {
    pub(super) path: String,
    pub(super) control: ControlId,
    /// The line that gives it.
    pub(super) node: &'a Node<'t>,
    /// What it can be set to under this name, once that is known.
    pub(super) range: Option<(f64, f64)>,
}

impl<'a, 't> PatchBuilder<'a, 't> {
    /// Where inside its song a control of this patch is.
    pub(super) fn param(&self, module: usize, param: usize) -> ControlId {
        ControlId::Param { instrument: self.instrument, module, param }
    }

    /// The second name `path`.
    pub(super) fn second_name(&self, path: &str) -> Option<&SecondName<'a, 't>> {
        self.second_names.iter().find(|name| name.path == path)
    }

    /// A song that leads no instrument anywhere leads all of them to `out`.
    pub(super) fn lead_out(&mut self, instruments: usize) {
        if self.cables.iter().any(|cable| matches!(cable.from, CableSource::Instrument(_))) {
            return;
        }
        for instrument in 0..instruments {
            self.cables.push(Cable {
                from: CableSource::Instrument(instrument),
                to: CableTarget::Out,
                gain: 1.0,
                pan: None,
                vca: None,
                by: None,
                feedback: false,
                id: None,
                muted: false,
            });
            self.cable_spans.push(Span::default());
        }
    }

    /// The patch without places.
    pub(super) fn into_patch(self) -> Patch {
        Patch { modules: self.modules, knobs: self.knobs, cables: self.cables }
    }

    /// Declares what `node` is, if a patch can have it.
    pub(super) fn declare(&mut self, cx: &mut Context, node: &'a Node<'t>, meaning: NodeMeaning) {
        let inside = self.instrument.is_some();
        match meaning {
            NodeMeaning::Module(spec) => {
                let module = cx.module(node, spec, inside);
                let Some(id) = node.args.first() else {
                    if !node.broken {
                        cx.report(
                            Diagnostic::new(
                                &values::MISSING_ARGUMENT,
                                node.name.span,
                                format!("this `{}` lacks its name", spec.kind),
                            )
                            .label("its name belongs behind this")
                            .suggest(
                                Edit::after(node.name.span, format!(" {}", self.names.free(spec.kind, 1)))
                                    .showing(spec.kind),
                                |write| format!("write {write}, or any name you like"),
                            ),
                        );
                        // It may be routed under the name of its kind.
                        self.names.add(spec.kind, NamedThing::Broken, node.name.span);
                    }
                    return;
                };
                let thing = NamedThing::Module(self.modules.len());
                if cx.declare(&mut self.names, id, "name of a module", thing, inside) {
                    self.modules.push(module);
                    self.module_spans.push(id.span);
                    self.module_nodes.push(node);
                }
            }
            NodeMeaning::Form(form) => match form.name {
                "knob" => {
                    let fields = cx.fields(node, form);
                    let knob = cx.knob(&fields);
                    let thing = NamedThing::Knob(self.knobs.len());
                    if let Some(id) = node.args.first()
                        && cx.declare(&mut self.names, id, "name of a knob", thing, inside)
                    {
                        self.knobs.push(knob);
                        self.knob_spans.push(id.span);
                    }
                }
                "route" => {
                    if let Some(id) = node.prop("id") {
                        let thing = NamedThing::Cable(self.routes.len());
                        cx.declare(&mut self.names, &id.value, "name of a route", thing, inside);
                    }
                    self.routes.push((node, form));
                }
                "alias" => self.aliases.push((node, form)),
                _ => {}
            },
        }
    }

    /// Keeps the name that a node without meaning would have declared out of later complaints.
    pub(super) fn forgive(&mut self, node: &'a Node<'t>) {
        if let Some(id) = node.args.first()
            && let Some(name) = id.text()
        {
            self.names.add(name, NamedThing::Broken, id.span);
        }
    }

    /// Declares everything that `nodes` of an instrument declare.
    pub(super) fn declare_all(&mut self, cx: &mut Context, nodes: &'a [Node<'t>]) {
        for node in nodes {
            if cx.enough() {
                return;
            }
            match cx.meaning(node, NodeScope::Instrument) {
                Some(meaning) => self.declare(cx, node, meaning),
                None => self.forgive(node),
            }
        }
    }
}

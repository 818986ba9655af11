//! Routes: from hops to one cable for each pair of ports.

use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::depth::last_depth;
use crate::check::endpoints::{Endpoint, LookupScope, split};
use crate::check::fields::Fields;
use crate::check::instrument::CheckedInstrument;
use crate::check::name_table::NamedThing;
use crate::check::patch_builder::PatchBuilder;
use crate::diagnostic::codes::{names, routes};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::{Cable, CableControl, CableSource, CableTarget, ControlId, Depth};
use crate::syntax::arrows::{self, ARROW, ArrowPiece};
use crate::syntax::tree::{Node, Prop};

/// Cables in a patch.
const MOST_CABLES: usize = 65_536;
/// Cables in a song.
const MOST_OF_ALL: usize = 65_536;

/// What the properties of a route say, for its last hop.
struct Ending {
    gain: f64,
    pan: Option<f64>,
    vca: Option<CableSource>,
    feedback: bool,
}

impl<'a, 't> PatchBuilder<'a, 't> {
    /// Lays the cables of every route. `instruments` are those that can be seen from here.
    pub(super) fn lay(&mut self, cx: &mut Context, instruments: &[CheckedInstrument<'a, 't>]) {
        let mut laid: BTreeMap<(CableSource, CableTarget), Span> = BTreeMap::new();
        let mut named: Vec<Option<usize>> = vec![None; self.routes.len()];
        for (index, (node, form)) in std::mem::take(&mut self.routes).into_iter().enumerate() {
            if cx.enough() {
                break;
            }
            let fields = cx.fields(node, form);
            let id = node.prop("id").and_then(|id| id.value.text());
            let own = id.filter(|id| self.names.find(id) == Some(NamedThing::Cable(index)));
            let (cables, last) = self.route(cx, &fields, instruments);
            if own.is_some() && cables.len() - last > 1 {
                cx.report(
                    Diagnostic::new(
                        &routes::SHARED_ID,
                        node.prop("id").map_or(node.span, |id| id.value.span),
                        format!(
                            "{} would name {} cables",
                            quoted(id.unwrap_or_default()),
                            cables.len() - last
                        ),
                    )
                    .label("an id names one cable")
                    .mend(
                        node.cut_prop("id"),
                        "take it out, or write a route of its own for the one that is to have the name",
                    ),
                );
            }
            let alone = cables.len() == 1;
            for (i, (mut cable, span)) in cables.into_iter().enumerate() {
                if let Some(first) = laid.get(&(cable.from, cable.to)) {
                    cx.report(
                        Diagnostic::new(&routes::SAME_CABLE, span, "this cable is laid already".to_owned())
                            .label("the second time")
                            .mend(
                                alone.then(|| Edit::remove(node.whole())),
                                if alone {
                                    "take this route out"
                                } else {
                                    "write the common part of both routes once"
                                },
                            )
                            .also(*first, "the first time"),
                    );
                    continue;
                }
                laid.insert((cable.from, cable.to), span);
                if i >= last && own.is_some() {
                    named[index] = Some(self.cables.len());
                    cable.id = own.map(str::to_owned);
                }
                self.cables.push(cable);
                self.cable_spans.push(span);
                self.cable_nodes.push((node, i >= last));
            }
        }
        self.names.settle(self.instrument, &named);
        let own = self.instrument;
        self.second_names.retain_mut(|name| match &mut name.control {
            ControlId::Cable { instrument, cable, .. } if *instrument == own => {
                let laid = named[*cable];
                *cable = laid.unwrap_or(*cable);
                laid.is_some()
            }
            _ => true,
        });
        self.settle(cx, &named);
    }

    /// Gives the cables that move a named route the cable that it became.
    fn settle(&mut self, cx: &mut Context, named: &[Option<usize>]) {
        for i in 0..self.cables.len() {
            let CableTarget::Control(ControlId::Cable { instrument, cable: route, which }) =
                self.cables[i].to
            else {
                continue;
            };
            if instrument != self.instrument {
                continue;
            }
            let Some(cable) = named.get(route).copied().flatten() else {
                continue;
            };
            self.cables[i].to = CableTarget::Control(ControlId::Cable { instrument, cable, which });
            let moved = &self.cables[cable];
            let missing = match which {
                CableControl::Gain => None,
                CableControl::Pan => moved.pan.is_none().then_some("pan=0"),
                CableControl::By => moved.by.is_none().then_some("by=0"),
            };
            if let Some(missing) = missing {
                let (what, _) = missing.split_once('=').unwrap_or_default();
                let id = moved.id.clone().unwrap_or_default();
                cx.report(
                    Diagnostic::new(
                        &names::UNKNOWN_PORT,
                        self.cable_spans[i],
                        format!("the route {} has no `{what}` to move", quoted(&id)),
                    )
                    .label(format!("moves its `{what}`"))
                    .suggest(Edit::after(self.cable_nodes[cable].0.span, format!(" {missing}")), |write| {
                        format!("give that route {write}")
                    })
                    .also(self.cable_spans[cable], "this one"),
                );
            }
        }
    }

    /// The cables of one route with their places, and which of them is the first of the last hop.
    fn route(
        &self,
        cx: &mut Context,
        fields: &Fields<'_, '_>,
        instruments: &[CheckedInstrument<'a, 't>],
    ) -> (Vec<(Cable, Span)>, usize) {
        let place = LookupScope { builder: self, instruments };
        let Some(hops) = hops(cx, fields.node) else {
            return (Vec::new(), 0);
        };
        let pairs = hops.windows(2).map(|pair| pair[0].len().saturating_mul(pair[1].len())).sum::<usize>();
        if pairs + self.cables.len() > MOST_CABLES {
            cx.report(
                Diagnostic::new(
                    &routes::TOO_MANY_CABLES,
                    fields.node.name.span,
                    format!(
                        "this route makes {pairs} cables, {} with those before",
                        pairs + self.cables.len()
                    ),
                )
                .label("one for each pair")
                .help(
                    "the limit for a patch is 65,536 cables: lead some of them through a module that adds up",
                ),
            );
            return (Vec::new(), 0);
        }
        cx.cables += pairs;
        if cx.cables > MOST_OF_ALL {
            cx.report(
                Diagnostic::new(
                    &routes::TOO_MANY_CABLES,
                    fields.node.name.span,
                    "the routes of the song make more than 65,536 cables",
                )
                .label("too many with this route")
                .help(
                    "the limit for all instruments is 65,536 cables: let fewer of them start from large ones",
                ),
            );
            return (Vec::new(), 0);
        }
        let ending = ending(cx, &place, fields);
        let count = hops.len();
        let through = hops[1..count - 1].iter().flatten().filter(|end| !self.whole_module(cx, **end)).count();
        if through > 0 {
            return (Vec::new(), 0);
        }
        let mut cables = Vec::new();
        let mut last = 0;
        for (hop, pair) in hops.windows(2).enumerate() {
            let is_last = hop + 2 == count;
            last = cables.len();
            let targets: Vec<(CableTarget, Option<Depth>, Span)> = pair[1]
                .iter()
                .filter_map(|end| {
                    let target = place.target(cx, *end)?;
                    let by = if is_last { last_depth(cx, &place, fields, *end, target).ok()? } else { None };
                    Some((target, by, end.span))
                })
                .collect();
            for from_end in &pair[0] {
                let Some(from) = place.source(cx, *from_end) else {
                    continue;
                };
                for (to, by, to_span) in &targets {
                    let signal = !matches!(to, CableTarget::Control(_));
                    let cable = Cable {
                        from,
                        to: *to,
                        gain: if is_last { ending.gain } else { 1.0 },
                        pan: ending.pan.filter(|_| is_last && signal),
                        vca: ending.vca.filter(|_| is_last),
                        by: *by,
                        feedback: is_last && ending.feedback,
                        id: None,
                        muted: false,
                    };
                    cables.push((cable, from_end.span.to(*to_span)));
                }
            }
        }
        (cables, last)
    }

    /// Whether a whole module stands here, in the middle of a route; anything else is reported.
    fn whole_module(&self, cx: &mut Context, end: Endpoint<'_>) -> bool {
        let what = if end.path.contains('.') {
            "a port or parameter"
        } else {
            match self.names.find(end.path) {
                Some(NamedThing::Instrument(_)) => "an instrument",
                Some(NamedThing::Knob(_) | NamedThing::Alias(_) | NamedThing::Cable(_)) => "a control",
                None if end.path == "out" => "the end of the patch",
                Some(NamedThing::Module(_) | NamedThing::Broken) | None => return true,
            }
        };
        cx.report(
            Diagnostic::new(
                &routes::MID_ROUTE,
                end.span,
                format!("{} is {what}: it can't stand in the middle of a route", quoted(end.path)),
            )
            .label("only whole modules between arrows")
            .mend(
                (end.path != "out")
                    .then(|| Edit::replace(end.span, format!("{}\nroute {}", end.path, split(end.path).0))),
                "end this route here and begin another",
            ),
        );
        false
    }
}

/// The properties that the last hop has.
fn ending(cx: &mut Context, place: &LookupScope<'_, '_, '_>, fields: &Fields<'_, '_>) -> Ending {
    let vca = fields.path(cx, "vca").and_then(|(path, span)| {
        let source = place.source(cx, Endpoint::new(path, span))?;
        if let CableSource::Instrument(_) = source {
            cx.report(
                Diagnostic::new(
                    &routes::WRONG_END,
                    span,
                    format!("{} is the sound of an instrument, not a control", quoted(path)),
                )
                .label("not a control")
                .suggest(Edit::replace(span, format!("{path}.gate")), |write| {
                    format!("write {write}, an envelope, an LFO or a knob")
                }),
            );
            return None;
        }
        Some(source)
    });
    Ending {
        gain: fields.number(cx, "gain").unwrap_or(1.0),
        pan: fields.number(cx, "pan"),
        vca,
        feedback: fields.flag(cx, "feedback").unwrap_or(false),
    }
}

/// The words of a route, hop by hop: at least two hops, none of them empty.
fn hops<'a>(cx: &mut Context, node: &'a Node<'_>) -> Option<Vec<Vec<Endpoint<'a>>>> {
    let mut hops: Vec<Vec<Endpoint<'a>>> = vec![Vec::new()];
    let mut glued = None;
    for arg in &node.args {
        let Some(word) = arg.text() else {
            cx.not_a_name(&routes::BAD_ROUTE, arg, "what a route connects");
            return None;
        };
        if word == ARROW {
            hops.push(Vec::new());
            continue;
        }
        if arrows::is_one_name(word) {
            hops.last_mut()?.push(Endpoint::new(word, arg.place(0..word.len())));
            continue;
        }
        if matches!(word, "+" | "&") {
            let message =
                format!("{} has no meaning in a route: names stand beside each other", quoted(word));
            cx.report(
                Diagnostic::new(&routes::BAD_ROUTE, arg.span, message)
                    .label("not a name")
                    .mend([node.cut(arg.span)], "take it out"),
            );
            return None;
        }
        for (at, piece) in arrows::pieces(word) {
            match piece {
                ArrowPiece::Name => {
                    hops.last_mut()?.push(Endpoint::new(&word[at.clone()], arg.place(at)));
                }
                ArrowPiece::Arrow if &word[at.clone()] == ARROW => hops.push(Vec::new()),
                ArrowPiece::Arrow | ArrowPiece::Backwards => {
                    wrong_arrow(cx, node, &word[at.clone()], arg.place(at), piece);
                    return None;
                }
            }
        }
        if word.contains(ARROW) {
            glued = glued.or(Some((arg, word)));
        }
    }
    if let Some((arg, word)) = glued {
        let whole: Vec<&str> = node.args.iter().filter_map(|arg| arg.text()).collect();
        let message = format!("the `->` in {} needs spaces around it", quoted(word));
        let fault =
            Diagnostic::new(&routes::GLUED_ARROW, arg.span, message).label("KDL reads this as one name");
        cx.report(match arrows::rewritten(&whole) {
            Some(route) => rewritten(fault, node, &route),
            None => fault.help("write spaces around it"),
        });
    }
    let empty = hops.iter().position(Vec::is_empty);
    if hops.len() >= 2 && empty.is_none() {
        return Some(hops);
    }
    if node.broken {
        return None;
    }
    let words: Vec<&str> = hops.iter().flatten().map(|end| end.path.trim_end_matches(',')).collect();
    let (first, last) = (node.args.first(), node.args.last());
    let head =
        |until: &[&str]| std::iter::once("route").chain(until.iter().copied()).collect::<Vec<_>>().join(" ");
    let more = |text: &str, shown: String| last.map(|last| Edit::after(last.span, text).showing(shown));
    let said = |what: &str| Diagnostic::new(&routes::BAD_ROUTE, node.span, what).label("not a route");
    cx.report(match (hops.len(), words.as_slice()) {
        (1, [.., _, to]) => {
            let before = head(&words[..words.len() - 1]);
            let ends = hops.iter().flatten().filter(|end| end.path.ends_with(','));
            let commas = ends.map(|end| Edit::replace(end.span, end.path.trim_end_matches(',')));
            let commas = commas.filter(|edit| last.is_none_or(|last| edit.span != last.span));
            let arrow = last.map(|last| Edit::replace(last.span, format!("-> {to}")));
            said(&format!("this route has no `->` before {}", quoted(to)))
                .mend(commas.chain(arrow), format!("write `{before} -> {to}`"))
        }
        (1, [only]) => {
            let said = said("this route goes nowhere");
            match more(" -> out", head(&[only])) {
                Some(edit) => said.write(edit),
                None => said,
            }
        }
        (1, []) => said("this route connects nothing").help("say what it connects: `route a -> out`"),
        _ if empty == Some(0) => said("this route begins with an arrow")
            .mend(first.map(|first| node.cut(first.span)), "take it out, or say where the signal comes from"),
        _ if empty == Some(hops.len() - 1) => said("this route ends with an arrow")
            .mend(more(" out", String::new()), "say where the signal goes, such as `out`"),
        _ => {
            let arrows = node.args.windows(2).find(|pair| pair.iter().all(|arg| arg.text() == Some("->")));
            said("there is nothing between two arrows")
                .mend(arrows.map(|pair| node.cut(pair[1].span)), "take one of them out")
        }
    });
    None
}

/// Reports an arrow of another language.
fn wrong_arrow(cx: &mut Context, node: &Node<'_>, arrow: &str, span: Span, piece: ArrowPiece) {
    let words: Vec<&str> = node.args.iter().filter_map(|arg| arg.text()).collect();
    let (what, label) = match piece {
        ArrowPiece::Backwards => ("isn't an arrow: signals go from left to right", "the wrong way round"),
        _ => ("isn't an arrow", "not an arrow"),
    };
    let fault = Diagnostic::new(&routes::BAD_ROUTE, span, format!("{} {what}", quoted(arrow))).label(label);
    let fault = match arrows::rewritten(&words) {
        Some(route) if words.len() == node.args.len() => rewritten(fault, node, &route),
        // A hop is missing as well.
        _ if piece == ArrowPiece::Arrow => fault.write(Edit::replace(span, ARROW)),
        _ => fault.help("write `->`, from where a signal comes to where it goes"),
    };
    cx.report(fault);
}

/// Proposes `route` for the arguments of `node`.
fn rewritten(fault: Diagnostic, node: &Node<'_>, route: &str) -> Diagnostic {
    let (Some(first), Some(last)) = (node.args.first(), node.args.last()) else {
        return fault;
    };
    let whole = first.span.to(last.span);
    let apart = |prop: &Prop<'_>| prop.name.span.end <= whole.start || prop.name.span.start >= whole.end;
    if node.props.iter().all(apart) {
        return fault.write(Edit::replace(whole, route).showing("route "));
    }
    // Properties stand between the words: all words go before them.
    let rest = node.args[1..].iter().map(|arg| Edit::remove(arg.span));
    fault.mend(
        std::iter::once(Edit::replace(first.span, route)).chain(rest),
        format!("write `route {route}` and its properties after it"),
    )
}

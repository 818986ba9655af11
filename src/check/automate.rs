//! Automation: what moves where over which bars of a section.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::check::context::Context;
use crate::check::endpoints::{Endpoint, LookupScope};
use crate::check::fields::{Fields, meant_or_not};
use crate::check::name_table::TEMPO;
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::diagnostic::codes::{automation as codes, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::automation::{Automation, Bend, Oscillation, TempoMove};
use crate::model::patch::ControlId;
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::NodeForm;
use crate::units::number::short_number;
use crate::units::unit::Unit;

/// The least and the greatest tempo.
const TEMPI: (f64, f64) = (20.0, 999.0);

/// What moves in a section.
#[derive(Default)]
pub(super) struct AutomationMoves {
    pub(super) automations: Vec<Automation>,
    pub(super) tempo_moves: Vec<TempoMove>,
    /// What has been said of each control, or of the tempo: over which bars, and where.
    spans: BTreeMap<Option<ControlId>, Vec<(Range<u32>, Span)>>,
}

/// How something moves.
struct MoveShape {
    bars: Range<u32>,
    ends: (f64, f64),
    bend: Bend,
    wave: Option<(Oscillation, f64)>,
}

/// What is said of ends that are given without their names: `automate a.freq 200 2000`, `automate a.freq 200 -> 2000`,
/// `automate a.freq=2000`. `None` where there are none, or where something else is meant.
fn ends_without_names(node: &Node<'_>) -> Option<Diagnostic> {
    if node.broken {
        return None;
    }
    let said = |span, edits: Vec<Edit>, shown: &str| {
        Diagnostic::new(&values::EXTRA_ARGUMENT, span, "both ends of automation have names")
            .label("from where, to where?")
            .mend(edits, format!("write `{shown}`"))
    };
    if let (Some(prop), true) = (node.props.first(), node.args.is_empty()) {
        let path = prop.name.text.as_ref();
        let shown = format!("{path} to={}", prop.value.raw);
        return path
            .contains('.')
            .then(|| said(prop.span(), vec![Edit::replace(prop.span(), &*shown)], &shown));
    }
    let (first, last) = (node.args.get(1)?, node.args.last()?);
    let mut ends = Vec::new();
    for arg in &node.args[1..] {
        let Some(text) = arg.text() else {
            ends.push(arg.raw.to_owned());
            continue;
        };
        let words = text.replace("->", " ").replace("..", " ").replace(['→', '>', ',', ';'], " ");
        let words = words.split_whitespace().filter(|word| !matches!(*word, "from" | "to" | "-" | "until"));
        ends.extend(
            words.map(|word| if word.parse::<f64>().is_ok() { word.to_owned() } else { as_text(word) }),
        );
    }
    let value =
        |end: &String| end.starts_with(['"', '-']) || end.starts_with(|c: char| c.is_ascii_alphanumeric());
    let shown = match (ends.as_slice(), node.prop("from"), node.prop("to")) {
        _ if !ends.iter().all(value) => return None,
        ([to], _, None) => format!("to={to}"),
        ([from], None, Some(_)) => format!("from={from}"),
        ([from, to], None, None) => format!("from={from} to={to}"),
        _ => return None,
    };
    let rest = node.args[2..].iter().map(|arg| node.cut(arg.span));
    let edits = std::iter::once(Edit::replace(first.span, &*shown)).chain(rest);
    Some(said(first.span.to(last.span), edits.collect(), &shown))
}

impl Context {
    /// What the automation of a section of `bars` bars says; without bars only what is wrong with it is said.
    pub(super) fn moves(
        &mut self,
        nodes: &[(&Node<'_>, &'static NodeForm)],
        place: &LookupScope<'_, '_, '_>,
        bars: Option<u32>,
    ) -> AutomationMoves {
        let mut moves = AutomationMoves::default();
        for (node, form) in nodes {
            if self.enough() {
                break;
            }
            self.automate(node, form, place, bars, &mut moves);
        }
        for spans in moves.spans.values_mut() {
            self.overlaps(spans);
        }
        moves.automations.sort_by_key(|one| one.bars.start);
        moves.tempo_moves.sort_by_key(|one| one.bars.start);
        moves
    }

    fn automate(
        &mut self,
        node: &Node<'_>,
        form: &'static NodeForm,
        place: &LookupScope<'_, '_, '_>,
        bars: Option<u32>,
        moves: &mut AutomationMoves,
    ) {
        if let Some(said) = ends_without_names(node) {
            self.report(said);
            return;
        }
        let fields = self.fields(node, form);
        let Some(path) = node.args.first() else { return };
        let Some(text) = path.text() else {
            self.not_a_name(&codes::NOT_A_CONTROL, path, "what is moved");
            return;
        };
        if text == TEMPO {
            let way = self.way(&fields, text, (Unit::Number, TEMPI, self.tempo), bars, true);
            if let Some(MoveShape { bars, ends: (from, to), bend, .. }) = way {
                moves.spans.entry(None).or_default().push((bars.clone(), path.span));
                moves.tempo_moves.push(TempoMove { bars, from, to, bend });
            }
            return;
        }
        let Some(found) = place.modulatable(self, Endpoint::new(text, path.span)) else { return };
        let declared = found.declared(self.tempo);
        let way = self.way(&fields, text, (found.facts.unit, found.facts.range, declared), bars, false);
        if let Some(MoveShape { bars, ends: (from, to), bend, wave }) = way {
            let control = found.control;
            moves.spans.entry(Some(control)).or_default().push((bars.clone(), path.span));
            moves.automations.push(Automation { control, bars, from, to, bend, wave });
        }
    }

    /// How something moves whose unit, range and declared value are given.
    fn way(
        &mut self,
        fields: &Fields<'_, '_>,
        path: &str,
        (unit, range, declared): (Unit, (f64, f64), f64),
        bars: Option<u32>,
        tempo: bool,
    ) -> Option<MoveShape> {
        let mut end = |name: &'static str| {
            let value = fields.value(name)?;
            Some(self.number(value, ValueSlot::prop(name), unit, range))
        };
        let (from, to) = (end("from"), end("to"));
        let span = self.bar_span(fields, bars);
        let bend = self.choice(fields, "curve", Bend::ALL);
        let wave = self.choice(fields, "shape", Oscillation::ALL);
        let cycles = fields.number(self, "cycles");
        let Some(to) = to else {
            if !fields.node.broken {
                let double = declared * 2.0;
                let example = if double > 0.0 && double <= range.1 { double } else { range.1.min(1.0) };
                self.report(
                    Diagnostic::new(
                        &codes::NO_END,
                        fields.node.name.span,
                        format!("this automation doesn't say where {} ends", quoted(path)),
                    )
                    .label("goes nowhere")
                    .suggest(fields.node.add("to", &unit.written(example)), |write| {
                        format!("write where: {write}")
                    }),
                );
            }
            return None;
        };
        let (from, to) = (from.unwrap_or(Some(declared))?, to?);
        let (bend, wave) = (bend?.unwrap_or(Bend::Linear), wave?);
        self.useful(fields, bend, wave, tempo)?;
        if bend == Bend::Exponential && from * to <= 0.0 {
            let value = fields.value("from").filter(|_| from == 0.0).or(fields.value("to"));
            let place = fields.value("curve").or(value).map_or(fields.node.span, |value| value.span);
            let zero = if from == 0.0 { "begins at 0" } else { "ends at 0" };
            let how = if from * to < 0.0 { "crosses 0" } else { zero };
            self.report(
                Diagnostic::new(
                    &codes::EXP_THROUGH_ZERO,
                    place,
                    format!("the exponential way of {} {how}", quoted(path)),
                )
                .label("no equal ratios that way")
                .suggest(Edit::replace(place, "lin").showing("curve="), |write| {
                    let near = unit.written(if from < 0.0 || to < 0.0 { -0.001 } else { 0.001 });
                    format!("write {write}, or begin and end on one side of 0, such as at {near}")
                }),
            );
            return None;
        }
        let wave = wave.map(|wave| (wave, cycles.unwrap_or(1.0)));
        Some(MoveShape { bars: span??, ends: (from, to), bend, wave })
    }

    /// Reports curves, shapes and cycles that don't go together; `None` if there were any.
    fn useful(
        &mut self,
        fields: &Fields<'_, '_>,
        bend: Bend,
        wave: Option<Oscillation>,
        tempo: bool,
    ) -> Option<()> {
        let useless = |name: &str, what: &str| {
            let place = fields.value(name).map_or(fields.node.span, |value| value.span);
            Diagnostic::new(&codes::USELESS_CURVE, place, what).label("has no meaning here")
        };
        let node = fields.node;
        let said = match (bend, wave) {
            (_, Some(_)) if tempo => useless("shape", "the tempo has no shapes")
                .mend(node.cut_prop("shape"), "take it out, or write several ramps, one behind the other"),
            (Bend::Smooth, None) if tempo => {
                let said = useless("curve", "the tempo goes by `lin`, `exp` or `step`");
                match fields.value("curve") {
                    Some(curve) => said.write(ValueSlot::prop("curve").write(curve, "lin")),
                    None => said,
                }
            }
            (Bend::Smooth | Bend::Step, Some(_)) => {
                useless("curve", "a shape goes between its ends by `lin` or by `exp`")
                    .mend(node.cut_prop("curve"), "take `curve` out")
            }
            (_, None) if fields.value("cycles").is_some() => {
                let said = useless("cycles", "`cycles` counts those of a shape, and there is none");
                if tempo || bend != Bend::Linear {
                    said.mend(node.cut_prop("cycles"), "take `cycles` out")
                } else {
                    said.suggest(node.add("shape", "sine"), |write| format!("write {write} beside it"))
                }
            }
            _ => return Some(()),
        };
        self.report(said);
        None
    }

    /// The bars that automation goes over, counted from 0; the inner `None` where the section's length isn't known.
    #[expect(clippy::option_option, reason = "wrong bars and unknown bars are two things")]
    fn bar_span(&mut self, fields: &Fields<'_, '_>, all: Option<u32>) -> Option<Option<Range<u32>>> {
        let Some(value) = fields.value("bars") else {
            return Some(all.map(|all| 0..all));
        };
        let read = |word: &str| word.trim().parse::<u32>().ok().filter(|bar| *bar > 0);
        let written = match (value.number(), value.text()) {
            (Some(number), _) => read(&short_number(number)).map(|bar| (bar, bar)),
            (None, Some(text)) => match text.split_once("..") {
                Some((first, last)) => read(first).zip(read(last)),
                None => read(text).map(|bar| (bar, bar)),
            },
            (None, None) => None,
        };
        let bars = |first: u32, last: u32| {
            if first == last { first.to_string() } else { format!("\"{first}..{last}\"") }
        };
        let fault = match written {
            None => {
                let text = value.text().unwrap_or(value.raw);
                // Two numbers are bars, whatever stands between them: `1-4`, `1:4`, `1 to 4`.
                let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(read);
                let (write, more) = match numbers.collect::<Vec<_>>()[..] {
                    [bar] => (bars(bar, bar), ""),
                    [first, last] if first <= last => (bars(first, last), ": the last is included"),
                    _ => (bars(1, all.unwrap_or(4)), ", or other bars; the last is included"),
                };
                Some((format!("{} aren't bars", quoted(text)), write, more.to_owned()))
            }
            Some((first, last)) if first > last => {
                Some((format!("bar {first} comes after bar {last}"), bars(last, first), String::new()))
            }
            Some((first, last)) => all.filter(|all| last > *all).map(|all| {
                let here = match all {
                    1 => "there is 1 bar here".to_owned(),
                    all => format!("there are {} here", counted(all as usize, "bar")),
                };
                let write = bars(first.min(all), all);
                (format!("{here}, and no bar {last}"), write, format!(", or other bars from 1 to {all}"))
            }),
        };
        match (fault, written) {
            (None, Some((first, last))) => Some(all.map(|_| first - 1..last)),
            (fault, _) => {
                let (what, write, more) = fault.unwrap_or_default();
                self.report(
                    Diagnostic::new(&codes::BAD_SPAN, value.span, what)
                        .label("not bars of this")
                        .suggest(ValueSlot::prop("bars").write(value, &write), |write| {
                            format!("write {write}{more}")
                        }),
                );
                None
            }
        }
    }

    /// The choice of property `name`; the inner `None` if it isn't given.
    #[expect(clippy::option_option, reason = "a wrong choice and none are two things")]
    fn choice<T: Copy>(
        &mut self,
        fields: &Fields<'_, '_>,
        name: &str,
        words: &[(&'static str, T)],
    ) -> Option<Option<T>> {
        let Some(value) = fields.value(name) else {
            return Some(None);
        };
        let found = value.text().and_then(|text| words.iter().find(|(word, _)| *word == text));
        if let Some((_, choice)) = found {
            return Some(Some(*choice));
        }
        self.not_a_choice(value, name, words.iter().map(|(word, _)| *word));
        None
    }

    fn not_a_choice<'w>(
        &mut self,
        value: &Value<'_>,
        name: &str,
        words: impl Iterator<Item = &'w str> + Clone,
    ) {
        let text = value.text().unwrap_or(value.raw);
        let slot = ValueSlot::prop(name);
        let said =
            Diagnostic::new(&values::BAD_VALUE, value.span, format!("`{name}` can't be {}", quoted(text)))
                .label("not one of its choices");
        self.report(if let Some(meant) = nearest(text, words.clone()) {
            said.suggest(slot.write(value, meant), meant_or_not)
        } else {
            let all: Vec<&str> = words.collect();
            let first = all.first().copied().unwrap_or_default();
            said.suggest(slot.write(value, first), |write| {
                format!("write {write}; the choices are {}", all.join(", "))
            })
        });
    }

    /// Reports automation of one thing that overlaps.
    fn overlaps(&mut self, spans: &mut [(Range<u32>, Span)]) {
        spans.sort_by_key(|(bars, span)| (bars.start, *span));
        let mut longest: Option<(u32, Span)> = None;
        for (bars, span) in spans {
            if let Some((_, first)) = longest.filter(|(end, _)| *end > bars.start) {
                let (first, second) = if first < *span { (first, *span) } else { (*span, first) };
                self.report(
                    Diagnostic::new(
                        &codes::OVERLAP,
                        second,
                        format!("this is moved in bar {} already", bars.start + 1),
                    )
                    .label("the second time")
                    .help("say with `bars=` which of them goes over which bars")
                    .also(first, "the first time"),
                );
            }
            if longest.is_none_or(|(end, _)| bars.end > end) {
                longest = Some((bars.end, *span));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Bend, Oscillation};
    use crate::syntax::vocabulary::{Takes, find};

    #[test]
    fn the_vocabulary_has_all_curves_and_shapes() {
        let words = |name: &str| {
            let form = find("automate").unwrap();
            match form.props.iter().find(|prop| prop.name == name).unwrap().takes {
                Takes::Choice(words) => words.to_vec(),
                _ => Vec::new(),
            }
        };
        assert_eq!(words("curve"), Bend::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>());
        assert_eq!(words("shape"), Oscillation::ALL.iter().map(|(word, _)| *word).collect::<Vec<_>>());
    }
}

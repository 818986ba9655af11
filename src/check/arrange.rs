//! The arrangement: which section follows which.

use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::nearest::nearest;
use crate::check::section::SectionPart;
use crate::diagnostic::codes::{arrangement as codes, names};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::syntax::arrangement::{MOST_TIMES, rewritten, written};
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::NodeForm;

/// The most sections one after another.
const MOST: usize = 65_536;

/// The order of the sections, and where it is said.
pub(super) struct SectionOrder {
    pub(super) sections: Vec<usize>,
    pub(super) span: Span,
    /// Whether `span` is the value of `bars`.
    pub(super) bars: bool,
    /// All of `arrange`, where there is one.
    pub(super) line: Span,
}

impl Context {
    /// Reads the order of the sections `parts`, names with their places, the first of which, by its place, is named where there is none. `open` keeps quiet
    /// about what may only seem to be missing.
    pub(super) fn arrangement(
        &mut self,
        nodes: &[(&Node<'_>, &'static NodeForm)],
        parts: &[(&str, Span)],
        open: bool,
    ) -> Option<SectionOrder> {
        let Some((node, form)) = nodes.first() else {
            if let Some(first) = parts.first().filter(|_| !open) {
                let all: Vec<&str> = parts.iter().map(|part| part.0).collect();
                self.report(
                    Diagnostic::new(
                        &codes::NO_ARRANGEMENT,
                        first.1,
                        "nothing says in which order the sections are played",
                    )
                    .label("when is it played?")
                    .write(self.at_end(&format!("arrange {}", all.join(" ")))),
                );
            }
            return None;
        };
        for (second, _) in &nodes[1..] {
            self.report(
                Diagnostic::new(&codes::SECOND_ARRANGE, second.name.span, "there is a second `arrange`")
                    .label("the second")
                    .mend(
                        [
                            Edit::after(node.span, format!(" {}", second.entries())),
                            Edit::remove(second.whole()),
                        ],
                        "write all sections behind the first one, in their order",
                    )
                    .also(node.name.span, "the first"),
            );
        }
        self.fields(node, form);
        if node.args.is_empty() && !node.broken {
            let said =
                Diagnostic::new(&codes::BAD_ARRANGEMENT, node.name.span, "this `arrange` plays nothing")
                    .label("which sections?");
            self.report(match parts.first() {
                Some((id, _)) => {
                    said.write(Edit::after(node.name.span, format!(" {id}")).showing(node.name.text.as_ref()))
                }
                None => said.mend(
                    [Edit::remove(node.span)],
                    "take it out, or write sections: `section verse { … }` and `arrange verse`",
                ),
            });
            return None;
        }
        let known: BTreeMap<&str, usize> =
            parts.iter().enumerate().map(|(index, part)| (part.0, index)).collect();
        if !node.broken && self.odd_order(node, |name| known.contains_key(name)) {
            return None;
        }
        let (mut sections, mut fine) = (Vec::new(), true);
        for arg in &node.args {
            let Some((name, times)) = self.times(arg) else {
                fine = false;
                continue;
            };
            let Some(&index) = known.get(name) else {
                fine = false;
                if !open {
                    self.unknown_section(arg, name, parts);
                }
                continue;
            };
            if sections.len() + times as usize > MOST {
                self.report(
                    Diagnostic::new(
                        &codes::TOO_MANY_SECTIONS,
                        arg.span,
                        "the arrangement plays more than 65,536 sections",
                    )
                    .label("too many with this")
                    .help("the limit is 65,536: write longer sections"),
                );
                return None;
            }
            sections.resize(sections.len() + times as usize, index);
        }
        fine.then_some(SectionOrder { sections, span: node.name.span, bars: false, line: node.span })
    }

    /// Reports an order that can be understood, though it isn't written as the language has it; false where there is
    /// nothing of the kind.
    fn odd_order(&mut self, node: &Node<'_>, known: impl Fn(&str) -> bool) -> bool {
        let (Some(first), Some(last), true) = (node.args.first(), node.args.last(), node.props.is_empty())
        else {
            return false;
        };
        let words: Vec<&str> = node.args.iter().map(|arg| arg.text().unwrap_or(arg.raw)).collect();
        let fine = |word: &&str| known(word.split_once('*').map_or(word, |(name, _)| name));
        if words.iter().all(fine) {
            return false;
        }
        let raw: Vec<&str> = node.args.iter().map(|arg| arg.raw).collect();
        let order = rewritten(&words.join(" "), known).as_deref().map(written);
        let order = order.filter(|order| *order != raw.join(" "));
        let Some(order) = order else {
            return false;
        };
        let span = first.span.to(last.span);
        self.report(
            Diagnostic::new(
                &codes::BAD_ARRANGEMENT,
                span,
                "this order isn't written as sections, each with how often it is played",
            )
            .label("not sections to play")
            .write(Edit::replace(span, order).showing("arrange ")),
        );
        true
    }

    fn unknown_section(&mut self, arg: &Value<'_>, name: &str, parts: &[(&str, Span)]) {
        let said = Diagnostic::new(
            &names::UNKNOWN_ID,
            arg.span,
            format!("there is no section called {}", quoted(name)),
        )
        .label("unknown");
        self.report(match nearest(name, parts.iter().map(|part| part.0)) {
            Some(meant) => {
                let times = arg.text().and_then(|text| text.strip_prefix(name)).unwrap_or_default();
                said.suggest(Edit::replace(arg.span, format!("{meant}{times}")), meant_or_not)
            }
            None => said.help(format!("write `section {name} bars=4 {{ … }}`")),
        });
    }

    /// A section's name and how often it is played: `verse*2`.
    fn times<'v>(&mut self, arg: &'v Value<'_>) -> Option<(&'v str, u32)> {
        let fault = match arg.text().map(|text| (text, text.split_once('*'))) {
            Some((name, None)) => return Some((name, 1)),
            Some((_, Some((name, times)))) => {
                match times.parse::<u32>().ok().filter(|times| (1..=MOST_TIMES).contains(times)) {
                    Some(times) if !name.is_empty() => return Some((name, times)),
                    _ => (
                        format!("{} doesn't say how often", quoted(arg.raw)),
                        Some(Edit::replace(
                            arg.span,
                            if name.is_empty() { times.to_owned() } else { format!("{name}*2") },
                        )),
                    ),
                }
            }
            None => (format!("`arrange` takes the names of sections, not {}", arg.noun()), None),
        };
        let said = Diagnostic::new(&codes::BAD_ARRANGEMENT, arg.span, fault.0).label("not a section to play");
        self.report(match fault.1 {
            Some(edit) => {
                said.suggest(edit, |write| format!("write {write}; a section is played 1 to 10,000 times"))
            }
            None => said.help("name a section, such as `verse*2` for two times"),
        });
        None
    }

    /// Warns of sections that are never played.
    pub(super) fn unarranged(&mut self, parts: &[SectionPart], order: &SectionOrder) {
        let mut used = vec![false; parts.len()];
        order.sections.iter().for_each(|&section| used[section] = true);
        for (part, _) in parts.iter().zip(used).filter(|(_, used)| !used) {
            self.report(
                Diagnostic::new(
                    &codes::UNARRANGED,
                    part.span,
                    format!("the section {} is never played", quoted(&part.id)),
                )
                .label("not arranged")
                .mend(
                    [Edit::after(order.line, format!(" {}", part.id))],
                    format!("write it behind `arrange`, or take the section out: `arrange … {}`", part.id),
                ),
            );
        }
    }
}

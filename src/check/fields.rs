//! Nodes against the forms of the vocabulary.

use std::collections::BTreeMap;

use crate::check::context::Context;
use crate::check::meant;
use crate::check::nearest::nearest;
use crate::check::slips::declares;
use crate::check::slot::ValueSlot;
use crate::diagnostic::code::Code;
use crate::diagnostic::codes::{names, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::patch::ParameterBase;
use crate::modules::spec::ModuleSpec;
use crate::modules::{self, synonyms};
use crate::syntax::tree::{Node, Prop, Value};
use crate::syntax::vocabulary::{Count, FORMS, NodeForm, NodeScope, PropertySpec, Takes, find};
use crate::units::note_length::NoteLength;
use crate::units::quantity::{Amount, Quantity};

/// What a node's word makes it.
#[derive(Clone, Copy, Debug)]
pub(super) enum NodeMeaning {
    /// One of the language's own nodes.
    Form(&'static NodeForm),
    /// A module.
    Module(&'static ModuleSpec),
}

/// A node and its form.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a, 't> {
    pub(super) node: &'a Node<'t>,
    form: &'static NodeForm,
}

impl Context {
    /// What `node` is at this place. What has no meaning here is reported.
    pub(super) fn meaning(&mut self, node: &Node<'_>, scope: NodeScope) -> Option<NodeMeaning> {
        let word = node.name.text.as_ref();
        if word.is_empty() {
            self.no_word(node);
            return None;
        }
        if let Some(form) = find(word) {
            if form.scopes.contains(&scope) {
                return Some(NodeMeaning::Form(form));
            }
            let (place, here) = match scope {
                NodeScope::Song => ("the top level", "at the top level"),
                NodeScope::Instrument => ("an instrument", "in an instrument"),
                NodeScope::Section => ("a section", "in a section"),
                NodeScope::Track => ("a track", "in a track"),
            };
            let belongs = match form.scopes.first() {
                Some(NodeScope::Instrument) => "inside an instrument",
                Some(NodeScope::Section) => "inside a section",
                Some(NodeScope::Track) => "inside a track",
                _ => "at the top level of the song",
            };
            self.report(
                Diagnostic::new(
                    &names::MISPLACED,
                    node.name.span,
                    format!("{} has no meaning {here}", quoted(word)),
                )
                .label(format!("not in {place}"))
                .help(format!("it stands {belongs}")),
            );
            return None;
        }
        let patch = matches!(scope, NodeScope::Song | NodeScope::Instrument);
        if patch && let Some(spec) = modules::find(word) {
            return Some(NodeMeaning::Module(spec));
        }
        if modules::find(word).is_some() {
            let place = if scope == NodeScope::Section { "a section" } else { "a track" };
            self.report(
                Diagnostic::new(
                    &names::MISPLACED,
                    node.name.span,
                    format!("{} is a module: it has no place in {place}", quoted(word)),
                )
                .label(format!("not in {place}"))
                .help("modules stand at the top level of the song or in an instrument"),
            );
            return None;
        }
        let here = |form: &&NodeForm| form.scopes.contains(&scope);
        let meant = FORMS.iter().filter(here).find(|form| form.also.contains(&word)).map(|form| form.name);
        let kinds = modules::TABLE.iter().map(|spec| spec.kind).filter(|_| patch);
        let first = node.args.first();
        let kind =
            first.and_then(|first| first.text()).filter(|first| patch && modules::find(first).is_some());
        let meant = meant.or_else(|| other_kind(word).filter(|_| patch));
        // A slip in the kind is likelier than two words that changed places: modules are often called by some kind.
        let slip = nearest(word, kinds.clone());
        let kind =
            kind.filter(|kind| !word.contains(char::is_uppercase) && slip.is_none_or(|slip| slip == *kind));
        let meant =
            meant.or_else(|| nearest(word, FORMS.iter().filter(here).map(|form| form.name).chain(kinds)));
        // What stands at the start of lines in YAML, in TOML, and in Sonic Pi.
        let plain = word.trim_end_matches(':').trim_start_matches("use_");
        let owned = |form: &'static NodeForm| {
            let elsewhere = |prop: &&PropertySpec| {
                prop.name == plain || plain != word && form.name == "song" && prop.also.contains(&plain)
            };
            form.props.iter().find(elsewhere).map(|prop| (form, prop.name))
        };
        let owner = FORMS.iter().find_map(owned);
        let what = if patch { "there is no kind of module called" } else { "nothing here is called" };
        let said = Diagnostic::new(&names::UNKNOWN_KIND, node.name.span, format!("{what} {}", quoted(word)))
            .label(if patch { "not a kind" } else { "unknown" });
        self.report(match (kind.zip(first), owner, meant) {
            (Some((kind, first)), ..) => said.mend(
                [Edit::replace(node.name.span, kind), Edit::replace(first.span, word)],
                format!("the kind comes first: write `{kind} {word}`"),
            ),
            _ if declares(word) => {
                said.help("a song has no variables: write the value where it is wanted, or declare a `knob`")
            }
            (None, Some((form, prop)), _) => {
                let value = first.map_or("…", |first| first.raw);
                let help = format!("it is a property of `{0}`: write `{0} … {prop}={value}`", form.name);
                let moved = first.filter(|_| form.name == "song");
                let moved = moved.and_then(|_| self.of_song(&format!("{prop}={value}")));
                said.mend(moved.into_iter().flat_map(|edit| [Edit::remove(node.whole()), edit]), help)
            }
            (None, None, Some(meant)) => said.suggest(Edit::replace(node.name.span, meant), meant_or_not),
            (None, None, None) if scope == NodeScope::Section => {
                said.help("a section has `track` and `automate`")
            }
            (None, None, None) if scope == NodeScope::Track => said.help("a track has `lock`"),
            (None, None, None) => said.help(
                "a line begins with the kind of a module or a word such as `instrument`, `route` or `track`",
            ),
        });
        None
    }

    /// Checks which arguments and properties `node` has, not yet their values.
    pub(super) fn fields<'a, 't>(&mut self, node: &'a Node<'t>, form: &'static NodeForm) -> Fields<'a, 't> {
        self.arguments(node, form);
        let known = |name: &str| form.props.iter().any(|prop| prop.name == name);
        let also =
            |name: &str| form.props.iter().find(|prop| prop.also.contains(&name)).map(|prop| prop.name);
        self.properties(node, form.name, &form.props.iter().map(|prop| prop.name), known, also);
        if !form.block {
            self.no_block(node);
        }
        Fields { node, form }
    }

    /// Reports properties that are unknown or given twice. `also` knows words that are tried instead of right ones.
    pub(super) fn properties<'k>(
        &mut self,
        node: &Node<'_>,
        owner: &str,
        all: &(impl Iterator<Item = &'k str> + Clone),
        known: impl Fn(&str) -> bool,
        also: impl Fn(&str) -> Option<&'k str>,
    ) {
        let mut seen: BTreeMap<&str, &Prop<'_>> = BTreeMap::new();
        for prop in &node.props {
            if self.enough() {
                return;
            }
            let name = prop.name.text.as_ref();
            if let Some(first) = seen.insert(name, prop) {
                self.report(
                    Diagnostic::new(
                        &values::REPEATED_PROPERTY,
                        prop.name.span,
                        format!("{} is given twice", quoted(name)),
                    )
                    .label("the second time")
                    .mend(
                        [node.cut(prop.span())],
                        format!("take one of them out: {} or {}", written(first), written(prop)),
                    )
                    .also(first.name.span, "the first time"),
                );
                continue;
            }
            if known(name) {
                continue;
            }
            let title = owner == "song" && name == "name";
            let argument =
                title || find(owner).is_some_and(|form| form.args.iter().any(|arg| arg.name == name));
            let said = Diagnostic::new(
                &values::UNKNOWN_PROPERTY,
                prop.name.span,
                format!("`{owner}` has no property {}", quoted(name)),
            )
            .label("unknown");
            let other = || nearest(name, all.clone()).or_else(|| synonyms::param(name, all));
            self.report(match also(name).or_else(other) {
                _ if argument => said.mend(
                    [Edit::replace(prop.span(), prop.value.raw)],
                    format!("arguments have no name: write `{owner} … {}`", prop.value.raw),
                ),
                // The value may be wrong as well: then only the name is right.
                Some(meant) if node.broken => {
                    said.suggest(Edit::replace(prop.name.span, meant), meant_or_not)
                }
                Some(meant) => {
                    let edit = Edit::replace(prop.span(), format!("{meant}={}", prop.value.raw));
                    said.suggest(edit, |write| format!("did you mean `{meant}`? write {write}"))
                }
                None => {
                    let all: Vec<&str> = all.clone().collect();
                    said.help(if all.is_empty() {
                        format!("`{owner}` has no properties")
                    } else {
                        format!("`{owner}` has {}", all.join(", "))
                    })
                }
            });
        }
    }

    /// Reports arguments that are missing or too many.
    fn arguments(&mut self, node: &Node<'_>, form: &'static NodeForm) {
        let many = form.args.iter().any(|arg| arg.count == Count::Many);
        if !many && self.setting_among_arguments(node, form.args.len()) {
            return;
        }
        let least = form.args.iter().filter(|arg| arg.count == Count::One).count();
        if let Some(prop) = meant::assigned(node, form.name) {
            let between = Span { start: prop.name.span.end, end: prop.value.span.start, ..prop.value.span };
            let fault = Diagnostic::new(
                &values::MISSING_ARGUMENT,
                prop.name.span,
                format!("a `{}` takes {} as it is, without `=`", form.name, quoted(&prop.name.text)),
            )
            .label("not a property");
            let shown = format!("write `{} {} {}`", form.name, prop.name.text, prop.value.raw);
            self.report(fault.mend([Edit::replace(between, " ")], shown));
            return;
        }
        if node.args.len() < least && !node.broken {
            let missing = &form.args[node.args.len()];
            let shape: Vec<String> = form
                .args
                .iter()
                .map(|arg| if arg.count == Count::Many { "…".into() } else { format!("<{}>", arg.name) })
                .collect();
            let name = (missing.name == "id" && node.args.is_empty())
                .then(|| Edit::after(node.name.span, format!(" {}1", form.name)));
            self.report(
                Diagnostic::new(
                    &values::MISSING_ARGUMENT,
                    node.name.span,
                    format!("this `{}` lacks its {}", form.name, missing.name),
                )
                .label(format!("its {} belongs behind this", missing.name))
                .mend(name, format!("write `{} {}`", form.name, shape.join(" "))),
            );
        }
        if !many {
            self.extra_arguments(node, form.args.len());
        }
    }

    /// Reports arguments after the first `most`.
    pub(super) fn extra_arguments(&mut self, node: &Node<'_>, most: usize) {
        let Some(extra) = node.args.get(most) else {
            return;
        };
        if node.broken {
            return;
        }
        if let Some(param) = modules::find(&node.name.text).and_then(|spec| meant::first_setting(spec, extra))
        {
            let shown = format!("{param}={}", extra.raw);
            self.report(
                Diagnostic::new(
                    &values::EXTRA_ARGUMENT,
                    extra.span,
                    format!("{} is one argument too many for `{}`", quoted(extra.raw), node.name.text),
                )
                .label("of what?")
                .write(Edit::replace(extra.span, shown)),
            );
            return;
        }
        let before = most.checked_sub(1).and_then(|last| node.args.get(last));
        let said = Diagnostic::new(
            &values::EXTRA_ARGUMENT,
            extra.span,
            format!("{} is one argument too many for `{}`", quoted(extra.raw), node.name.text),
        )
        .label("one too many");
        let before = before.filter(|before| !before.raw.starts_with('"'));
        let words = node.args[most..].iter().map_while(|arg| arg.text());
        let words: Vec<&str> = before.and_then(|before| before.text()).into_iter().chain(words).collect();
        let cut = |count: usize| node.args[most..].iter().take(count).map(|arg| node.cut(arg.span));
        self.report(match before.filter(|_| words.len() > 1) {
            Some(before) => {
                let name = Edit::replace(before.span, as_text(&words.join(" ")));
                let shown = name.shown();
                said.mend(
                    std::iter::once(name).chain(cut(words.len() - 1)),
                    format!("a name of several words needs quotes: {shown}; a setting is `name=value`"),
                )
            }
            _ => said.mend(cut(usize::MAX), "take it out; a setting is written `name=value`"),
        });
    }

    /// A diagnostic at a value that is no text where a name is wanted.
    pub(super) fn not_a_name(&mut self, code: &'static Code, value: &Value<'_>, what: &str) {
        self.report(
            Diagnostic::new(code, value.span, format!("{what} is a name, not {}", value.noun()))
                .label("not a name")
                .help("write a word of small letters, such as `bass`"),
        );
    }
}

/// A question about what was meant.
pub(super) fn meant_or_not(meant: &str) -> String {
    format!("did you mean {meant}?")
}

/// A property as it stands in the song.
fn written(prop: &Prop<'_>) -> String {
    quoted(&format!("{}={}", prop.name.text, prop.value.raw))
}

impl<'a, 't> Fields<'a, 't> {
    /// The value of property `name`, if it is given.
    pub(super) fn value(&self, name: &str) -> Option<&'a Value<'t>> {
        self.node.prop(name).map(|prop| &prop.value)
    }

    fn takes(&self, name: &str) -> Option<Takes> {
        self.form.props.iter().find(|prop| prop.name == name).map(|prop| prop.takes)
    }

    /// The place of property `name`'s value.
    fn slot<'s>(&self, name: &'s str) -> ValueSlot<'s> {
        let prop = self.form.props.iter().find(|prop| prop.name == name);
        let usual = prop.and_then(|prop| match (prop.takes, Quantity::parse(prop.default).ok()?) {
            (Takes::Amount(unit, ..), quantity) => match quantity.to(unit)? {
                Amount::Number(number) => Some(number),
                _ => None,
            },
            (_, Quantity::Bare(number) | Quantity::Percent(number)) => Some(number),
            _ => None,
        });
        ValueSlot::prop(name).usually(usual)
    }

    /// The quantity of property `name`.
    pub(super) fn amount(&self, cx: &mut Context, name: &str) -> Option<ParameterBase> {
        match self.takes(name)? {
            Takes::Amount(unit, least, most) => {
                cx.amount(self.value(name)?, self.slot(name), unit, (least, most))
            }
            _ => None,
        }
    }

    /// The quantity of property `name`, as a number now.
    pub(super) fn number(&self, cx: &mut Context, name: &str) -> Option<f64> {
        let value = self.value(name)?;
        match self.takes(name)? {
            Takes::Amount(unit, least, most) => cx.number(value, self.slot(name), unit, (least, most)),
            Takes::Percent(least, most) => cx.percent(value, self.slot(name), (least, most)),
            _ => None,
        }
    }

    /// The whole number of property `name`.
    pub(super) fn whole(&self, cx: &mut Context, name: &str) -> Option<u64> {
        match self.takes(name)? {
            Takes::Whole(least, most) => cx.whole(self.value(name)?, self.slot(name), (least, most)),
            _ => None,
        }
    }

    /// The switch of property `name`.
    pub(super) fn flag(&self, cx: &mut Context, name: &str) -> Option<bool> {
        cx.flag(self.value(name)?, ValueSlot::prop(name))
    }

    /// Which of its words property `name` says.
    pub(super) fn one_of(&self, cx: &mut Context, name: &str) -> Option<&'static str> {
        match self.takes(name)? {
            Takes::OneOf(words) => cx.one_of(self.value(name)?, ValueSlot::prop(name), words),
            _ => None,
        }
    }

    /// The note length of property `name`.
    pub(super) fn length(&self, cx: &mut Context, name: &str) -> Option<NoteLength> {
        cx.length(self.value(name)?, ValueSlot::prop(name))
    }

    /// The name or path in property `name`, and its place.
    pub(super) fn path(&self, cx: &mut Context, name: &str) -> Option<(&'a str, Span)> {
        let value = self.value(name)?;
        let text = value.text();
        if text.is_none() {
            cx.not_a_name(&values::BAD_VALUE, value, &format!("`{name}`"));
        }
        Some((text?, value.span))
    }
}

/// The kind that is called `word` elsewhere, or written with other letters here.
fn other_kind(word: &str) -> Option<&'static str> {
    let small = word.to_ascii_lowercase();
    modules::find(&small)
        .filter(|spec| spec.kind != word)
        .map(|spec| spec.kind)
        .or_else(|| synonyms::kind(word))
}

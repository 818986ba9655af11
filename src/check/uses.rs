//! `use`: instruments and patterns of other texts, under names of the song.

use crate::check::context::Context;
use crate::check::fields::meant_or_not;
use crate::check::name_table::{NameTable, NamedThing};
use crate::check::nearest::nearest;
use crate::check::source_files::{SourceFile, SourceFiles};
use crate::diagnostic::codes::names::DUPLICATE_ID;
use crate::diagnostic::codes::{uses, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{self, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::syntax::tree::{Data, Node, Value};

/// One name that a `use` line takes.
pub(super) struct UsedNames<'a, 't> {
    /// Whether it has another name in its file.
    pub(super) renamed: bool,
    /// The new name, as a value.
    pub(super) name: Value<'a>,
    /// What has this name in the other text.
    pub(super) found: FoundInFile<'a, 't>,
}

/// What has a name in a text.
#[derive(Clone, Copy)]
pub(super) enum FoundInFile<'a, 't> {
    /// An instrument or a pattern, or one of each.
    Nodes { instrument: Option<&'a Node<'t>>, pattern: Option<&'a Node<'t>> },
    /// Nothing.
    Nothing,
    /// It may be in what could not be read, which has been reported.
    Unknown,
}

/// The names that a `use` line takes: the new one, the old one, and where that is written.
fn pairs<'a>(line: &'a Node<'_>) -> impl Iterator<Item = (Value<'a>, &'a Value<'a>)> {
    let same = line.args.iter().skip(1).map(|arg| (arg.clone(), arg));
    let renamed = line.props.iter().map(|prop| {
        let name = prop.name.text.as_ref();
        let new = Value { data: Data::Text(name.into()), raw: name, span: prop.name.span };
        (new, &prop.value)
    });
    same.chain(renamed)
}

impl<'t> SourceFiles<'t, '_> {
    /// What is called `name` in the text of sheet `index`, its own or taken from elsewhere.
    fn named<'a>(&'a self, index: usize, name: &str) -> FoundInFile<'a, 't> {
        let source_file = &self.all[index];
        let called = |kind: &str| {
            let mut nodes = source_file.nodes.iter().filter(|node| node.name.text == kind);
            nodes.find(|node| node.args.first().and_then(Value::text) == Some(name))
        };
        let (mut instrument, mut pattern) = (called("instrument"), called("pattern"));
        for (line, target) in source_file.lines() {
            let Some((_, old)) = pairs(line).find(|(new, _)| new.text() == Some(name)) else {
                continue;
            };
            let (Some(target), Some(old)) = (target, old.text()) else {
                return FoundInFile::Unknown;
            };
            match self.named(target, old) {
                FoundInFile::Nodes { instrument: more, pattern: and } => {
                    instrument = instrument.or(more);
                    pattern = pattern.or(and);
                }
                // It is reported where it is written.
                FoundInFile::Nothing | FoundInFile::Unknown => return FoundInFile::Unknown,
            }
            break;
        }
        if instrument.is_some() || pattern.is_some() {
            return FoundInFile::Nodes { instrument, pattern };
        }
        if source_file.open { FoundInFile::Unknown } else { FoundInFile::Nothing }
    }

    /// Every name that can be taken from sheet `index`.
    fn names(&self, index: usize) -> Vec<&str> {
        let source_file = &self.all[index];
        let own =
            source_file.nodes.iter().filter(|node| matches!(&*node.name.text, "instrument" | "pattern"));
        let own = own.filter_map(|node| node.args.first()?.text());
        let renamed =
            source_file.lines().flat_map(|(line, _)| line.props.iter().map(|prop| &*prop.name.text));
        let same = source_file.lines().flat_map(|(line, _)| line.args.iter().skip(1).filter_map(Value::text));
        own.chain(same).chain(renamed).collect()
    }

    /// What the `use` lines of sheet `index` take. What is wrong with them is reported.
    pub(super) fn taken<'a>(&'a self, cx: &mut Context, index: usize) -> Vec<UsedNames<'a, 't>> {
        let mut all = Vec::new();
        for (line, target) in self.all[index].lines() {
            if cx.enough() {
                break;
            }
            let first = target.and_then(|target| self.names(target).first().map(|name| (*name).to_owned()));
            cx.use_line(line, first.as_deref());
            for (name, old) in pairs(line) {
                let Some(wanted) = old.text() else {
                    cx.not_a_name(&values::BAD_VALUE, old, "what a `use` takes");
                    all.push(UsedNames {
                        renamed: !std::ptr::eq(name.raw, old.raw),
                        name,
                        found: FoundInFile::Unknown,
                    });
                    continue;
                };
                let found = target.map_or(FoundInFile::Unknown, |target| self.named(target, wanted));
                if let (FoundInFile::Nothing, Some(target)) = (found, target) {
                    self.missing(cx, target, wanted, old.span);
                }
                all.push(UsedNames { renamed: !std::ptr::eq(name.raw, old.raw), name, found });
            }
        }
        all
    }

    fn missing(&self, cx: &mut Context, target: usize, wanted: &str, span: Span) {
        let file = quote::path(&self.all[target].name);
        let known = self.names(target);
        let said = Diagnostic::new(
            &uses::NOT_IN_FILE,
            span,
            format!("{file} has no instrument and no pattern called {}", quoted(wanted)),
        )
        .label("not there");
        cx.report(match nearest(wanted, known.iter().copied()) {
            Some(meant) => said.suggest(Edit::replace(span, meant), meant_or_not),
            None if known.is_empty() => said.help("it has neither instruments nor patterns"),
            None => said.help(format!("it has {}", known.join(", "))),
        });
    }

    /// Writes out every instrument that starts from another, of the same text or of one that it uses.
    pub(super) fn write_out(&mut self, cx: &mut Context) {
        let mut done = vec![false; self.all.len()];
        self.write_out_source_file(cx, 0, &mut done);
    }

    /// First the texts that sheet `index` uses, which never use it in turn.
    fn write_out_source_file(&mut self, cx: &mut Context, index: usize, done: &mut [bool]) {
        if std::mem::replace(&mut done[index], true) {
            return;
        }
        for used in self.all[index].uses.clone().into_iter().flatten() {
            self.write_out_source_file(cx, used, done);
        }
        let mut taken = Vec::new();
        for (line, target) in self.all[index].lines() {
            for (name, old) in pairs(line) {
                let found = target.zip(old.text()).map(|(target, old)| self.named(target, old));
                if let (Some(FoundInFile::Nodes { instrument: Some(node), .. }), Some(name)) =
                    (found, name.text())
                {
                    taken.push((name.to_owned(), node));
                }
            }
        }
        if index == 0 {
            let like = self.all[0].nodes.iter().filter(|node| node.name.text == "instrument");
            let bases = like.filter_map(|node| node.prop("like")?.value.text().map(str::to_owned));
            cx.bases = bases.collect();
        }
        if let Some(nodes) = cx.written_out(&self.all[index].nodes, &taken) {
            self.all[index].nodes = nodes;
        }
    }

    /// Says what is wrong with the names of the texts that the song uses.
    pub(super) fn check_names(&self, cx: &mut Context) {
        for (index, source_file) in self.all.iter().enumerate().skip(1) {
            let (mut instruments, mut patterns) = (NameTable::default(), NameTable::default());
            source_file.own(cx, "instrument", &mut instruments);
            source_file.own(cx, "pattern", &mut patterns);
            for UsedNames { name, renamed, found } in self.taken(cx, index) {
                found.declare(cx, (&name, renamed), &mut instruments, NamedThing::Broken, &mut patterns);
            }
        }
    }
}

impl SourceFile<'_> {
    /// Declares what is of `kind` in this text itself.
    fn own(&self, cx: &mut Context, kind: &str, names: &mut NameTable) {
        for node in self.nodes.iter().filter(|node| node.name.text == kind) {
            if let Some(id) = node.args.first() {
                cx.declare(names, id, &format!("name of the {kind}"), NamedThing::Broken, false);
            }
        }
    }
}

impl FoundInFile<'_, '_> {
    /// Declares what is found as `name`; gives whether the instrument and the pattern can have it.
    pub(super) fn declare(
        self,
        cx: &mut Context,
        (name, renamed): (&Value<'_>, bool),
        instruments: &mut NameTable,
        thing: NamedThing,
        patterns: &mut NameTable,
    ) -> (bool, bool) {
        let Self::Nodes { instrument, pattern } = self else {
            if let Some(text) = name.text() {
                instruments.add(text, NamedThing::Broken, name.span);
                patterns.add(text, NamedThing::Broken, name.span);
            }
            return (false, false);
        };
        let mut taken = |names: &mut NameTable, what: &str, thing: NamedThing| {
            let Some((text, first)) = name.text().and_then(|text| Some((text, names.place(text)?))) else {
                return cx.declare(names, name, what, thing, false);
            };
            // Taken under its own name it is one word; under another that word stands before the `=`.
            let free = names.free(text, 2);
            let written = if renamed { free.clone() } else { format!("{free}={text}") };
            let edit = [Edit::replace(name.span, written)];
            cx.report(
                Diagnostic::new(
                    &DUPLICATE_ID,
                    name.span,
                    format!("the name {} is given twice", quoted(text)),
                )
                .label("taken from a file")
                .mend(edit, format!("take it under another name: `new=old` gives it one, such as `{free}=…`"))
                .also(first, "the same name"),
            );
            false
        };
        (
            instrument.is_some() && taken(instruments, "name of an instrument", thing),
            pattern.is_some() && taken(patterns, "name of a pattern", NamedThing::Broken),
        )
    }
}

impl Context {
    /// Says what is wrong with a `use` line itself. `first` is something that its file has.
    fn use_line(&mut self, line: &Node<'_>, first: Option<&str>) {
        self.no_block(line);
        if line.broken {
            return;
        }
        let Some(file) = line.args.first() else {
            self.report(
                Diagnostic::new(&values::MISSING_ARGUMENT, line.name.span, "this `use` lacks its file")
                    .label("its file belongs behind this")
                    .write(Edit::after(line.name.span, " \"std/kit\" kick").showing("use")),
            );
            return;
        };
        if line.args.len() == 1 && line.props.is_empty() {
            let said = Diagnostic::new(&uses::NOTHING_TAKEN, line.span, "this `use` takes nothing")
                .label("takes nothing");
            self.report(match first {
                Some(first) => {
                    let edit =
                        Edit::after(file.span, format!(" {first}")).showing(format!("use {}", file.raw));
                    said.suggest(edit, |write| format!("name what you want of it: {write}"))
                }
                None => said.help("name what you want of it"),
            });
        }
    }
}

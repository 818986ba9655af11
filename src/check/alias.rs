//! Aliases: second names for controls.

use crate::check::context::Context;
use crate::check::ends::{End, Place};
use crate::check::instrument::Built;
use crate::check::names::Thing;
use crate::check::patch::Draft;
use crate::diagnostic::codes::names;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::model::patch::{Control, Target};
use crate::syntax::tree::Value;

impl<'a, 't> Draft<'a, 't> {
    /// Resolves every alias of this patch. An alias may name another that stands before it.
    pub(super) fn name_aliases(&mut self, cx: &mut Context, instruments: &[Built<'a, 't>]) {
        for (node, form) in std::mem::take(&mut self.aliases) {
            cx.fields(node, form);
            let (Some(new), Some(old)) = (node.args.first(), node.args.get(1)) else {
                continue;
            };
            let Some(path) = old.text() else {
                cx.not_a_name(&names::BAD_ALIAS, old, "what an alias stands for");
                continue;
            };
            let place = Place { draft: self, instruments };
            let target = place.target(cx, End { path, span: old.span });
            let Some(new_path) = self.free_path(cx, new, instruments) else {
                continue;
            };
            match target {
                // While cables are laid a route has no cable yet that an alias could stand for.
                Some(Target::Control(Control::Cable { instrument, .. })) if instrument == self.instrument => {
                    cx.report(
                        Diagnostic::new(
                            &names::BAD_ALIAS,
                            old.span,
                            format!("{} belongs to a route", quoted(path)),
                        )
                        .label("has a name of its own already")
                        .help("give the route another `id` instead"),
                    );
                }
                Some(Target::Control(control)) => {
                    if new_path.contains('.') {
                        self.second_names.push((new_path.to_owned(), control));
                    } else {
                        self.names.add(new_path, Thing::Alias(control), new.span);
                        self.second_names.push((new_path.to_owned(), control));
                    }
                }
                Some(Target::Input { .. } | Target::Out) => cx.report(
                    Diagnostic::new(
                        &names::BAD_ALIAS,
                        old.span,
                        format!("{} takes a signal: it is no control", quoted(path)),
                    )
                    .label("not a control")
                    .help("name a parameter or a knob"),
                ),
                None => {}
            }
        }
    }

    /// The new path of an alias, if it is made of names and free.
    fn free_path<'v>(
        &self,
        cx: &mut Context,
        new: &'v Value<'_>,
        instruments: &[Built<'a, 't>],
    ) -> Option<&'v str> {
        let Some(path) = new.text() else {
            cx.not_a_name(&names::BAD_ALIAS, new, "an alias");
            return None;
        };
        let word = |word: &str| {
            word.starts_with(|c: char| c.is_ascii_lowercase())
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
        };
        if !path.split('.').all(word) {
            cx.report(
                Diagnostic::new(&names::BAD_ALIAS, new.span, format!("{} can't be a path", quoted(path)))
                    .label("small letters, digits, `_` and `-`, with dots between")
                    .help("write words such as `filter.brightness`"),
            );
            return None;
        }
        // Looked up with a bag of its own: that the path means nothing yet is what is wanted.
        let mut quiet = Context::new(crate::diagnostic::bag::Bag::default());
        let place = Place { draft: self, instruments };
        let end = End { path, span: new.span };
        let taken = path == "out"
            || place.target(&mut quiet, end).is_some()
            || place.source(&mut quiet, end).is_some()
            || (!path.contains('.') && self.names.find(path).is_some());
        if taken {
            cx.report(
                Diagnostic::new(
                    &names::BAD_ALIAS,
                    new.span,
                    format!("{} has a meaning already", quoted(path)),
                )
                .label("not free")
                .help("choose another path for the alias"),
            );
            return None;
        }
        Some(path)
    }
}

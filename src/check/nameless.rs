//! Tracks in which something stands in another's place: steps where the name belongs, notes where the steps do.

use crate::check::context::Context;
use crate::check::meant::assigned;
use crate::check::name_table::{NameTable, NamedThing};
use crate::check::sketch::TrackContext;
use crate::check::step_lowering::of_track;
use crate::diagnostic::codes::{tracks, values};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::as_text;
use crate::diagnostic::report::Diagnostic;
use crate::syntax::signs;
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::NodeForm;
use crate::units::note_name::NoteName;

/// Whether `node`, a track, has no name.
pub(super) fn is_nameless(node: &Node<'_>) -> bool {
    let Some(first) = node.args.first() else {
        return !node.broken && assigned(node, "track").is_none();
    };
    let sign = |c: char| {
        signs::find(c).is_some() || signs::closes(c) || c.is_ascii_digit() || matches!(c, ' ' | ',')
    };
    let steps = |text: &str| text.chars().all(sign) && text.contains(['X', 'x', 'g', '.']);
    // A word of signs alone may be a name as well: then its steps follow.
    let name = |text: &str| {
        is_followed(node) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-' || b == b'_')
    };
    first.text().is_some_and(|text| steps(text) && !name(text))
}

/// Whether `node`, a track whose first word is one of steps, begins with the name of an instrument of `track_context` all the same:
/// then its steps follow.
pub(super) fn names_instrument(node: &Node<'_>, track_context: &TrackContext<'_, '_, '_>) -> bool {
    let name = node.args.first().and_then(|first| first.text());
    is_followed(node)
        && name.is_some_and(|name| matches!(track_context.names.find(name), Some(NamedThing::Instrument(_))))
}

/// Whether `node`, a track, has steps besides its first word.
fn is_followed(node: &Node<'_>) -> bool {
    node.args.len() > 1 || node.prop("melody").is_some() || node.prop("pattern").is_some()
}

/// What is wrong with a track that has its notes where its steps belong, or notes and no steps.
pub(super) fn notes_for_steps(node: &Node<'_>) -> Option<Diagnostic> {
    let bare = node.prop("melody").is_none() && node.prop("pattern").is_none() && !node.broken;
    match (node.args.as_slice(), node.prop("notes")) {
        ([name], Some(notes)) if bare => Some(
            Diagnostic::new(
                &tracks::NO_STEPS,
                notes.name.span,
                format!("{} has notes and no steps to play them", of_track(name.text().unwrap_or(name.raw))),
            )
            .label("taken by no hits")
            .suggest(Edit::replace(notes.name.span, "melody"), |write| {
                format!("write {write} in place of `notes`: its notes are steps as well")
            }),
        ),
        ([_, steps], None) if bare => {
            let text = steps.text()?;
            let note = |word: &str| NoteName::read(&word.to_lowercase()).is_some();
            let rest = |word: &str| matches!(word, "." | "-" | "_" | "|");
            let words = || text.split_whitespace();
            let notes = words().any(note) && words().all(|word| note(word) || rest(word));
            notes.then(|| {
                Diagnostic::new(&tracks::BAD_STEP, steps.span, "these are notes, not steps")
                    .label("not steps")
                    .write(Edit::replace(steps.span, format!("melody={}", as_text(&text.to_lowercase()))))
            })
        }
        _ => None,
    }
}

impl Context {
    /// Reports that `node` has no name, unless it has that of an instrument. `tracks` are the names of the others.
    pub(super) fn unnamed_track(
        &mut self,
        node: &Node<'_>,
        form: &'static NodeForm,
        track_context: &TrackContext<'_, '_, '_>,
        tracks: &NameTable,
    ) {
        let first = node.args.first();
        let instrument =
            |name: &str| matches!(track_context.names.find(name), Some(NamedThing::Instrument(_)));
        let play = node.prop("play").and_then(|play| play.value.text()).filter(|name| instrument(name));
        let all = || track_context.instruments.iter().map(|built| built.id.as_str());
        let free = |name: &&str| tracks.find(name).is_none();
        let named = play.filter(free).or_else(|| all().filter(|_| play.is_none()).find(free));
        let write = match (named, play.or(all().next())) {
            (Some(name), _) => Some(name.to_owned()),
            (None, Some(name)) => {
                let number = (2..=100_000).find(|number| tracks.find(&format!("{name}{number}")).is_none());
                let plays = if play.is_some() { String::new() } else { format!(" play={name}") };
                number.map(|number| format!("{name}{number}{plays}"))
            }
            (None, None) => None,
        };
        let place = first.map_or(node.name.span, |first| first.span);
        let fault = Diagnostic::new(&values::MISSING_ARGUMENT, place, "this track has no name")
            .label(if first.is_some() { "these are its steps" } else { "its name belongs behind this" });
        self.report(match write {
            Some(name) if first.is_some() => {
                fault.write(Edit::before(place, format!("{name} ")).showing("track "))
            }
            Some(name) => fault.write(Edit::after(place, format!(" {name}")).showing("track")),
            None => fault.help("write the name of an instrument behind `track`"),
        });
        self.fields(node, form);
    }
}

#[cfg(test)]
mod tests {
    use super::is_nameless;
    use crate::diagnostic::bag::Bag;
    use crate::diagnostic::span::SourceId;
    use crate::syntax::reader::read;

    #[test]
    fn steps_are_no_name() {
        for (text, nameless) in [
            ("track X...", true),
            ("track \"X... x(3,8)\"", true),
            ("track play=bass X...", true),
            ("track melody=\"c4 d4\"", true),
            ("track xx", true),
            ("track g xx..", false),
            ("track x-x melody=\"c4\"", false),
            ("track bass X...", false),
            ("track 808", false),
        ] {
            let nodes = read(SourceId(0), text, &mut Bag::default());
            assert_eq!(is_nameless(&nodes[0]), nameless, "{text}");
        }
    }
}

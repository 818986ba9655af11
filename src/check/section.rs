//! Sections: tracks and automation with a length, a tempo, a meter, a swing and a key of their own.

use std::collections::BTreeMap;

use crate::check::automate::Moves;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::ends::Place;
use crate::check::fields::Meaning;
use crate::check::nameless::{is_nameless, notes_for_steps};
use crate::check::names::{Names, Thing};
use crate::check::track::{Band, Played};
use crate::diagnostic::codes::{arrangement as codes, song};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::pace::Pace;
use crate::model::song::{Meter, Section};
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::{Form, Scope};

/// The nodes of a section, or of the top level of a song without sections.
#[derive(Default)]
pub(super) struct Content<'a, 't> {
    pub(super) tracks: Vec<(&'a Node<'t>, &'static Form)>,
    pub(super) track_names: Names,
    pub(super) nameless: Vec<(&'a Node<'t>, &'static Form)>,
    pub(super) automations: Vec<(&'a Node<'t>, &'static Form)>,
    /// Something there could not be read: what seems to be missing may be in it.
    pub(super) open: bool,
}

/// A section as it is checked; the one of a song without sections has no name.
pub(super) struct Part {
    pub(super) id: String,
    pub(super) span: Span,
    /// Its last line, after which others can follow.
    pub(super) inside: Option<Span>,
    /// `None` if that isn't known.
    pub(super) bars: Option<u32>,
    pub(super) tempo: f64,
    pub(super) meter: Meter,
    pub(super) swing: f64,
    pub(super) played: Vec<Played>,
    pub(super) moves: Moves,
}

/// How long a section lasts, where it says so itself.
#[derive(Clone, Copy)]
pub(super) struct Length {
    pub(super) bars: Option<u32>,
    /// Whether it says so, rightly or wrongly.
    pub(super) given: bool,
}

impl<'a, 't> Content<'a, 't> {
    /// Takes in a track or automation.
    pub(super) fn add(&mut self, cx: &mut Context, node: &'a Node<'t>, form: &'static Form) {
        if form.name == "track" && is_nameless(node) {
            self.nameless.push((node, form));
            self.open = true;
        } else if form.name == "track" {
            if let Some(id) = node.args.first() {
                cx.declare(&mut self.track_names, id, "name of a track", Thing::Broken, false);
            }
            if let Some(fault) = notes_for_steps(node) {
                cx.report(fault);
                self.open = true;
                return;
            }
            self.tracks.push((node, form));
        } else {
            self.automations.push((node, form));
        }
    }
}

impl Context {
    /// Reads a section, with what holds for the song where it says nothing else.
    pub(super) fn section(
        &mut self,
        node: &Node<'_>,
        form: &'static Form,
        band: &Band<'_, '_, '_>,
        place: &Place<'_, '_, '_>,
        swing: f64,
    ) -> Part {
        let outside = (self.meter, self.tempo, self.key);
        let fields = self.fields(node, form);
        self.meter(&fields);
        self.tempo = fields.number(self, "tempo").unwrap_or(self.tempo);
        self.key(&fields);
        let swing = fields.number(self, "swing").unwrap_or(swing);
        let bars = fields.whole(self, "bars").map(|bars| bars as u32);
        let length = Length { bars, given: fields.value("bars").is_some() };
        let mut content = Content { open: node.broken, ..Content::default() };
        for inner in node.block() {
            if self.enough() {
                break;
            }
            content.open |= inner.broken;
            match self.meaning(inner, Scope::Section) {
                Some(Meaning::Form(form)) => content.add(self, inner, form),
                Some(Meaning::Module(_)) | None => content.open = true,
            }
        }
        let id = node.args.first();
        let (id, span) =
            (id.and_then(|id| id.text()).unwrap_or_default(), id.map_or(node.name.span, |id| id.span));
        let part = self.part(&content, (id, span), length, band, place, swing);
        let part = Part { inside: node.block().last().map(Node::whole), ..part };
        self.long_tracks(&part, node);
        (self.meter, self.tempo, self.key) = outside;
        part
    }

    /// Reads tracks and automation at the tempo and meter of the context.
    pub(super) fn part(
        &mut self,
        content: &Content<'_, '_>,
        (id, span): (&str, Span),
        length: Length,
        band: &Band<'_, '_, '_>,
        place: &Place<'_, '_, '_>,
        swing: f64,
    ) -> Part {
        for (node, form) in &content.nameless {
            self.unnamed_track(node, form, band, &content.track_names);
        }
        let mut played = Vec::new();
        self.track_names.clone_from(&content.track_names);
        for (node, form) in &content.tracks {
            if self.enough() {
                break;
            }
            played.extend(self.track(node, form, band));
        }
        let longest = played
            .iter()
            .map(|one: &Played| BarLength::new(self.meter, one.track.grid).bars(one.steps))
            .max()
            .map(|bars| u32::try_from(bars).unwrap_or(u32::MAX));
        let bars = length.bars.or(longest);
        if bars.is_none() && !length.given && !content.open && played.len() == content.tracks.len() {
            let (what, help) = if id.is_empty() {
                (
                    "the song has no length: neither tracks nor `bars`".to_owned(),
                    "write `bars=4` behind `song`, or a `track`".to_owned(),
                )
            } else {
                (
                    format!("the section {} has no length: neither tracks nor `bars`", quoted(id)),
                    format!("write `bars=4` behind `section {id}`, or a `track` in it"),
                )
            };
            let edit =
                if id.is_empty() { self.of_song("bars=4") } else { Some(Edit::after(span, " bars=4")) };
            self.report(Diagnostic::new(&song::NO_LENGTH, span, what).label("how long?").mend(edit, help));
        }
        let known = bars.filter(|_| played.len() == content.tracks.len() || length.bars.is_some());
        let moves = self.moves(&content.automations, place, known);
        let (tempo, meter) = (self.tempo, self.meter);
        Part { id: id.to_owned(), span, inside: None, bars, tempo, meter, swing, played, moves }
    }

    /// Warns of tracks written bar by bar that have more bars than their section.
    fn long_tracks(&mut self, part: &Part, node: &Node<'_>) {
        let Some(bars) = part.bars.map(u64::from) else { return };
        for one in &part.played {
            let written = BarLength::new(part.meter, one.track.grid).bars(one.steps);
            if one.by_bars && written > bars {
                self.report(
                    Diagnostic::new(
                        &codes::UNHEARD_BARS,
                        one.span,
                        format!(
                            "{} has {}, and the section {} only {bars}",
                            quoted(&one.track.id),
                            counted(written as usize, "bar"),
                            quoted(&part.id)
                        ),
                    )
                    .label("its last bars are never played")
                    .mend(
                        node.prop("bars").map(|bars| Edit::replace(bars.value.span, written.to_string())),
                        format!("write `bars={written}` for the section {}", quoted(&part.id)),
                    ),
                );
            }
        }
    }

    /// Says what stands beside the sections though it belongs into one.
    pub(super) fn outside_sections(&mut self, content: &Content<'_, '_>, first: &str) {
        for (node, form) in content.tracks.iter().chain(&content.automations) {
            self.report(
                Diagnostic::new(
                    &codes::OUTSIDE_SECTION,
                    node.name.span,
                    format!("this `{}` is in none of the song's sections", form.name),
                )
                .label("never played here")
                .help(format!("write it into a section: `section {first} {{ {} … }}`", form.name)),
            );
        }
    }
}

impl Part {
    /// How long it lasts, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        let bars = self.bars.unwrap_or_default();
        Pace::new(bars, self.meter.quarters(), self.tempo, &self.moves.tempo_moves).seconds
    }

    /// The section of the model.
    pub(super) fn into_model(self) -> Section {
        Section {
            id: self.id,
            bars: self.bars.unwrap_or_default(),
            tempo: self.tempo,
            meter: self.meter,
            swing: self.swing,
            tracks: self.played.into_iter().map(|one| one.track).collect(),
            automations: self.moves.automations,
            tempo_moves: self.moves.tempo_moves,
        }
    }
}

/// The place of each section by its name.
pub(super) fn by_name(parts: &[Part]) -> BTreeMap<&str, usize> {
    parts.iter().enumerate().map(|(index, part)| (part.id.as_str(), index)).collect()
}

//! Sections: tracks and automation with a length, a tempo, a meter, a swing and a key of their own.

use crate::check::automate::AutomationMoves;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::endpoints::LookupScope;
use crate::check::fields::NodeMeaning;
use crate::check::limits::TrackRoom;
use crate::check::name_table::{NameTable, NamedThing};
use crate::check::nameless::{is_nameless, names_instrument, notes_for_steps};
use crate::check::sketch::{SketchedTrack, TrackContext};
use crate::check::track::PlayedTrack;
use crate::diagnostic::codes::{arrangement as codes, song};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::pace::Pace;
use crate::model::song::{Meter, Section};
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::{NodeForm, NodeScope};
use crate::units::key::MusicalKey;

/// The nodes of a section, or of the top level of a song without sections.
#[derive(Default)]
pub(super) struct SectionContent<'a, 't> {
    pub(super) tracks: Vec<(&'a Node<'t>, &'static NodeForm)>,
    pub(super) track_names: NameTable,
    pub(super) nameless: Vec<(&'a Node<'t>, &'static NodeForm)>,
    pub(super) automations: Vec<(&'a Node<'t>, &'static NodeForm)>,
    /// Something there could not be read: what seems to be missing may be in it.
    pub(super) open: bool,
}

/// A section whose tracks are read but not written out yet; the one of a song without sections has no name.
pub(super) struct Outline<'a, 't> {
    /// The line that says how long it is: its own, or that of the song.
    pub(super) node: Option<&'a Node<'t>>,
    pub(super) id: &'a str,
    pub(super) span: Span,
    pub(super) length: SectionLength,
    pub(super) tempo: f64,
    pub(super) meter: Meter,
    key: Option<MusicalKey>,
    swing: f64,
    content: SectionContent<'a, 't>,
    pub(super) sketches: Vec<SketchedTrack<'a, 't>>,
}

/// A section as it is checked.
pub(super) struct SectionPart {
    pub(super) id: String,
    pub(super) span: Span,
    /// Its last line, after which others can follow.
    pub(super) inside: Option<Span>,
    /// `None` if that isn't known.
    pub(super) bars: Option<u32>,
    pub(super) tempo: f64,
    pub(super) meter: Meter,
    pub(super) swing: f64,
    pub(super) played: Vec<PlayedTrack>,
    pub(super) moves: AutomationMoves,
}

/// How long a section lasts, where it says so itself.
#[derive(Clone, Copy)]
pub(super) struct SectionLength {
    pub(super) bars: Option<u32>,
    /// Whether it says so, rightly or wrongly.
    pub(super) given: bool,
}

impl<'a, 't> SectionContent<'a, 't> {
    /// Takes in a track or automation.
    pub(super) fn add(&mut self, cx: &mut Context, node: &'a Node<'t>, form: &'static NodeForm) {
        if form.name == "track" && is_nameless(node) {
            self.nameless.push((node, form));
            self.open = true;
        } else if form.name == "track" {
            self.add_track(cx, node, form);
        } else {
            self.automations.push((node, form));
        }
    }

    /// Takes in a track that has a name.
    fn add_track(&mut self, cx: &mut Context, node: &'a Node<'t>, form: &'static NodeForm) {
        if let Some(id) = node.args.first() {
            cx.declare(&mut self.track_names, id, "name of a track", NamedThing::Broken, false);
        }
        if let Some(fault) = notes_for_steps(node) {
            cx.report(fault);
            self.open = true;
            return;
        }
        self.tracks.push((node, form));
    }
}

impl Context {
    /// Reads a section, with what holds for the song where it says nothing else.
    pub(super) fn section<'a, 't>(
        &mut self,
        node: &'a Node<'t>,
        form: &'static NodeForm,
        track_context: &TrackContext<'_, 'a, 't>,
        swing: f64,
    ) -> Outline<'a, 't> {
        let outside = (self.meter, self.tempo, self.key);
        let fields = self.fields(node, form);
        self.meter(&fields);
        self.tempo = fields.number(self, "tempo").unwrap_or(self.tempo);
        self.key(&fields);
        let swing = fields.number(self, "swing").unwrap_or(swing);
        let bars = fields.whole(self, "bars").map(|bars| bars as u32);
        let length = SectionLength { bars, given: fields.value("bars").is_some() };
        let mut content = SectionContent { open: node.broken, ..SectionContent::default() };
        for inner in node.block() {
            if self.enough() {
                break;
            }
            content.open |= inner.broken;
            match self.meaning(inner, NodeScope::Section) {
                Some(NodeMeaning::Form(form)) => content.add(self, inner, form),
                Some(NodeMeaning::Module(_)) | None => content.open = true,
            }
        }
        let id = node.args.first();
        let (id, span) =
            (id.and_then(|id| id.text()).unwrap_or_default(), id.map_or(node.name.span, |id| id.span));
        let outline = self.outline(content, (id, span), length, track_context, swing);
        let outline = Outline { node: Some(node), ..outline };
        (self.meter, self.tempo, self.key) = outside;
        outline
    }

    /// Reads the lanes of tracks. Tempo, meter and key are those of the context.
    pub(super) fn outline<'a, 't>(
        &mut self,
        mut content: SectionContent<'a, 't>,
        (id, span): (&'a str, Span),
        length: SectionLength,
        track_context: &TrackContext<'_, 'a, 't>,
        swing: f64,
    ) -> Outline<'a, 't> {
        for (node, form) in std::mem::take(&mut content.nameless) {
            if names_instrument(node, track_context) {
                content.add_track(self, node, form);
                content.tracks.sort_by_key(|(node, _)| node.span.start);
            } else {
                self.unnamed_track(node, form, track_context, &content.track_names);
            }
        }
        let mut sketches = Vec::new();
        self.track_names = std::mem::take(&mut content.track_names);
        for (node, form) in &content.tracks {
            if self.enough() {
                break;
            }
            sketches.extend(self.sketch(node, form, track_context));
        }
        let (tempo, meter, key) = (self.tempo, self.meter, self.key);
        Outline { node: None, id, span, length, tempo, meter, key, swing, content, sketches }
    }

    /// Writes out the tracks of a section, as far as there is room for them, and reads its automation.
    pub(super) fn part(
        &mut self,
        outline: Outline<'_, '_>,
        track_context: &TrackContext<'_, '_, '_>,
        place: &LookupScope<'_, '_, '_>,
        room: &mut TrackRoom,
    ) -> SectionPart {
        let outside = (self.meter, self.tempo, self.key);
        let Outline { node, id, span, length, tempo, meter, key, swing, content, sketches } = outline;
        (self.meter, self.tempo, self.key) = (meter, tempo, key);
        let mut played = Vec::new();
        for sketch in sketches {
            if self.enough() {
                break;
            }
            if room.take(sketch.size) {
                played.extend(self.track(&sketch, track_context));
            }
        }
        let longest = played
            .iter()
            .map(|one: &PlayedTrack| BarLength::new(self.meter, one.track.grid).bars(one.steps))
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
        (self.meter, self.tempo, self.key) = outside;
        let inside = node.filter(|_| !id.is_empty()).and_then(|node| node.block().last().map(Node::whole));
        let part = SectionPart { id: id.to_owned(), span, inside, bars, tempo, meter, swing, played, moves };
        if let Some(node) = node.filter(|_| length.bars.is_some()) {
            self.long_tracks(&part, node);
        }
        part
    }

    /// Warns of tracks written bar by bar that have more bars than their section, or than the song.
    fn long_tracks(&mut self, part: &SectionPart, node: &Node<'_>) {
        let Some(bars) = part.bars.map(u64::from) else { return };
        for one in &part.played {
            let written = BarLength::new(part.meter, one.track.grid).bars(one.steps);
            if one.by_bars && written > bars {
                let whole = if part.id.is_empty() {
                    "song".to_owned()
                } else {
                    format!("section {}", quoted(&part.id))
                };
                self.report(
                    Diagnostic::new(
                        &codes::UNHEARD_BARS,
                        one.span,
                        format!(
                            "{} has {}, and the {whole} only {bars}",
                            quoted(&one.track.id),
                            counted(written as usize, "bar"),
                        ),
                    )
                    .label("its last bars are never played")
                    .mend(
                        node.prop("bars").map(|bars| Edit::replace(bars.value.span, written.to_string())),
                        format!("write `bars={written}` for the {whole}"),
                    ),
                );
            }
        }
    }

    /// Says what stands beside the sections though it belongs into one.
    pub(super) fn outside_sections(&mut self, content: &SectionContent<'_, '_>, first: &str) {
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

impl Outline<'_, '_> {
    /// How many bars it has, as far as that is known before its tracks are written out.
    pub(super) fn bars(&self) -> u64 {
        let written = |sketch: &SketchedTrack<'_, '_>| {
            BarLength::new(self.meter, sketch.grid).bars(sketch.extent.steps)
        };
        let longest = || self.sketches.iter().map(written).max().unwrap_or_default();
        self.length.bars.map_or_else(longest, u64::from)
    }
}

impl SectionPart {
    /// How long it lasts, in seconds.
    pub(super) fn seconds(&self) -> f64 {
        self.pace().seconds
    }

    /// When each of its quarter notes falls.
    pub(super) fn pace(&self) -> Pace {
        let bars = self.bars.unwrap_or_default();
        Pace::new(bars, self.meter.quarters(), self.tempo, &self.moves.tempo_moves)
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

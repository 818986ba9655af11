//! The whole song: from its text to the model, or to everything that is wrong with it.

use crate::check::arrange::Order;
use crate::check::bars::BarLength;
use crate::check::cells::of_track;
use crate::check::context::Context;
use crate::check::ends::Place;
use crate::check::fields::Meaning;
use crate::check::header::Header;
use crate::check::instrument::Built;
use crate::check::names::{Names, Thing};
use crate::check::patch::Draft;
use crate::check::section::{Content, Length, Part};
use crate::check::track::{Band, Pattern};
use crate::check::tuning::Beside;
use crate::check::{loops, reach};
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::{arrangement, files, tracks};
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::{SourceId, Span};
use crate::model::patch::{Cable, Source, Target};
use crate::model::song::{Alias, Song};
use crate::syntax::reader::read;
use crate::syntax::tree::Node;
use crate::syntax::vocabulary::{Form, Scope, find};

/// What came of checking a song.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The song, unless anything is an error.
    pub song: Option<Song>,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// What stands at the top level, sorted by what it is.
struct Parts<'a, 't> {
    draft: Draft<'a, 't>,
    instruments: Vec<(&'a Node<'t>, &'static Form)>,
    patterns: Vec<(&'a Node<'t>, &'static Form)>,
    pattern_names: Names,
    /// Tracks and automation of a song without sections.
    content: Content<'a, 't>,
    sections: Vec<(&'a Node<'t>, &'static Form)>,
    section_names: Names,
    arranges: Vec<(&'a Node<'t>, &'static Form)>,
    /// Something there is not known to this version, or could not be read: what seems to be missing may be in it.
    open: bool,
}

/// Checks the text of a song that stands alone; `source` is how its places name it.
pub fn check(source: SourceId, text: &str) -> Checked {
    check_beside(source, text, &mut |path| {
        let message = format!("there is no file {} to be had here", quoted(path));
        Err(Diagnostic::of_file(&files::MISSING_FILE, message).help("save the song to a file beside it"))
    })
}

/// Checks the text of a song; `beside` gives the files that it names.
pub fn check_beside(source: SourceId, text: &str, beside: &mut Beside<'_>) -> Checked {
    let mut bag = Bag::default();
    let nodes = read(source, text, &mut bag);
    if nodes.is_empty() && bag.is_empty() {
        bag.push(
            Diagnostic::new(&files::EMPTY_SONG, Span::new(source, 0, 0), "the song is empty")
                .help("`chronus explain no-length` shows a small one"),
        );
    }
    let mut cx = Context::new(bag);
    cx.tune(&nodes, beside);
    let song = if nodes.is_empty() { None } else { cx.song(&nodes) };
    let song = song.filter(|_| !cx.bag.has_errors());
    Checked { song, diagnostics: cx.bag.into_sorted() }
}

impl Context {
    fn song(&mut self, nodes: &[Node<'_>]) -> Option<Song> {
        let whole = self.written_out(nodes);
        let nodes = whole.as_deref().unwrap_or(nodes);
        let header = self.header(nodes);
        let mut parts = self.parts(nodes);
        let instruments: Vec<Built<'_, '_>> = parts
            .instruments
            .iter()
            .enumerate()
            .map(|(index, (node, form))| Built::read(self, node, form, index))
            .collect();
        parts.draft.name_aliases(self, &instruments);
        parts.draft.lay(self, &instruments);
        let patterns: Vec<Pattern<'_, '_>> =
            parts.patterns.iter().filter_map(|(node, form)| self.pattern(node, form)).collect();
        let band = Band { names: &parts.draft.names, instruments: &instruments, patterns: &patterns };
        let place = Place { draft: &parts.draft, instruments: &instruments };
        let open = parts.open || nodes.iter().any(|node| node.broken);
        let sections = self.sections(&parts, nodes, &header, &band, &place, open);
        let order = self.order(&parts, nodes, &sections, open);
        if let Some(order) = &order {
            self.length_limits(&sections, order);
        }
        for built in &instruments {
            loops::check(self, &built.draft, &[]);
        }
        loops::check(self, &parts.draft, &instruments);
        self.module_limit(&parts.draft, &instruments);
        if self.bag.has_errors() {
            return None;
        }
        let order = order?;
        lead_out(&mut parts.draft, instruments.len());
        self.warn(&parts.draft, &instruments, &sections, &order);
        Some(self.model(header, parts.draft, instruments, sections, order))
    }

    /// Every section; the only one of a song without any is the song itself.
    fn sections<'a, 't>(
        &mut self,
        parts: &Parts<'a, 't>,
        nodes: &[Node<'t>],
        header: &Header,
        band: &Band<'_, 'a, 't>,
        place: &Place<'_, 'a, 't>,
        open: bool,
    ) -> Vec<Part> {
        if let Some((first, _)) = parts.sections.first() {
            let id = first.args.first().and_then(|id| id.text()).unwrap_or("verse");
            self.outside_sections(&parts.content, id);
            let read = |(node, form): &(&Node<'_>, &'static Form)| {
                self.section(node, form, band, place, header.swing)
            };
            return parts.sections.iter().map(read).collect();
        }
        let song = nodes.iter().find(|node| node.name.text == "song");
        let bars = song.and_then(|song| song.prop("bars"));
        let length =
            Length { bars: header.bars, given: bars.is_some() || open || !parts.arranges.is_empty() };
        let span = song.map(|song| song.span).or(nodes.first().map(|node| node.name.span));
        vec![self.part(&parts.content, ("", span.unwrap_or_default()), length, band, place, header.swing)]
    }

    /// The order of the sections.
    fn order(
        &mut self,
        parts: &Parts<'_, '_>,
        nodes: &[Node<'_>],
        sections: &[Part],
        open: bool,
    ) -> Option<Order> {
        if parts.sections.is_empty() && parts.arranges.is_empty() {
            let bars = nodes.iter().find(|node| node.name.text == "song").and_then(|song| song.prop("bars"));
            let track = sections.first().and_then(|part| {
                let bars = |one: &&crate::check::track::Played| {
                    BarLength::new(part.meter, one.track.grid).bars(one.steps)
                };
                part.played.iter().max_by_key(bars).map(|one| one.span)
            });
            let span = bars.map(|bars| bars.value.span).or(track).unwrap_or_default();
            return Some(Order { sections: vec![0], span });
        }
        let bars = nodes.iter().find(|node| node.name.text == "song").and_then(|song| song.prop("bars"));
        if let Some(bars) = bars.filter(|_| !parts.sections.is_empty()) {
            self.report(
                Diagnostic::new(
                    &arrangement::BARS_AND_SECTIONS,
                    bars.name.span,
                    "a song with sections is as long as its arrangement",
                )
                .label("has no meaning beside sections")
                .help("write `bars` behind the sections"),
            );
        }
        let named = if parts.sections.is_empty() { &[] } else { sections };
        self.arrangement(&parts.arranges, named, open)
    }

    /// Sorts and declares what stands at the top level.
    fn parts<'a, 't>(&mut self, nodes: &'a [Node<'t>]) -> Parts<'a, 't> {
        let mut parts = Parts {
            draft: Draft::default(),
            instruments: Vec::new(),
            patterns: Vec::new(),
            pattern_names: Names::default(),
            content: Content::default(),
            sections: Vec::new(),
            section_names: Names::default(),
            arranges: Vec::new(),
            open: false,
        };
        for node in nodes {
            if self.enough() {
                break;
            }
            let Some(meaning) = self.meaning(node, Scope::Song) else {
                parts.open |= node.name.text.is_empty() || find(&node.name.text).is_some();
                parts.draft.forgive(node);
                // `use` declares every name behind its file, the renamed ones as well.
                for arg in node.args.iter().skip(1).filter(|_| node.name.text == "use") {
                    parts.draft.names.add(arg.text().unwrap_or_default(), Thing::Broken, arg.span);
                }
                for prop in node.props.iter().filter(|_| node.name.text == "use") {
                    parts.draft.names.add(&prop.name.text, Thing::Broken, prop.name.span);
                }
                continue;
            };
            let Meaning::Form(form) = meaning else {
                parts.draft.declare(self, node, meaning);
                continue;
            };
            match form.name {
                "instrument" => {
                    let thing = Thing::Instrument(parts.instruments.len());
                    if let Some(id) = node.args.first()
                        && self.declare(&mut parts.draft.names, id, "name of an instrument", thing, false)
                    {
                        parts.instruments.push((node, form));
                    } else {
                        // What is wrong inside is said all the same; nobody plays it.
                        Built::read(self, node, form, usize::MAX);
                    }
                }
                "pattern" => {
                    if let Some(id) = node.args.first() {
                        self.declare(&mut parts.pattern_names, id, "name of a pattern", Thing::Broken, false);
                    }
                    parts.patterns.push((node, form));
                }
                "track" | "automate" => parts.content.add(self, node, form),
                "section" => {
                    if let Some(id) = node.args.first() {
                        self.declare(&mut parts.section_names, id, "name of a section", Thing::Broken, false);
                    }
                    parts.sections.push((node, form));
                }
                "arrange" => parts.arranges.push((node, form)),
                "song" | "render" => {}
                _ => parts.draft.declare(self, node, meaning),
            }
        }
        parts
    }

    /// Warns of what plays but probably not as it was meant. Only once there are no errors: they explain much of it.
    fn warn(
        &mut self,
        draft: &Draft<'_, '_>,
        instruments: &[Built<'_, '_>],
        sections: &[Part],
        order: &Order,
    ) {
        self.unarranged(sections, order);
        let played = || sections.iter().flat_map(|part| &part.played);
        for (index, built) in instruments.iter().enumerate() {
            reach::check(self, &built.draft, &[]);
            if played().all(|one| one.track.instrument != index) {
                self.report(
                    Diagnostic::new(
                        &tracks::UNPLAYED,
                        built.span,
                        format!("no track plays {}", quoted(&built.id)),
                    )
                    .label("never played")
                    .help(format!("write `track {} \"X...\"`, or take it out", built.id)),
                );
            } else {
                reach::silent(self, built);
            }
        }
        reach::check(self, draft, instruments);
        for one in played().filter(|one| !one.sounds) {
            self.report(
                Diagnostic::new(
                    &tracks::SILENT_TRACK,
                    one.span,
                    format!("{} never plays a note", of_track(&one.track.id)),
                )
                .label("silent")
                .help("write hits such as `X` into its steps, or `mute=#true` if it is to rest"),
            );
        }
        for part in sections {
            for one in part.played.iter().filter(|one| one.sounds && !one.track.mute) {
                let steps =
                    BarLength::new(part.meter, one.track.grid).steps(part.bars.unwrap_or_default().into());
                self.idle_locks(&one.track, &one.lock_spans, steps);
            }
        }
    }

    fn model(
        &self,
        header: Header,
        draft: Draft<'_, '_>,
        instruments: Vec<Built<'_, '_>>,
        sections: Vec<Part>,
        order: Order,
    ) -> Song {
        let of = |prefix: &str, draft: &Draft<'_, '_>| {
            let alias =
                |(path, control): &(String, _)| Alias { path: format!("{prefix}{path}"), control: *control };
            draft.second_names.iter().map(alias).collect::<Vec<_>>()
        };
        let mut aliases = of("", &draft);
        for built in &instruments {
            aliases.extend(of(&format!("{}.", built.id), &built.draft));
        }
        Song {
            title: header.title,
            seed: header.seed,
            c4: self.c4,
            tail: header.tail,
            wishes: header.wishes,
            patch: draft.into_patch(),
            instruments: instruments.into_iter().map(Built::into_model).collect(),
            sections: sections.into_iter().map(Part::into_model).collect(),
            arrangement: order.sections,
            aliases,
        }
    }
}

/// A song that leads no instrument anywhere leads all of them to `out`.
fn lead_out(draft: &mut Draft<'_, '_>, instruments: usize) {
    if draft.cables.iter().any(|cable| matches!(cable.from, Source::Instrument(_))) {
        return;
    }
    for instrument in 0..instruments {
        draft.cables.push(Cable {
            from: Source::Instrument(instrument),
            to: Target::Out,
            gain: 1.0,
            pan: None,
            vca: None,
            by: None,
            feedback: false,
            id: None,
            muted: false,
        });
        draft.cable_spans.push(Span::default());
    }
}

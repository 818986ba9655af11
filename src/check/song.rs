//! The whole song: from its text to the model, or to everything that is wrong with it.

use std::collections::BTreeMap;

use crate::check::arrange::SectionOrder;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::endpoints::LookupScope;
use crate::check::fields::NodeMeaning;
use crate::check::header::Header;
use crate::check::instrument::CheckedInstrument;
use crate::check::library;
use crate::check::name_table::{NameTable, NamedThing};
use crate::check::patch_builder::PatchBuilder;
use crate::check::section::{Outline, SectionContent, SectionLength, SectionPart};
use crate::check::sketch::{SketchedPattern, SketchedTrack, TrackContext};
use crate::check::song_files::{Nowhere, SongFiles};
use crate::check::source_files::{SourceArena, SourceFiles};
use crate::check::step_lowering::of_track;
use crate::check::uses::{FoundInFile, UsedNames};
use crate::check::{gains, loops, memory, unreached};
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::{arrangement, files, tracks};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{self, Sources};
use crate::diagnostic::span::{SourceId, Span};
use crate::model::song::Song;
use crate::syntax::reader::read;
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::{NodeForm, NodeScope, find};

/// What came of checking a song.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The song, unless anything is an error.
    pub song: Option<Song>,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The path of each text that was read, from the song's folder; in the library its name there.
    pub texts: BTreeMap<SourceId, String>,
    /// The sound files that it names, in the order of the song's recordings: each path and where it is named first.
    pub sounds: Vec<(String, Span)>,
}

/// An instrument or a pattern, of the song's own text or of another.
struct NamedStatement<'a, 't> {
    node: &'a Node<'t>,
    form: &'static NodeForm,
    /// What the song calls it.
    id: &'a Value<'a>,
}

/// What stands at the top level, sorted by what it is.
struct TopLevel<'a, 't> {
    builder: PatchBuilder<'a, 't>,
    instruments: Vec<NamedStatement<'a, 't>>,
    patterns: Vec<NamedStatement<'a, 't>>,
    pattern_names: NameTable,
    /// Tracks and automation of a song without sections.
    content: SectionContent<'a, 't>,
    sections: Vec<(&'a Node<'t>, &'static NodeForm)>,
    section_names: NameTable,
    arranges: Vec<(&'a Node<'t>, &'static NodeForm)>,
    sets: Vec<(&'a Node<'t>, &'static NodeForm)>,
    /// Something there is not known to this version, or could not be read: what seems to be missing may be in it.
    open: bool,
}

/// Checks the text of a song that stands alone; `source` is how its places name it. It can use the library, but no files.
pub fn check(source: SourceId, text: &str) -> Checked {
    checked(source, text, source.0 + 1, &SourceArena::new(), &mut Nowhere)
}

/// Checks song `id` of `sources` with all that it uses. The texts that `files` gives go into `sources`, so that places
/// in them can be drawn.
pub fn check_with(sources: &mut Sources, id: SourceId, files: &mut dyn SongFiles) -> Checked {
    let arena = SourceArena::new();
    let text = sources.get(id).map_or("", source::SourceText::text);
    let checked = checked(id, text, sources.len() as u32, &arena, files);
    for source in arena.into_sources() {
        sources.add(source);
    }
    checked
}

/// Checks `text`, which is `source`. What it uses is put on `arena` and counted from `first` on.
fn checked(
    source: SourceId,
    text: &str,
    first: u32,
    arena: &SourceArena,
    files: &mut dyn SongFiles,
) -> Checked {
    let mut bag = Bag::default();
    let nodes = read(source, text, &mut bag);
    if nodes.is_empty() && !bag.has_errors() {
        bag.push(
            Diagnostic::new(&files::EMPTY_SONG, Span::new(source, 0, 0), "the song is empty")
                .help("`chronus explain no-length` shows a small one"),
        );
    }
    let mut cx = Context::new(bag);
    cx.sounds.outside = files.outside();
    cx.tune(&nodes, files);
    let mut texts = BTreeMap::new();
    let mut named = Vec::new();
    let song = if nodes.is_empty() {
        None
    } else {
        let mut source_files = SourceFiles::gather(&mut cx, nodes, source, first, arena, files);
        source_files.check_names(&mut cx);
        source_files.write_out(&mut cx);
        texts = source_files.paths();
        cx.sounds.texts.clone_from(&texts);
        let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let start = Span::new(source, start, start);
        let own = &source_files.all[0].nodes;
        cx.ends = (start, own.last().map_or(start, Node::whole));
        cx.header = own.iter().find(|node| node.name.text == "song").map(|node| (node.span, node.broken));
        let song = cx.song(&source_files);
        named = cx.sounds.named();
        let sounds = cx.hear(files);
        let song = song.map(|song| Song { sounds, ..song });
        if let Some(song) = song.as_ref().filter(|_| !cx.bag.has_errors()) {
            let places = std::mem::take(&mut cx.places);
            memory::check(&mut cx, song, &places);
        }
        song
    };
    let song = song.filter(|_| !cx.bag.has_errors());
    let mut diagnostics = cx.bag.into_sorted();
    // The library is part of the program: nobody can edit it.
    let fixed =
        |edit: &Edit| texts.get(&edit.span.source).is_some_and(|path| path.starts_with(library::PREFIX));
    for diagnostic in &mut diagnostics {
        if diagnostic.fix.iter().any(fixed) {
            diagnostic.fix.clear();
        }
    }
    Checked { song, diagnostics, texts, sounds: named }
}

impl Context {
    fn song(&mut self, source_files: &SourceFiles<'_, '_>) -> Option<Song> {
        let nodes = &source_files.all[0].nodes[..];
        let header = self.header(nodes);
        let taken = source_files.taken(self, 0);
        let mut parts = self.parts(nodes, &taken);
        if self.too_many_instruments(parts.instruments.iter().map(|named| (named.node, named.id.span))) {
            return None;
        }
        let instruments: Vec<CheckedInstrument<'_, '_>> = parts
            .instruments
            .iter()
            .enumerate()
            .map(|(index, NamedStatement { node, form, id })| {
                CheckedInstrument::read(self, node, form, index).called(id)
            })
            .collect();
        parts.builder.name_aliases(self, &instruments);
        parts.builder.lay(self, &instruments);
        parts.builder.bound_aliases(self, &instruments);
        let content = std::mem::take(&mut parts.content);
        let patterns: Vec<SketchedPattern<'_, '_>> =
            parts.patterns.iter().filter_map(|part| self.pattern(part.node, part.form, part.id)).collect();
        let track_context = TrackContext {
            names: &parts.builder.names,
            instruments: &instruments,
            patterns: &patterns,
            pattern_names: &parts.pattern_names,
        };
        let place = LookupScope { builder: &parts.builder, instruments: &instruments };
        let set = self.sets(&parts.sets, &place);
        let open = parts.open || nodes.iter().any(|node| node.broken);
        if header.endless {
            self.only_what_comes(nodes);
        }
        let outlines = self.outlines((&parts, content), nodes, &header, &track_context, open);
        let order = self.order(&parts, nodes, &outlines, open);
        let mut room = self.room(&outlines, order.as_ref());
        let sections: Vec<SectionPart> = outlines
            .into_iter()
            .map(|outline| self.part(outline, &track_context, &place, &mut room))
            .collect();
        self.length_limit(&sections, order.as_ref());
        let mut looped = false;
        for built in &instruments {
            looped |= loops::check(self, &built.builder, &[]);
        }
        looped |= loops::check(self, &parts.builder, &instruments);
        self.module_limit(&parts.builder, &instruments);
        if self.bag.has_errors() {
            return None;
        }
        let order = order?;
        self.moves_limit(&parts.builder, &instruments, &sections, &order);
        if self.bag.has_errors() {
            return None;
        }
        parts.builder.lead_out(instruments.len());
        self.warn(&parts.builder, &instruments, &sections, &order, header.endless);
        self.unplayed_patterns(parts.patterns.iter().map(|part| part.id));
        let builders = || instruments.iter().map(|built| &built.builder);
        let places = looped.then(|| gains::CablePlaces::of(&parts.builder, builders()));
        self.places = memory::MemoryPlaces::of(&parts.builder, &instruments);
        let mut song = self.model(header, parts.builder, instruments, sections, order);
        set.into_iter().for_each(|(control, value)| song.set(control, value));
        if let Some(places) = places {
            gains::check(self, &song, &places);
        }
        Some(song)
    }

    /// Every section, its tracks not yet written out; the only one of a song without any is the song itself.
    fn outlines<'a, 't>(
        &mut self,
        (parts, content): (&TopLevel<'a, 't>, SectionContent<'a, 't>),
        nodes: &'a [Node<'t>],
        header: &Header,
        track_context: &TrackContext<'_, 'a, 't>,
        open: bool,
    ) -> Vec<Outline<'a, 't>> {
        if let Some((first, _)) = parts.sections.first() {
            let id = first.args.first().and_then(|id| id.text()).unwrap_or("verse");
            self.outside_sections(&content, id);
            let read = |(node, form): &(&'a Node<'t>, &'static NodeForm)| {
                self.section(node, form, track_context, header.swing)
            };
            return parts.sections.iter().map(read).collect();
        }
        let song = nodes.iter().find(|node| node.name.text == "song");
        let bars = song.and_then(|song| song.prop("bars"));
        let length = SectionLength {
            bars: header.bars,
            given: header.bars.is_some()
                || bars.is_some()
                || song.is_some_and(|song| song.prop("endless").is_some())
                || open
                || !parts.arranges.is_empty(),
        };
        let span = song.map(|song| song.span).or(nodes.first().map(|node| node.name.span));
        let mut outline =
            self.outline(content, ("", span.unwrap_or_default()), length, track_context, header.swing);
        outline.node = song;
        vec![outline]
    }

    /// The order of the sections.
    fn order(
        &mut self,
        parts: &TopLevel<'_, '_>,
        nodes: &[Node<'_>],
        outlines: &[Outline<'_, '_>],
        open: bool,
    ) -> Option<SectionOrder> {
        if parts.sections.is_empty() && parts.arranges.is_empty() {
            let bars = nodes.iter().find(|node| node.name.text == "song").and_then(|song| song.prop("bars"));
            let track = outlines.first().and_then(|outline| {
                let bars = |one: &&SketchedTrack<'_, '_>| {
                    BarLength::new(outline.meter, one.grid).bars(one.extent.steps)
                };
                outline.sketches.iter().max_by_key(bars).map(|one| one.id.span)
            });
            let span = bars.map(|bars| bars.value.span).or(track).unwrap_or_default();
            let given = bars.is_some();
            return Some(SectionOrder { sections: vec![0], span, bars: given, line: span });
        }
        let header = nodes.iter().find(|node| node.name.text == "song");
        let cut = header.and_then(|header| header.cut_prop("bars"));
        let bars = header.and_then(|song| song.prop("bars"));
        if let Some(bars) = bars.filter(|_| !parts.sections.is_empty()) {
            self.report(
                Diagnostic::new(
                    &arrangement::BARS_AND_SECTIONS,
                    bars.name.span,
                    "a song with sections is as long as its arrangement",
                )
                .label("has no meaning beside sections")
                .mend(cut, "take it out, and give the sections `bars`"),
            );
        }
        let named = if parts.sections.is_empty() { &[] } else { outlines };
        let named: Vec<(&str, Span)> = named.iter().map(|outline| (outline.id, outline.span)).collect();
        self.arrangement(&parts.arranges, &named, open)
    }

    /// Sorts and declares what stands at the top level.
    fn parts<'a, 't>(&mut self, nodes: &'a [Node<'t>], taken: &'a [UsedNames<'a, 't>]) -> TopLevel<'a, 't> {
        let mut parts = TopLevel {
            builder: PatchBuilder::default(),
            instruments: Vec::new(),
            patterns: Vec::new(),
            pattern_names: NameTable::default(),
            content: SectionContent::default(),
            sections: Vec::new(),
            section_names: NameTable::default(),
            arranges: Vec::new(),
            sets: Vec::new(),
            open: false,
        };
        for node in nodes {
            if self.enough() {
                break;
            }
            let Some(meaning) = self.meaning(node, NodeScope::Song) else {
                parts.open |= node.name.text.is_empty() || find(&node.name.text).is_some();
                parts.builder.forgive(node);
                continue;
            };
            let NodeMeaning::Form(form) = meaning else {
                parts.builder.declare(self, node, meaning);
                continue;
            };
            match form.name {
                "instrument" => {
                    let thing = NamedThing::Instrument(parts.instruments.len());
                    if let Some(id) = node.args.first()
                        && self.declare(&mut parts.builder.names, id, "name of an instrument", thing, false)
                    {
                        parts.instruments.push(NamedStatement { node, form, id });
                    } else {
                        // What is wrong inside is said all the same; nobody plays it.
                        CheckedInstrument::read(self, node, form, usize::MAX);
                    }
                }
                "pattern" => {
                    if let Some(id) = node.args.first() {
                        self.declare(
                            &mut parts.pattern_names,
                            id,
                            "name of a pattern",
                            NamedThing::Broken,
                            false,
                        );
                        parts.patterns.push(NamedStatement { node, form, id });
                    }
                }
                "track" | "automate" => parts.content.add(self, node, form),
                "section" => {
                    if let Some(id) = node.args.first() {
                        self.declare(
                            &mut parts.section_names,
                            id,
                            "name of a section",
                            NamedThing::Broken,
                            false,
                        );
                    }
                    parts.sections.push((node, form));
                }
                "arrange" => parts.arranges.push((node, form)),
                "set" => parts.sets.push((node, form)),
                "song" | "render" | "test" | "use" => {}
                _ => parts.builder.declare(self, node, meaning),
            }
        }
        for UsedNames { name, renamed, found } in taken {
            let thing = NamedThing::Instrument(parts.instruments.len());
            let names = (&mut parts.builder.names, &mut parts.pattern_names);
            let fine = found.declare(self, (name, *renamed), names.0, thing, names.1);
            if let FoundInFile::Nodes { instrument, pattern } = found {
                let part = |node: Option<&'a Node<'t>>| {
                    let node = node?;
                    Some(NamedStatement { node, form: find(&node.name.text)?, id: name })
                };
                parts.instruments.extend(part(*instrument).filter(|_| fine.0));
                parts.patterns.extend(part(*pattern).filter(|_| fine.1));
            } else {
                parts.open = true;
            }
        }
        parts
    }

    /// Warns of what plays but probably not as it was meant. Only once there are no errors: they explain much of it.
    fn warn(
        &mut self,
        builder: &PatchBuilder<'_, '_>,
        instruments: &[CheckedInstrument<'_, '_>],
        sections: &[SectionPart],
        order: &SectionOrder,
        endless: bool,
    ) {
        self.unarranged(sections, order);
        let played = || sections.iter().flat_map(|part| &part.played);
        for (index, built) in instruments.iter().enumerate() {
            unreached::check(self, &built.builder, &[]);
            if !endless && played().all(|one| one.track.instrument != index) {
                // Written only for others to start from.
                if self.bases.contains(&built.id) {
                    continue;
                }
                let line = format!("track {} \"X...\"", built.id);
                let edit = match sections {
                    [part] if part.id.is_empty() => Some(self.at_end(&line)),
                    parts => parts
                        .first()
                        .and_then(|part| part.inside)
                        .map(|inside| Edit::after(inside, format!("\n    {line}"))),
                };
                self.report(
                    Diagnostic::new(
                        &tracks::UNPLAYED,
                        built.span,
                        format!("no track plays {}", quoted(&built.id)),
                    )
                    .label("never played")
                    .mend(edit, format!("write `{line}`, or take it out")),
                );
            } else {
                unreached::silent(self, built);
            }
        }
        unreached::check(self, builder, instruments);
        for one in played().filter(|one| !one.sounds) {
            self.report(
                Diagnostic::new(
                    &tracks::SILENT_TRACK,
                    one.span,
                    format!("{} never plays a note", of_track(&one.track.id)),
                )
                .label("silent")
                .suggest(Edit::after(one.span, " mute=#true"), |write| {
                    format!("write {write} if it is to rest, or hits such as `X` into its steps")
                }),
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
}

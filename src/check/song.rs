//! The whole song: from its text to the model, or to everything that is wrong with it.

use crate::check::bars::BarLength;
use crate::check::cells::of_track;
use crate::check::context::Context;
use crate::check::fields::Meaning;
use crate::check::files::{Files, Nowhere};
use crate::check::header::Header;
use crate::check::instrument::Built;
use crate::check::names::{Names, Thing};
use crate::check::patch::Draft;
use crate::check::sheets::{Sheets, Shelf};
use crate::check::track::{Band, Pattern, Played};
use crate::check::uses::{Found, Taken};
use crate::check::{loops, reach};
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::{files, song as codes, tracks};
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::source::{self, Sources};
use crate::diagnostic::span::{SourceId, Span};
use crate::model::patch::{Cable, Source, Target};
use crate::model::song::{Alias, Section, Song};
use crate::syntax::reader::read;
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::{Form, Scope, find};

/// What came of checking a song.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The song, unless anything is an error.
    pub song: Option<Song>,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// An instrument or a pattern, of the song's own text or of another.
struct Part<'a, 't> {
    node: &'a Node<'t>,
    form: &'static Form,
    /// What the song calls it.
    id: &'a Value<'a>,
}

/// What stands at the top level, sorted by what it is.
struct Parts<'a, 't> {
    draft: Draft<'a, 't>,
    instruments: Vec<Part<'a, 't>>,
    patterns: Vec<Part<'a, 't>>,
    tracks: Vec<(&'a Node<'t>, &'static Form)>,
    track_names: Names,
    pattern_names: Names,
    /// Something there is not known to this version, or could not be read: what seems to be missing may be in it.
    open: bool,
}

/// Checks the text of a song that stands alone; `source` is how its places name it. It can use the library, but no files.
pub fn check(source: SourceId, text: &str) -> Checked {
    checked(source, text, source.0 + 1, &Shelf::new(), &mut Nowhere)
}

/// Checks song `id` of `sources` with all that it uses. The texts that `files` gives go into `sources`, so that places
/// in them can be drawn.
pub fn check_with(sources: &mut Sources, id: SourceId, files: &mut dyn Files) -> Checked {
    let shelf = Shelf::new();
    let text = sources.get(id).map_or("", source::Source::text);
    let checked = checked(id, text, sources.len() as u32, &shelf, files);
    for source in shelf.into_sources() {
        sources.add(source);
    }
    checked
}

/// Checks `text`, which is `source`. What it uses is put on `shelf` and counted from `first` on.
fn checked(source: SourceId, text: &str, first: u32, shelf: &Shelf, files: &mut dyn Files) -> Checked {
    let mut bag = Bag::default();
    let nodes = read(source, text, &mut bag);
    if nodes.is_empty() && bag.is_empty() {
        bag.push(
            Diagnostic::new(&files::EMPTY_SONG, Span::new(source, 0, 0), "the song is empty")
                .help("`chronus explain no-length` shows a small one"),
        );
    }
    let mut cx = Context::new(bag);
    let song = if nodes.is_empty() {
        None
    } else {
        let sheets = Sheets::gather(&mut cx, nodes, source, first, shelf, files);
        sheets.check_names(&mut cx);
        cx.song(&sheets)
    };
    let song = song.filter(|_| !cx.bag.has_errors());
    Checked { song, diagnostics: cx.bag.into_sorted() }
}

impl Context {
    fn song(&mut self, sheets: &Sheets<'_, '_>) -> Option<Song> {
        let nodes = &sheets.all[0].nodes[..];
        let header = self.header(nodes);
        let taken = sheets.taken(self, 0);
        let mut parts = self.parts(nodes, &taken);
        let instruments: Vec<Built<'_, '_>> = parts
            .instruments
            .iter()
            .enumerate()
            .map(|(index, Part { node, form, id })| Built::read(self, node, form, index).called(id))
            .collect();
        parts.draft.name_aliases(self, &instruments);
        parts.draft.lay(self, &instruments);
        let patterns: Vec<Pattern<'_, '_>> =
            parts.patterns.iter().filter_map(|part| self.pattern(part.node, part.form, part.id)).collect();
        let band = Band {
            names: &parts.draft.names,
            instruments: &instruments,
            patterns: &patterns,
            pattern_names: &parts.pattern_names,
        };
        let mut played = Vec::new();
        for (node, form) in &parts.tracks {
            if self.enough() {
                break;
            }
            self.track_block(node);
            played.extend(self.track(node, form, &band));
        }
        let open = parts.open || played.len() < parts.tracks.len() || nodes.iter().any(|node| node.broken);
        let bars = self.bars_of(&header, nodes, &played, open);
        for built in &instruments {
            loops::check(self, &built.draft, &[]);
        }
        loops::check(self, &parts.draft, &instruments);
        self.module_limit(&parts.draft, &instruments);
        if self.bag.has_errors() {
            return None;
        }
        lead_out(&mut parts.draft, instruments.len());
        self.warn(&parts.draft, &instruments, &played);
        Some(self.model(header, bars?, parts.draft, instruments, played))
    }

    /// Sorts and declares what stands at the top level.
    fn parts<'a, 't>(&mut self, nodes: &'a [Node<'t>], taken: &'a [Taken<'a, 't>]) -> Parts<'a, 't> {
        let mut parts = Parts {
            draft: Draft::default(),
            instruments: Vec::new(),
            patterns: Vec::new(),
            tracks: Vec::new(),
            track_names: Names::default(),
            pattern_names: Names::default(),
            open: false,
        };
        for node in nodes {
            if self.enough() {
                break;
            }
            let Some(meaning) = self.meaning(node, Scope::Song) else {
                parts.open |= node.name.text.is_empty() || find(&node.name.text).is_some();
                parts.draft.forgive(node);
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
                        parts.instruments.push(Part { node, form, id });
                    } else {
                        // What is wrong inside is said all the same; nobody plays it.
                        Built::read(self, node, form, usize::MAX);
                    }
                }
                "pattern" => {
                    if let Some(id) = node.args.first() {
                        self.declare(&mut parts.pattern_names, id, "name of a pattern", Thing::Broken, false);
                        parts.patterns.push(Part { node, form, id });
                    }
                }
                "track" => {
                    if let Some(id) = node.args.first() {
                        self.declare(&mut parts.track_names, id, "name of a track", Thing::Broken, false);
                    }
                    parts.tracks.push((node, form));
                }
                "song" | "use" => {}
                _ => parts.draft.declare(self, node, meaning),
            }
        }
        for Taken { name, found } in taken {
            let thing = Thing::Instrument(parts.instruments.len());
            let names = (&mut parts.draft.names, &mut parts.pattern_names);
            let fine = found.declare(self, name, names.0, thing, names.1);
            if let Found::Nodes { instrument, pattern } = found {
                let part = |node: Option<&'a Node<'t>>| {
                    let node = node?;
                    Some(Part { node, form: find(&node.name.text)?, id: name })
                };
                parts.instruments.extend(part(*instrument).filter(|_| fine.0));
                parts.patterns.extend(part(*pattern).filter(|_| fine.1));
            } else {
                parts.open = true;
            }
        }
        parts
    }

    /// How many bars the song has. `open` keeps quiet about what may only seem to be missing.
    fn bars_of(&mut self, header: &Header, nodes: &[Node<'_>], played: &[Played], open: bool) -> Option<u32> {
        let song = nodes.iter().find(|node| node.name.text == "song");
        let longest = played
            .iter()
            .map(|one| (BarLength::new(self.meter, one.track.grid).bars(one.steps), one.span))
            .max_by_key(|(bars, _)| *bars);
        let given = song.and_then(|song| song.prop("bars"));
        let (bars, span) = match (header.bars, longest) {
            (Some(bars), _) => (u64::from(bars), given.map_or(Span::default(), |prop| prop.value.span)),
            (None, Some(longest)) => longest,
            (None, None) => {
                if !open && given.is_none() {
                    let place = song.map(|song| song.span).or(nodes.first().map(|node| node.name.span));
                    self.report(
                        Diagnostic::new(
                            &codes::NO_LENGTH,
                            place.unwrap_or_default(),
                            "the song has no length: neither tracks nor `bars`",
                        )
                        .label("how long?")
                        .help("write `song bars=4`, or a `track`"),
                    );
                }
                return None;
            }
        };
        self.length_limits(bars, span, played);
        u32::try_from(bars).ok()
    }

    /// Warns of what plays but probably not as it was meant. Only once there are no errors: they explain much of it.
    fn warn(&mut self, draft: &Draft<'_, '_>, instruments: &[Built<'_, '_>], played: &[Played]) {
        for (index, built) in instruments.iter().enumerate() {
            reach::check(self, &built.draft, &[]);
            if played.iter().all(|one| one.track.instrument != index) {
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
        for one in played.iter().filter(|one| !one.sounds) {
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
    }

    fn model(
        &self,
        header: Header,
        bars: u32,
        draft: Draft<'_, '_>,
        instruments: Vec<Built<'_, '_>>,
        played: Vec<Played>,
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
        let section = Section {
            id: String::new(),
            bars,
            tempo: self.tempo,
            meter: self.meter,
            swing: header.swing,
            tracks: played.into_iter().map(|one| one.track).collect(),
        };
        Song {
            title: header.title,
            seed: header.seed,
            c4: self.c4,
            tail: header.tail,
            patch: draft.into_patch(),
            instruments: instruments.into_iter().map(Built::into_model).collect(),
            sections: vec![section],
            arrangement: vec![0],
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
        });
        draft.cable_spans.push(Span::default());
    }
}

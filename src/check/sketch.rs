//! Tracks and patterns as they are written: their lanes are read, and what they come to is known, but nothing is written
//! out yet. So a song that comes to too much is refused before it takes the room.

use std::rc::Rc;

use crate::check::context::Context;
use crate::check::fields::{Fields, meant_or_not};
use crate::check::instrument::CheckedInstrument;
use crate::check::library::holding;
use crate::check::name_table::{NameTable, NamedThing};
use crate::check::nearest::nearest;
use crate::check::slot::ValueSlot;
use crate::check::step_lowering::of_track;
use crate::diagnostic::bag::Bag;
use crate::diagnostic::codes::{names, tracks};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::identifiers::is_name;
use crate::syntax::pitches::{self, Chord};
use crate::syntax::signs;
use crate::syntax::step::{Extent, WrittenStep};
use crate::syntax::steps::{read, read_melody};
use crate::syntax::tree::{Node, Value};
use crate::syntax::value_lanes as lanes;
use crate::syntax::vocabulary::{NodeForm, STEPS};
use crate::units::note_length::NoteLength;

/// Steps, one lane for each argument, with the value that each stands in.
pub(super) type SketchLanes<'a, 't> = Vec<(Vec<WrittenStep>, &'a Value<'t>)>;

/// A pattern as it is written: its steps are read once, its bars by the grid of each track that plays it.
pub(super) struct SketchedPattern<'a, 't> {
    pub(super) id: &'a str,
    /// `None` if something is wrong with them.
    pub(super) lanes: Option<Rc<SketchLanes<'a, 't>>>,
}

/// What tracks refer to.
pub(super) struct TrackContext<'p, 'a, 't> {
    pub(super) names: &'p NameTable,
    pub(super) instruments: &'p [CheckedInstrument<'a, 't>],
    pub(super) patterns: &'p [SketchedPattern<'a, 't>],
    /// The names of patterns, those that could not be had as well.
    pub(super) pattern_names: &'p NameTable,
}

/// A track that is not written out yet.
pub(super) struct SketchedTrack<'a, 't> {
    pub(super) fields: Fields<'a, 't>,
    /// Its name, as a value.
    pub(super) id: &'a Value<'t>,
    /// The instrument that it plays.
    pub(super) instrument: Option<usize>,
    pub(super) grid: NoteLength,
    pub(super) lanes: Option<Rc<SketchLanes<'a, 't>>>,
    pub(super) notes: Option<lanes::WrittenLane<Chord>>,
    pub(super) vel: Option<lanes::WrittenLane<f64>>,
    pub(super) nudge: Option<lanes::WrittenLane<f64>>,
    /// What its steps come to.
    pub(super) extent: Extent,
    /// How much room all its lanes take, in steps and values.
    pub(super) size: u64,
    /// The notes of a chord of its `notes` lane, on average and rounded up.
    pub(super) tones: u64,
    /// How many lanes of locks it has.
    pub(super) locks: u64,
}

impl Context {
    /// Reads a pattern, which the song calls `id`.
    pub(super) fn pattern<'a, 't>(
        &mut self,
        node: &'a Node<'t>,
        form: &'static NodeForm,
        id: &'a Value<'a>,
    ) -> Option<SketchedPattern<'a, 't>> {
        self.fields(node, form);
        let args = node.args.get(1..)?;
        if args.is_empty() && !node.broken {
            self.report(
                Diagnostic::new(
                    &tracks::NO_STEPS,
                    id.span,
                    format!("the pattern {} has no steps", quoted(id.raw)),
                )
                .label("nothing to play")
                .write(Edit::after(id.span, " \"X... X...\"").showing(format!("pattern {}", id.raw))),
            );
        }
        // Unquoted steps fall apart into arguments that nobody meant.
        let lanes = if node.broken { None } else { self.written(args) };
        let lanes = lanes.filter(|lanes| !lanes.is_empty()).map(Rc::new);
        Some(SketchedPattern { id: id.text().unwrap_or_default(), lanes })
    }

    /// Warns of patterns, by the values that name them, that no track plays.
    pub(super) fn unplayed_patterns<'v, 't: 'v>(&mut self, ids: impl Iterator<Item = &'v Value<'t>>) {
        for id in ids {
            let name = id.text().unwrap_or_default();
            if !self.played_patterns.contains(name) {
                self.report(
                    Diagnostic::new(
                        &tracks::UNPLAYED_PATTERN,
                        id.span,
                        format!("no track plays the pattern {}", quoted(name)),
                    )
                    .label("never played")
                    .help("name it in `pattern=` of a track, or take it out"),
                );
            }
        }
    }

    /// The steps of arguments.
    fn written<'a, 't>(&mut self, args: &'a [Value<'t>]) -> Option<SketchLanes<'a, 't>> {
        let mut fine = true;
        let mut all = Vec::new();
        for arg in args {
            if arg.text().is_none() {
                self.report(
                    Diagnostic::new(
                        &tracks::BAD_STEP,
                        arg.span,
                        format!("{} isn't a lane of steps", quoted(arg.raw)),
                    )
                    .label("not steps")
                    .suggest(Edit::replace(arg.span, "X..x"), |write| format!("write steps such as {write}")),
                );
            }
            match read(arg, &mut self.bag) {
                Some(steps) => all.push((steps, arg)),
                None => fine = false,
            }
        }
        fine.then_some(all)
    }

    /// Reads the lanes of a track.
    pub(super) fn sketch<'a, 't>(
        &mut self,
        node: &'a Node<'t>,
        form: &'static NodeForm,
        track_context: &TrackContext<'_, 'a, 't>,
    ) -> Option<SketchedTrack<'a, 't>> {
        let fields = self.fields(node, form);
        let id = node.args.first()?;
        let instrument = self.played(&fields, id, track_context);
        let grid = fields.length(self, "grid").unwrap_or(NoteLength::SIXTEENTH);
        let lanes = self.lanes(&fields, id.text()?, track_context);
        let notes = fields.value("notes").and_then(|value| {
            self.text_lane("notes", value)?;
            pitches::read(value, &mut self.bag)
        });
        let vel = fields.value("vel").and_then(|value| {
            self.text_lane("vel", value)?;
            lanes::velocities(value, &mut self.bag)
        });
        let nudge = fields.value("nudge").and_then(|value| {
            self.text_lane("nudge", value)?;
            lanes::nudges(value, &mut self.bag)
        });
        let steps = lanes.iter().flat_map(|lanes| lanes.iter());
        let extent = steps.map(|(steps, _)| Extent::of(steps)).fold(Extent::default(), Extent::and);
        let chords = notes.as_deref().unwrap_or_default();
        let (room, count) = (lanes::size(chords, &pitches::weight), lanes::size(chords, &|_| 1));
        let numbers = [&vel, &nudge].into_iter().flatten().map(|lane| lanes::size(lane, &|_| 1));
        let locks: Vec<u64> = node.block().iter().filter_map(lock_size).collect();
        let size =
            numbers.chain(locks.iter().copied()).chain([extent.size, room]).fold(0, u64::saturating_add);
        let (tones, locks) = (room.div_ceil(count.max(1)).max(1), locks.len() as u64);
        Some(SketchedTrack {
            fields,
            id,
            instrument,
            grid,
            lanes,
            notes,
            vel,
            nudge,
            extent,
            size,
            tones,
            locks,
        })
    }

    fn text_lane(&mut self, name: &str, value: &Value<'_>) -> Option<()> {
        if value.text().is_some() {
            return Some(());
        }
        self.report(
            Diagnostic::new(
                &tracks::BAD_LANE,
                value.span,
                format!("`{name}` takes a text, not {}", value.noun()),
            )
            .label("not a lane")
            .write(ValueSlot::prop(name).write(value, &as_text(&self::lane(name, value.raw)))),
        );
        None
    }

    /// The instrument that a track plays.
    fn played(
        &mut self,
        fields: &Fields<'_, '_>,
        id: &Value<'_>,
        track_context: &TrackContext<'_, '_, '_>,
    ) -> Option<usize> {
        let (name, span) = match fields.path(self, "play") {
            Some(play) => play,
            None if fields.value("play").is_some() => return None,
            None => (id.text()?, id.span),
        };
        let what = match track_context.names.find(name) {
            Some(NamedThing::Instrument(instrument)) => return Some(instrument),
            Some(NamedThing::Broken) => return None,
            Some(_) => format!("{} is no instrument: tracks play instruments only", quoted(name)),
            None => format!("there is no instrument called {}", quoted(name)),
        };
        let all = track_context.instruments.iter().map(|built| built.id.as_str());
        let given = fields.value("play").is_some();
        let said = Diagnostic::new(&names::UNKNOWN_ID, span, what).label("not an instrument");
        self.report(match (nearest(name, all.clone()), all.clone().next(), holding(name)) {
            // There is a track of that name already: this is another one for its instrument.
            (Some(meant), ..) if !given && self.track_names.find(meant).is_some() => {
                said.suggest(Edit::after(span, format!(" play={meant}")), meant_or_not)
            }
            (Some(meant), ..) => {
                let context = if given { "play=" } else { "track " };
                said.suggest(Edit::replace(span, meant).showing(context), meant_or_not)
            }
            (None, _, Some(volume)) => {
                let start = Span { start: 0, end: 0, ..span };
                let line = format!("use \"{}\" {name}", volume.name);
                said.mend(
                    [Edit::replace(start, format!("{line}\n"))],
                    format!("take it from the library: write `{line}`"),
                )
            }
            (None, Some(first), None) if given => said
                .suggest(Edit::replace(span, first).showing("play="), |play| {
                    format!("name the instrument: {play}")
                }),
            (None, Some(first), None) => said.suggest(Edit::after(span, format!(" play={first}")), |play| {
                format!("name the instrument: {play}")
            }),
            (None, None, None) => said.help(format!("write `instrument {name} {{ … }}`")),
        });
        None
    }

    /// The steps that a track plays, lane by lane.
    fn lanes<'a, 't>(
        &mut self,
        fields: &Fields<'a, 't>,
        id: &str,
        track_context: &TrackContext<'_, 'a, 't>,
    ) -> Option<Rc<SketchLanes<'a, 't>>> {
        let node = fields.node;
        let args = &node.args[1..];
        let (melody, pattern) = (fields.value("melody"), fields.value("pattern"));
        let given =
            usize::from(!args.is_empty()) + usize::from(melody.is_some()) + usize::from(pattern.is_some());
        if given > 1 {
            let second = match (melody, pattern) {
                (_, Some(pattern)) if !args.is_empty() || melody.is_some() => pattern,
                (Some(melody), _) => melody,
                _ => return None,
            };
            let said =
                Diagnostic::new(&tracks::TWO_LANES, second.span, format!("{} has steps twice", of_track(id)))
                    .label("steps again");
            let prop = |name: &str| node.prop(name).map(|prop| prop.name.span);
            self.report(match prop("melody").filter(|_| !args.is_empty() && pattern.is_none()) {
                Some(melody) if fields.value("notes").is_none() => said.mend(
                    [Edit::replace(melody, "notes")],
                    "write `notes=` in place of `melody=` to give pitches to these steps, or take the steps out",
                ),
                _ => said.mend(
                    node.cut_prop(if second.span.start == pattern.map_or(0, |pattern| pattern.span.start) {
                        "pattern"
                    } else {
                        "melody"
                    }),
                    "keep one of them",
                ),
            });
            return None;
        }
        if let Some((notes, melody)) = fields.value("notes").zip(melody) {
            self.report(
                Diagnostic::new(
                    &tracks::TWO_LANES,
                    notes.span,
                    format!("{} has its pitches in `melody` already", of_track(id)),
                )
                .label("pitches again")
                .mend(node.cut_prop("notes"), "take `notes` out")
                .also(melody.span, "has pitches"),
            );
        }
        if let Some(value) = melody {
            self.text_lane("melody", value)?;
            return Some(Rc::new(vec![(read_melody(value, &mut self.bag)?, value)]));
        }
        if pattern.is_some() {
            let (name, span) = fields.path(self, "pattern")?;
            let found = track_context.patterns.iter().find(|pattern| pattern.id == name);
            self.played_patterns.extend(found.map(|pattern| pattern.id.to_owned()));
            if found.is_none() && track_context.pattern_names.find(name).is_none() {
                let said = Diagnostic::new(
                    &names::UNKNOWN_ID,
                    span,
                    format!("there is no pattern called {}", quoted(name)),
                )
                .label("unknown");
                let steps = node.prop("pattern").filter(|_| are_steps(name));
                let said = match nearest(name, track_context.patterns.iter().map(|pattern| pattern.id)) {
                    _ if let Some(steps) = steps => {
                        let write = Edit::replace(steps.span(), steps.value.raw);
                        said.suggest(write, |write| format!("steps have no name: write {write}"))
                    }
                    Some(meant) => said.suggest(Edit::replace(span, meant).showing("pattern="), meant_or_not),
                    None if !is_name(name) => {
                        said.help("name a `pattern` of the song, or write steps such as `X... X...`")
                    }
                    None => said.write(self.at_end(&format!("pattern {name} \"X... X...\""))),
                };
                self.report(said);
            }
            return found?.lanes.clone();
        }
        if args.is_empty() {
            // `steps="…"` has been reported as what it is.
            if !node.broken && node.prop(STEPS).is_none() {
                let name = node.args.first()?;
                self.report(
                    Diagnostic::new(&tracks::NO_STEPS, name.span, format!("{} has no steps", of_track(id)))
                        .label("nothing to play")
                        .suggest(
                            Edit::after(name.span, " \"X...\"").showing(format!("track {}", name.raw)),
                            |write| format!("write {write}, or `melody=` or `pattern=`"),
                        ),
                );
            }
            return None;
        }
        if node.broken {
            // Unquoted steps fall apart into arguments that nobody meant.
            return None;
        }
        // `track kick pattern groove`, `track bass X... notes "c4 e4"`.
        if self.setting_among_arguments(node, 1) {
            return None;
        }
        if let [arg] = args
            && let Some(name) = arg.text()
            && !are_steps(name)
            && track_context.pattern_names.find(name).is_some()
        {
            // It may be all that plays the pattern.
            self.played_patterns.insert(name.to_owned());
            self.report(
                Diagnostic::new(
                    &tracks::BAD_STEP,
                    arg.span,
                    format!("{} is a pattern: its name isn't steps", quoted(name)),
                )
                .label("not steps")
                .write(Edit::replace(arg.span, format!("pattern={}", arg.raw))),
            );
            return None;
        }
        self.written(args).map(Rc::new)
    }
}

/// What is meant by a number in place of a lane: a velocity may be one of another program.
fn lane(name: &str, raw: &str) -> String {
    let digit = raw.len() == 1;
    let meant = lanes::meant_velocity(raw).filter(|_| name == "vel" && !digit);
    meant.unwrap_or_else(|| raw.to_owned())
}

/// The steps that are meant by the name of a pattern, if they are some: `pattern="x..x"`.
fn are_steps(name: &str) -> bool {
    name.len() > 2 && name.chars().all(|c| signs::find(c).is_some() || c.is_whitespace() || signs::closes(c))
}

/// How much room a line of a track takes if it is a lock. What is wrong with it is said when it is written out.
fn lock_size(node: &Node<'_>) -> Option<u64> {
    let value = node.args.get(1).filter(|_| node.name.text == "lock")?;
    let lane = lanes::words(value, "lock", &mut Bag::default());
    Some(lane.map_or(1, |lane| lanes::size(&lane, &|_| 1)))
}

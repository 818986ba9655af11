//! Tracks and patterns: what they play, with which steps and notes.

use crate::check::bars::count;
use crate::check::cells::{can_sound, of_track, strikes};
use crate::check::context::Context;
use crate::check::fields::{Fields, meant_or_not};
use crate::check::instrument::Built;
use crate::check::library::holding;
use crate::check::lock::LockPlace;
use crate::check::names::{Names, Thing};
use crate::check::nearest::nearest;
use crate::check::pitch::{Player, number_lane};
use crate::check::slot::Slot;
use crate::diagnostic::codes::{names, tracks};
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{as_text, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::song::Track;
use crate::model::steps::{Lane, LaneItem, Pitch, Steps};
use crate::syntax::steps::{Step, read, read_melody};
use crate::syntax::tree::{Node, Value};
use crate::syntax::vocabulary::{Form, STEPS};
use crate::syntax::{pitches, values as lanes};
use crate::units::note_length::NoteLength;

/// A pattern as it is written: its steps are read once, its bars by the grid of each track that plays it.
pub(super) struct Pattern<'a, 't> {
    pub(super) id: &'a str,
    /// `None` if something is wrong with them.
    pub(super) lanes: Option<Vec<(Vec<Step>, &'a Value<'t>)>>,
}

/// A track, and what the song needs to know of it.
pub(super) struct Played {
    pub(super) track: Track,
    pub(super) span: Span,
    /// How many steps it has.
    pub(super) steps: u64,
    /// Whether its bars are written one by one.
    pub(super) by_bars: bool,
    /// The places of its locks.
    pub(super) lock_spans: Vec<LockPlace>,
    /// How many notes it strikes each time round.
    pub(super) strikes: u64,
    /// It is mute on purpose, or can be heard.
    pub(super) sounds: bool,
}

/// What tracks refer to.
pub(super) struct Band<'p, 'a, 't> {
    pub(super) names: &'p Names,
    pub(super) instruments: &'p [Built<'a, 't>],
    pub(super) patterns: &'p [Pattern<'a, 't>],
    /// The names of patterns, those that could not be had as well.
    pub(super) pattern_names: &'p Names,
}

impl Context {
    /// Reads a pattern, which the song calls `id`.
    pub(super) fn pattern<'a, 't>(
        &mut self,
        node: &'a Node<'t>,
        form: &'static Form,
        id: &'a Value<'a>,
    ) -> Option<Pattern<'a, 't>> {
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
        Some(Pattern { id: id.text().unwrap_or_default(), lanes: lanes.filter(|lanes| !lanes.is_empty()) })
    }

    /// The steps of arguments.
    fn written<'a, 't>(&mut self, args: &'a [Value<'t>]) -> Option<Vec<(Vec<Step>, &'a Value<'t>)>> {
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

    /// Reads a track.
    pub(super) fn track(
        &mut self,
        node: &Node<'_>,
        form: &'static Form,
        band: &Band<'_, '_, '_>,
    ) -> Option<Played> {
        let fields = self.fields(node, form);
        let id_value = node.args.first()?;
        let id = id_value.text()?.to_owned();
        let instrument = self.played(&fields, id_value, band);
        let built = instrument.and_then(|index| band.instruments.get(index));
        let player = built.map(|built| Player {
            id: &built.id,
            voices: built.voices,
            voices_at: built.voices_at,
            span: built.span,
        });

        let grid = fields.length(self, "grid").unwrap_or(NoteLength::SIXTEENTH);
        let lanes = self.lanes(&fields, &id, band);
        let steps = lanes.and_then(|lanes| {
            let views: Vec<(&[Step], &Value<'_>)> =
                lanes.iter().map(|(steps, value)| (steps.as_slice(), *value)).collect();
            self.full_bars(&views, grid, node);
            self.slurs(&views);
            let mut cells = Vec::new();
            for (steps, value) in &views {
                cells.extend(self.cells(steps, value, player)?);
            }
            let by_bars = views.len() > 1;
            Some((views.iter().map(|(steps, _)| count(steps)).sum::<u64>(), by_bars, Steps { cells }))
        });
        let (locks, lock_spans) = self.locks(node, built).into_iter().unzip();

        let notes = fields.value("notes").and_then(|value| {
            self.text_lane("notes", value)?;
            let lane = pitches::read(value, &mut self.bag)?;
            self.note_lane(&lane, value, player)
        });
        let notes = notes.or_else(|| {
            let given = fields.value("notes").is_some() || fields.value("melody").is_some();
            let root = built.filter(|_| !given)?.root()?;
            Some(Lane { items: vec![LaneItem::One(vec![Pitch(libm::log2(root / self.c4))])] })
        });
        let vel = fields.value("vel").and_then(|value| {
            self.text_lane("vel", value)?;
            lanes::velocities(value, &mut self.bag).map(number_lane)
        });
        let nudge = fields.value("nudge").and_then(|value| {
            self.text_lane("nudge", value)?;
            lanes::nudges(value, &mut self.bag).map(number_lane)
        });
        let transpose = fields.number(self, "transpose").unwrap_or_default() / 12.0;
        let octave = fields.number(self, "octave").unwrap_or_default();
        let length = fields.number(self, "length").unwrap_or(0.5);
        let swing = fields.number(self, "swing");
        let chance = fields.number(self, "chance").unwrap_or(1.0);
        let humanize = fields.number(self, "humanize").unwrap_or_default();
        let seed = fields.whole(self, "seed");
        let gain = fields.number(self, "gain").unwrap_or(1.0);
        let mute = fields.flag(self, "mute").unwrap_or_default();

        let (count, by_bars, steps) = steps?;
        let strikes = strikes(&steps.cells);
        if strikes == 0 {
            for lane in ["notes", "vel"] {
                if let Some(value) = fields.value(lane) {
                    self.report(
                        Diagnostic::new(
                            &tracks::NO_HITS,
                            value.span,
                            format!("{} has `{lane}` but no hits to take them", of_track(&id)),
                        )
                        .label("taken by nothing")
                        .mend(
                            node.cut_prop(lane),
                            format!(
                                "take `{lane}` out, or put hits such as `x` into the steps, or use `melody`"
                            ),
                        ),
                    );
                }
            }
        }
        let sounds = mute || (can_sound(&steps.cells) && chance > 0.0 && gain > 0.0);
        let track = Track {
            id,
            instrument: instrument?,
            steps,
            grid,
            length,
            transpose: transpose + octave,
            swing,
            chance,
            humanize,
            seed,
            gain,
            mute,
            notes,
            vel,
            nudge,
            locks,
        };
        Some(Played { track, span: id_value.span, steps: count, by_bars, lock_spans, strikes, sounds })
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
            .write(Slot::prop(name).write(value, &as_text(value.raw))),
        );
        None
    }

    /// The instrument that a track plays.
    fn played(&mut self, fields: &Fields<'_, '_>, id: &Value<'_>, band: &Band<'_, '_, '_>) -> Option<usize> {
        let (name, span) = match fields.path(self, "play") {
            Some(play) => play,
            None if fields.value("play").is_some() => return None,
            None => (id.text()?, id.span),
        };
        let what = match band.names.find(name) {
            Some(Thing::Instrument(instrument)) => return Some(instrument),
            Some(Thing::Broken) => return None,
            Some(_) => format!("{} is no instrument: tracks play instruments only", quoted(name)),
            None => format!("there is no instrument called {}", quoted(name)),
        };
        let all = band.instruments.iter().map(|built| built.id.as_str());
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
        band: &Band<'_, 'a, 't>,
    ) -> Option<Vec<(Vec<Step>, &'a Value<'t>)>> {
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
            return Some(vec![(read_melody(value, &mut self.bag)?, value)]);
        }
        if pattern.is_some() {
            let (name, span) = fields.path(self, "pattern")?;
            let found = band.patterns.iter().find(|pattern| pattern.id == name);
            if found.is_none() && band.pattern_names.find(name).is_none() {
                let said = Diagnostic::new(
                    &names::UNKNOWN_ID,
                    span,
                    format!("there is no pattern called {}", quoted(name)),
                )
                .label("unknown");
                let said = match nearest(name, band.patterns.iter().map(|pattern| pattern.id)) {
                    Some(meant) => said.suggest(Edit::replace(span, meant).showing("pattern="), meant_or_not),
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
        self.written(args)
    }
}

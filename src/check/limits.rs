//! The limits of a song: modules, length, notes.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::arrange::SectionOrder;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::instrument::CheckedInstrument;
use crate::check::like::weight;
use crate::check::patch_builder::PatchBuilder;
use crate::check::section::{Outline, SectionPart};
use crate::diagnostic::code::Code;
use crate::diagnostic::codes::song as codes;
use crate::diagnostic::codes::tracks::TOO_MANY_STEPS;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::{counted, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::diagnostic::span::Span;
use crate::model::pace::Pace;
use crate::model::patch::{ControlId, ParameterBase};
use crate::model::song::Glide;
use crate::syntax::lane::LONGEST_LANE;
use crate::syntax::tree::Node;
use crate::units::number::short_number;

/// Modules after voices are expanded.
const MODULES: usize = 65_536;

/// Words of all instruments, those that are taken from other texts counted as often as they are taken.
const WORDS: usize = 1_048_576;

/// Bytes of memory, at 48 kHz.
pub(super) const MEMORY: u64 = 1 << 30;

/// Seconds of a song, and of what was played.
pub const LONGEST: f64 = 4.0 * 3600.0;

impl Context {
    /// Reports instruments that come to more than a song can have, each with the place of its name, before they are built:
    /// `use` may take one of them under any number of names.
    pub(super) fn too_many_instruments<'n, 't: 'n>(
        &mut self,
        instruments: impl Iterator<Item = (&'n Node<'t>, Span)> + Clone,
    ) -> bool {
        // Hardly any song comes near, which counting lines and words alone tells.
        let (mut lines, mut words) = (0, 0);
        let mut fits = |node: &Node<'_>| {
            lines += node.block().len();
            words += weight(node);
            lines <= MODULES && words <= WORDS
        };
        if instruments.clone().all(|(node, _)| fits(node)) {
            return false;
        }
        let (mut modules, mut words, mut largest) = (0_usize, 0_usize, None);
        let mut known: BTreeMap<*const Node<'t>, (usize, usize)> = BTreeMap::new();
        for (node, span) in instruments {
            let (own, room) = *known.entry(node).or_insert_with(|| {
                let is_module = |node: &&Node<'_>| crate::modules::find(&node.name.text).is_some();
                (node.block().iter().filter(is_module).count(), weight(node))
            });
            modules += own;
            words += room;
            if largest.is_none_or(|(most, _)| room > most) {
                largest = Some((room, span));
            }
        }
        let what = if modules > MODULES {
            format!("the instruments of the song have {modules} modules in one voice of each")
        } else if words > WORDS {
            "the instruments of the song come to more than 1,048,576 words".to_owned()
        } else {
            return false;
        };
        let span = largest.map_or_else(Span::default, |(_, span)| span);
        self.report(
            Diagnostic::new(&codes::TOO_MANY_MODULES, span, what)
                .label("the largest")
                .help("the limit is 65,536 modules: take or write fewer instruments"),
        );
        true
    }

    /// Reports a song that has more modules than fit, counted with every voice's own.
    pub(super) fn module_limit(
        &mut self,
        builder: &PatchBuilder<'_, '_>,
        instruments: &[CheckedInstrument<'_, '_>],
    ) {
        let of = |built: &CheckedInstrument<'_, '_>| built.voices * built.builder.modules.len();
        let total = builder.modules.len() + instruments.iter().map(of).sum::<usize>();
        let largest = instruments.iter().max_by_key(|built| of(built));
        if total <= MODULES {
            return;
        }
        let Some(largest) = largest else {
            return;
        };
        self.report(
            Diagnostic::new(
                &codes::TOO_MANY_MODULES,
                largest.span,
                format!("the song has {total} modules, counting each voice's own"),
            )
            .label(format!("{} voices of {} modules", largest.voices, largest.builder.modules.len()))
            .help(format!("the limit is 65,536: give {} fewer voices", quoted(&largest.id))),
        );
    }

    /// Reports a song that lasts too long.
    pub(super) fn length_limit(&mut self, parts: &[SectionPart], order: Option<&SectionOrder>) {
        let Some(order) = order else { return };
        let playings = playings(parts.len(), order);
        let seconds: f64 =
            parts.iter().zip(&playings).map(|(part, &count)| part.seconds() * count as f64).sum();
        if seconds > LONGEST {
            let mut edit = None;
            let (label, help) = match parts {
                [part] if part.id.is_empty() => {
                    let most = LONGEST * part.tempo / 60.0 / part.meter.quarters();
                    let most = libm::floor(most).to_string();
                    let help = format!("the limit is 4 hours: at this tempo {most} bars");
                    edit = order.bars.then(|| Edit::replace(order.span, most));
                    (format!("{} bars", part.bars.unwrap_or_default()), help)
                }
                _ => {
                    let label = format!("{} sections", order.sections.len());
                    (label, "the limit is 4 hours: play shorter sections, or fewer of them".to_owned())
                }
            };
            self.report(
                Diagnostic::new(
                    &codes::TOO_LONG,
                    order.span,
                    format!("the song lasts {} hours", short_number(seconds / 3600.0)),
                )
                .label(label)
                .mend(edit, help),
            );
        }
    }

    /// Reports automation that comes to too much over all playings of its sections.
    pub(super) fn moves_limit(
        &mut self,
        builder: &PatchBuilder<'_, '_>,
        instruments: &[CheckedInstrument<'_, '_>],
        parts: &[SectionPart],
        order: &SectionOrder,
    ) {
        let playings = playings(parts.len(), order);
        let played = || parts.iter().zip(&playings).filter(|(_, count)| **count > 0);
        let automated: BTreeSet<ControlId> =
            played().flat_map(|(part, _)| &part.moves.automations).map(|one| one.control).collect();
        let paces: Vec<Pace> = played().map(|(part, _)| part.pace()).collect();
        let tempo = |pace: &Pace| pace.pieces().first().map(|piece| piece.from);
        let still = paces.iter().all(|pace| pace.is_still() && tempo(pace) == tempo(&paces[0]));
        // What is declared as a note length follows the tempo by itself.
        let builders = instruments.iter().map(|built| &built.builder).chain([builder]);
        let params = builders.flat_map(|builder| &builder.modules).flat_map(|module| &module.params);
        let followers = params.filter(|base| matches!(base, ParameterBase::Note(_))).count()
            + instruments.iter().filter(|built| matches!(built.glide, Glide::Note(_))).count();
        let followers = if still { 0 } else { followers as u64 };
        let mut largest: Option<(u64, u64, Span)> = None;
        let mut total = 0_u64;
        for ((part, &count), pace) in played().zip(&paces) {
            let own: BTreeSet<ControlId> = part.moves.automations.iter().map(|one| one.control).collect();
            // Each automation, what stands before and after it, and again for each piece of the tempo.
            let moves = 2 * part.moves.automations.len() as u64
                + automated.len() as u64
                + (own.len() as u64 + followers) * pace.pieces().len() as u64;
            total = total.saturating_add(moves.saturating_mul(count));
            if largest.is_none_or(|(most, times, _)| moves.saturating_mul(count) > most * times) {
                largest = Some((moves, count, part.span));
            }
        }
        if let Some((moves, times, span)) = largest.filter(|_| total > MOVES.most) {
            self.report(
                Diagnostic::new(MOVES.code, span, MOVES.message)
                    .label(format!(
                        "{} each time it is played, {times} times",
                        counted(moves as usize, "move")
                    ))
                    .help(MOVES.help),
            );
        }
    }

    /// Reports a song whose tracks come to too much, before they are written out, and gives how much of them may be: of a
    /// song with too much only so much that what else is wrong with its tracks can be said.
    pub(super) fn room(&mut self, outlines: &[Outline<'_, '_>], order: Option<&SectionOrder>) -> TrackRoom {
        if let Some(order) = order {
            self.unmet(outlines, order);
        }
        let playings = order.map_or_else(|| vec![1; outlines.len()], |order| playings(outlines.len(), order));
        let mut totals = [0_u64; 4];
        for (outline, &playings) in outlines.iter().zip(&playings) {
            let bars = outline.bars();
            for one in outline.sketches.iter().filter(|one| one.extent.steps > 0) {
                let steps = BarLength::new(outline.meter, one.grid).steps(bars);
                let times = steps.div_ceil(one.extent.steps).saturating_mul(playings);
                let hits = one.extent.notes.saturating_mul(times);
                let counts = [
                    one.size,
                    hits.saturating_mul(one.tones),
                    hits.saturating_mul(one.locks),
                    one.extent.visits.saturating_mul(times),
                ];
                for ((total, count), limit) in totals.iter_mut().zip(counts).zip(&LIMITS) {
                    *total = total.saturating_add(count);
                    if *total > limit.most {
                        self.report(
                            Diagnostic::new(limit.code, one.id.span, limit.message)
                                .label("too many with this track")
                                .help(limit.help),
                        );
                        return TrackRoom { left: LONGEST_LANE as u64 };
                    }
                }
            }
        }
        TrackRoom { left: u64::MAX }
    }
}

/// How much of the tracks may still be written out, in steps and values.
pub(super) struct TrackRoom {
    left: u64,
}

impl TrackRoom {
    /// Takes room for `size`, if there is as much.
    pub(super) fn take(&mut self, size: u64) -> bool {
        let left = self.left.checked_sub(size);
        self.left = left.unwrap_or(self.left);
        left.is_some()
    }
}

/// How often each of `sections` sections is played.
fn playings(sections: usize, order: &SectionOrder) -> Vec<u64> {
    let mut playings = vec![0; sections];
    order.sections.iter().for_each(|&section| playings[section] += 1);
    playings
}

/// What all tracks, or all automation, of a song together can come to.
struct Limit {
    most: u64,
    code: &'static Code,
    message: &'static str,
    help: &'static str,
}

static MOVES: Limit = Limit {
    most: 1_000_000,
    code: &codes::TOO_MANY_EVENTS,
    message: "the automation of the song comes to more than 1,000,000 moves",
    help: "the limit is 1,000,000 over all playings of all sections, counted again for each move of the tempo: automate fewer \
           controls, or play the section fewer times",
};

static LIMITS: [Limit; 4] = [
    Limit {
        most: 1_048_576,
        code: &TOO_MANY_STEPS,
        message: "the tracks of the song come to more than 1,048,576 steps and values",
        help: "the limit for all lanes is 1,048,576 after repetitions are written out: repeat them fewer times",
    },
    Limit {
        most: 1_000_000,
        code: &codes::TOO_MANY_EVENTS,
        message: "the song has more than 1,000,000 notes",
        help: "the limit is 1,000,000 notes: make the song shorter or the steps fewer",
    },
    Limit {
        most: 4_000_000,
        code: &codes::TOO_MANY_EVENTS,
        message: "the locks of the song set more than 4,000,000 values",
        help: "the limit is 4,000,000, one for each lock on each note: lock fewer controls, or automate them",
    },
    Limit {
        most: 16_777_216,
        code: &codes::TOO_MANY_EVENTS,
        message: "the tracks of the song play more than 16,777,216 steps",
        help: "the limit is 16,777,216, rests counted: make the song shorter or the steps longer",
    },
];

//! The limits of a song: modules, length, notes.

use crate::check::arrange::Order;
use crate::check::bars::BarLength;
use crate::check::context::Context;
use crate::check::instrument::Built;
use crate::check::patch::Draft;
use crate::check::section::Part;
use crate::diagnostic::codes::song as codes;
use crate::diagnostic::edit::Edit;
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::units::number::figures;

/// Modules after voices are expanded.
const MODULES: usize = 65_536;

/// Notes in a song.
const EVENTS: u64 = 1_000_000;

/// Seconds of a song, and of what was played.
pub const LONGEST: f64 = 4.0 * 3600.0;

impl Context {
    /// Reports a song that has more modules than fit, counted with every voice's own.
    pub(super) fn module_limit(&mut self, draft: &Draft<'_, '_>, instruments: &[Built<'_, '_>]) {
        let of = |built: &Built<'_, '_>| built.voices * built.draft.modules.len();
        let total = draft.modules.len() + instruments.iter().map(of).sum::<usize>();
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
            .label(format!("{} voices of {} modules", largest.voices, largest.draft.modules.len()))
            .help(format!("the limit is 65,536: give {} fewer voices", quoted(&largest.id))),
        );
    }

    /// Reports a song that lasts too long or has too many notes.
    pub(super) fn length_limits(&mut self, parts: &[Part], order: &Order) {
        let mut playings = vec![0_u64; parts.len()];
        order.sections.iter().for_each(|&section| playings[section] += 1);
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
                    format!("the song lasts {} hours", figures(seconds / 3600.0)),
                )
                .label(label)
                .mend(edit, help),
            );
            return;
        }
        let mut total = 0u64;
        for (part, &count) in parts.iter().zip(&playings) {
            let bars = u64::from(part.bars.unwrap_or_default());
            for one in part.played.iter().filter(|one| one.steps > 0) {
                let steps = BarLength::new(part.meter, one.track.grid).steps(bars);
                let notes = one.strikes.saturating_mul(steps.div_ceil(one.steps));
                total = total.saturating_add(notes.saturating_mul(count));
                if total > EVENTS {
                    self.report(
                        Diagnostic::new(
                            &codes::TOO_MANY_EVENTS,
                            one.span,
                            "the song has more than 1,000,000 notes".to_owned(),
                        )
                        .label("too many with this track")
                        .help("the limit is 1,000,000 notes: make the song shorter or the steps fewer"),
                    );
                    return;
                }
            }
        }
    }
}

//! How places, amounts and counts stand in a sentence about notes.

use crate::plan::timeline::{SongPosition, Timeline};
use crate::units::number::short_number;

/// Where `at` quarter notes into a playing of a section are. Places are rounded to thousandths of a quarter note, so that
/// a frame before a bar is in that bar.
pub(super) fn position(timeline: &Timeline, span: usize, at: f64) -> SongPosition {
    let span = &timeline.spans[span];
    let at = (at * 1000.0 + 0.5).floor() / 1000.0;
    let bar = (at / span.meter.quarters() + 1e-9).floor();
    let beat = (at - bar * span.meter.quarters()) * f64::from(span.meter.note) / 4.0;
    SongPosition { bar: span.bar + bar as u32, beat: 1.0 + (beat * 100.0 + 0.5).floor() / 100.0 }
}

/// Places in order, in a few words: `bar 3 beat 2.5`, `bars 1 to 4`.
pub(super) fn places(all: &[SongPosition]) -> String {
    let beat = |place: &SongPosition| short_number(place.beat);
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return String::new() };
    match all {
        [one] => format!("bar {} beat {}", one.bar, beat(one)),
        [one, two] if one.bar == two.bar => format!("bar {} beats {} and {}", one.bar, beat(one), beat(two)),
        [one, two] => format!("bar {} beat {} and bar {} beat {}", one.bar, beat(one), two.bar, beat(two)),
        _ if first.bar == last.bar => format!("bar {}", first.bar),
        _ => format!("bars {} to {}", first.bar, last.bar),
    }
}

/// `count` notes, in words.
pub(super) fn notes(count: usize) -> String {
    if count == 1 { "1 note".to_owned() } else { format!("{count} notes") }
}

/// A number of frames as time: short ones in frames, others in milliseconds.
pub(super) fn frames(count: u64, rate: f64) -> String {
    let milliseconds = count as f64 * 1000.0 / rate;
    match count {
        1 => "1 frame".to_owned(),
        _ if milliseconds < 1.0 => format!("{count} frames"),
        _ => format!("{}ms", short_number((milliseconds * 10.0 + 0.5).floor() / 10.0)),
    }
}

/// A number of quarter notes as part of a whole note's quarter.
pub(super) fn quarters(count: f64) -> String {
    format!("{} of a quarter note", short_number((count * 1000.0 + 0.5).floor() / 1000.0))
}

#[cfg(test)]
mod tests {
    use super::{frames, notes, places};
    use crate::plan::timeline::SongPosition;

    #[test]
    fn places_are_few_words() {
        let at = |bar, beat| SongPosition { bar, beat };
        assert_eq!(places(&[at(3, 2.5)]), "bar 3 beat 2.5");
        assert_eq!(places(&[at(3, 1.0), at(3, 2.5)]), "bar 3 beats 1 and 2.5");
        assert_eq!(places(&[at(1, 1.0), at(2, 1.0), at(4, 1.0)]), "bars 1 to 4");
        assert_eq!(places(&[]), "");
    }

    #[test]
    fn times_are_as_long_as_they_need() {
        assert_eq!(frames(1, 48_000.0), "1 frame");
        assert_eq!(frames(12, 48_000.0), "12 frames");
        assert_eq!(frames(600, 48_000.0), "12.5ms");
        assert_eq!(notes(1), "1 note");
    }
}

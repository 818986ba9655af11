//! From musical time to frames: every position is computed from the start of the song, so nothing drifts.

use std::sync::Arc;

use crate::model::pace::Pace;
use crate::model::song::{Meter, Song};

/// When each section is played.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Frames a second.
    pub rate: f64,
    /// One for each playing of a section, in order.
    pub spans: Vec<SectionSpan>,
    /// Where the music ends and the tail begins, in seconds.
    pub end: f64,
}

/// One playing of one section.
#[derive(Clone, Debug)]
pub struct SectionSpan {
    /// Index of the section in the song.
    pub section: usize,
    /// How often it was played before.
    pub playing: u32,
    /// How often it was played directly before, without another section in between.
    pub repeat: u32,
    /// Its start in seconds.
    pub start: f64,
    /// Its start in quarter notes from the start of the song.
    pub before: f64,
    /// The number of its first bar, counted from 1.
    pub bar: u32,
    /// Quarter notes a minute at its start.
    pub tempo: f64,
    /// When each of its quarter notes falls.
    pub pace: Arc<Pace>,
    /// Its length in quarter notes.
    pub quarters: f64,
    /// Its time signature.
    pub meter: Meter,
}

/// A place in a song as musicians name it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SongPosition {
    /// From 1.
    pub bar: u32,
    /// From 1, with its fraction.
    pub beat: f64,
}

impl Timeline {
    /// The timeline of `song` at `rate` frames a second.
    pub fn new(song: &Song, rate: u32) -> Self {
        let mut spans: Vec<SectionSpan> = Vec::with_capacity(song.arrangement.len());
        let mut playings = vec![0; song.sections.len()];
        let paces: Vec<Arc<Pace>> = song.sections.iter().map(|section| Arc::new(section.pace())).collect();
        let (mut start, mut before, mut bar) = (0.0, 0.0, 1);
        for &index in &song.arrangement {
            let section = &song.sections[index];
            let repeat = match spans.last() {
                Some(last) if last.section == index => last.repeat + 1,
                _ => 0,
            };
            let quarters = f64::from(section.bars) * section.meter.quarters();
            spans.push(SectionSpan {
                section: index,
                playing: playings[index],
                repeat,
                start,
                before,
                bar,
                tempo: paces[index].pieces().first().map_or(section.tempo, |piece| piece.from),
                pace: Arc::clone(&paces[index]),
                quarters,
                meter: section.meter,
            });
            playings[index] += 1;
            start += paces[index].seconds;
            before += quarters;
            bar += section.bars;
        }
        Self { rate: f64::from(rate), spans, end: start }
    }

    /// The frame nearest to `seconds`.
    pub fn frame(&self, seconds: f64) -> u64 {
        nearest_frame(seconds, self.rate)
    }

    /// The frame where the music ends and the tail begins.
    pub fn end_frame(&self) -> u64 {
        self.frame(self.end)
    }

    /// Whether the tempo is the same throughout.
    pub fn is_still(&self) -> bool {
        let first = self.first_tempo();
        self.spans.iter().all(|span| span.pace.is_still() && span.tempo == first)
    }

    /// The tempo at the start.
    pub fn first_tempo(&self) -> f64 {
        self.spans.first().map_or(120.0, |span| span.tempo)
    }

    /// The second at which bar `bar`, counted from 1, begins; that of the first one after the last is the end of the music.
    pub fn bar(&self, bar: u32) -> Option<f64> {
        let inside = |span: &&SectionSpan| (span.bar..span.bar + span.bars()).contains(&bar);
        if let Some(span) = self.spans.iter().find(inside) {
            return Some(span.seconds(f64::from(bar - span.bar) * span.meter.quarters()));
        }
        (bar == self.bars() + 1).then_some(self.end)
    }

    /// The bars of the song.
    pub fn bars(&self) -> u32 {
        self.spans.last().map_or(0, |last| last.bar + last.bars() - 1)
    }

    /// The playing of a section that sounds at `seconds`: the last one after the end.
    pub fn span_at(&self, seconds: f64) -> Option<usize> {
        let begun = self.spans.partition_point(|span| span.start <= seconds);
        begun.checked_sub(1).or((!self.spans.is_empty()).then_some(0))
    }

    /// Quarter notes from the start of the song, and how many a minute there are at `seconds`; after the end it goes on.
    pub fn quarters(&self, seconds: f64) -> (f64, f64) {
        let Some(span) = self.span_at(seconds).map(|index| &self.spans[index]) else {
            return (seconds * 2.0, 120.0);
        };
        let place = span.pace.quarters_at((seconds - span.start).min(span.pace.seconds));
        let tempo = span.pace.tempo_at(place);
        let behind = (seconds - span.start - span.pace.seconds).max(0.0);
        (span.before + place + behind * tempo / 60.0, tempo)
    }

    /// Where `frame` is; the tail is counted on in the last section's bars.
    pub fn position(&self, frame: u64) -> SongPosition {
        let seconds = frame as f64 / self.rate;
        let Some(span) = self.spans.iter().rev().find(|span| span.start <= seconds).or(self.spans.first())
        else {
            return SongPosition { bar: 1, beat: 1.0 };
        };
        let quarters = span.pace.quarters_at(seconds - span.start);
        let bar = (quarters / span.meter.quarters()).floor();
        let beat = (quarters - bar * span.meter.quarters()) * f64::from(span.meter.note) / 4.0;
        SongPosition { bar: span.bar + bar as u32, beat: beat + 1.0 }
    }
}

impl Timeline {
    /// The note that is a beat after so many seconds: 4 for a quarter note.
    pub fn note_at(&self, seconds: f64) -> f64 {
        let span = self.spans.iter().rev().find(|span| span.start <= seconds).or(self.spans.first());
        span.map_or(4.0, |span| f64::from(span.meter.note))
    }
}

impl SectionSpan {
    /// Its bars.
    fn bars(&self) -> u32 {
        (self.quarters / self.meter.quarters()).round() as u32
    }

    /// The time in seconds of a place `quarters` after the start of the section.
    pub fn seconds(&self, quarters: f64) -> f64 {
        self.start + self.pace.seconds_at(quarters)
    }
}

/// The frame nearest to `seconds` at `rate`; 0 before the start.
pub fn nearest_frame(seconds: f64, rate: f64) -> u64 {
    (seconds * rate + 0.5).max(0.0) as u64
}

/// Bends `quarters` by swing: the second sixteenth of each pair falls at `swing` of the pair (0.5 is straight), and all
/// between is stretched evenly. Pairs count from the start of each bar of `bar` quarter notes; what is left of the bar after its last
/// whole pair stays straight, so that every bar begins on its line.
pub fn swung(quarters: f64, swing: f64, bar: f64) -> f64 {
    // A place that is computed may lie a rounding before its bar.
    let begins = ((quarters + 1e-9) / bar).floor() * bar;
    let inside = (quarters - begins).max(0.0);
    let pair = (inside * 2.0).floor();
    if (pair + 1.0) * 0.5 > bar + 1e-9 {
        return quarters;
    }
    let place = inside * 2.0 - pair;
    let bent = if place < 0.5 { place * 2.0 * swing } else { swing + (place - 0.5) * 2.0 * (1.0 - swing) };
    begins + (pair + bent) * 0.5
}

#[cfg(test)]
mod tests {
    use super::swung;

    #[test]
    fn straight_swing_changes_nothing() {
        for i in 0..64 {
            let quarters = f64::from(i) / 16.0;
            assert!((swung(quarters, 0.5, 4.0) - quarters).abs() < 1e-12);
        }
    }

    #[test]
    fn the_second_sixteenth_is_late_and_the_pairs_stand() {
        assert_eq!(swung(0.25, 0.75, 4.0), 0.375);
        assert_eq!(swung(0.5, 0.75, 4.0), 0.5);
        assert_eq!(swung(0.125, 0.75, 4.0), 0.1875);
    }

    #[test]
    fn pairs_count_from_the_bar_in_every_meter() {
        for sixteenths in 1..=64 {
            let bar = f64::from(sixteenths) / 4.0;
            for number in 0..50 {
                let begins = f64::from(number) * bar;
                assert!((swung(begins, 0.66, bar) - begins).abs() < 1e-9, "bar {number} of {sixteenths}/16");
                let second = swung(begins + 0.25, 0.66, bar) - begins;
                let wanted = if sixteenths > 1 { 0.33 } else { 0.25 };
                assert!((second - wanted).abs() < 1e-9, "bar {number} of {sixteenths}/16: {second}");
            }
            let mut before = -1.0;
            for place in 0..sixteenths * 40 {
                let here = swung(f64::from(place) / 80.0, 0.75, bar);
                assert!(here > before, "{sixteenths}/16 goes back");
                before = here;
            }
        }
    }
}

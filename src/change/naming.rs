//! What statements and their values are called in a sentence.

use crate::change::statement::Statement;
use crate::units::note_length::NoteLength;

/// Where a statement stands, and what is known there.
#[derive(Clone, Debug)]
pub(super) struct NamingScope {
    /// The instrument that it is in.
    pub(super) instrument: Option<String>,
    /// What stands before its name: `verse: `.
    before: String,
    /// Instruments and modules that all in it is about; none if that isn't known.
    names: Vec<String>,
    /// It is in a text that the song uses: what it is called there need not be its name in the song.
    used: bool,
    /// Quarter notes of a bar, in the first song and in the second.
    bars: [f64; 2],
}

impl NamingScope {
    /// The top level of texts.
    pub(super) fn top(sheets: [&[Statement]; 2]) -> Self {
        let song = |statements: &[Statement]| {
            let song = statements.iter().find(|statement| statement.kind == "song");
            song.and_then(|song| song.prop("meter")).and_then(quarters).unwrap_or(4.0)
        };
        let bars = sheets.map(song);
        Self { instrument: None, before: String::new(), names: Vec::new(), used: false, bars }
    }

    /// The top level of texts that songs use.
    pub(super) fn used(sheets: [&[Statement]; 2]) -> Self {
        Self { used: true, ..Self::top(sheets) }
    }

    /// The inside of a statement.
    pub(super) fn inside(&self, sides: [&Statement; 2]) -> Self {
        let one = sides[0];
        let mut inner = self.clone();
        inner.names = self.names(one);
        match one.kind.as_str() {
            "instrument" => {
                inner.instrument = Some(one.arg(0).to_owned());
                inner.before = format!("{}: ", one.arg(0));
            }
            "section" => {
                inner.before = format!("{}: ", one.arg(0));
                for (bar, side) in inner.bars.iter_mut().zip(sides) {
                    *bar = side.prop("meter").and_then(quarters).unwrap_or(*bar);
                }
            }
            _ => inner.before = format!("{}, ", self.name(one)),
        }
        inner
    }

    /// What a statement is called.
    pub(super) fn name(&self, statement: &Statement) -> String {
        let Self { before, .. } = self;
        let id = statement.arg(0);
        match statement.kind.as_str() {
            "song" | "render" | "arrange" => statement.kind.clone(),
            "route" => format!("{before}route {}", statement.words()),
            "knob" => self.dotted(id),
            _ if statement.is_module() => self.dotted(id),
            kind => format!("{before}{kind} {id}"),
        }
    }

    /// What property `prop` of a statement is called.
    pub(super) fn property(&self, statement: &Statement, prop: &str) -> String {
        let id = statement.arg(0);
        match statement.kind.as_str() {
            "song" | "render" => format!("{}.{prop}", statement.kind),
            "instrument" | "section" => format!("{id}.{prop}"),
            "route" => match statement.prop("id") {
                Some(id) => format!("{}.{prop}", self.dotted(id)),
                None => format!("{}, {prop}", self.name(statement)),
            },
            "knob" => format!("{}.{prop}", self.dotted(id)),
            _ if statement.is_module() => format!("{}.{prop}", self.dotted(id)),
            _ => format!("{}, {prop}", self.name(statement)),
        }
    }

    fn dotted(&self, id: &str) -> String {
        self.instrument.as_ref().map_or_else(|| id.to_owned(), |instrument| format!("{instrument}.{id}"))
    }

    /// The instruments and modules of the top level that a statement is about; none if it may be about everything.
    pub(super) fn names(&self, statement: &Statement) -> Vec<String> {
        if self.used || !self.names.is_empty() {
            return self.names.clone();
        }
        let head = |path: &str| path.split('.').next().unwrap_or_default().to_owned();
        match statement.kind.as_str() {
            "instrument" | "knob" => vec![statement.arg(0).to_owned()],
            "track" => vec![statement.prop("play").unwrap_or(statement.arg(0)).to_owned()],
            "set" | "automate" if statement.arg(0) != "tempo" => vec![head(statement.arg(0))],
            "route" => {
                let words = statement.args.iter().map(|word| head(&word.plain));
                words.filter(|word| !matches!(word.as_str(), "->" | "out")).collect()
            }
            _ if statement.is_module() => vec![statement.arg(0).to_owned()],
            _ => Vec::new(),
        }
    }

    /// How many steps a bar of a track has in the song `side`.
    pub(super) fn steps(&self, track: &Statement, side: usize) -> usize {
        let grid = track.prop("grid").and_then(length).unwrap_or(NoteLength::SIXTEENTH).quarters();
        ((self.bars[side] / grid) + 0.5).max(1.0) as usize
    }
}

/// The quarter notes of a bar in a meter such as `7/8`.
fn quarters(meter: &str) -> Option<f64> {
    let (beats, note) = meter.trim().split_once('/')?;
    let (beats, note) = (beats.trim().parse::<u32>().ok()?, note.trim().parse::<u32>().ok()?);
    (beats > 0 && note > 0).then(|| 4.0 * f64::from(beats) / f64::from(note))
}

/// A note length such as `1/8.`.
fn length(written: &str) -> Option<NoteLength> {
    let plain = written.trim_end_matches(['.', 't']);
    let (above, below) = plain.split_once('/')?;
    let (above, below) = (above.parse::<u32>().ok()?, below.parse::<u32>().ok()?);
    match &written[plain.len()..] {
        "" => NoteLength::new(above, below),
        "." => NoteLength::new(above.checked_mul(3)?, below.checked_mul(2)?),
        "t" => NoteLength::new(above.checked_mul(2)?, below.checked_mul(3)?),
        _ => None,
    }
}

//! Quantities as a song writes them: `440Hz`, `a4`, `250ms`, `1/8.`, `2bars`, `-6dB`, `7st`, `30%`.

use crate::units::note_length::NoteLength;
use crate::units::note_name::{self, NoteName};
use crate::units::number::leading;
use crate::units::unit::Unit;

/// A number with the unit it was written with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantity {
    /// In Hz.
    Hertz(f64),
    /// A note name.
    Pitch(NoteName),
    /// In seconds.
    Seconds(f64),
    /// A part of a whole note.
    Note(NoteLength),
    /// Whole bars, whose length the meter says.
    Bars(u32),
    /// In dB.
    Decibels(f64),
    /// So many of a unit that measures intervals.
    Interval(f64, Unit),
    /// In percent.
    Percent(f64),
    /// Without a unit.
    Bare(f64),
}

/// What a quantity comes to in the unit of a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Amount {
    /// So much.
    Number(f64),
    /// A note length: a time that follows the tempo, or a frequency of one cycle in it.
    Note(NoteLength),
    /// Whole bars: a note length once the meter is known.
    Bars(u32),
    /// The frequency of a note.
    Pitch(NoteName),
}

/// Why a text is no quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuantityFault {
    /// What is wrong, as a sentence about the text: "`5 Hz` has a space in it".
    pub what: String,
    /// What to write in its place, without quotes, where that can be told.
    pub write: Option<String>,
}

impl QuantityFault {
    fn new(what: String) -> Self {
        Self { what, write: None }
    }

    fn write(self, write: impl Into<String>) -> Self {
        Self { write: Some(write.into()), ..self }
    }
}

/// Every unit sign with how it is distinguished from what people write instead of it.
const SIGNS: &[(&str, &[&str])] = &[
    ("Hz", &["hz", "HZ", "hertz"]),
    ("kHz", &["khz", "KHz", "KHZ", "k"]),
    ("ms", &["msec", "MS", "millis"]),
    ("s", &["sec", "secs", "S", "seconds"]),
    ("dB", &["db", "DB", "Db", "decibels", "dBFS", "dbfs", "dBfs", "dBu", "dBV"]),
    ("st", &["semi", "semitones", "semis"]),
    ("ct", &["cents", "cent", "c"]),
    ("oct", &["octaves", "octave", "o"]),
    ("%", &["percent", "pct"]),
    ("bars", &["Bars"]),
];

impl Quantity {
    /// Reads `text`.
    ///
    /// # Errors
    /// What is wrong with it, and what to write where that can be told.
    pub fn parse(text: &str) -> Result<Self, QuantityFault> {
        if let Some(name) = NoteName::read(text) {
            return Ok(Self::Pitch(name));
        }
        let Some((value, rest)) = leading(text) else {
            return Err(not_a_number(text));
        };
        match rest {
            "" => Ok(Self::Bare(value)),
            "Hz" => Ok(Self::Hertz(value)),
            "kHz" => Ok(Self::Hertz(value * 1000.0)),
            "s" => Ok(Self::Seconds(value)),
            "ms" => Ok(Self::Seconds(value / 1000.0)),
            "dB" => Ok(Self::Decibels(value)),
            "oct" => Ok(Self::Interval(value, Unit::Octaves)),
            "st" => Ok(Self::Interval(value, Unit::Semitones)),
            "ct" => Ok(Self::Interval(value, Unit::Cents)),
            "%" => Ok(Self::Percent(value)),
            "bars" | "bar" => bars(text, value),
            _ if rest.starts_with('/') => note_length(text).map(Self::Note),
            _ => Err(unknown_sign(text, rest)),
        }
    }

    /// What this comes to in `unit`; `None` if it measures something else.
    pub fn to(self, unit: Unit) -> Option<Amount> {
        match (self, unit) {
            (Self::Bare(value), _)
            | (Self::Hertz(value), Unit::Hertz)
            | (Self::Seconds(value), Unit::Seconds) => Some(Amount::Number(value)),
            (Self::Pitch(name), Unit::Hertz) => Some(Amount::Pitch(name)),
            (Self::Note(length), Unit::Hertz | Unit::Seconds) => Some(Amount::Note(length)),
            (Self::Bars(bars), Unit::Hertz | Unit::Seconds) => Some(Amount::Bars(bars)),
            (Self::Decibels(value), Unit::Gain) => Some(Amount::Number(libm::exp10(value / 20.0))),
            (Self::Percent(value), Unit::Share) => Some(Amount::Number(value / 100.0)),
            (Self::Interval(value, from), _) => {
                let ratio = (unit.per_octave()?, from.per_octave()?);
                Some(Amount::Number(value * ratio.0 / ratio.1))
            }
            _ => None,
        }
    }

    /// What it measures, with its article: "an interval".
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Hertz(_) => "a frequency",
            Self::Pitch(_) => "a note",
            Self::Seconds(_) => "a time",
            Self::Note(_) | Self::Bars(_) => "a note length",
            Self::Decibels(_) => "a gain",
            Self::Interval(..) => "an interval",
            Self::Percent(_) => "a percentage",
            Self::Bare(_) => "a number",
        }
    }
}

/// Reads a note length: `1/8`, dotted `1/8.`, triplet `1/8t`.
///
/// # Errors
/// If it is none, or if its denominator is no power of two up to 128.
pub fn note_length(text: &str) -> Result<NoteLength, QuantityFault> {
    let broken = || {
        let write = named_length(text).unwrap_or_else(|| if text == "1" { "1/1" } else { "1/8" }.to_owned());
        QuantityFault::new(format!("`{text}` isn't a note length")).write(write)
    };
    let (upper, rest) = text.split_once('/').ok_or_else(broken)?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (lower, mark) = rest.split_at(digits);
    let number = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|n| (1..=1024).contains(n) && text.bytes().all(|b| b.is_ascii_digit()))
    };
    let (Some(upper), Some(lower)) = (number(upper), number(lower)) else {
        return Err(broken());
    };
    if !lower.is_power_of_two() || lower > 128 {
        return Err(QuantityFault::new(format!("there is no 1/{lower} note")).write(if lower % 3 == 0 {
            format!("1/{}t", (lower * 2 / 3).next_power_of_two().clamp(1, 128))
        } else {
            format!("{upper}/{}", lower.next_power_of_two().min(128))
        }));
    }
    let (upper, lower) = match mark {
        "" => (upper, lower),
        "." => (upper * 3, lower * 2),
        "t" => (upper * 2, lower * 3),
        "d" | "D" => {
            return Err(QuantityFault::new(format!("a dotted note is written with a dot, not `{mark}`"))
                .write(format!("{upper}/{lower}.")));
        }
        "T" => {
            return Err(QuantityFault::new("a triplet is written with a small `t`".into())
                .write(format!("{upper}/{lower}t")));
        }
        _ => return Err(broken()),
    };
    NoteLength::new(upper, lower).ok_or_else(broken)
}

/// A note length by its name, or as other programs write it: `16th`, `8n`, `quarter`, `1/16 note`.
fn named_length(text: &str) -> Option<String> {
    let text = text.trim_end_matches(" note").trim_end_matches(" notes");
    for (word, mark) in [("dotted", "."), ("triplet", "t")] {
        let plain = text.strip_suffix(word).or_else(|| text.strip_prefix(word)).map(str::trim);
        if let Some(plain) = plain {
            let length = named_length(plain).or_else(|| note_length(plain).ok().map(|_| plain.to_owned()))?;
            return Some(format!("{}{mark}", length.trim_end_matches(['.', 't'])));
        }
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let mark = match &text[digits..] {
        "" | "th" | "n" | "nd" | "ths" => "",
        "t" | "T" | "nt" => "t",
        "." | "d" | "D" | "n." => ".",
        "/16" | "/8" | "/4" | "/2" if digits == 0 => return Some(format!("1{text}")),
        "/16" | "/8" | "/4" | "/2" => {
            let upper: u32 = text[..digits].parse().ok()?;
            return (1..=1024).contains(&upper).then(|| text.to_owned());
        }
        _ => {
            let names = ["whole", "half", "quarter", "eighth"];
            let power = names.iter().position(|name| *name == text);
            let power = power.or((text == "sixteenth").then_some(4));
            return power.map(|power| format!("1/{}", 1 << power));
        }
    };
    let lower: u32 = text[..digits].parse().ok()?;
    (lower > 1 && lower.is_power_of_two() && lower <= 128).then(|| format!("1/{lower}{mark}"))
}

/// The note length of so many beats, each a quarter; `None` if no note is that long.
fn beats(count: f64) -> Option<String> {
    (0..6_u32).map(|power| 1 << power).find_map(|parts: u32| {
        let upper = count * f64::from(parts);
        let whole = upper == libm::trunc(upper) && (1.0..=1024.0).contains(&upper);
        let length = NoteLength::new(upper as u32, 4 * parts).filter(|_| whole)?;
        Some(format!("{}/{}", length.numerator(), length.denominator()))
    })
}

fn bars(text: &str, value: f64) -> Result<Quantity, QuantityFault> {
    let whole = value as u32;
    if (1.0..=1024.0).contains(&value) && f64::from(whole) == value {
        return Ok(Quantity::Bars(whole));
    }
    Err(QuantityFault::new(format!("`{text}` isn't a whole number of bars, 1 to 1024"))
        .write(if value < 1.0 { "1/2" } else { "2bars" }))
}

fn not_a_number(text: &str) -> QuantityFault {
    if text.is_empty() {
        return QuantityFault::new("an empty text has no value".into());
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("-inf") || lower.starts_with("-∞") {
        return QuantityFault::new(format!("`{text}` is never a value")).write("0");
    }
    if let Some(length) = named_length(&lower) {
        return QuantityFault::new(format!("`{text}` isn't a note length")).write(length);
    }
    if note_name::semitones(&lower).is_some() {
        return QuantityFault::new("note names are written in small letters".into()).write(lower);
    }
    if note_name::class(&lower).is_some() {
        return QuantityFault::new(format!("the note `{text}` lacks its octave")).write(format!("{lower}4"));
    }
    let unsigned = text.trim_start_matches(['-', '+']);
    let digit = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    if unsigned.strip_prefix('.').is_some_and(digit) {
        let sign = &text[..text.len() - unsigned.len()];
        return QuantityFault::new(format!("`{text}` lacks the digit before its point"))
            .write(format!("{sign}0{unsigned}"));
    }
    if unsigned.len() < text.len() && digit(unsigned.trim_start()) {
        return QuantityFault::new(format!("`{text}` has a space in it"))
            .write(text.split_whitespace().collect::<String>());
    }
    QuantityFault::new(format!("`{text}` isn't a quantity"))
}

fn unknown_sign(text: &str, rest: &str) -> QuantityFault {
    let number = &text[..text.len() - rest.len()];
    let sign = rest.trim();
    if SIGNS.iter().any(|(right, _)| *right == sign) {
        return QuantityFault::new(format!("`{text}` has a space in it")).write(format!("{number}{sign}"));
    }
    if let Some((right, _)) = SIGNS.iter().find(|(_, wrong)| wrong.contains(&sign)) {
        return QuantityFault::new(format!("the unit `{sign}` is written `{right}`"))
            .write(format!("{number}{right}"));
    }
    if let Some(length) = sign.strip_prefix("beat").and_then(|_| beats(number.trim().parse().ok()?)) {
        return QuantityFault::new(format!("the unit `{sign}` is written as a note length")).write(length);
    }
    let thousands = sign.strip_prefix(',').filter(|_| number.len() <= 3 && number != "0");
    let three = |rest: &&str| rest.bytes().take_while(u8::is_ascii_digit).count() == 3;
    if let Some(rest) = thousands.filter(three) {
        return QuantityFault::new(format!("`{text}` has a comma between its digits"))
            .write(format!("{number}{rest}"));
    }
    if let Some(length) = named_length(text).filter(|_| sign != ".") {
        return QuantityFault::new(format!("`{text}` isn't a note length")).write(length);
    }
    if let Some(fraction) = sign.strip_prefix(',') {
        return QuantityFault::new(format!("`{text}` has a comma where numbers have a point"))
            .write(format!("{number}.{fraction}"));
    }
    if sign == "." {
        return QuantityFault::new(format!("`{text}` lacks the digit after its point"))
            .write(format!("{number}.0"));
    }
    QuantityFault::new(format!("`{sign}` isn't a unit"))
}

#[cfg(test)]
mod tests {
    use super::{Amount, Quantity, note_length};
    use crate::units::note_length::NoteLength;
    use crate::units::note_name::NoteName;
    use crate::units::unit::Unit;

    fn amount(text: &str, unit: Unit) -> Option<Amount> {
        Quantity::parse(text).unwrap().to(unit)
    }

    #[test]
    fn each_way_of_writing_is_read() {
        assert_eq!(amount("440Hz", Unit::Hertz), Some(Amount::Number(440.0)));
        assert_eq!(amount("2.5kHz", Unit::Hertz), Some(Amount::Number(2500.0)));
        assert_eq!(amount("a4", Unit::Hertz), Some(Amount::Pitch(NoteName::A4)));
        assert_eq!(amount("250ms", Unit::Seconds), Some(Amount::Number(0.25)));
        assert_eq!(amount("2s", Unit::Seconds), Some(Amount::Number(2.0)));
        assert_eq!(amount("2bars", Unit::Seconds), Some(Amount::Bars(2)));
        assert_eq!(amount("7st", Unit::Semitones), Some(Amount::Number(7.0)));
        assert_eq!(amount("2oct", Unit::Cents), Some(Amount::Number(2400.0)));
        assert_eq!(amount("50ct", Unit::Semitones), Some(Amount::Number(0.5)));
        assert_eq!(amount("30%", Unit::Share), Some(Amount::Number(0.3)));
        assert_eq!(amount("0", Unit::Gain), Some(Amount::Number(0.0)));
        assert_eq!(amount("0dB", Unit::Gain), Some(Amount::Number(1.0)));
        assert_eq!(amount("1/4", Unit::Hertz), Some(Amount::Note(NoteLength::new(1, 4).unwrap())));
    }

    #[test]
    fn what_measures_something_else_is_none() {
        assert_eq!(amount("7st", Unit::Hertz), None);
        assert_eq!(amount("2s", Unit::Share), None);
        assert_eq!(amount("a4", Unit::Seconds), None);
        assert_eq!(amount("30%", Unit::Gain), None);
    }

    #[test]
    fn dotted_and_triplet_lengths() {
        assert_eq!(note_length("1/8.").ok(), NoteLength::new(3, 16));
        assert_eq!(note_length("1/8t").ok(), NoteLength::new(1, 12));
        assert_eq!(note_length("3/16").ok(), NoteLength::new(3, 16));
    }

    #[test]
    fn faults_say_what_to_write() {
        for (text, write) in [
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("5.", "5.0"),
            ("16.", "16.0"),
            ("440hz", "440Hz"),
            ("440 Hz", "440Hz"),
            ("-6db", "-6dB"),
            ("- 6dB", "-6dB"),
            ("2,5kHz", "2.5kHz"),
            ("A4", "a4"),
            ("c#", "c#4"),
            ("1/12", "1/8t"),
            ("1/8T", "1/8t"),
            ("1/5", "1/8"),
            ("0.5bars", "1/2"),
            ("1/8 dotted", "1/8."),
            ("dotted 1/8", "1/8."),
            ("quarter triplet", "1/4t"),
            ("8n", "1/8"),
            ("quarter", "1/4"),
            ("1 beat", "1/4"),
            ("0.5 beats", "1/8"),
            ("3beats", "3/4"),
            ("2,000Hz", "2000Hz"),
            ("0dBFS", "0dB"),
            ("-inf dB", "0"),
        ] {
            assert_eq!(Quantity::parse(text).unwrap_err().write.as_deref(), Some(write), "{text}");
        }
        for (text, write) in [
            ("16th", "1/16"),
            ("8n", "1/8"),
            ("quarter", "1/4"),
            ("8t", "1/8t"),
            ("1/16 note", "1/16"),
            ("/4", "1/4"),
            ("2000/4", "1/8"),
            ("0/8", "1/8"),
            ("1", "1/1"),
        ] {
            assert_eq!(note_length(text).unwrap_err().write.as_deref(), Some(write), "{text}");
        }
        assert_eq!(Quantity::parse("loud").unwrap_err().what, "`loud` isn't a quantity");
        assert_eq!(Quantity::parse("5parsecs").unwrap_err().what, "`parsecs` isn't a unit");
    }

    #[test]
    fn no_text_panics() {
        for text in ["", "/", "1/", "/8", "é", "1é", "--", "1/0", "99999999999/8", "1/8é", "#", "b", "bb"]
        {
            let _ = Quantity::parse(text);
        }
    }
}

//! Golden files as text: a line for each sound and each bar, which can be read in a pull request.
//!
//! ```text
//! chronus-golden 1  engine 1  48000 Hz  stereo f32
//! song  "First Light"  frames 1843200  blake3 9f3c…  -14.2 LUFS  peak -1.0 dBTP
//!   bar 1  -18.9 dBFS  0.0 | 62 31 08 …
//! stem  kick  frames 1843200  blake3 77aa…  -19.1 LUFS  peak -3.2 dBTP
//!   bar 1  -24.0 dBFS  0.0 | 58 2c 00 …
//! events  kick  blake3 …  128 notes
//! check  0f3a…
//! ```
//!
//! A bar has its level, by how much its right side is louder, and its bands from low to high, in half decibels above -100 dB. The
//! last bar of each sound is the tail. The last line is the hash of all before it.

use std::fmt::Write;
use std::str::SplitWhitespace;

use serde_json::json;

use crate::check::limits::LONGEST;
use crate::compare::golden::{COARSE, Golden, GoldenBar, GoldenEvents, GoldenPart, VERSION};
use crate::model::song::RATES;
use crate::units::number;

/// What every golden file begins with.
pub const NAME: &str = "chronus-golden";

/// Why a text is no golden file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GoldenFault {
    /// It is something else.
    Other,
    /// It is of another version.
    Version(String),
    /// It isn't as it was written: somebody changed it, or a part is missing.
    Edited,
    /// This line can't be read, though the file is as it was written.
    Line(usize),
}

/// The text of a golden file.
pub fn written(golden: &Golden) -> String {
    let mut text = String::new();
    // Writing to a text can't fail.
    let _ = writeln!(text, "{NAME} {VERSION}  engine {}  {} Hz  stereo f32", golden.engine, golden.rate);
    write_part(&mut text, &format!("song  {}", json!(golden.title)), &golden.song);
    for stem in &golden.stems {
        write_part(&mut text, &format!("stem  {}", stem.id), stem);
    }
    for GoldenEvents { id, hash, count } in &golden.events {
        let _ = writeln!(text, "events  {id}  blake3 {hash}  {count} notes");
    }
    let check = check(&text);
    let _ = writeln!(text, "check  {check}");
    text
}

fn write_part(text: &mut String, head: &str, part: &GoldenPart) {
    let GoldenPart { frames, hash, loudness, peak, bars, .. } = part;
    let _ = writeln!(
        text,
        "{head}  frames {frames}  blake3 {hash}  {} LUFS  peak {} dBTP",
        number(*loudness),
        number(*peak)
    );
    for (index, bar) in bars.iter().enumerate() {
        let bands: Vec<String> = bar.bands.iter().map(|band| format!("{band:02x}")).collect();
        let _ = writeln!(
            text,
            "  bar {}  {} dBFS  {} | {}",
            index + 1,
            number(bar.level),
            number(bar.balance),
            bands.join(" ")
        );
    }
}

fn number(level: f64) -> String {
    number::level(level)
}

/// The short hash of all lines before it.
fn check(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

/// Reads a golden file. Line ends of other systems are read as well.
///
/// # Errors
/// If it isn't one, or isn't as it was written.
pub fn read(text: &str) -> Result<Golden, GoldenFault> {
    let text = text.replace("\r\n", "\n");
    let mut words = text.lines().next().unwrap_or_default().split_whitespace();
    if words.next() != Some(NAME) {
        return Err(GoldenFault::Other);
    }
    let version = words.next().unwrap_or_default();
    if version.parse() != Ok(VERSION) {
        return Err(GoldenFault::Version(version.to_owned()));
    }
    let (body, last) = text.trim_end_matches('\n').rsplit_once('\n').ok_or(GoldenFault::Edited)?;
    let body = format!("{body}\n");
    if last.split_whitespace().collect::<Vec<_>>() != ["check", &check(&body)] {
        return Err(GoldenFault::Edited);
    }
    let mut golden = Golden {
        engine: 0,
        rate: 0,
        title: String::new(),
        song: GoldenPart::empty(),
        stems: Vec::new(),
        events: Vec::new(),
    };
    for (index, line) in body.lines().enumerate() {
        take(&mut golden, index, line).ok_or(GoldenFault::Line(index + 1))?;
    }
    if golden.song.hash.is_empty() {
        return Err(GoldenFault::Edited);
    }
    Ok(golden)
}

fn take(golden: &mut Golden, index: usize, line: &str) -> Option<()> {
    let mut words = line.split_whitespace();
    if index == 0 {
        words.nth(1)?;
        golden.engine = after(&mut words, "engine")?.parse().ok()?;
        golden.rate = words.next()?.parse().ok().filter(|rate| RATES.contains(rate))?;
        return Some(());
    }
    match words.next()? {
        "song" => {
            let (title, rest) = title(line.trim_start().strip_prefix("song")?.trim_start())?;
            golden.title = title;
            golden.song = part("", golden.rate, &mut rest.split_whitespace())?;
        }
        "stem" => golden.stems.push(part(words.next()?, golden.rate, &mut words)?),
        "bar" => {
            words.next()?;
            let bars = golden.stems.last_mut().map_or(&mut golden.song.bars, |stem| &mut stem.bars);
            bars.push(stretch(&mut words)?);
        }
        "events" => {
            let id = words.next()?.to_owned();
            let hash = after(&mut words, "blake3")?.to_owned();
            golden.events.push(GoldenEvents { id, hash, count: words.next()?.parse().ok()? });
        }
        _ => return None,
    }
    Some(())
}

/// The title in quotes, and what stands after it.
fn title(text: &str) -> Option<(String, &str)> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == '"' && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    })?;
    let (quoted, rest) = text.split_at(end.0 + 1);
    Some((serde_json::from_str(quoted).ok()?, rest))
}

fn part(id: &str, rate: u32, words: &mut SplitWhitespace<'_>) -> Option<GoldenPart> {
    // No song lasts longer, with two minutes of its tail: what is compared is laid out by this.
    let most = (LONGEST + 121.0) as u64 * u64::from(rate);
    let frames = after(words, "frames")?.parse().ok().filter(|frames| *frames <= most)?;
    let hash = after(words, "blake3")?.to_owned();
    let loudness = decibels(words.next()?)?;
    // `LUFS` and the word for what comes next.
    let peak = decibels(words.nth(2)?)?;
    Some(GoldenPart { id: id.to_owned(), frames, hash, loudness, peak, bars: Vec::new() })
}

fn stretch(words: &mut SplitWhitespace<'_>) -> Option<GoldenBar> {
    let level = decibels(words.next()?)?;
    words.next()?;
    let balance = decibels(words.next()?).filter(|balance| balance.is_finite())?;
    let mut bands = [0; COARSE];
    if words.next()? != "|" {
        return None;
    }
    for band in &mut bands {
        *band = u8::from_str_radix(words.next()?, 16).ok()?;
    }
    Some(GoldenBar { level, balance, bands })
}

/// A level that a sound can have: any number, or minus infinity for silence. Nothing can be held against NaN.
fn decibels(word: &str) -> Option<f64> {
    word.parse().ok().filter(|level: &f64| *level < f64::INFINITY)
}

/// The word after the next `name`.
fn after<'a>(words: &mut SplitWhitespace<'a>, name: &str) -> Option<&'a str> {
    words.find(|word| *word == name)?;
    words.next()
}

impl GoldenPart {
    fn empty() -> Self {
        let nothing = f64::NEG_INFINITY;
        Self {
            id: String::new(),
            frames: 0,
            hash: String::new(),
            loudness: nothing,
            peak: nothing,
            bars: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{GoldenFault, read, written};
    use crate::compare::golden::{Golden, GoldenBar, GoldenEvents, GoldenPart};

    fn golden() -> Golden {
        let bar = GoldenBar { level: -18.9, balance: -0.5, bands: [255, 0, 1, 2, 3, 4, 5, 6, 7, 98] };
        let part = |id: &str, loudness: f64| GoldenPart {
            id: id.into(),
            frames: 96_000,
            hash: "ab".repeat(32),
            loudness,
            peak: -1.0,
            bars: vec![bar; 3],
        };
        Golden {
            engine: 1,
            rate: 48_000,
            title: "First frames \\ \u{201c}light\u{201d}".into(),
            song: part("", -14.2),
            stems: vec![part("kick", -20.0), part("bass-2", f64::NEG_INFINITY)],
            events: vec![GoldenEvents { id: "kick".into(), hash: "cd".repeat(32), count: 128 }],
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let text = written(&golden());
        let back = read(&text).unwrap();
        assert_eq!(written(&back), text);
        assert_eq!(
            (back.song, &back.stems, &back.events),
            (golden().song, &golden().stems, &golden().events)
        );
        assert_eq!(read(&text.replace('\n', "\r\n")).map(|golden| golden.rate), Ok(48_000));
    }

    #[test]
    fn what_is_not_as_it_was_written_is_refused() {
        let text = written(&golden());
        assert_eq!(read(""), Err(GoldenFault::Other));
        assert_eq!(read("RIFF"), Err(GoldenFault::Other));
        assert_eq!(read(&text.replace("golden 1", "golden 2")), Err(GoldenFault::Version("2".into())));
        assert_eq!(read(&text.replace("-18.9", "-18.8")), Err(GoldenFault::Edited));
        assert_eq!(read(&text[..text.len() / 2]), Err(GoldenFault::Edited));
        let all = text.lines().count();
        // Levels that no sound has, with a hash that fits.
        for (level, line) in [("-18.9", 3), ("-14.2", 2), ("-0.5", 3)] {
            for odd in ["NaN", "inf", "1e999", "-NaN"] {
                let body = text.replacen(level, odd, 1);
                let body = body.split_once("check").unwrap().0;
                let sealed = format!("{body}check  {}\n", super::check(body));
                assert_eq!(read(&sealed), Err(GoldenFault::Line(line)), "{sealed}");
            }
        }
        // Rates and lengths that no song has, with a hash that fits.
        for (is, odd, line) in [
            ("48000 Hz", "7999 Hz", 1),
            ("48000 Hz", "192001 Hz", 1),
            ("48000 Hz", "0 Hz", 1),
            ("frames 96000", "frames 18446744073709551615", 2),
            ("frames 96000", "frames 697008001", 2),
        ] {
            let body = text.replacen(is, odd, 1);
            assert_ne!(body, text);
            let body = body.split_once("check").unwrap().0;
            assert_eq!(
                read(&format!("{body}check  {}\n", super::check(body))),
                Err(GoldenFault::Line(line)),
                "{odd}"
            );
        }
        let body = text.replacen("frames 96000", "frames 697008000", 1);
        let body = body.split_once("check").unwrap().0;
        assert!(read(&format!("{body}check  {}\n", super::check(body))).is_ok());
        // The first line alone, with a hash that fits: there is no song in it.
        let body = format!("{}\n", text.lines().next().unwrap());
        assert_eq!(read(&format!("{body}check  {}\n", super::check(&body))), Err(GoldenFault::Edited));
        for line in 1..all {
            let less: Vec<&str> =
                text.lines().enumerate().filter(|(index, _)| *index != line).map(|(_, line)| line).collect();
            assert_eq!(read(&less.join("\n")), Err(GoldenFault::Edited), "{line}");
        }
    }
}

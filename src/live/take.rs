//! Takes: what was done to a song while it was played, frame by frame, as a text that can be read, edited and rendered again.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use kdl::{KdlDocument, KdlEntry, KdlNode, KdlValue};

use crate::check::limits::LONGEST;
use crate::live::versions::Version;
use crate::model::song::RATES;
use crate::osc::message::{Arg, Message};

/// What arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum TakeEvent {
    /// A message.
    Message(Message),
    /// Another text of the song, at the next bar or at once.
    Song {
        /// All of it.
        text: String,
        /// Whether it waits for the bar.
        at_bar: bool,
        /// Whether all that was done before is undone by it.
        fresh: bool,
    },
}

/// Something that arrived, and when it was carried out.
#[derive(Clone, Debug, PartialEq)]
pub struct TakeLine {
    /// The frame.
    pub frame: u64,
    /// In which order it was read.
    pub number: u64,
    /// If it was read ahead of its time, or is a song that waits for its bar: in which order among the others the session told of
    /// it; 0 if it never did.
    pub told: Option<u64>,
    /// What.
    pub what: TakeEvent,
}

/// A take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Take {
    /// Frames a second.
    pub rate: u32,
    /// The song's file, as it was named.
    pub song: String,
    /// The text of the song at the start.
    pub text: String,
    /// The frame of the song at which it started.
    pub from: u64,
    /// Whether the song ends with its last bar.
    pub ends: bool,
    /// What arrived, in the order of arrival.
    pub lines: Vec<TakeLine>,
    /// What was in the files that its songs use, in the order in which that was found out.
    pub used: Vec<Version>,
    /// The frame at which it ends; `None` if it was cut off.
    pub end: Option<u64>,
}

/// A text as KDL writes it, in one line.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control()
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{85}') =>
            {
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A song's text as KDL writes it: as it stands, between quotes that it doesn't have itself.
fn block(text: &str) -> String {
    let mut hashes = String::from("#");
    while text.contains(&format!("\"\"\"{hashes}")) {
        hashes.push('#');
    }
    let odd = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{85}')
    };
    // A text of several lines loses what KDL takes for its indentation, and other line ends; then it goes into one line.
    let plain = text.ends_with('\n')
        && !text.contains(odd)
        && !text.lines().any(|line| line.trim().is_empty() && !line.is_empty());
    if plain { format!("{hashes}\"\"\"\n{text}\n\"\"\"{hashes}") } else { quoted(text) }
}

fn arg(arg: &Arg) -> String {
    match arg {
        Arg::Text(text) => quoted(text),
        Arg::Bool(on) => format!("#{on}"),
        Arg::Int(value) => value.to_string(),
        Arg::Long(value) => value.to_string(),
        other => match other.number() {
            Some(value) => format!("{value:?}"),
            None => "#null".to_owned(),
        },
    }
}

impl TakeLine {
    /// As it stands in a take, with its line break.
    pub fn written(&self) -> String {
        let Self { frame, number, told, what } = self;
        let told = told.map(|told| format!(" told={told}")).unwrap_or_default();
        match what {
            TakeEvent::Message(Message { address, args }) => {
                let args: Vec<String> = args.iter().map(|one| format!(" {}", arg(one))).collect();
                let args = args.concat();
                format!("at {frame} n={number}{told} {}{args}\n", quoted(address))
            }
            TakeEvent::Song { text, at_bar, fresh } => {
                format!("song {frame} n={number}{told} at-bar=#{at_bar} fresh=#{fresh} {}\n", block(text))
            }
        }
    }
}

impl Take {
    /// The first lines of a take: what is played.
    pub fn heading(&self) -> String {
        format!(
            "// A take of chronus: what was done while a song was played, and at which frame.\n\
             // `chronus render SONG --take FILE` gives the same samples again.\n\
             take {} rate={} from={} ends=#{} {}\n",
            quoted(&self.song),
            self.rate,
            self.from,
            self.ends,
            block(&self.text)
        )
    }

    /// The whole take as it stands in a file.
    pub fn written(&self) -> String {
        let mut text = self.heading();
        text.extend(self.used.iter().map(Version::written));
        text.extend(self.lines.iter().map(TakeLine::written));
        if let Some(end) = self.end {
            // A string takes all.
            let _ = writeln!(text, "end {end}");
        }
        text
    }

    /// Reads a take. One that was cut off ends with its last whole line.
    ///
    /// # Errors
    /// What is wrong with it and on which line, counted from 1.
    pub fn read(text: &str) -> Result<Self, (usize, String)> {
        // The program, or the machine, may have stopped while it wrote: then the last line isn't whole, or the last song.
        let whole = text.rfind('\n').map_or("", |end| &text[..=end]);
        let cut = || whole.rmatch_indices("\nsong ").take(64).map(|(start, _)| &whole[..=start]);
        let document = match KdlDocument::parse_v2(whole) {
            Ok(document) => document,
            Err(error) => match cut().find_map(|text| KdlDocument::parse_v2(text).ok()) {
                Some(document) if !whole.contains("\nend ") => document,
                _ => {
                    let at = error.diagnostics.first().map_or(0, |first| first.span.offset());
                    return Err((line_of(text, at), "this is no KDL".to_owned()));
                }
            },
        };
        let mut take = Self::default();
        for node in document.nodes() {
            take.node(node).map_err(|why| (line_of(text, node.span().offset()), why))?;
        }
        if take.rate == 0 {
            return Err((1, "a take begins with a line `take`".to_owned()));
        }
        take.lines.sort_by_key(|line| line.number);
        Ok(take)
    }

    fn node(&mut self, node: &KdlNode) -> Result<(), String> {
        let args: Vec<&KdlValue> =
            node.entries().iter().filter(|one| one.name().is_none()).map(KdlEntry::value).collect();
        let number = |value: Option<&KdlValue>, what: &str| {
            let number = value.and_then(KdlValue::as_integer).and_then(|number| u64::try_from(number).ok());
            number.ok_or_else(|| format!("{what} is wanted: a whole number"))
        };
        let rate = self.rate;
        let frame = |value: Option<&KdlValue>| {
            let frame = number(value, "a frame")?;
            let most = LONGEST as u64 * u64::from(rate);
            if rate > 0 && frame > most {
                return Err(format!("a take lasts 4 hours at most: at {rate} Hz write {most} or less"));
            }
            Ok(frame)
        };
        let text = |value: Option<&&KdlValue>, what: &str| {
            value
                .and_then(|value| value.as_string())
                .map(str::to_owned)
                .ok_or_else(|| format!("{what} is wanted"))
        };
        let (words, names): (usize, &[&str]) = match node.name().value() {
            "take" => (2, &["rate", "from", "ends"]),
            "at" => (usize::MAX, &["n", "told"]),
            "song" => (2, &["n", "told", "at-bar", "fresh"]),
            "used" => (1, &["n", "blake3", "kept"]),
            "end" => (1, &[]),
            other => return Err(format!("no line `{other}` is known in a take")),
        };
        if args.len() > words {
            return Err("there are too many values".to_owned());
        }
        let named = node.entries().iter().filter_map(KdlEntry::name);
        if let Some(other) = named.map(kdl::KdlIdentifier::value).find(|name| !names.contains(name)) {
            return Err(format!("`{other}` has no meaning here"));
        }
        if node.children().is_some() {
            return Err("nothing stands in braces in a take".to_owned());
        }
        let switch = |name: &str, otherwise: bool| match node.get(name) {
            None => Ok(otherwise),
            Some(value) => value.as_bool().ok_or_else(|| format!("`{name}` is `#true` or `#false`")),
        };
        let count = self.lines.len() as u64;
        let arrived = || node.get("n").map_or(Ok(count), |value| number(Some(value), "`n`"));
        let told = || node.get("told").map(|value| number(Some(value), "`told`")).transpose();
        match node.name().value() {
            "take" => {
                self.song = text(args.first(), "the song's name")?;
                self.text = text(args.get(1), "the song's text")?;
                let rate = number(node.get("rate"), "`rate`")?;
                self.rate = u32::try_from(rate)
                    .ok()
                    .filter(|rate| RATES.contains(rate))
                    .ok_or("rates go from 8000 to 192000")?;
                self.from = node.get("from").map_or(Ok(0), |value| number(Some(value), "`from`"))?;
                self.ends = switch("ends", true)?;
            }
            "at" => {
                let frame = frame(args.first().copied())?;
                let address = text(args.get(1), "an address")?;
                let rest = args.iter().skip(2).map(|value| match value {
                    KdlValue::String(text) => Ok(Arg::Text(text.clone())),
                    KdlValue::Integer(value) => {
                        Ok(i32::try_from(*value).map_or(Arg::Double(*value as f64), Arg::Int))
                    }
                    KdlValue::Float(value) => Ok(Arg::Double(*value)),
                    KdlValue::Bool(on) => Ok(Arg::Bool(*on)),
                    KdlValue::Null => Ok(Arg::Nil),
                });
                let args = rest.collect::<Result<Vec<_>, String>>()?;
                let what = TakeEvent::Message(Message { address, args });
                self.lines.push(TakeLine { frame, number: arrived()?, told: told()?, what });
            }
            "song" => {
                let frame = frame(args.first().copied())?;
                let text = text(args.get(1), "the song's text")?;
                let (at_bar, fresh) = (switch("at-bar", true)?, switch("fresh", false)?);
                let what = TakeEvent::Song { text, at_bar, fresh };
                self.lines.push(TakeLine { frame, number: arrived()?, told: told()?, what });
            }
            "used" => {
                let name = text(args.first(), "the name of a file")?;
                let from = number(node.get("n"), "`n`")?;
                let content = text(node.get("blake3").as_ref(), "`blake3`")?;
                let kept = node.get("kept").map(|kept| {
                    let plain =
                        |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
                    let kept = kept.as_string().map(PathBuf::from).filter(|path| plain(path));
                    kept.ok_or("`kept` is a file below the take's own folder")
                });
                self.used.push(Version { name, from, content, kept: kept.transpose()? });
            }
            _ => self.end = Some(frame(args.first().copied())?),
        }
        Ok(())
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < offset).filter(|(_, c)| *c == '\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::{Take, TakeEvent, TakeLine};
    use crate::live::versions::Version;
    use crate::osc::message::{Arg, Message};

    #[test]
    fn a_take_is_read_as_it_was_written() {
        let args = vec![
            Arg::Double(f64::from(0.1_f32)),
            Arg::Int(-3),
            Arg::Bool(true),
            Arg::Text("a \"b\" \\ \n\u{7}".to_owned()),
            Arg::Nil,
        ];
        let text = "song bars=1\n    // \"\"\"# inside\ntrack x \"X...\"\n".to_owned();
        let lines = vec![
            TakeLine {
                frame: 64,
                number: 1,
                told: Some(4),
                what: TakeEvent::Message(Message::new("/mod/a/b", args)),
            },
            TakeLine {
                frame: 128,
                number: 2,
                told: None,
                what: TakeEvent::Song { text: text.clone(), at_bar: false, fresh: true },
            },
            TakeLine {
                frame: 128,
                number: 3,
                told: None,
                what: TakeEvent::Song { text: "song \t\r\nbars=2".to_owned(), at_bar: true, fresh: false },
            },
        ];
        let take = Take {
            rate: 48_000,
            song: "x.kdl".to_owned(),
            text,
            from: 5,
            ends: false,
            lines,
            used: vec![
                Version { name: "a \"b\".wav".to_owned(), from: 0, content: "00ff".to_owned(), kept: None },
                Version {
                    name: "kick.wav".to_owned(),
                    from: 3,
                    content: "12".to_owned(),
                    kept: Some("x.files/12.wav".into()),
                },
            ],
            end: Some(999),
        };
        let written = take.written();
        assert!(written.ends_with("\nend 999\n"));
        assert_eq!(Take::read(&written), Ok(take.clone()));
        // Cut off in the middle of a line, it ends before it.
        let cut = &written[..written.len() - 40];
        let read = |cut: &str| Take::read(cut).map(|take| (take.lines.len(), take.end));
        assert_eq!(read(cut), Ok((2, None)));
        // In the middle of a song too.
        let inside = written.rfind("// \"\"\"# inside").map_or("", |at| &written[..at]);
        assert_eq!(read(inside), Ok((1, None)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        assert_eq!(Take::read("at 1 \"/x\"\n").map_err(|(line, _)| line), Err(1));
        assert_eq!(Take::read("take \"a\" rate=48000 \"\"\nat \"x\"\n").map_err(|(line, _)| line), Err(2));
        assert_eq!(Take::read("take \"a\" rate=1 \"\"\n").map_err(|(line, _)| line), Err(1));
        let endless = "take \"a\" rate=48000 \"\"\nat 5 \"/x\"\nend 691200001\n";
        let (line, why) = Take::read(endless).unwrap_err();
        assert!(line == 3 && why.contains("write 691200000 or less"), "{why}");
        assert!(Take::read(&endless.replace("001", "000")).is_ok());
        let late = "take \"a\" rate=8000 \"\"\nat 99999999999 \"/x\"\n";
        assert_eq!(Take::read(late).map_err(|(line, _)| line), Err(2));
        let above = "take \"a\" rate=8000 \"\"\nused \"k.wav\" n=0 blake3=\"1\" kept=\"../k.wav\"\n";
        let (line, why) = Take::read(above).unwrap_err();
        assert!(line == 2 && why.contains("below the take's own folder"), "{why}");
        assert_eq!(Take::read("}{\n").map_err(|(line, _)| line), Err(1));
    }
}

//! Scala files: scales as lists of intervals in cents or ratios.
//!
//! The format is that of <https://www.huygens-fokker.org/scala/scl_format.html>.

/// Notes that a scale can have.
pub const MOST: usize = 1024;

/// Octaves that a note can lie above or below the first.
const FARTHEST: f64 = 10.0;

/// What is wrong with a Scala file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalaFault {
    /// In which line, from 1.
    pub line: usize,
    /// What, as the end of a sentence: "isn't a pitch".
    pub what: String,
}

/// Reads the text of a Scala file: its notes in octaves above the first, which isn't among them. The last is where the
/// scale begins again.
///
/// # Errors
/// The first thing that is wrong.
pub fn read(text: &str) -> Result<Vec<f64>, ScalaFault> {
    let text = text.trim_start_matches('\u{feff}');
    let mut last = 0;
    let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line)).filter(|(at, line)| {
        last = last.max(*at);
        !line.starts_with('!')
    });
    // The first line is a description, which may be anything.
    lines.next();
    let count = match lines.next() {
        Some((line, text)) => count(text).map_err(|what| ScalaFault { line, what })?,
        None => {
            return Err(ScalaFault { line: 1, what: "has no number of notes behind its description".into() });
        }
    };
    let mut notes = Vec::with_capacity(count);
    for (line, text) in lines {
        if notes.len() == count {
            if text.trim().is_empty() {
                continue;
            }
            let what = format!("comes after the {count} notes that the scale is said to have");
            return Err(ScalaFault { line, what });
        }
        notes.push(pitch(text).map_err(|what| ScalaFault { line, what })?);
    }
    if notes.len() < count {
        let what = format!("is the last, and only {} of {count} notes are there", notes.len());
        return Err(ScalaFault { line: last.max(1), what });
    }
    if notes.last().is_some_and(|period| *period <= 0.0) {
        return Err(ScalaFault { line: last, what: "ends the scale no higher than it begins".into() });
    }
    Ok(notes)
}

/// The number of notes.
fn count(text: &str) -> Result<usize, String> {
    let word = text.split_whitespace().next().unwrap_or_default();
    match word.parse::<usize>() {
        Ok(0) => Err("says that the scale has no notes".into()),
        Ok(count) if count <= MOST => Ok(count),
        Ok(_) => Err(format!("says that the scale has more than {MOST} notes")),
        Err(_) if word.len() > 4 && word.bytes().all(|b| b.is_ascii_digit()) => {
            Err(format!("says that the scale has more than {MOST} notes"))
        }
        Err(_) => Err("isn't the number of notes".into()),
    }
}

/// A pitch in octaves: cents if it has a point, else a ratio. What follows it is a remark.
fn pitch(text: &str) -> Result<f64, String> {
    let text = text.trim_start();
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.is_empty() {
        return Err("is empty where a note should be".into());
    }
    if rest.trim_start().starts_with('/') || word.ends_with('/') {
        return Err("has a space in its ratio".into());
    }
    let octaves = if word.contains('.') { cents(word)? / 1200.0 } else { ratio(word)? };
    if octaves.abs() > FARTHEST {
        return Err(format!("is more than {FARTHEST} octaves away from the first note"));
    }
    Ok(octaves)
}

fn cents(word: &str) -> Result<f64, String> {
    let plain = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    let value = word.parse::<f64>().ok().filter(|value| plain && value.is_finite());
    value.ok_or_else(|| "isn't a pitch in cents".into())
}

fn ratio(word: &str) -> Result<f64, String> {
    let (upper, lower) = word.split_once('/').unwrap_or((word, "1"));
    let number = |text: &str| -> Result<f64, String> {
        if text.starts_with('-') && text[1..].bytes().all(|b| b.is_ascii_digit()) {
            return Err("has a negative ratio".into());
        }
        let fine = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match text.parse::<u64>() {
            Ok(0) if fine => Err("has a ratio with a zero".into()),
            Ok(number) if fine => Ok(number as f64),
            Err(_) if fine => Err("has a ratio of numbers too large to count".into()),
            _ if text.contains(',') => Err("has a comma where cents have a point".into()),
            _ => Err("isn't a pitch: cents have a point, as in `701.955`, and ratios a `/`".into()),
        }
    };
    Ok(libm::log2(number(upper)? / number(lower)?))
}

#[cfg(test)]
mod tests {
    use super::read;

    /// The scale of the format's own description.
    const MEANTONE: &str = "! meanquar.scl\n!\n1/4-comma meantone scale. Pietro Aaron's temperament (1523)\n 12\n!\n 76.04900\n 193.15686\n 310.26471\n 5/4\n 503.42157\n 579.47057\n 696.57843\n 25/16\n 889.73529\n 1006.84314\n 1082.89214\n 2/1\n";

    #[test]
    fn cents_ratios_and_remarks_are_read() {
        let notes = read(MEANTONE).unwrap();
        assert_eq!(notes.len(), 12);
        assert_eq!(notes[11], 1.0);
        assert!((notes[3] * 1200.0 - 386.313_714).abs() < 1e-6);
        let text =
            "\u{feff}\r\n2 notes\r\n  \t408. low third\r\n! a comment\r\n2 the octave\r\n\r\n! and more\r\n";
        assert_eq!(read(text).unwrap(), [408.0 / 1200.0, 1.0]);
        assert_eq!(read("x\n3\n-5.0\n81/64 cents\n3").unwrap().len(), 3);
        assert_eq!(read("x\n1\n4294967296/2147483648").unwrap(), [1.0]);
    }

    #[test]
    fn liars_are_found_out() {
        for (text, line, what) in [
            ("", 1, "has no number"),
            ("only a description", 1, "has no number"),
            ("! a\n! b\nx", 1, "has no number"),
            ("x\ntwelve\n2/1", 2, "isn't the number"),
            ("x\n-1\n2/1", 2, "isn't the number"),
            ("x\n2.0\n3/2\n2/1", 2, "isn't the number"),
            ("x\n0\n", 2, "no notes"),
            ("x\n1025\n", 2, "more than 1024"),
            ("x\n99999999999999999999999\n", 2, "more than 1024"),
            ("x\n3\n5/4\n2/1\n", 4, "only 2 of 3"),
            ("x\n1\n3/2\n2/1\n", 4, "after the 1 notes"),
            ("x\n2\n\n2/1\n", 3, "is empty"),
            ("x\n2\nfifth\n2/1\n", 3, "isn't a pitch"),
            ("x\n2\n701,955\n2/1\n", 3, "comma"),
            ("x\n2\n7.0.1\n2/1\n", 3, "isn't a pitch in cents"),
            ("x\n2\n1.e9\n2/1\n", 3, "isn't a pitch in cents"),
            ("x\n2\n.\n2/1\n", 3, "isn't a pitch in cents"),
            ("x\n2\n3 / 2\n2/1\n", 3, "space in its ratio"),
            ("x\n2\n3/ 2\n2/1\n", 3, "space in its ratio"),
            ("x\n2\n3/2/1\n2/1\n", 3, "isn't a pitch"),
            ("x\n2\n-3/2\n2/1\n", 3, "negative"),
            ("x\n2\n3/-2\n2/1\n", 3, "negative"),
            ("x\n2\n0/1\n2/1\n", 3, "zero"),
            ("x\n2\n1/0\n2/1\n", 3, "zero"),
            ("x\n2\n0\n2/1\n", 3, "zero"),
            ("x\n2\n99999999999999999999/1\n2/1\n", 3, "too large"),
            ("x\n2\n4096/1\n2/1\n", 3, "more than 10 octaves"),
            ("x\n2\n-99999.0\n2/1\n", 3, "more than 10 octaves"),
            ("x\n2\n3/2\n1/1\n", 4, "no higher than it begins"),
            ("x\n2\n3/2\n-1200.0\n", 4, "no higher than it begins"),
            ("x\n2\n3/2é\n2/1\n", 3, "isn't a pitch"),
        ] {
            let fault = read(text).expect_err(text);
            assert!(fault.what.contains(what), "{text:?}: {fault:?}");
            assert_eq!(fault.line, line, "{text:?}: {fault:?}");
        }
    }
}

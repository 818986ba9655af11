//! Steps as other languages write them, and what they are here.

use crate::diagnostic::codes::tracks;
use crate::diagnostic::quote::quoted;
use crate::syntax::lane::LaneCursor;
use crate::syntax::signs;
use crate::syntax::step::WrittenStep;

/// Whether what begins, or has just been read, at the cursor stands between spaces.
pub(super) fn alone(cursor: &LaneCursor<'_>) -> bool {
    let before = cursor.text[..cursor.at].trim_end_matches('~');
    let behind = cursor.text[cursor.at..].trim_start_matches('~');
    before.ends_with(char::is_whitespace) && behind.chars().next().is_none_or(char::is_whitespace)
}

/// Reports `!3` after a step, which plays it three times in other languages.
pub(super) fn again(cursor: &mut LaneCursor<'_>, steps: &[WrittenStep]) {
    let start = cursor.at;
    cursor.bump();
    let times = cursor.number().unwrap_or(2).clamp(1, 64);
    let what = quoted(&cursor.text[start..cursor.at]);
    let fault = cursor
        .fault(
            &tracks::BAD_STEP,
            start..cursor.at,
            format!("{what} repeats nothing: `!` accents in melodies"),
        )
        .label("not a repetition");
    let fault = match steps.last() {
        Some(last) => {
            let step = cursor.text[last.at.start..start].trim_end();
            let written = format!("{{{times} {step}}}");
            fault.write(cursor.edit(last.at.start..cursor.at, &written))
        }
        None => fault.help("write `{3 x}` for three times"),
    };
    cursor.report(fault);
}

/// Reports steps in the parentheses at the cursor, `(x x)`, which are a group elsewhere; false if they hold anything else.
pub(super) fn group_in_parentheses(cursor: &mut LaneCursor<'_>) -> bool {
    let rest = &cursor.text[cursor.at..];
    let Some(close) = rest.find(')') else { return false };
    let inner = &rest[1..close];
    if inner.trim().is_empty() || inner.starts_with(|c: char| c.is_ascii_digit()) || inner.contains('(') {
        return false;
    }
    let at = cursor.at..cursor.at + close + 1;
    let fault = cursor
        .fault(&tracks::BAD_STEP, at.clone(), "steps that share one stand in `[ ]`".into())
        .label("not a group")
        .write(cursor.edit(at.clone(), &format!("[{inner}]")));
    cursor.report(fault);
    cursor.at = at.end;
    true
}

/// Reports a euclidean rhythm at the cursor that no hit stands before; false if it isn't one, or if one stands before it.
pub(super) fn rhythm_of_nothing(cursor: &mut LaneCursor<'_>, steps: &[WrittenStep]) -> bool {
    let rest = &cursor.text[cursor.at..];
    let Some(close) = rest.find(')').filter(|close| rest[1..*close].contains(',')) else { return false };
    if !steps.is_empty() || cursor.at > 0 && !cursor.text[..cursor.at].ends_with(char::is_whitespace) {
        return false;
    }
    let at = cursor.at..cursor.at + close + 1;
    let what = &cursor.text[at.clone()];
    let fault = cursor
        .fault(&tracks::BAD_STEP, at.clone(), format!("{} stands behind nothing", quoted(what)))
        .label("which hits?")
        .write(cursor.edit(at.clone(), &format!("x{what}")));
    cursor.report(fault);
    cursor.at = at.end;
    true
}

/// Steps of a drum machine, or of a picture of one: a sign for a hit, another for a rest.
fn drawn(word: &str) -> Option<String> {
    let ones = word.len() > 1 && word.bytes().all(|b| matches!(b, b'0' | b'1'));
    let marks = word.chars().all(|c| matches!(c, '#' | '■' | '█' | '●' | '□' | '○' | '░'));
    (ones || marks)
        .then(|| word.chars().map(|c| if matches!(c, '0' | '□' | '○' | '░') { '.' } else { 'x' }).collect())
}

/// Something that isn't a sign.
pub(super) fn unknown(cursor: &mut LaneCursor<'_>) {
    let at = cursor.run(|c| signs::find(c).is_none() && !signs::closes(c) && !c.is_whitespace());
    let word = &cursor.text[at.clone()];
    let number = || word[1..].parse::<usize>().ok().filter(|number| (1..=64).contains(number));
    let letters = word.chars().all(char::is_alphabetic);
    let (write, why) = match word.chars().next() {
        _ if matches!(word, "o" | "O" | "1" | "k" | "K") => ("x".to_owned(), " for a hit, `X` for an accent"),
        _ if matches!(word, "0" | "," | "·") => (".".to_owned(), " for a rest"),
        _ if drawn(word).is_some() => (drawn(word).unwrap_or_default(), ": hits and rests"),
        Some('%') if word[1..].parse::<u8>().is_ok_and(|percent| (1..=100).contains(&percent)) => {
            (format!("?{}", &word[1..]), " for a chance in percent")
        }
        Some('E' | 'e') if word.len() == 1 && cursor.text[cursor.at..].starts_with('(') => {
            ("x".to_owned(), ": the hit stands before its rhythm")
        }
        _ if word == "G" => ("g".to_owned(), " for a ghost note"),
        Some('@') if number().is_some() => ("_".repeat(number().unwrap_or(1) - 1), " to hold a note"),
        Some('/') if number().is_some() => {
            let times = number().unwrap_or(1);
            (format!(":{times}/{times}"), " for the last of so many passes")
        }
        // Other languages name the sound in the steps.
        Some(_) if letters && word.chars().count() > 1 => ("x".to_owned(), ": a track plays one instrument"),
        _ => (String::new(), ""),
    };
    let fault = cursor
        .fault(&tracks::BAD_STEP, at.clone(), format!("{} isn't a step", quoted(word)))
        .label("no such sign");
    let fault = if !write.is_empty() {
        fault.write(cursor.edit(at, &write)).also_help(why)
    } else if word.bytes().any(|b| b.is_ascii_digit()) {
        fault
            .help("write notes in `notes=` or `melody=`; the signs are `X x g . _ [ ] < > { } ( ) * ? : ~ |`")
    } else {
        fault.help(
            "the signs are `X x g` for hits, `.` for a rest, `_` for a hold; `chronus explain bad-step` has them all",
        )
    };
    cursor.report(fault);
}

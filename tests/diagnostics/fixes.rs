//! Help that helps: applied literally where it says, it mends what it is about.

use chronus::diagnostic::code::Bad;
use chronus::diagnostic::codes::all;
use chronus::diagnostic::report::Diagnostic;
use chronus::diagnostic::source::Sources;

use crate::fixes_applied::{Replacement, Texts, apply, check, fix};

/// How often fixes are applied until nothing is left to apply: one mistake may hide another.
const ROUNDS: usize = 12;

/// The texts of a song and of the files beside it.
fn texts(song: &str, others: &[(&str, &str)]) -> Texts {
    let song = std::iter::once(("song.kdl", song));
    song.chain(others.iter().copied()).map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
}

/// Where byte `at` of `file` comes to stand once `fix` is applied; what is replaced comes to stand at its start.
fn moved(fix: &[Replacement], file: &str, at: usize) -> usize {
    let before = fix.iter().filter(|edit| edit.file == file);
    before.fold(at, |moved, edit| {
        if edit.end <= at && (edit.start < edit.end || edit.start < at) {
            moved + edit.text.len() - (edit.end - edit.start)
        } else if edit.start < at {
            moved - (at - edit.start)
        } else {
            moved
        }
    })
}

/// Everything that `help` tells to write: what stands in backticks after "write", without places left open.
fn told(help: &str) -> Vec<&str> {
    let mut parts = help.split("write `");
    parts.next();
    parts
        .filter_map(|part| part.split('`').next())
        .filter(|part| !part.contains('…') && !part.contains('<') && !part.contains("HOST"))
        .collect()
}

fn place(diagnostic: &Diagnostic, sources: &Sources) -> Option<(String, usize)> {
    let span = diagnostic.span?;
    Some((sources.get(span.source)?.name().to_owned(), span.start as usize))
}

/// Applies the fix of `diagnostic` alone: it must be gone from its place, and its help must have told the truth.
fn mends(diagnostic: &Diagnostic, sources: &Sources, before: &Texts) -> Texts {
    let fix = fix(diagnostic, sources, before);
    let after = apply(before, std::slice::from_ref(&fix));
    let help = diagnostic.help.as_deref().unwrap_or_default();
    if let Some(first) = told(help).first() {
        let tight = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            after.iter().any(|(_, text)| tight(text).contains(&tight(first))),
            "{}: the fix doesn't write {first:?}, which the help tells: {help}\n{fix:?}",
            diagnostic.code.id
        );
    }
    let (left, now) = check(&after);
    let stays = |other: &&Diagnostic| {
        other.code.id == diagnostic.code.id && same_place(other, &now, diagnostic, sources, &fix)
    };
    assert!(
        !left.iter().any(|other| stays(&other)),
        "{}: {:?} is still there after {help:?}:\n{}",
        diagnostic.code.id,
        diagnostic.message,
        after[0].1
    );
    after
}

/// Whether `other` stands where `diagnostic` stood before `fix`.
fn same_place(
    other: &Diagnostic,
    now: &Sources,
    diagnostic: &Diagnostic,
    sources: &Sources,
    fix: &[Replacement],
) -> bool {
    match (place(other, now), place(diagnostic, sources)) {
        (Some((file, at)), Some((old, was))) => file == old && at == moved(fix, &file, was),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Holds every diagnostic of a wrong song to its help, and applies them all, over and over. Gives what has no fix.
pub(crate) fn help_helps(song: &str, others: &[(&str, &str)]) -> Vec<String> {
    let start = texts(song, others);
    let (diagnostics, sources) = check(&start);
    let (fixable, open): (Vec<_>, Vec<_>) = diagnostics.iter().partition(|one| !one.fix.is_empty());
    for diagnostic in &fixable {
        mends(diagnostic, &sources, &start);
    }
    for diagnostic in &open {
        let help = diagnostic.help.as_deref().unwrap_or_default();
        assert!(told(help).is_empty(), "{} tells what to write and has no fix: {help}", diagnostic.code.id);
    }
    let mut current = start;
    for _ in 0..ROUNDS {
        let (diagnostics, sources) = check(&current);
        let fixes: Vec<_> = diagnostics
            .iter()
            .filter(|one| !one.fix.is_empty())
            .map(|one| fix(one, &sources, &current))
            .collect();
        if fixes.is_empty() {
            break;
        }
        current = apply(&current, &fixes);
    }
    let (left, _) = check(&current);
    let unmended: Vec<_> = left.iter().filter(|one| !one.fix.is_empty()).map(|one| &one.message).collect();
    assert!(unmended.is_empty(), "not mended in {ROUNDS} rounds: {unmended:?}\n{}", current[0].1);
    open.iter().map(|one| format!("{}: {}", one.code.id, one.message)).collect()
}

/// Lines of `after` that aren't in `before`.
fn written(before: &Texts, after: &Texts) -> String {
    let mut out = String::new();
    for ((name, old), (_, new)) in before.iter().zip(after) {
        for diff in similar_lines(old, new) {
            out.push_str(&format!("  {name}: {diff}\n"));
        }
    }
    out
}

fn similar_lines(old: &str, new: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let first = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let most = old.len().min(new.len()) - first;
    let last = old.iter().rev().zip(new.iter().rev()).take(most).take_while(|(a, b)| a == b).count();
    let cut = |line: &&str| line.chars().take(120).collect::<String>();
    let gone = old[first..old.len() - last].iter().map(|line| format!("- {}", cut(line)));
    let came = new[first..new.len() - last].iter().map(|line| format!("+ {}", cut(line)));
    gone.take(8).chain(came.take(8)).collect()
}

/// Every code's example is mended by its fix, or the row of the code says why only the user can choose.
#[test]
fn the_help_of_every_example_mends_it() {
    let (mut shown, mut choices, mut elsewhere, mut fixed) = (String::new(), Vec::new(), 0, 0);
    for code in all() {
        let (text, others) = match code.bad {
            Bad::Song(text) => (text.to_owned(), &[][..]),
            Bad::Files(text, others) => (text.to_owned(), others),
            Bad::Made(make) => (make(), &[][..]),
            Bad::Elsewhere(_) => {
                assert!(code.choice.is_none(), "{}: no song's text, so there is nothing to edit", code.id);
                elsewhere += 1;
                continue;
            }
        };
        let before = texts(&text, others);
        let (diagnostics, sources) = check(&before);
        for diagnostic in &diagnostics {
            let help = diagnostic.help.as_deref().unwrap_or_default();
            if let Some(why) = code.choice {
                assert!(diagnostic.fix.is_empty(), "{} has a fix, and its row says that it can't", code.id);
                assert!(told(help).is_empty(), "{} tells what to write and has no fix: {help}", code.id);
                choices.push(format!("{}: {why}", code.id));
                continue;
            }
            assert!(
                !diagnostic.fix.is_empty(),
                "{} has no fix, and its row doesn't say why: {help}",
                code.id
            );
            let after = mends(diagnostic, &sources, &before);
            let left: Vec<_> = check(&after).0.iter().map(|one| one.code.id).collect();
            assert!(!left.contains(&code.id), "{} is still there: {left:?}\n{}", code.id, after[0].1);
            fixed += 1;
            let left = if left.is_empty() { String::new() } else { format!("  then: {}\n", left.join(", ")) };
            shown.push_str(&format!("{}: {help}\n{}{left}\n", code.id, written(&before, &after)));
        }
    }
    let choices_shown = choices.join("\n");
    println!("{elsewhere} codes are not about a song's text");
    let counted = format!("{fixed} fixed, {} left to the user\n", choices.len());
    assert!(choices.len() * 5 <= fixed, "most codes must have a fix: {counted}{choices_shown}");
    insta::assert_snapshot!(format!(
        "{counted}\n# Left to the user\n\n{choices_shown}\n\n# Fixed\n\n{shown}"
    ));
}

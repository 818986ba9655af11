//! What is no change, and what is one that nobody hears.

use std::fmt::Write;

use crate::rig::{pair, replaced, song, songs, sounds};

#[test]
fn comments_and_blanks_are_no_change() {
    for (name, old) in songs() {
        let mut new = String::from("// Another heading.\n\n");
        for line in old.lines().filter(|line| !line.trim_start().starts_with("//")) {
            let (before, rest) = line.split_at(line.len() - line.trim_start().len());
            let (word, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            let behind = if rest.is_empty() { String::new() } else { format!("   {rest}") };
            write!(new, "{before}  {word}{behind} // a remark\n\n").unwrap();
        }
        let pair = pair((&old, &sounds()), (&new, &sounds()));
        assert!(pair.comparison.changes.is_empty(), "{name}: {:#?}", pair.comparison.changes);
        assert!(pair.comparison.events.is_empty(), "{name}");
        assert!(!pair.comparison.effects.mix.differs(), "{name}");
        pair.hold_together();
    }
}

#[test]
fn quotes_and_the_order_of_properties_are_no_change() {
    let old = song("first-light");
    let new = replaced(&old, "lfo      drift rate=\"0.07Hz\"", "lfo \"drift\" rate=#\"0.07Hz\"#");
    let new = replaced(&new, "attack=\"700ms\" decay=\"1s\"", "decay=\"1s\" attack=\"700ms\"");
    let new = replaced(&new, "ratio=3.5", "ratio=3.50");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    assert!(pair.comparison.changes.is_empty(), "{:#?}", pair.comparison.changes);
}

#[test]
fn a_title_is_heard_nowhere() {
    let old = song("first-light");
    let new = replaced(&old, "First Light\"", "Last Light\"");
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    assert_eq!(pair.sentences(&pair.comparison.unheard()), ["song title First Light -> Last Light"]);
}

#[test]
fn what_stands_elsewhere_was_moved() {
    let old = song("first-light");
    let line = "reverb   hall   time=\"3.2s\" damp=0.4\n";
    let new = replaced(&replaced(&old, line, ""), "sum      mix\n", &format!("sum      mix\n{line}"));
    let pair = pair((&old, &sounds()), (&new, &sounds()));
    pair.hold_together();
    let all: Vec<usize> = (0..pair.comparison.changes.len()).collect();
    assert_eq!(pair.sentences(&all), ["hall was moved"]);
}

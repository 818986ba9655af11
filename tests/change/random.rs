//! Random edits of single lines in real songs: no false cause, and none that is missing.

use std::fmt::Write;

use crate::rig::{Beside, pair, side, songs, sounds};
use chronus::diagnostic::source::Sources;

/// How many edits that leave a song valid are tried.
const EDITS: usize = 200;

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: usize) -> usize {
        (self.next() % count as u64) as usize
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        (!of.is_empty()).then(|| &of[self.below(of.len())])
    }
}

/// Another number in place of one of those in a line.
fn jittered(line: &str, dice: &mut Dice) -> Option<String> {
    let bytes = line.as_bytes();
    let begins = |at: &usize| {
        bytes[*at].is_ascii_digit()
            && (*at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'.'))
    };
    let starts: Vec<usize> = (0..line.len()).filter(begins).collect();
    let start = *dice.one(&starts)?;
    let length =
        line[start..].find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(line.len() - start);
    let number: f64 = line[start..start + length].trim_end_matches('.').parse().ok()?;
    let new = if dice.below(2) == 0 {
        format!("{}", number + 1.0)
    } else {
        format!("{:.3}", number * (0.8 + 0.4 * dice.below(1000) as f64 / 1000.0))
    };
    let rest = &line[start + line[start..start + length].trim_end_matches('.').len()..];
    Some(format!("{}{new}{rest}", &line[..start]))
}

/// Another sign in place of one of those in a line.
fn flipped(line: &str, dice: &mut Dice) -> Option<String> {
    let quote = line.find('"')?;
    let signs: Vec<usize> =
        line.char_indices().filter(|(at, c)| *at > quote && "Xxg._".contains(*c)).map(|(at, _)| at).collect();
    let at = *dice.one(&signs)?;
    let sign = dice.one(&["X", "x", "g", ".", "_", "[xx]", "x*3", "x?50"])?;
    Some(format!("{}{sign}{}", &line[..at], &line[at + 1..]))
}

/// A line without one of its properties.
fn shorter(line: &str, dice: &mut Dice) -> Option<String> {
    let equals: Vec<usize> = line.match_indices('=').map(|(at, _)| at).collect();
    let at = *dice.one(&equals)?;
    let start = line[..at].rfind(' ')?;
    let value = &line[at + 1..];
    let length = if let Some(text) = value.strip_prefix('"') {
        text.find('"')? + 2
    } else {
        value.find(' ').unwrap_or(value.len())
    };
    Some(format!("{}{}", &line[..start], &value[length..]))
}

/// A song with another line at `at`, or without it.
fn edited(lines: &[String], at: usize, dice: &mut Dice) -> Option<(Vec<String>, bool)> {
    let mut lines = lines.to_vec();
    let new = match dice.below(8) {
        0 | 1 => {
            lines.remove(at);
            return Some((lines, true));
        }
        2 | 3 => jittered(&lines[at], dice),
        4 | 5 => flipped(&lines[at], dice),
        _ => shorter(&lines[at], dice),
    };
    lines[at] = new?;
    Some((lines, false))
}

#[test]
fn random_edits_have_no_false_cause() {
    let songs = songs();
    let beside = sounds();
    let mut dice = Dice(1);
    let (mut done, mut heard) = (0, 0);
    while done < EDITS {
        let (name, old) = &songs[dice.below(songs.len())];
        let lines: Vec<String> = old.lines().map(str::to_owned).collect();
        let at = dice.below(lines.len());
        let Some((new, removed)) = edited(&lines, at, &mut dice) else { continue };
        let new = new.join("\n");
        if side(&mut Sources::default(), &new, &beside).is_err() {
            continue;
        }
        let pair = pair((old, &beside), (&new, &beside));
        let about = format!("{name}:{}: {}\n{:#?}", at + 1, lines[at], pair.comparison.changes);
        for change in &pair.comparison.changes {
            let [was, is] = [change.old, change.new].map(|span| span.map(|span| pair.line(span)));
            assert!(was.is_none_or(|was| was == at + 1), "{about}");
            assert!(is.is_none_or(|is| is == at + 1), "{about}");
            assert!(was.or(is).is_some() && !(removed && was.is_none()), "{about}");
        }
        pair.hold_together();
        done += 1;
        heard += usize::from(pair.comparison.effects.mix.differs());
    }
    // Most edits are of something that is heard, or this proves little.
    assert!(heard > EDITS / 2, "{heard}");
}

/// Ids of the stems that differ between two texts.
fn differing(old: &str, new: &str, beside: &Beside) -> Vec<String> {
    let stems = pair((old, beside), (new, beside)).comparison.effects.stems;
    stems.into_iter().filter(|stem| stem.heard.differs()).map(|stem| stem.id).collect()
}

#[test]
fn of_two_edits_each_has_its_own_effect() {
    let songs = songs();
    let beside = sounds();
    let mut dice = Dice(3);
    let (mut done, mut apart) = (0, 0);
    while done < 20 {
        let (name, old) = &songs[dice.below(songs.len())];
        let lines: Vec<String> = old.lines().map(str::to_owned).collect();
        let (first, second) = (dice.below(lines.len()), dice.below(lines.len()));
        // The later one first, so that no line is counted anew.
        if first >= second {
            continue;
        }
        let Some((other, false)) = edited(&lines, second, &mut dice) else { continue };
        let Some((both, false)) = edited(&other, first, &mut dice) else { continue };
        let mut one = lines.clone();
        one[first].clone_from(&both[first]);
        let [one, other, both] = [one, other, both].map(|lines| lines.join("\n"));
        if [&one, &other, &both].iter().any(|text| side(&mut Sources::default(), text, &beside).is_err()) {
            continue;
        }
        let pair = pair((old, &beside), (&both, &beside));
        pair.hold_together();
        let alone = [
            (first + 1, differing(old, &one, &beside), differing(&other, &both, &beside)),
            (second + 1, differing(old, &other, &beside), differing(&one, &both, &beside)),
        ];
        for stem in pair.comparison.effects.stems.iter().filter(|stem| stem.heard.differs()) {
            for (line, there, back) in &alone {
                let named = stem.heard.causes.iter().any(|cause| {
                    pair.comparison.changes[*cause].place().is_some_and(|span| pair.line(span) == *line)
                });
                let has = there.contains(&stem.id) || back.contains(&stem.id);
                assert_eq!(named, has, "{name}:{line}, stem {}: {:#?}", stem.id, pair.comparison.changes);
                apart += usize::from(!has);
            }
        }
        done += 1;
    }
    // Most of them meet in few stems, or this proves little.
    assert!(apart > 10, "{apart}");
}

#[test]
fn random_pairs_of_songs_never_panic() {
    let songs = songs();
    let mut dice = Dice(2);
    let beside = Beside::default();
    let mut done = 0;
    while done < 6 {
        // Some lines of one song, then some of another: seldom valid, so small songs are made of what plays alone.
        let mut text = String::from("instrument a { saw osc; route osc -> out }\n");
        for _ in 0..dice.below(4) {
            let other = dice.below(26);
            let letter = char::from(b'a' + other as u8);
            let (gain, count) = (dice.below(9), 2 + dice.below(5));
            writeln!(text, "instrument i{letter} like=a gain={gain}").unwrap();
            writeln!(text, "track i{letter} \"X.x*{count}[gx]_\"").unwrap();
        }
        text.push_str("track a \"X...\"\n");
        let (_, song) = &songs[dice.below(songs.len())];
        if side(&mut Sources::default(), &text, &beside).is_err()
            || side(&mut Sources::default(), song, &sounds()).is_err()
        {
            continue;
        }
        let pair = pair((song, &sounds()), (&text, &beside));
        pair.hold_together();
        pair.comparison.changes.iter().for_each(|change| assert!(!change.sentence().is_empty()));
        done += 1;
    }
}

#[test]
fn songs_that_have_little_in_common_are_compared_in_bounded_time() {
    let songs = songs();
    for (one, two) in songs.iter().zip(songs.iter().skip(1)).step_by(3) {
        let pair = pair((&one.1, &sounds()), (&two.1, &sounds()));
        pair.hold_together();
        assert!(pair.comparison.effects.trials < 2_000, "{}", pair.comparison.effects.trials);
        pair.comparison.changes.iter().for_each(|change| assert!(!change.sentence().is_empty()));
    }
}

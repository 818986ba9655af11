//! Which known word was meant.

/// How many words are looked at: suggestions must not make a long song with many slips slow.
const MOST: usize = 1000;

/// The one of `known` that `word` is most likely a slip of; the first of several equally near.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 40;
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let lower = word.to_ascii_lowercase();
    let length = lower.chars().count();
    let far = |candidate: &str| -> Option<usize> {
        if candidate == lower {
            return Some(0);
        }
        // An abbreviation or its long form: `frequency` for `freq`.
        let (short, long) = if lower.len() < candidate.len() {
            (lower.as_str(), candidate)
        } else {
            (candidate, lower.as_str())
        };
        if short.len() >= 3 && long.starts_with(short) {
            return Some(1);
        }
        let most = (length.max(candidate.chars().count()) / 3).max(1);
        let distance = strsim::osa_distance(&lower, candidate);
        // A word of one or two letters is near to every other such word.
        (distance <= most && distance < length).then_some(distance)
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in known.into_iter().take(MOST) {
        if candidate != word
            && let Some(distance) = far(candidate)
            && best.is_none_or(|(least, _)| distance < least)
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_and_abbreviations_are_found() {
        let known = ["filter", "freq", "tune", "octave", "out"];
        assert_eq!(nearest("fliter", known), Some("filter"));
        assert_eq!(nearest("frequency", known), Some("freq"));
        assert_eq!(nearest("Tune", known), Some("tune"));
        assert_eq!(nearest("oct", known), Some("octave"));
        assert_eq!(nearest("resonance", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest("a", ["b", "c"]), None);
    }
}

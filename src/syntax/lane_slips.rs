//! Values of lanes as other programs write them, and what they are here.

use crate::units::number::leading;

/// The greatest velocity of MIDI.
const MIDI: f64 = 127.0;

/// What is meant by `word` of the `vel` lane `lane`, as digits from 0 to 9, and more to say of it. A number of one digit is
/// never a slip.
pub(super) fn velocity(word: &str, lane: &str) -> Option<(String, &'static str)> {
    let digit = |share: f64| libm::round(share.clamp(0.0, 1.0) * 9.0).to_string();
    let digits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    if digits {
        let numbers =
            || lane.split(|c: char| !c.is_ascii_digit()).filter_map(|word| word.parse::<f64>().ok());
        let most = numbers().fold(0.0, f64::max);
        return Some(match word.parse::<f64>() {
            Ok(number) if most <= 10.0 => (digit(number / 10.0), ": 9 is full"),
            Ok(number) if most <= MIDI => (digit(number / MIDI), " for this MIDI velocity: 9 is full"),
            _ => (word.chars().map(String::from).collect::<Vec<_>>().join(" "), ""),
        });
    }
    match leading(word)? {
        (number, "%") => Some((digit(number / 100.0), ": 9 is full")),
        (number, "") if number <= 1.0 => Some((digit(number), ": 9 is full")),
        (number, "") => Some((digit(number / 9.0), ": 9 is full")),
        _ => None,
    }
}

/// `word` without the commas that stand between or after its values. A single one between digits may be the point of
/// another language, and is left to whoever reads the number.
pub(super) fn without_commas(word: &str) -> Option<String> {
    let values: Vec<&str> = word.split([',', ';']).filter(|value| !value.is_empty()).collect();
    let decimal = matches!(values.as_slice(), [whole, _] if whole.trim_start_matches(['-', '+']).len() == 1)
        && !word.ends_with([',', ';']);
    (word.contains([',', ';']) && !values.is_empty() && !decimal).then(|| values.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{velocity, without_commas};

    #[test]
    fn velocities_of_elsewhere_are_read() {
        for (word, lane, write) in [
            ("10", "10", "9"),
            ("10", "10 5 10", "9"),
            ("127", "127 64", "9"),
            ("64", "127 64", "5"),
            ("100", "100", "7"),
            ("9464", "9464", "9 4 6 4"),
            ("999", "999 444", "9 9 9"),
            ("0.5", "0.5 1.0", "5"),
            ("1.0", "0.5 1.0", "9"),
            ("80%", "80%", "7"),
            ("8.5", "8.5", "9"),
        ] {
            assert_eq!(velocity(word, lane).map(|found| found.0).as_deref(), Some(write), "{word} of {lane}");
        }
        assert!(velocity("loud", "loud").is_none());
    }

    #[test]
    fn commas_are_taken_out() {
        assert_eq!(without_commas("300,").as_deref(), Some("300"));
        assert_eq!(without_commas("300,400").as_deref(), Some("300 400"));
        assert_eq!(without_commas("9,4,6").as_deref(), Some("9 4 6"));
        assert_eq!(without_commas("2,5kHz"), None);
        assert_eq!(without_commas("300"), None);
        assert_eq!(without_commas(","), None);
    }
}

//! What was meant by a value that can't be had.

use crate::dsp::math::decibels;
use crate::modules::spec::{ModuleSpec, Options};
use crate::syntax::tree::{Node, Prop, Value};
use crate::syntax::vocabulary::{PropertySpec, find};
use crate::units::number::{leading, short_number};
use crate::units::quantity::Quantity;
use crate::units::unit::Unit;

/// `limit` as a song would write it, in the unit that `given` was written in, quotes included; never beyond it.
/// `greatest` says which limit it is.
pub(super) fn limit(given: Option<Quantity>, unit: Unit, limit: f64, greatest: bool) -> String {
    match (given, unit.per_octave()) {
        (Some(Quantity::Decibels(_)), _) if limit > 0.0 => {
            let hundredths = decibels(limit) * 100.0;
            // A limit that is a whole number of dB isn't one exactly.
            let inside =
                if greatest { libm::floor(hundredths + 1e-6) } else { libm::ceil(hundredths - 1e-6) };
            format!("\"{}dB\"", short_number(inside / 100.0))
        }
        (Some(Quantity::Percent(_)), _) => format!("\"{}%\"", short_number(limit * 100.0)),
        (Some(Quantity::Interval(_, of)), Some(per)) => {
            let wanted = of.per_octave().unwrap_or(per);
            format!("\"{}{}\"", short_number(limit * wanted / per), of.sign())
        }
        _ => unit.written(limit),
    }
}

/// A bare number that is out of range, with the unit that it has in other programs, quotes included, and what to say of that:
/// `pan=-30`, `gain=-6`, `attack=10`.
pub(super) fn unit(number: f64, unit: Unit, (least, most): (f64, f64)) -> Option<(String, &'static str)> {
    let fits = |value: f64| (least..=most).contains(&value);
    let whole = number == libm::trunc(number) && (5.0..=100.0).contains(&number.abs());
    let (fits, sign, meant) = match unit {
        Unit::Share => (whole && fits(number / 100.0), "%", " if you mean percent"),
        Unit::Gain => (fits(libm::exp10(number / 20.0)), "dB", " if you mean decibels"),
        Unit::Seconds => (number > most && fits(number / 1_000.0), "ms", " if you mean milliseconds"),
        Unit::Hertz => (number < least && fits(number * 1_000.0), "kHz", " if you mean kilohertz"),
        Unit::Octaves | Unit::Semitones | Unit::Cents | Unit::Number => return None,
    };
    fits.then(|| (format!("\"{}{sign}\"", short_number(number)), meant))
}

/// The place in the stereo field that `text` means: `L30`, `30R`, `left`, `center`.
pub(super) fn pan(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let number = lower.trim_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let side = match lower.replace(number, "").trim() {
        "l" | "left" => -1.0,
        "r" | "right" => 1.0,
        "c" | "m" | "center" | "centre" | "middle" if number.is_empty() => 0.0,
        _ => return None,
    };
    let far = match number {
        "" => 1.0,
        number => number.parse::<f64>().ok().map(|far| if far > 1.0 { far / 100.0 } else { far })?,
    };
    (0.0..=1.0).contains(&far).then(|| short_number(side * far + 0.0))
}

/// The gain that a word means.
pub(super) fn gain(text: &str) -> Option<&'static str> {
    match text.to_ascii_lowercase().as_str() {
        "half" => Some("0.5"),
        "full" | "max" | "unity" | "on" => Some("1"),
        "mute" | "off" | "silent" | "none" => Some("0"),
        _ => None,
    }
}

/// The whole number between `least` and `most` that is nearest to what was written, in thousands where the range is:
/// `rate="44.1kHz"`, `rate=48`. `None` where no number was written.
pub(super) fn whole(value: &Value<'_>, (least, most): (u64, u64)) -> Option<u64> {
    let written = value.number().or_else(|| match value.text().map(Quantity::parse) {
        Some(Ok(Quantity::Hertz(hertz))) => Some(hertz),
        _ => value.text().and_then(leading).map(|(number, _)| number),
    });
    let number = written.filter(|number| number.is_finite())?;
    let inside = |number: f64| (least as f64..=most as f64).contains(&number);
    let thousands = number * 1_000.0;
    let number = if !inside(number) && least >= 1_000 && inside(thousands) { thousands } else { number };
    Some((libm::round(number).max(0.0) as u64).clamp(least, most))
}

/// The switch that a word of another language means.
pub(super) fn switch(value: &Value<'_>) -> Option<bool> {
    let word = value.text().unwrap_or(value.raw).to_ascii_lowercase();
    match word.as_str() {
        "true" | "yes" | "on" | "y" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "0" | "none" | "nil" | "#null" => Some(false),
        _ => None,
    }
}

/// The one of `words` that has the digits of what was written: `24` for `"24bit"`, `32f` for `32`.
pub(super) fn digits<'w>(written: &str, words: &[&'w str]) -> Option<&'w str> {
    fn number(text: &str) -> &str {
        text.trim_end_matches(|c: char| !c.is_ascii_digit())
    }
    let digits = |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
    let wanted = digits(number(written));
    words.iter().copied().find(|word| !wanted.is_empty() && digits(number(word)) == wanted)
}

/// What the argument `extra` of a module was meant for: a number for its first parameter, a text for its sound file.
pub(super) fn first_setting(spec: &'static ModuleSpec, extra: &Value<'_>) -> Option<&'static str> {
    if let Some(number) = extra.number() {
        let param = spec.params.first()?;
        return (param.min..=param.max).contains(&number).then_some(param.name);
    }
    let file = spec.settings.iter().find(|setting| matches!(setting.options, Options::Sound(_)))?;
    extra.raw.starts_with('"').then_some(file.name)
}

/// The property of `node`, a `word`, that was meant as its first arguments: `set bass.gain=0.5`, `track bass = "X..."`.
pub(super) fn assigned<'n, 't>(node: &'n Node<'t>, word: &str) -> Option<&'n Prop<'t>> {
    let form = find(word)?;
    let first = node.props.first().filter(|_| node.args.is_empty() && !node.broken)?;
    let known =
        |prop: &PropertySpec| prop.name == first.name.text || prop.also.contains(&first.name.text.as_ref());
    let argument = form.args.iter().any(|arg| arg.name == first.name.text);
    (form.args.len() > 1 && !argument && !form.props.iter().any(known)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::{digits, gain, limit, pan, unit, whole};
    use crate::diagnostic::span::Span;
    use crate::syntax::tree::{Data, Value};
    use crate::units::quantity::Quantity;
    use crate::units::unit::Unit;

    #[test]
    fn limits_keep_the_unit_that_was_written() {
        let at = |given: &str, unit, most| limit(Quantity::parse(given).ok(), unit, most, true);
        assert_eq!(at("30dB", Unit::Gain, 16.0), "\"24.08dB\"");
        assert_eq!(at("60dB", Unit::Gain, 63.095_734_448_019_33), "\"36dB\"");
        assert_eq!(at("150%", Unit::Share, 1.0), "\"100%\"");
        assert_eq!(at("200st", Unit::Octaves, 10.0), "\"120st\"");
        assert_eq!(at("90kHz", Unit::Hertz, 20_000.0), "\"20kHz\"");
        assert_eq!(limit(Some(Quantity::Decibels(-90.0)), Unit::Gain, 0.1, false), "\"-20dB\"");
    }

    #[test]
    fn numbers_come_near_to_what_was_written() {
        let text =
            |text: &'static str| Value { data: Data::Text(text.into()), raw: text, span: Span::default() };
        let frames = (8_000, 192_000);
        assert_eq!(whole(&text("48kHz"), frames), Some(48_000));
        assert_eq!(whole(&text("44.1kHz"), frames), Some(44_100));
        assert_eq!(whole(&text("48000Hz"), frames), Some(48_000));
        assert_eq!(whole(&text("44.1k"), frames), Some(44_100));
        assert_eq!(whole(&text("fast"), frames), None);
        assert_eq!(whole(&text("4 bars"), (1, 100)), Some(4));
        assert_eq!(whole(&text("-4"), (1, 100)), Some(1));
    }

    #[test]
    fn units_of_elsewhere_are_told() {
        let of = |number, of, range| unit(number, of, range).map(|(written, _)| written);
        assert_eq!(of(-6.0, Unit::Gain, (0.0, 16.0)).as_deref(), Some("\"-6dB\""));
        assert_eq!(of(-20.0, Unit::Gain, (0.001, 1.0)).as_deref(), Some("\"-20dB\""));
        assert_eq!(of(-30.0, Unit::Share, (-1.0, 1.0)).as_deref(), Some("\"-30%\""));
        assert_eq!(of(100.0, Unit::Seconds, (0.0, 60.0)).as_deref(), Some("\"100ms\""));
        assert_eq!(of(2.0, Unit::Hertz, (10.0, 20_000.0)).as_deref(), Some("\"2kHz\""));
        assert_eq!(of(1.1, Unit::Share, (0.0, 1.0)), None);
        assert_eq!(of(300.0, Unit::Gain, (0.0, 16.0)), None);
    }

    #[test]
    fn places_and_levels_have_names_elsewhere() {
        for (text, write) in
            [("L30", "-0.3"), ("30R", "0.3"), ("0.5R", "0.5"), ("left", "-1"), ("C", "0"), ("Right 100", "1")]
        {
            assert_eq!(pan(text).as_deref(), Some(write), "{text}");
        }
        for text in ["", "up", "L200", "0.5", "lr", "30C"] {
            assert_eq!(pan(text), None, "{text}");
        }
        assert_eq!([gain("Half"), gain("mute"), gain("loud")], [Some("0.5"), Some("0"), None]);
    }

    #[test]
    fn digits_are_enough() {
        let bits = ["16", "24", "32f"];
        assert_eq!(digits("24bit", &bits), Some("24"));
        assert_eq!(digits("32", &bits), Some("32f"));
        assert_eq!(digits("float", &bits), None);
        assert_eq!(digits("8", &bits), None);
    }
}

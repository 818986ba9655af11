//! Numbers as a person writes and reads them.

/// Reads `-12`, `+3` or `0.25` from the start of `text`: the value, and what follows it. No exponent, and a digit on
/// both sides of the point. `None` if `text` starts with no such number, or with one too large to count.
pub fn leading(text: &str) -> Option<(f64, &str)> {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    if whole == 0 {
        return None;
    }
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if fraction > 0 {
            end += 1 + fraction;
        }
    }
    let value: f64 = text[..end].parse().ok()?;
    value.is_finite().then_some((value, &text[end..]))
}

/// Whole seconds as minutes and seconds: `1:02`.
pub fn minutes(seconds: u64) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// Milliseconds as minutes and seconds: `1:02.345`.
pub fn clock(milliseconds: u64) -> String {
    format!("{}.{:03}", minutes(milliseconds / 1_000), milliseconds % 1_000)
}

/// `value` in at most five figures, without exponent or idle zeros: 261.63, 0.0013333, 20000.
pub fn short_number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { value.to_string() };
    }
    let mut places = 4usize;
    let mut edge = 10.0;
    while size >= edge && places > 0 {
        places -= 1;
        edge *= 10.0;
    }
    edge = 1.0;
    while size < edge && places < 12 {
        places += 1;
        edge /= 10.0;
    }
    let text = format!("{value:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}

/// A level to a tenth of a dB; `-inf` is silence, `+inf` and `NaN` are what no meter should ever show.
pub fn level(value: f64) -> String {
    match value {
        f64::INFINITY => "+inf".to_owned(),
        f64::NEG_INFINITY => "-inf".to_owned(),
        value => format!("{value:.1}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{clock, leading, level, short_number};

    #[test]
    fn levels_say_which_end_they_are_at() {
        assert_eq!(level(-14.04), "-14.0");
        assert_eq!(level(769.25), "769.2");
        assert_eq!(level(f64::NEG_INFINITY), "-inf");
        assert_eq!(level(f64::INFINITY), "+inf");
        assert_eq!(level(f64::NAN), "NaN");
    }

    #[test]
    fn a_number_ends_where_its_digits_end() {
        assert_eq!(leading("440Hz"), Some((440.0, "Hz")));
        assert_eq!(leading("-2.5kHz"), Some((-2.5, "kHz")));
        assert_eq!(leading("1..4"), Some((1.0, "..4")));
        assert_eq!(leading("5."), Some((5.0, ".")));
        assert_eq!(leading(".5"), None);
        assert_eq!(leading("-"), None);
        assert_eq!(leading(&"9".repeat(400)), None);
    }

    #[test]
    fn no_minute_has_sixty_seconds() {
        assert_eq!(clock(0), "0:00.000");
        assert_eq!(clock(59_999), "0:59.999");
        assert_eq!(clock(60_000), "1:00.000");
        assert_eq!(clock(3_723_004), "62:03.004");
    }

    #[test]
    fn figures_are_short() {
        assert_eq!(short_number(20.0), "20");
        assert_eq!(short_number(0.0), "0");
        assert_eq!(short_number(261.625_565), "261.63");
        assert_eq!(short_number(64.0 / 48_000.0), "0.0013333");
        assert_eq!(short_number(-0.5), "-0.5");
        assert_eq!(short_number(123_456.0), "123456");
    }
}

//! Values as they are written on the command line, and addresses.

use crate::diagnostic::codes::controller::{BAD_ADDRESS, BAD_OSC_VALUE};
use crate::diagnostic::quote::quoted;
use crate::diagnostic::report::Diagnostic;
use crate::osc::message::Arg;
use crate::osc::pattern::AddressPattern;

/// The argument that `written` means: a number as far as it looks like one, a switch, or a text; or exactly what stands before
/// its colon.
pub(super) fn arg(written: &str) -> Result<Arg, Diagnostic> {
    if let Some((kind, rest)) = written.split_once(':') {
        let exact = match kind {
            "i" => Some(rest.parse().ok().map(Arg::Int)),
            "h" => Some(rest.parse().ok().map(Arg::Long)),
            "f" => Some(number(rest).map(|value| Arg::Float(value as f32))),
            "d" => Some(number(rest).map(Arg::Double)),
            "s" => Some(text(rest)),
            _ => None,
        };
        if let Some(exact) = exact {
            return exact.ok_or_else(|| wrong(written, kind, rest));
        }
    }
    let loose = match written {
        "true" | "T" => Some(Arg::Bool(true)),
        "false" | "F" => Some(Arg::Bool(false)),
        _ => None,
    };
    let whole = || written.parse().ok().map(Arg::Int).or_else(|| written.parse().ok().map(Arg::Long));
    let pointed = || number(written).map(|value| Arg::Float(value as f32));
    loose
        .or_else(whole)
        .or_else(pointed)
        .or_else(|| text(written))
        .ok_or_else(|| wrong(written, "s", written))
}

/// A finite number. Words such as `inf`, which Rust reads as numbers, are none, and neither is what a float can't hold.
fn number(written: &str) -> Option<f64> {
    let digits = written.contains(|c: char| c.is_ascii_digit());
    let value: f64 = written.parse().ok().filter(|_| digits)?;
    (value as f32).is_finite().then_some(value)
}

/// A text; in a message it would end at a zero.
fn text(written: &str) -> Option<Arg> {
    (!written.contains('\0')).then(|| Arg::from(written))
}

fn wrong(written: &str, kind: &str, rest: &str) -> Diagnostic {
    let wanted = match kind {
        "i" => "a whole number from -2147483648 to 2147483647",
        "h" => "a whole number of 64 bits",
        "s" => "a text without zeros",
        _ => "a number",
    };
    Diagnostic::of_file(&BAD_OSC_VALUE, format!("{} isn't {wanted}", quoted(rest))).help(format!(
        "write {}, or a text as {}",
        example(kind),
        quoted(&format!("s:{written}"))
    ))
}

const fn example(kind: &str) -> &'static str {
    match kind.as_bytes() {
        b"i" => "`i:3`",
        b"h" => "`h:3`",
        b"d" => "`d:0.5`",
        _ => "`f:0.5`",
    }
}

/// `written` if it can be an address or a pattern of them.
pub(super) fn address(written: &str) -> Result<&str, Diagnostic> {
    let wrong = |message: String| Diagnostic::of_file(&BAD_ADDRESS, message);
    if !written.starts_with('/') {
        let path = written.replace('.', "/");
        return Err(wrong(format!("the address {} doesn't begin with `/`", quoted(written))).help(format!(
            "perhaps {}; `chronus osc list` shows every address",
            quoted(&format!("/mod/{path}"))
        )));
    }
    if let Some(fault) = AddressPattern::new(written).fault() {
        return Err(wrong(format!("{} is no pattern of addresses: {fault}", quoted(written)))
            .help("close brackets and braces, as in `/voice[1-4]/{gain,pan}`"));
    }
    if written.contains(|c: char| c.is_control() || c == ' ' || c == '#') {
        return Err(wrong(format!("{} has a character that no address has", quoted(written)))
            .help("values stand behind the address, with a space between"));
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::{address, arg};
    use crate::osc::message::Arg;

    #[test]
    fn values_are_what_they_look_like() {
        for (written, meant) in [
            ("3", Arg::Int(3)),
            ("-3", Arg::Int(-3)),
            ("3000000000", Arg::Long(3_000_000_000)),
            ("0.5", Arg::Float(0.5)),
            ("-.5", Arg::Float(-0.5)),
            ("1e3", Arg::Float(1000.0)),
            ("true", Arg::Bool(true)),
            ("F", Arg::Bool(false)),
            ("c3", Arg::from("c3")),
            ("inf", Arg::from("inf")),
            ("nan", Arg::from("nan")),
            ("1e999", Arg::from("1e999")),
            ("", Arg::from("")),
            ("x:3", Arg::from("x:3")),
            ("X..x ..x.", Arg::from("X..x ..x.")),
            ("800Hz", Arg::from("800Hz")),
        ] {
            assert_eq!(arg(written).ok(), Some(meant), "{written}");
        }
    }

    #[test]
    fn letters_before_a_colon_are_exact() {
        for (written, meant) in [
            ("i:3", Arg::Int(3)),
            ("f:3", Arg::Float(3.0)),
            ("h:3", Arg::Long(3)),
            ("d:0.1", Arg::Double(0.1)),
            ("s:3", Arg::from("3")),
            ("s:true", Arg::from("true")),
            ("s:i:3", Arg::from("i:3")),
        ] {
            assert_eq!(arg(written).ok(), Some(meant), "{written}");
        }
        for written in ["i:x", "i:0.5", "i:3000000000", "h:", "f:", "f:nan", "f:1e39", "d:inf", "s:a\0b"] {
            assert_eq!(arg(written).expect_err("no value").code.id, "bad-osc-value", "{written}");
        }
    }

    #[test]
    fn addresses_begin_with_a_slash() {
        for written in ["/mod/bass", "/voice[1-4]/{gain,pan}", "//gain", "/é"] {
            assert_eq!(address(written).ok(), Some(written));
        }
        for written in ["", "mod/bass", "bass.filter", "/a[b", "/a b", "/a\n", "#bundle"] {
            assert_eq!(address(written).expect_err("no address").code.id, "bad-address", "{written}");
        }
    }
}

//! Messages: an address and its arguments.

use std::fmt;

use crate::diagnostic::quote::printable;

/// An argument of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    /// `i`
    Int(i32),
    /// `h`
    Long(i64),
    /// `f`
    Float(f32),
    /// `d`
    Double(f64),
    /// `T` and `F`
    Bool(bool),
    /// `s`, and `S`, the symbol of SuperCollider and liblo.
    Text(String),
    /// `b`
    Blob(Vec<u8>),
    /// `N`
    Nil,
    /// `I`, also called infinitum.
    Impulse,
    /// What chronus has no use for, by its type tag; a whole array is one `[`. It is written as `N`.
    Other(char),
}

/// The shortest decimal that reads as `value`, which is what somebody wrote: `0.9`, not `0.8999999761581421`.
pub fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or(f64::from(value))
}

impl Arg {
    /// The value of a number or a switch (1 or 0): of a float of 32 bits the shortest decimal that it stands for, so that 0.9 is
    /// 0.9. `None` for NaN, infinities and everything else. A text is never a number.
    pub fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Int(value) => f64::from(*value),
            Self::Long(value) => *value as f64,
            Self::Float(value) => shortest(*value),
            Self::Double(value) => *value,
            Self::Bool(value) => f64::from(u8::from(*value)),
            Self::Text(_) | Self::Blob(_) | Self::Nil | Self::Impulse | Self::Other(_) => return None,
        };
        number.is_finite().then_some(number)
    }

    /// On or off: a switch, or a number, of which only 0 is off.
    pub fn switch(&self) -> Option<bool> {
        self.number().map(|number| number != 0.0)
    }

    /// The text of a text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl fmt::Display for Arg {
    /// As a person writes it; a text is quoted unless it is a plain word that can't be read as something else.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
            Self::Double(value) => write!(f, "{value}"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Text(text) if is_word(text) => f.write_str(text),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Blob(bytes) => write!(f, "({} bytes)", bytes.len()),
            Self::Nil => f.write_str("nil"),
            Self::Impulse => f.write_str("impulse"),
            Self::Other(tag) => write!(f, "({tag})"),
        }
    }
}

/// Whether `text` needs no quotes.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || "/_-.#'*?[]{},:+~|<>".contains(c);
    !text.is_empty()
        && text.chars().all(plain)
        && text.parse::<f64>().is_err()
        && !["true", "false", "nil", "impulse"].contains(&text)
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Where to, from `/` on; it may be a pattern of addresses.
    pub address: String,
    /// What with.
    pub args: Vec<Arg>,
}

impl Message {
    /// A message to `address`.
    pub fn new(address: impl Into<String>, args: impl IntoIterator<Item = Arg>) -> Self {
        Self { address: address.into(), args: args.into_iter().collect() }
    }
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.address))?;
        self.args.iter().try_for_each(|arg| write!(f, " {arg}"))
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<f32> for Arg {
    fn from(value: f32) -> Self {
        Self::Float(value)
    }
}

impl From<i32> for Arg {
    fn from(value: i32) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Arg, Message};

    #[test]
    fn numbers_are_numbers() {
        assert_eq!(Arg::Int(-3).number(), Some(-3.0));
        assert_eq!(Arg::Long(1 << 40).number(), Some(1_099_511_627_776.0));
        assert_eq!(Arg::Float(0.5).number(), Some(0.5));
        assert_eq!(
            [0.9, 1e-7, 3e38].map(|value| Arg::Float(value).number()),
            [Some(0.9), Some(1e-7), Some(3e38)]
        );
        assert_eq!(Arg::Double(0.1).number(), Some(0.1));
        assert_eq!([Arg::Bool(true), Arg::Bool(false)].map(|arg| arg.number()), [Some(1.0), Some(0.0)]);
        let others = [Arg::Float(f32::NAN), Arg::Double(f64::INFINITY), Arg::Float(f32::NEG_INFINITY)];
        assert!(others.iter().all(|arg| arg.number().is_none() && arg.switch().is_none()));
        assert_eq!(Arg::from("0.5").number(), None);
        assert_eq!([Arg::Nil, Arg::Impulse, Arg::Other('t')].map(|arg| arg.number()), [None; 3]);
    }

    #[test]
    fn switches_take_numbers() {
        assert_eq!(
            [Arg::Int(0), Arg::Int(1), Arg::Float(0.0), Arg::Float(-0.2)].map(|arg| arg.switch()),
            [Some(false), Some(true), Some(false), Some(true)]
        );
        assert_eq!(Arg::from("on").switch(), None);
    }

    #[test]
    fn messages_read_as_they_are_sent() {
        let args =
            [Arg::from(0.5), 3.into(), true.into(), "bass".into(), "two words".into(), "3".into(), "".into()];
        let message = Message::new("/x/y", args.into_iter().chain([Arg::Nil, Arg::Blob(vec![1, 2])]));
        assert_eq!(message.to_string(), r#"/x/y 0.5 3 true bass "two words" "3" "" nil (2 bytes)"#);
        assert_eq!(Message::new("/a\u{1b}[2J", []).to_string(), "/a\\u{1b}[2J");
    }
}

//! Packets: bundles taken apart and messages read, whatever the bytes are; messages and bundles written.
//!
//! rosc reads the messages, one by one. Bundles are taken apart here, without recursion: rosc goes as deep as the bundles do,
//! and leaves out in silence what comes after a broken element.

use rosc::{OscBundle, OscMessage, OscPacket, OscTime, OscType, decoder, encoder};

use crate::osc::message::{Arg, Message};
use crate::osc::time::Time;

/// How deep bundles may lie in bundles, and arrays in arrays.
pub const DEEPEST: usize = 16;

/// What one packet says: its messages in their order, all bundles opened.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Packet {
    /// None for an empty bundle.
    pub messages: Vec<TimedMessage>,
}

/// A message and when it is meant.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedMessage {
    /// From the bundle that it lies in, the innermost one.
    pub time: Time,
    /// The message.
    pub message: Message,
}

/// A packet that can't be read. Nothing of it counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The address of the message at fault, where there is one to be read; else nothing.
    pub address: String,
    /// What is wrong, in a few words.
    pub reason: &'static str,
}

impl Malformed {
    const fn packet(reason: &'static str) -> Self {
        Self { address: String::new(), reason }
    }
}

const BUNDLE: &[u8] = b"#bundle\0";

/// Reads a packet. Any bytes will do: what can't be read is an error, never a panic.
pub fn read(bytes: &[u8]) -> Result<Packet, Malformed> {
    let mut messages = Vec::new();
    if !bytes.starts_with(BUNDLE) {
        messages.push(TimedMessage { time: Time::Now, message: message(bytes)? });
        return Ok(Packet { messages });
    }
    // What is left of the bundles that lie in each other, the outermost first.
    let mut open = vec![bundle(bytes)?];
    while let Some((time, rest)) = open.last_mut() {
        if rest.is_empty() {
            open.pop();
            continue;
        }
        let (time, element) = (*time, element(rest)?);
        if !element.starts_with(BUNDLE) {
            messages.push(TimedMessage { time, message: message(element)? });
        } else if open.len() == DEEPEST {
            return Err(Malformed::packet("bundles lie too deep in each other"));
        } else {
            open.push(bundle(element)?);
        }
    }
    Ok(Packet { messages })
}

/// The time of a bundle, and its elements.
fn bundle(bytes: &[u8]) -> Result<(Time, &[u8]), Malformed> {
    let (tag, elements) =
        bytes[BUNDLE.len()..].split_first_chunk().ok_or(Malformed::packet("a bundle without a time"))?;
    Ok((Time::of_tag(u64::from_be_bytes(*tag)), elements))
}

/// Takes the first element off the elements of a bundle.
fn element<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], Malformed> {
    let (size, behind) = rest.split_first_chunk().ok_or(Malformed::packet("a bundle breaks off"))?;
    let size = u32::from_be_bytes(*size) as usize;
    if size == 0 || !size.is_multiple_of(4) {
        return Err(Malformed::packet("an element of a bundle has an impossible size"));
    }
    let (element, behind) =
        behind.split_at_checked(size).ok_or(Malformed::packet("an element is larger than its bundle"))?;
    *rest = behind;
    Ok(element)
}

/// Reads one message.
fn message(bytes: &[u8]) -> Result<Message, Malformed> {
    if bytes.first() != Some(&b'/') {
        return Err(Malformed::packet("neither a message nor a bundle"));
    }
    let (address, behind) = text(bytes).ok_or(Malformed::packet("the address has no end"))?;
    let address = std::str::from_utf8(address).map_err(|_| Malformed::packet("the address isn't UTF-8"))?;
    let fault = |reason| Malformed { address: address.to_owned(), reason };
    // Senders of old leave the types out where there are no arguments.
    if behind.strip_prefix(b",").unwrap_or(behind).iter().all(|byte| *byte == 0) {
        return Ok(Message::new(address, []));
    }
    let Some((types @ [b',', ..], _)) = text(behind) else {
        return Err(fault("the arguments have no types"));
    };
    tame(types).map_err(fault)?;
    // rosc knows no symbols; they look like texts.
    let mut known = bytes.to_vec();
    let start = bytes.len() - behind.len();
    known[start..start + types.len()].iter_mut().filter(|tag| **tag == b'S').for_each(|tag| *tag = b's');
    match decoder::decode_udp(&known) {
        Ok((rest, OscPacket::Message(message))) if rest.iter().all(|byte| *byte == 0) => {
            Ok(Message { address: message.addr, args: message.args.into_iter().map(arg).collect() })
        }
        Ok(_) => Err(fault("there is more in it than its types say")),
        Err(_) => Err(fault("its arguments don't fit their types")),
    }
}

/// The bytes of a text, and what follows after its end and the zeros that fill it up to four bytes. The zeros of the
/// last text may be missing.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((&bytes[..end], bytes.get((end + 1).next_multiple_of(4)..).unwrap_or_default()))
}

/// Refuses arrays that rosc would read wrongly, or so deep that dropping them would end the program.
fn tame(types: &[u8]) -> Result<(), &'static str> {
    let mut depth = 0;
    for tag in types {
        match tag {
            b'[' if depth == DEEPEST => return Err("its arrays lie too deep in each other"),
            b'[' => depth += 1,
            b']' if depth == 0 => return Err("its types close an array that isn't open"),
            b']' => depth -= 1,
            _ => {}
        }
    }
    if depth == 0 { Ok(()) } else { Err("its types leave an array open") }
}

fn arg(arg: OscType) -> Arg {
    match arg {
        OscType::Int(value) => Arg::Int(value),
        OscType::Long(value) => Arg::Long(value),
        OscType::Float(value) => Arg::Float(value),
        OscType::Double(value) => Arg::Double(value),
        OscType::Bool(value) => Arg::Bool(value),
        OscType::String(value) => Arg::Text(value),
        OscType::Blob(value) => Arg::Blob(value),
        OscType::Nil => Arg::Nil,
        OscType::Inf => Arg::Impulse,
        OscType::Array(_) => Arg::Other('['),
        OscType::Time(_) => Arg::Other('t'),
        OscType::Char(_) => Arg::Other('c'),
        OscType::Color(_) => Arg::Other('r'),
        OscType::Midi(_) => Arg::Other('m'),
    }
}

fn raw_arg(arg: &Arg) -> OscType {
    match arg {
        Arg::Int(value) => OscType::Int(*value),
        Arg::Long(value) => OscType::Long(*value),
        Arg::Float(value) => OscType::Float(*value),
        Arg::Double(value) => OscType::Double(*value),
        Arg::Bool(value) => OscType::Bool(*value),
        Arg::Text(value) => OscType::String(whole(value)),
        Arg::Blob(value) => OscType::Blob(value.clone()),
        Arg::Nil | Arg::Other(_) => OscType::Nil,
        Arg::Impulse => OscType::Inf,
    }
}

/// A text ends at its first zero; what is after it would be read as something else.
fn whole(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

fn raw(message: &Message) -> OscPacket {
    let args = message.args.iter().map(raw_arg).collect();
    OscPacket::Message(OscMessage { addr: whole(&message.address), args })
}

/// The packet of one message.
pub fn write(message: &Message) -> Vec<u8> {
    // Writing into memory can't fail.
    encoder::encode(&raw(message)).unwrap_or_default()
}

/// The packet of a bundle of messages that are meant at the same time.
pub fn write_bundle(time: Time, messages: &[Message]) -> Vec<u8> {
    let tag = time.tag();
    let timetag = OscTime { seconds: (tag >> 32) as u32, fractional: tag as u32 };
    let bundle = OscBundle { timetag, content: messages.iter().map(raw).collect() };
    encoder::encode(&OscPacket::Bundle(bundle)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{BUNDLE, DEEPEST, Malformed, Packet, TimedMessage, read, write, write_bundle};
    use crate::osc::message::{Arg, Message};
    use crate::osc::time::Time;

    fn one(bytes: &[u8]) -> Message {
        let packet = read(bytes).expect("it can be read");
        let [TimedMessage { time: Time::Now, message }] = packet.messages.as_slice() else {
            panic!("{packet:?}");
        };
        message.clone()
    }

    fn fault(bytes: &[u8]) -> (String, &'static str) {
        let Malformed { address, reason } = read(bytes).expect_err("it can't be read");
        (address, reason)
    }

    fn bundle(tag: u64, elements: &[&[u8]]) -> Vec<u8> {
        let mut bytes = [BUNDLE, &tag.to_be_bytes()].concat();
        for element in elements {
            bytes.extend((element.len() as u32).to_be_bytes());
            bytes.extend(*element);
        }
        bytes
    }

    #[test]
    fn messages_of_old_senders_are_read() {
        let start = Message::new("/seq/start", []);
        for types in ["", "\0", "\0\0", "\0\0\0\0\0\0", "\0,", "\0,\0", "\0,\0\0\0"] {
            assert_eq!(one(format!("/seq/start\0{types}").as_bytes()), start, "{types:?}");
        }
        assert_eq!(one(b"/a\0\0,S\0\0bass\0\0\0\0"), Message::new("/a", ["bass".into()]));
        assert_eq!(one(b"/a\0\0,i\0\0\0\0\0\x03\0\0\0\0"), Message::new("/a", [3.into()]));
    }

    #[test]
    fn what_is_wrong_is_said_with_the_address() {
        assert_eq!(fault(b""), (String::new(), "neither a message nor a bundle"));
        assert_eq!(fault(b"hello"), (String::new(), "neither a message nor a bundle"));
        assert_eq!(fault(b"/hello"), (String::new(), "the address has no end"));
        assert_eq!(fault(b"/\xff\0\0"), (String::new(), "the address isn't UTF-8"));
        let of_a = |reason| ("/a".to_owned(), reason);
        assert_eq!(fault(b"/a\0\0\0\0\0\x03"), of_a("the arguments have no types"));
        assert_eq!(fault(b"/a\0\0,i\0\0\0\0"), of_a("its arguments don't fit their types"));
        assert_eq!(fault(b"/a\0\0,?\0\0\0\0\0\0"), of_a("its arguments don't fit their types"));
        assert_eq!(fault(b"/a\0\0,s\0\0\xff\0\0\0"), of_a("its arguments don't fit their types"));
        assert_eq!(fault(b"/a\0\0,b\0\0\xff\xff\xff\xff"), of_a("its arguments don't fit their types"));
        assert_eq!(fault(b"/a\0\0,T\0\0\0\0\0\x03"), of_a("there is more in it than its types say"));
        assert_eq!(fault(b"/a\0\0,[\0\0"), of_a("its types leave an array open"));
        assert_eq!(fault(b"/a\0\0,]\0\0"), of_a("its types close an array that isn't open"));
    }

    #[test]
    fn values_that_are_no_numbers_stay_in_their_message() {
        let message = one(&write(&Message::new("/a", [Arg::Float(f32::NAN), Arg::Double(f64::INFINITY)])));
        assert_eq!(message.args.len(), 2);
        assert!(message.args.iter().all(|arg| arg.number().is_none()));
        let odd = one(b"/a\0\0,tc[ii]m\0\0\0\0\0\0\0\0\0\0\0\x01\0\0\0a\0\0\0\x01\0\0\0\x02\0\x90\x40\x40");
        assert_eq!(odd.args, ['t', 'c', '[', 'm'].map(Arg::Other));
    }

    #[test]
    fn bundles_are_opened_in_order_with_their_own_times() {
        let message = |name: &str| Message::new(name, []);
        let [a, b, c] = ["/a", "/b", "/c"].map(|name| write(&message(name)));
        let bytes = bundle(7 << 32, &[&a, &bundle(1, &[&b]), &bundle(9 << 32, &[]), &c]);
        let timed = |time, name: &str| TimedMessage { time, message: message(name) };
        let messages =
            vec![timed(Time::At(7 << 32), "/a"), timed(Time::Now, "/b"), timed(Time::At(7 << 32), "/c")];
        assert_eq!(read(&bytes), Ok(Packet { messages }));
        assert_eq!(read(&bundle(1, &[])), Ok(Packet::default()));
    }

    #[test]
    fn broken_bundles_are_refused_whole() {
        let a = write(&Message::new("/a", []));
        let whole = bundle(1, &[&a, &a]);
        assert_eq!(fault(&whole[..12]).1, "a bundle without a time");
        assert_eq!(fault(&whole[..18]).1, "a bundle breaks off");
        assert_eq!(fault(&whole[..24]).1, "an element is larger than its bundle");
        assert_eq!(fault(&bundle(1, &[&a, b""])).1, "an element of a bundle has an impossible size");
        assert_eq!(fault(&bundle(1, &[&a, b"/b\0"])).1, "an element of a bundle has an impossible size");
        assert_eq!(fault(&bundle(1, &[&a, b"abc\0"])).1, "neither a message nor a bundle");
        let mut huge = bundle(1, &[]);
        huge.extend(u32::MAX.to_be_bytes());
        assert!(read(&huge).is_err());
    }

    /// rosc 0.11.4 ends the program at the second of these.
    #[test]
    fn depth_has_an_end() {
        let nested =
            |depth: usize| {
                (0..depth).fold(Vec::new(), |inner, _| {
                    if inner.is_empty() { bundle(1, &[]) } else { bundle(1, &[&inner]) }
                })
            };
        assert_eq!(read(&nested(DEEPEST)), Ok(Packet::default()));
        for depth in [DEEPEST + 1, 2000] {
            assert_eq!(fault(&nested(depth)).1, "bundles lie too deep in each other");
        }
        let arrays = |depth: usize| {
            let mut bytes = [&b"/a\0\0,"[..], &b"[".repeat(depth), &b"]".repeat(depth)].concat();
            bytes.resize((bytes.len() + 1).next_multiple_of(4), 0);
            bytes
        };
        assert_eq!(one(&arrays(DEEPEST)).args, [Arg::Other('[')]);
        assert_eq!(fault(&arrays(30_000)).1, "its arrays lie too deep in each other");
    }

    #[test]
    fn texts_end_at_a_zero() {
        assert_eq!(
            one(&write(&Message::new("/a", ["b\0cdefg".into(), 1.into()]))),
            Message::new("/a", ["b".into(), 1.into()])
        );
        let messages = [Message::new("/a", [0.5.into()]), Message::new("/b", [true.into()])];
        let packet = read(&write_bundle(Time::At(99), &messages)).expect("it is a packet");
        assert_eq!(packet.messages.iter().map(|timed| timed.time).collect::<Vec<_>>(), [Time::At(99); 2]);
    }
}

//! OSC packets: any bytes, what is written is read again, and patterns against a matcher that tries everything.

use chronus::osc::message::{Arg, Message};
use chronus::osc::packet::{read, write, write_bundle};
use chronus::osc::pattern::AddressPattern;
use chronus::osc::time::Time;
use proptest::prelude::*;

fn arg() -> impl Strategy<Value = Arg> {
    prop_oneof![
        any::<i32>().prop_map(Arg::Int),
        any::<i64>().prop_map(Arg::Long),
        any::<f32>().prop_map(Arg::Float),
        any::<f64>().prop_map(Arg::Double),
        any::<bool>().prop_map(Arg::Bool),
        "[^\0]{0,9}".prop_map(Arg::Text),
        prop::collection::vec(any::<u8>(), 0..9).prop_map(Arg::Blob),
        Just(Arg::Nil),
        Just(Arg::Impulse),
    ]
}

fn message() -> impl Strategy<Value = Message> {
    ("/[a-z0-9/é]{0,12}", prop::collection::vec(arg(), 0..6))
        .prop_map(|(address, args)| Message::new(address, args))
}

/// Bytes that look like a packet more often than not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"#bundle\0".to_vec()),
        Just(b"/a\0\0".to_vec()),
        Just(b",ifsb[]TS\0\0\0".to_vec()),
        Just(b",[[]]\0\0\0".to_vec()),
        prop_oneof![Just(0_u32), Just(8), Just(24), any::<u32>()]
            .prop_map(|size| size.to_be_bytes().to_vec()),
        any::<u64>().prop_map(|tag| tag.to_be_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// One part of an address against one part of a pattern of `?`, `*` and characters, by trying everything.
fn tries(pattern: &[u8], address: &[u8]) -> bool {
    match pattern.split_first() {
        None => address.is_empty(),
        Some((b'*', rest)) => (0..=address.len())
            .take_while(|length| !address[..*length].contains(&b'/'))
            .any(|length| tries(rest, &address[length..])),
        Some((sign, rest)) => address
            .split_first()
            .is_some_and(|(c, behind)| (sign == c || (*sign == b'?' && *c != b'/')) && tries(rest, behind)),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in bytes()) {
        if let Ok(packet) = read(&bytes) {
            for timed in packet.messages {
                prop_assert!(timed.message.address.starts_with('/'));
                AddressPattern::new(&timed.message.address).matches("/a/b");
            }
        }
    }

    #[test]
    fn what_is_written_is_read(message in message(), second in message(), tag in any::<u64>()) {
        let bytes = write(&message);
        let packet = read(&bytes).unwrap();
        prop_assert_eq!(packet.messages.len(), 1);
        // NaN isn't itself, so what is compared are the bytes.
        prop_assert_eq!(write(&packet.messages[0].message), bytes);
        let time = Time::of_tag(tag);
        let packet = read(&write_bundle(time, &[message.clone(), second.clone()])).unwrap();
        let again: Vec<Message> = packet.messages.iter().map(|timed| timed.message.clone()).collect();
        prop_assert!(packet.messages.iter().all(|timed| timed.time == time));
        prop_assert_eq!(write_bundle(time, &again), write_bundle(time, &[message, second]));
    }

    #[test]
    fn a_broken_packet_never_panics(message in message(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = write_bundle(Time::Now, &[message]);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        drop(read(&bytes));
        bytes.truncate(at);
        drop(read(&bytes));
    }

    #[test]
    fn runs_match_as_if_everything_were_tried(pattern in "/[ab?*]{0,6}/?[ab*]{0,3}", address in "/[ab]{0,6}/?[ab]{0,3}") {
        // Several slashes mean more than themselves.
        prop_assume!(!pattern.contains("//"));
        prop_assert_eq!(AddressPattern::new(&pattern).matches(&address), tries(pattern.as_bytes(), address.as_bytes()));
    }

    #[test]
    fn any_pattern_is_matched_or_refused(pattern in "[/ab?*\\[\\]{},!-]{0,24}", address in "/[ab/]{0,8}") {
        let compiled = AddressPattern::new(&pattern);
        prop_assert!(!compiled.matches(&address) || compiled.fault().is_none());
        prop_assert!(!compiled.is_plain() || compiled.matches(&pattern));
    }
}

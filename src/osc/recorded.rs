//! Packets as other programs send them, recorded: python-osc 1.10, oscsend of liblo 0.31, sclang 3.13, oscformat of Pd 0.53.

use crate::osc::message::{Arg, Message};
use crate::osc::packet::{read, write};
use crate::osc::time::Time;

fn messages(bytes: &[u8]) -> Vec<Message> {
    let packet = read(bytes).expect("other programs read it");
    packet.messages.into_iter().map(|timed| timed.message).collect()
}

fn text(text: &str) -> Arg {
    Arg::from(text)
}

#[test]
fn all_send_a_number_in_the_same_bytes() {
    let bytes = b"/mod/bass/filter/cutoff\0,f\0\0DH\0\0";
    let message = Message::new("/mod/bass/filter/cutoff", [Arg::Float(800.0)]);
    assert_eq!(write(&message), bytes);
    assert_eq!(messages(bytes), [message]);
}

#[test]
fn python_osc_is_understood() {
    assert_eq!(messages(b"/gate/bass\0\0,T\0\0"), [Message::new("/gate/bass", [true.into()])]);
    assert_eq!(messages(b"/mod/bass/gain\0\0,i\0\0\0\0\0\x01"), [Message::new("/mod/bass/gain", [1.into()])]);
    assert_eq!(messages(b"/seq/start\0\0,\0\0\0"), [Message::new("/seq/start", [])]);
    let add = b"/seq/add\0\0\0\0,sssifs\0t1\0\0bass\0\0\0\0X..x\0\0\0\0\0\0\0n>\x99\x99\x9aa1 c2\0\0\0";
    let args = [text("t1"), text("bass"), text("X..x"), 110.into(), 0.3.into(), text("a1 c2")];
    assert_eq!(messages(add), [Message::new("/seq/add", args)]);
    let odd = b"/x\0\0,bNh[s[f]]\0\0\0\0\0\x02ab\0\0\0\0\x01\0\0\0\0\0a\0\0\0?\xc0\0\0";
    let args = [Arg::Blob(b"ab".to_vec()), Arg::Nil, Arg::Long(1 << 40), Arg::Other('[')];
    assert_eq!(messages(odd), [Message::new("/x", args)]);
}

#[test]
fn bundles_of_python_osc_are_understood() {
    let bytes = b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x14/gate/bass\0\0,i\0\0\0\0\0\x01\0\0\0\x14/gate/pad\0\0\0,f\0\0?\0\0\0\
        \0\0\0$#bundle\0\xee\xf4P\x80\x80\0\0\0\0\0\0\x10/seq/stop\0\0\0,\0\0\0";
    let packet = read(bytes).expect("python-osc reads it");
    let times: Vec<Time> = packet.messages.iter().map(|timed| timed.time).collect();
    // 1800000000.5 seconds after 1970.
    assert_eq!(times, [Time::Now, Time::Now, Time::At((4_008_988_800 << 32) | (1 << 31))]);
    let addresses: Vec<String> = packet.messages.into_iter().map(|timed| timed.message.address).collect();
    assert_eq!(addresses, ["/gate/bass", "/gate/pad", "/seq/stop"]);
}

#[test]
fn liblo_is_understood() {
    let all = b"/x\0\0,ihdsScm\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02?\xe0\0\0\0\0\0\0bass\0\0\0\0sym\0\0\0\0a\x90@<\0";
    let args = [
        1.into(),
        Arg::Long(2),
        Arg::Double(0.5),
        text("bass"),
        text("sym"),
        Arg::Other('c'),
        Arg::Other('m'),
    ];
    assert_eq!(messages(all), [Message::new("/x", args)]);
    let switches = [true.into(), false.into(), Arg::Nil, Arg::Impulse];
    assert_eq!(messages(b"/gate/bass\0\0,TFNI\0\0\0"), [Message::new("/gate/bass", switches)]);
}

/// sclang sends true and nil as 1 and 0, and an array as a blob.
#[test]
fn sclang_is_understood() {
    let args = [1.into(), 0.into(), text("sym"), 3.into(), Arg::Blob(b"\0\0\0\x01,f\0\0@ \0\0".to_vec())];
    let bytes = b"/gate/bass\0\0,iisib\0\0\0\0\0\x01\0\0\0\0sym\0\0\0\0\x03\0\0\0\x0c\0\0\0\x01,f\0\0@ \0\0";
    assert_eq!(messages(bytes), [Message::new("/gate/bass", args)]);
    let at_once = b"#bundle\0\0\0\0\0\0\0\0\x01\0\0\0\x10/seq/start\0\0,\0\0\0";
    assert_eq!(messages(at_once), [Message::new("/seq/start", [])]);
    let ahead = b"#bundle\0\xee\xae\xb1\x81Ym\x9ch\0\0\0\x14/gate/bass\0\0,i\0\0\0\0\0\x01\0\0\0\x18/note/bass\0\0,sf\0c3\0\0?\0\0\0";
    let packet = read(ahead).expect("scsynth reads it");
    assert!(packet.messages.iter().all(|timed| timed.time == Time::At(0xeeae_b181_596d_9c68)));
    assert_eq!(packet.messages[1].message, Message::new("/note/bass", [text("c3"), 0.5.into()]));
}

/// Pd sends every number as a float.
#[test]
fn pd_is_understood() {
    let bytes = b"/seq/add\0\0\0\0,sff\0\0\0\0bass\0\0\0\0?\x80\0\0?\0\0\0";
    assert_eq!(messages(bytes), [Message::new("/seq/add", [text("bass"), 1.0.into(), 0.5.into()])]);
}

//! Any bytes go through the whole way of a packet without a panic: read, matched as a pattern, written, read again.
//!
//! `cargo +nightly fuzz run osc`

#![no_main]

use chronus::osc::message::Arg;
use chronus::osc::packet::{read, write, write_bundle};
use chronus::osc::pattern::Pattern;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(packet) = read(bytes) else { return };
    for timed in &packet.messages {
        let message = &timed.message;
        assert!(timed.time.seconds_from(0).is_finite() && !message.to_string().is_empty());
        let pattern = Pattern::new(&message.address);
        let matched = pattern.matches(&message.address);
        assert!(matched || !pattern.is_plain());
        assert!(!matched || pattern.fault().is_none());
        assert!(message.args.iter().all(|arg| arg.number().is_none_or(f64::is_finite)));
        let whole = !message.args.iter().any(|arg| matches!(arg, Arg::Other(_)));
        // NaN isn't itself, so what is compared are the bytes.
        let written = write(message);
        let again = read(&written).expect("what was written can be read");
        assert!(!whole || write(&again.messages[0].message) == written);
        read(&write_bundle(timed.time, std::slice::from_ref(message))).expect("so can a bundle");
    }
});

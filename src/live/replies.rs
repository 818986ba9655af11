//! What an engine says of itself: answers and news, one row an address. An engine that hears one of them keeps silent.

/// A message that engines send and never obey.
#[derive(Debug)]
pub struct Reply {
    /// Its address.
    pub address: &'static str,
    /// Its arguments, as they are written in the reference.
    pub args: &'static str,
    /// When it is sent.
    pub when: &'static str,
}

macro_rules! replies {
    ($(($address:literal, $args:literal, $when:literal),)*) => {
        &[$(Reply { address: $address, args: $args, when: $when }),*]
    };
}

/// Answers whose address isn't that of the question.
pub static ANSWERS: &[Reply] = replies! {
    ("/error", "address, reason", "a message is refused"),
    ("/done", "address, text", "something was saved, loaded or recorded"),
    ("/pong", "those of `/ping`", "after `/ping`"),
    ("/engine/list/end", "number of rows", "after the rows of `/engine/list`"),
};

/// Messages to subscribers.
pub static LOG: &[Reply] = replies! {
    ("/beat", "bar, beat", "on each beat"),
    ("/section", "its name", "when another section begins"),
    ("/level", "`out` or an instrument, peak", "ten times a second"),
    ("/param", "address, value", "when a control was overridden or handed back, at most ten times a second; once for each of its names, its own and its aliases"),
    ("/error", "a module's path or `out`, what happened", "when it blows up for the first time in this version of the song"),
};

/// Messages to displays (`chronus play --viz`).
pub static DISPLAYED: &[Reply] = replies! {
    ("/viz/levels", "a peak from 0 (-60 dB) to 1 for each instrument, in the order of the song", "ten times a second"),
    ("/viz/spectrum", "the same for eight octave bands around 62.5 Hz, 125 Hz … 8 kHz", "ten times a second"),
};

/// Whether only engines say this. Were it refused, two engines that hear each other would never be at rest.
pub fn is_reply(address: &str) -> bool {
    [ANSWERS, LOG, DISPLAYED].into_iter().flatten().any(|reply| reply.address == address)
}

#[cfg(test)]
mod tests {
    use super::{ANSWERS, DISPLAYED, LOG, is_reply};
    use crate::live::address_commands::AddressCommand;
    use crate::model::identifiers::is_address;

    #[test]
    fn nobody_obeys_a_reply() {
        for reply in [ANSWERS, LOG, DISPLAYED].into_iter().flatten() {
            assert!(is_reply(reply.address) && is_address(reply.address));
            assert!(AddressCommand::at(reply.address).is_none(), "{}", reply.address);
        }
        assert!(!is_reply("/engine/list") && !is_reply("/errors"));
    }
}

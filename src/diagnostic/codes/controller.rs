//! What can go wrong between an engine and those who control it.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    NOTHING_LISTENS {
        id: "nothing-listens",
        severity: Severity::Error,
        about: "The machine was reached and says that nobody listens on this port. Start `chronus play` first; if it plays with \
                `--osc`, give the same port to `chronus osc --to`.",
        bad: Bad::Elsewhere("chronus osc ping --to 127.0.0.1:5999, where no engine runs"),
        good: files::FINE,
    }
    NO_ANSWER {
        id: "no-answer",
        severity: Severity::Error,
        about: "Nothing came back in time, and no word either that nobody listens. Another program has the port, the machine is \
                off, or something between drops the packets. `chronus osc --timeout` waits longer.",
        bad: Bad::Elsewhere("chronus osc ping --to 192.0.2.1:5005, where no machine is"),
        good: files::FINE,
    }
    STRANGE_ANSWER {
        id: "strange-answer",
        severity: Severity::Error,
        about: "What came back isn't what an engine answers: it is another program, another version of chronus, or a part of the \
                answer was lost on the way.",
        bad: Bad::Elsewhere("chronus osc status --to 127.0.0.1:57110, where scsynth runs"),
        good: files::FINE,
    }
    NOT_HONOURED {
        id: "not-honoured",
        severity: Severity::Error,
        about: "The engine understood the message and could not do it; it says why. Nothing has changed. `chronus osc list` shows \
                the addresses that it has, with what they take.",
        bad: Bad::Elsewhere("chronus osc send /seq/bpm fast"),
        good: files::FINE,
    }
    BAD_ADDRESS {
        id: "bad-address",
        severity: Severity::Error,
        about: "An address begins with `/`, as in `/mod/bass/filter/cutoff`. Patterns know `?`, `*`, `[a-c]`, `[!a-c]`, `{low,high}` \
                and `//` for any number of levels; brackets and braces are closed.",
        bad: Bad::Elsewhere("chronus osc send mod/bass/filter/cutoff 800"),
        good: files::FINE,
    }
    BAD_OSC_VALUE {
        id: "bad-osc-value",
        severity: Severity::Error,
        about: "What stands before the colon says how the rest is sent: `i:` and `h:` whole numbers of 32 and 64 bits, `f:` and `d:` \
                numbers with a point of 32 and 64 bits, `s:` a text. The rest isn't that.",
        bad: Bad::Elsewhere("chronus osc send /seq/bpm i:fast"),
        good: files::FINE,
    }
    BAD_HOST {
        id: "bad-host",
        severity: Severity::Error,
        about: "Where an engine listens is written `HOST:PORT`, such as `127.0.0.1:5005`, `studio.local:5005` or `[::1]:5005`; a port \
                alone means this machine. The name must be known, and the port be 1 to 65535.",
        bad: Bad::Elsewhere("chronus osc ping --to 127.0.0.1"),
        good: files::FINE,
    }
    CANNOT_SEND {
        id: "cannot-send",
        severity: Severity::Error,
        about: "The message never left this machine: there is no way to that address, or the message is longer than a packet, \
                65,507 bytes, can be.",
        bad: Bad::Elsewhere("chronus osc ping --to 255.255.255.255:5005"),
        good: files::FINE,
    }
    CANNOT_LISTEN {
        id: "cannot-listen",
        severity: Severity::Error,
        about: "The port can't be listened on: another program has it (another `chronus play` perhaps), this machine doesn't \
                have that address, or the port is below 1024 and belongs to the system.",
        bad: Bad::Elsewhere("chronus play song.kdl, twice at the same time"),
        good: files::FINE,
    }
}

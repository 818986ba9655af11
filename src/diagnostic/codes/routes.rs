//! What can be wrong with routes and with the patch that they make.

use crate::diagnostic::code::{Bad, Severity, codes};

codes! {
    BAD_ROUTE {
        id: "bad-route",
        severity: Severity::Error,
        about: "A route names at least two places with `->` between them: `route a -> b -> out`.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    GLUED_ARROW {
        id: "glued-arrow",
        severity: Severity::Error,
        about: "An `->` stands between spaces: without them KDL takes it for a part of the name.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone->out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    MID_ROUTE {
        id: "mid-route",
        severity: Severity::Error,
        about: "In the middle of a route only whole modules can stand, since the signal goes in at one side and comes out \
                at the other. A port or parameter ends a route; begin another one behind it.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.tune -> out by=1\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.tune by=1\nroute a -> out\n",
    }
    NO_MAIN_PORT {
        id: "no-main-port",
        severity: Severity::Error,
        about: "A route that names only a module means its main input or output. This module has none; name a port or a \
                parameter of it.",
        choice: "a module has several parameters, and only the author knows which is meant",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a\nroute a -> out\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.tune by=1\nroute a -> out\n",
    }
    WRONG_END {
        id: "wrong-end",
        severity: Severity::Error,
        about: "Signals come out of outputs and go into inputs and parameters; a route has them the wrong way round.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone.freq -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    BORDER {
        id: "border",
        severity: Severity::Error,
        about: "From outside one reads an instrument's sound and its newest note's `gate`, `note` and `velocity`, and moves \
                its parameters. What goes on inside its voices can't be read: there are several of each module.",
        bad: Bad::Song(
            "instrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X...\nroute tone.osc -> out\n",
        ),
        good: "instrument tone {\n    sine osc\n    route osc -> out\n}\ntrack tone X...\nroute tone -> out\n",
    }
    MISSING_DEPTH {
        id: "missing-depth",
        severity: Severity::Error,
        about: "A route into a parameter says with `by` how far a source of 1 moves it: an interval or Hz for a \
                frequency, otherwise the parameter's own unit.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.freq\nroute a -> out\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.freq by=\"50ct\"\nroute a -> out\n",
    }
    USELESS_PROPERTY {
        id: "useless-property",
        severity: Severity::Error,
        about: "The property has no meaning on this route: `by` moves parameters, not signals; `pan` places signals, not \
                parameters.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone -> out by=0.5\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out gain=0.5\n",
    }
    SAME_CABLE {
        id: "same-cable",
        severity: Severity::Error,
        about: "The same cable is laid twice. Write the common part of two routes once.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone -> out\nroute tone -> out gain=0.5\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out gain=0.5\n",
    }
    SHARED_ID {
        id: "shared-id",
        severity: Severity::Error,
        about: "A route's `id` names one cable. Where several modules stand at its end there are several cables: write a \
                route for each.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=220\nroute a b -> out id=send\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=220\nroute a -> out id=send\nroute b -> out\n",
    }
    LOOP {
        id: "loop",
        severity: Severity::Error,
        about: "A signal that comes back to where it started needs time to do so: a delay of at least 64 frames on the way, \
                or a route marked `feedback=#true`, which costs one block (64 frames).",
        bad: Bad::Song(
            "song bars=1\nsine a freq=440\nsine b freq=220\nroute a -> b.freq by=10\nroute b -> a.freq by=10\nroute b -> \
             out\n",
        ),
        good: "song bars=1\nsine a freq=440\nsine b freq=220\nroute a -> b.freq by=10\nroute b -> a.freq by=10 \
               feedback=#true\nroute b -> out\n",
    }
    RUNAWAY_LOOP {
        id: "runaway-loop",
        severity: Severity::Warning,
        about: "A loop adds more than it takes away: what goes round it comes back louder each time, until the module that goes past \
                +60 dBFS is reset. Turn down a route in it, so that all gains on the way round make less than 1. Loops through \
                what holds its level by itself (`distortion`, `limiter`, `ladder`), and loops in which something moves a gain, \
                aren't judged.",
        bad: Bad::Song(
            "song bars=1\nsine a freq=440\ndelay d time=\"1/8\" feedback=0\nroute a -> d -> out\nroute d -> d gain=1.05\n",
        ),
        good: "song bars=1\nsine a freq=440\ndelay d time=\"1/8\" feedback=0\nroute a -> d -> out\nroute d -> d gain=0.94\n",
    }
    NEEDLESS_FEEDBACK {
        id: "needless-feedback",
        severity: Severity::Warning,
        about: "`feedback=#true` delays a route by one block so that it may close a loop. This one closes none.",
        bad: Bad::Song("song bars=1\nsine tone freq=440\nroute tone -> out feedback=#true\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    TOO_MANY_CABLES {
        id: "too-many-cables",
        severity: Severity::Error,
        about: "A patch can have 65,536 cables. A route with several names on both sides makes one for each pair.",
        choice: "what can be spared, only the author knows",
        bad: Bad::Made(|| {
            use std::fmt::Write;
            let (mut song, mut from, mut to) = (String::from("song bars=1\n"), String::new(), String::new());
            for i in 0..260 {
                let _ = writeln!(song, "sine s{i} freq=1\nroute s{i} -> out");
                let _ = write!(from, "s{i} ");
                let _ = write!(to, "s{i}.tune ");
            }
            format!("{song}route {from}-> {to}by=1 feedback=#true\n")
        }),
        good: "song bars=1\nsine a freq=440\nsine b freq=5\nroute b -> a.freq a.tune by=1\nroute a -> out\n",
    }
    MISSING_PARAMETER {
        id: "missing-parameter",
        severity: Severity::Error,
        about: "Inside an instrument this parameter follows the played note. At the top level there is no note: say the \
                value.",
        bad: Bad::Song("song bars=1\nsine tone\nroute tone -> out\n"),
        good: "song bars=1\nsine tone freq=440\nroute tone -> out\n",
    }
    UNHEARD {
        id: "unheard",
        severity: Severity::Warning,
        about: "Nothing that this makes ever reaches `out`: not as sound, and not by moving something that does. Once a \
                song routes one instrument, each needs a route.",
        bad: Bad::Song("song bars=1\nsine a freq=440\nsine b freq=220\nroute a -> out\n"),
        good: "song bars=1\nsine a freq=440\nsine b freq=220\nroute a b -> out\n",
    }
}

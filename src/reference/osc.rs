//! `docs/osc.md`: every address that a playing song answers, from the table of commands.

use std::fmt::Write as _;

use crate::live::address_commands::COMMANDS;
use crate::live::replies::{ANSWERS, DISPLAYED, LOG, Reply};

const BEGINNING: &str = "# OSC

`chronus play` is controlled by [OSC](https://opensoundcontrol.stanford.edu/) messages. It listens for UDP packets at 127.0.0.1:5005. `--osc HOST:PORT`
takes another address, and prints a warning if other machines on the network can reach it.

To change a control of the song, send its path with `/` in place of dots: `/mod/bass/filter/cutoff 800` moves `bass.filter.cutoff`.
[playing.md](playing.md) explains overrides, takes and saving; [controller.md](controller.md) describes the OSC client `chronus osc`.

<!-- Written from the table of commands by `.ci/bless`. -->

## Arguments

- A number may be `i`, `h`, `f` or `d`; a switch may be a number or `T` and `F`. A text is never a number.
- A value is clamped to the range of its control. NaN and infinities are refused.
- `?`, `*`, `[a-c]`, `[!a-c]`, `{low,high}` and `//` in an address select every address that matches.
- Surplus arguments are refused. An address without arguments accepts one switch, because buttons of control surfaces send one:
  off, when the button is released, does nothing.
- A message that can't be carried out changes nothing. It is counted as refused, and the sender receives `/error ADDRESS REASON`.

## Bundles and time

- The messages of a bundle take effect together, exactly at the sample of its timetag. A late bundle takes effect at once and is counted; one more than an
  hour ahead is refused.
- Until its time, a message has no effect on answers, on the screen or on what is saved. Questions in a bundle are answered at its time, and refused
  messages are reported then.

## Several engines

Engines that hear each other don't answer each other endlessly: an engine ignores the messages that only engines send (the tables at the end),
doesn't listen to its own port, and refuses to subscribe it.

## Addresses

| address | arguments | effect |
|---|---|---|
";

const ANSWERED: &str = "
## Answers

A question is answered at its own address, as its row says. Other answers:

";

const PUSHED: &str = "
## Subscriptions

After `/subscribe`, to the sender or to the port that it names:

";

const SHOWN: &str = "
With `chronus play --viz`, to 127.0.0.1:5006, all in floats:

";

/// The whole file.
pub fn document() -> String {
    let mut text = BEGINNING.to_owned();
    for command in COMMANDS {
        // A string takes all.
        let _ = writeln!(text, "| `{}` | {} | {} |", command.address, command.args, command.about);
    }
    for (heading, replies) in [(ANSWERED, ANSWERS), (PUSHED, LOG), (SHOWN, DISPLAYED)] {
        text.push_str(heading);
        table(&mut text, replies);
    }
    text
}

fn table(text: &mut String, replies: &[Reply]) {
    text.push_str("| address | arguments | when |\n|---|---|---|\n");
    for reply in replies {
        let _ = writeln!(text, "| `{}` | {} | {} |", reply.address, reply.args, reply.when);
    }
}

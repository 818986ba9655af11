//! `docs/osc.md`: every address that a playing song answers, from the table of commands.

use std::fmt::Write as _;

use crate::live::commands::COMMANDS;
use crate::live::replies::{ANSWERS, DISPLAYED, NEWS, Reply};

const BEGINNING: &str = "# OSC

What `chronus play` answers. It listens for UDP packets at 127.0.0.1:5005; `--osc HOST:PORT` takes another address, and says so if others
on the network can reach it. This file is made from the program: `chronus play` and it know the same addresses.

## Arguments

- Numbers may come as `i`, `h`, `f` or `d`, switches as those or as `T` and `F`. A text is never a number.
- A value is held in the range of what it sets. NaN and infinities are refused.
- `?`, `*`, `[a-c]`, `[!a-c]`, `{low,high}` and `//` in an address mean every address that matches.
- The messages of a bundle take effect together. Its timetag is honoured to the sample; what is late is done at once and counted, what lies
  more than an hour ahead is refused. A message with a time counts from then on: until then, what is asked, shown and saved is as it was. A
  question in a bundle is answered at its time, and so is a message that is refused.
- More arguments than an address takes are refused. An address without arguments takes one switch, as buttons of control surfaces send it:
  when it is off, the button was let go, and nothing happens.
- A message that can't be honoured changes nothing. It is counted, and the sender is told: `/error ADDRESS REASON`.
- What engines say themselves (the tables at the end) is heard without a word, so that engines that hear each other come to rest. An
  engine doesn't listen to its own port, and refuses to subscribe it.

## Addresses

| address | arguments | what it does |
|---|---|---|
";

const ANSWERED: &str = "
## What is answered

Questions are answered at their own address, as their rows say. Beside that:

";

const PUSHED: &str = "
## What is pushed

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
    for (heading, replies) in [(ANSWERED, ANSWERS), (PUSHED, NEWS), (SHOWN, DISPLAYED)] {
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

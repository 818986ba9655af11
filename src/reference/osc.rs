//! `docs/osc.md`: every address that a playing song answers, from the table of commands.

use std::fmt::Write as _;

use crate::live::commands::COMMANDS;

const BEGINNING: &str = "# OSC

What `chronus play` answers. It listens for UDP packets at 127.0.0.1:5005; `--osc HOST:PORT` takes another address, and says so if others
on the network can reach it. This file is made from the program: `chronus play` and it know the same addresses.

## Arguments

- Numbers may come as `i`, `h`, `f` or `d`, switches as those or as `T` and `F`. A text is never a number.
- A value is held in the range of what it sets. NaN and infinities are refused.
- `?`, `*`, `[a-c]`, `[!a-c]`, `{low,high}` and `//` in an address mean every address that matches.
- The messages of a bundle take effect together. Its timetag is honoured to the sample; what is late is done at once and counted, what lies
  more than an hour ahead is refused.
- A message that can't be honoured changes nothing. It is counted, and the sender is told: `/error ADDRESS REASON`.

## Addresses

| address | arguments | what it does |
|---|---|---|
";

const END: &str = "
## What is pushed

After `/subscribe`, to the sender or to the port that it names:

| address | arguments | when |
|---|---|---|
| `/beat` | bar, beat | on each beat |
| `/section` | its name | when another section begins |
| `/level` | `out` or an instrument, peak | ten times a second |
| `/param` | address, value | when a control was put somewhere or handed back, at most ten times a second |

With `chronus play --viz`, 127.0.0.1:5006 is told ten times a second, in floats from 0 (-60 dB) to 1: `/viz/levels` the peak of each instrument in the order of
the song, `/viz/spectrum` that of eight octave bands around 62.5 Hz, 125 Hz … 8 kHz.

Saving, loading and recording are answered with `/done ADDRESS TEXT`, or `/error`.
";

/// The whole file.
pub fn document() -> String {
    let mut text = BEGINNING.to_owned();
    for command in COMMANDS {
        // A string takes all.
        let _ = writeln!(text, "| `{}` | {} | {} |", command.address, command.args, command.about);
    }
    text + END
}

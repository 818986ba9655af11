//! The heads that read a delay line: one that follows its time, and a second one while that jumps.
//!
//! A time that moves slowly bends the pitch, as a tape does. One that moves by more than a frame a frame, at a step of the tempo or of
//! automation, would play the sound backwards or at more than twice its speed. So the head stays where it is until the time comes to rest,
//! and then the sound goes over to a head at the new time.

use crate::modules::buffer::{In, Row, Rows};
use crate::modules::call::KernelClock;
use crate::modules::spec::BLOCK;

/// The rows that [`Heads::of`] keeps: the time in the frame before, the time at which the first head stays, and that at which the second
/// one stays, 0 if it follows the time. All in seconds.
pub(crate) const ROWS: usize = 3;
const BEFORE: usize = 0;
const FIRST: usize = 1;
const SECOND: usize = 2;
/// The words that it keeps: 0 while one head follows the time, otherwise how many blocks ago it was left after@.
pub(crate) const WORDS: usize = 1;

/// How long a head waits for the time to come to rest, and how long one goes over into another, in seconds.
const PATIENCE: f32 = 0.025;
const FADE: f32 = 0.02;

/// What both heads read in a block.
pub(crate) struct Heads<const W: usize> {
    /// Their times in seconds; where a lane hears one head only, that of the first twice.
    pub(crate) times: [Rows<W>; 2],
    /// The share of the second head in each lane.
    share: Rows<W>,
    /// Which lanes hear both.
    both: [bool; W],
}

impl<const W: usize> Heads<W> {
    /// Moves the heads on by a block. `None` where in every lane one head follows `time`.
    #[inline(always)]
    pub(crate) fn of(
        rows: &mut [Row<W>],
        words: &mut [u32; W],
        time: In<'_, W>,
        clock: &KernelClock,
    ) -> Option<Self> {
        let before = rows[BEFORE];
        rows[BEFORE] = *time.at(BLOCK - 1);
        if *words == [0; W] && time.is_constant() && before == rows[BEFORE] {
            return None;
        }
        let mut jumps = [false; W];
        let mut last = before;
        for i in 0..if time.is_constant() { 1 } else { BLOCK } {
            for l in 0..W {
                let now = time.at(i)[l];
                // A line that has just been set up doesn't come from anywhere.
                jumps[l] |= (now - last[l]).abs() > clock.period && last[l] != 0.0;
                last[l] = now;
            }
        }
        if *words == [0; W] && jumps == [false; W] {
            return None;
        }
        let blocks = |seconds: f32| 1 + (seconds * clock.rate) as u32 / BLOCK as u32;
        let (patience, fade) = (blocks(PATIENCE), blocks(FADE));
        let still = [[0.0; W]; BLOCK];
        let mut heads = Self { times: [still; 2], share: still, both: [false; W] };
        for l in 0..W {
            let mut left = words[l];
            let (mut first, mut second) = (rows[FIRST][l], rows[SECOND][l]);
            if left == 0 && jumps[l] {
                first = before[l];
                left = 1;
            } else if left > 0 && left <= patience {
                if jumps[l] && left < patience {
                    left += 1;
                } else {
                    left = patience + 1;
                    second = if jumps[l] { time.at(0)[l] } else { 0.0 };
                }
            } else if left > patience && second == 0.0 && jumps[l] {
                second = before[l];
            }
            heads.both[l] = left > patience;
            for i in 0..BLOCK {
                let now = time.at(i)[l];
                let one = if left > 0 { first } else { now };
                let other = if second > 0.0 { second } else { now };
                heads.times[0][i][l] = one;
                heads.times[1][i][l] = if heads.both[l] { other } else { one };
            }
            if heads.both[l] {
                let done = (left - patience - 1) as usize * BLOCK;
                let step = 1.0 / (fade as usize * BLOCK) as f32;
                for i in 0..BLOCK {
                    let x = (done + i + 1) as f32 * step;
                    heads.share[i][l] = x * x * (3.0 - 2.0 * x);
                }
                left += 1;
                if left > patience + fade {
                    // Where the second head stayed after as well, the next takes over from that.
                    (left, first) = if second > 0.0 { (1, second) } else { (0, 0.0) };
                    second = 0.0;
                }
            }
            words[l] = left;
            (rows[FIRST][l], rows[SECOND][l]) = (first, second);
        }
        Some(heads)
    }

    /// What frame `i` of lane `l` hears of what both heads read.
    #[inline(always)]
    pub(crate) fn mixed(&self, i: usize, l: usize, first: f32, second: f32) -> f32 {
        if self.both[l] { first + (second - first) * self.share[i][l] } else { first }
    }
}

//! Reading and writing rings: whole blocks, and between frames.

use crate::modules::buffer::{Row, Rows};
use crate::modules::call::DelayRing;
use crate::modules::spec::BLOCK;

/// What is quieter than this doesn't loop a loop: it would decay into denormals, which are slow.
const NOTHING: f32 = 1e-20;

/// `x`, or 0 where it is as good as nothing.
#[inline(always)]
pub(crate) fn audible(x: f32) -> f32 {
    if x.abs() <= NOTHING { 0.0 } else { x }
}

/// The length of a ring that holds `frames` and the block that is written, as a power of two.
pub(crate) fn room(frames: f32) -> usize {
    (frames as usize + 2 * BLOCK).next_power_of_two()
}

/// Writes a block where the ring stands and moves it on; its length is a whole number of blocks.
#[inline(always)]
pub(crate) fn write<const W: usize>(ring: &mut DelayRing, block: &Rows<W>) {
    let at = ring.at;
    ring.rows::<W>()[at..at + BLOCK].copy_from_slice(block);
    ring.at = if at + BLOCK == ring.frames { 0 } else { at + BLOCK };
}

/// The rows of a ring from `start` on, `N` of them: where they lie, or put together in `spare`.
#[inline(always)]
pub(crate) fn stretch<'a, const W: usize, const N: usize>(
    ring: &'a DelayRing,
    start: usize,
    spare: &'a mut [Row<W>; N],
) -> &'a [Row<W>; N] {
    let rows = ring.all_rows::<W>();
    if let Some(rows) = rows[start..].first_chunk() {
        return rows;
    }
    let first = ring.frames - start;
    spare[..first].copy_from_slice(&rows[start..]);
    spare[first..].copy_from_slice(&rows[..N - first]);
    spare
}

/// Rows after the end of a loop that repeat its beginning, so that no stretch of a block or a little more is torn.
pub(crate) const MARGIN: usize = BLOCK + 24;

/// The frames of a loop: a ring that gives each block what was written as many frames ago, at least a block.
#[inline(always)]
pub(crate) fn length(ring: &DelayRing) -> usize {
    ring.frames - MARGIN
}

/// The rows of a loop from `back` frames before where it stands on, no more of them than the margin.
#[inline(always)]
pub(crate) fn ago<const W: usize>(ring: &DelayRing, back: usize) -> &[Row<W>] {
    let start = if back > ring.at { ring.at + length(ring) - back } else { ring.at - back };
    &ring.all_rows::<W>()[start..]
}

/// Moves a loop on once the oldest block has been written over.
#[inline(always)]
pub(crate) fn turn<const W: usize>(ring: &mut DelayRing) {
    let (at, length) = (ring.at, length(ring));
    let end = at + BLOCK;
    let rows = ring.rows::<W>();
    if end > length {
        rows.copy_within(length..end, 0);
    }
    if at < MARGIN {
        rows.copy_within(at..end.min(length).min(MARGIN), at + length);
    }
    ring.at = if end >= length { end - length } else { end };
}

/// Keeps a loop from being turned inside out: lanes run side by side in it, where the compiler would have frames do so
/// and shuffle the lanes.
#[inline(always)]
pub(crate) fn by_rows() {
    std::hint::black_box(());
}

/// A delay in frames: whole ones, and the share of another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct DelayLine {
    pub(crate) whole: usize,
    pub(crate) share: f32,
}

impl DelayLine {
    /// The delay of `frames`, which are whole where they are so within what seconds times rate can tell.
    #[inline(always)]
    pub(crate) fn of(frames: f32) -> Self {
        let nearest = (frames + 0.5) as usize;
        let off = frames - nearest as f32;
        if off.abs() <= frames * 2.4e-7 {
            return Self { whole: nearest, share: 0.0 };
        }
        let whole = if off < 0.0 { nearest - 1 } else { nearest };
        Self { whole, share: frames - whole as f32 }
    }

    /// Whether a whole block can be read before any of it is written.
    #[inline(always)]
    pub(crate) fn spans_a_block(self) -> bool {
        self.whole > BLOCK || self.whole == BLOCK && self.share == 0.0
    }

    /// Lane `l` of a ring whose length is a power of two, this long before row `now`.
    #[inline(always)]
    pub(crate) fn read<const W: usize>(self, rows: &[Row<W>], now: usize, l: usize) -> f32 {
        self.read_every(1, rows, now, l)
    }

    /// The same where a frame of the delay is `every` rows.
    #[inline(always)]
    pub(crate) fn read_every<const W: usize>(
        self,
        every: usize,
        rows: &[Row<W>],
        now: usize,
        l: usize,
    ) -> f32 {
        let mask = rows.len() - 1;
        let at = now.wrapping_sub(self.whole * every);
        if self.share == 0.0 {
            return rows[at & mask][l];
        }
        let tap = |offset: usize| rows[at.wrapping_add(every).wrapping_sub(offset * every) & mask][l];
        cubic(tap(0), tap(1), tap(2), tap(3), self.share)
    }
}

/// Adds to `out` lane `l` of a ring whose length is a power of two, as many frames before each frame from row `now` on as
/// `delays` says: at least 2, and fewer than 2^22.
#[inline(always)]
pub(crate) fn add_taps<const W: usize>(
    rows: &[Row<W>],
    now: usize,
    l: usize,
    delays: &[f32; BLOCK],
    out: &mut [f32; BLOCK],
) {
    const WHOLE: f32 = 8_388_608.0;
    // Places and weights are computed apart from the reads, because only they run side by side.
    let mut back = [0_u32; BLOCK];
    let mut weights = [[0.0_f32; BLOCK]; 4];
    for i in 0..BLOCK {
        let whole = (delays[i] - 0.5) + WHOLE;
        back[i] = whole.to_bits() & 0x007f_ffff;
        let x = delays[i] - (whole - WHOLE);
        let (x2, x3) = (x * x, x * x * x);
        weights[0][i] = x2 - 0.5 * (x + x3);
        weights[1][i] = 1.0 + (1.5 * x3 - 2.5 * x2);
        weights[2][i] = 0.5 * x + (2.0 * x2 - 1.5 * x3);
        weights[3][i] = 0.5 * (x3 - x2);
    }
    let mask = rows.len() - 1;
    for i in 0..BLOCK {
        let at = (now + i).wrapping_sub(back[i] as usize);
        let tap = |offset: usize| rows[at.wrapping_add(1).wrapping_sub(offset) & mask][l];
        out[i] += (tap(0) * weights[0][i] + tap(1) * weights[1][i])
            + (tap(2) * weights[2][i] + tap(3) * weights[3][i]);
    }
}

/// Between `at` (x = 0) and `after` (x = 1), along a Catmull-Rom spline; exactly `at` where x is 0.
#[inline(always)]
pub(crate) fn cubic(before: f32, at: f32, after: f32, beyond: f32, x: f32) -> f32 {
    let slope = after - before;
    let bend = (before + before - 5.0 * at) + (4.0 * after - beyond);
    let twist = 3.0 * (at - after) + (beyond - before);
    at + 0.5 * x * (slope + x * (bend + x * twist))
}

#[cfg(test)]
mod tests {
    use super::{DelayLine, MARGIN, ago, cubic, turn, write};
    use crate::modules::call::DelayRing;
    use crate::modules::spec::BLOCK;

    #[test]
    fn a_loop_delays_by_its_length() {
        for length in [64, 65, 67, 100, 127, 128, 131, 1000] {
            let mut ring = DelayRing::new(length + MARGIN, 1);
            for block in 0..40 {
                let now = block * BLOCK;
                for (i, [x]) in ago::<1>(&ring, 3)[..BLOCK.min(length)].iter().enumerate() {
                    let frame = if i < 3 { now + i } else { (now + i).saturating_sub(length) };
                    assert_eq!(*x, if frame < 3 { 0.0 } else { (frame - 2) as f32 }, "{length}");
                }
                let at = ring.at;
                for (i, [x]) in ring.rows::<1>()[at..at + BLOCK].iter_mut().enumerate() {
                    assert_eq!(*x, (now + i + 1).saturating_sub(length) as f32, "{length}");
                    *x = (now + i + 1) as f32;
                }
                turn::<1>(&mut ring);
            }
        }
    }

    #[test]
    fn whole_delays_are_exact() {
        assert_eq!(DelayLine::of(0.3 * 48_000.0), DelayLine { whole: 14_400, share: 0.0 });
        assert_eq!(DelayLine::of(100.25), DelayLine { whole: 100, share: 0.25 });
        assert_eq!(DelayLine::of(100.75), DelayLine { whole: 100, share: 0.75 });
        let mut ring = DelayRing::new(256, 1);
        for block in 0..4 {
            write::<1>(&mut ring, &std::array::from_fn(|i| [(block * BLOCK + i) as f32]));
        }
        let rows: Vec<[f32; 1]> = ring.rows::<1>().to_vec();
        assert_eq!(DelayLine { whole: 10, share: 0.0 }.read(&rows, 256, 0), 246.0);
        assert_eq!(DelayLine { whole: 10, share: 0.25 }.read(&rows, 256, 0), 245.75);
    }

    #[test]
    fn a_cubic_passes_through_its_points() {
        assert_eq!(cubic(5.0, 1.0, 2.0, -7.0, 0.0), 1.0);
        assert!((cubic(5.0, 1.0, 2.0, -7.0, 1.0) - 2.0).abs() < 1e-6);
    }
}

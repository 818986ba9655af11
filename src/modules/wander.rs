//! Delay lines whose length wanders, read a block at a time.

use crate::modules::buffer::Row;
use crate::modules::call::DelayRing;
use crate::modules::line;
use crate::modules::spec::BLOCK;

/// How a line is read whose delay moves evenly over the block, by less than a frame.
#[derive(Clone, Copy)]
pub(crate) struct Wander {
    /// The share of a frame by which it is late at the start, and how much that moves a frame.
    start: f32,
    speed: f32,
    /// Frames from the oldest that is read to where the line stands.
    back: usize,
    /// From this frame on the delay is a whole frame longer or shorter,
    turn: usize,
    /// and reading starts here against one frame before.
    after_turn: usize,
    /// The rows of a frame.
    every: usize,
}

impl Wander {
    /// From a delay of `from` frames to one of `to`, of which each is `every` rows.
    #[inline(always)]
    pub(crate) fn leading(every: usize, from: f32, to: f32) -> Self {
        let (whole, speed) = (from as usize, (to - from) * (1.0 / BLOCK as f32));
        let start = from - whole as f32;
        let inside = |i: i32| (0.0..1.0).contains(&(start + speed * i as f32));
        // It seldom leaves the frame that it starts in.
        let turn =
            if inside(BLOCK as i32 - 1) { BLOCK } else { (0..BLOCK as i32).filter(|i| inside(*i)).count() };
        Self {
            start,
            speed,
            back: (whole + 3) * every,
            turn,
            after_turn: if to > from { 0 } else { 2 * every },
            every,
        }
    }

    /// Reads `S` frames of the block, from frame `start` on.
    #[inline(always)]
    pub(crate) fn read<const W: usize, const S: usize>(
        &self,
        ring: &DelayRing,
        start: usize,
        out: &mut [Row<W>; S],
    ) {
        // The weights of a Catmull-Rom spline, the same in every lane.
        let mut weights = [[0.0_f32; S]; 4];
        for i in 0..S {
            let x = self.start + self.speed * ((start + i) as i32) as f32;
            let x = if x < 0.0 { x + 1.0 } else { x };
            let x = if x < 1.0 { x } else { x - 1.0 };
            // They add up to 1, and to x where each counts as far as it is from the frame at hand.
            let y = 1.0 - x;
            let bow = -0.5 * x * y;
            let (before, beyond) = (bow * y, bow * x);
            weights[0][i] = before;
            weights[1][i] = (y - (before + before)) + beyond;
            weights[2][i] = (x - (beyond + beyond)) + before;
            weights[3][i] = beyond;
        }
        let window = line::ago::<W>(ring, self.back);
        let turn = self.turn.clamp(start, start + S) - start;
        let [a, b, c, d] = &weights;
        let (before, after) = out.split_at_mut(turn);
        blend(
            self.every,
            &window[start + self.every..],
            [&a[..turn], &b[..turn], &c[..turn], &d[..turn]],
            before,
        );
        let window = &window[start + turn + self.after_turn..];
        blend(self.every, window, [&a[turn..], &b[turn..], &c[turn..], &d[turn..]], after);
    }
}

/// Weighs four neighbours of `window`, `every` rows apart, for each row of `out`.
#[inline(always)]
fn blend<const W: usize>(every: usize, window: &[Row<W>], weights: [&[f32]; 4], out: &mut [Row<W>]) {
    // A number that is known makes for plain loops.
    match every {
        1 => blend_every::<W, 1>(window, weights, out),
        2 => blend_every::<W, 2>(window, weights, out),
        _ => blend_every::<W, 4>(window, weights, out),
    }
}

#[inline(always)]
fn blend_every<const W: usize, const EVERY: usize>(
    window: &[Row<W>],
    weights: [&[f32]; 4],
    out: &mut [Row<W>],
) {
    let frames = out.len();
    let window = &window[..frames + 3 * EVERY];
    let [a, b, c, d] = weights;
    let weights = [&a[..frames], &b[..frames], &c[..frames], &d[..frames]];
    for i in 0..frames {
        if W > 1 {
            line::by_rows();
        }
        let mut row = [0.0; W];
        for l in 0..W {
            let [beyond, after, at, before] =
                [window[i][l], window[i + EVERY][l], window[i + 2 * EVERY][l], window[i + 3 * EVERY][l]];
            row[l] = (before * weights[0][i] + at * weights[1][i])
                + (after * weights[2][i] + beyond * weights[3][i]);
        }
        out[i] = row;
    }
}

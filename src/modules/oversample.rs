//! Running part of a kernel at two or four times the rate.
//!
//! Half-band filters of linear phase (equiripple), 89 dB and more down from where what they would fold into
//! the first 20 kHz begins, at 48 kHz. Every other coefficient of such a filter is 0, the middle one a half: what is left is one
//! filter for the samples between.

use crate::modules::buffer::{Row, Rows};
use crate::modules::call::DelayRing;
use crate::modules::spec::BLOCK;

/// Half of the coefficients between 1 and 2 times the rate; the other half mirrors it.
const INNER: [f32; 16] = [
    -0.000_139_205_796,
    0.000_370_821_316,
    -0.000_834_003_816,
    0.001_638_691_15,
    -0.002_938_210_36,
    0.004_924_729_74,
    -0.007_836_252_57,
    0.011_971_621_6,
    -0.017_722_143_4,
    0.025_642_399_5,
    -0.036_608_534_6,
    0.052_203_388,
    -0.075_776_484_7,
    0.116_061_753,
    -0.205_271_745,
    0.634_277_879,
];
/// The same between 2 and 4 times the rate, where there is more room.
const OUTER: [f32; 6] =
    [-0.000_694_131_513, 0.005_027_632_21, -0.020_320_716_4, 0.061_109_142_3, -0.163_967_205, 0.618_839_499];

/// The rings that [`twice`] needs, then those that [`four_times`] needs beside them.
pub(crate) const RINGS: [usize; 7] = [
    2 * INNER.len() - 1,
    2 * INNER.len() - 1,
    INNER.len() - 1,
    2 * OUTER.len() - 1,
    2 * OUTER.len() - 1,
    OUTER.len() - 1,
    1,
];
/// The frames by which [`twice`] delays.
pub(crate) const TWICE: usize = 2 * INNER.len() - 1;
/// The frames by which [`four_times`] delays.
pub(crate) const FOUR_TIMES: usize = TWICE + OUTER.len();

/// The most rows that a filter sees at once: a block at twice the rate, and what came before it.
const MOST: usize = 2 * BLOCK + 2 * INNER.len();

/// What bends a signal. A closure might be left out of a kernel, and then not be compiled for its processor.
pub(crate) trait Waveshaper {
    /// Bends samples in place. Must be `#[inline(always)]`.
    fn bend(&self, sound: &mut [f32]);
}

/// Bends `sound` at twice the rate.
#[inline(always)]
pub(crate) fn twice<const W: usize>(rings: &mut [DelayRing], sound: &mut Rows<W>, shape: &impl Waveshaper) {
    let [up, odd_ring, even_ring, ..] = rings else { return };
    let mut double = [[[0.0; W]; BLOCK]; 2];
    let [even, odd] = &mut double;
    raise(&INNER, up, sound, even, odd);
    shape.bend(double.as_flattened_mut().as_flattened_mut());
    lower(&INNER, even_ring, odd_ring, &double[0], &double[1], sound);
}

/// Bends `sound` at four times the rate.
#[inline(always)]
pub(crate) fn four_times<const W: usize>(
    rings: &mut [DelayRing],
    sound: &mut Rows<W>,
    shape: &impl Waveshaper,
) {
    let [up, odd_ring, even_ring, outer_up, outer_odd, outer_even, rest] = rings else { return };
    let (mut even, mut odd) = ([[0.0; W]; BLOCK], [[0.0; W]; BLOCK]);
    raise(&INNER, up, sound, &mut even, &mut odd);
    let mut double = [[0.0; W]; 2 * BLOCK];
    for (pair, (even, odd)) in double.chunks_exact_mut(2).zip(even.iter().zip(&odd)) {
        (pair[0], pair[1]) = (*even, *odd);
    }
    let mut quadruple = [[[0.0; W]; 2 * BLOCK]; 2];
    let [first, second] = &mut quadruple;
    raise(&OUTER, outer_up, &double, first, second);
    shape.bend(quadruple.as_flattened_mut().as_flattened_mut());
    lower(&OUTER, outer_even, outer_odd, &quadruple[0], &quadruple[1], &mut double);
    // The outer filters delay by half a frame too little: one sample more makes it whole.
    let kept = &mut rest.rows::<W>()[0];
    let mut before = *kept;
    for (pair, (even, odd)) in double.chunks_exact(2).zip(even.iter_mut().zip(&mut odd)) {
        (*even, *odd) = (before, pair[0]);
        before = pair[1];
    }
    *kept = before;
    lower(&INNER, even_ring, odd_ring, &even, &odd, sound);
}

/// Doubles the rate: `even` are the samples as they were, delayed by the length of `half`, `odd` those between.
#[inline(always)]
fn raise<const W: usize>(
    half: &[f32],
    past: &mut DelayRing,
    input: &[Row<W>],
    even: &mut [Row<W>],
    odd: &mut [Row<W>],
) {
    let mut work = [[0.0; W]; MOST];
    let work = joined(past, input, &mut work);
    even.copy_from_slice(&work[half.len() - 1..half.len() - 1 + input.len()]);
    between(half, work, odd);
}

/// Halves the rate again; delays by one less than the length of `half`.
#[inline(always)]
fn lower<const W: usize>(
    half: &[f32],
    past_even: &mut DelayRing,
    past_odd: &mut DelayRing,
    even: &[Row<W>],
    odd: &[Row<W>],
    out: &mut [Row<W>],
) {
    let mut work = [[0.0; W]; MOST];
    between(half, joined(past_odd, odd, &mut work), out);
    let even = joined(past_even, even, &mut work);
    for (out, even) in out.as_flattened_mut().iter_mut().zip(even.as_flattened()) {
        *out = 0.5 * (*out + even);
    }
}

/// What the ring keeps of the past, and `input` after it; the ring then keeps the end of that.
#[inline(always)]
fn joined<'a, const W: usize>(
    past: &mut DelayRing,
    input: &[Row<W>],
    work: &'a mut [Row<W>; MOST],
) -> &'a [Row<W>] {
    let kept = past.frames;
    let work = &mut work[..kept + input.len()];
    work[..kept].copy_from_slice(past.rows::<W>());
    work[kept..].copy_from_slice(input);
    past.rows::<W>().copy_from_slice(&work[input.len()..]);
    work
}

/// The samples half-way between those of `work`, by a symmetric filter of which `half` is the first half.
#[inline(always)]
fn between<const W: usize>(half: &[f32], work: &[Row<W>], out: &mut [Row<W>]) {
    const TOGETHER: usize = 16;
    let (work, out) = (work.as_flattened(), out.as_flattened_mut());
    let last = (2 * half.len() - 1) * W;
    for (n, out) in out.as_chunks_mut::<TOGETHER>().0.iter_mut().enumerate() {
        let work = &work[n * TOGETHER..n * TOGETHER + last + TOGETHER];
        let mut sum = [0.0; TOGETHER];
        for (k, weight) in half.iter().enumerate() {
            let (near, far) = (&work[k * W..k * W + TOGETHER], &work[last - k * W..last - k * W + TOGETHER]);
            for j in 0..TOGETHER {
                sum[j] += weight * (near[j] + far[j]);
            }
        }
        *out = sum;
    }
}

//! Band-limited waves: one cycle in four levels an octave, made by the build script and read by linear interpolation.

/// The octave under the slowest levels: phase increments below 2^21 share the slowest.
const FLOOR: u32 = 20;
/// Levels an octave, as a power of two.
const STEPS: u32 = 2;
/// The octaves there are: up to half a turn a frame.
const OCTAVES: usize = 10;

/// One wave at every level: `N` samples, one more than a power of two, so that masked places need no check.
#[derive(Debug)]
pub struct Bank<const N: usize> {
    samples: &'static [[u8; 4]; N],
    /// For each octave, where its levels start and their length as a power of two.
    octaves: [(usize, u32); OCTAVES],
    /// The slowest level there is.
    lowest: u32,
}

/// A saw that rises through 0 at phase 0 and jumps down at half a turn. Without DC; edges of height 2.
pub static SAW: Bank<131_073> =
    Bank::new(include_bytes!(concat!(env!("OUT_DIR"), "/saw")), 0, [13, 12, 12, 12, 12, 11, 10, 9, 8, 7]);

/// A triangle that rises through 0 at phase 0. Without DC; peaks at 1.
pub static TRIANGLE: Bank<32_769> = Bank::new(
    include_bytes!(concat!(env!("OUT_DIR"), "/triangle")),
    2,
    [10, 10, 10, 10, 10, 10, 10, 9, 8, 7],
);

/// Which level serves a phase increment, below half a turn: no harmonic of it comes over half the rate.
///
/// Levels count from 4, a quarter of an octave each; slow increments share the lowest.
#[inline(always)]
pub fn level(step: u32) -> u32 {
    let octave = (step | 1).ilog2();
    if octave <= FLOOR {
        return 1 << STEPS;
    }
    ((octave - FLOOR) << STEPS) + ((step >> (octave - STEPS)) & ((1 << STEPS) - 1))
}

impl<const N: usize> Bank<N> {
    /// A bank whose levels start `skipped` octaves above the floor; `bits` are the lengths that the build script used.
    const fn new(bytes: &'static [u8], skipped: usize, bits: [u32; OCTAVES]) -> Self {
        let mut octaves = [(0, 0); OCTAVES];
        let mut start = 0;
        let mut i = 0;
        while i < OCTAVES {
            octaves[i] = (start, bits[i]);
            if i >= skipped {
                start += ((1 << bits[i]) + 1) << STEPS;
            }
            i += 1;
        }
        assert!(
            start < N && N == (start + 1).next_power_of_two() + 1,
            "the build script wrote other lengths"
        );
        let Some(samples) = bytes.as_chunks().0.first_chunk() else {
            panic!("the build script wrote too little")
        };
        Self { samples, octaves, lowest: (skipped as u32 + 1) << STEPS }
    }

    /// Where the cycle of `level` starts, and its length as a power of two.
    #[inline(always)]
    fn place(&self, level: u32) -> (u32, u32) {
        let level = if level > self.lowest { level } else { self.lowest };
        let (start, bits) = self.octaves[((level >> STEPS) - 1) as usize];
        (start as u32 + (level & ((1 << STEPS) - 1)) * ((1 << bits) + 1), bits)
    }

    /// The cycle of `level`.
    #[inline(always)]
    pub fn cycle(&self, level: u32) -> Cycle<'_, N> {
        self.cycles(&[level])
    }

    /// The cycles of `W` levels, over and over.
    #[inline(always)]
    pub fn cycles<const W: usize>(&self, levels: &[u32; W]) -> Cycle<'_, N> {
        let mut cycle = Cycle { samples: self.samples, start: [0; RUN], bits: [0; RUN] };
        for l in 0..W {
            let (start, bits) = self.place(levels[l]);
            for j in 0..RUN / W {
                (cycle.start[j * W + l], cycle.bits[j * W + l]) = (start, bits);
            }
        }
        cycle
    }
}

/// As many samples as are read together.
pub const RUN: usize = 32;

/// The cycles that [`RUN`] samples are read from, each for its level.
#[derive(Clone, Copy, Debug)]
pub struct Cycle<'a, const N: usize> {
    samples: &'a [[u8; 4]; N],
    start: [u32; RUN],
    bits: [u32; RUN],
}

impl<const N: usize> Cycle<'_, N> {
    /// The waves at so many phases, 2^32 to a turn.
    ///
    /// Places and shares are computed apart from the reads, because only they run side by side.
    #[inline(always)]
    pub fn at(&self, phase: &[u32; RUN]) -> [f32; RUN] {
        let mut places = [0; RUN];
        let mut pairs = [0; RUN];
        let mut wave = [0.0; RUN];
        for k in 0..RUN {
            places[k] = self.start[k] + (phase[k] >> (32 - self.bits[k]));
        }
        for k in 0..RUN {
            let i = places[k] as usize & (N - 2);
            let [a, b, c, d] = self.samples[i];
            let [e, f, g, h] = self.samples[i + 1];
            pairs[k] = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        }
        for k in 0..RUN {
            let x = ((phase[k] << self.bits[k]) >> 8).cast_signed() as f32 * (1.0 / 16_777_216.0);
            let (a, b) = (f32::from_bits(pairs[k] as u32), f32::from_bits((pairs[k] >> 32) as u32));
            wave[k] = a + (b - a) * x;
        }
        wave
    }
}

#[cfg(test)]
mod tests {
    use super::{RUN, SAW, TRIANGLE, level};

    #[test]
    fn no_level_lets_a_harmonic_over_half_the_rate() {
        // The slope of the highest harmonic at phase 0 tells nothing; its count does: the build script's rule, checked
        // against the rule that chooses.
        for step in (1 << 21..(1u32 << 31) - 1).step_by(999_983) {
            let level = level(step);
            let (octave, quarter) = ((level >> 2) + 20, level & 3);
            let fastest = libm::exp2(f64::from(octave)) * f64::from(5 + quarter) / 4.0;
            assert!(f64::from(step) <= fastest, "{step}");
            assert!(f64::from(step) >= fastest * 4.0 / 5.0 * 0.999, "{step}");
        }
        assert_eq!(level(0), level(1 << 20));
    }

    #[test]
    fn waves_have_their_shape() {
        let cycle = SAW.cycle(level(1 << 24));
        for share in [-0.45, -0.25, 0.0, 0.1, 0.4] {
            let [y, ..] = cycle.at(&[(share * 4_294_967_296.0) as i64 as u32; RUN]);
            assert!((f64::from(y) - 2.0 * share).abs() < 0.02, "{share}: {y}");
        }
        let cycle = TRIANGLE.cycle(level(1 << 24));
        for (share, want) in [(0.0, 0.0), (0.125, 0.5), (0.25, 1.0), (0.5, 0.0), (0.75, -1.0)] {
            let [y, ..] = cycle.at(&[(share * 4_294_967_296.0) as i64 as u32; RUN]);
            assert!((f64::from(y) - want).abs() < 0.004, "{share}: {y}");
        }
    }
}

//! A sampled signal read between its frames, at any speed: windowed sincs in tables.
//!
//! Smith and Gossett, "A flexible sampling-rate conversion method" (1984); the window is Kaiser's. Read at more than its
//! own speed, a signal is cut where it would fold over: by sincs as wide as the speed, eight widths to the octave.

use std::f64::consts::PI;
use std::sync::LazyLock;

/// Frames that a reading at a speed of at most 1 looks at.
const NARROWEST: usize = 64;
/// Frames that the widest reading looks at, at a speed of 2.
pub const WIDEST: usize = 2 * NARROWEST;
/// Places between two frames for which weights are stored; between those they are interpolated (error under -80 dB).
const PHASES: usize = 128;
/// Widths to an octave of speed.
const WIDTHS: usize = 8;
/// What lies beyond the cut is at least 80 dB down.
const STOP: f64 = 80.0;

/// The weights of every width, `[width]`: width 0 for speeds up to 1, width 8 for 2.
pub static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    (0..=WIDTHS).map(|width| Table::new(libm::exp2(width as f64 / WIDTHS as f64))).collect()
});

/// The highest speed at which each width is read, 2^32 for 1.
static SPEEDS: LazyLock<[u64; WIDTHS]> =
    LazyLock::new(|| std::array::from_fn(|width| libm::exp2(32.0 + width as f64 / WIDTHS as f64) as u64));

/// The weights of one width.
#[derive(Debug)]
pub struct Table {
    taps: usize,
    /// Those of phase 0, then those of phase 1, to the next frame.
    weights: Vec<f32>,
}

impl Table {
    /// For speeds up to `speed`, at most 2. Nothing above half the frame rate over `speed` comes through; what is 16 % below
    /// that does.
    fn new(speed: f64) -> Self {
        let taps = (libm::ceil(NARROWEST as f64 * speed / 8.0) * 8.0) as usize;
        // Kaiser, "Nonrecursive digital filter design using the I0-sinh window function" (1974).
        let beta = 0.1102 * (STOP - 8.7);
        let slope = (STOP - 7.95) / (2.285 * 2.0 * PI * taps as f64);
        let cutoff = 0.5 / speed - slope / 2.0;
        let half = taps as f64 / 2.0;
        let top = bessel(beta);
        let weight = |x: f64| {
            let window = bessel(beta * libm::sqrt((1.0 - x * x / (half * half)).max(0.0))) / top;
            let turn = 2.0 * PI * cutoff * x;
            let sinc = if x == 0.0 { 1.0 } else { libm::sin(turn) / turn };
            window * sinc
        };
        let mut weights = Vec::with_capacity(taps * (PHASES + 1));
        for phase in 0..=PHASES {
            let place = |tap: usize| tap as f64 - (half - 1.0) - phase as f64 / PHASES as f64;
            let row: Vec<f64> = (0..taps).map(|tap| weight(place(tap))).collect();
            // What stands still comes through as it is.
            let sum: f64 = row.iter().sum();
            weights.extend(row.iter().map(|weight| (weight / sum) as f32));
        }
        Self { taps, weights }
    }

    /// How many frames it looks at before the one that it reads.
    #[inline(always)]
    pub fn before(&self) -> usize {
        self.taps / 2 - 1
    }

    /// The signal `fraction` (0 to 1) of the way after frame `at + before` of each plane.
    ///
    /// # Panics
    /// If a plane doesn't reach as far as the table.
    #[inline(always)]
    pub fn read<const C: usize>(&self, planes: [&[f32]; C], at: usize, fraction: f32) -> [f32; C] {
        let place = fraction * PHASES as f32;
        let phase = (place as usize).min(PHASES - 1);
        let between = place - phase as f32;
        let rows = &self.weights[phase * self.taps..(phase + 2) * self.taps];
        let (near, far) = rows.split_at(self.taps);
        let frames = planes.map(|plane| plane[at..at + self.taps].as_chunks::<8>().0);
        let mut sums = [[0.0_f32; 8]; C];
        for (n, (near, far)) in near.as_chunks::<8>().0.iter().zip(far.as_chunks::<8>().0).enumerate() {
            for l in 0..8 {
                let weight = near[l] + between * (far[l] - near[l]);
                for c in 0..C {
                    sums[c][l] += weight * frames[c][n][l];
                }
            }
        }
        sums.map(|s| ((s[0] + s[4]) + (s[1] + s[5])) + ((s[2] + s[6]) + (s[3] + s[7])))
    }

    /// Every second frame of `plane`, whose first frame has `before` others before it, as if read at twice the speed.
    fn half(&self, plane: &[f32], frames: usize) -> Vec<f32> {
        let weights = &self.weights[..self.taps];
        let read = |n: usize| {
            let frames = plane[2 * n..2 * n + self.taps].as_chunks::<8>().0;
            let mut sums = [0.0_f32; 8];
            for (frames, weights) in frames.iter().zip(weights.as_chunks::<8>().0) {
                for l in 0..8 {
                    sums[l] += weights[l] * frames[l];
                }
            }
            sums.iter().sum()
        };
        (0..frames).map(read).collect()
    }
}

/// How many times a signal is to be halved, and the width of the table, before it is read at `speed` (2^32 for 1).
#[inline(always)]
pub fn reading(speed: u64) -> (usize, usize) {
    if speed <= 1 << 32 {
        return (0, 0);
    }
    let level = 31 - ((speed - 1).leading_zeros() as usize).min(31);
    let local = speed >> level;
    (level, SPEEDS.iter().filter(|limit| local > **limit).count())
}

/// `plane`, which has [`WIDEST`] / 2 frames of silence at least before and after its `frames`, at half its frame rate, with
/// `margin` frames of silence on both sides.
pub fn halved(plane: &[f32], frames: usize, from: usize, margin: usize) -> Vec<f32> {
    let table = &TABLES[WIDTHS];
    let mut half = vec![0.0; margin];
    half.extend(table.half(&plane[from - table.before()..], frames.div_ceil(2)));
    half.resize(half.len() + margin, 0.0);
    half
}

/// The modified Bessel function of the first kind and order 0, for 0 to 10: its power series.
fn bessel(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for k in 1..=32 {
        let half = x / (2.0 * f64::from(k));
        term *= half * half;
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::reading;

    #[test]
    fn a_signal_is_halved_until_its_speed_is_at_most_two() {
        let speed = |speed: f64| reading((speed * 4_294_967_296.0) as u64);
        assert_eq!(speed(0.01), (0, 0));
        assert_eq!(speed(1.0), (0, 0));
        assert_eq!(speed(1.001), (0, 1));
        assert_eq!(speed(1.5), (0, 5));
        assert_eq!(speed(2.0), (0, 8));
        assert_eq!(speed(2.001), (1, 1));
        assert_eq!(speed(4.0), (1, 8));
        assert_eq!(speed(1000.0), (9, 8));
    }
}

//! Loudness by EBU R 128: integrated, gated, of a stereo signal.
//!
//! ITU-R BS.1770-4: each channel passes two filters that hear as a head does; the power of 400 ms at a time is
//! counted unless it lies under -70 LUFS or more than 10 LU under the rest.

use std::f64::consts::PI;

use crate::engine::block_loop::Frame;

/// Two channels in each of two filters: left and right in the first, left and right in the second, some frames after.
const PATHS: usize = 4;
/// By how many frames the second filters are after. All paths share a vector, so a frame of the second waits for the frame
/// of the first that it hears as if for its own last: the further after, the less.
const BEHIND: usize = 3;
/// States under this are nothing: they would slow the arithmetic down.
const TINY: f64 = 1e-60;
/// Parts of 100 ms that a window is made of.
const PARTS: usize = 4;
/// What is quieter doesn't count, in LUFS.
const ABSOLUTE_GATE: f64 = -70.0;
/// What lies so far under the mean doesn't count, as a share of its power: 10 dB.
const RELATIVE_GATE: f64 = 0.1;

/// Measures loudness as a signal comes in.
pub(super) struct Loudness {
    /// Of each path: what of the input goes to the output, and to the two states.
    through: [f64; PATHS],
    into: [[f64; PATHS]; 2],
    /// What of the first state goes to both.
    back: [[f64; PATHS]; 2],
    states: [[f64; PATHS]; 2],
    /// What the first filters have output last, oldest first.
    between: [[f64; 2]; BEHIND],
    power: [f64; PATHS],
    /// Frames until the part is complete.
    left: usize,
    /// Frames in a part.
    part: usize,
    /// The power of each part so far.
    parts: Vec<f64>,
}

impl Loudness {
    /// A meter for `rate` frames a second.
    pub(super) fn new(rate: u32) -> Self {
        let (shelf, highpass) = weighting(f64::from(rate));
        let both = |of: fn(&Biquad) -> f64| [of(&shelf), of(&shelf), of(&highpass), of(&highpass)];
        let part = (rate as usize).div_ceil(10);
        Self {
            through: both(|f| f.b[0]),
            into: [both(|f| f.b[1] - f.a[0] * f.b[0]), both(|f| f.b[2] - f.a[1] * f.b[0])],
            back: [both(|f| -f.a[0]), both(|f| -f.a[1])],
            states: [[0.0; PATHS]; 2],
            between: [[0.0; 2]; BEHIND],
            power: [0.0; PATHS],
            left: part + BEHIND,
            part,
            parts: Vec::new(),
        }
    }

    /// Takes the next frames.
    #[inline(always)]
    pub(super) fn push(&mut self, frames: &[Frame]) {
        let mut from = 0;
        while from < frames.len() {
            let to = frames.len().min(from + self.left);
            self.filter(&frames[from..to]);
            self.left -= to - from;
            if self.left == 0 {
                self.parts.push((self.power[2] + self.power[3]) / self.part as f64);
                self.power = [0.0; PATHS];
                self.left = self.part;
            }
            from = to;
        }
    }

    #[inline(always)]
    fn filter(&mut self, frames: &[Frame]) {
        let Self { through, into, back, .. } = *self;
        let [mut first, mut second] = self.states;
        let mut between = self.between;
        let mut power = self.power;
        for &[left, right] in frames {
            let x = [f64::from(left), f64::from(right), between[0][0], between[0][1]];
            let mut y = [0.0; PATHS];
            for p in 0..PATHS {
                y[p] = first[p] + through[p] * x[p];
                power[p] += y[p] * y[p];
                let next = (second[p] + into[0][p] * x[p]) + back[0][p] * first[p];
                second[p] = into[1][p] * x[p] + back[1][p] * first[p];
                first[p] = next;
            }
            between = [between[1], between[2], [y[0], y[1]]];
        }
        for state in first.iter_mut().chain(&mut second) {
            if state.abs() < TINY {
                *state = 0.0;
            }
        }
        self.states = [first, second];
        self.between = between;
        self.power = power;
    }

    /// The integrated loudness of all that came, in LUFS; minus infinity if all of it lies under the gate.
    pub(super) fn finish(mut self) -> f64 {
        self.push(&[[0.0; 2]; BEHIND]);
        let windows = || self.parts.windows(PARTS).map(|parts| parts.iter().sum::<f64>() / PARTS as f64);
        let mean = |gate: f64| {
            let (sum, count) = windows()
                .filter(|power| *power >= gate)
                .fold((0.0, 0_u32), |(sum, count), power| (sum + power, count + 1));
            sum / f64::from(count)
        };
        let absolute = libm::pow(10.0, (ABSOLUTE_GATE - OFFSET) / 10.0);
        let gate = absolute.max(mean(absolute) * RELATIVE_GATE);
        let power = mean(gate);
        if power > 0.0 { OFFSET + 10.0 * libm::log10(power) } else { f64::NEG_INFINITY }
    }
}

/// The loudness of a power of 1: it makes up for what the filters add at 1 kHz.
const OFFSET: f64 = -0.691;

/// A filter of two poles: numerator, and denominator without its leading 1.
struct Biquad {
    b: [f64; 3],
    a: [f64; 2],
}

/// The shelf and the high-pass of the recommendation at any rate (Brecht De Man, "Evaluation of implementations of the
/// EBU R128 loudness measurement", 2018).
fn weighting(rate: f64) -> (Biquad, Biquad) {
    let poles = |hertz: f64, q: f64| {
        let k = libm::tan(PI * hertz / rate);
        (k, 1.0 + k / q + k * k, 1.0 - k / q + k * k)
    };
    let q = 0.707_175_236_955_419_6;
    let (k, a0, a2) = poles(1_681.974_450_955_533, q);
    let high = libm::pow(10.0, 3.999_843_853_973_347 / 20.0);
    let band = libm::pow(high, 0.499_666_774_154_541_6);
    let shelf = Biquad {
        b: [
            (high + band * k / q + k * k) / a0,
            2.0 * (k * k - high) / a0,
            (high - band * k / q + k * k) / a0,
        ],
        a: [2.0 * (k * k - 1.0) / a0, a2 / a0],
    };
    let (k, a0, a2) = poles(38.135_470_876_024_44, 0.500_327_037_323_877_3);
    let highpass = Biquad { b: [1.0, -2.0, 1.0], a: [2.0 * (k * k - 1.0) / a0, a2 / a0] };
    (shelf, highpass)
}

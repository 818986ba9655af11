//! Running one module and measuring what comes out.

use chronus::modules::dispatch::Compilation;
use chronus::modules::find;
use chronus::modules::solo::Solo;
use chronus::modules::spec::BLOCK;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

/// Frames a second, unless a test says otherwise.
pub(crate) const RATE: f32 = 48_000.0;

/// One module, one lane wide, with what is played into it.
pub(crate) struct Rig {
    solo: Solo<1>,
    outputs: usize,
    feeds: Vec<(Feed, Vec<f32>)>,
}

enum Feed {
    Named(&'static str),
    Channel(usize),
}

impl Rig {
    /// A module of `kind` with its defaults.
    pub(crate) fn new(kind: &str) -> Self {
        Self::with(kind, RATE, &[], 1)
    }

    /// A module of `kind` at `rate` with settings as the kernel reads them.
    pub(crate) fn with(kind: &str, rate: f32, settings: &[(&str, f32)], seed: u32) -> Self {
        let spec = find(kind).unwrap_or_else(|| panic!("no kind {kind}"));
        let solo = Solo::new(spec, rate, settings, [seed], Compilation::best()).expect("made of lanes");
        Self { solo, outputs: spec.output_places(), feeds: Vec::new() }
    }

    /// Holds an input or parameter at `value`.
    pub(crate) fn set(mut self, name: &str, value: f32) -> Self {
        self.solo.set(name, value);
        self
    }

    /// Plays `signal` into an input or parameter, its last value held.
    pub(crate) fn feed(mut self, name: &'static str, signal: Vec<f32>) -> Self {
        self.feeds.push((Feed::Named(name), signal));
        self
    }

    /// Plays `signal` into one channel of the main input.
    pub(crate) fn feed_channel(mut self, channel: usize, signal: Vec<f32>) -> Self {
        self.feeds.push((Feed::Channel(channel), signal));
        self
    }

    /// The first output for `frames` frames.
    pub(crate) fn run(self, frames: usize) -> Vec<f32> {
        let [first, ..] = &self.run_all(frames)[..] else { panic!("no output") };
        first.clone()
    }

    /// Every output for `frames` frames.
    pub(crate) fn run_all(mut self, frames: usize) -> Vec<Vec<f32>> {
        let mut heard = vec![Vec::with_capacity(frames + BLOCK); self.outputs];
        for block in 0..frames.div_ceil(BLOCK) {
            for (to, signal) in &self.feeds {
                let rows = std::array::from_fn(|i| {
                    let at = block * BLOCK + i;
                    [signal.get(at).or(signal.last()).copied().unwrap_or(0.0)]
                });
                match to {
                    Feed::Named(name) => self.solo.feed(name, &rows),
                    Feed::Channel(channel) => self.solo.feed_channel(*channel, &rows),
                }
            }
            self.solo.run();
            for (output, heard) in heard.iter_mut().enumerate() {
                heard.extend(self.solo.output(output).map(|[x]| x));
            }
        }
        for heard in &mut heard {
            heard.truncate(frames);
        }
        heard
    }
}

/// The decibels of an amplitude.
pub(crate) fn db(amplitude: f64) -> f64 {
    20.0 * libm::log10(amplitude)
}

/// The root of the mean square.
pub(crate) fn rms(signal: &[f32]) -> f64 {
    (signal.iter().map(|x| f64::from(*x) * f64::from(*x)).sum::<f64>() / signal.len() as f64).sqrt()
}

/// The greatest distance from 0.
pub(crate) fn peak(signal: &[f32]) -> f64 {
    signal.iter().fold(0.0, |peak, x| if x.abs() > peak { x.abs() } else { peak }).into()
}

/// The mean.
pub(crate) fn mean(signal: &[f32]) -> f64 {
    signal.iter().map(|x| f64::from(*x)).sum::<f64>() / signal.len() as f64
}

/// `frames` of a sine of `hertz` at `amplitude`.
pub(crate) fn sine(hertz: f64, amplitude: f64, frames: usize) -> Vec<f32> {
    let turns = hertz / f64::from(RATE);
    (0..frames).map(|i| (amplitude * libm::sin(std::f64::consts::TAU * turns * i as f64)) as f32).collect()
}

/// `frames` of noise, evenly spread from -1 to 1.
pub(crate) fn noise(seed: u64, frames: usize) -> Vec<f32> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    std::iter::repeat_with(|| {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    })
    .take(frames)
    .collect()
}

/// A single frame of `height`, then silence.
pub(crate) fn impulse(height: f32) -> Vec<f32> {
    vec![height, 0.0]
}

/// The complex amplitudes of bins 0 to half of the signal's length, unwindowed and unscaled.
pub(crate) fn transform(signal: &[f32]) -> Vec<Complex<f64>> {
    let mut buffer: Vec<_> = signal.iter().map(|x| Complex::new(f64::from(*x), 0.0)).collect();
    FftPlanner::new().plan_fft_forward(buffer.len()).process(&mut buffer);
    buffer.truncate(signal.len() / 2 + 1);
    buffer
}

/// The amplitude of each bin of a signal whose partials fall on whole bins.
pub(crate) fn partials(signal: &[f32]) -> Vec<f64> {
    transform(signal).iter().map(|x| 2.0 * x.norm() / signal.len() as f64).collect()
}

/// The power spectrum, averaged over half overlapping stretches of `size` frames under a Hann window.
pub(crate) fn density(signal: &[f32], size: usize) -> Vec<f64> {
    let mut sum = vec![0.0; size / 2 + 1];
    let window = |i: usize| 0.5 - 0.5 * libm::cos(std::f64::consts::TAU * i as f64 / size as f64);
    for start in (0..=signal.len() - size).step_by(size / 2) {
        let stretch: Vec<f32> =
            signal[start..start + size].iter().enumerate().map(|(i, x)| x * window(i) as f32).collect();
        for (sum, x) in sum.iter_mut().zip(transform(&stretch)) {
            *sum += x.norm_sqr();
        }
    }
    sum
}

/// The power between two frequencies of a power spectrum.
pub(crate) fn band(density: &[f64], low: f64, high: f64) -> f64 {
    let bin = f64::from(RATE) / 2.0 / (density.len() - 1) as f64;
    density.iter().enumerate().filter(|(i, _)| (low..high).contains(&(*i as f64 * bin))).map(|(_, x)| x).sum()
}

/// The frequency in Hz of a steady, nearly pure tone, from its upward crossings of 0.
pub(crate) fn pitch(signal: &[f32]) -> f64 {
    let mut crossings = Vec::new();
    for (i, pair) in signal.windows(2).enumerate() {
        if pair[0] < 0.0 && pair[1] >= 0.0 {
            crossings.push(i as f64 + f64::from(pair[0]) / f64::from(pair[0] - pair[1]));
        }
    }
    let (first, last) = (crossings[0], crossings[crossings.len() - 1]);
    (crossings.len() - 1) as f64 * f64::from(RATE) / (last - first)
}

/// The response in decibels of a linear system at `hertz`, from its impulse response.
pub(crate) fn response(impulse_response: &[f32], hertz: f64) -> f64 {
    let turns = hertz / f64::from(RATE);
    let sum: Complex<f64> = impulse_response
        .iter()
        .enumerate()
        .map(|(i, x)| Complex::from_polar(f64::from(*x), -std::f64::consts::TAU * turns * i as f64))
        .sum();
    db(sum.norm())
}

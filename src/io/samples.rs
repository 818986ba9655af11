//! Samples as devices want them: frames in any format, for any number of channels.

use cpal::{Data, I24, SampleFormat, U24};

use crate::engine::block_loop::Frame;

/// The formats that chronus writes, the best first.
pub const FORMATS: [SampleFormat; 10] = [
    SampleFormat::F32,
    SampleFormat::I32,
    SampleFormat::I24,
    SampleFormat::F64,
    SampleFormat::I16,
    SampleFormat::U32,
    SampleFormat::U24,
    SampleFormat::U16,
    SampleFormat::I8,
    SampleFormat::U8,
];

/// Where a host wants the samples of a callback, channel beside channel.
#[allow(missing_docs, reason = "the variants are the formats")]
pub enum Samples<'a> {
    I8(&'a mut [i8]),
    U8(&'a mut [u8]),
    I16(&'a mut [i16]),
    U16(&'a mut [u16]),
    I24(&'a mut [I24]),
    U24(&'a mut [U24]),
    I32(&'a mut [i32]),
    U32(&'a mut [u32]),
    F32(&'a mut [f32]),
    F64(&'a mut [f64]),
}

/// Does `$do` with the slice in any variant of `$samples`.
macro_rules! whichever {
    ($samples:expr, $slice:ident => $do:expr) => {
        match $samples {
            Samples::I8($slice) => $do,
            Samples::U8($slice) => $do,
            Samples::I16($slice) => $do,
            Samples::U16($slice) => $do,
            Samples::I24($slice) => $do,
            Samples::U24($slice) => $do,
            Samples::I32($slice) => $do,
            Samples::U32($slice) => $do,
            Samples::F32($slice) => $do,
            Samples::F64($slice) => $do,
        }
    };
}

impl<'a> Samples<'a> {
    /// The samples of `data`, if their format is one of [`FORMATS`].
    pub fn of(data: &'a mut Data) -> Option<Self> {
        match data.sample_format() {
            SampleFormat::I8 => data.as_slice_mut().map(Self::I8),
            SampleFormat::U8 => data.as_slice_mut().map(Self::U8),
            SampleFormat::I16 => data.as_slice_mut().map(Self::I16),
            SampleFormat::U16 => data.as_slice_mut().map(Self::U16),
            SampleFormat::I24 => data.as_slice_mut().map(Self::I24),
            SampleFormat::U24 => data.as_slice_mut().map(Self::U24),
            SampleFormat::I32 => data.as_slice_mut().map(Self::I32),
            SampleFormat::U32 => data.as_slice_mut().map(Self::U32),
            SampleFormat::F32 => data.as_slice_mut().map(Self::F32),
            SampleFormat::F64 => data.as_slice_mut().map(Self::F64),
            _ => None,
        }
    }

    /// How many samples, of all channels together.
    #[allow(clippy::len_without_is_empty, reason = "no host asks for nothing")]
    pub fn len(&self) -> usize {
        whichever!(self, slice => slice.len())
    }

    /// Writes `frames` from frame `at` on. One channel gets the mean of both sides; of several, the first two get the sides and
    /// the others silence. What is over full scale is held there, and NaN is silence.
    pub fn write(&mut self, at: usize, frames: &[Frame], channels: usize) {
        match self {
            Self::I8(out) => put(out, at, frames, channels, |x| signed(x, 7) as i8),
            Self::U8(out) => put(out, at, frames, channels, |x| unsigned(x, 7) as u8),
            Self::I16(out) => put(out, at, frames, channels, |x| signed(x, 15) as i16),
            Self::U16(out) => put(out, at, frames, channels, |x| unsigned(x, 15) as u16),
            Self::I24(out) => {
                put(out, at, frames, channels, |x| I24::new(signed(x, 23)).unwrap_or_default());
            }
            Self::U24(out) => {
                put(out, at, frames, channels, |x| U24::new(unsigned(x, 23) as i32).unwrap_or_default());
            }
            Self::I32(out) => put(out, at, frames, channels, |x| signed(x, 31)),
            Self::U32(out) => put(out, at, frames, channels, |x| unsigned(x, 31)),
            Self::F32(out) => put(out, at, frames, channels, held),
            Self::F64(out) => put(out, at, frames, channels, |x| f64::from(held(x))),
        }
    }
}

fn put<T: Copy>(out: &mut [T], at: usize, frames: &[Frame], channels: usize, of: impl Fn(f32) -> T) {
    let slots = out.chunks_exact_mut(channels.max(1)).skip(at);
    let silence = of(0.0);
    for (slot, &[left, right]) in slots.zip(frames) {
        match slot {
            [mono] => *mono = of((left + right) * 0.5),
            [first, second, others @ ..] => {
                *first = of(left);
                *second = of(right);
                others.fill(silence);
            }
            [] => {}
        }
    }
}

/// `x` within full scale; NaN as 0.
fn held(x: f32) -> f32 {
    if x.is_nan() { 0.0 } else { x.clamp(-1.0, 1.0) }
}

/// The nearest of the integers of `bits` bits and a sign, 2^`bits` of them to full scale.
fn signed(x: f32, bits: u32) -> i32 {
    let scale = f64::from(1_u32 << bits);
    (f64::from(held(x)) * scale).round().clamp(-scale, scale - 1.0) as i32
}

/// The same for integers without a sign, whose middle is silence.
fn unsigned(x: f32, bits: u32) -> u32 {
    (i64::from(signed(x, bits)) + (1_i64 << bits)) as u32
}

#[cfg(test)]
mod tests {
    use cpal::{I24, U24};

    use super::Samples;
    use crate::engine::block_loop::Frame;

    const FRAMES: [Frame; 4] = [[0.0, 0.5], [-1.0, 1.0], [-9.0, f32::INFINITY], [f32::NAN, -0.25]];

    macro_rules! written {
        ($variant:ident, $first:expr, $channels:expr) => {{
            let mut out = [$first; 4 * $channels];
            let mut samples = Samples::$variant(&mut out);
            assert_eq!(samples.len(), 4 * $channels);
            samples.write(0, &FRAMES[..1], $channels);
            samples.write(1, &FRAMES[1..], $channels);
            out
        }};
    }

    #[test]
    fn every_format_is_held_at_full_scale() {
        assert_eq!(written!(I8, 1_i8, 2), [0, 64, -128, 127, -128, 127, 0, -32]);
        assert_eq!(written!(U8, 1_u8, 2), [128, 192, 0, 255, 0, 255, 128, 96]);
        assert_eq!(written!(I16, 1_i16, 2), [0, 16384, -32768, 32767, -32768, 32767, 0, -8192]);
        assert_eq!(written!(U16, 1_u16, 2), [32768, 49152, 0, 65535, 0, 65535, 32768, 24576]);
        let (low, high) = (-(1 << 23), (1 << 23) - 1);
        assert_eq!(
            written!(I24, I24::new_unchecked(1), 2).map(I24::inner),
            [0, 1 << 22, low, high, low, high, 0, -(1 << 21)]
        );
        assert_eq!(
            written!(U24, U24::new_unchecked(1), 2).map(U24::inner),
            [1 << 23, 3 << 22, 0, (1 << 24) - 1, 0, (1 << 24) - 1, 1 << 23, 3 << 21]
        );
        let (low, high) = (i32::MIN, i32::MAX);
        assert_eq!(written!(I32, 1_i32, 2), [0, 1 << 30, low, high, low, high, 0, -(1 << 29)]);
        let middle = 1 << 31;
        assert_eq!(written!(U32, 1_u32, 2), [middle, 3 << 30, 0, u32::MAX, 0, u32::MAX, middle, 3 << 29]);
        let whole = [0.0, 0.5, -1.0, 1.0, -1.0, 1.0, 0.0, -0.25];
        assert_eq!(written!(F32, 1.0_f32, 2), whole);
        assert_eq!(written!(F64, 1.0_f64, 2), whole.map(f64::from));
    }

    #[test]
    fn one_channel_hears_both_sides_and_six_the_first_two() {
        assert_eq!(written!(F32, 1.0_f32, 1), [0.25, 0.0, 1.0, 0.0]);
        let six = written!(I16, 1_i16, 6);
        assert_eq!(six[..6], [0, 16384, 0, 0, 0, 0]);
        assert_eq!(six[6..12], [-32768, 32767, 0, 0, 0, 0]);
    }

    #[test]
    fn what_a_device_can_hold_passes_unaltered() {
        let frames: Vec<Frame> = (0_u32..1 << 12).map(|i| [i as f32 / 4096.0, -1e-30 * i as f32]).collect();
        let mut out = vec![0.0; 2 * frames.len()];
        Samples::F32(&mut out).write(0, &frames, 2);
        assert!(out.iter().zip(frames.as_flattened()).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

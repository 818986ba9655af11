//! WAV files, written as a stream of stereo frames.

use std::io::{self, Write};

use hound::{SampleFormat, WavSpec};

use crate::dsp::seed::Seed;
use crate::engine::block_loop::Frame;
use crate::io::output::Output;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// 16-bit integers, dithered.
    Int16,
    /// 24-bit integers.
    Int24,
    /// 32-bit floats.
    Float32,
}

impl Format {
    /// Bytes a sample.
    pub const fn bytes(self) -> usize {
        match self {
            Self::Int16 => 2,
            Self::Int24 => 3,
            Self::Float32 => 4,
        }
    }

    /// Whether levels over 1 can't be stored.
    pub const fn clips(self) -> bool {
        !matches!(self, Self::Float32)
    }
}

/// Bytes that are written together.
const CHUNK: usize = 128 * 1024;
/// A WAV file counts its bytes in 32 bits.
const LARGEST: u64 = u32::MAX as u64;

/// The most stereo frames that fit into one file.
pub const fn most_frames(format: Format) -> u64 {
    (LARGEST - 1_024) / (2 * format.bytes() as u64)
}

/// Writes one WAV file.
pub struct WavWriter {
    output: Output,
    format: Format,
    dither: Dither,
    header: usize,
    /// Bytes of samples so far.
    data: u64,
    waiting: Vec<u8>,
}

impl WavWriter {
    /// Starts a stereo file of `rate` frames a second. Dither is drawn from `seed`.
    pub fn new(mut output: Output, rate: u32, format: Format, seed: u64) -> io::Result<Self> {
        let spec = WavSpec {
            channels: 2,
            sample_rate: rate,
            bits_per_sample: 8 * format.bytes() as u16,
            sample_format: if format == Format::Float32 { SampleFormat::Float } else { SampleFormat::Int },
        };
        let header = header(spec)?;
        output.write_all(&header)?;
        Ok(Self {
            output,
            format,
            dither: Dither::new(seed),
            header: header.len(),
            data: 0,
            waiting: Vec::new(),
        })
    }

    /// Writes the next frames. Integer formats hold samples over full scale at full scale.
    pub fn push(&mut self, frames: &[Frame]) -> io::Result<()> {
        let from = self.waiting.len();
        if from == 0 && cfg!(target_endian = "little") && self.format == Format::Float32 {
            // They are the bytes of the file already.
            let bytes = bytemuck::cast_slice(frames);
            if bytes.len() >= CHUNK {
                return self.write(bytes);
            }
        }
        self.waiting.resize(from + 2 * self.format.bytes() * frames.len(), 0);
        let samples = frames.as_flattened();
        let bytes = &mut self.waiting[from..];
        match self.format {
            Format::Float32 => {
                for (bytes, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                    *bytes = sample.to_le_bytes();
                }
            }
            Format::Int24 => {
                for (bytes, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                    let [a, b, c, _] = whole(*sample, 8_388_608.0).to_le_bytes();
                    *bytes = [a, b, c];
                }
            }
            Format::Int16 => {
                for (bytes, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                    let dithered = sample + self.dither.next() * (1.0 / 32_768.0);
                    *bytes = (whole(dithered, 32_768.0) as i16).to_le_bytes();
                }
            }
        }
        if self.waiting.len() >= CHUNK { self.write_waiting() } else { Ok(()) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.data += bytes.len() as u64;
        self.output.write_all(bytes)
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let mut waiting = std::mem::take(&mut self.waiting);
        self.write(&waiting)?;
        waiting.clear();
        self.waiting = waiting;
        Ok(())
    }

    /// Writes what is left and the sizes, and gives the file its name. A stream keeps the sizes of an endless file.
    pub fn finish(mut self) -> io::Result<()> {
        self.write_waiting()?;
        if self.output.can_seek() {
            let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
            self.output.write_at(4, &size(self.header as u64 - 8 + self.data))?;
            self.output.write_at(self.header as u64 - 4, &size(self.data))?;
        }
        self.output.finish()
    }
}

/// The header of a file whose length isn't known, up to its first sample: both sizes are the largest there are.
fn header(spec: WavSpec) -> io::Result<Vec<u8>> {
    let mut empty = io::Cursor::new(Vec::new());
    hound::WavWriter::new(&mut empty, spec).and_then(hound::WavWriter::finalize).map_err(
        |error| match error {
            hound::Error::IoError(error) => error,
            other => io::Error::other(other),
        },
    )?;
    let mut header = empty.into_inner();
    let data = header.len() - 4;
    header[4..8].fill(0xff);
    header[data..].fill(0xff);
    Ok(header)
}

/// The nearest whole number to `sample` at a full scale of `scale`, held in its range; halves go away from 0.
#[inline(always)]
fn whole(sample: f32, scale: f64) -> i32 {
    // In f64, because a 24-bit value and a half don't fit into an f32.
    let scaled = f64::from(sample) * scale;
    let rounded = scaled + if scaled < 0.0 { -0.5 } else { 0.5 };
    (rounded as i32).clamp(-(scale as i32), scale as i32 - 1)
}

/// Dither of triangular density, two steps wide: it makes the rounding error independent of the signal.
struct Dither {
    state: u32,
}

impl Dither {
    fn new(seed: u64) -> Self {
        Self { state: Seed::new(seed).name("dither").word() | 1 }
    }

    /// The next value, -1 to 1 of a step.
    fn next(&mut self) -> f32 {
        const SHARE: f32 = 1.0 / 65_536.0;
        // Xorshift (Marsaglia 2003): its halves serve as the two draws whose sum is triangular.
        self.state ^= self.state << 13;
        self.state ^= self.state >> 17;
        self.state ^= self.state << 5;
        (self.state >> 16) as f32 * SHARE + (self.state & 0xffff) as f32 * SHARE - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Dither, Format, Frame, WavWriter, whole};
    use crate::io::output::Output;

    fn written(
        format: Format,
        left: &[f32],
        right: &[f32],
    ) -> hound::WavReader<std::io::BufReader<std::fs::File>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.wav");
        let mut wav = WavWriter::new(Output::create(&path).unwrap(), 44_100, format, 0).unwrap();
        let frames: Vec<Frame> = left.iter().zip(right).map(|(left, right)| [*left, *right]).collect();
        wav.push(&frames).unwrap();
        wav.finish().unwrap();
        hound::WavReader::open(path).unwrap()
    }

    #[test]
    fn floats_come_back_as_they_are() {
        let signal: Vec<f32> = (0..20_000).map(|i| (i as f32 - 10_000.0) * 3e-4).collect();
        let silence = vec![0.0; signal.len()];
        let mut reader = written(Format::Float32, &signal, &silence);
        assert_eq!(reader.duration(), 20_000);
        let samples: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).collect();
        assert!(samples.iter().step_by(2).eq(signal.iter()));
    }

    #[test]
    fn integers_are_held_at_full_scale() {
        let mut reader = written(Format::Int24, &[0.5, 2.0, -2.0], &[-0.5, 1.0, -1.0]);
        let samples: Vec<i32> = reader.samples::<i32>().map(Result::unwrap).collect();
        assert_eq!(samples, [4_194_304, -4_194_304, 8_388_607, 8_388_607, -8_388_608, -8_388_608]);
        let mut reader = written(Format::Int16, &[0.5, 2.0], &[-0.5, -2.0]);
        let samples: Vec<i16> = reader.samples::<i16>().map(Result::unwrap).collect();
        assert!((samples[0] - 16_384).abs() <= 1 && (samples[1] + 16_384).abs() <= 1);
        assert_eq!(samples[2..], [32_767, -32_768]);
    }

    #[test]
    fn rounding_is_to_the_nearest() {
        assert_eq!(whole(0.0, 32_768.0), 0);
        assert_eq!(whole(1.4 / 32_768.0, 32_768.0), 1);
        assert_eq!(whole(-1.4 / 32_768.0, 32_768.0), -1);
        assert_eq!(whole(-1.6 / 32_768.0, 32_768.0), -2);
    }

    #[test]
    fn dither_is_triangular_and_centred() {
        let mut dither = Dither::new(3);
        let draws: Vec<f32> = (0..100_000).map(|_| dither.next()).collect();
        let mean = draws.iter().sum::<f32>() / 1e5;
        let power = draws.iter().map(|x| x * x).sum::<f32>() / 1e5;
        assert!(mean.abs() < 0.005, "{mean}");
        // The variance of a triangle from -1 to 1 is 1/6.
        assert!((power - 1.0 / 6.0).abs() < 0.003, "{power}");
    }
}

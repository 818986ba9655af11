//! WAV files, written as a stream of stereo frames.

use std::io::{self, Write};
use std::path::Path;

use hound::{SampleFormat, WavSpec};

use crate::dsp::seed::Seed;
use crate::engine::block_loop::Frame;
use crate::io::output_file::OutputFile;

/// How samples are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WavFormat {
    /// 16-bit integers, dithered.
    Int16,
    /// 24-bit integers.
    Int24,
    /// 32-bit floats.
    Float32,
}

impl WavFormat {
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
/// Samples that are made whole numbers together.
const RUN: usize = 256;
/// A WAV file counts its bytes in 32 bits.
const LARGEST: u64 = u32::MAX as u64;

/// The most stereo frames that fit into one file.
pub const fn most_frames(format: WavFormat) -> u64 {
    (LARGEST - 1_024) / (2 * format.bytes() as u64)
}

/// Writes one WAV file.
pub struct WavWriter {
    output: OutputFile,
    format: WavFormat,
    dither: Dither,
    header: Vec<u8>,
    /// Bytes of samples so far.
    data: u64,
    /// Bytes of samples that aren't written yet, and room for more.
    waiting: Vec<u8>,
    /// How many of them there are.
    filled: usize,
}

impl WavWriter {
    /// Starts a stereo file of `rate` frames a second. Dither is drawn from `seed`.
    pub fn new(mut output: OutputFile, rate: u32, format: WavFormat, seed: u64) -> io::Result<Self> {
        let header = header(spec(rate, format))?;
        output.write_all(&header)?;
        Ok(Self::with_header(output, header, format, seed))
    }

    /// Starts a new file at `path` that has its name from the start, and is a whole file at any moment: its header counts the
    /// samples that were there at the last [`WavWriter::settle`].
    ///
    /// # Errors
    /// If it can't be written, or exists.
    pub fn under_its_name(path: &Path, rate: u32, format: WavFormat) -> io::Result<Self> {
        let mut header = header(spec(rate, format))?;
        count(&mut header, 0);
        let output = OutputFile::growing(path, &header)?;
        Ok(Self::with_header(output, header, format, 0))
    }

    fn with_header(output: OutputFile, header: Vec<u8>, format: WavFormat, seed: u64) -> Self {
        let dither = Dither::new(seed);
        Self { output, format, dither, header, data: 0, waiting: Vec::new(), filled: 0 }
    }

    /// Writes the next frames. Integer formats hold samples over full scale at full scale.
    pub fn push(&mut self, frames: &[Frame]) -> io::Result<()> {
        let from = self.filled;
        if from == 0 && cfg!(target_endian = "little") && self.format == WavFormat::Float32 {
            // They are the bytes of the file already.
            let bytes = bytemuck::cast_slice(frames);
            if bytes.len() >= CHUNK {
                return self.write(bytes);
            }
        }
        self.filled = from + 2 * self.format.bytes() * frames.len();
        if self.waiting.len() < self.filled {
            self.waiting.resize(self.filled, 0);
        }
        let samples = frames.as_flattened();
        let bytes = &mut self.waiting[from..self.filled];
        match self.format {
            WavFormat::Float32 => {
                for (bytes, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                    *bytes = sample.to_le_bytes();
                }
            }
            WavFormat::Int24 => {
                for (bytes, samples) in bytes.chunks_mut(3 * RUN).zip(samples.chunks(RUN)) {
                    pack(bytes, samples);
                }
            }
            WavFormat::Int16 => {
                for (bytes, sample) in bytes.as_chunks_mut().0.iter_mut().zip(samples) {
                    let dithered = sample + self.dither.next() * (1.0 / 32_768.0);
                    *bytes = (whole(dithered, 32_768.0) as i16).to_le_bytes();
                }
            }
        }
        if self.filled >= CHUNK { self.write_waiting() } else { Ok(()) }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.output.write_all(bytes)?;
        self.data += bytes.len() as u64;
        Ok(())
    }

    fn write_waiting(&mut self) -> io::Result<()> {
        let (waiting, filled) = (std::mem::take(&mut self.waiting), std::mem::take(&mut self.filled));
        self.write(&waiting[..filled])?;
        self.waiting = waiting;
        Ok(())
    }

    /// Puts all frames so far on the disk, and after them a header that counts them.
    ///
    /// # Errors
    /// If they can't be written; the header counts those that could.
    pub fn settle(&mut self) -> io::Result<()> {
        self.write_waiting()?;
        self.seal()
    }

    /// Has the header count the samples that were written. They are on the disk before it.
    ///
    /// # Errors
    /// If it can't be written.
    pub fn seal(&mut self) -> io::Result<()> {
        if self.output.can_seek() {
            self.output.sync()?;
            self.write_header()?;
        }
        self.output.sync()
    }

    /// All of it at once, so that it is never half the one before.
    fn write_header(&mut self) -> io::Result<()> {
        count(&mut self.header, self.data);
        self.output.write_at(0, &self.header)
    }

    /// Writes what is left and the sizes, and gives the file its name. A stream keeps the sizes of an endless file.
    pub fn finish(mut self) -> io::Result<()> {
        self.write_waiting()?;
        if self.output.can_seek() {
            self.write_header()?;
        }
        self.output.finish()
    }
}

fn spec(rate: u32, format: WavFormat) -> WavSpec {
    WavSpec {
        channels: 2,
        sample_rate: rate,
        bits_per_sample: 8 * format.bytes() as u16,
        sample_format: if format == WavFormat::Float32 { SampleFormat::Float } else { SampleFormat::Int },
    }
}

/// Has `header` count `data` bytes of samples.
fn count(header: &mut [u8], data: u64) {
    let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let end = header.len();
    header[4..8].copy_from_slice(&size(end as u64 - 8 + data));
    header[end - 4..].copy_from_slice(&size(data));
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

/// The nearest whole number to `sample` at a full scale of `scale`, a power of 2, clamped to its range; halves go away from 0.
#[inline(always)]
fn whole(sample: f32, scale: f32) -> i32 {
    let scaled = (sample * scale).clamp(-scale, scale);
    let cut = scaled as i32;
    // All exact: a sum with a half would not fit into an f32.
    let left = scaled - cut as f32;
    let rounded = cut + i32::from(left >= 0.5) - i32::from(left <= -0.5);
    rounded.min(scale as i32 - 1)
}

/// Writes at most [`RUN`] samples of 24 bits.
fn pack(bytes: &mut [u8], samples: &[f32]) {
    let mut wholes = [0; RUN];
    // In a loop of its own, which is done several samples at a time.
    for (place, sample) in wholes.iter_mut().zip(samples) {
        *place = whole(*sample, 8_388_608.0) as u32;
    }
    let (eights, rest) = bytes.as_chunks_mut::<24>();
    let (firsts, lasts) = wholes.split_at(8 * eights.len());
    for (bytes, eight) in eights.iter_mut().zip(firsts.as_chunks::<8>().0) {
        let [a, b, c, d, e, f, g, h] = eight.map(|whole| u64::from(whole & 0xff_ffff));
        let words = [a | b << 24 | c << 48, c >> 16 | d << 8 | e << 32 | f << 56, f >> 8 | g << 16 | h << 40];
        for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
            *bytes = word.to_le_bytes();
        }
    }
    for (bytes, whole) in rest.as_chunks_mut().0.iter_mut().zip(lasts) {
        let [a, b, c, _] = whole.to_le_bytes();
        *bytes = [a, b, c];
    }
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
    use super::{Dither, Frame, WavFormat, WavWriter, whole};
    use crate::io::output_file::OutputFile;

    fn written(
        format: WavFormat,
        left: &[f32],
        right: &[f32],
    ) -> hound::WavReader<std::io::BufReader<std::fs::File>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.wav");
        let mut wav = WavWriter::new(OutputFile::whole(&path).unwrap(), 44_100, format, 0).unwrap();
        let frames: Vec<Frame> = left.iter().zip(right).map(|(left, right)| [*left, *right]).collect();
        wav.push(&frames).unwrap();
        wav.finish().unwrap();
        hound::WavReader::open(path).unwrap()
    }

    #[test]
    fn floats_come_back_as_they_are() {
        let signal: Vec<f32> = (0..20_000).map(|i| (i as f32 - 10_000.0) * 3e-4).collect();
        let silence = vec![0.0; signal.len()];
        let mut reader = written(WavFormat::Float32, &signal, &silence);
        assert_eq!(reader.duration(), 20_000);
        let samples: Vec<f32> = reader.samples::<f32>().map(Result::unwrap).collect();
        assert!(samples.iter().step_by(2).eq(signal.iter()));
    }

    #[test]
    fn integers_are_held_at_full_scale() {
        let mut reader = written(WavFormat::Int24, &[0.5, 2.0, -2.0], &[-0.5, 1.0, -1.0]);
        let samples: Vec<i32> = reader.samples::<i32>().map(Result::unwrap).collect();
        assert_eq!(samples, [4_194_304, -4_194_304, 8_388_607, 8_388_607, -8_388_608, -8_388_608]);
        let mut reader = written(WavFormat::Int16, &[0.5, 2.0], &[-0.5, -2.0]);
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
        // As exact arithmetic has it: halves, their neighbours, both ends of the range, beyond it.
        let halves = [0.5_f32, 1.5, 4_194_302.5, 4_194_304.5, 8_388_606.5, 8_388_607.0, 8_388_607.5, 1e9];
        let near = halves.into_iter().flat_map(|x| [x.next_down(), x, x.next_up()]);
        let small = (0..2_000).map(|i| i as f32 * 0.013);
        for x in near.chain(small).flat_map(|x| [x, -x]) {
            let exact = (f64::from(x).abs() + 0.5).floor().copysign(f64::from(x));
            let wanted = exact.clamp(-8_388_608.0, 8_388_607.0) as i32;
            assert_eq!(whole(x / 8_388_608.0, 8_388_608.0), wanted, "{x}");
        }
        assert_eq!(whole(f32::NAN, 32_768.0), 0);
    }

    #[test]
    fn samples_of_24_bits_stand_one_behind_the_other() {
        let samples: Vec<f32> = (0..77).map(|i| i as f32 * 0.017 - 0.6).collect();
        let mut reader = written(WavFormat::Int24, &samples, &samples[1..]);
        let read: Vec<i32> = reader.samples::<i32>().map(Result::unwrap).collect();
        let wanted = samples.windows(2).flatten().map(|x| whole(*x, 8_388_608.0));
        assert!(read.into_iter().eq(wanted));
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

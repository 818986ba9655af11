//! FLAC: sound of 16 bits without loss, in about half the bytes, which every browser decodes (RFC 9639).
//!
//! Only integers and plain arithmetic decide what is written, so that a page is the same everywhere.

use crate::report::bits::{BitWriter, crc8, crc16, folded};
use crate::report::predictor::Predictor;

/// Frames of a block. The last one may be shorter.
const BLOCK: usize = 4_096;
/// Bits a sample.
const WIDTH: u32 = 16;
/// The most partitions of what is left, as a power of 2.
const PARTITIONS: u32 = 6;
/// The largest parameter of a Rice code.
const MOST_LOW: u32 = 14;

/// The bytes of a file with one or two channels of equal length, `rate` frames a second (at most 655,350). Samples are held within
/// 16 bits.
pub fn encode(channels: &[Vec<i16>], rate: u32) -> Vec<u8> {
    let frames = channels.first().map_or(0, Vec::len);
    let mut file = BitWriter::default();
    for byte in *b"fLaC" {
        file.put(u32::from(byte), 8);
    }
    // The one block of facts, and its length.
    file.put(0x80, 8);
    file.put(34, 24);
    file.put(BLOCK as u32, 16);
    file.put(BLOCK as u32, 16);
    // The sizes of frames aren't told.
    file.put(0, 24);
    file.put(0, 24);
    file.put(rate, 20);
    file.put(channels.len().saturating_sub(1) as u32, 3);
    file.put(WIDTH - 1, 5);
    file.put((frames as u64 >> 32) as u32, 4);
    file.put(frames as u32, 32);
    // Nor is a checksum of the samples.
    (0..4).for_each(|_| file.put(0, 32));
    let mut bytes = file.into_bytes();
    for (number, start) in (0..frames).step_by(BLOCK).enumerate() {
        let end = (start + BLOCK).min(frames);
        let block: Vec<Vec<i32>> = channels
            .iter()
            .map(|channel| channel[start..end].iter().map(|x| i32::from(*x)).collect())
            .collect();
        bytes.extend(frame(number as u32, &block));
    }
    bytes
}

/// A channel of a block, and how it is written.
struct FlacChannel {
    samples: Vec<i32>,
    width: u32,
    predictor: Option<Predictor>,
    rest: Vec<i32>,
    partitions: Partitions,
    bits: u64,
}

/// How what is left is divided: into 2^`order` partitions, each with the parameter of its Rice code.
struct Partitions {
    order: u32,
    lows: Vec<u32>,
    bits: u64,
}

fn frame(number: u32, block: &[Vec<i32>]) -> Vec<u8> {
    let channel = |row: &Vec<i32>| FlacChannel::new(row.clone(), WIDTH);
    let mut channels: Vec<FlacChannel> = block.iter().map(channel).collect();
    let mut kind = channels.len() as u32 - 1;
    if let [left, right] = block {
        // The sum loses its lowest bit, which is that of the difference.
        let middle = left.iter().zip(right).map(|(l, r)| (l + r) >> 1).collect();
        let side = left.iter().zip(right).map(|(l, r)| l - r).collect();
        let (middle, side) = (FlacChannel::new(middle, WIDTH), FlacChannel::new(side, WIDTH + 1));
        let sums = [
            channels[0].bits + channels[1].bits,
            channels[0].bits + side.bits,
            side.bits + channels[1].bits,
            middle.bits + side.bits,
        ];
        let least = (0..4).fold(0, |best, n| if sums[n] < sums[best] { n } else { best });
        match least {
            1 => (channels[1], kind) = (side, 8),
            2 => (channels[0], kind) = (side, 9),
            3 => (channels, kind) = (vec![middle, side], 10),
            _ => {}
        }
    }
    let frames = block[0].len();
    let mut bits = BitWriter::default();
    bits.put(0xfff8, 16);
    let whole = frames == BLOCK;
    bits.put(if whole { 0b1100 } else { 0b0111 }, 4);
    // The rate is that of the file.
    bits.put(0, 4);
    bits.put(kind, 4);
    bits.put(0b100, 3);
    bits.put(0, 1);
    numbered(&mut bits, number);
    if !whole {
        bits.put(frames as u32 - 1, 16);
    }
    let check = crc8(bits.bytes());
    bits.put(u32::from(check), 8);
    for channel in &channels {
        channel.write(&mut bits);
    }
    bits.fill();
    let check = crc16(bits.bytes());
    bits.put(u32::from(check), 16);
    bits.into_bytes()
}

/// The number of a frame, coded as UTF-8 codes characters, up to 31 bits.
fn numbered(bits: &mut BitWriter, number: u32) {
    if number < 0x80 {
        return bits.put(number, 8);
    }
    let length = (2..6).find(|length| number < 1 << (5 * length + 1)).unwrap_or(6);
    let head = (0xff00_u32 >> length) & 0xff;
    bits.put(head | number >> (6 * (length - 1)), 8);
    for place in (0..length - 1).rev() {
        bits.put(0x80 | (number >> (6 * place) & 0x3f), 8);
    }
}

impl FlacChannel {
    /// The shortest of all ways to write a block.
    fn new(samples: Vec<i32>, width: u32) -> Self {
        let plain = 8 + samples.len() as u64 * u64::from(width);
        let mut best = Self {
            width,
            predictor: None,
            rest: Vec::new(),
            partitions: Partitions::none(),
            bits: plain,
            samples,
        };
        if best.samples.iter().all(|sample| *sample == best.samples[0]) {
            (best.predictor, best.bits) = (Some(Predictor::Constant), Predictor::Constant.bits(width));
            return best;
        }
        let tried = [Some(Predictor::fixed(&best.samples)), Predictor::linear(&best.samples)];
        for predictor in tried.into_iter().flatten() {
            let Some(rest) = predictor.rest(&best.samples) else { continue };
            let partitions = Partitions::of(&rest, best.samples.len());
            let bits = predictor.bits(width) + partitions.bits;
            if bits < best.bits {
                best = Self { predictor: Some(predictor), rest, partitions, bits, ..best };
            }
        }
        best
    }

    fn write(&self, bits: &mut BitWriter) {
        let Some(predictor) = &self.predictor else {
            bits.put(0b0000_0010, 8);
            return self.samples.iter().for_each(|x| bits.signed(*x, self.width));
        };
        let order = predictor.order();
        match predictor {
            Predictor::Constant => {
                bits.put(0, 8);
                return bits.signed(self.samples[0], self.width);
            }
            Predictor::Fixed(order) => bits.put((0b00_1000 | *order as u32) << 1, 8),
            Predictor::Linear { .. } => bits.put((0b10_0000 | (order as u32 - 1)) << 1, 8),
        }
        self.samples[..order].iter().for_each(|x| bits.signed(*x, self.width));
        if let Predictor::Linear { weights, shift } = predictor {
            bits.put(Predictor::precision() - 1, 4);
            bits.put(*shift, 5);
            weights.iter().for_each(|weight| bits.signed(*weight, Predictor::precision()));
        }
        bits.put(0, 2);
        bits.put(self.partitions.order, 4);
        let size = self.samples.len() >> self.partitions.order;
        let mut start = 0;
        for (number, low) in self.partitions.lows.iter().enumerate() {
            let end = (number + 1) * size - order;
            bits.put(*low, 4);
            self.rest[start..end].iter().for_each(|x| bits.rice(*x, *low));
            start = end;
        }
    }
}

impl Partitions {
    const fn none() -> Self {
        Self { order: 0, lows: Vec::new(), bits: 0 }
    }

    /// The partitions that take the fewest bits for what is left of `frames` samples.
    fn of(rest: &[i32], frames: usize) -> Self {
        let order = frames - rest.len();
        let fits = |power: u32| frames.is_multiple_of(1 << power) && frames >> power > order;
        let most = (0..=PARTITIONS).take_while(|power| fits(*power)).last().unwrap_or(0);
        let mut best: Option<Self> = None;
        for power in 0..=most {
            let size = frames >> power;
            let (mut lows, mut bits, mut start) = (Vec::with_capacity(1 << power), 6, 0);
            for number in 0..1_usize << power {
                let end = (number + 1) * size - order;
                let (low, count) = low(&rest[start..end]);
                lows.push(low);
                bits += 4 + count;
                start = end;
            }
            if best.as_ref().is_none_or(|best| bits < best.bits) {
                best = Some(Self { order: power, lows, bits });
            }
        }
        best.unwrap_or(Self::none())
    }
}

/// The parameter of the shortest Rice code, and its bits.
fn low(rest: &[i32]) -> (u32, u64) {
    let sum: u64 = rest.iter().map(|x| u64::from(folded(*x))).sum();
    let mean = sum / rest.len().max(1) as u64;
    // The best one is near the logarithm of the mean.
    let near = mean.max(1).ilog2();
    let bits = |low: u32| {
        rest.len() as u64 * u64::from(low + 1)
            + rest.iter().map(|x| u64::from(folded(*x) >> low)).sum::<u64>()
    };
    let (from, to) = (near.saturating_sub(1).min(MOST_LOW), (near + 1).min(MOST_LOW));
    (from..=to)
        .map(|low| (low, bits(low)))
        .fold((0, u64::MAX), |best, next| if next.1 < best.1 { next } else { best })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use symphonia::core::codecs::audio::AudioDecoderOptions;
    use symphonia::core::formats::probe::Hint;
    use symphonia::core::formats::{FormatOptions, TrackType};
    use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
    use symphonia::core::meta::MetadataOptions;

    use super::encode;

    /// Left and right of a frame.
    type StereoMode = Box<dyn Fn(u32, &mut u32) -> [f64; 2]>;

    /// What another decoder makes of it.
    fn decoded(bytes: Vec<u8>) -> Vec<i16> {
        let stream =
            MediaSourceStream::new(Box::new(Cursor::new(bytes)), MediaSourceStreamOptions::default());
        let (format, meta) = (FormatOptions::default(), MetadataOptions::default());
        let mut reader = symphonia::default::get_probe().probe(&Hint::new(), stream, format, meta).unwrap();
        let track = reader.default_track(TrackType::Audio).unwrap().clone();
        let params = track.codec_params.as_ref().unwrap().audio().unwrap();
        let mut decoder = symphonia::default::get_codecs()
            .make_audio_decoder(params, &AudioDecoderOptions::default())
            .unwrap();
        let mut samples = Vec::new();
        while let Ok(Some(packet)) = reader.next_packet() {
            let mut row: Vec<i16> = Vec::new();
            decoder.decode(&packet).unwrap().copy_to_vec_interleaved(&mut row);
            samples.extend(row);
        }
        samples
    }

    fn noise(seed: &mut u32) -> f64 {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(*seed >> 8) / 8_388_608.0 - 1.0
    }

    #[test]
    fn what_is_decoded_is_what_was_encoded() {
        let mut seed = 1;
        let tone = |n: u32, freq: f64| libm::sin(f64::from(n) * freq) * 12_000.0;
        let shapes: [(&str, StereoMode); 6] = [
            ("silence", Box::new(|_, _| [0.0; 2])),
            ("tones", Box::new(move |n, _| [tone(n, 0.03), tone(n, 0.05)])),
            ("mono-like", Box::new(move |n, seed| [tone(n, 0.03) + 300.0 * noise(seed); 2].map(f64::floor))),
            ("noise", Box::new(|_, seed| [32_767.0 * noise(seed), 32_767.0 * noise(seed)])),
            (
                "opposite",
                Box::new(|n, _| if n % 2 == 0 { [32_767.0, -32_768.0] } else { [-32_768.0, 32_767.0] }),
            ),
            ("late", Box::new(|n, seed| if n < 9_000 { [0.0; 2] } else { [9_000.0 * noise(seed), 1.0] })),
        ];
        for (name, shape) in &shapes {
            for frames in [1, 15, 64, 4_096, 4_097, 13_000] {
                let pairs: Vec<[f64; 2]> = (0..frames).map(|n| shape(n, &mut seed)).collect();
                let [left, right] =
                    [0, 1].map(|side| pairs.iter().map(|x| x[side] as i16).collect::<Vec<i16>>());
                let wanted: Vec<i16> = left.iter().zip(&right).flat_map(|(l, r)| [*l, *r]).collect();
                assert!(decoded(encode(&[left.clone(), right], 48_000)) == wanted, "{name} {frames}");
                assert!(decoded(encode(std::slice::from_ref(&left), 48_000)) == left, "{name} {frames}");
            }
        }
    }

    #[test]
    fn it_takes_less() {
        let tone: Vec<i16> =
            (0..48_000).map(|n| (libm::sin(f64::from(n) * 0.03) * 12_000.0) as i16).collect();
        let bytes = encode(&[tone.clone(), tone], 48_000).len();
        assert!(bytes < 48_000, "{bytes}");
        assert!(encode(&[vec![0; 48_000]], 48_000).len() < 300);
    }

    #[test]
    fn many_frames_are_numbered() {
        let long: Vec<i16> = (0..4_096 * 2_100).map(|n| (n / 4_096 % 7) as i16).collect();
        assert!(decoded(encode(std::slice::from_ref(&long), 8_000)) == long);
    }
}

//! From the bytes of a sound file to its samples, or to what is wrong with them.

use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::{Hint, Probe};
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::MetadataOptions;
use symphonia::default::formats::{FlacReader, MpaReader, WavReader};

use crate::diagnostic::codes::sounds as codes;
use crate::diagnostic::quote;
use crate::diagnostic::report::Diagnostic;
use crate::dsp::clip::Recording;

/// Samples that all recordings of a song can have: 256 MiB of them.
pub const MOST_SAMPLES: usize = 64 << 20;

/// The frame rates that recordings can have.
const RATES: std::ops::RangeInclusive<u32> = 1..=768_000;

/// Why there is no recording to be had from some bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecodeFault {
    /// They are nothing known.
    Unknown,
    /// They are sound in a form that isn't read.
    Unsupported(&'static str),
    /// They don't keep to their form.
    Malformed(&'static str),
    /// They end early: frames that are there, and that should be.
    CutOff(u64, u64),
    /// There are no frames.
    Empty,
    /// More than two channels.
    Channels(usize),
    /// A frame rate beyond all bounds.
    Rate(u32),
    /// Samples that are no numbers, from this frame on.
    NotFinite(usize),
    /// More samples than a song can have.
    TooLong,
}

/// What WAV (and its larger and its big-endian forms), FLAC and MP3 begin with; MP3 also with a frame.
const BEGINNINGS: [&[u8]; 5] = [b"RIFF", b"RF64", b"RIFX", b"fLaC", b"ID3"];

/// Frames of a WAV that was written without knowing how long it would get, at the least.
const ENDLESS: u64 = u32::MAX as u64 / 64;

impl DecodeFault {
    /// What is said of the file called `name`, still without a place.
    pub fn diagnostic(&self, name: &str) -> Diagnostic {
        let name = quote::path(name);
        let (code, message, help) = match self {
            Self::Unknown => (
                &codes::NOT_A_SOUND,
                format!("{name} is no sound file that chronus can read"),
                "save it as WAV, FLAC or MP3",
            ),
            Self::Unsupported(what) => (
                &codes::NOT_A_SOUND,
                format!("{name} can't be read: {what} isn't supported"),
                "save it as WAV with 16 or 24 bits, FLAC or MP3",
            ),
            Self::Malformed(what) => (
                &codes::BROKEN_SOUND,
                format!("{name} is broken: {what}"),
                "save it again from where it came from",
            ),
            Self::CutOff(there, all) => (
                &codes::BROKEN_SOUND,
                format!("{name} is cut off: it has {there} of its {all} frames"),
                "copy it again, or save it again from where it came from",
            ),
            Self::Empty => {
                (&codes::BROKEN_SOUND, format!("{name} is empty"), "record something, or take the module out")
            }
            Self::NotFinite(frame) => (
                &codes::BROKEN_SOUND,
                format!("{name} has samples that are no numbers, from frame {frame} on"),
                "save it again from where it came from",
            ),
            Self::Channels(channels) => (
                &codes::UNUSABLE_SOUND,
                format!("{name} has {channels} channels"),
                "mix it down to one channel or two",
            ),
            Self::Rate(rate) => (
                &codes::UNUSABLE_SOUND,
                format!("{name} has {rate} frames a second"),
                "a sound file can have 1 to 768,000 frames a second",
            ),
            Self::TooLong => (
                &codes::TOO_MUCH_SOUND,
                format!("with {name} the song has more than 256 MiB of samples"),
                "the limit is 67,108,864 samples, about 11 minutes in stereo at 48 kHz: use shorter sounds",
            ),
        };
        Diagnostic::of_file(code, message).help(help)
    }
}

/// The sound in `bytes`, of `most` samples at most.
pub(super) fn decode(
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    most: usize,
) -> Result<Recording, DecodeFault> {
    let mut planes: Vec<Vec<f32>> = Vec::new();
    let rate = each(bytes, most, |more| {
        planes.resize(more.len(), Vec::new());
        planes.iter_mut().zip(more).for_each(|(plane, more)| plane.extend_from_slice(more));
    })?;
    Ok(Recording::new(rate, planes))
}

/// Hands what sounds in `bytes`, of `most` samples at most, to `take`, part by part: one channel or two of equal length,
/// always as many. Gives the frames a second.
///
/// # Errors
/// If there is no sound to be had from them; `take` may have had the beginning.
pub fn each(
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    most: usize,
    mut take: impl FnMut(&[Vec<f32>]),
) -> Result<u32, DecodeFault> {
    let begins = bytes.as_ref();
    let frame = begins.len() > 1 && begins[0] == 0xff && begins[1] & 0xe0 == 0xe0;
    if !frame && BEGINNINGS.iter().all(|beginning| !begins.starts_with(beginning)) {
        return Err(DecodeFault::Unknown);
    }
    let known = begins.starts_with(b"fLaC") || begins.get(8..12) == Some(b"WAVE");
    let riff = begins.starts_with(b"RIFF");
    let wav = WavHeader::of(begins);
    if wav.channels > 2 {
        return Err(DecodeFault::Channels(wav.channels));
    }
    let flac = begins.starts_with(b"fLaC");
    // MP3 frames lean on frames before them, so the first ones may be lost, and most files don't say how many there are.
    let exact = !frame && !begins.starts_with(b"ID3");
    let unmasked = Unmasked { bytes: Cursor::new(bytes), masks: wav.masks };
    let stream = MediaSourceStream::new(Box::new(unmasked), MediaSourceStreamOptions::default());
    let mut format = reader(stream, riff, flac).map_err(|error| match fault(&error) {
        _ if known => DecodeFault::Malformed("there is nothing in it to be played"),
        Some(DecodeFault::Unsupported(_)) | None => DecodeFault::Unknown,
        Some(fault) => fault,
    })?;
    let track = format.default_track(TrackType::Audio).ok_or(DecodeFault::Unknown)?;
    let (id, promised) = (track.id, track.num_frames);
    let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(DecodeFault::Unknown)?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map_err(|error| fault(&error).unwrap_or(DecodeFault::Unsupported("its coding")))?;
    let (mut rate, mut channels, mut frames) = (0, 0, 0);
    let mut broken = None;
    let mut planes: Vec<Vec<f32>> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(error) => match fault(&error) {
                Some(fault) if exact => return Err(fault),
                _ => break,
            },
        };
        if packet.track_id != id {
            continue;
        }
        let decoded = match decoder.decode(&packet) {
            Ok(decoded) => decoded,
            Err(error) => match fault(&error) {
                Some(fault) if exact => return Err(fault),
                None => break,
                _ => continue,
            },
        };
        rate = decoded.spec().rate();
        if decoded.num_planes() > 2 {
            return Err(DecodeFault::Channels(decoded.num_planes()));
        }
        decoded.copy_to_vecs_planar(&mut planes);
        if frames > 0 && planes.len() != channels {
            return Err(DecodeFault::Malformed("its number of channels changes"));
        }
        channels = planes.len();
        let count = planes.first().map_or(0, Vec::len);
        if (frames + count) * channels > most {
            return Err(DecodeFault::TooLong);
        }
        let finite = planes.iter().flatten().fold(true, |finite, sample| finite & sample.is_finite());
        if !finite && broken.is_none() {
            let is_broken = |frame: &usize| planes.iter().any(|plane| !plane[*frame].is_finite());
            broken = (0..count).find(is_broken).map(|frame| frames + frame);
        }
        frames += count;
        take(&planes);
    }
    let promised = promised.filter(|promised| exact && *promised < ENDLESS).unwrap_or_default();
    if (frames as u64) < promised {
        return Err(DecodeFault::CutOff(frames as u64, promised));
    }
    if frames == 0 {
        return Err(DecodeFault::Empty);
    }
    if !RATES.contains(&rate) {
        return Err(DecodeFault::Rate(rate));
    }
    match broken {
        Some(frame) => Err(DecodeFault::NotFinite(frame)),
        None => Ok(rate),
    }
}

/// The reader of what a file begins with. Others aren't tried: they would find their beginnings anywhere in the bytes.
fn reader(
    stream: MediaSourceStream<'static>,
    riff: bool,
    flac: bool,
) -> symphonia::core::errors::Result<Box<dyn FormatReader>> {
    let options = FormatOptions::default();
    if riff {
        return Ok(Box::new(WavReader::try_new(stream, options)?));
    }
    if flac {
        return Ok(Box::new(FlacReader::try_new(stream, options)?));
    }
    let mut probe = Probe::new();
    probe.register_format::<MpaReader<'_>>();
    probe.probe(&Hint::new(), stream, options, MetadataOptions::default())
}

/// What the format chunks of a WAV say that isn't left to the decoder.
#[derive(Default)]
struct WavHeader {
    /// The most channels that one gives; 0 where there is none.
    channels: usize,
    /// Where each has its mask of channels, if it has one.
    masks: Vec<usize>,
}

impl WavHeader {
    fn of(bytes: &[u8]) -> Self {
        let big = bytes.starts_with(b"RIFX");
        let mut wav = Self::default();
        let mut at = 12;
        if !matches!(bytes.get(..4), Some(b"RIFF" | b"RF64" | b"RIFX")) {
            return wav;
        }
        // A chunk is a name, a length, and as many bytes, filled up to an even number.
        while let Some((head, body)) = bytes.get(at..).and_then(<[u8]>::split_first_chunk::<8>) {
            let &[ref name @ .., a, b, c, d] = head;
            let length =
                if big { u32::from_be_bytes([a, b, c, d]) } else { u32::from_le_bytes([a, b, c, d]) };
            if name == b"fmt "
                && let Some(&[a, b]) = body.get(2..4)
            {
                let count = if big { u16::from_be_bytes([a, b]) } else { u16::from_le_bytes([a, b]) };
                wav.channels = wav.channels.max(count.into());
                // What is shorter has none: there its samples begin.
                if length as usize >= MASK + 4 {
                    wav.masks.push(at + 8 + MASK);
                }
            }
            at = at.saturating_add(8).saturating_add(length as usize).saturating_add(length as usize % 2);
        }
        wav
    }
}

/// Where the mask of channels lies in an extended format chunk, after the head of the chunk.
const MASK: usize = 20;

/// The bytes of a sound file with empty masks of channels. Where a mask doesn't fit the number of channels, the decoder makes
/// another one, and shifts too far on the way; of one channel or two it says nothing that is heard.
struct Unmasked<T> {
    bytes: Cursor<T>,
    masks: Vec<usize>,
}

impl<T: AsRef<[u8]>> Read for Unmasked<T> {
    fn read(&mut self, to: &mut [u8]) -> std::io::Result<usize> {
        let start = self.bytes.position() as usize;
        let count = self.bytes.read(to)?;
        for place in self.masks.iter().flat_map(|mask| *mask..mask + 4) {
            if let Some(byte) = place.checked_sub(start).and_then(|place| to[..count].get_mut(place)) {
                *byte = 0;
            }
        }
        Ok(count)
    }
}

impl<T: AsRef<[u8]>> Seek for Unmasked<T> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl<T: AsRef<[u8]> + Send + Sync> MediaSource for Unmasked<T> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.bytes.get_ref().as_ref().len() as u64)
    }
}

/// What `error` says of the bytes; `None` where they are at their end.
fn fault(error: &Error) -> Option<DecodeFault> {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => None,
        Error::IoError(_) => Some(DecodeFault::Malformed("it can't be read to its end")),
        Error::DecodeError(what) | Error::LimitError(what) => Some(DecodeFault::Malformed(what)),
        Error::SeekError(_) | Error::ResetRequired => Some(DecodeFault::Malformed("it changes on the way")),
        Error::Unsupported(what) => Some(DecodeFault::Unsupported(what)),
        _ => Some(DecodeFault::Malformed("it can't be decoded")),
    }
}

//! What a device offers, and what of it a speaker takes: rate, channels, format, buffer.

use std::collections::BTreeSet;

use cpal::{SampleFormat, SupportedBufferSize, SupportedStreamConfigRange};

use crate::io::samples::FORMATS;

/// Frames a second that a song can be compiled for.
pub const RATES: (u32, u32) = (8_000, 192_000);
/// The rates that are taken where the device doesn't name one of its own, the best first.
const USUAL_RATES: [u32; 2] = [48_000, 44_100];
/// Buffers of one device, two of which lie between a song and its sound: 4 ms each.
const BUFFERS_A_SECOND: u32 = 250;
/// Frames of a block of the engine, of which a buffer should be a multiple.
const BLOCK: u32 = 64;

/// One way to play through a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SupportedConfig {
    /// How many channels.
    pub channels: u16,
    /// Lowest and highest rate.
    pub rates: (u32, u32),
    /// Fewest and most frames of a callback, if the device knows.
    pub buffers: Option<(u32, u32)>,
    /// The format of its samples.
    pub format: SampleFormat,
}

impl SupportedConfig {
    /// What cpal found, if chronus can write it.
    pub(crate) fn of(found: &SupportedStreamConfigRange) -> Option<Self> {
        let buffers = match *found.buffer_size() {
            SupportedBufferSize::Range { min, max } => Some((min, max)),
            SupportedBufferSize::Unknown => None,
        };
        let rates = (found.min_sample_rate().max(RATES.0), found.max_sample_rate().min(RATES.1));
        let usable = found.channels() > 0 && rates.0 <= rates.1 && FORMATS.contains(&found.sample_format());
        usable.then_some(Self { channels: found.channels(), rates, buffers, format: found.sample_format() })
    }

    fn has(&self, rate: u32) -> bool {
        (self.rates.0..=self.rates.1).contains(&rate)
    }

    /// The lower, the better: two channels, else the fewest of more, else one; then by format.
    fn rank(&self) -> (u16, usize) {
        let channels = if self.channels == 1 { u16::MAX } else { self.channels };
        let format = FORMATS.iter().position(|format| *format == self.format);
        (channels, format.unwrap_or(FORMATS.len()))
    }
}

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceConfig {
    /// How many channels.
    pub channels: u16,
    /// Frames a second.
    pub rate: u32,
    /// Frames of a callback that are asked for; `None` leaves it to the device.
    pub buffer: Option<u32>,
    /// The format of its samples.
    pub format: SampleFormat,
}

/// Why nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// Nothing that chronus can write.
    Nothing,
    /// Not at this rate, but at those from the first to the second number of each pair.
    Rate(Vec<(u32, u32)>),
    /// Not with this buffer, but with those from the first to the second number of frames.
    Buffer(u32, u32),
}

/// Takes the best of `supported`. `rate` and `buffer` are what was asked for, `own` is the rate that the device itself runs at.
pub fn choose(
    supported: &[SupportedConfig],
    rate: Option<u32>,
    own: Option<u32>,
    buffer: Option<u32>,
) -> Result<DeviceConfig, Misfit> {
    let has = |rate: &u32| supported.iter().any(|config| config.has(*rate));
    let rate = match rate {
        Some(rate) => Some(rate).filter(has).ok_or_else(|| Misfit::Rate(rates(supported)))?,
        None => own
            .into_iter()
            .chain(USUAL_RATES)
            .find(has)
            .or_else(|| supported.iter().map(|config| config.rates.1).max())
            .ok_or(Misfit::Nothing)?,
    };
    let fitting = supported.iter().filter(|config| config.has(rate));
    let config = fitting.min_by_key(|config| config.rank()).ok_or(Misfit::Nothing)?;
    let usual = (rate / BUFFERS_A_SECOND / BLOCK * BLOCK).max(BLOCK);
    let buffer = match (buffer, config.buffers) {
        (Some(asked), Some((least, most))) if asked < least || asked > most => {
            return Err(Misfit::Buffer(least, most));
        }
        (Some(asked), _) => Some(asked),
        (None, Some((least, most))) => Some(usual.min(most).max(least)),
        // A device that doesn't say may still grant it; if not, it is opened again with its own.
        (None, None) => Some(usual),
    };
    Ok(DeviceConfig { channels: config.channels, rate, buffer, format: config.format })
}

/// All rates of `supported`, each pair once, in order.
pub fn rates(supported: &[SupportedConfig]) -> Vec<(u32, u32)> {
    supported.iter().map(|config| config.rates).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The fewest and the most frames of a callback with the channels and the format that are taken, if the device knows.
pub fn buffers(supported: &[SupportedConfig]) -> Option<(u32, u32)> {
    supported.iter().min_by_key(|config| config.rank())?.buffers
}

/// All numbers of channels in `supported`, each once, in order.
pub fn channels(supported: &[SupportedConfig]) -> Vec<u16> {
    supported.iter().map(|config| config.channels).collect::<BTreeSet<_>>().into_iter().collect()
}

/// All formats in `supported`, each once, the best first.
pub fn formats(supported: &[SupportedConfig]) -> Vec<String> {
    let has = |format: &&SampleFormat| supported.iter().any(|config| config.format == **format);
    FORMATS.iter().filter(has).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use cpal::SampleFormat::{self, F32, I16, I32};

    use super::{DeviceConfig, Misfit, SupportedConfig, buffers, choose, rates};

    fn config(channels: u16, rates: (u32, u32), format: SampleFormat) -> SupportedConfig {
        SupportedConfig { channels, rates, buffers: Some((16, 4_096)), format }
    }

    #[test]
    fn two_channels_of_floats_come_first() {
        let all = (8_000, 192_000);
        let supported = [config(1, all, F32), config(6, all, F32), config(2, all, I16), config(2, all, F32)];
        let taken = DeviceConfig { channels: 2, rate: 48_000, buffer: Some(192), format: F32 };
        assert_eq!(choose(&supported, None, None, None), Ok(taken));
        assert_eq!(choose(&supported[..3], None, None, None), Ok(DeviceConfig { format: I16, ..taken }));
        assert_eq!(choose(&supported[..2], None, None, None), Ok(DeviceConfig { channels: 6, ..taken }));
        assert_eq!(choose(&supported[..1], None, None, None), Ok(DeviceConfig { channels: 1, ..taken }));
        assert_eq!(choose(&[], None, None, None), Err(Misfit::Nothing));
    }

    #[test]
    fn the_device_has_a_say_in_the_rate() {
        let supported = [config(2, (44_100, 44_100), I32), config(2, (96_000, 96_000), I32)];
        let rate = |rate, own| choose(&supported, rate, own, None).map(|taken| taken.rate);
        assert_eq!(rate(None, None), Ok(44_100));
        assert_eq!(rate(None, Some(96_000)), Ok(96_000));
        assert_eq!(rate(None, Some(48_000)), Ok(44_100));
        assert_eq!(rate(Some(96_000), Some(44_100)), Ok(96_000));
        assert_eq!(rate(Some(48_000), None), Err(Misfit::Rate(rates(&supported))));
        assert_eq!(choose(&supported[1..], None, None, None).map(|taken| taken.rate), Ok(96_000));
    }

    #[test]
    fn two_buffers_take_less_than_ten_milliseconds_where_the_device_allows() {
        for rate in [8_000, 22_050, 44_100, 48_000, 88_200, 96_000, 192_000] {
            let buffer = choose(&[config(2, (rate, rate), F32)], None, None, None).unwrap().buffer.unwrap();
            assert!(2_000 * buffer < 10 * rate || buffer == 64, "{rate}: {buffer}");
        }
        let large = SupportedConfig { buffers: Some((1_024, 2_048)), ..config(2, (48_000, 48_000), F32) };
        assert_eq!(choose(&[large], None, None, None).unwrap().buffer, Some(1_024));
        assert_eq!(choose(&[large], None, None, Some(64)), Err(Misfit::Buffer(1_024, 2_048)));
        let silent = SupportedConfig { buffers: None, ..large };
        assert_eq!(buffers(&[SupportedConfig { format: I16, ..silent }, large]), Some((1_024, 2_048)));
        assert_eq!(buffers(&[silent]), None);
        assert_eq!(choose(&[silent], None, None, Some(64)).unwrap().buffer, Some(64));
    }
}

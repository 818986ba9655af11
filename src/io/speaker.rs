//! The way to the speakers: host, device, rate, buffer, channels and format are settled before anything plays.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cpal::traits::{DeviceTrait, StreamTrait};
use cpal::{BufferSize, Data, ErrorKind, OutputCallbackInfo, Stream, StreamConfig};

use crate::check::nearest::nearest;
use crate::io::audio_callback::{AudioCallback, SharedPlayer, StreamStatus};
use crate::io::device_config::{DeviceConfig, Misfit, choose};
use crate::io::device_error::DeviceError;
use crate::io::hosts::{FoundDevice, host_named, hosts, open};
use crate::io::player::Player;
use crate::io::playing::Playing;
use crate::io::priority::Climb;
use crate::io::samples::Samples;
use crate::io::stats::Meters;

/// How long a server may take to open a stream.
const OPENING: Duration = Duration::from_secs(2);

/// The largest buffer that is tried where smaller ones are refused: 2^12 frames.
const LARGEST_BUFFER: u32 = 12;

/// Whether a host refuses a stream for what was asked of it.
fn refused(error: &cpal::Error) -> bool {
    matches!(error.kind(), ErrorKind::UnsupportedConfig | ErrorKind::InvalidInput)
}

/// What is asked for. Everything that is left out is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    /// The host, such as `alsa`.
    pub host: Option<String>,
    /// The device: its id, its name, or a part of its name.
    pub device: Option<String>,
    /// Frames a second.
    pub rate: Option<u32>,
    /// Frames of a callback. The device may grant more: see [`Playing::stats`].
    pub buffer: Option<u32>,
}

/// A device that can be played on, and how.
pub struct Speaker {
    ask: Ask,
    found: FoundDevice,
    choice: DeviceConfig,
}

/// A stream that runs.
pub(crate) struct Open {
    pub(crate) stream: Stream,
    pub(crate) line: Arc<StreamStatus>,
}

impl Speaker {
    /// Finds the device that `ask` is about: without a host and a device, the default one of the first host that has one.
    pub fn find(ask: &Ask) -> Result<Self, DeviceError> {
        let among = match &ask.host {
            Some(name) => vec![host_named(name)?],
            None => hosts(),
        };
        let (mut away, mut names, mut busy) = (Vec::new(), Vec::new(), None);
        for id in among {
            let host = match open(id) {
                Ok(host) => host,
                Err(why) => {
                    away.push((id.to_string(), why));
                    continue;
                }
            };
            if let Some(name) = &ask.device {
                if let Some(found) = FoundDevice::named(&host, name) {
                    return Self::of(ask, found);
                }
                names.extend(FoundDevice::all_of(&host).into_iter().flat_map(|found| [found.id, found.name]));
                continue;
            }
            let Some(found) = FoundDevice::default_of(&host) else {
                away.push((id.to_string(), "it has no device".to_owned()));
                continue;
            };
            match Self::of(ask, found) {
                Err(DeviceError::Failed { why, .. }) => {
                    away.push((id.to_string(), format!("its default device doesn't open: {why}")));
                }
                Err(DeviceError::Busy(device)) => busy = busy.or(Some(device)),
                settled => return settled,
            }
        }
        if let Some(name) = &ask.device {
            let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
            return Err(DeviceError::UnknownDevice { name: name.clone(), near, away });
        }
        Err(busy.map_or(DeviceError::Nothing(away), DeviceError::Busy))
    }

    fn of(ask: &Ask, found: FoundDevice) -> Result<Self, DeviceError> {
        let choice = choose(&found.supported()?, ask.rate, found.own_rate(), ask.buffer);
        let choice = choice.map_err(|misfit| DeviceError::Misfit {
            device: found.full_name(),
            asked: match misfit {
                Misfit::Buffer(..) => ask.buffer,
                _ => ask.rate,
            }
            .unwrap_or_default(),
            misfit,
        })?;
        Ok(Self { ask: ask.clone(), found, choice })
    }

    /// Frames a second: what the song has to be compiled for.
    pub fn rate(&self) -> u32 {
        self.choice.rate
    }

    /// Frames of a callback that the device is asked for; nothing if that is left to it.
    pub fn buffer(&self) -> Option<u32> {
        self.choice.buffer
    }

    /// The host, such as `alsa`.
    pub fn host(&self) -> String {
        self.found.host.to_string()
    }

    /// The id of the device.
    pub fn device(&self) -> &str {
        &self.found.id
    }

    /// What people call the device.
    pub fn name(&self) -> &str {
        &self.found.name
    }

    /// How many channels it gets.
    pub fn channels(&self) -> u16 {
        self.choice.channels
    }

    /// The format that its samples get, such as `f32`.
    pub fn format(&self) -> String {
        self.choice.format.to_string()
    }

    /// Opens the device and lets `player` play.
    pub fn start(self, player: Box<dyn Player>) -> Result<Playing, DeviceError> {
        let player: SharedPlayer = Arc::new(Mutex::new(player));
        let meters = Arc::new(Meters::default());
        let open = self.open(&player, &meters)?;
        Ok(Playing::new(self.again(), player, meters, open))
    }

    /// What to ask for so that it is the same device at the same rate, once it is there again.
    fn again(&self) -> Ask {
        Ask { host: Some(self.host()), rate: Some(self.rate()), ..self.ask.clone() }
    }

    /// Opens a stream and lets it run.
    pub(crate) fn open(&self, player: &SharedPlayer, meters: &Arc<Meters>) -> Result<Open, DeviceError> {
        let mut buffers = self.buffers();
        let mut built = self.build(player, meters, buffers.next().flatten());
        for buffer in buffers {
            match &built {
                Err(error) if refused(error) => built = self.build(player, meters, buffer),
                _ => break,
            }
        }
        let running = built.and_then(|open| open.stream.play().map(|()| open));
        let open = running.map_err(|error| DeviceError::of_device(&self.found.full_name(), &error))?;
        let buffer = open.stream.buffer_size().ok().or(self.choice.buffer).unwrap_or_default();
        meters.buffer.store(buffer, std::sync::atomic::Ordering::Relaxed);
        Ok(open)
    }

    /// The buffers that are tried, one after another. What a device says it takes can be less than what the server after it
    /// takes, and a buffer that is left to the device can last for most of a second.
    fn buffers(&self) -> impl Iterator<Item = Option<u32>> + use<> {
        let first = self.choice.buffer.unwrap_or_default();
        let larger = (5..=LARGEST_BUFFER).map(|bits| 1 << bits).filter(move |size| *size > first);
        self.choice.buffer.into_iter().chain(larger).map(Some).chain([None])
    }

    fn build(
        &self,
        player: &SharedPlayer,
        meters: &Arc<Meters>,
        buffer: Option<u32>,
    ) -> Result<Open, cpal::Error> {
        let DeviceConfig { channels, rate, format, .. } = self.choice;
        let config = StreamConfig {
            channels,
            sample_rate: rate,
            buffer_size: buffer.map_or(BufferSize::Default, BufferSize::Fixed),
        };
        let line = Arc::new(StreamStatus::default());
        let mut feed =
            AudioCallback::new(Arc::clone(player), Arc::clone(&line), Arc::clone(meters), channels, rate);
        let mut climb = Climb::new(Arc::clone(meters), rate);
        let callback = move |data: &mut Data, info: &OutputCallbackInfo| {
            let times = info.timestamp();
            let delay = times.playback.saturating_duration_since(times.callback);
            if let Some(mut samples) = Samples::of(data) {
                feed.fill(&mut samples, delay);
                climb.step(samples.len() as u64 / u64::from(channels));
            }
        };
        let (to_line, to_meters) = (Arc::clone(&line), Arc::clone(meters));
        let failed = move |error: cpal::Error| to_line.error(error.kind(), &to_meters);
        let stream =
            self.found.device.build_output_stream_raw(config, format, callback, failed, Some(OPENING))?;
        Ok(Open { stream, line })
    }
}

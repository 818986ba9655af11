//! Hosts and their devices: the ways to the speakers that this system has.

use cpal::traits::{DeviceTrait, HostTrait};
use cpal::{Device, DeviceId, Host, HostId};

use crate::check::nearest::nearest;
use crate::io::device_config::SupportedConfig;
use crate::io::device_error::DeviceError;

/// The hosts of this system, the one that is tried first in front.
pub fn hosts() -> Vec<HostId> {
    let mut hosts = cpal::ALL_HOSTS.to_vec();
    // Through ALSA's default device come PipeWire, PulseAudio and JACK as well, with the least between.
    hosts.sort_by_key(|host| host.to_string() != "alsa");
    hosts
}

/// The host called `name`.
pub fn host_named(name: &str) -> Result<HostId, DeviceError> {
    let known: Vec<String> = hosts().iter().map(ToString::to_string).collect();
    let found = hosts().into_iter().find(|host| host.to_string() == name.to_lowercase());
    found.ok_or_else(|| DeviceError::UnknownHost {
        near: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
        name: name.to_owned(),
        known,
    })
}

/// Opens a host, or says why it can't be had.
pub fn open(id: HostId) -> Result<Host, String> {
    #[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
    if id == HostId::Alsa {
        crate::io::alsa::find().map_err(|why| format!("ALSA's library can't be loaded: {why}"))?;
    }
    if !cpal::available_hosts().contains(&id) {
        return Err("it doesn't run".to_owned());
    }
    cpal::host_from_id(id).map_err(|error| error.to_string())
}

/// A device with what is known of it.
pub struct FoundDevice {
    /// Where it is.
    pub host: HostId,
    /// What `--device` takes.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The device itself.
    pub device: Device,
}

impl FoundDevice {
    fn new(host: HostId, device: Device) -> Option<Self> {
        let id = device.id().ok()?.id().to_owned();
        let name = device.description().map_or_else(|_| id.clone(), |about| about.name().to_owned());
        Some(Self { host, id, name, device })
    }

    /// The default device of `host`.
    pub fn default_of(host: &Host) -> Option<Self> {
        Self::new(host.id(), host.default_output_device()?)
    }

    /// Every device of `host` that can play, the default one in front.
    pub fn all_of(host: &Host) -> Vec<Self> {
        let mut all: Vec<Self> = Self::default_of(host).into_iter().collect();
        for device in host.output_devices().into_iter().flatten() {
            all.extend(Self::new(host.id(), device).filter(|new| all.iter().all(|other| other.id != new.id)));
        }
        all
    }

    /// The device of `host` that is called `asked`: by its id, with or without its host, by its name, or by a part of its name that
    /// no other has.
    pub fn named(host: &Host, asked: &str) -> Option<Self> {
        let bare = asked.strip_prefix(&format!("{}:", host.id())).unwrap_or(asked);
        let mut all = Self::all_of(host);
        let lower = asked.to_lowercase();
        let exact = all.iter().position(|found| found.id == bare || found.name.to_lowercase() == lower);
        if let Some(place) = exact {
            return Some(all.swap_remove(place));
        }
        // ALSA has several ways to write the same device.
        if let Some(device) = host.device_by_id(&DeviceId::new(host.id(), bare)) {
            return Self::new(host.id(), device);
        }
        let mut parts = (0..all.len()).filter(|&place| all[place].name.to_lowercase().contains(&lower));
        let place = parts.next().filter(|_| parts.next().is_none());
        place.map(|place| all.swap_remove(place))
    }

    /// What it offers. Opens it for a moment where the host knows no other way.
    pub fn supported(&self) -> Result<Vec<SupportedConfig>, DeviceError> {
        let found = self.device.supported_output_configs();
        let found = found.map_err(|error| DeviceError::of_device(&self.full_name(), &error))?;
        Ok(found.filter_map(|found| SupportedConfig::of(&found)).collect())
    }

    /// The rate that it runs at by itself, if it has one.
    pub fn own_rate(&self) -> Option<u32> {
        // ALSA would answer with a guess, and open the device once more for it.
        let guesses = self.host.to_string() == "alsa";
        let own = (!guesses).then(|| self.device.default_output_config().ok()).flatten();
        own.map(|own| own.sample_rate())
    }

    /// Its id with its host, as messages show it.
    pub fn full_name(&self) -> String {
        format!("{}:{}", self.host, self.id)
    }
}

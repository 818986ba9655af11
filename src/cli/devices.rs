//! `chronus devices`: what can be played on.

use clap::Args;
use serde_json::{Value, json};

use crate::cli::output::{FAILED, FINE, Format, json, line, report_alone};
use crate::diagnostic::quote::{list, printable};
use crate::io::device_config::{SupportedConfig, buffers, channels, formats, rates};
use crate::io::device_error::{DeviceError, range};
use crate::io::hosts::{FoundDevice, hosts, open};

/// Where a buffer is so long, more than a second, that its limit says nothing.
const ENDLESS: u32 = 1 << 16;

/// List the devices that can be played on, host by host.
///
/// The exit code is 2 if there is none.
#[derive(Debug, Args)]
pub(super) struct Devices {
    /// How to print them: for people, or as JSON, one object a line for each device.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

impl Devices {
    pub(super) fn run(&self) -> u8 {
        let (mut lines, mut away, mut usable) = (Vec::new(), Vec::new(), false);
        for id in hosts() {
            let host = match open(id) {
                Ok(host) => host,
                Err(why) => {
                    away.push((id.to_string(), why));
                    continue;
                }
            };
            if self.format == Format::Human {
                lines.push(id.to_string());
            }
            let default = FoundDevice::default_of(&host).map(|found| found.id);
            let all = FoundDevice::all_of(&host);
            if all.is_empty() {
                away.push((id.to_string(), "it has no device".to_owned()));
            }
            for found in all.into_iter().filter(heard) {
                let is_default = default.as_deref() == Some(&found.id);
                let supported = found.supported();
                if let Err(error) = &supported {
                    // ALSA names a dozen ways that lead nowhere on most machines.
                    if !is_default {
                        continue;
                    }
                    away.push((id.to_string(), error.diagnostic().message));
                }
                lines.push(match self.format {
                    Format::Human => described(&found, &supported, is_default),
                    Format::Json => object(&found, &supported, is_default).to_string(),
                });
                usable |= supported.is_ok_and(|supported| !supported.is_empty());
            }
        }
        if !usable {
            let said = DeviceError::Nothing(away).diagnostic();
            report_alone(&said);
            return FAILED;
        }
        lines.iter().for_each(|text| if self.format == Format::Json { json(text) } else { line(text) });
        FINE
    }
}

/// Whether a device ends where somebody can hear it.
fn heard(found: &FoundDevice) -> bool {
    found.full_name() != "alsa:null"
}

/// What people read of a device.
fn described(
    found: &FoundDevice,
    supported: &Result<Vec<SupportedConfig>, DeviceError>,
    default: bool,
) -> String {
    let mark = if default { "  (default)" } else { "" };
    let what = match supported {
        Ok(supported) => {
            let rates: Vec<String> = rates(supported).into_iter().map(range).collect();
            let buffers = buffers(supported).map(|(least, most)| match most {
                ..ENDLESS => format!(", buffers of {} frames", range((least, most))),
                _ => format!(", buffers from {least} up"),
            });
            let channels = counted(&channels(supported));
            format!("{} Hz, {channels}{}", list(&rates), buffers.unwrap_or_default())
        }
        Err(error) => error.diagnostic().message,
    };
    format!("  {}{mark}\n    {}\n    {}", printable(&found.id), printable(&found.name), printable(&what))
}

/// `1 channel`, `2, 6 and 8 channels`, `1 to 64 channels`.
fn counted(channels: &[u16]) -> String {
    let row = channels.windows(2).all(|pair| pair[1] == pair[0] + 1);
    let (first, last) = (channels.first().copied().unwrap_or(0), channels.last().copied().unwrap_or(0));
    match channels {
        [1] => "1 channel".to_owned(),
        _ if row => format!("{} channels", range((first.into(), last.into()))),
        _ => format!("{} channels", list(&channels.iter().map(ToString::to_string).collect::<Vec<_>>())),
    }
}

/// What programs read of a device.
fn object(
    found: &FoundDevice,
    supported: &Result<Vec<SupportedConfig>, DeviceError>,
    default: bool,
) -> Value {
    let pair = |(min, max): (u32, u32)| json!({ "min": min, "max": max });
    let empty = Vec::new();
    let known = supported.as_ref().unwrap_or(&empty);
    json!({
        "host": found.host.to_string(),
        "device": found.id,
        "name": found.name,
        "default": default,
        "rates": rates(known).into_iter().map(pair).collect::<Vec<_>>(),
        "channels": channels(known),
        "formats": formats(known),
        "buffers": buffers(known).map(pair),
        "trouble": supported.as_ref().err().map(|error| error.diagnostic().message),
    })
}

//! Why there is no sound: everything that can go wrong on the way to a device, as something to say.

use cpal::ErrorKind;

use crate::diagnostic::codes::sound_out;
use crate::diagnostic::quote::{list, printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::io::device_config::Misfit;

/// Whether the program is linked statically, so that it can load no library.
const STATIC: bool = cfg!(all(target_os = "linux", target_feature = "crt-static"));

/// Why a device can't be played on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceError {
    /// No host of this system has the name.
    UnknownHost {
        /// As it was asked for.
        name: String,
        /// The nearest that there is.
        near: Option<String>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// No host has a device; each with what it says.
    Nothing(Vec<(String, String)>),
    /// No device has the name.
    UnknownDevice {
        /// As it was asked for.
        name: String,
        /// The nearest that there is.
        near: Option<String>,
        /// Hosts that can't be had, with what they say: it may be one of theirs.
        away: Vec<(String, String)>,
    },
    /// Another program has it.
    Busy(String),
    /// It doesn't have what was asked for.
    Misfit {
        /// Which device.
        device: String,
        /// The rate or buffer asked for.
        asked: u32,
        /// What it has.
        misfit: Misfit,
    },
    /// It doesn't open for another reason.
    Failed {
        /// Which device.
        device: String,
        /// What the host says.
        why: String,
    },
}

impl DeviceError {
    /// From what the host says about a device.
    pub(crate) fn of_device(device: &str, error: &cpal::Error) -> Self {
        let device = device.to_owned();
        match error.kind() {
            ErrorKind::DeviceBusy => Self::Busy(device),
            ErrorKind::DeviceNotAvailable => Self::Failed { device, why: "it isn't there".to_owned() },
            ErrorKind::PermissionDenied => {
                Self::Failed { device, why: "the system doesn't let you play on it".to_owned() }
            }
            _ => Self::Failed { device, why: error.to_string() },
        }
    }

    /// As something to say.
    pub fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::UnknownHost { name, near, known } => {
                let message = format!("there is no host {} on this system", quoted(name));
                let help = match near {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => format!("there is {}", list(&words(known))),
                };
                Diagnostic::of_file(&sound_out::UNKNOWN_HOST, message).help(help)
            }
            Self::Nothing(hosts) if STATIC => only_renders(hosts),
            Self::Nothing(hosts) => {
                let said = sayings(hosts);
                let message = format!("there is no device to play on: {said}");
                let diagnostic = Diagnostic::of_file(&sound_out::NO_DEVICE, message);
                // Only ALSA is a library that may have to be installed.
                if said.contains("can't be loaded") {
                    return diagnostic.help(
                        "install the library: `apt install libasound2`, `dnf install alsa-lib` or \
                         `pacman -S alsa-lib`; or `chronus render` to a file",
                    );
                }
                diagnostic.help("connect one or start the sound server; or `chronus render` to a file")
            }
            Self::UnknownDevice { name, near, away } => {
                let message = match away.as_slice() {
                    [] => format!("there is no device {}", quoted(name)),
                    away => format!("there is no device {}; {}", quoted(name), sayings(away)),
                };
                let help = match near {
                    Some(near) => format!("did you mean {}?", quoted(near)),
                    None => "`chronus devices` lists them".to_owned(),
                };
                Diagnostic::of_file(&sound_out::UNKNOWN_DEVICE, message).help(help)
            }
            Self::Busy(device) => {
                let message = format!("another program plays on {}", quoted(device));
                let help = "stop the other program, or name another device with `--device`";
                Diagnostic::of_file(&sound_out::DEVICE_BUSY, message).help(help)
            }
            Self::Misfit { device, asked, misfit } => misfit_of(device, *asked, misfit),
            Self::Failed { device, why } => {
                let message = format!("{} can't be played on: {}", quoted(device), printable(why));
                let help = "`chronus devices` lists the devices; `--device` names another";
                Diagnostic::of_file(&sound_out::DEVICE_FAILED, message).help(help)
            }
        }
    }
}

/// What a static build says where no host has a device.
fn only_renders(hosts: &[(String, String)]) -> Diagnostic {
    let message = format!("this build of chronus is static and only renders: {}", sayings(hosts));
    Diagnostic::of_file(&sound_out::ONLY_RENDERS, message).help(
        "render to a file with `chronus render`; start PulseAudio, which a static build can play through; or use the build for glibc",
    )
}

fn misfit_of(device: &str, asked: u32, misfit: &Misfit) -> Diagnostic {
    let device = quoted(device);
    match misfit {
        Misfit::Nothing => {
            let message = format!("{device} has no format that chronus can write");
            let help = "`chronus devices` lists the devices; `--device` names another";
            Diagnostic::of_file(&sound_out::DEVICE_FAILED, message).help(help)
        }
        Misfit::Rate(rates) => {
            let message = format!("{device} doesn't play {asked} frames a second");
            let rates: Vec<String> = rates.iter().map(|&pair| range(pair)).collect();
            let help = format!("it plays {}; without `--rate` the best one is taken", list(&rates));
            Diagnostic::of_file(&sound_out::RATE_NOT_OFFERED, message).help(help)
        }
        Misfit::Buffer(least, most) => {
            let message = format!("{device} doesn't take {asked} frames at a time");
            let help = format!("it takes {}; without `--buffer` a good one is taken", range((*least, *most)));
            Diagnostic::of_file(&sound_out::BUFFER_NOT_OFFERED, message).help(help)
        }
    }
}

/// `48000`, `8000 to 192000`.
pub fn range((from, to): (u32, u32)) -> String {
    if from == to { from.to_string() } else { format!("{from} to {to}") }
}

fn words(names: &[String]) -> Vec<String> {
    names.iter().map(|name| quoted(name)).collect()
}

fn sayings(hosts: &[(String, String)]) -> String {
    let said: Vec<String> = hosts.iter().map(|(host, why)| format!("{host}: {}", printable(why))).collect();
    said.join("; ")
}

#[cfg(test)]
mod tests {
    use super::{DeviceError, only_renders};
    use crate::io::device_config::Misfit;
    use crate::io::hosts::host_named;

    fn said(error: &DeviceError) -> String {
        let said = error.diagnostic();
        format!("{}: {} ({})", said.code.id, said.message, said.help.unwrap_or_default())
    }

    fn misfit(asked: u32, misfit: Misfit) -> String {
        said(&DeviceError::Misfit { device: "alsa:hw".to_owned(), asked, misfit })
    }

    #[test]
    fn every_error_says_what_to_do() {
        assert_eq!(
            misfit(192_000, Misfit::Rate(vec![(44_100, 44_100), (48_000, 96_000)])),
            "rate-not-offered: `alsa:hw` doesn't play 192000 frames a second (it plays 44100 and 48000 to 96000; without \
             `--rate` the best one is taken)"
        );
        assert_eq!(
            misfit(16, Misfit::Buffer(64, 4_096)),
            "buffer-not-offered: `alsa:hw` doesn't take 16 frames at a time (it takes 64 to 4096; without `--buffer` a good \
             one is taken)"
        );
        assert!(misfit(0, Misfit::Nothing).starts_with("device-failed: `alsa:hw` has no format"));
        let unknown = |near: Option<&str>, away: Vec<(String, String)>| {
            said(&DeviceError::UnknownDevice {
                name: "sepaker".to_owned(),
                near: near.map(str::to_owned),
                away,
            })
        };
        assert_eq!(
            unknown(Some("speaker"), Vec::new()),
            "unknown-device: there is no device `sepaker` (did you mean `speaker`?)"
        );
        assert_eq!(
            unknown(None, vec![("pulseaudio".to_owned(), "it doesn't run".to_owned())]),
            "unknown-device: there is no device `sepaker`; pulseaudio: it doesn't run (`chronus devices` lists them)"
        );
        let busy = cpal::Error::new(cpal::ErrorKind::DeviceBusy);
        assert!(
            said(&DeviceError::of_device("alsa:hw", &busy))
                .starts_with("device-busy: another program plays on")
        );
        let hidden = cpal::Error::with_message(cpal::ErrorKind::BackendError, "bad\u{1b}[31m");
        let hidden = said(&DeviceError::of_device("alsa:hw", &hidden));
        assert!(hidden.starts_with("device-failed: `alsa:hw` can't be played on: bad\\u{1b}"), "{hidden}");
    }

    #[test]
    fn a_static_build_says_that_it_only_renders() {
        let away = [("alsa", "ALSA's library can't be loaded"), ("pulseaudio", "it doesn't run")];
        let said = only_renders(&away.map(|(host, why)| (host.to_owned(), why.to_owned())));
        assert_eq!(said.code.id, "only-renders");
        assert_eq!(
            said.message,
            "this build of chronus is static and only renders: alsa: ALSA's library can't be loaded; pulseaudio: it doesn't run"
        );
        assert!(
            said.help.is_some_and(|help| help.contains("`chronus render`") && help.contains("PulseAudio"))
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn hosts_go_by_their_names() {
        assert!(host_named("ALSA").is_ok() && host_named("pulseaudio").is_ok());
        let unknown = |name| host_named(name).map_err(|error| said(&error));
        assert_eq!(
            unknown("alas"),
            Err("unknown-host: there is no host `alas` on this system (did you mean `alsa`?)".to_owned())
        );
        assert_eq!(
            unknown("wasapi"),
            Err("unknown-host: there is no host `wasapi` on this system (there is `alsa` and `pulseaudio`)"
                .to_owned())
        );
    }
}

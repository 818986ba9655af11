//! What can be wrong on the way to the speakers.

use crate::diagnostic::code::{Bad, Severity, codes};
use crate::diagnostic::codes::files;

codes! {
    NO_DEVICE {
        id: "no-device",
        severity: Severity::Error,
        about: "Nothing on this system can be played on: no host (ALSA, PulseAudio, Core Audio, WASAPI) has a device. On Linux ALSA's \
                library may be missing, or no sound server runs. Rendering needs none of this.",
        bad: Bad::Elsewhere("chronus devices, on a machine without sound"),
        good: files::FINE,
    }
    ONLY_RENDERS {
        id: "only-renders",
        severity: Severity::Error,
        about: "This build of chronus can't reach a speaker. A static build (musl) can't load ALSA's library and plays through PulseAudio \
                alone; a build without the feature `play` has no way at all. Everything but `play` and `devices` works as in any \
                other build. To play, use the build for glibc, or build from the source.",
        bad: Bad::Elsewhere("chronus play song.kdl, with a static build and no PulseAudio"),
        good: files::FINE,
    }
    UNKNOWN_HOST {
        id: "unknown-host",
        severity: Severity::Error,
        about: "A host is the part of the system that devices belong to: `alsa` and `pulseaudio` on Linux, `coreaudio` on macOS, \
                `wasapi` on Windows.",
        bad: Bad::Elsewhere("--host alas"),
        good: files::FINE,
    }
    UNKNOWN_DEVICE {
        id: "unknown-device",
        severity: Severity::Error,
        about: "`--device` takes a device by the id that `chronus devices` shows, with or without its host before it, by its name, or \
                by a part of its name that no other device has.",
        bad: Bad::Elsewhere("--device sepaker"),
        good: files::FINE,
    }
    DEVICE_BUSY {
        id: "device-busy",
        severity: Severity::Error,
        about: "Some devices play for one program at a time, and another one has it now. A sound server lets several play: \
                use its device, mostly `default`.",
        bad: Bad::Elsewhere("--device hw:0,0 while another program plays on it"),
        good: files::FINE,
    }
    DEVICE_FAILED {
        id: "device-failed",
        severity: Severity::Error,
        about: "The device is known but doesn't open; the message says why as far as the system does. It may have been unplugged, the \
                sound server may have stopped, or you may not be allowed to use it.",
        bad: Bad::Elsewhere("--device hw:0,0 after it was unplugged"),
        good: files::FINE,
    }
    RATE_NOT_OFFERED {
        id: "rate-not-offered",
        severity: Severity::Error,
        about: "The device can't play at the rate that `--rate` asks for. Without it the device's own rate is taken, and the song is \
                compiled for that.",
        bad: Bad::Elsewhere("--rate 192000, on a device for 48000"),
        good: files::FINE,
    }
    BUFFER_NOT_OFFERED {
        id: "buffer-not-offered",
        severity: Severity::Error,
        about: "The device can't be given as many frames at a time as `--buffer` asks for. Without it the buffer is chosen so that \
                sound is heard in less than 10 ms where the device allows.",
        bad: Bad::Elsewhere("--buffer 16, on a device that takes 64 frames or more"),
        good: files::FINE,
    }
}

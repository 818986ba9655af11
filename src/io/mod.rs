//! The world outside: files and what is in them, devices and what is heard from them.

pub mod folder;

pub mod git;

pub mod git_program;

pub mod file_identity;

pub mod standard;

pub mod file_kind;

mod drafts;

pub mod output_file;

pub mod output_claims;

pub mod port;

pub mod wav;

pub mod profile;

pub mod sealed;

pub mod cache;

pub mod voice_files;

pub mod cached;

pub mod finished;

pub mod unfinished;

pub mod recording;

pub mod bounce;

#[cfg(all(feature = "play", target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod alsa;

#[cfg(feature = "play")]
pub mod samples;

#[cfg(feature = "play")]
pub mod device_config;

#[cfg(feature = "play")]
pub mod device_error;

#[cfg(feature = "play")]
pub mod hosts;

#[cfg_attr(
    not(feature = "play"),
    allow(dead_code, reason = "only devices have figures, but views show them")
)]
pub mod stats;

#[cfg(feature = "play")]
mod priority;

pub mod player;

#[cfg(feature = "play")]
pub mod audio_callback;

#[cfg(feature = "play")]
pub mod speaker;

#[cfg(feature = "play")]
pub mod playing;

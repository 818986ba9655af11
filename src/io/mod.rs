//! The world outside: files and what is in them, devices and what is heard from them.

pub mod folder;

pub mod git;

pub mod output;

pub mod port;

pub mod wav;

pub mod profile;

pub mod sealed;

pub mod cache;

pub mod tape;

pub mod cached;

pub mod finished;

pub mod bounce;

#[cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
mod alsa;

pub mod samples;

pub mod offer;

pub mod trouble;

pub mod hosts;

pub mod figures;

mod priority;

pub mod feed;

pub mod speaker;

pub mod playing;

//! `chronus cache`: where the sound of earlier renders is kept, and how much of it.

use std::io::ErrorKind;
use std::sync::Arc;

use clap::Args;

use crate::cli::input::Loaded;
use crate::cli::output::{FAILED, FINE, line, report_alone};
use crate::diagnostic::codes::rendering;
use crate::diagnostic::quote::{self, counted, printable, quoted};
use crate::diagnostic::report::Diagnostic;
use crate::io::cache::{Cache, CacheContents, NoCache};

/// Show or empty the folder in which `chronus render --cache` keeps sound.
///
/// It is `$CHRONUS_CACHE` if that is set, else where the system keeps the caches of programs. It may be deleted at any time. The
/// exit code is 2 if there can be none.
#[derive(Debug, Args)]
pub(super) struct CacheArgs {
    /// Remove all that is in it.
    #[arg(long)]
    clear: bool,
}

impl CacheArgs {
    pub(super) fn run(&self) -> u8 {
        let cache = match Cache::of_user() {
            Ok(cache) => cache,
            Err(why) => {
                report_alone(&unusable(&why));
                return FAILED;
            }
        };
        let CacheContents { files, bytes } = if self.clear { cache.clear() } else { cache.held() };
        let folder = cache.folder().display().to_string();
        let (files, room) = (counted(files, "file"), megabytes(cache.most()));
        line(&if self.clear {
            format!("{}: removed {files}, {}", printable(&folder), megabytes(bytes))
        } else {
            format!("{}: {files}, {} of {room}", printable(&folder), megabytes(bytes))
        });
        FINE
    }
}

/// The user's cache. Where there can be none the song is told so, and rendered all the same.
pub(super) fn opened(loaded: &mut Loaded) -> Option<Arc<Cache>> {
    match Cache::of_user() {
        Ok(cache) => Some(Arc::new(cache)),
        Err(why) => {
            loaded.diagnostics.push(unusable(&why));
            None
        }
    }
}

/// Why there is no cache, in words.
fn unusable(why: &NoCache) -> Diagnostic {
    let (message, help) = match why {
        NoCache::Nowhere => (
            "there is no folder for a cache: neither `CHRONUS_CACHE` nor a home folder is set".to_owned(),
            "name a folder in `CHRONUS_CACHE`",
        ),
        NoCache::Size(text) => (
            format!("`CHRONUS_CACHE_SIZE` is {}, which is no size", quoted(text)),
            "write whole bytes, or a number with K, M or G, such as `500M` or `10G`",
        ),
        NoCache::Folder(folder, error) => {
            let name = quote::path(&folder.display().to_string());
            let why = match error.kind() {
                ErrorKind::AlreadyExists | ErrorKind::NotADirectory => {
                    "there is a file in its place".to_owned()
                }
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
                    "it may not be written to".to_owned()
                }
                ErrorKind::StorageFull => "the disk is full".to_owned(),
                _ => error.to_string(),
            };
            (
                format!("the cache {name} can't be used: {why}"),
                "name a folder that may be written to in `CHRONUS_CACHE`",
            )
        }
    };
    Diagnostic::of_file(&rendering::CACHE_UNUSABLE, message).help(help)
}

/// Bytes as people read them.
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

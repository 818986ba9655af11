//! Drafts: files under names of their own until they are whole. The draft of a program that was killed stays; whoever writes to that
//! folder next removes it.

use std::fs::File;
use std::io;
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use crate::io::file_identity::{Identity, identity_of};

/// How drafts are named: before and after the letters and digits that chance adds, and how many those are.
const NAME: (&str, usize, &str) = (".chronus-", 6, ".part");
/// Drafts that are begun at most before one stays.
const TRIES: usize = 64;

/// Begins a file in `folder`, which is gone when this is dropped. It is locked, so that [`remove_abandoned`] knows that it is being
/// written; closing it gives up the lock.
///
/// # Errors
/// If the folder can't be written.
pub(super) fn draft(folder: &Path) -> io::Result<NamedTempFile> {
    begin(Builder::new().prefix(NAME.0).rand_bytes(NAME.1).suffix(NAME.2), folder)
}

/// A draft with the permissions of any new file; the user's umask takes its part.
///
/// # Errors
/// If the folder can't be written.
pub(super) fn draft_for_all(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(NAME.0).rand_bytes(NAME.1).suffix(NAME.2);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    begin(&builder, folder)
}

fn begin(builder: &Builder<'_, '_>, folder: &Path) -> io::Result<NamedTempFile> {
    for _ in 0..TRIES {
        let draft = builder.tempfile_in(folder)?;
        // Before it was locked it looked abandoned, and may have been removed. Where files can't be locked none is.
        let there = || Identity::of(draft.path()).ok() == identity_of(draft.as_file()).ok();
        if draft.as_file().lock().is_err() || there() {
            return Ok(draft);
        }
    }
    Err(io::Error::other("another program removes what is begun there"))
}

/// Removes the drafts in `folder` that nobody writes any more: their programs were killed.
pub(super) fn remove_abandoned(folder: &Path) {
    for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = file.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_name(&file.file_name().to_string_lossy()) {
            continue;
        }
        let path = file.path();
        // Locked until it is removed. One that its program has renamed meanwhile isn't there by this name.
        let locked = File::open(&path).ok().filter(|file| file.try_lock().is_ok());
        if locked.is_some() {
            drop(std::fs::remove_file(&path));
        }
    }
}

/// Whether a file of this name is a draft.
pub(super) fn is_name(name: &str) -> bool {
    let chance = name.strip_prefix(NAME.0).and_then(|rest| rest.strip_suffix(NAME.2));
    chance.is_some_and(|chance| {
        chance.len() == NAME.1 && chance.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::{draft, is_name, remove_abandoned};

    #[test]
    fn drafts_stay_as_long_as_somebody_writes_them() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".chronus-aB3x9Z.part", ".chronus-mine.part", "aB3x9Z.part"] {
            std::fs::write(at(name), "half").unwrap();
        }
        std::fs::create_dir(at(".chronus-folder.part")).unwrap();
        let ours = draft(folder.path()).unwrap();
        remove_abandoned(folder.path());
        assert!(ours.path().exists() && is_name(&ours.path().file_name().unwrap().to_string_lossy()));
        assert!(!at(".chronus-aB3x9Z.part").exists());
        for other in [".chronus-mine.part", "aB3x9Z.part", ".chronus-folder.part"] {
            assert!(at(other).exists(), "{other}");
        }
        // A whole file is nobody's draft.
        ours.persist(at("whole")).unwrap();
        remove_abandoned(folder.path());
        assert!(at("whole").exists());
    }

    #[test]
    fn who_begins_and_who_removes_at_the_same_time_dont_meet() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path();
        std::thread::scope(|scope| {
            let remover = scope.spawn(|| (0..2_000).for_each(|_| remove_abandoned(place)));
            while !remover.is_finished() {
                let draft = draft(place).unwrap();
                std::thread::yield_now();
                assert!(draft.path().exists());
            }
        });
    }
}

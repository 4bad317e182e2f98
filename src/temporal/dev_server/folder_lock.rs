//! One process a folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

/// How long a dead holder's server may take to end: see the grace of the guard.
const DYING: Duration = Duration::from_secs(10);

/// Why a folder is not ours.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process has it.
    #[error("in use by process {pid}")]
    Held {
        /// Its number; a question mark when it has not written it yet.
        pid: String,
    },
    /// The lock file could not be made or read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// A lock that is held as long as this value, or a file from [`FolderLock::file`], is open. The
/// system lets go of it when the last holder dies: no stale lock file.
#[derive(Debug)]
pub(super) struct FolderLock(File);

impl FolderLock {
    /// Takes the lock and writes our number into the file, for whoever comes second.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let open = OpenOptions::new().read(true).append(true).create(true).open(path);
        let mut file = open?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = std::fs::read_to_string(path).unwrap_or_default();
                let pid = if pid.is_empty() { "?".to_owned() } else { pid };
                return Err(LockError::Held { pid });
            }
            Err(TryLockError::Error(error)) => return Err(LockError::Io(error)),
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        Ok(Self(file))
    }

    /// The locked file once more, for a child to hold.
    pub(super) fn file(&self) -> io::Result<File> {
        self.0.try_clone()
    }
}

/// Takes the lock. When only a server still has it that ends already, because its process is dead
/// or because we let go of it ourselves, waits for that end.
pub(super) async fn take_over(path: &Path) -> Result<FolderLock, LockError> {
    let attempts = async {
        loop {
            match FolderLock::take(path) {
                Err(LockError::Held { pid }) if ends_already(&pid) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                result => return result,
            }
        }
    };
    match tokio::time::timeout(DYING, attempts).await {
        Ok(result) => result,
        Err(_) => FolderLock::take(path),
    }
}

/// Whether the holder is a dead process, which only `/proc` tells, or this one.
fn ends_already(pid: &str) -> bool {
    let proc = Path::new("/proc");
    let dead = proc.join("self").exists() && !proc.join(pid).exists();
    dead || *pid == std::process::id().to_string()
}

#[cfg(test)]
mod tests {
    use super::{FolderLock, LockError, take_over};

    // A process that another test starts just then holds a copy of our file until it runs its own
    // program: so a lock that is free is taken with patience.
    #[tokio::test]
    async fn the_second_one_is_told_who_came_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let first = take_over(&path).await.expect("free");
        let second = FolderLock::take(&path).expect_err("held");
        assert_eq!(second.to_string(), format!("in use by process {}", std::process::id()));
        drop(first);
        take_over(&path).await.expect("free again");
    }

    #[tokio::test]
    async fn a_clone_of_the_file_keeps_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lock");
        let first = take_over(&path).await.expect("free");
        let clone = first.file().expect("a file");
        drop(first);
        let second = FolderLock::take(&path).expect_err("held by the clone");
        assert!(matches!(second, LockError::Held { .. }));
        drop(clone);
        take_over(&path).await.expect("free again");
    }
}

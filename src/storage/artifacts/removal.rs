//! A document on its way out. Addresses are the digests of bytes, so whoever sends the same bytes
//! again shares the file: it is removed only when nobody has for a while.

use std::fs::{File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::models::refs::Sha256;
use crate::storage::artifacts::{ArtifactError, Artifacts, blocking, incoming};
use crate::storage::folder;

/// What became of a document that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Removal {
    /// It is gone, or was.
    Gone,
    /// It was sent again a short while ago: who sent it may be about to say what it is for.
    Fresh,
}

impl Artifacts {
    /// Removes a document, unless it was kept or sent again less than `untouched` ago. Done twice
    /// it changes nothing.
    ///
    /// # Errors
    /// A store that is away.
    pub async fn remove(
        &self,
        sha256: &Sha256,
        untouched: Duration,
    ) -> Result<Removal, ArtifactError> {
        let path = self.path(sha256);
        let aside = self.root.join(incoming::place().to_string());
        blocking(move || remove(&path, &aside, untouched).map_err(ArtifactError::store)).await
    }
}

/// First out of the way, then looked at once more: who sends it from then on writes it anew, and
/// who did before has left its mark.
fn remove(path: &Path, aside: &PathBuf, untouched: Duration) -> io::Result<Removal> {
    match is_fresh(path, untouched) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Removal::Gone),
        Ok(false) => {}
        Ok(true) => return Ok(Removal::Fresh),
        Err(error) => return Err(error),
    }
    std::fs::rename(path, aside)?;
    if is_fresh(aside, untouched)? {
        std::fs::rename(aside, path)?;
        return Ok(Removal::Fresh);
    }
    std::fs::remove_file(aside)?;
    if let Some(drawer) = path.parent() {
        folder::sync(drawer)?;
    }
    Ok(Removal::Gone)
}

fn is_fresh(path: &Path, untouched: Duration) -> io::Result<bool> {
    let written = std::fs::metadata(path)?.modified()?;
    // A clock that was set back makes a document fresh, which is the safe side.
    Ok(SystemTime::now().duration_since(written).is_ok_and(|age| age < untouched)
        || SystemTime::now() < written)
}

/// Leaves a mark on a document that was sent again. False when it is not there any more.
pub(super) fn touch(path: &Path) -> io::Result<bool> {
    match File::options().append(true).open(path) {
        Ok(file) => {
            file.set_times(FileTimes::new().set_modified(SystemTime::now()))?;
            Ok(true)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

//! Where uploads grow until their digest is known.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use uuid::Uuid;

/// The folder of unfinished uploads, beside the finished ones: a move between them is atomic.
pub(super) const FOLDER: &str = "incoming";

/// Older than any upload that is still running: other processes may be uploading right now.
const LEFT_OVER_AFTER: Duration = Duration::from_hours(24);

/// A name that nobody else uses.
pub(super) fn place() -> object_store::path::Path {
    object_store::path::Path::from(format!("{FOLDER}/{}", Uuid::now_v7()))
}

/// Removes what processes that died left behind.
///
/// # Errors
/// The folder cannot be read.
pub(super) fn clear(root: &Path) -> io::Result<()> {
    let now = SystemTime::now();
    for entry in std::fs::read_dir(root.join(FOLDER))? {
        let entry = entry?;
        let written = entry.metadata().and_then(|about| about.modified());
        let age = written.map(|at| now.duration_since(at).unwrap_or_default());
        if age.is_ok_and(|age| age > LEFT_OVER_AFTER) {
            // Another process that starts now may have been faster: nothing is lost by that.
            let _ = std::fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// Removes one upload that failed, under the names it may have had on the way. What cannot be
/// removed is left to [`clear`].
pub(super) fn discard(root: &Path, place: &object_store::path::Path) {
    let Some(name) = place.filename() else { return };
    let Ok(entries) = std::fs::read_dir(root.join(FOLDER)) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(name) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

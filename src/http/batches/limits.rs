//! What one request may bring. What a batch may hold is in `models::batch`.

use std::time::Duration;

use crate::http::extract::body::BodyLimit;
use crate::models::batch::ARCHIVE_BYTES_MAX;

/// Bytes of a form (HTTP handbook §4.3); it streams, part by part.
pub const FORM_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of a JSON body. It is held in memory three times while it is read (as bytes, as a tree,
/// and decoded), so it is a quarter of what a form may have; forms and archives stream.
pub const JSON_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// An archive of 1 GiB at 10 Mbit/s.
pub const ARCHIVE_TIME: Duration = Duration::from_secs(15 * 60);

/// What the route takes at most; the handlers narrow it by what comes.
pub fn route() -> BodyLimit {
    BodyLimit::new(ARCHIVE_BYTES_MAX, ARCHIVE_TIME)
}

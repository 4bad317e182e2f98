//! What one request may bring. What a batch may hold is in `models::batch`.

use std::time::Duration;

use axum::extract::Request;

use crate::config;
use crate::http::error::ApiError;
use crate::http::extract::body::BodyLimit;
use crate::models::batch::ARCHIVE_BYTES_MAX;

/// Bytes of a form (HTTP handbook §4.3); it streams, part by part.
pub const FORM_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Bytes of a JSON body. It is held in memory three times while it is read (as bytes, as a tree,
/// and decoded), so it is a quarter of what a form may have; forms and archives stream.
pub const JSON_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// An archive of 1 GiB takes 14 min 19 s at 10 Mbit/s: nine tenths of this.
pub const ARCHIVE_TIME: Duration = Duration::from_secs(16 * 60);

/// What the route takes at most; the handlers narrow it by what comes.
pub fn route() -> BodyLimit {
    BodyLimit::new(ARCHIVE_BYTES_MAX, ARCHIVE_TIME)
}

/// Narrows the limits of the route to those of a form or of JSON. How long a body may stall stays
/// as it is configured.
///
/// # Errors
/// 413 for a body that is announced larger, before a byte of it is read.
pub(super) fn narrow(
    mut request: Request,
    bytes: u64,
    limits: &config::Http,
) -> Result<Request, ApiError> {
    let route = request.extensions().get::<BodyLimit>().copied().unwrap_or_default();
    let upload = Duration::from_secs(limits.upload_deadline_seconds);
    let limit = BodyLimit { stall: route.stall, ..BodyLimit::new(bytes, upload) };
    limit.admit(request.headers())?;
    request.extensions_mut().insert(limit);
    Ok(request)
}

//! A head as text: each line is one value of the header that is looked at.

use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// What no server would pass on is nothing.
pub(crate) fn head(name: &HeaderName, bytes: &[u8]) -> Option<HeaderMap> {
    let mut head = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        head.append(name.clone(), HeaderValue::from_bytes(line).ok()?);
    }
    Some(head)
}

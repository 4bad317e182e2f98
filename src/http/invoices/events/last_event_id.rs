//! `Last-Event-ID`: where a reader of the stream left off.

use axum::http::{HeaderMap, HeaderName};

/// The request header.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Where a reader left off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastEventId {
    /// It is new.
    Absent,
    /// Behind this revision.
    Revision(i64),
    /// It sent what is no revision.
    Malformed,
}

impl LastEventId {
    /// Reads the header. A browser sends none before its first event; an empty one is none.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(value) = headers.get(LAST_EVENT_ID) else {
            return Self::Absent;
        };
        let text = value.to_str().unwrap_or("-").trim();
        let plain = text.bytes().all(|byte| byte.is_ascii_digit());
        match text.parse() {
            _ if text.is_empty() => Self::Absent,
            Ok(revision) if plain => Self::Revision(revision),
            _ => Self::Malformed,
        }
    }
}

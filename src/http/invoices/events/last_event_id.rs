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

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{LAST_EVENT_ID, LastEventId};

    #[test]
    fn a_last_event_id_is_a_revision_or_it_is_malformed() {
        let table = [
            ("", LastEventId::Absent),
            (" ", LastEventId::Absent),
            ("0", LastEventId::Revision(0)),
            ("17", LastEventId::Revision(17)),
            ("-1", LastEventId::Malformed),
            ("+1", LastEventId::Malformed),
            ("1.0", LastEventId::Malformed),
            ("abc", LastEventId::Malformed),
            ("99999999999999999999999", LastEventId::Malformed),
        ];
        for (text, expected) in table {
            let value = HeaderValue::from_static(text);
            let headers = HeaderMap::from_iter([(LAST_EVENT_ID, value)]);
            assert_eq!(LastEventId::of(&headers), expected, "{text:?}");
        }
        assert_eq!(LastEventId::of(&HeaderMap::new()), LastEventId::Absent);
    }
}

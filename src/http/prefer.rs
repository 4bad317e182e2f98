//! `Prefer: wait=N` and `respond-async` (RFC 7240), and what of them is applied.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

/// The request header.
pub const PREFER: HeaderName = HeaderName::from_static("prefer");

/// The answer header that tells what was applied.
pub const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// What a caller prefers. Unknown and malformed preferences are ignored, as the RFC asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prefer {
    /// `respond-async`: answer at once.
    pub respond_async: bool,
    /// `wait`, in seconds, as sent.
    pub wait: Option<u64>,
}

/// How long to wait, and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// At most this long; zero answers at once.
    pub at_most: Duration,
    applied: Option<String>,
}

impl Prefer {
    /// Reads the header; of a repeated preference the first counts.
    pub fn of(headers: &HeaderMap) -> Self {
        let mut prefer = Self::default();
        let mut waits = false;
        let values = headers.get_all(PREFER).into_iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| value.split(',')) {
            let preference = preference.split(';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            match name.trim().to_ascii_lowercase().as_str() {
                "respond-async" => prefer.respond_async = true,
                "wait" if !waits => {
                    waits = true;
                    prefer.wait = seconds(value);
                }
                _ => {}
            }
        }
        prefer
    }

    /// What is applied where `default` is the wait of a caller that says nothing.
    pub fn wait(self, default: Duration, max_seconds: u64) -> Wait {
        let (at_most, applied) = match self {
            Self { wait: Some(seconds), .. } => {
                let seconds = seconds.min(max_seconds);
                (Duration::from_secs(seconds), Some(format!("wait={seconds}")))
            }
            Self { respond_async: true, .. } => (Duration::ZERO, Some("respond-async".to_owned())),
            Self { .. } => (default, None),
        };
        Wait { at_most, applied }
    }
}

/// A number of seconds, which may be quoted; too many digits are very long, not malformed.
fn seconds(value: &str) -> Option<u64> {
    let digits = value.trim().trim_matches('"');
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().unwrap_or(u64::MAX))
}

impl Wait {
    /// The value of `Preference-Applied`, if the caller preferred something that was done.
    pub fn applied(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.applied.as_deref()?).ok()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Prefer {
    type Rejection = Infallible;

    /// HEAD never waits, so it prefers nothing.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        if parts.method == Method::HEAD {
            return Ok(Self::default());
        }
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{HeaderMap, HeaderValue};

    use super::{PREFER, Prefer};

    fn wait(value: &'static str) -> (u64, Option<String>) {
        let headers = HeaderMap::from_iter([(PREFER, HeaderValue::from_static(value))]);
        let wait = Prefer::of(&headers).wait(Duration::from_secs(7), 30);
        let applied = wait.applied().map(|value| value.to_str().expect("ASCII").to_owned());
        (wait.at_most.as_secs(), applied)
    }

    #[test]
    fn what_is_applied_is_what_was_understood() {
        let table = [
            ("", 7, None),
            ("wait=5", 5, Some("wait=5")),
            ("WAIT = \"5\"", 5, Some("wait=5")),
            ("wait=0", 0, Some("wait=0")),
            ("wait=1000000000", 30, Some("wait=30")),
            ("wait=99999999999999999999999999", 30, Some("wait=30")),
            ("respond-async", 0, Some("respond-async")),
            ("respond-async, wait=9", 9, Some("wait=9")),
            ("wait=3, wait=9", 3, Some("wait=3")),
            ("wait=x, wait=9", 7, None),
            ("wait=-1", 7, None),
            ("wait", 7, None),
            ("return=minimal; foo, wait=2; bar", 2, Some("wait=2")),
            (",;=,", 7, None),
        ];
        for (value, seconds, applied) in table {
            assert_eq!(wait(value), (seconds, applied.map(str::to_owned)), "{value:?}");
        }
    }
}

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
        let (mut at_once, mut waits) = (false, false);
        let values = headers.get_all(PREFER).into_iter().filter_map(|value| value.to_str().ok());
        for preference in values.flat_map(|value| apart(value, ',')) {
            let preference = apart(preference, ';').next().unwrap_or_default();
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = unquoted(value.trim());
            match name.trim().to_ascii_lowercase().as_str() {
                // An empty value is none, and another one is not known.
                "respond-async" if !at_once => {
                    at_once = true;
                    prefer.respond_async = value.is_some_and(|value| value.is_empty());
                }
                "wait" if !waits => {
                    waits = true;
                    prefer.wait = value.as_deref().and_then(seconds);
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

/// What stands between separators that are not within a quoted string (RFC 9110 §5.6.4).
fn apart(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |letter| {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => return letter == separator && !quoted,
        }
        false
    })
}

/// What a token or a quoted string says; nothing when a quotation mark is out of its place.
fn unquoted(word: &str) -> Option<String> {
    let Some(inner) = word.strip_prefix('"') else {
        return (!word.contains('"')).then(|| word.to_owned());
    };
    let mut letters = inner.strip_suffix('"')?.chars();
    let mut said = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => said.push(letters.next()?),
            '"' => return None,
            _ => said.push(letter),
        }
    }
    Some(said)
}

/// A number of seconds; too many digits are very long, not malformed.
fn seconds(digits: &str) -> Option<u64> {
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
            (r#"foo="a, wait=0"; b"#, 7, None),
            (r#"foo="a; b, wait=0, respond-async""#, 7, None),
            (r#"foo="a\", wait=0"; b, wait=4"#, 4, Some("wait=4")),
            (r#"foo="a\\", wait=4"#, 4, Some("wait=4")),
            (r#"wait=6; foo=", wait=1""#, 6, Some("wait=6")),
            (r#"wait="\5""#, 5, Some("wait=5")),
            (r#"foo="a, wait=0"#, 7, None),
            (r#"wait="5"#, 7, None),
            (r#"wait=5""#, 7, None),
            (r#"wait="5\""#, 7, None),
            ("respond-async=", 0, Some("respond-async")),
            (r#"respond-async="""#, 0, Some("respond-async")),
            ("respond-async; foo=false", 0, Some("respond-async")),
            ("respond-async=false", 7, None),
            ("respond-async=true", 7, None),
            ("respond-async=false, respond-async", 7, None),
        ];
        for (value, seconds, applied) in table {
            assert_eq!(wait(value), (seconds, applied.map(str::to_owned)), "{value:?}");
        }
    }
}

//! The key of a request: one header, quoted or bare.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

use crate::http::error::{ApiError, Slug};

/// The request header.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Characters of a key.
const KEY_CHARACTERS_MAX: usize = 255;

/// The key of a request, if it has one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IdempotencyKey(pub Option<String>);

impl IdempotencyKey {
    /// Reads the header: a structured-field string `"k1"`, or bare `k1`, which is the same key.
    ///
    /// # Errors
    /// 400 unless it is there once with 1 to 255 visible ASCII characters.
    pub fn of(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut values = headers.get_all(IDEMPOTENCY_KEY).into_iter();
        let Some(value) = values.next() else {
            return Ok(Self(None));
        };
        let key = value.to_str().ok().and_then(parse);
        match (key, values.next()) {
            (Some(key), None) => Ok(Self(Some(key))),
            (_, Some(_)) => Err(invalid("The header is there more than once.")),
            (None, None) => Err(invalid("Send 1 to 255 visible ASCII characters.")),
        }
    }
}

fn invalid(detail: &str) -> ApiError {
    Slug::IdempotencyKeyInvalid.error().detail(detail)
}

/// RFC 8941 §3.3.3 for the quoted form; parameters after it are refused.
fn parse(value: &str) -> Option<String> {
    let value = value.trim();
    let key = match value.strip_prefix('"') {
        Some(rest) => unquote(rest)?,
        None => value.to_owned(),
    };
    let visible = key.bytes().all(|byte| byte.is_ascii_graphic());
    (visible && (1..=KEY_CHARACTERS_MAX).contains(&key.len())).then_some(key)
}

fn unquote(rest: &str) -> Option<String> {
    let mut key = String::new();
    let mut characters = rest.chars();
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(key),
            '\\' => match characters.next()? {
                escaped @ ('"' | '\\') => key.push(escaped),
                _ => return None,
            },
            plain => key.push(plain),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        Self::of(&parts.headers)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{IDEMPOTENCY_KEY, IdempotencyKey};

    fn key(value: &str) -> Option<String> {
        let value = HeaderValue::from_str(value).expect("a header value");
        let headers = HeaderMap::from_iter([(IDEMPOTENCY_KEY, value)]);
        IdempotencyKey::of(&headers).ok().and_then(|key| key.0)
    }

    #[test]
    fn quoted_and_bare_are_one_key() {
        assert_eq!(key("k1"), key("\"k1\""));
        assert_eq!(key(r#""a\"b\\c""#).as_deref(), Some(r#"a"b\c"#));
        assert_eq!(key(&"k".repeat(255)).map(|key| key.len()), Some(255));
    }

    #[test]
    fn bad_keys_are_refused() {
        let long = "k".repeat(256);
        for bad in ["", " ", "\"\"", "\"k", "\"k\"x", "\"k\";a=1", "k 1", r#""a\c""#, "k\t1", &long]
        {
            assert_eq!(key(bad), None, "{bad:?}");
        }
        let twice = ["a", "a"].map(|key| (IDEMPOTENCY_KEY, HeaderValue::from_static(key)));
        let mut headers = HeaderMap::new();
        for (name, value) in twice {
            headers.append(name, value);
        }
        assert!(IdempotencyKey::of(&headers).is_err());
        assert_eq!(IdempotencyKey::of(&HeaderMap::new()).ok(), Some(IdempotencyKey(None)));
    }
}

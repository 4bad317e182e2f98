//! What the caller says the body is. Nothing is decompressed on the way in.

use axum::http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};

use crate::http::error::{ApiError, Slug};

/// A `Content-Type`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType {
    /// Type and subtype, lower case.
    pub essence: String,
    /// Its `charset`, lower case.
    pub charset: Option<String>,
}

impl ContentType {
    /// Reads the header; `None` when it is missing or unreadable.
    ///
    /// # Errors
    /// 415 for a `Content-Encoding`.
    pub fn of(headers: &HeaderMap) -> Result<Option<Self>, ApiError> {
        for coding in headers.get_all(CONTENT_ENCODING) {
            if !coding.as_bytes().eq_ignore_ascii_case(b"identity") {
                return Err(encoded(coding));
            }
        }
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        Ok(value.map(Self::parse))
    }

    fn parse(text: &str) -> Self {
        let mut parts = text.split(';');
        let essence = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
        let charset = parts.find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            name.trim().eq_ignore_ascii_case("charset").then_some(value)
        });
        Self { essence, charset }
    }

    /// Whether it is JSON in UTF-8.
    pub fn is_json(&self) -> bool {
        let utf8 = self.charset.as_deref().is_none_or(|charset| charset == "utf-8");
        self.essence == "application/json" && utf8
    }
}

/// 415: names what is taken, and what came.
pub fn unsupported(accepted: &[&str], detected: Option<&str>) -> ApiError {
    let names = HeaderValue::from_str(&accepted.join(", ")).expect("media types are ASCII");
    refused("This address takes", accepted, "request", detected).header(ACCEPT, names)
}

/// 415 for a document within a request, by what carries it there: a part, an item. `Accept` is not
/// sent: it speaks of requests (RFC 9110 §12.5.1), and the type of this one was taken.
pub fn unsupported_within(carrier: &str, accepted: &[&str], detected: Option<&str>) -> ApiError {
    refused("A document here may be", accepted, carrier, detected)
}

fn refused(rule: &str, accepted: &[&str], carrier: &str, detected: Option<&str>) -> ApiError {
    let came = detected.map_or_else(|| "no Content-Type".to_owned(), |came| format!("{came:?}"));
    let detail = format!("{rule} {}; the {carrier} has {came}.", accepted.join(", "));
    let error =
        Slug::UnsupportedMediaType.error().detail(detail).member("accepted", accepted.to_vec());
    match detected {
        Some(detected) => error.member("detected", detected),
        None => error,
    }
}

/// The type as it came, short enough to be shown.
pub fn shown(content_type: Option<&ContentType>) -> Option<String> {
    let content_type = content_type?;
    let mut text: String = content_type.essence.chars().take(100).collect();
    if let Some(charset) = &content_type.charset {
        text.extend("; charset=".chars().chain(charset.chars().take(40)));
    }
    Some(text)
}

fn encoded(coding: &HeaderValue) -> ApiError {
    let coding: String = coding.to_str().unwrap_or("?").chars().take(40).collect();
    let detail = format!("Content-Encoding {coding:?} is not taken; send the bytes as they are.");
    Slug::UnsupportedMediaType
        .error()
        .detail(detail)
        .member("accepted", vec!["identity"])
        .member("detected", coding)
        .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
}

#[cfg(test)]
mod tests {
    use super::ContentType;

    #[test]
    fn json_is_json_in_utf_8() {
        let table = [
            ("application/json", true),
            ("Application/JSON; Charset=\"UTF-8\"", true),
            ("application/json; charset=latin1", false),
            ("application/problem+json", false),
            ("text/json", false),
            ("application/json; charset", true),
            ("", false),
        ];
        for (text, json) in table {
            assert_eq!(ContentType::parse(text).is_json(), json, "{text:?}");
        }
    }
}

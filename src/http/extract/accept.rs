//! What the caller can read: `Accept` must admit the type that a route has, else 406.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::error::{ApiError, Slug};

/// The type of all resources.
pub const JSON: &str = "application/json";

/// For routes that answer JSON.
pub async fn json(request: Request, next: Next) -> Response {
    match require(request.headers(), JSON) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// Refuses unless `Accept` admits the type; a missing header admits all.
///
/// # Errors
/// 406 that names what is available.
pub fn require(headers: &HeaderMap, available: &str) -> Result<(), ApiError> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        ranges.extend(text.split(',').map(str::trim).filter(|range| !range.is_empty()));
    }
    if ranges.is_empty() || admits(&ranges, available) {
        return Ok(());
    }
    let detail = format!("This address has {available}, which the Accept header does not admit.");
    Err(Slug::NotAcceptable.error().detail(detail).member("available", vec![available]))
}

/// The most specific range that fits decides; `q=0` excludes (RFC 9110 §12.5.1).
fn admits(ranges: &[&str], available: &str) -> bool {
    let available = essence(available);
    let (kind, _) = available.split_once('/').unwrap_or((&available, ""));
    let fits = |range: &str| match range {
        range if range == available => Some(2),
        range if range == format!("{kind}/*") => Some(1),
        "*/*" => Some(0),
        _ => None,
    };
    let best = ranges
        .iter()
        .filter_map(|range| Some((fits(&essence(range))?, quality(range))))
        .max_by_key(|(specific, _)| *specific);
    best.is_some_and(|(_, quality)| quality > 0.0)
}

fn essence(range: &str) -> String {
    let essence = range.split(';').next().unwrap_or_default();
    essence.trim().to_ascii_lowercase()
}

/// A malformed weight counts as 1: the type was named, and that is what matters.
fn quality(range: &str) -> f32 {
    let weight = range.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim())
    });
    weight.and_then(|weight| weight.parse().ok()).unwrap_or(1.0)
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::require;

    #[test]
    fn the_most_specific_range_decides() {
        let table = [
            ("", true),
            ("*/*", true),
            ("application/json", true),
            ("APPLICATION/JSON;q=0.1", true),
            ("application/*", true),
            ("text/html, */*;q=0.1", true),
            ("text/html", false),
            ("application/json;q=0, */*", false),
            ("*/*;q=0", false),
            ("application/jsonx", false),
            (",,;", false),
        ];
        for (accept, admitted) in table {
            let headers = HeaderMap::from_iter([(super::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(require(&headers, "application/json").is_ok(), admitted, "{accept:?}");
        }
        assert!(require(&HeaderMap::new(), "application/json").is_ok());
    }
}

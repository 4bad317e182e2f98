//! What the caller can read: `Accept` must admit the type that a route has, else 406.

use axum::extract::Request;
use axum::http::header::{ACCEPT, VARY};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::error::{ApiError, Slug};

/// The type of all resources.
pub const JSON: &str = "application/json";

/// What people read.
pub const TEXT: &str = "text/plain";

/// What browsers show.
pub const HTML: &str = "text/html";

/// UBL.
pub const XML: &str = "application/xml";

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
    choose(headers, &[available]).map(drop)
}

/// The type that the caller likes best; the first of those that it likes equally.
///
/// # Errors
/// 406 that names what is available.
pub fn choose<'t>(headers: &HeaderMap, available: &[&'t str]) -> Result<&'t str, ApiError> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        let text = value.to_str().unwrap_or_default();
        ranges.extend(text.split(',').map(str::trim).filter(|range| !range.is_empty()));
    }
    let liked = |kind: &&str| if ranges.is_empty() { 1.0 } else { liking(&ranges, kind) };
    let admitted = available.iter().copied().filter(|kind| liked(kind) > 0.0);
    let best = admitted.rev().max_by(|one, other| liked(one).total_cmp(&liked(other)));
    best.ok_or_else(|| {
        let shown = available.join(" and ");
        let detail = format!("This address has {shown}, which the Accept header does not admit.");
        Slug::NotAcceptable.error().detail(detail).member("available", available.to_vec())
    })
}

/// The answer of a route that chooses: caches must know that another `Accept` has another one (RFC
/// 9110 §12.5.5), also where the caller has it already. What else it depends on stays said.
pub fn chosen(mut answer: Response) -> Response {
    answer.headers_mut().append(VARY, HeaderValue::from_static("Accept"));
    answer
}

/// The most specific range that fits decides; `q=0` excludes (RFC 9110 §12.5.1).
fn liking(ranges: &[&str], available: &str) -> f64 {
    let available = essence(available);
    let (kind, _) = available.split_once('/').unwrap_or((&available, ""));
    let fits = |range: &str| match range {
        range if range == available => Some(2),
        range if range == format!("{kind}/*") => Some(1),
        // An old word for it: Java sends `text/html, …, *; q=.2, */*; q=.2` unasked.
        "*/*" | "*" => Some(0),
        _ => None,
    };
    let best = ranges
        .iter()
        .filter_map(|range| Some((fits(&essence(range))?, quality(range))))
        .max_by_key(|(specific, _)| *specific);
    best.map_or(0.0, |(_, quality)| f64::from(quality))
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
            ("*", true),
            ("*; q=.2", true),
            ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", true),
            ("*;q=0", false),
            ("application/json;q=0, *", false),
            ("*json", false),
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

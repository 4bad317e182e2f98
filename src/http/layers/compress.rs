//! Answers in gzip for callers who take it (RFC 9110 §12.5.3): lists, histories, the document of
//! the interface. JSON alone: pages hold the token of a form beside what a stranger wrote, and
//! whoever sees how well both compress together learns of one from the other.

use std::io::Write;

use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::Next;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::answer::of_gzip;

/// What fits into one packet gets no faster by being smaller.
const SMALLEST: u64 = 1_400;

/// Longer ones are compressed off the threads that answer requests: some milliseconds.
const SHORT: usize = 64 * 1024;

/// Between access log and finisher: what is counted is what is sent.
pub async fn compress(request: Request, next: Next) -> Response<Body> {
    let wanted = takes_gzip(request.headers());
    let kept: Vec<_> = request.headers().get_all(IF_NONE_MATCH).iter().cloned().collect();
    let mut response = next.run(request).await;
    if response.status() == StatusCode::NOT_MODIFIED {
        revalidate(response.headers_mut(), &kept, wanted);
        return response;
    }
    if !fits(&response) {
        return response;
    }
    response.headers_mut().append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if !wanted {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // A body whose length is known is in memory already.
    let Ok(plain) = to_bytes(body, usize::MAX).await else {
        return Response::from_parts(parts, Body::empty());
    };
    let packed = if plain.len() > SHORT {
        let copy = plain.clone();
        tokio::task::spawn_blocking(move || gzip(&copy)).await.ok().flatten()
    } else {
        gzip(&plain)
    };
    let Some(packed) = packed else {
        return Response::from_parts(parts, Body::from(plain));
    };
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(tag) = parts.headers.get(ETAG).and_then(of_gzip) {
        parts.headers.insert(ETAG, tag);
    }
    Response::from_parts(parts, Body::from(packed))
}

/// A 304 has the validator of the 200 that it stands for (RFC 9110 §15.4.5): who keeps the one in
/// gzip named it, so it was compressed and would be again.
fn revalidate(headers: &mut HeaderMap, kept: &[HeaderValue], wanted: bool) {
    let Some(packed) = headers.get(ETAG).and_then(of_gzip) else { return };
    let named = |value: &HeaderValue| {
        value.as_bytes().windows(packed.len()).any(|part| part == packed.as_bytes())
    };
    if !kept.iter().any(named) {
        return;
    }
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if wanted {
        headers.insert(ETAG, packed);
    }
}

fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// JSON of ours, whole, and worth it. A document that somebody handed in stays as it came.
fn fits(response: &Response<Body>) -> bool {
    let headers = response.headers();
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| ["application/json", "application/problem+json"].contains(&kind))
        && !headers.contains_key(CONTENT_ENCODING)
        && !headers.contains_key(CONTENT_DISPOSITION)
        && response.body().size_hint().exact().is_some_and(|length| length >= SMALLEST)
}

/// Whether `gzip` is named, or everything is, and not with a weight of nothing.
pub fn takes_gzip(headers: &HeaderMap) -> bool {
    let values =
        headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|value| value.to_str().ok());
    let mut everything = false;
    for coding in values.flat_map(|value| value.split(',')) {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let taken = weight.is_none_or(|weight| !weight.trim_matches(['0', '.']).is_empty());
        match name.as_str() {
            "gzip" | "x-gzip" => return taken,
            "*" => everything = taken,
            _ => {}
        }
    }
    everything
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_ENCODING;
    use axum::http::{HeaderMap, HeaderValue};

    use super::takes_gzip;

    #[test]
    fn gzip_is_taken_when_it_is_named_with_a_weight_or_without() {
        let table = [
            ("gzip", true),
            ("deflate, gzip;q=0.5, br", true),
            ("GZIP ; q=1.000", true),
            ("*", true),
            ("*, gzip;q=0", false),
            ("gzip;q=0.000", false),
            ("*;q=0", false),
            ("identity", false),
            ("br", false),
            ("", false),
        ];
        for (value, taken) in table {
            let value = HeaderValue::from_static(value);
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, value.clone())]);
            assert_eq!(takes_gzip(&headers), taken, "{value:?}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}

//! Answers: JSON with or without a validator, and the times in them.

use std::convert::Infallible;
use std::fmt::Write;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use futures::stream;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

/// What goes with every item that has a validator.
pub const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// JSON with a status.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response<Body> {
    with_bytes(status, bytes(value))
}

fn bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).expect("resources are maps with text keys")
}

fn with_bytes(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// JSON with its validator. Clones share its bytes, so a thousand slow readers of a large one cost
/// no more memory than one.
#[derive(Clone)]
pub struct Written {
    bytes: Bytes,
    tag: HeaderValue,
}

impl Written {
    /// Of bytes that are JSON.
    pub fn new(json: impl Into<Bytes>) -> Self {
        let bytes = json.into();
        Self { tag: strong_tag(&bytes), bytes }
    }
}

/// A new or changed item: where it is, and its validator.
pub fn created(status: StatusCode, location: &str, value: &impl Serialize) -> Response<Body> {
    let body = bytes(value);
    let tag = strong_tag(&body);
    let mut response = with_bytes(status, body);
    response.headers_mut().insert(ETAG, tag);
    set_location(&mut response, location);
    response
}

/// Sets `Location`. Ids of ours have an alphabet that fits a header.
pub fn set_location(response: &mut Response<Body>, location: &str) {
    let location = HeaderValue::from_str(location).expect("our paths are visible ASCII");
    response.headers_mut().insert(LOCATION, location);
}

/// The caller's `If-None-Match`.
#[derive(Debug, Clone, Default)]
pub struct IfNoneMatch(Vec<String>);

impl IfNoneMatch {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(IF_NONE_MATCH);
        let values = values.into_iter().filter_map(|value| value.to_str().ok());
        let tags = values.flat_map(|value| value.split(','));
        Self(tags.map(|tag| tag.trim().to_owned()).collect())
    }

    /// Weak comparison, as RFC 9110 §13.1.2 asks.
    pub fn hits(&self, tag: &HeaderValue) -> bool {
        let opaque = |tag: &str| plain(tag.strip_prefix("W/").unwrap_or(tag));
        let ours = tag.to_str().map(opaque).unwrap_or_default();
        self.0.iter().any(|theirs| theirs == "*" || opaque(theirs) == ours)
    }

    /// An item: 200 with its validator, or 304 when the caller has it.
    pub fn item(&self, value: &impl Serialize) -> Response<Body> {
        self.json_bytes(bytes(value))
    }

    /// The same for what people read.
    pub fn text(&self, text: String) -> Response<Body> {
        let mut response = self.json_bytes(text.into_bytes());
        let kind = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    /// The same for a document of UBL.
    pub fn xml(&self, text: String) -> Response<Body> {
        let mut response = self.json_bytes(text.into_bytes());
        let kind = HeaderValue::from_static("application/xml");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    /// The same for JSON that is written already.
    fn json_bytes(&self, body: Vec<u8>) -> Response<Body> {
        self.written(&Written::new(body))
    }

    /// The same for what is written once and answered often.
    pub fn written(&self, written: &Written) -> Response<Body> {
        let Written { bytes, tag } = written;
        let mut response =
            if self.hits(tag) { not_modified() } else { with_bytes(StatusCode::OK, bytes.clone()) };
        let headers = response.headers_mut();
        headers.insert(ETAG, tag.clone());
        headers.insert(CACHE_CONTROL, REVALIDATE);
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// 304 without a body.
pub fn not_modified() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    response
}

/// Nothing, of which no length is told: for an answer whose length says nothing, or may not be said.
pub fn of_unknown_length() -> Body {
    Body::from_stream(stream::empty::<Result<Bytes, Infallible>>())
}

/// The validator of a resource, as its GET answers it.
pub fn tag(value: &impl Serialize) -> HeaderValue {
    strong_tag(&bytes(value))
}

/// The caller's `If-Match`; without one every state is admitted.
#[derive(Debug, Clone, Default)]
pub struct IfMatch(Option<Vec<String>>);

impl IfMatch {
    /// Reads the header.
    pub fn of(headers: &HeaderMap) -> Self {
        if !headers.contains_key(IF_MATCH) {
            return Self(None);
        }
        let values = headers.get_all(IF_MATCH).into_iter();
        let values = values.filter_map(|value| value.to_str().ok());
        let tags = values.flat_map(|value| value.split(','));
        Self(Some(tags.map(|tag| tag.trim().to_owned()).collect()))
    }

    /// Strong comparison, as RFC 9110 §13.1.1 asks.
    pub fn admits(&self, tag: &HeaderValue) -> bool {
        let ours = tag.to_str().unwrap_or_default();
        let Some(tags) = &self.0 else {
            return true;
        };
        tags.iter().any(|theirs| theirs == "*" || plain(theirs) == ours)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

/// What the validator of an item ends with where its answer was compressed: other bytes need
/// another strong validator (RFC 9110 §8.8.3.3), and either stands for the item in a condition.
const OF_GZIP: &str = "-gzip\"";

/// The validator of an item in gzip.
pub fn of_gzip(tag: &HeaderValue) -> Option<HeaderValue> {
    let tag = tag.to_str().ok()?.strip_suffix('"')?;
    HeaderValue::from_str(&format!("{tag}{OF_GZIP}")).ok()
}

/// The validator as it is without compression.
fn plain(tag: &str) -> String {
    tag.strip_suffix(OF_GZIP).map_or_else(|| tag.to_owned(), |tag| format!("{tag}\""))
}

/// 16 bytes of the body's SHA-256 in hexadecimal digits, quoted.
fn strong_tag(body: &[u8]) -> HeaderValue {
    let mut tag = String::from("\"");
    for byte in &Sha256::digest(body)[..16] {
        write!(tag, "{byte:02x}").expect("a string takes everything");
    }
    tag.push('"');
    HeaderValue::from_str(&tag).expect("hexadecimal digits")
}

/// For `#[serde(serialize_with = …)]`: RFC 3339 in UTC with milliseconds and `Z`.
///
/// # Errors
/// Those of the serializer.
pub fn time<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The same for a time that may be absent.
///
/// # Errors
/// Those of the serializer.
pub fn optional_time<S: Serializer>(
    time: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => self::time(time, serializer),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::ETAG;
    use axum::http::{HeaderMap, HeaderValue, StatusCode};

    use super::{IF_NONE_MATCH, IfNoneMatch};

    fn get(conditions: &str) -> (StatusCode, HeaderValue) {
        let value = HeaderValue::from_str(conditions).expect("a header value");
        let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value)]);
        let response = IfNoneMatch::of(&headers).item(&"a resource");
        (response.status(), response.headers()[ETAG].clone())
    }

    #[test]
    fn a_caller_that_has_the_item_gets_304() {
        let (status, tag) = get("");
        assert_eq!((status, tag.len()), (StatusCode::OK, 34));
        let tag = tag.to_str().expect("ASCII");
        let zipped = tag.trim_end_matches('"').to_owned() + "-gzip\"";
        let hits =
            [tag.to_owned(), format!("\"x\", {tag}"), format!("W/{tag}"), "*".to_owned(), zipped];
        for hit in hits {
            assert_eq!(get(&hit).0, StatusCode::NOT_MODIFIED, "{hit}");
        }
        for miss in ["\"x\"", tag.trim_matches('"'), "W/\"\"", ","] {
            assert_eq!(get(miss).0, StatusCode::OK, "{miss}");
        }
    }
}

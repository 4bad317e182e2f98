//! Heads that hyper lets pass and we do not (HTTP handbook §4.4).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, TRANSFER_ENCODING};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::error::{ApiError, Slug};
use crate::http::idempotency::{IDEMPOTENCY_KEY, IdempotencyKey};
use crate::models::fault::Fault;

/// Bytes of a request target.
const TARGET_BYTES_MAX: usize = 8 * 1024;

/// Headers of which a second one is a smuggling attempt or a mistake, never an intent.
const ONCE: [HeaderName; 3] = [AUTHORIZATION, CONTENT_TYPE, IDEMPOTENCY_KEY];

/// Layer 6.
pub async fn check(
    State(hosts): State<Arc<Vec<String>>>,
    request: Request,
    next: Next,
) -> Response {
    match verdict(&request, &hosts) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

/// What is wrong with the head of a request, if anything.
///
/// # Errors
/// 400, 414, 421 and 501, each for what no caller means to send.
pub fn verdict(request: &Request, hosts: &[String]) -> Result<(), ApiError> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET_BYTES_MAX {
        return Err(Slug::UriTooLong.error().member("limit", TARGET_BYTES_MAX));
    }
    transfer_coding(request.headers())?;
    host(request.uri(), request.headers(), request.version(), hosts)?;
    once(request.headers())?;
    // Also where none is read: whoever sends one relies on it.
    if request.method().is_safe() {
        Ok(())
    } else {
        IdempotencyKey::of(request.headers()).map(drop)
    }
}

fn transfer_coding(headers: &HeaderMap) -> Result<(), ApiError> {
    let mut codings = headers.get_all(TRANSFER_ENCODING).into_iter();
    match (codings.next(), codings.next()) {
        (None, None) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        _ => {
            let detail = "Of the transfer codings only chunked is taken, once.";
            Err(Slug::NotImplemented.error().detail(detail).closing())
        }
    }
}

fn host(
    target: &Uri,
    headers: &HeaderMap,
    version: Version,
    hosts: &[String],
) -> Result<(), ApiError> {
    let bad = |detail: &str| ApiError::parameter("Host", "invalid_value", detail).closing();
    let mut values = headers.get_all(HOST).into_iter();
    let named = match (values.next(), values.next()) {
        (Some(_), Some(_)) => return Err(bad("is there more than once")),
        (Some(value), None) => {
            let text = value.to_str().unwrap_or_default();
            let authority = text.parse::<Authority>().ok().filter(is_host_and_port);
            Some(authority.ok_or_else(|| bad("is no host with an optional port"))?)
        }
        (None, _) if version == Version::HTTP_11 => return Err(bad("is missing")),
        (None, _) => None,
    };
    if target.authority().is_some_and(|authority| !is_host_and_port(authority)) {
        return Err(bad("stands in the target as no host with an optional port"));
    }
    // An absolute target outranks the header (RFC 9112 §3.2.2), so both must be ours.
    let foreign = [target.authority(), named.as_ref()]
        .into_iter()
        .flatten()
        .any(|authority| !hosts.iter().any(|host| authority.host().eq_ignore_ascii_case(host)));
    if foreign { Err(Slug::MisdirectedRequest.error()) } else { Ok(()) }
}

/// Names no user, and no port that is none. After the colon there may be nothing (RFC 3986 §3.2.3).
fn is_host_and_port(authority: &Authority) -> bool {
    let Some(rest) = authority.as_str().strip_prefix(authority.host()) else {
        return false;
    };
    let Some(port) = rest.strip_prefix(':') else {
        return rest.is_empty();
    };
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits && (port.is_empty() || port.parse::<u16>().is_ok())
}

fn once(headers: &HeaderMap) -> Result<(), ApiError> {
    let repeated = |name: &&HeaderName| headers.get_all(*name).iter().nth(1).is_some();
    let faults: Vec<_> = ONCE
        .iter()
        .filter(repeated)
        .map(|name| Fault::parameter(name.as_str(), "repeated", "may be sent once"))
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let slug = if headers.get_all(IDEMPOTENCY_KEY).iter().nth(1).is_some() {
        Slug::IdempotencyKeyInvalid
    } else {
        Slug::InvalidRequest
    };
    Err(slug.error().detail("A header is repeated.").faults(faults))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::StatusCode;

    use super::verdict;

    fn status(target: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        of(&request.body(Body::empty()).expect("a request"))
    }

    fn of(request: &Request) -> u16 {
        let hosts = ["localhost", "127.0.0.1", "[::1]"].map(str::to_owned);
        match verdict(request, &hosts) {
            Ok(()) => StatusCode::OK.as_u16(),
            Err(error) => error.0.slug.status().as_u16(),
        }
    }

    #[test]
    fn hosts_are_those_that_we_serve() {
        let table = [
            ("localhost", 200),
            ("LOCALHOST:8080", 200),
            ("127.0.0.1:1", 200),
            ("[::1]:8080", 200),
            ("localhost:", 200),
            ("localhost:65535", 200),
            ("localhost:00080", 200),
            ("evil.example", 421),
            ("localhost.evil.example", 421),
            ("a/b@c", 400),
            ("user@localhost", 400),
            ("localhost@localhost", 400),
            ("localhost:abc", 400),
            ("localhost:99999", 400),
            ("localhost:65536", 400),
            ("localhost:+80", 400),
            ("localhost:80:80", 400),
            ("[::1]80", 400),
            ("[::1]:abc", 400),
            ("", 400),
            ("local host", 400),
        ];
        for (host, expected) in table {
            assert_eq!(status("/invoices", &[("host", host)]), expected, "{host:?}");
        }
        assert_eq!(status("/", &[]), 400);
        assert_eq!(status("/", &[("host", "localhost"), ("host", "localhost")]), 400);
        let targets = [
            ("http://localhost:8080/", 200),
            ("http://127.0.0.1:/", 200),
            ("http://evil.example/", 421),
            ("https://user@127.0.0.1/suppliers", 400),
            ("http://user:secret@localhost:80/", 400),
            ("http://localhost:99999/", 400),
        ];
        for (target, expected) in targets {
            assert_eq!(status(target, &[("host", "localhost")]), expected, "{target}");
        }
    }

    #[test]
    fn ambiguous_and_oversized_heads_are_refused() {
        let with = |name, value| status("/", &[("host", "localhost"), (name, value)]);
        assert_eq!(with("transfer-encoding", "chunked"), 200);
        assert_eq!(with("transfer-encoding", "gzip, chunked"), 501);
        for name in ["authorization", "content-type", "idempotency-key"] {
            let twice = [("host", "localhost"), (name, "a"), (name, "a")];
            assert_eq!(status("/", &twice), 400, "{name}");
        }
        for (method, expected) in [("POST", 400), ("PATCH", 400), ("GET", 200)] {
            let request = Request::builder().method(method).uri("/").header("host", "localhost");
            let request = request.header("idempotency-key", "a b").body(Body::empty());
            assert_eq!(of(&request.expect("a request")), expected, "{method}");
        }
        let long = format!("/?{}", "a".repeat(8 * 1024));
        assert_eq!(status(&long, &[("host", "localhost")]), 414);
    }
}

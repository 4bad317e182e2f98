//! Every request has an id: the caller's, if it is a decent one, else a new one.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

/// The header, in and out.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Layer 1.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok());
    let id = match sent {
        Some(id) if is_decent(id) => id.to_owned(),
        _ => Uuid::now_v7().to_string(),
    };
    request.extensions_mut().insert(RequestId(id.clone()));
    let mut response = next.run(request).await;
    let value = HeaderValue::from_str(&id).expect("letters, digits and . _ - alone");
    response.headers_mut().insert(X_REQUEST_ID, value);
    response
}

/// 8 to 64 of `A-Za-z0-9._-`: it goes into logs as it is.
fn is_decent(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (8..=64).contains(&id.len()) && id.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::is_decent;

    #[test]
    fn only_plain_ids_are_kept() {
        assert!(is_decent("erp-0001") && is_decent(&"a".repeat(64)));
        for bad in ["", "short", "with space", "line\nbreak", "ünicode1", &"a".repeat(65)] {
            assert!(!is_decent(bad), "{bad:?}");
        }
    }
}

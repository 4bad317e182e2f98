//! What a route group takes: its size is refused by `Content-Length` at once, by counting later.

use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::extract::body::{BodyLimit, Stall};

/// Layer 11. The reader of the body finds the limit in the request's extensions.
pub async fn limit(State(limit): State<BodyLimit>, mut request: Request, next: Next) -> Response {
    // The room for a form is for a form alone.
    let limit = if is_form(request.headers()) { limit } else { BodyLimit { around: 0, ..limit } };
    if let Err(refusal) = limit.admit(request.headers()) {
        return refusal.into_response();
    }
    let stall = request.extensions().get::<Stall>().map_or(limit.stall, |stall| stall.0);
    request.extensions_mut().insert(BodyLimit { stall, ..limit });
    next.run(request).await
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let form = b"multipart/form-data";
    kind.get(..form.len()).is_some_and(|kind| kind.eq_ignore_ascii_case(form))
}

//! What a route group takes: its size is refused by `Content-Length` at once, by counting later.

use axum::extract::{Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::extract::body::{BodyLimit, Stall, too_large};

/// Layer 10. The reader of the body finds the limit in the request's extensions.
pub async fn limit(State(limit): State<BodyLimit>, mut request: Request, next: Next) -> Response {
    let announced = request.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|bytes| limit.refuses(bytes)) {
        return too_large(limit.bytes).into_response();
    }
    let stall = request.extensions().get::<Stall>().map_or(limit.stall, |stall| stall.0);
    request.extensions_mut().insert(BodyLimit { stall, ..limit });
    next.run(request).await
}

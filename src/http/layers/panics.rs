//! A panic in a handler is a 500 for its caller and for nobody else.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures::FutureExt;

use crate::http::error::Slug;
use crate::metrics::Metrics;

/// Layer 4. What the handler held is dropped; state that outlives it is behind locks and
/// transactions that roll back, so going on is safe.
pub async fn catch(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            metrics.panics.with_label_values(&["http"]).inc();
            let cause = format!("panic: {}", text(panic.as_ref()));
            Slug::Internal.error().caused_by(cause).into_response()
        }
    }
}

fn text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no text")
}

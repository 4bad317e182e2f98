//! What a handler knows and the request's log line wants: ids and how a key was used.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;

use crate::http::idempotency::Idempotency;

/// Carried from the handler to the access log in the answer's extensions.
#[derive(Debug, Clone, Default)]
pub struct Noted {
    /// The invoice that was touched.
    pub invoice: Option<String>,
    /// The workflow that was touched.
    pub workflow: Option<String>,
    /// Its run.
    pub run: Option<String>,
    /// How the request's key was used.
    pub idempotency: Option<Idempotency>,
    /// How long the answer was held back on purpose.
    pub waited: Option<Duration>,
}

impl Noted {
    /// Hands it on with the answer.
    pub fn on(self, mut response: Response<Body>) -> Response<Body> {
        response.extensions_mut().insert(self);
        response
    }
}

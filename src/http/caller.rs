//! Who asks. There is no login yet, so everybody is one subject; it is part of every key.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

pub use crate::models::situation::ANONYMOUS;

/// The subject of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The subject, not the credential: replays survive a new credential.
    pub subject: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(_: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self { subject: ANONYMOUS.to_owned() })
    }
}

//! What the head of a writing request says: who, under which key, how patiently.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;

use crate::http::caller::Caller;
use crate::http::error::ApiError;
use crate::http::idempotency::IdempotencyKey;
use crate::http::layers::shed::Place;
use crate::http::prefer::Prefer;

/// A writing request's head.
#[derive(Clone)]
pub struct Intent {
    /// Who.
    pub caller: Caller,
    /// Under which key.
    pub key: IdempotencyKey,
    /// How patiently.
    pub prefer: Prefer,
    /// Its place among the requests in flight.
    pub place: Place,
}

impl<S: Send + Sync> FromRequestParts<S> for Intent {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let Ok(prefer) = Prefer::from_request_parts(parts, state).await;
        let Ok(place) = Place::from_request_parts(parts, state).await;
        let reads = parts.method.is_safe();
        let key =
            if reads { Ok(IdempotencyKey::default()) } else { IdempotencyKey::of(&parts.headers) };
        let key = key?;
        Ok(Self { caller, key, prefer, place })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Place {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// For the document: `Idempotency-Key`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct KeyHeader {
    /// One intent, however often it is sent: a structured-field string `"k1"` or bare `k1`, 1 to
    /// 255 visible ASCII characters. The same key with the same content replays; with other
    /// content it is 422.
    #[param(rename = "Idempotency-Key", nullable = false, example = "\"erp-000417\"")]
    idempotency_key: Option<String>,
}

/// For the document: `Prefer`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct PreferHeader {
    /// `wait=N` waits up to N seconds, at most 30, for the work to rest; `respond-async` answers
    /// at once (RFC 7240). What is neither, and a `wait` that is no whole number, is ignored:
    /// `Preference-Applied` says what was applied.
    #[param(rename = "Prefer", nullable = false, example = "wait=10")]
    prefer: Option<String>,
}

/// For the document: `If-None-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct IfNoneMatchHeader {
    /// The `ETag` that the caller has: 304 when it is still the present one.
    #[param(
        rename = "If-None-Match",
        nullable = false,
        example = "\"1f2d9ac05c3e4b6fa1b2c3d4e5f60718\""
    )]
    if_none_match: Option<String>,
}

/// For the document: `If-Match`.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct IfMatchHeader {
    /// The `ETag` of what the caller saw: 412 when it was changed since.
    #[param(
        rename = "If-Match",
        nullable = false,
        example = "\"1f2d9ac05c3e4b6fa1b2c3d4e5f60718\""
    )]
    if_match: Option<String>,
}

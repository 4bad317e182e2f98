//! The `Authorization` header.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;

use crate::http::auth::Refusal;
use crate::storage::ledger::keys::KeyText;

/// What a caller shows. Its `Debug` shows no secret.
#[derive(Debug)]
pub(super) enum Bearer {
    /// An API key.
    Key(KeyText),
}

impl Bearer {
    /// Reads `Authorization: Bearer …`; the scheme in any case (RFC 9110 §11.1).
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let header = headers.get(AUTHORIZATION).ok_or(Refusal::Missing)?;
        let header = header.to_str().map_err(|_| Refusal::Malformed)?;
        let (scheme, text) = header.split_once(' ').ok_or(Refusal::Malformed)?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return Err(Refusal::Malformed);
        }
        let key = KeyText::parse(text.trim_start()).ok_or(Refusal::Malformed)?;
        Ok(Self::Key(key))
    }
}

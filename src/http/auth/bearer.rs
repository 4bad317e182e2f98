//! The `Authorization` header.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use secrecy::SecretString;

use crate::http::auth::Refusal;
use crate::http::auth::tokens::BYTES_MAX;
use crate::storage::ledger::keys::KeyText;

/// What a caller shows. Its `Debug` shows no secret.
#[derive(Debug)]
pub(super) enum Bearer {
    /// An API key.
    Key(KeyText),
    /// What may be a token.
    Token(SecretString),
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
        let text = text.trim();
        if KeyText::is_meant(text) {
            return KeyText::parse(text).map(Self::Key).ok_or(Refusal::Malformed);
        }
        if text.is_empty() || text.len() > BYTES_MAX {
            return Err(Refusal::Malformed);
        }
        Ok(Self::Token(text.into()))
    }
}

//! The query of a page: what a form left empty was not asked.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::http::error::ApiError;
use crate::http::extract::query::{FromQuery, Parameters};

/// A query of the API, sent by a form, and the fields that were filled in.
pub struct Sifted<T> {
    /// As the API reads it.
    pub query: T,
    /// As they were sent.
    pub pairs: Vec<(String, String)>,
}

impl<T> Sifted<T> {
    /// What a field said.
    pub fn value(&self, name: &str) -> &str {
        let pair = self.pairs.iter().find(|(known, _)| known == name);
        pair.map_or("", |(_, value)| value.as_str())
    }
}

impl<T: FromQuery, S: Send + Sync> FromRequestParts<S> for Sifted<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let sent = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let filled = sent.into_owned().filter(|(_, value)| !value.trim().is_empty());
        let pairs: Vec<(String, String)> = filled.collect();
        let mut parameters = Parameters::from_pairs(pairs.clone());
        let query = T::read(&mut parameters);
        parameters.finish().map(|()| Self { query, pairs })
    }
}

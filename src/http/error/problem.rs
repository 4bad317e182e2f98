//! A refusal on its way out: what it is, what the caller may know, what the log must know.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONNECTION, HeaderName, RETRY_AFTER};
use axum::http::{HeaderValue, Response};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};

use crate::http::error::registry::Slug;
use crate::models::fault::Fault;

/// Faults that one document lists; a caller who has more mends these first.
pub const FAULTS_MAX: usize = 100;

/// A problem (RFC 9457) before it knows the request that it answers; the finisher writes it out.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Its type.
    pub slug: Slug,
    /// This case, for people.
    pub detail: Option<String>,
    /// Members besides the registered ones.
    pub members: Map<String, Value>,
    /// Each fault, with its place.
    pub errors: Vec<Fault>,
    /// Headers that go with it.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The chain of causes: for the log alone, never for the caller.
    pub cause: Option<String>,
    /// Surely nothing was done, though problems of this type mostly leave that open.
    pub not_done: bool,
    /// The kind of the call to Temporal that failed, if that is the cause: for the metric alone.
    pub upstream: Option<&'static str>,
}

/// What a handler or extractor answers when it cannot do what was asked.
#[derive(Debug, Clone)]
pub struct ApiError(pub Box<Problem>);

impl Slug {
    /// A refusal of this type.
    pub fn error(self) -> ApiError {
        ApiError(Box::new(Problem {
            slug: self,
            detail: None,
            members: Map::new(),
            errors: Vec::new(),
            headers: Vec::new(),
            cause: None,
            not_done: false,
            upstream: None,
        }))
    }
}

impl ApiError {
    /// Says what happened in this case.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds a member of the type's own.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.members.insert(name.to_owned(), value.into());
        self
    }

    /// Adds faults.
    #[must_use]
    pub fn faults(mut self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.0.errors.extend(faults);
        self.0.errors.truncate(FAULTS_MAX);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    /// Tells when to come back.
    #[must_use]
    pub fn retry_after(self, after: Duration) -> Self {
        self.header(RETRY_AFTER, HeaderValue::from(after.as_secs()))
    }

    /// The connection ends with this answer: what is left of its bytes cannot be trusted.
    #[must_use]
    pub fn closing(self) -> Self {
        self.header(CONNECTION, HeaderValue::from_static("close"))
    }

    /// Surely nothing was done: nothing was sent to whoever would have done it.
    #[must_use]
    pub fn not_done(mut self) -> Self {
        self.0.not_done = true;
        self
    }

    /// Says where to look whether it was done after all, when the refusal leaves that open.
    #[must_use]
    pub fn look_at(self, place: &str) -> Self {
        match self.0.slug {
            Slug::UpstreamTimeout | Slug::UpstreamUnavailable if !self.0.not_done => {
                self.member("links", json!({ "self": place }))
            }
            _ => self,
        }
    }

    /// Keeps the cause for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::fmt::Display) -> Self {
        self.0.cause = Some(cause.to_string());
        self
    }

    /// One fault of a query parameter, header or form field: 400.
    pub fn parameter(name: &str, code: &str, detail: &str) -> Self {
        Slug::InvalidRequest.error().faults([Fault::parameter(name, code, detail)])
    }

    /// No such thing; `resource` is its kind in one word.
    pub fn not_found(resource: &str) -> Self {
        Slug::NotFound.error().member("resource", resource)
    }
}

impl IntoResponse for ApiError {
    /// The status and the problem itself; the finisher makes the document, because only it knows
    /// the request's id.
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.0.slug.status();
        response.extensions_mut().insert(*self.0);
        response
    }
}

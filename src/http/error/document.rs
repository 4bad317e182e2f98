//! The document of a problem as it is written on the wire (RFC 9457).

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, Response};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::http::error::problem::Problem;
use crate::http::error::registry::Slug;
use crate::http::idempotency::Carrier;
use crate::models::fault::Fault;

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Routes whose repetition makes a second thing unless a key is sent. Everywhere else content
/// hash, natural key or state carries the repetition.
const CARRIED_BY_KEY_ALONE: &[&str] =
    &["/workflows/ping", "/webhooks/{id}/replay", "/webhooks/{id}/rotate-secret"];

/// Routes that do it again each time they are asked to, key or not: a second test is a second
/// message.
const CARRIED_BY_NOTHING: &[&str] = &["/webhooks/{id}/test"];

/// Routes whose keys the workflow keeps that they start; all others keep theirs in the ledger.
const KEPT_BY_WORKFLOWS: &[&str] =
    &["/workflows/ping", "/reconciliations", "/bank-entries/{id}/decision"];

/// What happened to the request's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RequestOutcome)]
pub enum Outcome {
    /// Nothing changed.
    NotDone,
    /// It may have been done.
    Unknown,
}

impl Outcome {
    /// The word in documents and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotDone => "not_done",
            Self::Unknown => "unknown",
        }
    }
}

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// Relative reference of the type; it opens a page that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/docs/problems/not-found")]
    pub kind: String,
    /// The same for every problem of a type.
    #[schema(example = "Not found")]
    pub title: &'static str,
    /// The status of the answer.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// This case, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// Finds the request in the log; the same as `X-Request-Id`.
    #[schema(example = "019ab4f0-6c1e-7d35-9a42-0c5b7e1f2d88")]
    pub request_id: String,
    /// Every fault, with its place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<Fault>,
    /// On 408, 429 and 5xx: whether something may have been done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub outcome: Option<Outcome>,
    /// On 408, 429 and 5xx: whether the very same request may be sent again without a double
    /// effect.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry_safe: Option<bool>,
    /// Members of the type's own, such as `limit` or `available`.
    #[serde(flatten)]
    #[schema(value_type = Object, additional_properties)]
    pub members: Map<String, Value>,
}

/// What the document must know of the request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its id.
    pub request_id: String,
    /// Its method.
    pub method: Method,
    /// Its route, or nothing for an unknown path.
    pub route: Option<String>,
    /// Whether it carried an `Idempotency-Key`.
    pub keyed: bool,
}

impl Asked {
    /// What the problem says of the effect (HTTP handbook §2.3).
    pub fn outcome(&self, problem: &Problem) -> Outcome {
        let may_have_been_sent = matches!(
            problem.slug,
            Slug::Internal
                | Slug::StorageUnavailable
                | Slug::UpstreamTimeout
                | Slug::UpstreamUnavailable
                | Slug::UpstreamError
        );
        if !self.method.is_safe() && may_have_been_sent && !problem.not_done {
            Outcome::Unknown
        } else {
            Outcome::NotDone
        }
    }

    /// What keeps the key of such a request, and the fingerprint of what it was sent with.
    pub fn carrier(&self) -> Carrier {
        let route = self.route.as_deref().unwrap_or_default();
        if KEPT_BY_WORKFLOWS.contains(&route) { Carrier::Workflow } else { Carrier::Ledger }
    }

    fn carried(&self) -> bool {
        let route = self.route.as_deref().unwrap_or_default();
        let by_nothing = CARRIED_BY_NOTHING.contains(&route);
        let by_key = self.keyed || !CARRIED_BY_KEY_ALONE.contains(&route);
        self.method.is_safe() || (by_key && !by_nothing)
    }
}

impl Problem {
    /// Writes the answer to a request.
    pub fn answer(self, asked: &Asked) -> Response<Body> {
        let outcome = self.slug.tells_outcome().then(|| asked.outcome(&self));
        let document = ProblemDocument {
            kind: self.slug.reference(),
            title: self.slug.title(),
            status: self.slug.status().as_u16(),
            detail: self.detail,
            request_id: asked.request_id.clone(),
            errors: self.errors,
            outcome,
            retry_safe: outcome.map(|outcome| outcome == Outcome::NotDone || asked.carried()),
            members: self.members,
        };
        let body = serde_json::to_vec(&document).expect("strings and numbers have a JSON form");
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.slug.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::http::Method;
    use serde_json::Value;

    use super::{
        Asked, CARRIED_BY_KEY_ALONE, CARRIED_BY_NOTHING, Carrier, KEPT_BY_WORKFLOWS, Outcome,
    };
    use crate::http::error::registry::Slug;
    use crate::http::openapi::openapi;

    fn asked(method: Method, route: &str, keyed: bool) -> Asked {
        Asked { request_id: "r".to_owned(), method, route: Some(route.to_owned()), keyed }
    }

    #[test]
    fn reads_change_nothing_and_writes_cut_off_are_unknown() {
        let table = [
            (Method::GET, Slug::UpstreamTimeout, Outcome::NotDone),
            (Method::POST, Slug::UpstreamTimeout, Outcome::Unknown),
            (Method::POST, Slug::Overloaded, Outcome::NotDone),
            (Method::POST, Slug::UpstreamUnavailable, Outcome::Unknown),
            (Method::POST, Slug::StorageUnavailable, Outcome::Unknown),
        ];
        for (method, slug, outcome) in table {
            let asked = asked(method.clone(), "/invoices", false);
            assert_eq!(asked.outcome(&slug.error().0), outcome, "{method} {slug:?}");
            let unsent = slug.error().not_done();
            assert_eq!(asked.outcome(&unsent.0), Outcome::NotDone, "{method} {slug:?}");
        }
    }

    #[tokio::test]
    async fn what_was_never_sent_may_be_sent_again_without_a_key() {
        let asked = asked(Method::POST, "/workflows/ping", false);
        for (refused, outcome, retry_safe) in [
            (Slug::UpstreamUnavailable.error(), "unknown", false),
            (Slug::UpstreamUnavailable.error().not_done(), "not_done", true),
        ] {
            let answer = (*refused.0).answer(&asked);
            let body = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
            let told: Value = serde_json::from_slice(&body).expect("JSON");
            let told = (&told["outcome"], &told["retry_safe"]);
            assert_eq!(told, (&outcome.into(), &retry_safe.into()));
        }
    }

    #[test]
    fn where_to_look_is_told_when_it_is_open_whether_it_was_done() {
        let links = |slug: Slug| slug.error().look_at("/there").0.members.contains_key("links");
        assert!(links(Slug::UpstreamTimeout) && links(Slug::UpstreamUnavailable));
        assert!(!links(Slug::Overloaded) && !links(Slug::UpstreamCredentials));
        let unsent = Slug::UpstreamUnavailable.error().not_done().look_at("/there");
        assert!(unsent.0.members.is_empty());
    }

    #[test]
    fn routes_that_are_told_apart_are_there() {
        let document = openapi();
        let routes = [CARRIED_BY_KEY_ALONE, CARRIED_BY_NOTHING, KEPT_BY_WORKFLOWS];
        for route in routes.concat() {
            assert!(document.paths.paths.contains_key(route), "{route}");
        }
        assert_eq!(asked(Method::POST, "/reconciliations", true).carrier(), Carrier::Workflow);
        assert_eq!(asked(Method::POST, "/invoices", true).carrier(), Carrier::Ledger);
    }

    #[test]
    fn a_ping_is_carried_by_its_key_alone() {
        assert!(asked(Method::POST, "/invoices", false).carried());
        assert!(!asked(Method::POST, "/workflows/ping", false).carried());
        assert!(asked(Method::POST, "/workflows/ping", true).carried());
    }

    #[test]
    fn another_rotation_another_replay_and_another_test_are_not_called_safe() {
        for (route, keyed) in [("rotate-secret", true), ("replay", true), ("test", false)] {
            let asked = |key| asked(Method::POST, &format!("/webhooks/{{id}}/{route}"), key);
            assert!(!asked(false).carried(), "{route}");
            assert_eq!(asked(true).carried(), keyed, "{route}");
        }
    }
}

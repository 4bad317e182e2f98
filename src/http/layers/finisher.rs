//! The last hand on every answer: problem documents, OPTIONS, security headers.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::middleware::Next;

use crate::http::answer;
use crate::http::caller::Caller;
use crate::http::error::document::{Asked, Outcome};
use crate::http::error::{Problem, Slug};
use crate::http::idempotency::{IDEMPOTENCY_KEY, Idempotency};
use crate::http::layers::quota::{RATELIMIT, RATELIMIT_POLICY};
use crate::http::layers::request_id::RequestId;
use crate::http::noted::Noted;
use crate::metrics::Metrics;

/// What the log line says of a refusal; in the answer's extensions.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Its type.
    pub slug: Slug,
    /// Why, with the chain of causes.
    pub cause: Option<String>,
    /// What the document says of the effect, where it says anything.
    pub outcome: Option<Outcome>,
}

impl Refused {
    /// Whether the log line is an error: someone must look.
    pub fn wants_a_person(&self) -> bool {
        matches!(
            self.slug,
            Slug::Internal
                | Slug::StorageUnavailable
                | Slug::UpstreamCredentials
                | Slug::UpstreamError
        )
    }
}

/// What people are shown instead of the document of a problem; in the answer's extensions. All
/// else of the refusal stays: status, headers, metrics, log line.
#[derive(Clone)]
pub struct InsteadOfDocument(Arc<Mutex<Option<(Body, HeaderMap)>>>);

impl InsteadOfDocument {
    /// This body, with the headers that describe it.
    pub fn new(body: Body, headers: HeaderMap) -> Self {
        Self(Arc::new(Mutex::new(Some((body, headers)))))
    }

    fn put_into(&self, answer: &mut Response<Body>) {
        let page = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some((body, headers)) = page {
            *answer.body_mut() = body;
            answer.headers_mut().extend(headers);
        }
    }
}

/// Layer 3.
pub async fn finish(
    State(metrics): State<Arc<Metrics>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let asked = asked(&request);
    let whole_server = request.uri().path() == "*";
    let mut response = next.run(request).await;
    // `*` is no path; what the layers before it refused stays refused.
    let whole_server = whole_server && response.status() == StatusCode::NOT_FOUND;
    let mut response = if asked.method == Method::OPTIONS && (whole_server || is_405(&response)) {
        options(response.extensions_mut().remove::<Problem>())
    } else if response.status().as_u16() >= 400 {
        refused(response, &asked, &metrics)
    } else {
        response
    };
    harden(response.headers_mut());
    if has_no_body(response.status()) {
        *response.body_mut() = answer::of_unknown_length();
    }
    response
}

/// axum would write `Content-Length: 0` on the answer to a HEAD: false of a 304, whose GET would
/// have a body, and forbidden on a 204 (RFC 9110 §8.6).
fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

fn asked(request: &Request) -> Asked {
    let extensions = request.extensions();
    Asked {
        request_id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        method: request.method().clone(),
        route: extensions.get::<MatchedPath>().map(|path| path.as_str().to_owned()),
        keyed: request.headers().contains_key(IDEMPOTENCY_KEY),
    }
}

fn is_405(response: &Response<Body>) -> bool {
    response.status() == StatusCode::METHOD_NOT_ALLOWED
}

/// 204 with the methods of the path; axum alone answers 405.
fn options(refused: Option<Problem>) -> Response<Body> {
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let allow = refused.map(|problem| problem.headers).unwrap_or_default();
    answer.headers_mut().extend(allow);
    // Of the whole server: every method that some path has, which a test compares.
    let methods = answer.headers_mut().entry(ALLOW);
    let all = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
    methods.or_insert(all);
    answer
}

/// Writes the document of a problem. What is no problem yet was refused by something below us.
fn refused(mut response: Response<Body>, asked: &Asked, metrics: &Metrics) -> Response<Body> {
    let status = response.status();
    let (mut problem, label) = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => (problem.clone(), problem.slug.as_str()),
        None => (*Slug::of_status(status).error().0, "unmapped"),
    };
    count(&problem, label, asked, metrics);
    let outcome = problem.slug.tells_outcome().then(|| asked.outcome(&problem));
    let refused = Refused { slug: problem.slug, cause: problem.cause.take(), outcome };
    let noted = response.extensions_mut().remove::<Noted>();
    let caller = response.extensions_mut().remove::<Caller>();
    let standing = [RATELIMIT_POLICY, RATELIMIT];
    let standing = standing.map(|name| response.headers_mut().remove(&name).map(|it| (name, it)));
    let mut answer = problem.answer(asked);
    answer.headers_mut().extend(standing.into_iter().flatten());
    let page = response.extensions_mut().remove::<InsteadOfDocument>();
    if let Some(page) = page {
        page.put_into(&mut answer);
    }
    answer.extensions_mut().insert(refused);
    if let Some(noted) = noted {
        answer.extensions_mut().insert(noted);
    }
    if let Some(caller) = caller {
        answer.extensions_mut().insert(caller);
    }
    answer
}

fn count(problem: &Problem, label: &str, asked: &Asked, metrics: &Metrics) {
    metrics.problems.with_label_values(&[label]).inc();
    // Not by the type: a probe tells what is known, and the ledger has deadlines too.
    if let Some(kind) = problem.upstream {
        metrics.upstream_errors.with_label_values(&[kind]).inc();
    }
    if problem.slug == Slug::IdempotencyKeyReused {
        Idempotency::Mismatch.carried_by(asked.carrier(), metrics);
    }
    if problem.slug.tells_outcome() && asked.outcome(problem) == Outcome::Unknown {
        let operation = asked.route.as_deref().unwrap_or("unmatched");
        metrics.outcome_unknown.with_label_values(&[operation]).inc();
    }
}

/// HTTP handbook §5.5; pages bring a policy of their own.
fn harden(headers: &mut HeaderMap) {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    ];
    const UNLESS_SET: [(HeaderName, &str); 2] = [
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in UNLESS_SET {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

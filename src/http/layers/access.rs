//! Counts and logs each request once, at its end. No bodies, query strings or secrets.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::CONTENT_LENGTH;
use axum::http::{Extensions, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::http::caller::{self, Caller};
use crate::http::error::Slug;
use crate::http::error::document::Outcome;
use crate::http::idempotency::Idempotency;
use crate::http::layers::finisher::Refused;
use crate::http::layers::request_id::RequestId;
use crate::http::layers::shed::Place;
use crate::http::noted::Noted;
use crate::metrics::Metrics;
use crate::trace;
use crate::trace::{Kind, Span, Trace};

/// What is sent for nobody: the caller left before the answer.
const CALLER_LEFT: u16 = 499;

/// Asked for again and again, by machines: spans of them would hide those of the work.
const PROBES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Layer 2.
pub async fn record(
    State(metrics): State<Arc<Metrics>>,
    mut request: Request,
    next: Next,
) -> Response {
    let entry = Entry::new(&request, metrics);
    request.extensions_mut().insert(entry.place.clone());
    let span = tracing::info_span!("request", request.id = %entry.id, http.route = %entry.route);
    let trace = entry.span.trace().clone();
    let response = trace::within(Some(trace), next.run(request).instrument(span)).await;
    entry.finish(&response);
    response
}

/// The span of a request, in the trace of its caller.
fn span(request: &Request, method: &str, route: &str) -> Span {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    // Two of them are none: nobody knows which one counts.
    let one = request.headers().get_all("traceparent").iter().count() == 1;
    let parent = header("traceparent").filter(|_| one);
    let parent = parent.and_then(|parent| Trace::of_headers(parent, header("tracestate")));
    if PROBES.contains(&route) {
        return Span::unrecorded(parent);
    }
    let mut span = Span::start(Kind::Server, format!("{method} {route}"), parent);
    span.set("http.request.method", method.to_owned());
    span.set("http.route", route.to_owned());
    span
}

/// One request under way; dropped unfinished, the caller has left.
struct Entry {
    metrics: Arc<Metrics>,
    began: Instant,
    id: String,
    method: &'static str,
    route: String,
    client: Option<IpAddr>,
    bytes_in: Option<u64>,
    /// Tells whether it waited, also when nothing else is left that could.
    place: Place,
    finished: bool,
    span: Span,
}

impl Entry {
    fn new(request: &Request, metrics: Arc<Metrics>) -> Self {
        let extensions = request.extensions();
        let route = extensions.get::<MatchedPath>();
        let length = request.headers().get(CONTENT_LENGTH);
        let method = method_label(request.method());
        let route = route.map_or("unmatched", |route| route.as_str()).to_owned();
        metrics.active_requests.with_label_values(&[method]).inc();
        Self {
            span: span(request, method, &route),
            metrics,
            began: Instant::now(),
            id: extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
            method,
            route,
            client: caller::address(extensions),
            bytes_in: length.and_then(|value| value.to_str().ok()?.parse().ok()),
            place: Place::default(),
            finished: false,
        }
    }

    fn finish(mut self, response: &Response) {
        self.finished = true;
        let noted = response.extensions().get::<Noted>().cloned().unwrap_or_default();
        let status = response.status().as_u16();
        self.observe(status);
        self.span.set("request.id", self.id.clone());
        self.span.set("http.response.status_code", i64::from(status));
        if response.status().is_server_error() {
            self.span.fail("server error");
        }
        self.log(status, response.body().size_hint().exact(), &noted, response.extensions());
    }

    /// Who asked to wait says nothing of how quick the gateway is, however the wait ended.
    fn observe(&self, status: u16) {
        let wait = if self.place.waits_for().is_some() { "yes" } else { "no" };
        let status = status.to_string();
        let labels = [self.method, self.route.as_str(), status.as_str(), wait];
        let seconds = self.began.elapsed().as_secs_f64();
        self.metrics.request_seconds.with_label_values(&labels).observe(seconds);
    }

    fn log(&self, status: u16, bytes_out: Option<u64>, noted: &Noted, extensions: &Extensions) {
        let refused = extensions.get::<Refused>();
        let caller = extensions.get::<Caller>();
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    request.id = self.id,
                    trace.id = self.span.trace().id(),
                    http.method = self.method,
                    http.route = self.route,
                    http.status = status,
                    duration_ms = milliseconds(self.began.elapsed()),
                    wait_ms = noted.waited.or_else(|| self.place.waits_for()).map(milliseconds),
                    body_bytes_in = self.bytes_in,
                    body_bytes_out = bytes_out,
                    client.address = self.client.map(|client| client.to_string()),
                    subject = caller.map(|caller| caller.subject.as_str()),
                    key.id = caller.and_then(|caller| caller.principal.credential.id()),
                    problem = refused.map(|refused| refused.slug.as_str()),
                    cause = refused.and_then(|refused| refused.cause.as_deref()),
                    outcome = refused.and_then(|refused| refused.outcome).map(Outcome::as_str),
                    idempotency = used_key(noted, refused).map(Idempotency::as_str),
                    invoice.id = noted.invoice,
                    workflow.id = noted.workflow,
                    run.id = noted.run,
                    "{} {} {status}",
                    self.method,
                    self.route
                )
            };
        }
        match refused {
            Some(refused) if refused.wants_a_person() => line!(error),
            _ => line!(info),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.metrics.active_requests.with_label_values(&[self.method]).dec();
        if !self.finished {
            self.observe(CALLER_LEFT);
            self.log(CALLER_LEFT, None, &Noted::default(), &Extensions::new());
        }
    }
}

/// How the request's key was used; a refusal tells it by its type.
fn used_key(noted: &Noted, refused: Option<&Refused>) -> Option<Idempotency> {
    let reused = refused.is_some_and(|refused| refused.slug == Slug::IdempotencyKeyReused);
    noted.idempotency.or_else(|| reused.then_some(Idempotency::Mismatch))
}

/// The method, from a closed set: a caller may send any word.
fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "_OTHER",
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

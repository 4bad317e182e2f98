//! Refuses a subject that asks more often than its quota lets it, and tells everybody how they
//! stand (draft-ietf-httpapi-ratelimit-headers). Without login there are no subjects to tell
//! apart, and no quota.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;

use crate::http::AppState;
use crate::http::caller::Caller;
use crate::http::error::Slug;
use crate::http::quota::{Kind, Quotas, Standing, WINDOW, whole_seconds};
use crate::metrics::Metrics;

/// What is allowed.
pub const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is left of it.
pub const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// What the layer goes by. Cheap to clone.
#[derive(Clone)]
pub struct Meter {
    quotas: Arc<Quotas>,
    lists: Arc<HashSet<String>>,
    metrics: Arc<Metrics>,
}

impl Meter {
    /// With the quotas of the configuration; lists are the operations that say so.
    pub fn new(state: &AppState, document: &OpenApi) -> Self {
        let paths = document.paths.paths.iter();
        let lists = paths.filter(|(_, item)| {
            let id = item.get.as_ref().and_then(|get| get.operation_id.as_deref());
            id.is_some_and(|id| id.starts_with("list_"))
        });
        Self {
            quotas: Arc::new(Quotas::new(&state.limits)),
            lists: Arc::new(lists.map(|(path, _)| path.clone()).collect()),
            metrics: Arc::clone(&state.metrics),
        }
    }

    fn kind(&self, request: &Request) -> Kind {
        let path = request.extensions().get::<MatchedPath>();
        match *request.method() {
            Method::GET | Method::HEAD => match path {
                Some(path) if self.lists.contains(path.as_str()) => Kind::List,
                _ => Kind::Read,
            },
            _ => Kind::Write,
        }
    }
}

/// Layer 9.
pub async fn meter(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let caller = caller.filter(|caller| !caller.principal.is_anonymous());
    let taken = caller.and_then(|caller| {
        meter.quotas.take(&caller.subject, meter.kind(&request), Instant::now())
    });
    let Some(standing) = taken else {
        return next.run(request).await;
    };
    let mut response = match standing.refused_for {
        None => next.run(request).await,
        Some(wait) => {
            let policy = standing.kind.as_str();
            meter.metrics.rate_limited.with_label_values(&[policy]).inc();
            refused(&standing, wait)
        }
    };
    tell(&standing, response.headers_mut());
    response
}

fn refused(standing: &Standing, wait: Duration) -> Response {
    let (quota, seconds) = (standing.quota, WINDOW.as_secs());
    let policy = standing.kind.as_str();
    let detail = format!("Of requests that {policy}, {quota} in {seconds} s may be sent.");
    let error = Slug::QuotaExceeded.error().detail(detail);
    let error = error.member("violated_policies", vec![policy]);
    error.retry_after(Duration::from_secs(whole_seconds(wait))).into_response()
}

/// `t` is when the next one passes after a refusal, else when all of it is there again.
fn tell(standing: &Standing, headers: &mut HeaderMap) {
    let Standing { kind, quota, left, .. } = standing;
    let (name, seconds) = (kind.as_str(), WINDOW.as_secs());
    let reset = match standing.refused_for {
        Some(wait) => whole_seconds(wait),
        None => standing.full_in,
    };
    let policy = format!("\"{name}\";q={quota};w={seconds}");
    let limit = format!("\"{name}\";r={left};t={reset}");
    for (name, text) in [(RATELIMIT_POLICY, policy), (RATELIMIT, limit)] {
        headers.insert(name, HeaderValue::from_str(&text).expect("digits and plain words"));
    }
}

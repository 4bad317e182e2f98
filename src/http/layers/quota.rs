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
use crate::http::error::{ApiError, Slug};
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

    /// Takes one out of a caller's bucket; `None` where nobody is asked, and where there is no
    /// quota.
    pub fn take(&self, caller: &Caller, kind: Kind) -> Option<Metered> {
        if caller.principal.is_anonymous() {
            return None;
        }
        let standing = self.quotas.take(&caller.subject, kind, Instant::now())?;
        if standing.refused_for.is_some() {
            self.metrics.rate_limited.with_label_values(&[kind.as_str()]).inc();
        }
        Some(Metered(standing))
    }
}

/// A request that was counted.
pub struct Metered(Standing);

impl Metered {
    /// 429 for one that is beyond its caller's quota.
    pub fn refusal(&self) -> Option<ApiError> {
        self.0.refused_for.map(|wait| refused(&self.0, wait))
    }

    /// Tells on the answer how its caller stands.
    pub fn tell(&self, headers: &mut HeaderMap) {
        tell(&self.0, headers);
    }
}

/// Layer 9; pages are counted at their own door.
pub async fn meter(State(meter): State<Meter>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>();
    let metered = caller.and_then(|caller| meter.take(caller, meter.kind(&request)));
    let Some(metered) = metered else {
        return next.run(request).await;
    };
    let mut response = match metered.refusal() {
        None => next.run(request).await,
        Some(refusal) => refusal.into_response(),
    };
    metered.tell(response.headers_mut());
    response
}

fn refused(standing: &Standing, wait: Duration) -> ApiError {
    let (quota, seconds) = (standing.quota, WINDOW.as_secs());
    let policy = standing.kind.as_str();
    let detail = format!("Of requests that {policy}, {quota} in {seconds} s may be sent.");
    let error = Slug::QuotaExceeded.error().detail(detail);
    let error = error.member("violated_policies", vec![policy]);
    error.retry_after(Duration::from_secs(whole_seconds(wait)))
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

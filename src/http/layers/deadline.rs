//! A deadline for each route group: 504, or what the caller asked to wait on top of it. A body that
//! is slow meets its own end before it ([`BodyLimit::new`]): that is 408, for it is the caller's.
//!
//! [`BodyLimit::new`]: crate::http::extract::body::BodyLimit::new

use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::http::error::Slug;
use crate::http::prefer::Prefer;

/// When to come back after a deadline.
const AFTER: Duration = Duration::from_secs(2);

/// The deadline of a group.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    /// For the body and the work.
    pub work: Duration,
    /// The wait of a caller that prefers nothing.
    pub default_wait: Duration,
    /// The longest wait, in seconds.
    pub wait_seconds_max: u64,
}

/// Layer 10.
pub async fn enforce(State(deadline): State<Deadline>, request: Request, next: Next) -> Response {
    let prefer = Prefer::of(request.headers());
    let wait = prefer.wait(deadline.default_wait, deadline.wait_seconds_max);
    let whole = deadline.work + wait.at_most;
    let writes = !request.method().is_safe();
    let about = writes.then(|| resource(&request)).flatten();
    match tokio::time::timeout(whole, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("The request did not finish within {} s.", whole.as_secs());
            let late = Slug::UpstreamTimeout.error().detail(detail).retry_after(AFTER);
            let late = match about {
                Some(place) => late.look_at(&place),
                None => late,
            };
            late.into_response()
        }
    }
}

/// What the request is about, when its address names it: the part down to the last parameter of the
/// route. There the caller sees whether it was done.
fn resource(request: &Request) -> Option<String> {
    let route = request.extensions().get::<MatchedPath>()?.as_str();
    let depth =
        route.split('/').collect::<Vec<_>>().iter().rposition(|part| part.starts_with('{'))?;
    let parts: Vec<_> = request.uri().path().split('/').take(depth + 1).collect();
    Some(parts.join("/"))
}

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
    // Shared, not copied: only a write that is late looks at them.
    let route = request.extensions().get::<MatchedPath>().cloned();
    let (method, target) = (request.method().clone(), request.uri().clone());
    match tokio::time::timeout(whole, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!("The request did not finish within {} s.", whole.as_secs());
            let late = Slug::UpstreamTimeout.error().detail(detail).retry_after(AFTER);
            let about = route.filter(|_| !method.is_safe());
            let about = about.and_then(|route| resource(route.as_str(), target.path()));
            let late = match about {
                Some(place) => late.look_at(&place),
                None => late,
            };
            late.into_response()
        }
    }
}

/// What a request is about, when its address names it: the part down to the last parameter of the
/// route. There the caller sees whether it was done.
fn resource(route: &str, path: &str) -> Option<String> {
    let last = route.split('/').enumerate().filter(|(_, part)| part.starts_with('{')).last()?.0;
    Some(path.split('/').take(last + 1).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::middleware::from_fn_with_state;
    use axum::routing::any;
    use tower::ServiceExt;

    use super::{Deadline, enforce, resource};
    use crate::http::error::Problem;

    #[test]
    fn the_resource_is_the_part_down_to_the_last_parameter() {
        let table = [
            (
                "/webhooks/{id}/rotate-secret",
                "/webhooks/whk_1/rotate-secret",
                Some("/webhooks/whk_1"),
            ),
            ("/invoices/{id}", "/invoices/inv_1", Some("/invoices/inv_1")),
            ("/batches/{id}/items/{key}/x", "/batches/b/items/k/x", Some("/batches/b/items/k")),
            ("/invoices", "/invoices", None),
        ];
        for (route, path, about) in table {
            assert_eq!(resource(route, path).as_deref(), about, "{route}");
        }
    }

    #[tokio::test]
    async fn a_write_that_is_late_says_where_to_look_and_a_read_does_not() {
        let work = Duration::from_millis(5);
        let deadline = Deadline { work, default_wait: Duration::ZERO, wait_seconds_max: 30 };
        let router: Router = Router::new()
            .route("/webhooks/{id}/test", any(std::future::pending::<()>))
            .layer(from_fn_with_state(deadline, enforce));
        for (method, about) in [("POST", Some("/webhooks/whk_1")), ("GET", None)] {
            let request = Request::builder().method(method).uri("/webhooks/whk_1/test");
            let request = request.body(Body::empty()).expect("a request");
            let late = router.clone().oneshot(request).await.expect("an answer");
            let problem = late.extensions().get::<Problem>().expect("a problem");
            let told = problem.members.get("links").and_then(|links| links["self"].as_str());
            assert_eq!((late.status().as_u16(), told), (504, about), "{method}");
            assert!(to_bytes(late.into_body(), 1 << 20).await.is_ok());
        }
    }
}

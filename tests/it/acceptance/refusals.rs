//! 39: each refusal is a problem of a registered type. `Edge::send` and `harness::send` look at
//! every answer of every other test; here each route is given reasons to refuse.

use ap_gateway::http::openapi;
use axum::body::Body;
use axum::http::Request;

use crate::edge::{Edge, ask};

/// Heads and bodies that no route takes.
fn reasons(method: &str, target: &str) -> Vec<Request<Body>> {
    let json = || ask(method, target).header("content-type", "application/json");
    let built = [
        ask(method, &format!("{target}?no_such=1")).body(Body::empty()),
        ask(method, target).header("accept", "application/x-strange").body(Body::empty()),
        ask("BREW", target).body(Body::empty()),
        ask(method, &format!("{target}/")).body(Body::empty()),
        ask(method, target).header("transfer-encoding", "gzip").body(Body::empty()),
        Request::builder().method(method).uri(target).body(Body::empty()),
        Request::builder()
            .method(method)
            .uri(target)
            .header("host", "elsewhere")
            .body(Body::empty()),
        json().body(Body::from("{\"a\":")),
        json().header("content-encoding", "gzip").body(Body::from("{}")),
        json().header("idempotency-key", "a b").body(Body::from("{}")),
        json().header("idempotency-key", "k").body(Body::from("{\"no_such\":1}")),
    ];
    built.into_iter().map(|request| request.expect("a request")).collect()
}

#[tokio::test]
async fn acceptance_39_whatever_is_refused_is_a_problem_of_a_registered_type() {
    let edge = Edge::start().await;
    let document = serde_json::to_value(openapi()).expect("JSON");
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let target = path.replace("{id}", "inv_01kax3v9s8f2m7c4t0q6w5z1re");
        for method in item.as_object().expect("methods").keys() {
            for request in reasons(&method.to_uppercase(), &target) {
                // Looked at whole by `send`.
                let answer = edge.send(request).await;
                refused += usize::from(answer.status.as_u16() >= 400);
            }
        }
    }
    assert!(refused > 400, "{refused}");
    assert_eq!(edge.unmapped(), 0);
}

//! What the layers do when something goes wrong inside: panics, silence, strange answers, floods.

use std::sync::Arc;
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::layers;
use ap_gateway::http::layers::deadline::{Deadline, enforce};
use axum::Router;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use serde_json::json;

use crate::edge::{Edge, ask};
use crate::harness::{PATIENCE, within};

/// An edge whose routes are those of the test.
async fn edge_of(routes: Router) -> Edge {
    let mut edge = Edge::start().await;
    edge.router = layers::outer(routes, &edge.state);
    edge
}

#[tokio::test]
async fn a_panic_is_a_500_for_its_caller_alone() {
    async fn boom() -> Response<Body> {
        panic!("the test asked for it");
    }
    let edge = edge_of(Router::new().route("/boom", post(boom).get(boom))).await;
    let answer = edge.get("/boom").await;
    assert_eq!(answer.problem(), (500, "internal".to_owned()));
    assert_eq!(answer.json()["outcome"], "not_done");
    assert!(!String::from_utf8_lossy(&answer.body).contains("asked for it"));
    assert_eq!(edge.post("/boom", "text/plain", "").await.json()["outcome"], "unknown");
    let panics = &edge.state.metrics.panics;
    assert_eq!(panics.with_label_values(&["http"]).get(), 2);
    assert_eq!(edge.get("/boom").await.status, 500, "it still answers");
}

#[tokio::test]
async fn a_deadline_is_a_504_that_tells_the_outcome() {
    let deadline = Deadline {
        work: Duration::from_millis(20),
        default_wait: Duration::ZERO,
        wait_seconds_max: 30,
    };
    let stuck = post(std::future::pending::<()>).get(std::future::pending::<()>);
    let routes = Router::new().route("/invoices", stuck);
    let edge = edge_of(routes.layer(from_fn_with_state(deadline, enforce))).await;
    let answer = edge.get("/invoices").await;
    assert_eq!(answer.problem(), (504, "upstream-timeout".to_owned()));
    assert_eq!(answer.header("retry-after"), "2");
    let answer = edge.post("/invoices", "application/xml", "<a/>").await.json();
    assert_eq!((&answer["outcome"], &answer["retry_safe"]), (&json!("unknown"), &json!(true)));
}

#[tokio::test]
async fn a_refusal_that_is_no_problem_becomes_one_and_is_counted() {
    let teapot = || async { (StatusCode::IM_A_TEAPOT, "short and stout") };
    let edge = edge_of(Router::new().route("/tea", get(teapot))).await;
    assert_eq!(edge.get("/tea").await.problem(), (400, "invalid-request".to_owned()));
    assert_eq!(edge.unmapped(), 1);
    let problems = &edge.state.metrics.problems;
    problems.with_label_values(&["unmapped"]).reset();
}

#[tokio::test]
async fn acceptance_19_what_is_too_much_is_shed_and_probes_go_on() {
    let edge = Edge::with(config::Http { in_flight_max: 0, ..config::Http::default() }).await;
    let answer = edge.get("/invoices").await;
    assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
    assert_eq!((answer.header("retry-after"), &answer.json()["retry_safe"]), ("1", &json!(true)));
    for probe in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(edge.get(probe).await.status, 200, "{probe}");
    }
    let shed = &edge.state.metrics.shed;
    assert_eq!(shed.with_label_values(&["in_flight"]).get(), 1);
}

#[tokio::test]
async fn who_waits_makes_room_for_who_works() {
    let edge =
        Arc::new(Edge::with(config::Http { in_flight_max: 1, ..config::Http::default() }).await);
    let waiter = Arc::clone(&edge);
    let waiting = tokio::spawn(async move {
        let request = ask("POST", "/invoices")
            .header("content-type", "application/xml")
            .header("prefer", "wait=20");
        waiter.send(request.body(Body::from("<a/>")).expect("a request")).await
    });
    let waits = async || (edge.state.metrics.waiters.get() > 0).then_some(());
    within(PATIENCE, "a request waits", waits).await;
    assert_eq!(edge.get("/invoices").await.status, 200);
    edge.state.readiness.drain();
    let answer = waiting.await.expect("no panic");
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, "wait=20"));
}

#[tokio::test]
async fn acceptance_55_paths_and_ids_make_no_series() {
    let edge = Edge::start().await;
    let series = async || {
        let text = edge.get("/metrics").await.body;
        String::from_utf8_lossy(&text).lines().count()
    };
    edge.get("/nowhere").await;
    edge.get("/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re").await;
    series().await;
    let before = series().await;
    for number in 0..500 {
        edge.get(&format!("/nowhere/{number}")).await;
        edge.get(&format!("/invoices/inv_{number:026}")).await;
    }
    assert_eq!(series().await, before);
}

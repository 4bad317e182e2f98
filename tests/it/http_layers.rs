//! What the layers do when something goes wrong inside: panics, silence, strange answers, floods.

mod commands;
mod probes;
mod unknown_paths;

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::layers;
use ap_gateway::http::layers::deadline::{Deadline, enforce};
use ap_gateway::models::refs::InvoiceId;
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Response, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use futures::{StreamExt, stream};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::edge::{Answer, Edge, ask};
use crate::harness::{Gateway, PATIENCE, eventually, within};

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

/// An invoice is handed in by somebody who waits for it by now.
pub(crate) async fn hands_in_and_waits(edge: &Arc<Edge>) -> JoinHandle<Answer> {
    let waiter = Arc::clone(edge);
    let waiting = tokio::spawn(async move {
        let request = ask("POST", "/invoices")
            .header("content-type", "application/xml")
            .header("prefer", "wait=20");
        waiter.send(request.body(Body::from("<a/>")).expect("a request")).await
    });
    let waits = async || (edge.state.metrics.waiters.get() > 0).then_some(());
    within(PATIENCE, "a request waits", waits).await;
    waiting
}

#[tokio::test]
async fn who_waits_makes_room_for_who_works() {
    let edge =
        Arc::new(Edge::with(config::Http { in_flight_max: 1, ..config::Http::default() }).await);
    let waiting = hands_in_and_waits(&edge).await;
    assert_eq!(edge.get("/invoices").await.status, 200);
    edge.state.readiness.drain();
    let answer = waiting.await.expect("no panic");
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, "wait=20"));
}

/// Rounds of two requests.
const ROUNDS: usize = 5_000;

/// Begins what the requests make up: a path, a parameter, a method and an id.
const MADE_UP: [&str; 4] = ["nowhere", "colour", "BREW", "inv_"];

/// Of these the gateway makes series of itself, whenever it comes to it: what the SDK did, how its
/// stores answered, who polls.
const OF_ITSELF: [&str; 3] =
    ["temporal_", "ap_gateway_storage_duration_seconds", "ap_gateway_task_queue_pollers"];

/// Asks for a path that is not there, and for an invoice that nobody handed in: every tenth time
/// with a parameter that nobody knows, and by another method.
async fn stray(gateway: &Gateway, round: usize) {
    let word = || uuid::Uuid::now_v7().simple();
    let other = match round / 10 % 6 {
        0 => Method::GET,
        1 => Method::POST,
        2 => Method::PUT,
        3 => Method::DELETE,
        4 => Method::OPTIONS,
        _ => Method::from_bytes(format!("BREW{}", word()).as_bytes()).expect("a token"),
    };
    let (method, parameter) = match round % 10 {
        9 => (other, format!("?colour{}={}", word(), word())),
        _ => (Method::GET, String::new()),
    };
    let invoice = InvoiceId::new(uuid::Uuid::now_v7());
    for path in [format!("/nowhere/{}", word()), format!("/invoices/{invoice}")] {
        let path = format!("{path}{parameter}");
        let answer = gateway.send(method.clone(), &path, &[], Vec::new()).await;
        assert!(!answer.status.is_server_error(), "{method} {path}: {}", answer.text());
    }
}

async fn stray_in(gateway: &Gateway, rounds: Range<usize>) {
    let strays = stream::iter(rounds).map(|round| stray(gateway, round));
    strays.buffer_unordered(8).count().await;
}

/// What a scrape shows: names with their labels, without values.
async fn series(gateway: &Gateway) -> BTreeSet<String> {
    let text = gateway.get("/metrics").await.expect(StatusCode::OK).text();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').expect("a value").0.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_55_paths_and_ids_make_no_series() {
    let gateway = Gateway::start().await;
    // Series that are there once ledger and Temporal were asked.
    let first = ["ap_gateway_figures_up 1", "ap_gateway_invoices{", "temporal_request_latency_"];
    eventually(async || {
        let text = gateway.get("/metrics").await.text();
        if first.iter().all(|name| text.contains(*name)) { Ok(()) } else { Err(text) }
    })
    .await;
    // Each kind once, so that its series are there.
    stray_in(&gateway, 0..60).await;
    let before = series(&gateway).await;
    stray_in(&gateway, 60..60 + ROUNDS).await;
    let after = series(&gateway).await;
    let is_of_itself = |line: &&String| OF_ITSELF.iter().any(|name| line.starts_with(*name));
    let (of_itself, of_requests): (Vec<&String>, Vec<&String>) =
        after.difference(&before).partition(is_of_itself);
    assert!(of_requests.is_empty(), "{of_requests:#?}");
    assert!(of_itself.len() < ROUNDS / 10, "{of_itself:#?}");
    for word in MADE_UP {
        assert_eq!(after.iter().find(|line| line.contains(word)), None, "{word}");
    }
}

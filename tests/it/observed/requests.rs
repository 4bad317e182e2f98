//! Each request once, as it is counted and logged at its end: whether it waited, what became of it and
//! of its key.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use ap_gateway::http::layers;
use ap_gateway::http::layers::deadline::{Deadline, enforce};
use ap_gateway::http::layers::shed::Place;
use ap_gateway::http::waiting::Waiters;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use reqwest::Method;
use serde_json::Value;

use crate::edge::Edge;
use crate::harness::{Answer, PATIENCE, temporal_address, unique, within};
use crate::http_layers::hands_in_and_waits;
use crate::http_reconciliations::case;
use crate::observed::process::{Process, Wanted};
use crate::samples::{self, HUNDRED};

/// How many requests of a route ended so: of those that waited, and of those that did not.
fn ended(edge: &Edge, method: &str, route: &str, status: &str) -> (u64, u64) {
    let of = |wait: &str| {
        let series = &edge.state.metrics.request_seconds;
        series.with_label_values(&[method, route, status, wait]).get_sample_count()
    };
    (of("yes"), of("no"))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_while_waiting_counts_among_those_who_wait() {
    let edge = Arc::new(Edge::start().await);
    let waiting = hands_in_and_waits(&edge).await;
    waiting.abort();
    assert!(waiting.await.is_err_and(|error| error.is_cancelled()));
    assert_eq!(ended(&edge, "POST", "/invoices", "499"), (1, 0));
}

#[tokio::test]
async fn who_meets_the_deadline_while_waiting_counts_among_those_who_wait() {
    let deadline = Deadline {
        work: Duration::from_millis(20),
        default_wait: Duration::ZERO,
        wait_seconds_max: 30,
    };
    let mut edge = Edge::start().await;
    let state = &edge.state;
    let waiters = Waiters::new(&state.limits, &state.metrics, state.readiness.clone());
    let wait = move |place: Place| {
        let waiters = waiters.clone();
        async move {
            waiters.wait(Duration::from_secs(600), &place, pending::<()>()).await;
        }
    };
    let routes = Router::new().route("/waits", get(wait)).route("/works", get(pending::<()>));
    let routes = routes.layer(from_fn_with_state(deadline, enforce));
    edge.router = layers::outer(layers::guarded(routes, &edge.state), &edge.state);
    for (route, counts) in [("/waits", (1, 0)), ("/works", (0, 1))] {
        assert_eq!(edge.get(route).await.problem(), (504, "upstream-timeout".to_owned()));
        assert_eq!(ended(&edge, "GET", route, "504"), counts, "{route}");
    }
}

async fn http_alone(temporal: &str) -> Process {
    Process::start(&Wanted { role: "http", temporal, settings: "", environment: &[] }).await
}

/// The line of the request that was answered so.
async fn line_of(process: &Process, answer: &Answer) -> Value {
    let id = answer.header("x-request-id").expect("an id");
    within(PATIENCE, "its line", async || {
        let mut lines = process.log().into_iter();
        lines.find(|line| line["request.id"] == id && line["http.status"].is_u64())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_what_the_caller_was_told_of_the_outcome() {
    let process = http_alone("http://127.0.0.1:1").await;
    for (method, path, fails) in [
        (Method::POST, "/workflows/ping", true),
        (Method::GET, "/workflows/ap-ping-1", true),
        (Method::GET, "/nowhere", false),
        (Method::GET, "/invoices", false),
    ] {
        let answer = process.send(method.clone(), path, &[], Vec::new()).await;
        assert_eq!(answer.status.is_server_error(), fails, "{method} {path}: {}", answer.text());
        let line = line_of(&process, &answer).await;
        assert_eq!(line["outcome"].is_string(), fails, "{method} {path}: {line}");
        assert_eq!(line["outcome"], answer.json()["outcome"], "{method} {path}: {line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_how_a_key_was_used_also_when_it_belongs_to_something_else() {
    let process = http_alone(temporal_address()).await;
    let case = |billed: &str| case(billed).to_string();
    let invoice = |number: &str| samples::invoice(number, "PO-1", HUNDRED);
    let table = [
        ("/invoices", "application/xml", [invoice("RE-1"), invoice("RE-2")]),
        ("/reconciliations", "application/json", [case("90"), case("91")]),
    ];
    for (path, kind, [one, other]) in table {
        let key = unique("k");
        let key = ("idempotency-key", key.as_str());
        let headers = [("content-type", kind), key, ("prefer", "wait=0")];
        for (body, used) in [(&one, "new"), (&one, "replay"), (&other, "mismatch")] {
            let answer = process.send(Method::POST, path, &headers, body.as_str()).await;
            let refused = answer.status.as_u16() == 422;
            assert_eq!(refused, used == "mismatch", "{path}: {}", answer.text());
            let line = line_of(&process, &answer).await;
            assert_eq!(line["idempotency"], used, "{path}: {line}");
        }
    }
}

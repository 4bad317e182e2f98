//! 11: a hundred at once with one key, for a carrier of each kind: a row of the ledger, a workflow.

use std::collections::BTreeSet;

use axum::body::Body;
use serde_json::json;
use tokio::task::JoinSet;

use crate::bench::{Bench, invoice};
use crate::durability::counted::assert_runs;
use crate::edge::{Edge, ask};

const CALLERS: usize = 100;

/// Sends the same request with the same key so often, each in a task of its own: none is refused,
/// and all are told of one thing.
async fn at_once(edge: &Edge, target: &'static str, kind: &'static str, body: &str) {
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (edge, body) = (edge.clone(), Body::from(body.to_owned()));
        callers.spawn(async move {
            let request = ask("POST", target).header("content-type", kind);
            let request = request.header("idempotency-key", "k").body(body);
            edge.send(request.expect("a request")).await
        });
    }
    let answers = callers.join_all().await;
    for answer in &answers {
        assert!(answer.status.is_success(), "{target}: {}", answer.json());
    }
    let ids: BTreeSet<_> = answers.iter().map(|answer| answer.json()["id"].to_string()).collect();
    assert_eq!(ids.len(), 1, "{target}: {ids:?}");
    assert!(!ids.contains("null"), "{target}: {}", answers[0].json());
}

/// Nobody works, so what was started is all that there is.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_11_a_hundred_at_once_with_one_key_are_one_thing_and_one_run() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}});
    at_once(&edge, "/invoices", "application/xml", &invoice("I-1", "PO-1")).await;
    at_once(&edge, "/reconciliations", "application/json", &case.to_string()).await;
    let list = edge.get("/invoices").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1), "{list}");
    let client = bench.client().await;
    for kind in ["InvoiceWorkflow", "ReconciliationWorkflow"] {
        assert_runs(&client, "ap-default", kind, 1).await;
    }
}

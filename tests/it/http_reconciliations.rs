//! Comparisons of what callers bring: the preview, and the durable kind.

/// What Temporal refuses, and answers of it that are lost.
mod answers;

use ap_gateway::models::refs::{ReconciliationId, named_after};
use axum::body::Body;
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::edge::{Answer, Edge, ask};
use crate::replay;

pub(crate) fn case(billed: &str) -> Value {
    json!({
        "invoice": {"number": "RE-1", "currency": "EUR", "order_reference": "PO-1",
            "lines": [{"id": "1", "quantity": billed, "price": "10.00",
                "order_line_reference": "1"}]},
        "purchase_orders": [{"number": "PO-1", "currency": "EUR",
            "lines": [{"id": "1", "quantity": "100", "unit_price": "10.00"}]}],
        "receipts": [{"number": "GR-1", "purchase_order": "PO-1",
            "lines": [{"id": "1", "order_line": "1", "received": "90"}]}],
    })
}

async fn preview(edge: &Edge, body: &str) -> Answer {
    edge.post("/reconciliations/preview", "application/json", body.to_owned()).await
}

async fn start(edge: &Edge, key: &str, wait: &str, body: &Value) -> Answer {
    let request = ask("POST", "/reconciliations").header("content-type", "application/json");
    let request = match key {
        "" => request,
        key => request.header("idempotency-key", key),
    };
    let request = request.header("prefer", wait).body(Body::from(body.to_string()));
    edge.send(request.expect("a request")).await
}

#[tokio::test]
async fn a_preview_compares_and_keeps_nothing() {
    let edge = Edge::start().await;
    let answer = preview(&edge, &case("90").to_string()).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["outcome"]), (200, &json!("matched")));
    let answer = preview(&edge, &case("100").to_string()).await;
    let body = answer.json();
    assert_eq!(body["outcome"], "held");
    let text = body["holds"][0]["text"].as_str().expect("a text");
    assert!(text.contains("billed 100, received 90: 10 too many"), "{text}");
    assert!(text.contains("releases when a receipt of 10 arrives"), "{text}");
    assert_eq!(edge.artifacts(), 0);
}

#[tokio::test]
async fn a_bad_case_is_refused_with_its_places() {
    let edge = Edge::start().await;
    for (body, status, kind, place) in [
        ("{", 400, "invalid-request", ""),
        (r#"{"invoice":{},"invoice":{}}"#, 400, "invalid-request", "/invoice"),
        (
            r#"{"invoice":{"lines":[{"id":"1","quantity":1}]}}"#,
            422,
            "validation-failed",
            "/invoice/lines/0/quantity",
        ),
        (
            r#"{"invoice":{},"policy":{"tolerances":{"NO_SUCH":{}}}}"#,
            422,
            "validation-failed",
            "/policy/tolerances",
        ),
        (
            r#"{"invoice":{},"purchase_orders":[{"number":"P","currency":"EUR","lines":[]}]}"#,
            422,
            "validation-failed",
            "/purchase_orders/0/lines",
        ),
    ] {
        let answer = preview(&edge, body).await;
        assert_eq!(answer.problem(), (status, kind.to_owned()), "{body}");
        let places: Vec<String> = answer.faults().into_iter().map(|(place, _)| place).collect();
        let named = place.is_empty() || places.iter().any(|found| found.starts_with(place));
        assert!(named, "{body}: {places:?}");
    }
    // Several at once, and each by its own word: `body.rs` has a table of all kinds.
    let several = r#"{"invoice":{"colour":1,"totals":{"net":"1,00"}},"rates":[{"from":"EUR"}]}"#;
    let mut faults = preview(&edge, several).await.faults();
    faults.sort();
    let expected = [
        ("/invoice/colour", "unknown_member"),
        ("/invoice/totals/net", "not_a_decimal"),
        ("/rates/0/rate", "missing"),
        ("/rates/0/to", "missing"),
    ];
    assert_eq!(faults, expected.map(|(place, code)| (place.to_owned(), code.to_owned())));
    let mut long = case("90");
    long["invoice"]["lines"] = vec![json!({"id": "1"}); 5_001].into();
    let refused = preview(&edge, &long.to_string()).await;
    assert_eq!(refused.problem(), (413, "payload-too-large".to_owned()));
    assert_eq!(
        (&refused.json()["limit"], &refused.json()["unit"]),
        (&json!(5_000), &json!("lines"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_09_a_reconciliation_is_worked_out_once_for_each_key() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    let missing = start(&edge, "", "wait=20", &case("90")).await;
    assert_eq!(missing.problem(), (400, "idempotency-key-missing".to_owned()));
    let first = start(&edge, "k1", "wait=20", &case("90")).await;
    let body = first.json();
    assert_eq!((first.status.as_u16(), &body["status"]), (200, &json!("completed")), "{body}");
    assert_eq!(body["result"]["outcome"], "matched");
    assert_eq!(first.header("idempotency-replayed"), "");
    let id = body["id"].as_str().expect("an id");
    let workflow = format!("ap-reconciliation-{id}");
    replay::keep(&bench, &workflow, "ReconciliationWorkflow.worked_out").await;
    let again = start(&edge, "k1", "wait=20", &case("90")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.json(), body);
    let other = start(&edge, "k1", "wait=20", &case("91")).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    let seen = edge.get(first.header("location")).await;
    assert_eq!((seen.status.as_u16(), seen.json()), (200, body.clone()));
    for nobody in ["rec_00000000000000000000000000", "rec_1", "x"] {
        let unknown = edge.get(&format!("/reconciliations/{nobody}")).await;
        assert_eq!(unknown.problem(), (404, "not-found".to_owned()));
        assert_eq!(unknown.json()["resource"], "reconciliation", "{nobody}");
    }
    let metrics = &edge.state.metrics;
    let used = |result: &str| metrics.idempotency.with_label_values(&["workflow", result]).get();
    assert_eq!((used("new"), used("replay"), used("mismatch")), (1, 1, 1));
    let waited = ["POST", "/reconciliations", "200", "yes"];
    let waited = metrics.request_seconds.with_label_values(&waited);
    assert_eq!(waited.get_sample_count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reconciliation_that_was_ended_says_why_it_has_no_result() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let first = start(&edge, "k1", "wait=0", &case("90")).await;
    assert_eq!((first.status.as_u16(), first.header("retry-after")), (202, "2"));
    let place = first.header("location");
    let running = edge.get(place).await;
    assert_eq!((running.status.as_u16(), running.header("retry-after")), (200, "5"));
    assert_eq!(running.json(), first.json());
    let again = start(&edge, "k1", "wait=0", &case("90")).await;
    assert_eq!((again.status.as_u16(), again.header("retry-after")), (202, "5"));

    let workflow = format!("ap-reconciliation-{}", first.json()["id"].as_str().expect("an id"));
    let reason = json!({"reason": "a test of the end"}).to_string();
    let terminate = format!("/workflows/{workflow}/terminate");
    assert_eq!(edge.post(&terminate, "application/json", reason).await.status, 200);
    let ended = edge.get(place).await;
    let body = ended.json();
    assert_eq!((ended.status.as_u16(), &body["status"]), (200, &json!("terminated")));
    assert_eq!((ended.header("retry-after"), body.get("result")), ("", None));
    let failure = &body["failure"];
    assert_eq!((&failure["type"], &failure["retryable"]), (&json!("Terminated"), &json!(true)));
    assert!(failure["message"].as_str().is_some_and(|text| text.contains("a test of the end")));
    let replayed = start(&edge, "k1", "wait=20", &case("90")).await;
    assert_eq!((replayed.status.as_u16(), replayed.json()), (200, body));
}

/// HTTP handbook §2.2: nobody's run is taken for one of ours because it has the id.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_that_another_run_has_is_a_conflict() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let id = ReconciliationId::new(named_after("/reconciliations\nanonymous\nk1"));
    let pinged = bench.gateway.ping(&id.workflow_id(), std::time::Duration::ZERO).await;
    pinged.expect("started");
    let taken = start(&edge, "k1", "wait=0", &case("90")).await;
    assert_eq!(taken.problem(), (409, "workflow-exists".to_owned()));
    assert_eq!(taken.json()["id"], id.as_str());
    assert_eq!(edge.get(&format!("/reconciliations/{id}")).await.problem().0, 404);
    let other = start(&edge, "k2", "wait=0", &case("90")).await;
    assert_eq!(other.status, 202, "{}", other.json());
}

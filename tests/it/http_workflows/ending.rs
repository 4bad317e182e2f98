//! Cancelling and terminating runs.

use ap_gateway::models::status::InvoiceStatus;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bench::{Bench, invoice, until};
use crate::edge::{Answer, Edge};
use crate::harness::{Gateway, unique};
use crate::http_workflows::ping;
use crate::samples::{self, HUNDRED};

async fn end(edge: &Edge, id: &str, how: &str) -> Answer {
    let reason = json!({"reason": "a test"}).to_string();
    edge.post(&format!("/workflows/{id}/{how}"), "application/json", reason).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_cancelled_or_terminated_and_a_repetition_changes_nothing() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let id = ping(&edge).await;
    let cancelled = end(&edge, &id, "cancel").await;
    assert_eq!(cancelled.status, 202);
    assert_eq!(cancelled.header("location"), format!("/workflows/{id}"));
    assert_eq!(
        (cancelled.header("retry-after"), cancelled.header("idempotency-replayed")),
        ("2", "")
    );
    assert_eq!(end(&edge, &id, "cancel").await.status, 202, "it was asked already");

    let terminated = end(&edge, &id, "terminate").await;
    assert_eq!(
        (terminated.status.as_u16(), &terminated.json()["status"]),
        (200, &json!("terminated"))
    );
    let again = end(&edge, &id, "terminate").await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    let finished = end(&edge, &id, "cancel").await;
    assert_eq!(finished.problem(), (409, "workflow-finished".to_owned()));
    let told = finished.json();
    assert_eq!(told["status_now"], "terminated");
    assert!(told["closed_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{told}");

    for how in ["cancel", "terminate"] {
        let unknown = end(&edge, "ap-ping-nobody", how).await;
        assert_eq!(unknown.problem(), (404, "not-found".to_owned()), "{how}");
        let path = format!("/workflows/{id}/{how}");
        for (body, pointer) in [
            (json!({}), "/reason"),
            (json!({"reason": ""}), "/reason"),
            (json!({"reason": "x".repeat(501)}), "/reason"),
            (json!({"reason": "x", "force": true}), "/force"),
        ] {
            let refused = edge.post(&path, "application/json", body.to_string()).await;
            assert_eq!(refused.status, 422, "{body}");
            assert!(refused.faults().iter().any(|(place, _)| place == pointer), "{refused:?}");
        }
    }
    let trail = edge.state.ledger.audit(0, 100).await.expect("a trail");
    let outcomes = |action: &str| {
        let rows = trail.iter().filter(|row| row.action == action);
        rows.map(|row| row.outcome.clone()).collect::<Vec<_>>()
    };
    assert_eq!(outcomes("terminate_workflow")[..4], ["begun", "done", "begun", "done"]);
    assert!(outcomes("cancel_workflow").contains(&"refused".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn to_cancel_the_run_of_an_invoice_is_to_withdraw_the_invoice() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let _worker = bench.worker().await;
    let id = bench.submit(&invoice("RE-1", "PO-1")).await;
    bench.comes_to(&id, InvoiceStatus::Held).await;
    let workflow = id.workflow_id();
    let cancelled = end(&edge, &workflow, "cancel").await;
    assert_eq!(cancelled.status, 202, "{}", cancelled.json());
    bench.comes_to(&id, InvoiceStatus::Cancelled).await;
    let decided = bench.ledger.decisions(&id).await.expect("decisions");
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].decision.reason.as_deref(), Some("a test"));
    let again = end(&edge, &workflow, "cancel").await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (202, "true"));
    until("the run is over", async || {
        let run = edge.get(&format!("/workflows/{workflow}")).await.json();
        (run["status"] != "running").then_some(())
    })
    .await;
    let over = end(&edge, &workflow, "terminate").await;
    assert_eq!(over.problem(), (409, "workflow-finished".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_whose_run_is_terminated_needs_attention_and_can_be_retried() {
    let gateway = Gateway::start().await;
    let order = unique("PO");
    let invoice = gateway.submit(&samples::invoice(&unique("RE"), &order, HUNDRED)).await.json();
    assert_eq!(invoice["status"], "held", "{invoice}");
    let id = invoice["id"].as_str().expect("an id");
    let reason = json!({"reason": "a test"});
    let path = format!("/workflows/ap-invoice-{id}/terminate");
    gateway.post_json(&path, &reason).await.expect(StatusCode::OK);
    let needs = |invoice: &Value| invoice["status"] == "needs_attention";
    let invoice = gateway.invoice_when(id, needs).await;
    assert_eq!(invoice["attention"]["code"], "WORKFLOW_ENDED", "{invoice}");

    gateway.post_json(&format!("/invoices/{id}/retry"), &reason).await.expect(StatusCode::ACCEPTED);
    gateway.invoice_when(id, |invoice| invoice["status"] == "held").await;
}

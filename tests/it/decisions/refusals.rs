//! What a refused decision tells: where the invoice stands, when it closed, and that no worker is
//! there.

use std::time::{Duration, Instant};

use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::readiness::Part;
use ap_gateway::temporal::gateway::Run;
use chrono::SecondsFormat;
use serde_json::json;

use crate::bench::{Bench, until};
use crate::decisions::Desk;
use crate::decisions::waits::reject;
use crate::edge::Edge;
use crate::samples::{self, HUNDRED};

impl Desk {
    /// When the invoice came to this state, as answers write times.
    async fn came_to(&self, id: &InvoiceId, status: S) -> String {
        let events = self.bench.ledger.events_after(id, 0, 100).await.expect("read");
        let event = events.iter().find(|event| event.data["to"] == status.as_str());
        event.expect("an event").at.to_rfc3339_opts(SecondsFormat::Millis, true)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_out_of_date_or_too_late_hears_where_the_invoice_stands() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let revision = desk.bench.row(&id).await.revision;
    let stale = json!({"action": "reject", "reason": "no", "expected_revision": revision - 1});
    let stale = desk.decide(&id, "k", stale).await;
    assert_eq!(stale.problem(), (409, "state-conflict".to_owned()));
    let told = stale.json();
    let seen = (&told["status_now"], &told["revision"], told.get("closed_at"));
    assert_eq!(seen, (&json!("held"), &json!(revision), None), "{told}");

    // Of two at once one is too late, wherever that shows.
    let rejected = async |key: &str| reject(&desk.http, &id, (key, "wait=20")).await;
    let both = tokio::join!(rejected("k1"), rejected("k2"));
    let (taken, late) = if both.0.status.is_success() { both } else { (both.1, both.0) };
    assert!(taken.status.is_success(), "{}", taken.json());
    let closed = desk.came_to(&id, S::Rejected).await;
    for late in [late, rejected("k3").await] {
        assert_eq!(late.problem(), (409, "invoice-closed".to_owned()), "{}", late.json());
        let told = late.json();
        let seen = (&told["status_now"], &told["closed_at"]);
        assert_eq!(seen, (&json!("rejected"), &json!(closed)), "{told}");
    }
}

/// Temporal is not there in this test, so whoever is sent to it comes back soon.
#[tokio::test]
async fn no_worker_is_said_where_it_is_known_and_not_where_temporal_is_away() {
    let edge = Edge::start().await;
    let document = samples::invoice("RE-1", "PO-1", HUNDRED);
    let there = edge.post("/invoices", "application/xml", document).await;
    let cancel = format!("{}/cancel", there.header("location"));
    let readiness = &edge.state.readiness;
    let sent = async |what: &str| {
        let reason = json!({"reason": "sent twice"}).to_string();
        let told = edge.post(&cancel, "application/json", reason).await;
        let body = told.json();
        assert_eq!((told.status.as_u16(), &body["retry_safe"]), (503, &json!(true)), "{what}");
        assert_ne!(told.header("retry-after"), "", "{what}");
        assert_eq!(body["outcome"], "not_done", "nothing was sent to anybody: {body}");
        told.problem().1
    };
    let (away, down) = ("upstream-unavailable", "no-worker");
    assert_eq!(sent("a process without a worker").await, away);
    readiness.expect(Part::Worker);
    assert_eq!(sent("a worker that begins").await, away);
    readiness.record(Part::Worker, true);
    readiness.record(Part::Worker, false);
    assert_eq!(sent("a look that was late").await, away);
    readiness.fail(Part::Worker);
    assert_eq!(sent("a worker that has ended").await, down);
    readiness.record(Part::Temporal, false);
    assert_eq!(sent("Temporal is away too").await, away);
    readiness.record(Part::Temporal, true);
    assert_eq!(sent("Temporal is back").await, down);
    let trail = edge.state.ledger.audit(0, 100).await.expect("a trail");
    let last = trail.iter().rev().find(|row| row.action == "decide_invoice cancel");
    let last = last.expect("a row");
    assert_eq!((last.outcome.as_str(), last.reason.as_deref()), ("failed", Some("no-worker")));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_46_without_a_worker_a_decision_is_refused_at_once_and_taken_later() {
    let desk = Desk::start().await;
    let worker = desk.bench.worker().await;
    let id = desk.held().await;
    rests(&desk.bench, &id).await;
    assert!(worker.drain(Duration::from_secs(5)).await);
    let reject = json!({"action": "reject", "reason": "not ours"});
    let begun = Instant::now();
    let refused = desk.decide(&id, "k1", reject.clone()).await;
    let took = begun.elapsed();
    assert_eq!(refused.problem(), (503, "no-worker".to_owned()), "{}", refused.json());
    assert!(took < Duration::from_secs(3), "{took:?}");
    let _worker = desk.bench.worker().await;
    let taken = desk.decide(&id, "k1", reject).await;
    assert_eq!(taken.json()["status"], "rejected", "{}", taken.json());
    assert_eq!(taken.header("idempotency-replayed"), "", "nothing was done before");
}

/// Waits until no task of its run is under way: one that its worker took along when it ended comes
/// again after Temporal's ten seconds, which are longer than a decision waits.
async fn rests(bench: &Bench, id: &InvoiceId) {
    let workflow_id = id.workflow_id();
    let run = Run { workflow_id: &workflow_id, run_id: None };
    until("its run rests", async || {
        let (_, events) = bench.gateway.run_history(run, 0, 100).await.expect("a history");
        let last = events.last().expect("an event");
        (last.kind == "workflow_task_completed").then_some(())
    })
    .await;
}

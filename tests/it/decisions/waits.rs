//! Waits of decisions: each has a place of its own kind, says what was applied, keeps nobody out,
//! and ends with the drain.

use std::sync::Arc;
use std::time::{Duration, Instant};

use ap_gateway::activities::Activities;
use ap_gateway::config;
use ap_gateway::http::invoices::decisions::DECISION_WAIT;
use ap_gateway::models::decision::{Action, Asked, Refusal};
use ap_gateway::models::refs::{DecisionId, InvoiceId, Sha256};
use ap_gateway::models::situation::{ANONYMOUS, Actor};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::Ledger;
use ap_gateway::temporal::gateway::{DecideInput, DecisionOutcome};
use ap_gateway::temporal::worker::WorkerSupervisor;
use axum::body::Body;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::until;
use crate::decisions::Desk;
use crate::edge::{Answer, Edge, ask};
use crate::harness::{self, PATIENCE, within};

/// A worker that accepts decisions and is not done with them: for whoever writes them down, and for
/// nobody else, the ledger is away.
async fn stuck(desk: &Desk) -> WorkerSupervisor {
    let bench = &desk.bench;
    let file = bench.server.folder.path().join("ledger.db");
    let url = format!("sqlite:{}", file.display());
    let settings = config::Ledger { url: url.into(), ..config::Ledger::default() };
    let away = Ledger::open(&settings).await.expect("a ledger");
    away.close().await;
    let (artifacts, policy) = (bench.artifacts.clone(), bench.policy.clone());
    let without_ledger = Activities::new(away, artifacts, harness::examiner(), policy);
    let mut parts = bench.parts();
    parts.activities.decisions = without_ledger.decisions;
    let worker = WorkerSupervisor::start(parts).expect("a thread");
    bench.polling().await;
    worker
}

/// The desk's door under these limits.
fn under(desk: &Desk, limits: config::Http) -> Edge {
    let mut edge = Edge::over(&desk.bench);
    edge.state.limits = Arc::new(limits);
    let auth = edge.state.auth.clone();
    edge.behind(auth)
}

async fn post(edge: &Edge, path: &str, (key, prefer): (&str, &str), body: &Value) -> Answer {
    let request = ask("POST", path)
        .header("content-type", "application/json")
        .header("idempotency-key", key)
        .header("prefer", prefer);
    edge.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

pub(super) async fn reject(edge: &Edge, id: &InvoiceId, head: (&str, &str)) -> Answer {
    let body = json!({"action": "reject", "reason": "not ours"});
    post(edge, &format!("/invoices/{id}/decision"), head, &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_says_what_of_the_preference_was_applied() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let question = json!({"action": "request_information", "reason": "which order is this?"});
    let answer = json!({"action": "answer"});
    let reason = json!({"reason": "sent twice"});
    let table = [
        ("decision", ("k1", "wait=20"), &question, 200, "wait=20"),
        // What was decided before needs no wait.
        ("decision", ("k1", "wait=20"), &question, 200, "wait=20"),
        ("decision", ("k2", ""), &answer, 200, ""),
        ("cancel", ("k3", "wait=1000000000"), &reason, 202, "wait=30"),
        ("cancel", ("k4", "respond-async"), &reason, 202, "respond-async"),
    ];
    for (route, head, body, status, applied) in table {
        let told = post(&desk.http, &format!("/invoices/{id}/{route}"), head, body).await;
        let seen = (told.status.as_u16(), told.header("preference-applied"));
        assert_eq!(seen, (status, applied), "{route} {head:?}: {}", told.json());
    }
    assert_eq!(desk.bench.row(&id).await.status, S::Cancelled);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_18_a_decision_that_finds_no_place_to_wait_in_is_answered_at_once() {
    let desk = Desk::start().await;
    let _worker = stuck(&desk).await;
    let id = desk.held().await;
    let usual = config::Http::default;
    let table = [
        (config::Http { waiters_max: 0, ..usual() }, "wait=20", ""),
        (config::Http { followers_max: 0, ..usual() }, "wait=20", ""),
        (config::Http { followers_max: 0, ..usual() }, "", ""),
        // Nothing was to be waited for.
        (usual(), "wait=0", "wait=0"),
    ];
    for (number, (limits, prefer, applied)) in table.into_iter().enumerate() {
        let edge = under(&desk, limits);
        let begun = Instant::now();
        let key = format!("k{number}");
        let told = reject(&edge, &id, (key.as_str(), prefer)).await;
        let took = begun.elapsed();
        let body = told.json();
        assert_eq!(told.status, 202, "{number}: {body}");
        assert_eq!(told.header("preference-applied"), applied, "{number}");
        assert_eq!(told.header("location"), format!("/invoices/{id}"), "{number}");
        assert_eq!(told.header("retry-after"), "1", "{number}");
        assert_eq!((&body["status"], body["decision"].get("at")), (&json!("held"), None));
        assert!(took < DECISION_WAIT, "{number}: {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_decision_makes_room_and_is_answered_when_the_drain_begins() {
    let desk = Desk::start().await;
    let _worker = stuck(&desk).await;
    let id = desk.held().await;
    let one = config::Http { ending_in_flight_max: 1, ..config::Http::default() };
    let edge = under(&desk, one);
    let (waiter, invoice) = (edge.clone(), id.clone());
    let waiting = tokio::spawn(async move { reject(&waiter, &invoice, ("k1", "wait=30")).await });
    let metrics = &edge.state.metrics;
    within(PATIENCE, "one waits", async || (metrics.waiters.get() == 1).then_some(())).await;
    assert_eq!(metrics.followers.get(), 1);
    // The one place of those who work is free.
    let nobody = InvoiceId::new(Uuid::nil());
    let next = reject(&edge, &nobody, ("k2", "")).await;
    assert_eq!(next.problem(), (404, "not-found".to_owned()));
    edge.state.readiness.drain();
    let told = waiting.await.expect("no panic");
    let seen = (told.status.as_u16(), told.header("preference-applied"));
    assert_eq!(seen, (202, "wait=30"), "{}", told.json());
    assert_eq!((metrics.waiters.get(), metrics.followers.get()), (0, 0));
    let waited = ["POST", "/invoices/{id}/decision", "202", "yes"];
    assert_eq!(metrics.request_seconds.with_label_values(&waited).get_sample_count(), 1);
}

/// Accepted is a promise: whoever does not wait must not be given it for what was refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_workflow_refuses_is_heard_without_a_wait() {
    let desk = Desk::start().await;
    let _worker = desk.bench.worker().await;
    let id = desk.held().await;
    let gateway = &desk.bench.gateway;
    until("the workflow has heard of the hold", async || {
        let known = gateway.invoice_situation(&id).await.ok().flatten();
        known.filter(|situation| situation.status == S::Held)
    })
    .await;
    let asked = Asked {
        action: Action::Reject,
        actor: Actor::of(ANONYMOUS),
        expected_revision: Some(1),
        holds: Vec::new(),
        duties: Vec::new(),
    };
    let input = DecideInput {
        invoice_id: id,
        decision_id: DecisionId::new(Uuid::now_v7()),
        fingerprint: Sha256::from_bytes(&[7; 32]),
        content: Sha256::from_bytes(&[8; 32]),
        asked,
    };
    let told = gateway.carry_decision(input, Duration::ZERO).await.expect("sent");
    assert!(matches!(told, DecisionOutcome::Refused(Refusal::Stale { .. })), "{told:?}");
}

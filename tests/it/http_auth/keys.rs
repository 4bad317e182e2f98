//! API keys: one caller behind several, their end, their use, and who made them.

use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::models::access::{Author, Role};
use axum::body::Body;
use axum::extract::Request;

use crate::edge::{Answer, Edge, ask};
use crate::harness::{eventually, within};
use crate::http_auth::{from, keep, key, new_key};

const INVOICE: &str = "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>";

fn submission(authorization: &str, idempotency_key: &str) -> Request<Body> {
    let request = ask("POST", "/invoices")
        .header("authorization", authorization)
        .header("idempotency-key", idempotency_key)
        .header("content-type", "application/xml");
    request.body(Body::from(INVOICE)).expect("a request")
}

async fn read(edge: &Edge, authorization: &str) -> Answer {
    edge.send(from([192, 0, 2, 7], Some(authorization), "GET", "/invoices")).await
}

/// Acceptance 13: a key for idempotency belongs to the subject, not to the credential.
#[tokio::test]
async fn acceptance_13_two_keys_of_one_subject_are_one_caller() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let first = key(ledger, "key:erp", &[Role::Submitter]).await;
    let second = key(ledger, "key:erp", &[Role::Submitter]).await;
    let other = key(ledger, "key:mail", &[Role::Submitter]).await;
    let made = edge.send(submission(&first, "k1")).await.json();
    assert_eq!(made["submitted_by"], "key:erp");
    let again = edge.send(submission(&second, "k1")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["id"], made["id"]);
    let another = edge.send(submission(&other, "k1")).await.json();
    assert_ne!(another["id"], made["id"]);
    assert_eq!(another["submitted_by"], "key:mail");
}

/// Acceptance 52: rotation without a failed request, and the end of the old key within 5 s.
#[tokio::test]
async fn acceptance_52_a_new_key_works_at_once_and_a_revoked_one_ends_in_seconds() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let old = new_key("key:erp", &[Role::Viewer]);
    let old_bearer = keep(ledger, &old).await;
    assert_eq!(read(&edge, &old_bearer).await.status, 200);
    let new_bearer = key(ledger, "key:erp", &[Role::Viewer]).await;
    assert_eq!(read(&edge, &new_bearer).await.status, 200, "the new key works at once");
    assert_eq!(read(&edge, &old_bearer).await.status, 200, "beside the old one");
    let by = Author { subject: "terminal:test".to_owned(), ..Author::default() };
    assert!(ledger.revoke_key(old.text.id(), &by).await.expect("revoked"));
    assert!(!ledger.revoke_key(old.text.id(), &by).await.expect("asked"), "once is enough");
    let revoked = Instant::now();
    within(Duration::from_secs(5), "the revoked key is refused", async || {
        (read(&edge, &old_bearer).await.status == 401).then_some(())
    })
    .await;
    assert!(revoked.elapsed() < Duration::from_secs(5));
    assert_eq!(read(&edge, &new_bearer).await.status, 200);
}

#[tokio::test]
async fn a_key_is_not_good_before_its_time_nor_with_another_secret() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let mut early = new_key("key:early", &Role::ALL);
    early.not_before = chrono::Utc::now() + chrono::TimeDelta::hours(1);
    let early = keep(ledger, &early).await;
    let good = key(ledger, "key:good", &Role::ALL).await;
    let other_secret = format!("{}{}", &good[..good.len() - 43], "A".repeat(43));
    for (bad, reason) in [(early, "not_yet"), (other_secret, "unknown")] {
        assert_eq!(read(&edge, &bad).await.problem(), (401, "unauthenticated".to_owned()));
        let failures = &edge.state.metrics.auth_failures;
        assert_eq!(failures.with_label_values(&[reason]).get(), 1, "{reason}");
    }
    assert_eq!(read(&edge, &good.replace("Bearer", "bearer")).await.status, 200);
}

#[tokio::test]
async fn who_did_what_and_who_failed_to_come_in_is_recorded() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let erp = new_key("key:erp", &[Role::Submitter]);
    let bearer = keep(ledger, &erp).await;
    let made = edge.send(submission(&bearer, "k1")).await;
    assert_eq!(edge.send(submission(&bearer, "k1")).await.header("idempotency-replayed"), "true");
    let bad = format!("Bearer apg_000000000000_{}", "A".repeat(43));
    assert_eq!(read(&edge, &bad).await.status, 401);
    let trail = eventually(async || {
        let trail = ledger.audit(0, 100).await.expect("a trail");
        if trail.len() == 3 { Ok(trail) } else { Err(format!("{trail:?}")) }
    })
    .await;
    let actions: Vec<_> = trail.iter().map(|row| row.action.as_str()).collect();
    assert_eq!(actions, ["create_key", "submit_invoice", "login"]);
    assert_eq!(trail[0].author.subject, "terminal:test");
    assert_eq!(trail[0].resource.as_deref(), Some(erp.text.id()));
    let submitted = &trail[1];
    assert_eq!(submitted.resource.as_deref(), made.json()["id"].as_str());
    assert_eq!(submitted.author.subject, "key:erp");
    assert_eq!(submitted.author.credential.as_deref(), Some(erp.text.id()));
    assert_eq!(submitted.author.request_id.as_deref(), Some(made.header("x-request-id")));
    let failed = &trail[2];
    assert_eq!((failed.outcome.as_str(), failed.reason.as_deref()), ("refused", Some("unknown")));
    assert_eq!(failed.author.address.as_deref(), Some("192.0.2.7"));
}

/// A test of the gateway makes more of them than people do.
#[tokio::test]
async fn how_many_failed_logins_are_mistakes_can_be_set() {
    let edge = Edge::start().await;
    let login = config::Auth { failed_logins_max: 1, ..config::Auth::default() };
    let state = &edge.state;
    let auth = Auth::required(&state.ledger, &login, &config::Jwt::default(), &state.metrics);
    let edge = edge.behind(auth);
    let bad = format!("Bearer apg_000000000000_{}", "A".repeat(43));
    assert_eq!(read(&edge, &bad).await.status, 401);
    assert_eq!(read(&edge, &bad).await.problem(), (429, "quota-exceeded".to_owned()));
}

/// Acceptance 32.
#[tokio::test]
async fn acceptance_32_after_ten_failed_logins_a_minute_it_is_429() {
    let edge = Edge::guarded().await;
    let good = key(&edge.state.ledger, "key:good", &[Role::Viewer]).await;
    let bad = format!("Bearer apg_000000000000_{}", "A".repeat(43));
    for attempt in 0..10 {
        assert_eq!(read(&edge, &bad).await.status, 401, "{attempt}");
    }
    let limited = read(&edge, &bad).await;
    assert_eq!(limited.problem(), (429, "quota-exceeded".to_owned()));
    let body = limited.json();
    assert_eq!(body["violated_policies"], serde_json::json!(["failed-logins"]));
    assert_eq!((&body["outcome"], &body["retry_safe"]), (&"not_done".into(), &true.into()));
    let after: u64 = limited.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&after), "{after}");
    let elsewhere = edge.send(from([192, 0, 2, 8], Some(&bad), "GET", "/invoices")).await;
    assert_eq!(elsewhere.status, 401, "another address has its own ten");
    assert_eq!(read(&edge, &good).await.status, 200, "a good key is nobody's mistake");
    assert_eq!(edge.send(from([192, 0, 2, 7], None, "GET", "/invoices")).await.status, 401);
}

#[tokio::test]
async fn the_use_of_a_key_is_noted_once_a_minute() {
    let edge = Edge::guarded().await;
    let ledger = &edge.state.ledger;
    let bearer = key(ledger, "key:erp", &[Role::Viewer]).await;
    let used = async || ledger.keys().await.expect("keys")[0].last_used_at;
    assert_eq!(used().await, None);
    for _ in 0..50 {
        assert_eq!(read(&edge, &bearer).await.status, 200);
    }
    let first = eventually(async || used().await.ok_or("not noted".to_owned())).await;
    for _ in 0..50 {
        assert_eq!(read(&edge, &bearer).await.status, 200);
    }
    assert_eq!(used().await, Some(first), "the other ninety-nine are not written");
}

//! 6 and 7: Temporal that swallows everything, and Temporal that is slow.

use std::time::{Duration, Instant};

use ap_gateway::app::Role;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::runtime::Handle;

use crate::acceptance::link::{Line, Link};
use crate::bank_files::{camt053, paid};
use crate::harness::{Answer, Gateway, PATIENCE, eventually, temporal_address, unique, within};
use crate::samples::{self, HUNDRED};

/// What a submission may take whatever Temporal does.
const SUBMISSION: Duration = Duration::from_millis(2_500);

/// How much later than its deadline an answer may come.
const GRACE: Duration = Duration::from_millis(500);

/// A gateway without worker that has reached Temporal by the link.
async fn connected(link: &Link) -> Gateway {
    let gateway = Gateway::start_with(Role::Http, &link.address(), |_| {}).await;
    eventually(async || {
        let pinged = ping(&gateway, &unique("k"), "wait=0").await;
        if pinged.status == 202 { Ok(()) } else { Err(pinged.text()) }
    })
    .await;
    gateway
}

async fn ping(gateway: &Gateway, key: &str, prefer: &str) -> Answer {
    let headers = [("idempotency-key", key), ("prefer", prefer)];
    gateway.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await
}

/// Hands in an invoice; answers its id.
async fn submit(gateway: &Gateway) -> String {
    let document = samples::invoice(&unique("RE"), "PO-1", HUNDRED);
    let headers = [("content-type", "application/xml")];
    let begun = Instant::now();
    let answer = gateway.send(Method::POST, "/invoices", &headers, document.into()).await;
    let took = begun.elapsed();
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert!(took <= SUBMISSION, "a submission took {took:?}");
    answer.json()["id"].as_str().expect("an id").to_owned()
}

/// Everything that asks Temporal, at once; answers what each came to and how long it took.
async fn everything(gateway: &Gateway, invoice: &str) -> Vec<(String, Answer, Duration)> {
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}});
    let statement = camt053(&unique("S"), "2026-11-27", 0, &[paid("B1", 100, "RE-1")]);
    let reason = json!({"reason": "test"}).to_string();
    let asked = [
        ("POST", "/workflows/ping".to_owned(), "", String::new()),
        ("POST", "/reconciliations".to_owned(), "application/json", case.to_string()),
        ("POST", "/bank-statements".to_owned(), "application/xml", statement),
        ("POST", format!("/invoices/{invoice}/cancel"), "application/json", reason.clone()),
        ("POST", format!("/workflows/ap-invoice-{invoice}/cancel"), "application/json", reason),
        ("GET", "/workflows".to_owned(), "", String::new()),
        ("GET", format!("/workflows/ap-invoice-{invoice}"), "", String::new()),
    ];
    join_all(asked.into_iter().map(async |(method, target, kind, body)| {
        let key = unique("k");
        let mut headers = vec![("prefer", "wait=0")];
        if method == "POST" {
            headers.push(("idempotency-key", &key));
        }
        if !kind.is_empty() {
            headers.push(("content-type", kind));
        }
        let method: Method = method.parse().expect("a method");
        let begun = Instant::now();
        let answer = gateway.send(method.clone(), &target, &headers, body.into()).await;
        (format!("{method} {target}"), answer, begun.elapsed())
    }))
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_06_whatever_temporal_swallows_ends_in_time_and_nothing_piles_up() {
    let link = Link::to(temporal_address()).await;
    let gateway = connected(&link).await;
    let invoice = submit(&gateway).await;
    link.becomes(Line::Hole);
    let deadline = Duration::from_secs(10);
    let mut piles = Vec::new();
    for _ in 0..2 {
        submit(&gateway).await;
        for (name, answer, took) in everything(&gateway, &invoice).await {
            assert!(took <= deadline + GRACE, "{name} took {took:?}: {}", answer.text());
            let slug = answer.problem();
            let late = ["upstream-timeout", "upstream-unavailable"].contains(&slug.as_str());
            assert!(late, "{name}: {}", answer.text());
            let outcome = if name.starts_with("GET") { "not_done" } else { "unknown" };
            assert_eq!(answer.json()["outcome"], outcome, "{name}: {}", answer.text());
            assert!(answer.header("retry-after").is_some(), "{name}");
        }
        piles.push((Handle::current().metrics().num_alive_tasks(), link.open()));
    }
    let (tasks, connections) = piles[0];
    within(PATIENCE, "no task is left", async || {
        (Handle::current().metrics().num_alive_tasks() <= tasks).then_some(())
    })
    .await;
    assert!(link.open() <= connections, "{} of {connections}", link.open());
    link.becomes(Line::Clear);
    eventually(async || {
        let pinged = ping(&gateway, &unique("k"), "wait=0").await;
        if pinged.status == 202 { Ok(()) } else { Err(pinged.text()) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_07_a_slow_temporal_slows_no_submission_and_nobody_waits_beyond_the_deadline() {
    let link = Link::to(temporal_address()).await;
    let gateway = connected(&link).await;
    link.becomes(Line::Late(Duration::from_secs(5)));
    let deadline = Duration::from_secs(10);
    let waits = (0..20).map(async |number| {
        let begun = Instant::now();
        let answer = ping(&gateway, &unique(&format!("k{number}")), "wait=3").await;
        (answer, begun.elapsed())
    });
    let submissions = async {
        for _ in 0..20 {
            submit(&gateway).await;
        }
        let metrics = gateway.get("/metrics").await.text();
        let waiters = metrics.lines().find_map(|line| line.strip_prefix("ap_gateway_waiters "));
        waiters.expect("a figure").parse::<usize>().expect("a number")
    };
    let (pings, waiters) = tokio::join!(join_all(waits), submissions);
    assert!(waiters <= 20, "{waiters} wait");
    for (answer, took) in pings {
        // Its wait is no part of the deadline.
        let bound = deadline + Duration::from_secs(3) + GRACE;
        assert!(took <= bound, "{took:?}: {}", answer.text());
        let known = [202, 503, 504].contains(&answer.status.as_u16());
        assert!(known, "{}", answer.text());
    }
}

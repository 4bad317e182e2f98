//! 6 and 7: Temporal that swallows everything, and Temporal that is slow.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use ap_gateway::app::Role;
use ap_gateway::config::Settings;
use futures::future::join_all;
use reqwest::Method;
use serde_json::json;
use tokio::runtime::Handle;

use crate::acceptance::killed::gauge;
use crate::acceptance::link::{Line, Link};
use crate::bank_files::{camt053, paid};
use crate::harness::{
    Answer, Gateway, PATIENCE, eventually, seldom, temporal_address, unique, within,
};
use crate::samples::{self, HUNDRED};

/// What a submission may take whatever Temporal does.
const SUBMISSION: Duration = Duration::from_millis(2_500);

/// What every other request may take, without its wait.
const DEADLINE: Duration = Duration::from_secs(10);

/// How much later than its deadline an answer may come.
const GRACE: Duration = Duration::from_millis(500);

/// How often everything is asked at once, round by round.
const ROUNDS: [usize; 2] = [1, 10];

/// Tasks and connections that may have come besides, in the background. Each request is sent more
/// often than that: one that leaves something behind is seen.
const BESIDES: usize = 6;

/// Places of those who wait, and callers who want one.
const PLACES: usize = 5;
const CALLERS: usize = 20;

/// A gateway without worker that has reached Temporal by the link, over all of its connections.
async fn connected(link: &Link, change: impl FnOnce(&mut Settings)) -> Gateway {
    let gateway = Gateway::start_with(Role::Http, &link.address(), change).await;
    for _ in 0..8 {
        is_answered(&gateway).await;
    }
    gateway
}

/// Waits until a ping is started.
async fn is_answered(gateway: &Gateway) {
    eventually(async || {
        let pinged = ping(gateway, &unique("k"), "wait=0").await;
        if pinged.status == 202 { Ok(()) } else { Err(pinged.text()) }
    })
    .await;
}

async fn ping(gateway: &Gateway, key: &str, prefer: &str) -> Answer {
    let headers = [("idempotency-key", key), ("prefer", prefer)];
    gateway.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await
}

/// Hands in an invoice, and is answered in time: without a wait, whatever is preferred. Answers its
/// id.
async fn submit(gateway: &Gateway, prefer: &str) -> String {
    let begun = Instant::now();
    let answer = hand_in(gateway, prefer).await;
    let took = begun.elapsed();
    assert!(took <= SUBMISSION, "a submission took {took:?}");
    let waited = answer.header("preference-applied").is_some_and(|applied| applied != "wait=0");
    assert!(!waited, "{answer:?}");
    answer.json()["id"].as_str().expect("an id").to_owned()
}

async fn hand_in(gateway: &Gateway, prefer: &str) -> Answer {
    let document = samples::invoice(&unique("RE"), "PO-1", HUNDRED);
    let headers = [("content-type", "application/xml"), ("prefer", prefer)];
    let answer = gateway.send(Method::POST, "/invoices", &headers, document.into()).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer
}

/// Everything that asks Temporal, at once; answers what each came to and how long it took.
async fn everything(gateway: &Gateway, invoice: &str) -> Vec<(String, Answer, Duration)> {
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}});
    let statement = camt053(&unique("S"), "2026-11-27", 0, &[paid("B1", 100, "RE-1")]);
    let reason = json!({"reason": "test"}).to_string();
    let run = format!("/workflows/ap-invoice-{invoice}");
    let asked = [
        ("POST", "/workflows/ping".to_owned(), "", String::new()),
        ("POST", "/reconciliations".to_owned(), "application/json", case.to_string()),
        ("POST", "/bank-statements".to_owned(), "application/xml", statement),
        ("POST", format!("/invoices/{invoice}/cancel"), "application/json", reason.clone()),
        ("POST", format!("{run}/cancel"), "application/json", reason.clone()),
        ("POST", format!("{run}/terminate"), "application/json", reason),
        ("GET", "/workflows".to_owned(), "", String::new()),
        ("GET", format!("{run}/result"), "", String::new()),
        ("GET", format!("{run}/history"), "", String::new()),
        ("GET", run, "", String::new()),
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

/// Tasks of this runtime, in which the gateway is, and connections that lead to Temporal.
fn piled(link: &Link) -> (usize, usize) {
    (Handle::current().metrics().num_alive_tasks(), link.open())
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_06_whatever_temporal_swallows_ends_in_time_and_nothing_piles_up() {
    let link = Link::to(temporal_address()).await;
    let gateway = connected(&link, |_| {}).await;
    let invoice = submit(&gateway, "wait=0").await;
    let (tasks, connections) = piled(&link);
    link.becomes(Line::Hole);
    for times in ROUNDS {
        submit(&gateway, "wait=0").await;
        let answers = join_all((0..times).map(|_| everything(&gateway, &invoice))).await;
        for (name, answer, took) in answers.into_iter().flatten() {
            assert!(took <= DEADLINE + GRACE, "{name} took {took:?}: {}", answer.text());
            let late = match answer.problem().as_str() {
                "upstream-timeout" | "upstream-unavailable" => true,
                // Lists take turns: who would wait too long for his is told so.
                "overloaded" => name == "GET /workflows",
                _ => false,
            };
            assert!(late, "{name}: {}", answer.text());
            let outcome = if name.starts_with("GET") { "not_done" } else { "unknown" };
            assert_eq!(answer.json()["outcome"], outcome, "{name}: {}", answer.text());
            assert!(answer.header("retry-after").is_some(), "{name}");
        }
    }
    // The callers' own connections end when they have been idle for ten seconds.
    eventually(async || {
        let (tasks_now, connections_now) = piled(&link);
        let are_few = tasks_now <= tasks + BESIDES && connections_now <= connections + BESIDES;
        let more = format!(
            "{tasks_now} tasks after {tasks}, {connections_now} connections after {connections}"
        );
        if are_few { Ok(()) } else { Err(more) }
    })
    .await;
    link.becomes(Line::Clear);
    is_answered(&gateway).await;
}

/// The most that wait at one moment, until the others are answered.
async fn most_waiters(gateway: &Gateway, answered: &AtomicBool) -> usize {
    let most = AtomicUsize::new(0);
    // Five times a second: a look costs those who are timed meanwhile.
    seldom(PATIENCE, "all are answered", async || {
        most.fetch_max(waiters(gateway).await, Relaxed);
        answered.load(Relaxed).then_some(())
    })
    .await;
    most.into_inner()
}

async fn waiters(gateway: &Gateway) -> usize {
    gauge(&gateway.client, &gateway.base, "ap_gateway_waiters").await
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_07_a_slow_temporal_slows_no_submission_and_nobody_waits_beyond_the_deadline() {
    let link = Link::to(temporal_address()).await;
    let gateway = connected(&link, |settings| settings.http.waiters_max = PLACES).await;
    link.becomes(Line::Late(Duration::from_secs(5)));
    let answered = AtomicBool::new(false);
    let pings = async {
        let asked = (0..CALLERS).map(async |_| {
            let begun = Instant::now();
            let answer = ping(&gateway, &unique("k"), "wait=3").await;
            (answer, begun.elapsed())
        });
        let pings = join_all(asked).await;
        answered.store(true, Relaxed);
        pings
    };
    let submissions = async {
        within(PATIENCE, "no place is free", async || {
            (waiters(&gateway).await == PLACES).then_some(())
        })
        .await;
        // Whoever comes now would like to wait, and is answered without. Both rounds are over
        // before the pings give up what they wait for.
        for _ in 0..2 {
            join_all((0..5).map(|_| submit(&gateway, "wait=30"))).await;
        }
    };
    let most = most_waiters(&gateway, &answered);
    let (pings, (), most) = tokio::join!(pings, submissions, most);
    assert_eq!(most, PLACES, "as many wait as there are places");
    for (answer, took) in pings {
        // Its wait is no part of the deadline.
        let bound = DEADLINE + Duration::from_secs(3) + GRACE;
        assert!(took <= bound, "{took:?}: {}", answer.text());
        let known = [202, 503, 504].contains(&answer.status.as_u16());
        assert!(known, "{}", answer.text());
    }
    // The places are free again.
    let waited = hand_in(&gateway, "wait=1").await;
    assert_eq!(waited.header("preference-applied"), Some("wait=1"));
}

//! Temporal goes away under load and comes back, or comes late: invoices are accepted as ever, and
//! what needs Temporal says so.

use std::future::ready;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use ap_gateway::app::Role;
use futures::{StreamExt, stream};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::durability::counted::{self, assert_runs};
use crate::durability::{ONE, are_accepted, assert_all_settled, free_port, post_order};
use crate::harness::{self, Answer, Gateway, eventually, unique, within};
use crate::samples;

/// So many hand in one invoice after the other: at any moment that many are on their way.
const AT_ONCE: usize = 10;

/// Invoices before Temporal stops, and at least so many while it is away.
const BEFORE: usize = 100;
const MEANWHILE: usize = 100;

/// Pieces of an order that nobody uses up.
const PLENTY: usize = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_04_temporal_restarts_under_load_and_each_invoice_is_accepted_and_done() {
    let folder = harness::fresh_folder("temporal-away");
    let server = harness::start_temporal(folder.clone()).await;
    let (address, port) = (server.address(), server.port());
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    let order = unique("PO");
    post_order(&gateway.client, &gateway.base, &order, PLENTY).await;
    let held = held(&gateway).await;

    let (accepted, end) = (AtomicUsize::new(0), CancellationToken::new());
    let posting = post_until_the_end(&gateway, &order, &accepted, &end);
    let restarting = async {
        are_accepted(&accepted, BEFORE).await;
        server.stop().await.expect("the server ends");
        let so_far = accepted.load(Relaxed);
        let ready = gateway.get("/readyz?exclude=temporal&exclude=worker").await;
        assert_eq!(ready.status, StatusCode::OK, "submissions flow: {}", ready.text());
        refused_with_a_time(&gateway, &held).await;
        are_accepted(&accepted, so_far + MEANWHILE).await;
        let server = harness::start_temporal_on(folder, Some(port)).await;
        end.cancel();
        let meanwhile = accepted.load(Relaxed) - so_far;
        println!("accepted {so_far} invoices, then {meanwhile} without Temporal");
        server
    };
    let (ids, server) = tokio::join!(posting, restarting);
    within(Duration::from_secs(10), "it is well again", async || {
        let headers = [("prefer", "wait=1")];
        let pinged = gateway.send(Method::POST, "/workflows/ping", &headers, Vec::new()).await;
        (pinged.status == StatusCode::OK).then_some(())
    })
    .await;
    assert_all_settled(&gateway.client, &gateway.base, &ids, &[held.as_str()]).await;
    let at_temporal = counted::client(&address).await;
    assert_runs(&at_temporal, &gateway.task_queue, "InvoiceWorkflow", ids.len() + 1).await;
    // Who comes again, as he was told, is not refused for ever.
    eventually(async || match reject(&gateway, &held).await {
        answer if answer.status.is_success() => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    gateway.invoice_when(&held, |invoice| invoice["status"] == "rejected").await;
    gateway.stop().await;
    server.stop().await.expect("the server ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_05_a_gateway_starts_without_temporal_and_catches_up_when_it_comes() {
    let folder = harness::fresh_folder("temporal-late");
    let port = free_port();
    let address = format!("http://127.0.0.1:{port}");
    let gateway = Gateway::start_with(Role::All, &address, |_| {}).await;
    assert_eq!(gateway.get("/livez").await.status, StatusCode::OK);
    assert_eq!(gateway.get("/readyz").await.status, StatusCode::SERVICE_UNAVAILABLE);
    let without = "/readyz?exclude=temporal&exclude=worker";
    eventually(async || match gateway.get(without).await {
        answer if answer.status == StatusCode::OK => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    let order = unique("PO");
    post_order(&gateway.client, &gateway.base, &order, PLENTY).await;
    let xml = samples::invoice("RE-1", &order, ONE).into_bytes();
    let headers = [("content-type", "application/xml")];
    let answer = gateway.send(Method::POST, "/invoices", &headers, xml).await;
    let id = id(&answer.expect(StatusCode::ACCEPTED));

    let server = harness::start_temporal_on(folder, Some(port)).await;
    gateway.invoice_when(&id, |invoice| invoice["status"] == "approved").await;
    eventually(async || match gateway.get("/readyz").await {
        answer if answer.status == StatusCode::OK => Ok(()),
        answer => Err(answer.text()),
    })
    .await;
    gateway.stop().await;
    server.stop().await.expect("the server ends");
}

/// Hands in `RE-0` and so on until it is told to end. Each is sent once, and must be accepted.
/// Answers the ids in order.
async fn post_until_the_end(
    gateway: &Gateway,
    order: &str,
    accepted: &AtomicUsize,
    end: &CancellationToken,
) -> Vec<String> {
    let numbers = stream::iter(0_usize..).take_while(|_| ready(!end.is_cancelled()));
    let posts = numbers.map(|number| async move {
        let xml = samples::invoice(&format!("RE-{number}"), order, ONE).into_bytes();
        let headers = [("content-type", "application/xml")];
        let answer = gateway.send(Method::POST, "/invoices", &headers, xml).await;
        let id = id(&answer.expect(StatusCode::ACCEPTED));
        accepted.fetch_add(1, Relaxed);
        id
    });
    posts.buffered(AT_ONCE).collect().await
}

/// An invoice that a person must decide about: nobody knows its order. Answers its id.
async fn held(gateway: &Gateway) -> String {
    let answer = gateway.submit(&samples::invoice("RE-held", &unique("PO"), ONE)).await;
    let id = id(&answer);
    gateway.invoice_when(&id, |invoice| invoice["status"] == "held").await;
    id
}

/// Decides about it; each time under the same key.
async fn reject(gateway: &Gateway, invoice: &str) -> Answer {
    let decision = json!({"action": "reject", "reason": "not ours"});
    post(gateway, &format!("/invoices/{invoice}/decision"), &decision).await
}

/// What needs Temporal says so, and when to come again: also a decision that nothing else stands in
/// the way of.
async fn refused_with_a_time(gateway: &Gateway, held: &str) {
    let case = json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}});
    let answers = [
        ("a reconciliation", post(gateway, "/reconciliations", &case).await),
        ("a ping", post(gateway, "/workflows/ping", &json!({})).await),
        ("a decision", reject(gateway, held).await),
    ];
    for (name, answer) in answers {
        assert!([503, 504].contains(&answer.status.as_u16()), "{name}: {}", answer.text());
        assert!(answer.header("retry-after").is_some(), "{name}");
    }
}

async fn post(gateway: &Gateway, target: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
    gateway.send(Method::POST, target, &headers, body.to_string().into()).await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

//! 2 and 3: kill -9 while clients wait, and while a step runs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::durability::{Process, free_port};
use crate::harness::{PATIENCE, eventually, send, temporal_address, try_send, unique, within};
use crate::http_webhooks::{Act, Got, Receiver};
use crate::samples::{self, HUNDRED};

/// How many wait.
const WAITING: usize = 50;

/// Three invoices are received, and two of them approved.
const MESSAGES: usize = 5;

fn client() -> Client {
    Client::builder().timeout(PATIENCE).build().expect("a client")
}

async fn post_json(client: &Client, url: String, key: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    let answer = send(client, Method::POST, &url, &headers, body.to_string().into()).await;
    assert!(answer.status.is_success(), "{url}: {}", answer.text());
    answer.json()
}

/// The gauge of this name.
pub(super) async fn gauge(client: &Client, base: &str, name: &str) -> usize {
    let url = format!("{base}/metrics");
    let text = send(client, Method::GET, &url, &[], Vec::new()).await.text();
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.expect("a gauge").parse().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_02_who_waited_when_it_was_killed_repeats_and_gets_the_same() {
    let folder = TempDir::new().expect("a folder");
    let (queue, port, client) = (unique("kill"), free_port(), client());
    // Nobody works on what comes, so all of them wait.
    let process = Process::start_as("http", folder.path(), temporal_address(), &queue, port).await;
    process.live(&client).await;
    let order = unique("PO");
    let url = format!("{}/invoices", process.base);
    let post = async |number: usize, wait: &str| {
        let document = samples::invoice(&format!("RE-{number}"), &order, HUNDRED).into_bytes();
        let key = format!("k{number}");
        let kind = ("content-type", "application/xml");
        let headers = [kind, ("idempotency-key", key.as_str()), ("prefer", wait)];
        try_send(&client, Method::POST, &url, &headers, document).await
    };
    let waiting = join_all((0..WAITING).map(|number| post(number, "wait=30")));
    let killing = async {
        let base = process.base.clone();
        within(PATIENCE, "all wait", async || {
            (gauge(&client, &base, "ap_gateway_waiters").await == WAITING).then_some(())
        })
        .await;
        process.kill().await;
    };
    let (answers, ()) = tokio::join!(waiting, killing);
    for answer in answers {
        let told = answer.as_ref().ok().map(|answer| answer.status.as_u16());
        assert!(told.is_none_or(|status| status >= 500), "a reset or 5xx, not {told:?}");
    }
    let process = Process::start_as("all", folder.path(), temporal_address(), &queue, port).await;
    process.live(&client).await;
    let mut ids = BTreeSet::new();
    for number in 0..WAITING {
        let attached = post(number, "wait=30").await.expect("an answer");
        let again = post(number, "wait=30").await.expect("an answer");
        assert_eq!(attached.header("idempotency-replayed"), Some("true"), "{}", attached.text());
        assert_eq!((attached.status.as_u16(), again.status.as_u16()), (200, 200));
        assert_eq!(attached.json(), again.json(), "equal results");
        ids.insert(attached.json()["id"].as_str().expect("an id").to_owned());
    }
    assert_eq!(ids.len(), WAITING);
    process.kill().await;
}

/// The step is known to run: it delivers a message, and the receiver has it and does not answer.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_03_killed_during_a_step_the_invoice_finishes_and_each_effect_is_there_once() {
    let folder = TempDir::new().expect("a folder");
    let (queue, port, client) = (unique("kill"), free_port(), client());
    let receiver = Receiver::start([Act::Hang]).await;
    let start = async || {
        let process = Process::start(folder.path(), temporal_address(), &queue, port).await;
        process.live(&client).await;
        process
    };
    let process = start().await;
    let base = process.base.clone();
    let events = ["invoice.received", "invoice.approved"];
    let hook = json!({"url": receiver.url, "events": events});
    let hook = post_json(&client, format!("{base}/webhooks"), "k", &hook).await;
    // Enough for two invoices.
    let number = unique("PO");
    let mut order = samples::order(&number);
    order["lines"][0]["quantity"] = json!("200");
    post_json(&client, format!("{base}/purchase-orders"), "o", &order).await;
    let receipt = samples::receipt(&unique("GR"), &number, "200");
    post_json(&client, format!("{base}/receipts"), "r", &receipt).await;
    let submit = async || {
        let document = samples::invoice(&unique("RE"), &number, HUNDRED).into_bytes();
        let headers = [("content-type", "application/xml")];
        let url = format!("{base}/invoices");
        let answer = send(&client, Method::POST, &url, &headers, document).await;
        format!("{base}{}", answer.header("location").expect("a place"))
    };
    let comes_to = async |location: &str, wanted: &str| {
        eventually(async || {
            let seen = try_send(&client, Method::GET, location, &[], Vec::new()).await;
            let seen = seen.map_err(|error| error.to_string())?.json();
            if seen["status"] == wanted { Ok(seen) } else { Err(seen.to_string()) }
        })
        .await
    };
    let invoice = submit().await;
    within(PATIENCE, "a message is under way", async || (!receiver.got().is_empty()).then_some(()))
        .await;
    process.kill().await;
    let process = start().await;
    let approved = comes_to(&invoice, "approved").await;
    // It took its pieces once: they are enough for a second one, and for no third.
    comes_to(&submit().await, "approved").await;
    comes_to(&submit().await, "held").await;
    let deliveries =
        format!("{base}{}/deliveries", hook["links"]["self"].as_str().expect("a link"));
    // Temporal gives up the step that was cut off after 90 s, and its workflow goes on.
    within(Duration::from_secs(180), "all messages are delivered", async || {
        let list = send(&client, Method::GET, &deliveries, &[], Vec::new()).await.json();
        let items = list["items"].as_array().cloned().unwrap_or_default();
        let done = items.len() == MESSAGES && items.iter().all(|one| one["state"] == "delivered");
        done.then_some(())
    })
    .await;
    let got = receiver.got();
    let once = [("invoice.approved".to_owned(), 1), ("invoice.received".to_owned(), 1)];
    assert_eq!(messages_about(&approved, &got), once);
    assert!(got.len() > MESSAGES, "the message that was cut off came again");
    process.kill().await;
}

/// Kinds of messages about an invoice, each with how many there were: one that is sent again has
/// the id that it had.
fn messages_about(invoice: &Value, got: &[Got]) -> Vec<(String, usize)> {
    let mut ids: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in got.iter().filter(|one| one.json()["data"]["id"] == invoice["id"]) {
        let kind = message.json()["type"].as_str().expect("a type").to_owned();
        ids.entry(kind).or_default().insert(message.id().to_owned());
    }
    ids.into_iter().map(|(kind, ids)| (kind, ids.len())).collect()
}

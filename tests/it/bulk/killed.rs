//! The whole gateway, killed while it retries two hundred invoices.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::batch_workflow::archives::archive;
use crate::durability::{Process, free_port, look_some_times};
use crate::harness::{self, eventually, send, unique};

/// Two chunks, each of which a kill may find half done.
const INVOICES: usize = 200;

/// Revisions of all invoices, once all of them rest.
async fn rested(client: &Client, base: &str) -> BTreeMap<String, i64> {
    let url = format!("{base}/invoices?page_size=200&status=needs_attention");
    eventually(async || {
        let page = send(client, Method::GET, &url, &[], Vec::new()).await.json();
        let items = page["items"].as_array().expect("items");
        let revision = |item: &Value| {
            let id = item["id"].as_str().expect("an id").to_owned();
            (id, item["revision"].as_i64().expect("a revision"))
        };
        let found: BTreeMap<_, _> = items.iter().map(revision).collect();
        if found.len() == INVOICES { Ok(found) } else { Err(format!("{} rest", found.len())) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_two_hundred_are_retried_each_is_retried_once() {
    let folder = TempDir::new().expect("a folder");
    let (temporal, queue, port) = (harness::temporal_address(), unique("bulk"), free_port());
    let client = Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    // Nobody can read them, today or on a retry.
    let documents: Vec<_> =
        (0..INVOICES).map(|n| (format!("{n}.xml"), format!("<Invoice n=\"{n}\">"))).collect();
    let entries: Vec<_> =
        documents.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())).collect();
    let mut process = Process::start(folder.path(), temporal, &queue, port).await;
    process.live(&client).await;
    let base = process.base.clone();
    let post = async |path: &str, kind: &str, body: Vec<u8>| {
        let headers = [("content-type", kind), ("idempotency-key", path)];
        send(&client, Method::POST, &format!("{base}{path}"), &headers, body).await
    };
    let handed_in = post("/batches", "application/zip", archive(&entries)).await;
    assert_eq!(handed_in.status.as_u16(), 202, "{}", handed_in.text());
    let before = rested(&client, &base).await;
    let mut wish = json!({"filter": {"code": ["UNREADABLE_DOCUMENT"]}, "reason": "a test"});
    let json = "application/json";
    let outlook = post("/invoices/retry", json, wish.to_string().into()).await.json();
    let listed = outlook["items"].as_array().expect("items");
    assert_eq!(listed.len(), INVOICES);
    assert!(listed.iter().all(|item| item["becomes"] == "extracting"), "{outlook}");
    wish["dry_run"] = json!(false);
    let promised = post("/invoices/retry", json, wish.to_string().into()).await;
    assert_eq!(promised.status.as_u16(), 202, "{}", promised.text());
    let batch = promised.json()["links"]["self"].as_str().expect("a link").to_owned();
    let url = format!("{base}{batch}");
    // How often is drawn: a kill may fall anywhere.
    for _ in 0..3 {
        look_some_times(&client, &url).await;
        process.kill().await;
        process = Process::start(folder.path(), temporal, &queue, port).await;
        process.live(&client).await;
    }
    let seen = eventually(async || {
        let seen = send(&client, Method::GET, &url, &[], Vec::new()).await.json();
        if seen["finished_at"].is_string() { Ok(seen) } else { Err(seen.to_string()) }
    })
    .await;
    assert_eq!(seen["counts"], json!({"needs_attention": INVOICES}), "all were decided about");
    let after = rested(&client, &base).await;
    // The retry, the step back, the step to the person: three events for each, and no fourth.
    let grown: Vec<i64> = before.iter().map(|(id, revision)| after[id] - revision).collect();
    assert_eq!(grown, vec![3; INVOICES]);
    process.kill().await;
}

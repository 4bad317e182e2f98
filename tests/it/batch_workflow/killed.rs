//! The whole gateway, killed while it takes an archive up.

use std::collections::BTreeSet;
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::Value;
use tempfile::TempDir;

use crate::batch_workflow::archives::archive;
use crate::durability::{Process, free_port, look_some_times};
use crate::harness::{self, eventually, send, unique};
use crate::samples::{self, HUNDRED};

/// Five chunks, so that a kill finds some taken, some under way and some not begun.
const INVOICES: usize = 450;

#[tokio::test(flavor = "multi_thread")]
async fn killed_five_times_while_an_archive_is_taken_up_it_has_each_document_once() {
    let folder = TempDir::new().expect("a folder");
    let (temporal, queue, port) = (harness::temporal_address(), unique("batch"), free_port());
    let client = Client::builder().timeout(Duration::from_secs(20)).build().expect("a client");
    let documents: Vec<_> = (0..INVOICES)
        .map(|n| (format!("{n}.xml"), samples::invoice(&format!("RE-{n}"), "PO-1", HUNDRED)))
        .collect();
    let entries: Vec<_> =
        documents.iter().map(|(name, xml)| (name.as_str(), xml.as_bytes())).collect();
    let mut process = Process::start(folder.path(), temporal, &queue, port).await;
    process.live(&client).await;
    let headers = [("content-type", "application/zip"), ("idempotency-key", "november")];
    let url = format!("{}/batches", process.base);
    let answer = send(&client, Method::POST, &url, &headers, archive(&entries)).await;
    assert_eq!(answer.status.as_u16(), 202, "{}", answer.text());
    let batch = answer.json()["links"]["self"].as_str().expect("a link").to_owned();
    let url = format!("{}{batch}", process.base);
    // How often is drawn: a kill may fall anywhere.
    for _ in 0..5 {
        look_some_times(&client, &url).await;
        process.kill().await;
        process = Process::start(folder.path(), temporal, &queue, port).await;
        process.live(&client).await;
    }
    let get = async |url: &str| send(&client, Method::GET, url, &[], Vec::new()).await.json();
    let seen = eventually(async || match get(&url).await {
        seen if seen["status"] == "accepted" => Ok(seen),
        other => Err(other.to_string()),
    })
    .await;
    assert_eq!(seen["items_total"], INVOICES, "{seen}");
    let mut ids = BTreeSet::new();
    let mut next = "/invoices?page_size=200".to_owned();
    loop {
        let page = get(&format!("{}{next}", process.base)).await;
        let items = page["items"].as_array().expect("items");
        ids.extend(items.iter().map(|item| item["document"]["sha256"].to_string()));
        let Some(token) = page["next_page_token"].as_str() else { break };
        next = format!("/invoices?page_size=200&page_token={token}");
    }
    assert_eq!(ids.len(), INVOICES, "each document is there");
    let counts: i64 =
        seen["counts"].as_object().expect("counts").values().filter_map(Value::as_i64).sum();
    assert_eq!(counts, INVOICES as i64, "and none twice: {seen}");
    process.kill().await;
}

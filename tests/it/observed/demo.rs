//! `dev --demo`: the first page is there before the company is, and the company has everything.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::harness::within;
use crate::observed::process::Process;

/// Sixty documents, some of them read by processes of their own, on a loaded machine.
const LONG: Duration = Duration::from_secs(300);

async fn items(process: &Process, path: &str) -> Vec<Value> {
    let list = process.get(path).await.json();
    list["items"].as_array().unwrap_or_else(|| panic!("{path}: {list}")).clone()
}

fn said(process: &Process, message: &str) -> bool {
    let log = process.log();
    let in_part = log.iter().find(|line| line["message"] == "the demo is loaded in part");
    assert!(in_part.is_none(), "{in_part:?}");
    log.iter().any(|line| line["message"] == message)
}

pub(super) async fn await_company(process: &Process) {
    within(LONG, "the company is loaded", async || {
        said(process, "the demo company is loaded").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_is_loaded_behind_the_first_page_and_only_once() {
    let began = Instant::now();
    let process = Process::demo(TempDir::new().expect("a folder"), &[]).await;
    let page = process.get("/dashboard").await;
    let first_page = began.elapsed();
    assert_eq!(page.status.as_u16(), 200);
    assert!(!said(&process, "the demo company is loaded"), "not before it could be loaded");
    await_company(&process).await;
    // Seen with `cargo test -- --nocapture`; what a release build takes stands in the README.
    eprintln!("first page after {first_page:?}, all of it after {:?}", began.elapsed());

    let mut states: BTreeMap<String, usize> = BTreeMap::new();
    let count = |states: &BTreeMap<String, usize>| states.values().sum::<usize>();
    within(LONG, "the statement has paid", async || {
        states.clear();
        for row in items(&process, "/invoices?page_size=200").await {
            *states.entry(row["status"].as_str().expect("a state").to_owned()).or_default() += 1;
        }
        (states.contains_key("paid") && states.contains_key("part_paid")).then_some(())
    })
    .await;
    assert_eq!(count(&states), 60);
    let wanted = [
        "approval",
        "approved",
        "cancelled",
        "duplicate",
        "held",
        "needs_attention",
        "paid",
        "part_paid",
        "query",
        "rejected",
        "review",
        "scheduled",
        "superseded",
    ];
    let missing: Vec<_> = wanted.iter().filter(|state| !states.contains_key(**state)).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in {states:?}");
    assert!(states["needs_attention"] < 12 && states["approved"] > 5, "{states:?}");
    for (path, number) in [
        ("/suppliers?page_size=200", 8),
        ("/purchase-orders?page_size=200", 40),
        ("/receipts?page_size=200", 37),
        ("/payment-files", 1),
        ("/bank-statements", 1),
    ] {
        assert_eq!(items(&process, path).await.len(), number, "{path}");
    }
    for page in ["invoices", "attention", "purchase-orders", "receipts", "suppliers"] {
        let page = process.get(&format!("/dashboard/{page}")).await;
        assert!(page.status == 200 && page.text().contains("<tbody>"), "{}", page.text());
    }

    // What is for a try-out is not warned of what it is.
    let warnings = ["SQLite file", "ended runs are kept"];
    let log = process.log();
    let texts = log.iter().filter_map(|line| line["message"].as_str());
    let warned: Vec<_> =
        texts.filter(|text| warnings.iter().any(|words| text.contains(words))).collect();
    assert_eq!(warned, [""; 0]);

    let folder = process.stop().await;
    let again = Process::demo(folder, &[]).await;
    within(LONG, "it sees that it is there", async || {
        said(&again, "the data folder has invoices already: no demo is loaded").then_some(())
    })
    .await;
    assert_eq!(items(&again, "/invoices?page_size=200").await.len(), 60);
    again.stop().await;
}

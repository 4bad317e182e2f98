//! What SQLite makes of each statement that the gateway sends while a company is loaded and looked
//! at: what takes longer with every invoice that was ever kept stands in a table here, with a reason.

use std::collections::BTreeSet;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tempfile::TempDir;
use url::form_urlencoded;

use crate::observed::demo::await_company;
use crate::observed::process::Process;

/// Statements that may go through a table, or through all invoices of a state: words of theirs,
/// and why.
const MAY: &[(&str, &str)] = &[
    ("FROM sqlite_master", "tables are few; asked once, when the ledger is opened"),
    ("FROM _sqlx_migrations", "the same"),
    ("FROM webhook ", "receivers are few"),
    ("FROM api_key", "keys are few"),
    ("o.name_key LIKE", "suppliers are few"),
    ("FROM supplier LIMIT 1", "stops at the first row"),
    ("FROM batch WHERE", "an index of the batches that are not done"),
    ("AND wake > 0", "an index of the invoices that are to be woken"),
    ("attention IS NOT NULL", "an index of the invoices that need attention"),
    ("FROM payment_pair", "one row for each account that pays or is paid"),
    ("json_group_array(json_array(invoice_id, date, number))", "what limits found is gathered"),
    ("WHERE 1 = 1 ORDER BY", "a page stops at its limit"),
    ("status = $1 AND received_at <", "received and not started: for seconds"),
    ("SELECT id, received_at FROM invoice WHERE 1 = 1 AND status = $1", "the same"),
    ("SUM(total_minor)", "what is held"),
    ("i.status IN", "what is to be paid: what is paid is over"),
    ("status IN ( $1", "a page of a state; people look at those that they work on"),
    ("GROUP BY status", "counts, of an index alone"),
    ("AND received_at", "walks back from the newest until the page is full"),
    ("AND updated_at < $1 ORDER BY id DESC", "the same"),
    ("AND due_date", "the same"),
    ("holds <> '[]' AND EXISTS", "an index of the invoices that have a hold"),
    ("o.state = 'open'", "an index of the orders that are open"),
];

async fn asked_for(process: &Process, path: &str) {
    let answer = process.get(path).await;
    assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text());
}

/// Each list, whole and by each of its filters; each page of the dashboard that needs no id.
async fn ask_for_all(process: &Process) {
    let document = process.get("/openapi.json").await.json();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let id = item["get"]["operationId"].as_str().unwrap_or_default();
        // Of Temporal, not of the ledger.
        if !id.starts_with("list_") || path.contains('{') || path == "/workflows" {
            continue;
        }
        asked_for(process, path).await;
        for parameter in item["get"]["parameters"].as_array().into_iter().flatten() {
            let (Some(name), example) = (parameter["name"].as_str(), &parameter["example"]) else {
                continue;
            };
            let example = example.as_str().map_or_else(|| example.to_string(), str::to_owned);
            if parameter["in"] == "query" && name != "page_token" && example != "null" {
                let mut query = form_urlencoded::Serializer::new(String::new());
                let mut query = query.append_pair(name, &example);
                if name.starts_with("amount_") {
                    // An amount is compared within one currency.
                    query = query.append_pair("currency", "EUR");
                }
                let query = query.finish();
                asked_for(process, &format!("{path}?{query}")).await;
            }
        }
    }
    for page in ["", "/attention", "/invoices", "/purchase-orders", "/receipts", "/suppliers"] {
        asked_for(process, &format!("/dashboard{page}")).await;
    }
    for page in ["bank-statements", "bank-entries", "payment-files", "batches", "webhooks"] {
        asked_for(process, &format!("/dashboard/{page}")).await;
    }
}

fn statements(log: &[Value]) -> BTreeSet<String> {
    let of_ledger = log.iter().filter(|line| line["target"] == "sqlx::query");
    let texts = of_ledger.map(|line| {
        let whole = line["db.statement"].as_str().filter(|text| !text.is_empty());
        whole.or(line["summary"].as_str()).unwrap_or_default()
    });
    let texts = texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let kinds = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
    texts.filter(|text| kinds.iter().any(|kind| text.starts_with(kind))).collect()
}

/// What of a plan takes longer with every invoice.
async fn growing(database: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let rows = sqlx::raw_sql(explained).fetch_all(database).await;
    let rows = rows.unwrap_or_else(|error| panic!("{error}: {statement}"));
    let steps = rows.iter().map(|row| row.get::<String, _>("detail"));
    let grows = |step: &String| {
        step.starts_with("SCAN") && step != "SCAN CONSTANT ROW"
            || step.contains("invoice_by_status")
    };
    steps.filter(grows).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_takes_longer_with_every_invoice_that_was_ever_kept() {
    let folder = TempDir::new().expect("a folder");
    let process = Process::demo(folder, &[("AP_GATEWAY_LOG", "info,sqlx::query=debug")]).await;
    await_company(&process).await;
    ask_for_all(&process).await;
    let statements = statements(&process.log());
    assert!(statements.len() > 100, "{} statements", statements.len());
    let folder = process.stop().await;
    let file = folder.path().join("data/ledger.db");
    let url = format!("sqlite:{}", file.display());
    let mut database = SqliteConnection::connect(&url).await.expect("the ledger");
    let mut bad = Vec::new();
    for statement in &statements {
        let steps = growing(&mut database, statement).await;
        if !steps.is_empty() && !MAY.iter().any(|(words, _)| statement.contains(words)) {
            bad.push(format!("{statement}\n    {steps:?}"));
        }
    }
    assert!(bad.is_empty(), "{} statements:\n{}", bad.len(), bad.join("\n"));
    let idle: Vec<_> = MAY
        .iter()
        .filter(|(words, _)| !statements.iter().any(|text| text.contains(words)))
        .collect();
    assert!(idle.is_empty(), "no statement is meant by {idle:?}");
}

//! A gateway from a backup, beside a Temporal that knows nothing of it, or too much.

use std::path::Path;

use ap_gateway::config;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus::Extracting;
use ap_gateway::storage::Ledger;
use ap_gateway::storage::ledger::invoices::Acceptance;
use reqwest::{Client, Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::backup::{artifacts, script, well};
use crate::commands::{err, out, run};
use crate::durability::{Process, free_port};
use crate::harness::{self, eventually, send, unique};
use crate::ledger::{new_invoice, now};
use crate::samples::{self, HUNDRED};

fn ledger_url(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("ledger.db").display())
}

async fn post(client: &Client, url: &str, kind: &str, body: String) -> Value {
    let headers = [("content-type", kind), ("prefer", "wait=30")];
    let answer = send(client, Method::POST, url, &headers, body.into()).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    answer.json()
}

async fn comes_to(client: &Client, base: &str, id: &str, status: &str) {
    let url = format!("{base}/invoices/{id}");
    eventually(async || {
        let answer = send(client, Method::GET, &url, &[], Vec::new()).await;
        let invoice = answer.expect(StatusCode::OK).json();
        if invoice["status"] == status { Ok(()) } else { Err(invoice.to_string()) }
    })
    .await;
}

/// An invoice that the backup caught in the middle of a step.
async fn caught_in_a_step(folder: &Path, document: &str) -> InvoiceId {
    let url = SecretString::from(ledger_url(folder));
    let settings = config::Ledger { url, ..config::Ledger::default() };
    let ledger = Ledger::open(&settings).await.expect("the restored ledger opens");
    let documents = artifacts(&folder.join("artifacts")).await;
    documents.put(document.to_owned()).await.expect("kept");
    let Ok(Acceptance::New(row)) = ledger.accept_invoice(new_invoice(document)).await else {
        panic!("a new invoice");
    };
    assert_eq!(ledger.enter(&row.id, Extracting, now()).await.expect("entered"), Extracting);
    row.id
}

async fn reconcile_state(temporal: &str, queue: &str, folder: &Path, repair: bool) -> Value {
    let (ledger, documents) = (ledger_url(folder), folder.join("artifacts").display().to_string());
    let environment = [
        ("TEMPORAL_ADDRESS", temporal),
        ("AP_GATEWAY_TASK_QUEUE", queue),
        ("AP_GATEWAY_LEDGER_URL", ledger.as_str()),
        ("AP_GATEWAY_ARTIFACTS", documents.as_str()),
    ];
    let arguments = ["reconcile-state", "--json", "--repair"];
    let ran = run(&arguments[..if repair { 3 } else { 2 }], &environment).await;
    assert!(!repair || ran.status.success(), "{}{}", out(&ran), err(&ran));
    serde_json::from_str(&out(&ran)).unwrap_or_else(|_| json!(err(&ran)))
}

/// The command of the manual, on the queue of this test alone; its work is done in the background.
async fn terminate_all(temporal: &str, queue: &str) {
    let query = format!(
        "WorkflowType='InvoiceWorkflow' AND ExecutionStatus='Running' AND TaskQueue='{queue}'"
    );
    let mut command = Command::new(harness::temporal_cli().await);
    command.args(["workflow", "terminate", "--yes", "--reason", "ledger restored"]);
    command.args(["--query", &query, "--address", temporal.trim_start_matches("http://")]);
    command.output().await.expect("the Temporal CLI runs");
}

/// A gateway's stores with one invoice approved and one held, copied while it runs, and put into
/// another folder with a third one that is being read. The ids, and the order that the second one
/// waits for.
async fn restored(new: &Path, queue: &str) -> (Vec<String>, String) {
    let (old, client, port) = (TempDir::new().expect("a folder"), Client::new(), free_port());
    let gateway = Process::start(old.path(), harness::temporal_address(), queue, port).await;
    gateway.live(&client).await;
    let (here, missing) = (unique("PO"), unique("PO"));
    let orders = format!("{}/purchase-orders", gateway.base);
    post(&client, &orders, "application/json", samples::order(&here).to_string()).await;
    let mut ids = Vec::new();
    for (number, order, status) in [("RE-1", &here, "approved"), ("RE-2", &missing, "held")] {
        let (url, xml) =
            (format!("{}/invoices", gateway.base), samples::invoice(number, order, HUNDRED));
        let made = post(&client, &url, "application/xml", xml).await;
        let id = made["id"].as_str().expect("an id").to_owned();
        comes_to(&client, &gateway.base, &id, status).await;
        ids.push(id);
    }
    let backup = old.path().join("backup");
    let documents = |folder: &Path| folder.join("artifacts");
    well(&script("backup", &backup, &ledger_url(old.path()), &documents(old.path())).await);
    gateway.kill().await;
    well(&script("restore", &backup, &ledger_url(new), &documents(new)).await);
    let reading = samples::invoice("RE-3", &unique("PO"), HUNDRED);
    ids.push(caught_in_a_step(new, &reading).await.to_string());
    (ids, missing)
}

/// Each invoice gets a workflow, and what the second one lacked lets it go on.
async fn all_go_on(temporal: &str, queue: &str, new: &Path, (ids, missing): (Vec<String>, String)) {
    let (client, port) = (Client::new(), free_port());
    let gateway = Process::start(new, temporal, queue, port).await;
    gateway.live(&client).await;
    let report = reconcile_state(temporal, queue, new, true).await;
    let mut found = report["found"].as_array().expect("a list").clone();
    found.sort_by_key(|found| found["id"].to_string());
    let shown: Vec<_> = found.iter().map(|f| (&f["id"], &f["drift"], &f["repaired"])).collect();
    let (ids_of, drift) =
        (ids.iter().map(|id| json!(id)).collect::<Vec<_>>(), "no workflow carries it");
    let (drift, done) = (json!(drift), json!(true));
    let expected: Vec<_> = ids_of.iter().map(|id| (id, &drift, &done)).collect();
    assert_eq!(shown, expected, "{report}");

    comes_to(&client, &gateway.base, &ids[2], "held").await;
    let orders = format!("{}/purchase-orders", gateway.base);
    post(&client, &orders, "application/json", samples::order(&missing).to_string()).await;
    comes_to(&client, &gateway.base, &ids[1], "approved").await;
    comes_to(&client, &gateway.base, &ids[0], "approved").await;
    gateway.kill().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_beside_an_empty_temporal_every_invoice_goes_on() {
    let (new, queue) = (TempDir::new().expect("a folder"), unique("restored"));
    let invoices = restored(new.path(), &queue).await;
    let server = harness::start_temporal(harness::fresh_folder("temporal-lost")).await;
    all_go_on(&server.address(), &queue, new.path(), invoices).await;
    server.stop().await.expect("the server ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn restored_beside_its_old_temporal_every_invoice_goes_on_once_its_workflows_are_ended() {
    let (new, queue) = (TempDir::new().expect("a folder"), unique("restored"));
    let invoices = restored(new.path(), &queue).await;
    let temporal = harness::temporal_address();
    // The one that is being read had a workflow too; nobody polls for it here.
    let mut start = Command::new(harness::temporal_cli().await);
    start.args(["workflow", "start", "--type", "InvoiceWorkflow", "--task-queue", &queue]);
    start.args(["--workflow-id", &format!("ap-invoice-{}", invoices.0[2])]);
    start.args(["--address", temporal.trim_start_matches("http://")]);
    well(&start.output().await.expect("the Temporal CLI runs"));
    eventually(async || {
        terminate_all(temporal, &queue).await;
        match reconcile_state(temporal, &queue, new.path(), false).await {
            report if report["found"].as_array().is_some_and(|found| found.len() == 3) => Ok(()),
            report => Err(report.to_string()),
        }
    })
    .await;
    all_go_on(temporal, &queue, new.path(), invoices).await;
}

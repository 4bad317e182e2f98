//! What retention removed: every operation that asks for it says so, and since when.

use std::collections::BTreeSet;

use ap_gateway::http::{AppState, router};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::batches::BatchAcceptance;
use ap_gateway::storage::ledger::retention::Part;
use ap_gateway::storage::ledger::retention::papers::Paper;
use chrono::TimeDelta;
use serde_json::Value;

use crate::edge::Edge;
use crate::ledger::Database::Sqlite;
use crate::ledger::batches::{id, inline, item};
use crate::ledger::papers::{acting, ordered, remove, settle, statement};
use crate::ledger::payments::{approved, row};
use crate::ledger::{Fixture, now};

const DOCUMENT: &str = include_str!("../../openapi/openapi.json");

/// What each operation is asked with: `{invoice}` and the like stand for what was removed.
const TABLE: &[(&str, &str, &str)] = &[
    ("get_invoice_document", "/invoices/{invoice}/document", ""),
    ("get_invoice_extraction", "/invoices/{invoice}/extraction", ""),
    ("get_invoice_reconciliation", "/invoices/{invoice}/reconciliation", ""),
    ("get_invoice_response", "/invoices/{invoice}/response", ""),
    ("get_batch", "/batches/{batch}", ""),
    ("list_batch_items", "/batches/{batch}/items", ""),
    ("cancel_batch", "/batches/{batch}/cancel", "{}"),
    ("get_bank_statement", "/bank-statements/{statement}", ""),
    ("get_bank_entry", "/bank-entries/{entry}", ""),
    (
        "decide_bank_entry",
        "/bank-entries/{entry}/decision",
        r#"{"action": "decline", "match": 1, "expected_revision": 1}"#,
    ),
    ("get_payment_file", "/payment-files/{file}", ""),
    ("get_payment_file_document", "/payment-files/{file}/document", ""),
    ("cancel_payment_file", "/payment-files/{file}/cancel", r#"{"reason": "too late"}"#),
];

/// One of each, removed; the pairs are its place in the table and its id.
async fn removed(fixture: &Fixture) -> Vec<(&'static str, String)> {
    let ledger = acting(fixture);
    let invoice = approved(fixture).await;
    let file = ordered(fixture, &invoice).await.id.to_string();
    let (statement, entry) = statement(fixture, 119_000).await;
    settle(fixture, &entry, &row(&entry, &invoice, 119_000)).await;
    let accepted = inline(fixture, "k", &[item("a", "one")]).await;
    let BatchAcceptance::New(batch, results) = accepted else { panic!("{accepted:?}") };
    ledger.enter(&id(&results[0]), S::Cancelled, now()).await.expect("withdrawn");
    ledger.finish_batches(now()).await.expect("looked");
    let (statement, batch) = (statement.to_string(), batch.id.to_string());
    let papers = [Paper::Statement, Paper::PaymentFile, Paper::Batch];
    for (paper, id) in papers.into_iter().zip([&statement, &file, &batch]) {
        assert!(remove(&ledger, paper, id).await, "{id}");
    }
    let soon = now() + TimeDelta::seconds(1);
    for part in [Part::Document, Part::Rows] {
        assert!(ledger.remove(part, &invoice, soon, soon).await.expect("an answer"));
    }
    let (invoice, entry) = (invoice.to_string(), entry.to_string());
    vec![
        ("{invoice}", invoice),
        ("{statement}", statement),
        ("{entry}", entry),
        ("{file}", file),
        ("{batch}", batch),
    ]
}

#[tokio::test]
async fn each_operation_that_asks_for_what_was_removed_is_answered_410() {
    let fixture = Sqlite.open().await;
    let ids = removed(&fixture).await;
    let mut edge = Edge::start().await;
    edge.router = router(AppState { ledger: fixture.ledger.clone(), ..edge.state.clone() });
    for (operation, path, body) in TABLE {
        let target =
            ids.iter().fold((*path).to_owned(), |path, (place, id)| path.replace(place, id));
        let answer = match *body {
            "" => edge.get(&target).await,
            body => edge.post(&target, "application/json", body).await,
        };
        assert_eq!(answer.problem(), (410, "removed".to_owned()), "{operation}");
        assert!(answer.json()["removed_at"].is_string(), "{operation}");
    }
}

#[test]
fn the_document_says_410_of_these_operations_and_of_no_others() {
    let document: Value = serde_json::from_str(DOCUMENT).expect("JSON");
    let items = document["paths"].as_object().expect("paths").values();
    let operations = items.flat_map(|item| item.as_object().expect("an item").values());
    let says: BTreeSet<&str> = operations
        .filter(|operation| operation["responses"].get("410").is_some())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    assert_eq!(says, TABLE.iter().map(|(operation, ..)| *operation).collect());
}

//! Acceptance 34: a filter refuses a hostile text by name, or compares it as it stands. Lists and
//! filters are the document's own, so that a new one is in it; what each finds is a table, so that
//! an empty list proves something.

use std::collections::BTreeSet;

use ap_gateway::http::openapi;
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::extraction::Extraction;
use ap_gateway::models::money::Currency;
use ap_gateway::models::payment::{Direction, StatementHead, Transaction};
use ap_gateway::models::refs::{EntryId, InvoiceId};
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::entries::NewEntry;
use ap_gateway::storage::ledger::matching::Concerns;
use axum::body::Body;
use chrono::Utc;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;

use crate::bank_files::{OUR_IBAN, THEIR_IBAN};
use crate::bench::{Bench, until};
use crate::edge::{Answer, Edge, ask};
use crate::harness::unique;
use crate::ledger::payments::digest;
use crate::ledger::{extraction, new_invoice, new_statement, takes};
use crate::samples;

/// Texts that end a literal, or mean more than themselves, in some language of queries.
const HOSTILE: [&str; 8] = ["' OR 1=1 --", "'", "\"", "%", "_", "*", "\\", "\u{1f9fe}"];

/// A list of the document: its operation, where it is, and what narrows it.
struct List {
    id: String,
    target: String,
    filters: Vec<String>,
}

/// Every list: a list is what has pages, and whatever else its query takes narrows it.
fn lists(there: &There) -> Vec<List> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let mut lists = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let operation = &item["get"];
        let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
        let mut filters = Vec::new();
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["in"] == "query" {
                filters.push(parameter["name"].as_str().expect("a name").to_owned());
            }
        }
        let all = filters.len();
        filters.retain(|name| !["page_size", "page_token"].contains(&name.as_str()));
        let has_pages = all == filters.len() + 2;
        assert!(has_pages || !id.starts_with("list_"), "{id} has no pages");
        if has_pages {
            lists.push(List { id, target: there.place(path), filters });
        }
    }
    assert!(lists.len() > 12, "{}", lists.len());
    lists
}

/// One of everything that lists show; nobody works on it, so it stays as it is.
struct There {
    batch: String,
    supplier: String,
    statement: String,
    webhook: String,
    workflow: String,
    run: String,
}

impl There {
    /// Puts it there: what has a route by its route, and what only a worker makes by the ledger.
    async fn put(edge: &Edge) -> Self {
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        // Before the invoice, so that it is told of it.
        let hook = json!({"url": "http://127.0.0.1:9/hooks", "events": ["invoice.received"]});
        let webhook = text(&post(edge, "/webhooks", &hook).await["id"]);
        post(edge, "/purchase-orders", &samples::order("PO-7")).await;
        post(edge, "/receipts", &samples::receipt("GR-7", "PO-7", "10")).await;
        let supplier = json!({"supplier_number": "V7", "name": "Schrauben Meier GmbH",
            "vat_ids": ["DE123456789"], "accounts": [{"id": THEIR_IBAN}]});
        let supplier = text(&post(edge, "/suppliers", &supplier).await["id"]);
        // `<a/>` is taken, and of the other nobody knows what it is.
        let items = json!({"items": [
            {"item_key": "a", "media_type": "application/xml", "content_base64": "PGEvPg=="},
            {"item_key": "b", "media_type": "no/such", "content_base64": "eA=="}]});
        let batch = post(edge, "/batches", &items).await;
        let invoice = InvoiceId::parse(&text(&batch["items"][0]["id"])).expect("an id");
        read_then_stuck(edge, &invoice).await;
        let named = edge.post("/invoices?reference=ERP-7", "application/xml", "<b/>").await;
        assert!(named.status.is_success(), "{}", named.json());
        let workflow = text(&post(edge, "/workflows/ping", &json!({})).await["workflow_id"]);
        let run = edge.get(&format!("/workflows/{workflow}")).await.json();
        Self {
            batch: text(&batch["id"]),
            supplier,
            statement: statement(edge).await,
            webhook,
            workflow,
            run: text(&run["run_id"]),
        }
    }

    /// Where a list is that belongs to one thing.
    fn place(&self, path: &str) -> String {
        let id = match path {
            "/batches/{id}/items" => &self.batch,
            "/webhooks/{id}/deliveries" => &self.webhook,
            "/workflows/{id}/history" => &self.workflow,
            path => {
                assert!(!path.contains('{'), "{path} is new: say whose list this one walks");
                return path.to_owned();
            }
        };
        path.replace("{id}", id)
    }

    /// By which value each filter of each list finds what is there.
    #[rustfmt::skip]
    fn known(&self) -> Vec<(&'static str, &'static str, &str)> {
        vec![
            ("get_workflow_history", "run_id", self.run.as_str()),
            ("list_bank_entries", "statement", self.statement.as_str()),
            ("list_bank_entries", "state", "new"),
            ("list_bank_statements", "account", OUR_IBAN),
            ("list_batch_items", "state", "refused"),
            ("list_batches", "status", "accepted"),
            ("list_invoices", "status", "needs_attention"),
            ("list_invoices", "number", "RE-7"),
            ("list_invoices", "purchase_order", "PO-7"),
            ("list_invoices", "currency", "EUR"),
            ("list_invoices", "batch_id", self.batch.as_str()),
            ("list_invoices", "received_after", "2020-01-01T00:00:00Z"),
            ("list_invoices", "received_before", "2099-01-01T00:00:00Z"),
            ("list_invoices", "code", "RETRIES_EXHAUSTED"),
            ("list_invoices", "supplier", "Seller GmbH"),
            ("list_invoices", "updated_before", "2099-01-01T00:00:00Z"),
            ("list_invoices", "supplier_id", self.supplier.as_str()),
            ("list_invoices", "reference", "ERP-7"),
            ("list_invoices", "hold", "UNIT_PRICE"),
            ("list_invoices", "amount_min", "1190.00"),
            ("list_invoices", "amount_max", "1190.01"),
            ("list_invoices", "due_after", "2026-12-20"),
            ("list_invoices", "due_before", "2026-12-21"),
            ("list_purchase_orders", "number", "PO-7"),
            ("list_purchase_orders", "open", "true"),
            ("list_receipts", "number", "GR-7"),
            ("list_receipts", "purchase_order", "PO-7"),
            ("list_suppliers", "name", "schrauben"),
            ("list_suppliers", "vat_id", "DE123456789"),
            ("list_suppliers", "iban", THEIR_IBAN),
            ("list_webhook_deliveries", "state", "pending"),
            ("list_webhook_deliveries", "event", "invoice.received"),
            ("list_workflows", "type", "PingWorkflow"),
            ("list_workflows", "status", "running"),
            ("list_workflows", "started_after", "2020-01-01T00:00:00Z"),
            ("list_workflows", "started_before", "2099-01-01T00:00:00Z"),
        ]
    }
}

/// Posts what must be taken; waits for nothing that only a worker brings.
async fn post(edge: &Edge, target: &str, body: &Value) -> Value {
    let request = ask("POST", target)
        .header("content-type", "application/json")
        .header("idempotency-key", unique("k"))
        .header("prefer", "respond-async");
    let answer = edge.send(request.body(Body::from(body.to_string())).expect("a request")).await;
    assert!(answer.status.is_success(), "{target}: {}", answer.json());
    answer.json()
}

/// What a worker keeps of an invoice that it read.
async fn read(edge: &Edge, id: &InvoiceId, extraction: &Extraction) {
    let (ledger, now) = (&edge.state.ledger, Utc::now());
    ledger.enter(id, InvoiceStatus::Extracting, now).await.expect("a step");
    let status = ledger.record_extraction(id, extraction, now).await;
    assert_eq!(status.expect("a step"), InvoiceStatus::Validated);
}

/// An invoice that has all that a list may ask for.
async fn read_then_stuck(edge: &Edge, id: &InvoiceId) {
    read(edge, id, &extraction("RE-7", "PO-7")).await;
    let ledger = &edge.state.ledger;
    let holds = json!([{"code": "UNIT_PRICE", "severity": "stop", "text": "too dear"}]);
    let holds = serde_json::from_value(holds).expect("a hold");
    let result = Reconciliation { holds, ..takes("h1", "PO-7", "1") };
    let opened = ledger.matching(id, Concerns::orders(&["PO-7"])).await.expect("an answer").0;
    let matching = opened.of_supplier(Some("V7".to_owned()));
    matching.record(&result, InvoiceStatus::Held, Utc::now()).await.expect("a step");
    let why = Attention {
        code: AttentionCode::RetriesExhausted,
        text: "a test".to_owned(),
        retryable: true,
    };
    let status = edge.state.ledger.record_attention(id, &why, Utc::now()).await;
    assert_eq!(status.expect("a step"), InvoiceStatus::NeedsAttention);
}

/// A file of one account with one entry.
async fn statement(edge: &Edge) -> String {
    let ledger = &edge.state.ledger;
    let new = new_statement(digest(), 1);
    ledger.accept_statement(&new).await.expect("accepted");
    let id = EntryId::new(Uuid::now_v7());
    let euro = Currency::parse("EUR").ok();
    let transaction = Transaction::of(id.as_str(), Direction::Out, Decimal::ONE, euro);
    let entry = NewEntry { id, position: 1, transaction, keys: Vec::new() };
    ledger.keep_entries(&new.id, &[entry]).await.expect("kept");
    let head = json!({"account": OUR_IBAN, "entries": 1});
    let head: StatementHead = serde_json::from_value(head).expect("a head");
    let day = Utc::now().date_naive();
    ledger.keep_head((&new.id, 1), (OUR_IBAN, day), &head).await.expect("kept");
    new.id.to_string()
}

/// A list narrowed by one filter.
fn narrowed(target: &str, filter: &str, value: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(filter, value);
    if filter.starts_with("amount_") {
        query.append_pair("currency", "EUR");
    }
    format!("{target}?{}", query.finish())
}

fn ids(answer: &Answer) -> BTreeSet<String> {
    let page = answer.json();
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

fn count(answer: &Answer) -> usize {
    answer.json()["items"].as_array().expect("items").len()
}

/// Temporal's list lags; the others show at once what is there.
async fn shows_something(edge: &Edge, target: &str) {
    until(target, async || {
        let answer = edge.get(target).await;
        assert!(!answer.status.is_client_error(), "{target}: {}", answer.json());
        (answer.status == 200 && count(&answer) > 0).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_34_each_filter_of_each_list_refuses_a_hostile_text_or_finds_nothing_by_it() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let there = There::put(&edge).await;
    let known = there.known();
    let mut walked = 0;
    for List { id, target, filters } in lists(&there) {
        for filter in filters {
            let line = known.iter().find(|line| line.0 == id && line.1 == filter);
            let value = line.map(|line| line.2);
            let value = value.unwrap_or_else(|| panic!("{id}: what is there by {filter}?"));
            shows_something(&edge, &narrowed(&target, &filter, value)).await;
            for text in HOSTILE {
                let asked = narrowed(&target, &filter, text);
                let answer = edge.get(&asked).await;
                if answer.status == 200 {
                    assert_eq!(count(&answer), 0, "{asked}: {}", answer.json());
                } else {
                    let refused = (400, "invalid-request".to_owned());
                    assert_eq!(answer.problem(), refused, "{asked}");
                    let named = (filter.clone(), "invalid_value".to_owned());
                    assert_eq!(answer.faults(), [named], "{asked}");
                }
            }
            walked += 1;
        }
    }
    assert_eq!(walked, known.len(), "a line of the table is of no list");
}

/// The other half of "literal": what is called so is found by it, and alone. The name of a supplier
/// is looked for by its beginning, so there all are found that begin so.
#[tokio::test]
async fn acceptance_34_what_is_called_like_a_pattern_is_found_by_its_own_name_alone() {
    let edge = Edge::start().await;
    // List, text and id.
    let mut there = Vec::new();
    for text in HOSTILE {
        let supplier = json!({"supplier_number": text, "name": format!("{text} GmbH")});
        for (list, body) in [
            ("/purchase-orders", samples::order(text)),
            ("/receipts", samples::receipt(text, text, "1")),
            ("/suppliers", supplier),
        ] {
            let id = post(&edge, list, &body).await["id"].as_str().expect("an id").to_owned();
            there.push((list, text, id));
        }
        let new = new_invoice(text);
        let id = new.id.clone();
        edge.state.ledger.accept_invoice(new).await.expect("accepted");
        let mut extraction = extraction(text, text);
        extraction.invoice.seller.name = Some(text.to_owned());
        read(&edge, &id, &extraction).await;
        there.push(("/invoices", text, id.to_string()));
    }
    for (list, filter, by_beginning) in [
        ("/purchase-orders", "number", false),
        ("/receipts", "number", false),
        ("/receipts", "purchase_order", false),
        ("/suppliers", "name", true),
        ("/invoices", "number", false),
        ("/invoices", "purchase_order", false),
        ("/invoices", "supplier", false),
    ] {
        for text in HOSTILE {
            let fits = |other: &str| other == text || (by_beginning && other.starts_with(text));
            let fitting = there.iter().filter(|one| one.0 == list && fits(one.1));
            let expected: BTreeSet<String> = fitting.map(|one| one.2.clone()).collect();
            let answer = edge.get(&narrowed(list, filter, text)).await;
            assert_eq!(ids(&answer), expected, "{list} {filter} {text}");
        }
    }
}

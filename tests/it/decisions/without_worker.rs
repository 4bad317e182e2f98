//! No worker: everything is looked at, previewed and handed in as ever, and whoever decides hears
//! in time that it is not known what became of it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ap_gateway::http::invoices::decisions::DECISION_WAIT;
use ap_gateway::http::{openapi, router};
use ap_gateway::readiness::Readiness;
use axum::body::Body;
use axum::http::StatusCode;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::bank_files::{camt053, paid};
use crate::bench::invoice;
use crate::decisions::Desk;
use crate::edge::{Edge, ask};
use crate::harness::unique;
use crate::samples;

/// How much later than its deadline an answer may come.
const GRACE: Duration = Duration::from_millis(500);

const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// The edge of a process that has no worker of its own, and so cannot know that there is none at
/// all: it asks Temporal, which waits for one.
fn without_a_worker_of_its_own(desk: &Desk) -> Edge {
    let mut edge = Edge::over(&desk.bench);
    edge.state.readiness = Readiness::default();
    edge.router = router(edge.state.clone());
    edge
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_46_without_a_worker_a_decision_ends_in_time_and_is_taken_later() {
    let mut desk = Desk::start().await;
    let worker = desk.bench.worker().await;
    let id = desk.held().await;
    assert!(worker.drain(Duration::from_secs(5)).await);
    desk.http = without_a_worker_of_its_own(&desk);
    let reject = json!({"action": "reject", "reason": "not ours"});
    let begun = Instant::now();
    let answer = desk.decide(&id, "k1", reject.clone()).await;
    let took = begun.elapsed();
    let body = answer.json();
    let told = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
    assert!(told.contains(&answer.status), "{body}");
    let work = Duration::from_secs(desk.http.state.limits.deadline_seconds);
    assert!(took <= work + DECISION_WAIT + GRACE, "{took:?}: {body}");
    assert_eq!((&body["outcome"], &body["retry_safe"]), (&json!("unknown"), &json!(true)));
    assert_ne!(answer.header("retry-after"), "", "{body}");
    let _worker = desk.bench.worker().await;
    let again = desk.decide(&id, "k1", reject).await;
    assert_eq!(again.json()["status"], "rejected", "{}", again.json());
    assert_eq!(desk.bench.ledger.decisions(&id).await.expect("read").len(), 1);
}

/// The paths are those of the document: one that is new cannot be forgotten here.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_46_without_a_worker_everything_is_previewed_handed_in_and_looked_at() {
    let desk = Desk::start().await;
    let worker = desk.bench.worker().await;
    let id = desk.held().await;
    assert!(worker.drain(Duration::from_secs(5)).await);
    let edge = &desk.http;
    let preview = edge.post("/reconciliations/preview", JSON, case().to_string()).await;
    assert_eq!(preview.status, 200, "{}", preview.json());
    let mut ids = handed_in(edge).await;
    ids.insert("invoices".to_owned(), id.to_string());
    ids.insert("workflows".to_owned(), id.workflow_id());
    ids.insert("artifacts".to_owned(), desk.bench.row(&id).await.sha256.to_string());
    for (path, example) in looks() {
        let kind = path.split('/').nth(1).unwrap_or_default();
        let target = path.replace("{id}", ids.get(kind).unwrap_or(&example));
        if path == "/invoices/{id}/events" {
            assert_eq!(head(edge, &target).await, 200, "{target}");
            continue;
        }
        let answer = edge.get(&target).await;
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, comes_to(&path), "{target}: {text}");
    }
}

/// An invoice and nothing to compare it with.
fn case() -> Value {
    json!({"invoice": {"number": "RE-1", "currency": "EUR", "lines":
        [{"id": "1", "quantity": "1", "price": "1.00"}]}})
}

/// Hands in one thing of each kind; answers their ids by the first part of their paths.
async fn handed_in(edge: &Edge) -> BTreeMap<String, String> {
    let statement = camt053("S1", "2026-11-27", 0, &[paid("B1", 100, "RE-1")]);
    let item = json!({"item_key": "1", "media_type": XML, "content_base64": "PGEvPg=="});
    let supplier = json!({"supplier_number": "V1", "name": "Muster GmbH", "vat_ids": ["DE1"]});
    let webhook = json!({"url": "http://127.0.0.1:9/hooks", "events": ["invoice.closed"]});
    let things: [(&str, &str, String, u16); 8] = [
        ("/invoices", XML, invoice("I-2", "PO-1"), 202),
        ("/reconciliations", JSON, case().to_string(), 202),
        ("/bank-statements", XML, statement, 202),
        ("/batches", JSON, json!({"items": [item]}).to_string(), 207),
        ("/purchase-orders", JSON, samples::order("PO-2").to_string(), 201),
        ("/receipts", JSON, samples::receipt("GR-1", "PO-2", "100").to_string(), 201),
        ("/suppliers", JSON, supplier.to_string(), 201),
        ("/webhooks", JSON, webhook.to_string(), 201),
    ];
    let mut ids = BTreeMap::new();
    for (path, kind, body, status) in things {
        let request = ask("POST", path).header("content-type", kind);
        let request = request.header("idempotency-key", unique("k")).body(Body::from(body));
        let answer = edge.send(request.expect("a request")).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.json());
        let place = answer.header("location").strip_prefix(path).expect("below its list");
        ids.insert(path.trim_matches('/').to_owned(), place.trim_matches('/').to_owned());
    }
    ids
}

/// Each path that can be looked at, with an id that could be there.
fn looks() -> Vec<(String, String)> {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").iter();
    let look = |(path, item): (&String, &Value)| {
        let parameters = item.get("get")?["parameters"].as_array();
        let id = parameters.into_iter().flatten().find(|parameter| parameter["name"] == "id");
        let example = id.and_then(|id| id["example"].as_str()).unwrap_or_default();
        Some((path.clone(), example.to_owned()))
    };
    let mut looks: Vec<_> = paths.filter_map(look).collect();
    assert!(looks.len() > 30, "{looks:?}");
    looks.extend(["/metrics", "/openapi.json"].map(|path| (path.to_owned(), String::new())));
    looks
}

/// What a look comes to. Readiness says that the worker is away, and a run that waits has no result
/// yet; entries are read by a worker, and nothing is paid here.
fn comes_to(path: &str) -> u16 {
    match path {
        "/readyz" => 503,
        "/workflows/{id}/result" => 202,
        "/bank-entries/{id}" | "/payment-files/{id}" | "/payment-files/{id}/document" => 404,
        _ => 200,
    }
}

/// The head of an answer that has no end.
async fn head(edge: &Edge, target: &str) -> StatusCode {
    let request = ask("GET", target).body(Body::empty()).expect("a request");
    edge.router.clone().oneshot(request).await.expect("the router answers").status()
}

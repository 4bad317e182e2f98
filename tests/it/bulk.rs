//! One decision about many invoices: what it would do, what is refused, and that each is decided
//! about once, whatever dies.

mod carried;
mod killed;

use std::collections::BTreeSet;

use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::refs::InvoiceId;
use axum::body::Body;
use chrono::Utc;
use serde_json::{Value, json};

use crate::edge::{Answer, Edge, ask};
use crate::samples::{self, HUNDRED};

impl Edge {
    /// An invoice that a store's absence left with a person.
    pub(crate) async fn stuck(&self, number: &str) -> InvoiceId {
        let xml = samples::invoice(number, "PO-1", HUNDRED);
        let made = self.post("/invoices", "application/xml", xml).await.json();
        let id = InvoiceId::parse(made["id"].as_str().expect("an id")).expect("an id");
        let why = Attention {
            code: AttentionCode::RetriesExhausted,
            text: "the store was away".to_owned(),
            retryable: true,
        };
        let ledger = &self.state.ledger;
        ledger.record_attention(&id, &why, Utc::now()).await.expect("recorded");
        id
    }

    async fn order(&self, path: &str, key: &str, body: Value) -> Answer {
        let request = ask("POST", path).header("content-type", "application/json");
        let request = request.header("idempotency-key", key);
        self.send(request.body(Body::from(body.to_string())).expect("a request")).await
    }
}

fn ids(items: &Value) -> Vec<String> {
    let items = items["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_dry_run_lists_what_would_happen_and_does_nothing() {
    let edge = Edge::start().await;
    let (one, two) = (edge.stuck("RE-1").await, edge.stuck("RE-2").await);
    let wish = json!({"filter": {"code": ["RETRIES_EXHAUSTED"]}, "reason": "back", "limit": 1});
    let answer = edge.post("/invoices/retry", "application/json", wish.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let seen = answer.json();
    assert_eq!((&seen["matched"], &seen["more"]), (&json!(1), &json!(true)), "{seen}");
    assert_eq!(ids(&seen), [one.as_str()], "the oldest first");
    assert_eq!(seen["items"][0]["becomes"], "received", "{seen}");
    for id in [&one, &two] {
        let row = edge.state.ledger.invoice(id).await.expect("read").expect("a row");
        assert_eq!(row.status.as_str(), "needs_attention");
    }
    assert!(edge.get("/batches").await.json()["items"].as_array().is_some_and(Vec::is_empty));
}

#[tokio::test]
async fn a_real_run_promises_what_the_dry_run_listed_once_for_each_key() {
    let edge = Edge::start().await;
    let stuck = [edge.stuck("RE-1").await, edge.stuck("RE-2").await];
    for (path, word) in [
        ("/invoices/retry", "retry_invoices"),
        ("/invoices/cancel", "cancel_invoices"),
        ("/invoices/correct", "correct_invoices"),
    ] {
        let mut wish = json!({"filter": {"code": ["RETRIES_EXHAUSTED"]}, "reason": "a test"});
        if path.ends_with("correct") {
            wish["corrections"] = json!([{"pointer": "/number", "value": "RE-3"}]);
        }
        let listed = edge.post(path, "application/json", wish.to_string()).await.json();
        wish["dry_run"] = json!(false);
        let promised = edge.order(path, word, wish.clone()).await;
        assert_eq!(promised.status, 202, "{}", promised.json());
        let batch = promised.json();
        assert_eq!(batch["items_total"], 2, "{batch}");
        assert_eq!(batch["counts"], json!({"pending": 2}));
        let items = batch["links"]["items"].as_str().expect("a link");
        let items = edge.get(items).await.json();
        let keys: Vec<_> = items["items"].as_array().expect("items").iter().collect();
        let keys: Vec<_> = keys.iter().map(|item| item["item_key"].as_str()).collect();
        assert_eq!(keys, stuck.each_ref().map(|id| Some(id.as_str())));
        assert_eq!(ids(&listed), stuck.each_ref().map(|id| id.as_str()), "{listed}");
        // The same again is the same, whatever would be found by now.
        let again = edge.order(path, word, wish.clone()).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.json()["id"], batch["id"]);
        wish["reason"] = json!("another");
        let other = edge.order(path, word, wish).await;
        assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    }
    let trail = edge.state.ledger.audit(0, 100).await.expect("a trail");
    let words: BTreeSet<_> = trail.iter().map(|row| row.action.as_str()).collect();
    for word in ["retry_invoices", "cancel_invoices", "correct_invoices"] {
        assert!(words.contains(word), "{words:?}");
    }
}

#[tokio::test]
async fn where_nothing_is_found_nothing_is_promised() {
    let edge = Edge::start().await;
    let wish = json!({"filter": {"number": "nobody's"}, "reason": "x", "dry_run": false});
    let answer = edge.order("/invoices/cancel", "k", wish).await;
    let nothing = json!({"action": "cancel", "matched": 0, "more": false, "items": []});
    assert_eq!((answer.status.as_u16(), answer.json()), (200, nothing));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_with_its_place() {
    let edge = Edge::start().await;
    let filter = |filter: Value| json!({"filter": filter, "reason": "x"});
    let cases = [
        (filter(json!({})), "/filter"),
        (filter(json!({"code": ["LOST"]})), "/filter/code/0"),
        (filter(json!({"status": ["held"]})), "/filter/status/0"),
        (filter(json!({"status": ["lost"]})), "/filter/status/0"),
        (filter(json!({"currency": "EURO"})), "/filter/currency"),
        (filter(json!({"received_after": "yesterday"})), "/filter/received_after"),
        (filter(json!({"batch_id": "1"})), "/filter/batch_id"),
        (filter(json!({"number": "1", "older_than": 3})), "/filter/older_than"),
        (json!({"filter": {"number": "1"}, "reason": ""}), "/reason"),
        (json!({"filter": {"number": "1"}, "reason": "x", "limit": 0}), "/limit"),
        (json!({"filter": {"number": "1"}, "reason": "x", "limit": 5001}), "/limit"),
        (json!({"filter": {"number": "1"}, "reason": "x", "dry_run": "no"}), "/dry_run"),
    ];
    for (wish, place) in cases {
        let answer = edge.post("/invoices/retry", "application/json", wish.to_string()).await;
        assert_eq!(answer.status, 422, "{wish}");
        let places: Vec<_> = answer.faults().into_iter().map(|(place, _)| place).collect();
        assert_eq!(places, [place], "{wish}");
    }
    let wish = json!({"filter": {"number": "1"}, "reason": "x", "dry_run": false}).to_string();
    let keyless = edge.post("/invoices/retry", "application/json", wish).await;
    assert_eq!(keyless.problem(), (400, "idempotency-key-missing".to_owned()));
}

//! What a caller changes is in the trail, whichever route it goes by.

use std::collections::BTreeSet;

use ap_gateway::http::openapi;
use ap_gateway::models::access::Role;
use axum::body::Body;
use serde_json::json;
use sha2::Digest;

use crate::edge::{Edge, ask};
use crate::http_auth::key;
use crate::samples::{self, HUNDRED};

/// Operations that change something, and the word of each in the trail.
const RECORDED: [(&str, &str); 21] = [
    ("submit_invoice", "submit_invoice"),
    ("decide_invoice", "decide_invoice reject"),
    ("retry_invoice", "decide_invoice retry"),
    ("cancel_invoice", "decide_invoice cancel"),
    ("create_purchase_order", "create_purchase_order"),
    ("create_receipt", "create_receipt"),
    ("create_supplier", "create_supplier"),
    ("start_reconciliation", "start_reconciliation"),
    ("submit_batch", "submit_batch"),
    ("cancel_batch", "cancel_batch"),
    ("put_artifact", "put_artifact"),
    ("submit_bank_statement", "submit_bank_statement"),
    ("create_webhook", "create_webhook"),
    ("update_webhook", "update_webhook"),
    ("test_webhook", "test_webhook"),
    ("rotate_webhook_secret", "rotate_webhook_secret"),
    ("replay_webhook", "replay_webhook"),
    ("delete_webhook", "delete_webhook"),
    ("cancel_workflow", "cancel_workflow"),
    ("terminate_workflow", "terminate_workflow"),
    ("set_log_level", "set_log_level"),
];

/// Those that need invoices in certain states: their own tests look for their words.
const ELSEWHERE: [&str; 6] = [
    "decide_bank_entry",
    "create_payment_file",
    "cancel_payment_file",
    "retry_invoices",
    "cancel_invoices",
    "correct_invoices",
];

/// A ping changes nothing but its own history (docs/decisions.md), a preview nothing at all.
const CHANGE_NOTHING: [&str; 2] = ["start_ping", "preview_reconciliation"];

#[test]
fn every_operation_that_changes_something_has_a_word() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let mut changing = BTreeSet::new();
    for item in document["paths"].as_object().expect("paths").values() {
        for (method, operation) in item.as_object().expect("operations") {
            if method != "get" {
                changing.insert(operation["operationId"].as_str().expect("an id").to_owned());
            }
        }
    }
    let known = RECORDED.iter().map(|(operation, _)| operation);
    let known = known.chain(&ELSEWHERE).chain(&CHANGE_NOTHING);
    assert_eq!(changing, known.map(|operation| (*operation).to_owned()).collect());
}

#[tokio::test]
async fn each_route_leaves_its_word_in_the_trail() {
    let edge = Edge::guarded().await;
    let bearer = key(&edge.state.ledger, "key:all", &Role::ALL).await;
    let send = async |method: &str, path: &str, kind: &str, body: Body| {
        let request = ask(method, path).header("authorization", &bearer);
        let request = request.header("content-type", kind).header("idempotency-key", path);
        edge.send(request.body(body).expect("a request")).await
    };
    let json = |value: serde_json::Value| Body::from(value.to_string());
    let xml = samples::invoice("RE-1", "PO-1", HUNDRED);
    let made = send("POST", "/invoices", "application/xml", Body::from(xml.clone())).await.json();
    let invoice = made["links"]["self"].as_str().expect("a link").to_owned();
    let reason = json!({"reason": "a test"});
    let reject = json!({"action": "reject", "reason": "a test"});
    let decide = format!("{invoice}/decision");
    send("POST", &decide, "application/json", json(reject)).await;
    for action in ["retry", "cancel"] {
        let path = format!("{invoice}/{action}");
        send("POST", &path, "application/json", json(reason.clone())).await;
    }
    let order = samples::order("PO-1");
    send("POST", "/purchase-orders", "application/json", json(order)).await;
    let receipt = samples::receipt("GR-1", "PO-1", "1");
    send("POST", "/receipts", "application/json", json(receipt)).await;
    let supplier = json!({"supplier_number": "V1", "name": "Somebody"});
    send("POST", "/suppliers", "application/json", json(supplier)).await;
    let case = json!({"invoice": {}});
    send("POST", "/reconciliations", "application/json", json(case)).await;
    let digest: [u8; 32] = sha2::Sha256::digest(&xml).into();
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    let artifact = format!("/artifacts/{digest}");
    send("PUT", &artifact, "application/octet-stream", Body::from(xml)).await;
    let manifest = json!({"documents": [{"sha256": digest, "media_type": "application/xml"}]});
    let batch = send("POST", "/batches", "application/json", json(manifest)).await.json();
    let cancel = format!("{}/cancel", batch["links"]["self"].as_str().expect("a link"));
    send("POST", &cancel, "application/json", Body::empty()).await;
    send("POST", "/bank-statements", "text/plain", Body::from(":20:X\n")).await;
    let hook = json!({"url": "http://127.0.0.1:9/", "events": ["invoice.closed"]});
    let hook = send("POST", "/webhooks", "application/json", json(hook)).await.json();
    let hook = hook["links"]["self"].as_str().expect("a link").to_owned();
    send("PATCH", &hook, "application/merge-patch+json", json(json!({"description": "ERP"}))).await;
    for action in ["test", "rotate-secret", "replay"] {
        let path = format!("{hook}/{action}");
        let body = json(json!({"since": "2026-11-26T00:00:00Z"}));
        send("POST", &path, "application/json", body).await;
    }
    send("DELETE", &hook, "application/json", Body::empty()).await;

    for how in ["cancel", "terminate"] {
        let path = format!("/workflows/ap-ping-1/{how}");
        send("POST", &path, "application/json", json(reason.clone())).await;
    }

    let level = json(json!({"filter": "info"}));
    send("PUT", "/admin/log-level", "application/json", level).await;

    let trail = edge.state.ledger.audit(0, 100).await.expect("a trail");
    let by_caller = trail.iter().filter(|row| row.author.subject == "key:all");
    let words: BTreeSet<&str> = by_caller.map(|row| row.action.as_str()).collect();
    assert_eq!(words, RECORDED.iter().map(|(_, word)| *word).collect());
}

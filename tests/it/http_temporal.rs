//! The whole chain by HTTP: a real server, a real worker, real stores.

use axum::body::Body;
use serde_json::json;

use crate::bench::{Bench, invoice};
use crate::edge::{Answer, Edge, ask};

async fn submit(edge: &Edge, number: &str, wait: &str) -> Answer {
    let request =
        ask("POST", "/invoices").header("content-type", "application/xml").header("prefer", wait);
    let body = Body::from(invoice(number, "PO-1"));
    edge.send(request.body(body).expect("a request")).await
}

async fn order(edge: &Edge) -> Answer {
    let order = json!({"number": "PO-1", "currency": "EUR",
        "supplier": {"name": "Supplier GmbH", "vat_id": "DE123456789"},
        "lines": [{"id": "1", "quantity": "20", "unit": "C62", "unit_price": "5.00",
            "seller_item_id": "A-1"}]});
    edge.post("/purchase-orders", "application/json", order.to_string()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_comes_back_and_its_key_replays_it() {
    let bench = Bench::start().await;
    let edge = Edge::over(&bench);
    let without = ask("POST", "/workflows/ping").header("prefer", "wait=1");
    let without = edge.send(without.body(Body::empty()).expect("a request")).await;
    assert_eq!((without.status.as_u16(), without.header("preference-applied")), (202, "wait=1"));
    assert_eq!(without.json()["status"], "running");
    let running = edge.get(without.header("location")).await;
    assert_eq!(
        (&running.json()["status"], running.header("retry-after")),
        (&json!("running"), "5")
    );

    let _worker = bench.worker().await;
    let ping =
        || ask("POST", "/workflows/ping").header("idempotency-key", "k1").body(Body::empty());
    let first = edge.send(ping().expect("a request")).await;
    assert_eq!((first.status.as_u16(), &first.json()["result"]), (200, &json!("ok")));
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = edge.send(ping().expect("a request")).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["run_id"], first.json()["run_id"]);
    let link = first.json()["links"]["self"].as_str().expect("a link").to_owned();
    let run = edge.get(&link).await;
    assert_eq!(
        (&run.json()["type"], &run.json()["status"]),
        (&json!("PingWorkflow"), &json!("completed"))
    );
    assert_eq!(
        edge.get("/workflows/somebody-elses").await.problem(),
        (404, "not-found".to_owned())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_ends_when_the_invoice_rests() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    assert_eq!(order(&edge).await.status, 201);
    let answer = submit(&edge, "I-1", "wait=20").await;
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), &body["status"]), (200, &json!("approved")), "{body}");
    assert_eq!(answer.header("preference-applied"), "wait=20");
    assert_eq!(body["total"], json!({"amount": "59.50", "currency": "EUR"}));
    assert_eq!((&body["number"], &body["purchase_order"]), (&json!("I-1"), &json!("PO-1")));
    for part in ["extraction", "reconciliation", "document"] {
        let link = body["links"][part].as_str().expect("a link");
        assert_eq!(edge.get(link).await.status, 200, "{part}");
    }
    let again = submit(&edge, "I-1", "wait=20").await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(again.json()["id"], body["id"]);
    let found = edge.get("/invoices?number=I-1&status=approved").await.json();
    assert_eq!(found["items"][0]["id"], body["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_needs_attention_and_is_no_error() {
    let bench = Bench::start().await;
    let _worker = bench.worker().await;
    let edge = Edge::over(&bench);
    let dtd = "<!DOCTYPE x [<!ENTITY a \"b\">]><Invoice>&a;</Invoice>";
    for body in ["<Invoice", dtd, "<Invoice xmlns=\"urn:wrong\"/>"] {
        let request = ask("POST", "/invoices")
            .header("content-type", "application/xml")
            .header("prefer", "wait=20");
        let answer = edge.send(request.body(Body::from(body)).expect("a request")).await;
        let invoice = answer.json();
        assert_eq!((answer.status.as_u16(), &invoice["status"]), (200, &json!("needs_attention")));
        assert!(invoice["attention"]["text"].is_string(), "{invoice}");
        let link = format!("{}/extraction", answer.header("location"));
        assert_eq!(edge.get(&link).await.problem(), (404, "not-found".to_owned()));
    }
}

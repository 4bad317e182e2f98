//! Orders and receipts: natural keys, revisions, and every fault of a bad body.

use axum::body::Body;
use serde_json::{Value, json};

use crate::edge::{Edge, ask};

fn order(number: &str, price: &str) -> Value {
    json!({"number": number, "currency": "EUR", "supplier": {"name": "Muster GmbH"},
        "lines": [{"id": "1", "quantity": "10", "unit": "C62", "unit_price": price}]})
}

fn receipt(number: &str) -> Value {
    json!({"number": number, "purchase_order": "PO-1",
        "lines": [{"id": "1", "order_line": "1", "received": "10"}]})
}

#[tokio::test]
async fn the_natural_key_decides() {
    let edge = Edge::start().await;
    let post = async |order: Value| {
        edge.post("/purchase-orders", "application/json", order.to_string()).await
    };
    let first = post(order("PO-1", "1.00")).await;
    assert_eq!(first.status, 201);
    let id = first.json()["id"].clone();
    let location = first.header("location").to_owned();
    assert_eq!(location, format!("/purchase-orders/{}", id.as_str().expect("an id")));
    let seen = edge.get(&location).await;
    assert_eq!((seen.json(), seen.header("etag")), (first.json(), first.header("etag")));
    assert_eq!(seen.json()["lines"][0]["unit_price"], "1.00");

    let again = post(order("PO-1", "1.00")).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    let other = post(order("PO-1", "2.00")).await;
    assert_eq!(other.problem(), (409, "resource-exists".to_owned()));
    assert_eq!((&other.json()["id"], &other.json()["revision"]), (&id, &json!(1)));
    let mut next = order("PO-1", "2.00");
    next["revision"] = json!(2);
    let next = post(next).await;
    assert_eq!((next.status.as_u16(), &next.json()["id"]), (201, &id));
    let list = edge.get("/purchase-orders?number=PO-1").await.json();
    assert_eq!(list["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(list["items"][0]["revision"], 2);
}

#[tokio::test]
async fn receipts_come_the_same_way() {
    let edge = Edge::start().await;
    let body = receipt("GR-1").to_string();
    let first = edge.post("/receipts", "application/json; charset=utf-8", body.clone()).await;
    assert_eq!((first.status.as_u16(), &first.json()["kind"]), (201, &json!("receipt")));
    assert_eq!(edge.post("/receipts", "application/json", body).await.status, 200);
    let found = edge.get("/receipts?purchase_order=PO-1").await.json();
    assert_eq!(found["items"][0]["id"], first.json()["id"]);
    assert_eq!(edge.get(first.header("location")).await.json(), first.json());
}

#[tokio::test]
async fn every_fault_of_a_body_is_named() {
    let edge = Edge::start().await;
    let body = json!({"number": "PO-1", "currency": "EUR", "lines": [
        {"id": "1", "quantity": 10, "unit_price": "1E400"},
        {"id": "1", "quantity": "NaN", "unit_price": "1,00", "colour": "red"}]});
    let answer = edge.post("/purchase-orders", "application/json", body.to_string()).await;
    assert_eq!(answer.problem(), (422, "validation-failed".to_owned()));
    let mut places: Vec<_> = answer.faults().into_iter().map(|(place, _)| place).collect();
    places.sort();
    let expected = [
        "/lines/0/quantity",
        "/lines/0/unit_price",
        "/lines/1/colour",
        "/lines/1/quantity",
        "/lines/1/unit_price",
    ];
    assert_eq!(places, expected);
    let mut twice = order("PO-1", "1");
    let line = twice["lines"][0].clone();
    twice["lines"].as_array_mut().expect("lines").push(line);
    let answer = edge.post("/purchase-orders", "application/json", twice.to_string()).await;
    assert_eq!(answer.faults(), [("/lines/1/id".to_owned(), "duplicate".to_owned())]);
    assert_eq!(edge.get("/purchase-orders").await.json()["items"], json!([]));
}

#[tokio::test]
async fn acceptance_26_hostile_bodies_are_refused() {
    let edge = Edge::start().await;
    let deep = "[".repeat(10_000);
    let many = format!("{{\"lines\":[{}]}}", vec!["0"; 1_000_000].join(","));
    let wide: Vec<_> = (0..200_001).map(|name| format!("\"{name}\":0")).collect();
    let wide = format!("{{{}}}", wide.join(","));
    let big = " ".repeat(5 * 1024 * 1024 + 1);
    let good = order("PO-1", "1").to_string();
    let table = [
        ("application/json", String::new(), 400),
        ("application/json", "{".to_owned(), 400),
        ("application/json", format!("{good} x"), 400),
        ("application/json", good.replacen('{', "{\"number\":\"P\",", 1), 400),
        ("application/json", "{\"number\":\"\\ud800\"}".to_owned(), 400),
        ("application/json", "{\"number\":NaN}".to_owned(), 400),
        ("application/json", "{\"number\":1E400}".to_owned(), 400),
        ("application/json", "\u{0}".to_owned(), 400),
        ("application/json", deep, 400),
        ("application/json", many, 400),
        ("application/json", wide, 400),
        ("application/json", "[]".to_owned(), 422),
        ("application/json", "null".to_owned(), 422),
        ("application/json", good.replace("PO-1", "PO\\u0000"), 422),
        ("application/json", big, 413),
        ("application/json; charset=latin1", good.clone(), 415),
        ("application/vnd.x+json", good.clone(), 415),
        ("text/plain", good.clone(), 415),
        ("", good, 415),
        ("application/xml", "<Order".to_owned(), 400),
        ("application/xml", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>".to_owned(), 422),
        ("application/xml", "<Order xmlns=\"urn:wrong\"/>".to_owned(), 415),
    ];
    for (kind, body, status) in table {
        let shown: String = body.chars().take(40).collect();
        for path in ["/purchase-orders", "/receipts"] {
            let answer = edge.post(path, kind, body.clone()).await;
            assert_eq!(answer.status, status, "{path} {kind} {shown}: {}", answer.json());
        }
    }
}

#[tokio::test]
async fn a_revision_is_in_the_body_or_beside_it() {
    let edge = Edge::start().await;
    let misplaced = "/purchase-orders?revision=2";
    let body = order("PO-1", "1").to_string();
    assert_eq!(edge.post(misplaced, "application/json", body).await.status, 400);
    for revision in ["0", "x", "-1", "99999999999"] {
        let target = format!("/purchase-orders?revision={revision}");
        assert_eq!(edge.post(&target, "application/xml", "<a/>").await.status, 400);
    }
}

#[tokio::test]
async fn a_key_must_be_well_formed_here_too() {
    let edge = Edge::start().await;
    let body = order("PO-1", "1").to_string();
    let request = ask("POST", "/purchase-orders")
        .header("content-type", "application/json")
        .header("idempotency-key", "a b");
    let answer = edge.send(request.body(Body::from(body)).expect("a request")).await;
    assert_eq!(answer.problem(), (400, "idempotency-key-invalid".to_owned()));
}

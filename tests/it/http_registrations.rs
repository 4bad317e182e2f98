//! Orders and receipts: natural keys, revisions, and every fault of a bad body.

use ap_gateway::models::order::LINES_MAX;
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

/// Handbook §1.11: old revisions stay readable.
#[tokio::test]
async fn an_old_revision_is_looked_at_by_its_number() {
    let edge = Edge::start().await;
    let supplier = |name: &str| json!({"supplier_number": "V1", "name": name});
    let late = json!({"number": "GR-1", "purchase_order": "PO-1",
        "lines": [{"id": "1", "order_line": "1", "received": "11"}]});
    for (path, first, mut second) in [
        ("/purchase-orders", order("PO-1", "1.00"), order("PO-1", "2.00")),
        ("/receipts", receipt("GR-1"), late),
        ("/suppliers", supplier("Muster GmbH"), supplier("Muster AG")),
    ] {
        let first = edge.post(path, "application/json", first.to_string()).await;
        assert_eq!(first.status, 201, "{path}: {}", first.json());
        let location = first.header("location").to_owned();
        second["revision"] = json!(2);
        let second = edge.post(path, "application/json", second.to_string()).await;
        assert_eq!(second.status, 201, "{path}: {}", second.json());
        assert_ne!(first.header("etag"), second.header("etag"));
        for (query, seen) in [("?revision=1", &first), ("?revision=2", &second), ("", &second)] {
            let target = format!("{location}{query}");
            let answer = edge.get(&target).await;
            assert_eq!(answer.json(), seen.json(), "{target}");
            assert_eq!(answer.header("etag"), seen.header("etag"), "{target}");
            let again = ask("GET", &target).header("if-none-match", seen.header("etag"));
            let again = edge.send(again.body(Body::empty()).expect("a request")).await;
            assert_eq!(again.status, 304, "{target}");
        }
        let never = edge.get(&format!("{location}?revision=3")).await;
        assert_eq!(never.problem(), (404, "not-found".to_owned()), "{path}");
        for bad in ["0", "x", "-1", "99999999999"] {
            let refused = edge.get(&format!("{location}?revision={bad}")).await;
            assert_eq!(refused.problem(), (400, "invalid-request".to_owned()), "{path} {bad}");
            let named = ("revision".to_owned(), "invalid_value".to_owned());
            assert_eq!(refused.faults(), [named], "{path} {bad}");
        }
    }
    let nobody = edge.get("/suppliers/sup_01k8m0q4d7h1n5r9x2v6b3c8te?revision=1").await;
    assert_eq!(nobody.problem(), (404, "not-found".to_owned()));
}

#[tokio::test]
async fn orders_are_listed_by_whether_they_are_open() {
    let edge = Edge::start().await;
    for (number, status) in [("PO-1", "open"), ("PO-2", "closed"), ("PO-3", "cancelled")] {
        let mut order = order(number, "1.00");
        order["status"] = json!(status);
        let kept = edge.post("/purchase-orders", "application/json", order.to_string()).await;
        assert_eq!(kept.status, 201, "{number}");
    }
    for (query, expected) in [
        ("open=true", vec!["PO-1"]),
        ("open=false", vec!["PO-3", "PO-2"]),
        ("open=true&number=PO-2", vec![]),
    ] {
        let page = edge.get(&format!("/purchase-orders?{query}")).await.json();
        let items = page["items"].as_array().expect("items").iter();
        let numbers: Vec<_> = items.map(|item| item["number"].as_str().expect("a text")).collect();
        assert_eq!(numbers, expected, "{query}");
    }
    let refused = edge.get("/purchase-orders?open=yes").await;
    assert_eq!(refused.faults(), [("open".to_owned(), "invalid_value".to_owned())]);
    let page = edge.get("/purchase-orders?open=false&page_size=1").await.json();
    let token = page["next_page_token"].as_str().expect("a token");
    let foreign = edge.get(&format!("/purchase-orders?open=true&page_token={token}")).await;
    assert_eq!(foreign.problem(), (400, "invalid-page-token".to_owned()));
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

/// Lines are a size, and refused as one, before anybody looks at what stands in them.
#[tokio::test]
async fn more_lines_than_are_taken_are_too_large_in_json_as_in_xml() {
    let edge = Edge::start().await;
    let order = |lines: usize| {
        let line = |n| json!({"id": format!("{n}"), "quantity": "1", "unit_price": "1"});
        let lines: Vec<_> = (0..lines).map(line).collect();
        json!({"number": "PO-1", "currency": "EUR", "lines": lines}).to_string()
    };
    let receipt = json!({"number": "GR-1", "lines": vec![json!({"odd": 1}); LINES_MAX + 1]});
    let xml = format!(
        "<Order xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Order-2\" \
         xmlns:cac=\"urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2\">\
         {}</Order>",
        "<cac:OrderLine/>".repeat(LINES_MAX + 1)
    );
    let mut told = Vec::new();
    for (path, kind, body) in [
        ("/purchase-orders", "application/xml", xml),
        ("/purchase-orders", "application/json", order(LINES_MAX + 1)),
        ("/receipts", "application/json", receipt.to_string()),
    ] {
        let answer = edge.post(path, kind, body).await;
        assert_eq!(answer.problem(), (413, "payload-too-large".to_owned()), "{path} {kind}");
        let mut problem = answer.json();
        problem.as_object_mut().expect("a document").remove("request_id");
        told.push(problem);
    }
    assert_eq!((&told[0]["limit"], &told[0]["unit"]), (&json!(LINES_MAX), &json!("lines")));
    assert!(told.iter().all(|problem| *problem == told[0]), "{told:#?}");
    let most = edge.post("/purchase-orders", "application/json", order(LINES_MAX)).await;
    assert_eq!(most.status, 201);
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

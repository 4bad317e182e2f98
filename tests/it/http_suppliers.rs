//! Suppliers: the natural key, revisions, filters, and every fault of a bad body.

use serde_json::{Value, json};

use crate::edge::Edge;

const KIND: &str = "application/json";

fn supplier(number: &str, name: &str, vat_id: &str) -> Value {
    json!({"supplier_number": number, "name": name, "vat_ids": [vat_id]})
}

async fn numbers(edge: &Edge, query: &str) -> Vec<String> {
    let list = edge.get(&format!("/suppliers?{query}")).await.json();
    let items = list["items"].as_array().expect("items").iter();
    items.map(|item| item["supplier_number"].as_str().expect("a number").to_owned()).collect()
}

#[tokio::test]
async fn the_number_of_a_supplier_is_its_natural_key() {
    let edge = Edge::start().await;
    let post = async |body: &Value| edge.post("/suppliers", KIND, body.to_string()).await;
    let mut record = supplier("V1", "Muster GmbH", "DE1");
    let first = post(&record).await;
    assert_eq!(first.status, 201);
    let id = first.json()["id"].as_str().expect("an id").to_owned();
    assert!(id.starts_with("sup_"), "{id}");
    assert_eq!(first.header("location"), format!("/suppliers/{id}"));
    let seen = edge.get(first.header("location")).await;
    assert_eq!((seen.json(), seen.header("etag")), (first.json(), first.header("etag")));

    let again = post(&record).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    record["vat_ids"] = json!(["DE2"]);
    assert_eq!(post(&record).await.problem(), (409, "resource-exists".to_owned()));
    record["revision"] = json!(2);
    let next = post(&record).await;
    assert_eq!((next.status.as_u16(), &next.json()["id"]), (201, &json!(id)));
    assert_eq!(numbers(&edge, "vat_id=DE1").await, [""; 0]);
    assert_eq!(numbers(&edge, "vat_id=de%202").await, ["V1"]);
}

#[tokio::test]
async fn suppliers_are_found_by_name_vat_id_and_account() {
    let edge = Edge::start().await;
    let mut one = supplier("V1", "Muster GmbH", "DE1");
    one["accounts"] = json!([{"id": "DE02 1203 0000 0000 2020 51"}]);
    let mut other = supplier("V2", "Muster AG", "DE2");
    other["accounts"] =
        json!([{"id": "DE02120300000000202051", "verified_since": "2026-11-02"}, {"id": "X9"}]);
    for body in [&one, &other] {
        assert_eq!(edge.post("/suppliers", KIND, body.to_string()).await.status, 201);
    }
    for (query, expected) in [
        ("", &["V2", "V1"][..]),
        ("name=muster", &["V2", "V1"]),
        ("name=muster%20g", &["V1"]),
        ("name=gmbh", &[]),
        ("vat_id=DE-2", &["V2"]),
        ("iban=DE02120300000000202051", &["V2", "V1"]),
        ("iban=x9&vat_id=DE2", &["V2"]),
        ("iban=x9&vat_id=DE1", &[]),
        ("iban=---", &[]),
    ] {
        assert_eq!(numbers(&edge, query).await, expected, "{query}");
    }
    let page = edge.get("/suppliers?page_size=1&name=muster").await;
    let link = page.json()["next_page_token"].as_str().expect("a token").to_owned();
    assert_eq!(numbers(&edge, &format!("page_size=1&name=muster&page_token={link}")).await, ["V1"]);
    assert_eq!(edge.get("/suppliers?city=Bonn").await.status, 400);
}

#[tokio::test]
async fn every_fault_of_a_record_is_named() {
    let edge = Edge::start().await;
    let body = json!({"supplier_number": " ", "revision": 0, "aliases": ["", "A"],
        "vat_ids": vec!["DE1"; 101], "accounts": [{"id": "\u{1}"}], "name": "x".repeat(256)});
    let answer = edge.post("/suppliers", KIND, body.to_string()).await;
    assert_eq!(answer.problem(), (422, "validation-failed".to_owned()));
    let mut places: Vec<_> = answer.faults().into_iter().map(|(place, _)| place).collect();
    places.sort();
    let expected =
        ["/accounts/0/id", "/aliases/0", "/name", "/revision", "/supplier_number", "/vat_ids"];
    assert_eq!(places, expected);
    let unknown = json!({"supplier_number": "V1", "colour": "red"});
    let answer = edge.post("/suppliers", KIND, unknown.to_string()).await;
    assert_eq!(answer.faults()[0].0, "/colour");
    let xml = edge.post("/suppliers", "application/xml", "<a/>").await;
    assert_eq!(xml.problem(), (415, "unsupported-media-type".to_owned()));
    assert_eq!(numbers(&edge, "").await, [""; 0]);
}

//! `/batches`: results of each item, replays, corrections, limits, and what is refused whole.

mod artifacts;
mod bodies;
mod forms;
mod manifest;

use std::sync::Arc;

use ap_gateway::config;
use ap_gateway::models::access::Role;
use axum::body::Body;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::edge::{Answer, Edge, ask};
use crate::http_auth::{keep, new_key};

/// Posts a batch under a key; an empty key is none.
async fn post(edge: &Edge, key: &str, target: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let request = ask("POST", target).header("content-type", kind);
    let request = match key {
        "" => request,
        key => request.header("idempotency-key", key),
    };
    edge.send(request.body(body.into()).expect("a request")).await
}

async fn post_json(edge: &Edge, key: &str, body: &Value) -> Answer {
    post(edge, key, "/batches", "application/json", body.to_string()).await
}

fn item(key: &str, kind: &str, content: &[u8]) -> Value {
    json!({"item_key": key, "media_type": kind, "content_base64": BASE64_STANDARD.encode(content)})
}

/// A form with these parts: name, type, content.
fn form(boundary: &str, parts: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, kind, content) in parts {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"; \
             filename=\"{name}.bin\"\r\nContent-Type: {kind}\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    body
}

async fn post_form(
    edge: &Edge,
    key: &str,
    boundary: &str,
    parts: &[(&str, &str, &[u8])],
) -> Answer {
    let kind = format!("multipart/form-data; boundary={boundary}");
    post(edge, key, "/batches", &kind, form(boundary, parts)).await
}

/// Key, status, and the last part of the problem's type.
fn results(answer: &Answer) -> Vec<(String, u64, String)> {
    assert_eq!(answer.status.as_u16(), 207, "{}", String::from_utf8_lossy(&answer.body));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = answer.json();
    let items = body["items"].as_array().expect("items");
    let result = |item: &Value| {
        let slug = text(&item["problem"]["type"]);
        let slug = slug.rsplit('/').next().unwrap_or_default().to_owned();
        (text(&item["item_key"]), item["status"].as_u64().expect("a status"), slug)
    };
    items.iter().map(result).collect()
}

fn result(key: &str, status: u64, slug: &str) -> (String, u64, String) {
    (key.to_owned(), status, slug.to_owned())
}

#[tokio::test]
async fn a_bad_item_is_a_result_and_its_neighbours_stand() {
    let edge = Edge::start().await;
    let body = json!({"items": [
        item("a1", "application/xml", b"<a/>"),
        item("a2", "application/xml", b"PK\x03\x04"),
        item("a3", "no/such", b"x"),
        item("a4", "text/csv", b""),
        {"item_key": "a5", "media_type": "text/csv", "content_base64": "%"},
        item("a6", "application/pdf", b"%PDF-1.7"),
    ]});
    let answer = post_json(&edge, "k1", &body).await;
    assert_eq!(
        results(&answer),
        [
            result("a1", 202, ""),
            result("a2", 415, "unsupported-media-type"),
            result("a3", 415, "unsupported-media-type"),
            result("a4", 400, "invalid-request"),
            result("a5", 400, "invalid-request"),
            result("a6", 202, ""),
        ]
    );
    let batch = answer.json();
    assert_eq!(batch["counts"], json!({"accepted": 2, "refused": 4}));
    assert_eq!(batch["items"][1]["problem"]["detected"], "application/zip");
    assert_eq!(answer.header("location"), batch["links"]["self"]);
    // Their links work at once.
    for index in [0, 5] {
        let link = batch["items"][index]["links"]["self"].as_str().expect("a link");
        let invoice = edge.get(link).await.json();
        assert_eq!(
            (&invoice["status"], &invoice["id"]),
            (&json!("received"), &batch["items"][index]["id"])
        );
    }
    let id = batch["id"].as_str().expect("an id");
    let listed = edge.get(&format!("/invoices?batch_id={id}")).await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2));
    let other = edge.get("/invoices?batch_id=bat_00000000000000000000000000").await.json();
    assert_eq!(other["items"], json!([]));
    assert_eq!(edge.get("/invoices?batch_id=1").await.problem().0, 400);
}

#[tokio::test]
async fn a_form_streams_its_parts_and_a_part_names_its_key() {
    let edge = Edge::start().await;
    let large = vec![b' '; 25 * 1024 * 1024 + 1];
    let parts: [(&str, &str, &[u8]); 5] = [
        ("document", "application/xml", b"<a/>"),
        ("mine", "application/pdf", b"%PDF-1.7"),
        ("too-large", "text/csv", &large),
        ("document", "application/octet-stream", b"<b/>"),
        ("odd", "text/html", b"<html>"),
    ];
    let answer = post_form(&edge, "k1", "b1", &parts).await;
    assert_eq!(
        results(&answer),
        [
            result("1", 202, ""),
            result("mine", 202, ""),
            result("too-large", 413, "payload-too-large"),
            result("4", 202, ""),
            result("odd", 415, "unsupported-media-type"),
        ]
    );
    let body = answer.json();
    assert_eq!(body["items"][2]["problem"]["limit"], 25 * 1024 * 1024);
    assert_eq!(body["items"][1]["name"], "mine.bin");
    // The boundary changes on each attempt.
    let again = post_form(&edge, "k1", "another", &parts).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json(), body);
}

#[tokio::test]
async fn acceptance_16_sent_again_the_accepted_are_replayed_and_a_refused_one_may_come_corrected() {
    let edge = Edge::start().await;
    let first = json!({"items": [item("a", "application/xml", b"<a/>"), item("b", "application/pdf", b"<b/>")]});
    let answer = post_json(&edge, "k1", &first).await;
    assert_eq!(
        results(&answer),
        [result("a", 202, ""), result("b", 415, "unsupported-media-type")]
    );
    let kept = answer.json();
    // The same again: refused again, and nothing twice.
    let again = post_json(&edge, "k1", &first).await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (kept.clone(), "true"));
    // Corrected; the accepted one may be left out.
    let corrected = json!({"items": [item("b", "application/xml", b"<b/>")]});
    let answer = post_json(&edge, "k1", &corrected).await;
    assert_eq!(results(&answer), [result("b", 202, "")]);
    assert_eq!(answer.json()["id"], kept["id"]);
    // An accepted item is one document for ever.
    let other = json!({"items": [item("a", "application/xml", b"<other/>")]});
    let answer = post_json(&edge, "k1", &other).await;
    assert_eq!(results(&answer), [result("a", 422, "idempotency-key-reused")]);
    assert_eq!(answer.json()["items"][0]["problem"]["id"], kept["items"][0]["id"]);
    // An item that the batch has not, and another kind of batch.
    let more = json!({"items": [item("c", "application/xml", b"<c/>")]});
    assert_eq!(post_json(&edge, "k1", &more).await.problem().1, "idempotency-key-reused");
    let zip = post(&edge, "k1", "/batches", "application/zip", "PK\x03\x04").await;
    assert_eq!(zip.problem(), (422, "idempotency-key-reused".to_owned()));
    let wish = post(&edge, "k1", "/batches?known=replay", "application/json", first.to_string());
    assert_eq!(wish.await.problem().1, "idempotency-key-reused");
    let all = edge.get("/invoices").await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    let id = kept["id"].as_str().expect("an id");
    let seen = edge.get(&format!("/batches/{id}")).await.json();
    assert_eq!(seen["counts"], json!({"received": 2}));
}

/// The same edge with other limits.
async fn limited(edge: &Edge, limits: config::Http) -> Edge {
    let mut limited = edge.replica().await;
    limited.state.limits = Arc::new(limits);
    let auth = limited.state.auth.clone();
    limited.behind(auth)
}

#[tokio::test]
async fn acceptance_16_refusals_for_load_between_the_attempts_change_nothing() {
    let edge = Edge::guarded().await;
    let bearer = keep(&edge.state.ledger, &new_key("key:erp", &[Role::Submitter])).await;
    let no_quota = config::Http { quota_write: 1, ..config::Http::default() };
    let greedy = limited(&edge, no_quota).await;
    let full = limited(&edge, config::Http { in_flight_max: 0, ..config::Http::default() }).await;
    let first = json!({"items": [item("a", "application/xml", b"<a/>"), item("b", "application/pdf", b"<b/>")]});
    let corrected = json!({"items": [item("a", "application/xml", b"<a/>"), item("b", "application/xml", b"<b/>")]});
    let send = async |edge: &Edge, body: &Value| {
        let request = ask("POST", "/batches")
            .header("authorization", &bearer)
            .header("content-type", "application/json")
            .header("idempotency-key", "k1");
        edge.send(request.body(Body::from(body.to_string())).expect("a request")).await
    };
    // Its writes of ten seconds are used up by something else.
    let mut used = 0;
    while send(&greedy, &json!({"items": []})).await.status != 429 {
        used += 1;
        assert!(used < 100, "no quota");
    }
    let kept = send(&edge, &first).await.json();
    for (refusing, slug) in [(&greedy, (429, "quota-exceeded")), (&full, (503, "overloaded"))] {
        for body in [&first, &corrected] {
            let refused = send(refusing, body).await;
            assert_eq!(refused.problem(), (slug.0, slug.1.to_owned()));
            let told = refused.json();
            assert_eq!((&told["outcome"], &told["retry_safe"]), (&json!("not_done"), &json!(true)));
            assert!(!refused.header("retry-after").is_empty());
        }
        assert_eq!(send(&edge, &first).await.json(), kept, "as it was");
    }
    let answer = send(&edge, &corrected).await;
    assert_eq!(results(&answer), [result("a", 202, ""), result("b", 202, "")]);
    assert_eq!(answer.json()["items"][0]["id"], kept["items"][0]["id"]);
    let all = ask("GET", "/invoices").header("authorization", &bearer).body(Body::empty());
    let all = edge.send(all.expect("a request")).await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2), "no duplicate");
}

#[tokio::test]
async fn known_bytes_are_a_new_invoice_or_the_one_that_exists() {
    let edge = Edge::start().await;
    let alone = edge.post("/invoices", "application/xml", "<a/>").await.json();
    let body = json!({"items": [item("a", "application/xml", b"<a/>")]});
    let new = post_json(&edge, "k1", &body).await.json();
    assert_ne!(new["items"][0]["id"], alone["id"]);
    let target = "/batches?known=replay";
    let same = post(&edge, "k2", target, "application/json", body.to_string()).await.json();
    assert_eq!(same["items"][0]["id"], alone["id"]);
    let odd = post(&edge, "k3", "/batches?known=odd", "application/json", body.to_string()).await;
    assert_eq!(odd.problem(), (400, "invalid-request".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_11_a_hundred_at_once_with_one_key_are_one_batch() {
    let edge = std::sync::Arc::new(Edge::start().await);
    let body = json!({"items": [
        item("a", "application/xml", b"<a/>"),
        item("b", "application/xml", b"<b/>"),
        item("c", "no/such", b"c"),
    ]});
    let mut posts = JoinSet::new();
    for _ in 0..100 {
        let (edge, body) = (edge.clone(), body.clone());
        posts.spawn(async move { post_json(&edge, "k1", &body).await.json() });
    }
    let answers = posts.join_all().await;
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{}", answers[0]);
    let all = edge.get("/invoices").await.json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(2));
    let batches = edge.get("/batches").await.json();
    assert_eq!(batches["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_bad_envelope_makes_nothing() {
    let edge = Edge::start().await;
    let good = json!({"items": [item("a", "application/xml", b"<a/>")]}).to_string();
    let many: Vec<_> = (0..101).map(|n| item(&n.to_string(), "text/csv", b"x")).collect();
    let many = json!({ "items": many }).to_string();
    let twice = json!({"items": [item("a", "text/csv", b"x"), item("a", "text/csv", b"y")]});
    let parts: Vec<(&str, &str, &[u8])> = vec![("document", "text/csv", b"x"); 101];
    let crowd = form("b", &parts);
    let same = form("b", &[("a", "text/csv", b"x"), ("a", "text/csv", b"y")]);
    let cut = form("b", &[("a", "text/csv", b"x")]);
    let cut = cut.strip_suffix(b"--b--\r\n").expect("an end").to_vec();
    let json = "application/json";
    let multipart = "multipart/form-data; boundary=b";
    let table: [(&str, &str, Vec<u8>, u16, &str); 14] = [
        ("", json, good.clone().into(), 400, "idempotency-key-missing"),
        ("a b", json, good.into(), 400, "idempotency-key-invalid"),
        ("k", json, b"{".to_vec(), 400, "invalid-request"),
        ("k", json, b"{\"items\":[]}".to_vec(), 422, "validation-failed"),
        (
            "k",
            json,
            b"{\"items\":[{\"media_type\":\"text/csv\"}]}".to_vec(),
            422,
            "validation-failed",
        ),
        ("k", json, b"{\"odd\":1}".to_vec(), 422, "validation-failed"),
        ("k", json, twice.to_string().into(), 422, "validation-failed"),
        ("k", json, many.into(), 413, "payload-too-large"),
        ("k", multipart, crowd, 413, "payload-too-large"),
        ("k", multipart, same, 400, "invalid-request"),
        ("k", multipart, cut, 400, "invalid-request"),
        ("k", multipart, b"--b--\r\n".to_vec(), 400, "invalid-request"),
        ("k", "text/plain", b"x".to_vec(), 415, "unsupported-media-type"),
        ("k", "application/zip", b"%PDF-1.7".to_vec(), 415, "unsupported-media-type"),
    ];
    for (key, kind, body, status, slug) in table {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = post(&edge, key, "/batches", kind, body).await;
        assert_eq!(answer.problem(), (status, slug.to_owned()), "{kind} {shown}");
    }
    assert_eq!(edge.get("/batches").await.json()["items"], json!([]));
    assert_eq!(edge.get("/invoices").await.json()["items"], json!([]));
}

#[tokio::test]
async fn a_json_body_over_its_limit_is_refused_though_an_archive_would_fit() {
    let edge = Edge::start().await;
    let large = "x".repeat(16 * 1024 * 1024 + 1);
    let answer = post(&edge, "k", "/batches", "application/json", large).await;
    assert_eq!(answer.problem(), (413, "payload-too-large".to_owned()));
    assert_eq!(answer.json()["limit"], 16 * 1024 * 1024);
}

#[tokio::test]
async fn a_batch_is_looked_at_with_its_validator_and_walked_in_lists() {
    let edge = Edge::with(config::Http::default()).await;
    let mut ids = Vec::new();
    for n in 0..3 {
        let body = json!({"items": [item("a", "application/xml", format!("<a{n}/>").as_bytes()),
            item("b", "no/such", b"x")]});
        let answer = post_json(&edge, &format!("k{n}"), &body).await.json();
        ids.push(answer["id"].as_str().expect("an id").to_owned());
    }
    let path = format!("/batches/{}", ids[0]);
    let answer = edge.get(&path).await;
    let batch = answer.json();
    assert_eq!(batch["counts"], json!({"received": 1, "refused": 1}));
    assert_eq!((&batch["kind"], &batch["status"]), (&json!("inline"), &json!("accepted")));
    assert_eq!(batch["items"][0]["status"], "received");
    assert_eq!(batch["items"][1]["problem"]["status"], 415);
    assert_eq!(answer.header("retry-after"), "5");
    let held = ask("GET", &path).header("if-none-match", answer.header("etag"));
    assert_eq!(edge.send(held.body(Body::empty()).expect("a request")).await.status, 304);

    let page = edge.get("/batches?page_size=2").await.json();
    assert_eq!(page["items"][0]["id"], *ids[2]);
    let token = page["next_page_token"].as_str().expect("a token");
    let page = edge.get(&format!("/batches?page_size=2&page_token={token}")).await.json();
    assert_eq!(page["items"][0]["id"], *ids[0]);
    assert_eq!(edge.get("/batches?status=accepting").await.json()["items"], json!([]));
    assert_eq!(edge.get("/batches?status=odd").await.problem().0, 400);

    let refused = edge.get(&format!("{path}/items?state=refused")).await.json();
    assert_eq!(refused["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(refused["items"][0]["item_key"], "b");
    let page = edge.get(&format!("{path}/items?page_size=1")).await.json();
    let token = page["next_page_token"].as_str().expect("a token");
    let page = edge.get(&format!("{path}/items?page_size=1&page_token={token}")).await.json();
    assert_eq!(page["items"][0]["item_key"], "b");

    for odd in ["/batches/bat_00000000000000000000000000", "/batches/1", "/batches/bat_/items"] {
        assert_eq!(edge.get(odd).await.problem(), (404, "not-found".to_owned()), "{odd}");
    }
    let cancel = edge.post(&format!("{path}/cancel"), "application/json", "").await;
    assert_eq!(cancel.problem(), (409, "state-conflict".to_owned()));
    assert_eq!(cancel.json()["status_now"], "accepted");
}

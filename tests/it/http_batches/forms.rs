//! What a part of a form may be: a document with its name, and no field.

use serde_json::json;

use crate::edge::{Answer, Edge};
use crate::http_batches::{item, post, post_form, post_json, result, results};

/// Posts a form whose parts have these heads.
async fn post_parts(edge: &Edge, key: &str, heads: &[&str]) -> Answer {
    let mut body = String::new();
    for head in heads {
        body.push_str(&format!("--b\r\nContent-Disposition: form-data{head}\r\n\r\n<a/>\r\n"));
    }
    body.push_str("--b--\r\n");
    post(edge, key, "/batches", "multipart/form-data; boundary=b", body).await
}

#[tokio::test]
async fn a_field_is_refused_and_becomes_no_invoice() {
    let edge = Edge::start().await;
    let document = "; name=\"mine\"; filename=\"a.xml\"";
    let table = [
        ("; name=\"reference\"", "reference"),
        ("; name=\"document\"", "document"),
        ("; name=\"reference\"; filename=\"\"", "reference"),
        ("", "2"),
    ];
    for (head, part) in table {
        let answer = post_parts(&edge, "k", &[document, head]).await;
        assert_eq!(answer.problem(), (400, "invalid-request".to_owned()), "{head}");
        assert_eq!(answer.faults(), [(part.to_owned(), "unknown_parameter".to_owned())], "{head}");
        let told = answer.json()["errors"][0]["detail"].as_str().map(str::to_owned);
        assert!(told.expect("a text").contains("a filename"), "{head}");
    }
    assert_eq!(edge.get("/batches").await.json()["items"], json!([]));
    assert_eq!(edge.get("/invoices").await.json()["items"], json!([]));
    // Either of the two says that it is a file.
    let typed = "; name=\"typed\"\r\nContent-Type: application/xml";
    let answer = post_parts(&edge, "k", &[document, typed]).await;
    assert_eq!(results(&answer), [result("mine", 202, ""), result("typed", 202, "")]);
    let items = answer.json()["items"].clone();
    assert_eq!((&items[0]["name"], items[1].get("name")), (&json!("a.xml"), None));
}

#[tokio::test]
async fn a_filename_is_held_to_the_rule_for_names_in_json() {
    let edge = Edge::start().await;
    let (fits, long) = ("x".repeat(255), "x".repeat(256));
    let table = [
        (long.as_str(), "too_long"),
        ("a\tb.xml", "control_character"),
        ("a\u{85}b.xml", "control_character"),
        ("  ", "empty"),
    ];
    for (name, code) in table {
        let head = format!("; name=\"mine\"; filename=\"{name}\"");
        let in_a_form = post_parts(&edge, "k", &[&head]).await;
        assert_eq!(in_a_form.problem(), (400, "invalid-request".to_owned()), "{name:?}");
        assert_eq!(in_a_form.faults(), [("mine".to_owned(), code.to_owned())], "{name:?}");
        let mut document = item("mine", "application/xml", b"<a/>");
        document["name"] = json!(name);
        let in_json = post_json(&edge, "k", &json!({"items": [document]})).await;
        assert_eq!(in_json.faults(), [("/items/0/name".to_owned(), code.to_owned())], "{name:?}");
    }
    let head = format!("; name=\"mine\"; filename=\"{fits}\"");
    let answer = post_parts(&edge, "k", &[&head]).await;
    assert_eq!(results(&answer), [result("mine", 202, "")]);
    assert_eq!(answer.json()["items"][0]["name"], fits);
}

#[tokio::test]
async fn a_form_within_a_batch_is_not_told_to_be_taken() {
    let edge = Edge::start().await;
    let kind = "multipart/form-data";
    let in_a_form = post_form(&edge, "k1", "b", &[("a", kind, b"x")]).await;
    let in_json = post_json(&edge, "k2", &json!({"items": [item("a", kind, b"x")]})).await;
    for (answer, word) in [(in_a_form, "part"), (in_json, "item")] {
        assert_eq!(results(&answer), [result("a", 415, "unsupported-media-type")]);
        let problem = answer.json()["items"][0]["problem"].clone();
        let accepted = problem["accepted"].as_array().expect("types");
        assert!(accepted.contains(&json!("application/xml")), "{problem}");
        assert!(!accepted.contains(&json!(kind)), "{problem}");
        let detail = problem["detail"].as_str().expect("a text");
        assert!(detail.ends_with(&format!("; the {word} has \"{kind}\".")), "{detail}");
    }
}

//! The document says what the router does, and the pages show it offline.

use std::collections::BTreeSet;
use std::sync::Arc;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::http::error::Slug;
use ap_gateway::http::openapi;
use ap_gateway::http::openapi::{document_text, operations_text};
use ap_gateway::models::access::Role;
use axum::body::Body;
use serde_json::{Value, json};

use crate::edge::{Answer, Edge, ask};
use crate::http_auth::{keep, new_key};

/// The answer itself, wherever it stands.
fn resolved<'d>(document: &'d Value, response: &'d Value) -> &'d Value {
    let reference = response["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
    let Some(place) = reference else {
        return response;
    };
    document.pointer(place).expect("a reference that leads somewhere")
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            operations.push((path.clone(), method.clone(), operation.clone()));
        }
    }
    operations
}

/// Every operation, in the order of the alphabet: a new one is added here by hand.
const OPERATIONS: [&str; 64] = [
    "cancel_batch",
    "cancel_invoice",
    "cancel_invoices",
    "cancel_payment_file",
    "cancel_workflow",
    "correct_invoices",
    "create_payment_file",
    "create_purchase_order",
    "create_receipt",
    "create_supplier",
    "create_webhook",
    "decide_bank_entry",
    "decide_invoice",
    "delete_webhook",
    "get_artifact",
    "get_bank_entry",
    "get_bank_statement",
    "get_batch",
    "get_invoice",
    "get_invoice_document",
    "get_invoice_extraction",
    "get_invoice_reconciliation",
    "get_invoice_response",
    "get_live",
    "get_log_level",
    "get_payment_file",
    "get_payment_file_document",
    "get_purchase_order",
    "get_ready",
    "get_receipt",
    "get_reconciliation",
    "get_supplier",
    "get_webhook",
    "get_workflow",
    "get_workflow_history",
    "get_workflow_result",
    "list_bank_entries",
    "list_bank_statements",
    "list_batch_items",
    "list_batches",
    "list_invoices",
    "list_payment_files",
    "list_purchase_orders",
    "list_receipts",
    "list_suppliers",
    "list_webhook_deliveries",
    "list_webhooks",
    "list_workflows",
    "preview_reconciliation",
    "put_artifact",
    "replay_webhook",
    "retry_invoice",
    "retry_invoices",
    "rotate_webhook_secret",
    "set_log_level",
    "start_ping",
    "start_reconciliation",
    "stream_invoice_events",
    "submit_bank_statement",
    "submit_batch",
    "submit_invoice",
    "terminate_workflow",
    "test_webhook",
    "update_webhook",
];

#[tokio::test]
async fn the_document_is_served_as_it_is_made() {
    let edge = Edge::start().await;
    let served = edge.get("/openapi.json").await;
    let made = serde_json::to_value(openapi()).expect("JSON");
    assert_eq!(served.json(), made);
    assert_eq!(made["openapi"], "3.1.0");
    let ids: BTreeSet<_> = operations(&made)
        .iter()
        .map(|(_, _, operation)| operation["operationId"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(ids, OPERATIONS.map(str::to_owned).into());
}

/// The committed files are what reviewers and client generators read.
#[test]
fn acceptance_41_the_committed_document_is_the_present_one() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi");
    let document = openapi();
    let files = [
        ("openapi.json", document_text(&document)),
        ("operations.txt", operations_text(&document)),
    ];
    for (name, present) in files {
        let committed = std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            committed == present,
            "openapi/{name} is not what the routes say; run `ap-gateway openapi --write`"
        );
    }
}

#[test]
fn every_operation_is_described_with_examples_and_problems() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    for (path, method, operation) in operations(&document) {
        let name = format!("{method} {path}");
        assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name}");
        for (status, response) in operation["responses"].as_object().expect("responses") {
            let content = response["content"].as_object();
            if status.as_str() >= "400" {
                let response = resolved(&document, response);
                let problem = &response["content"]["application/problem+json"];
                let schema = &problem["schema"]["$ref"];
                assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
                assert!(problem["examples"].is_object(), "{name} {status}");
            } else if let Some(content) = content.filter(|_| !path.ends_with("/document")) {
                let shown =
                    |media: &Value| media["example"].is_object() || media["example"].is_string();
                let examples = content.values().all(shown);
                assert!(examples, "{name} {status} has no example");
            }
            if status == "202" {
                let headers = &response["headers"];
                assert!(headers["Location"].is_object() && headers["Retry-After"].is_object());
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].is_string(), "{name}: {parameter}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere_and_nothing_is_left_over() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let text = document.to_string();
    let components = document["components"].as_object().expect("components");
    for (kind, members) in components {
        for name in members.as_object().expect("members").keys() {
            // A scheme is named, not referred to.
            let reference = match kind.as_str() {
                "securitySchemes" => format!("\"security\":[{{\"{name}\":"),
                _ => format!("\"#/components/{kind}/{name}\""),
            };
            assert!(text.contains(&reference), "{kind} {name} is used nowhere");
        }
    }
    for reference in text.split("\"#/").skip(1) {
        let place = reference.split('"').next().expect("a place");
        assert!(document.pointer(&format!("/{place}")).is_some(), "{place} is not there");
    }
}

/// A variant's name in Rust is not what is sent.
#[test]
fn words_of_enumerations_are_those_of_the_wire() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        for word in schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let capital = word.starts_with(|first: char| first.is_ascii_uppercase());
            let mixed = capital && word.contains(|other: char| other.is_ascii_lowercase());
            assert!(!mixed, "{name}: {word}");
        }
    }
}

/// Examples are held against their schemas, as far as that goes without a validator: all that
/// is required is there, and nothing that is not described.
#[test]
fn examples_have_the_members_of_their_schemas() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    for (path, method, operation) in operations(&document) {
        let bodies = operation["requestBody"]["content"].as_object().into_iter().flatten();
        let answers = operation["responses"].as_object().into_iter().flatten();
        let answers = answers.flat_map(|(_, answer)| answer["content"].as_object());
        for (_, media) in bodies.chain(answers.flatten()) {
            let Some(example) = media["example"].as_object() else {
                continue;
            };
            let Some(place) = media["schema"]["$ref"].as_str() else {
                continue;
            };
            let schema = document.pointer(&place[1..]).expect("a schema");
            let described = schema["properties"].as_object().expect("an object");
            for member in example.keys() {
                assert!(described.contains_key(member), "{method} {path}: {member}");
            }
            for member in schema["required"].as_array().into_iter().flatten() {
                let member = member.as_str().expect("a name");
                assert!(example.contains_key(member), "{method} {path}: {member} is missing");
            }
        }
    }
}

#[tokio::test]
async fn every_problem_has_its_page() {
    let edge = Edge::start().await;
    for slug in Slug::ALL {
        let answer = edge.get(&slug.reference()).await;
        assert_eq!(answer.status, 200, "{slug:?}");
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(String::from_utf8_lossy(&answer.body).contains(slug.title()));
    }
}

/// Who comes again gets 304, and the policy of the page with it: a browser takes the headers of a
/// 304 for those of what it has.
#[tokio::test]
async fn pages_are_sent_once_and_then_known_by_their_validator() {
    let edge = Edge::start().await;
    for target in [
        "/docs",
        "/docs/swagger-ui-bundle.js",
        "/docs/swagger-initializer.js",
        "/docs/problems/not-found",
        "/openapi.json",
    ] {
        let first = edge.get(target).await;
        assert_eq!(first.status, 200, "{target}");
        assert_eq!(first.header("cache-control"), "private, no-cache", "{target}");
        let again = ask("GET", target).header("if-none-match", first.header("etag"));
        let again = edge.send(again.body(Body::empty()).expect("a request")).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{target}");
        for kept in ["etag", "cache-control", "content-security-policy"] {
            assert_eq!(again.header(kept), first.header(kept), "{target} {kept}");
        }
        let other = ask("GET", target).header("if-none-match", "\"x\"");
        let other = edge.send(other.body(Body::empty()).expect("a request")).await;
        assert_eq!((other.status, other.body), (first.status, first.body), "{target}");
    }
    let tag = |answer: Answer| answer.header("etag").to_owned();
    let two =
        [edge.get("/docs/problems/not-found").await, edge.get("/docs/problems/removed").await];
    let [one, other] = two.map(tag);
    assert_ne!(one, other);
    // Its own page reaches for the net; ours takes its place.
    for page in ["/docs/index.html", "/docs/%2F"] {
        assert_eq!(edge.get(page).await.status, 404, "{page}");
    }
}

/// What goes with every answer, and the type of its body, which stands with its content.
const OF_ALL: [&str; 8] = [
    "content-type",
    "content-length",
    "cache-control",
    "content-security-policy",
    "referrer-policy",
    "x-content-type-options",
    "cross-origin-resource-policy",
    "cross-origin-opener-policy",
];

/// Headers in small letters that the document has for an answer.
fn described(document: &Value, (path, method): (&str, &str), status: u16) -> BTreeSet<String> {
    let answer = &document["paths"][path][method]["responses"][status.to_string()];
    assert!(!answer.is_null(), "{method} {path} {status}");
    let headers = resolved(document, answer)["headers"].as_object().into_iter().flatten();
    headers.map(|(name, _)| name.to_ascii_lowercase()).collect()
}

/// What is asked: method, target, and headers besides the key.
type Asked<'a> = (&'a str, String, Vec<(&'a str, &'a str)>);

/// What comes: where that stands in the document, the status, and headers that must be among those.
type Told<'a> = (&'a str, u16, &'a [&'a str]);

fn told<'a>(invoice: &'a str, tag: &'a str) -> Vec<(Asked<'a>, Told<'a>)> {
    let list = || "/invoices".to_owned();
    let (one, part) = ("/invoices/{id}", "/invoices/{id}/extraction");
    let get = |target: String, headers| ("GET", target, headers);
    let post = |headers| ("POST", list(), headers);
    let zipped = vec![("content-type", "application/xml"), ("content-encoding", "gzip")];
    vec![
        (get(list(), vec![]), ("/invoices", 200, &["ratelimit", "ratelimit-policy"])),
        (get(list() + "?a=1", vec![]), ("/invoices", 400, &["ratelimit"])),
        (
            get(list(), vec![("authorization", "Bearer x")]),
            ("/invoices", 401, &["www-authenticate"]),
        ),
        (get(invoice.to_owned(), vec![]), (one, 200, &["vary", "etag", "retry-after"])),
        (get(invoice.to_owned(), vec![("if-none-match", tag)]), (one, 304, &["vary", "etag"])),
        (get(invoice.to_owned(), vec![("accept", "image/png")]), (one, 406, &["ratelimit"])),
        (get(format!("{invoice}/extraction"), vec![]), (part, 404, &["retry-after"])),
        (post(vec![("content-type", "a/b")]), ("/invoices", 415, &["accept"])),
        (post(zipped), ("/invoices", 415, &["accept-encoding"])),
        (post(vec![("content-type", "text/csv")]), ("/invoices", 400, &["ratelimit"])),
    ]
}

/// Handbook §7: headers both ways.
#[tokio::test]
async fn headers_that_are_sent_are_described() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    let open = Edge::start().await;
    let invoice = open.post("/invoices", "application/xml", "<a/>").await;
    let invoice = invoice.header("location").to_owned();
    let tag = open.get(&invoice).await.header("etag").to_owned();
    let key = keep(&open.state.ledger, &new_key("key:erp", &Role::ALL)).await;
    let metrics = Arc::clone(&open.state.metrics);
    let (login, tokens) = (config::Auth::default(), config::Jwt::default());
    let auth = Auth::required(&open.state.ledger, &login, &tokens, &metrics);
    let edge = open.behind(auth);
    for ((method, target, headers), (path, status, expected)) in told(&invoice, &tag) {
        let mut request = ask(method, &target);
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", &key);
        }
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, status, "{method} {target}");
        let described = described(&document, (path, &method.to_lowercase()), status);
        for name in answer.headers.keys().map(|name| name.as_str()) {
            let known = OF_ALL.contains(&name) || described.contains(name);
            assert!(known, "{method} {target} {status}: {name} is in no description");
        }
        for name in expected {
            assert!(answer.headers.contains_key(*name), "{method} {target} {status}: no {name}");
        }
    }
    // Seldom to be seen, and described all the same.
    for (status, name) in [(503, "retry-after"), (504, "retry-after"), (429, "ratelimit")] {
        assert!(described(&document, ("/invoices", "get"), status).contains(name), "{status}");
    }
    assert!(!described(&document, ("/invoices", "get"), 401).contains("ratelimit"));
}

/// A client that is made of the document must not send what is refused, nor refuse what is taken.
#[test]
fn numbers_are_bounded_as_they_are_read() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    for name in ["PurchaseOrder", "Receipt", "SupplierRecord", "KeptPurchaseOrder"] {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(schema["properties"]["revision"]["minimum"], 1, "{name}");
    }
    let parameters = document["paths"]["/invoices"]["get"]["parameters"].as_array();
    let size = parameters.into_iter().flatten().find(|one| one["name"] == "page_size");
    assert_eq!(size.expect("a size")["schema"], json!({"type": "integer", "minimum": 0}));
}

#[tokio::test]
async fn the_viewer_brings_all_its_files() {
    let edge = Edge::start().await;
    let page = edge.get("/docs").await;
    let page = String::from_utf8(page.body).expect("UTF-8");
    let files: Vec<_> = page.split('"').filter(|text| text.starts_with("/docs/")).collect();
    assert_eq!(files.len(), 6);
    for file in files {
        let answer = edge.get(file).await;
        assert_eq!(answer.status, 200, "{file}");
    }
    let start = edge.get("/docs/swagger-initializer.js").await;
    let start = String::from_utf8(start.body).expect("UTF-8");
    assert!(start.contains("\"/openapi.json\"") && start.contains("\"none\""), "{start}");
    assert!(!page.contains("http"), "the page reaches for the net");
}

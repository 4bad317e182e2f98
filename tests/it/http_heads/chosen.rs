//! What there is in several types says that `Accept` chooses among them.

use ap_gateway::http::openapi;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::matching::Concerns;
use axum::body::Body;
use axum::http::header::VARY;
use chrono::Utc;
use serde_json::json;

use crate::edge::{Answer, Edge, ask};
use crate::ledger::{extraction, takes};

/// Where an invoice is whose result is long enough to be compressed.
async fn compared(edge: &Edge) -> String {
    let answer = edge.post("/invoices", "application/xml", "<Invoice/>").await.json();
    let id = InvoiceId::parse(answer["id"].as_str().expect("a text")).expect("an id");
    let (ledger, now) = (&edge.state.ledger, Utc::now());
    ledger.enter(&id, InvoiceStatus::Extracting, now).await.expect("a step");
    ledger.record_extraction(&id, &extraction("RE-1", "PO-1"), now).await.expect("a step");
    let text = "too dear ".repeat(300);
    let hold = json!([{"code": "UNIT_PRICE", "line": "1", "severity": "stop", "text": text}]);
    let holds = serde_json::from_value(hold).expect("a hold");
    let result = Reconciliation { holds, ..takes("h1", "PO-1", "1") };
    let matching = ledger.matching(&id, Concerns::orders(&["PO-1"])).await.expect("an answer").0;
    matching.record(&result, InvoiceStatus::Held, now).await.expect("a step");
    format!("/invoices/{id}")
}

fn varies(answer: &Answer) -> Vec<String> {
    let values = answer.headers.get_all(VARY).into_iter();
    let names = values.flat_map(|value| value.to_str().expect("ASCII").split(','));
    names.map(|name| name.trim().to_ascii_lowercase()).collect()
}

#[tokio::test]
async fn what_accept_chooses_says_so_whole_unchanged_or_without_its_body() {
    let edge = Edge::start().await;
    let location = compared(&edge).await;
    let parts = [("response", "application/xml"), ("reconciliation", "text/plain")];
    for (part, other) in parts {
        let target = format!("{location}/{part}");
        for accept in ["application/json", other] {
            let look = async |method: &str, known: &str| {
                let request = ask(method, &target).header("accept", accept);
                let request = request.header("if-none-match", known);
                edge.send(request.body(Body::empty()).expect("a request")).await
            };
            let whole = look("GET", "").await;
            assert!(whole.header("content-type").starts_with(accept), "{whole:?}");
            let tag = whole.header("etag");
            for (method, known, status) in
                [("GET", "", 200), ("HEAD", "", 200), ("GET", tag, 304), ("HEAD", tag, 304)]
            {
                let answer = look(method, known).await;
                assert_eq!(answer.status, status, "{method} {part} {accept}");
                assert!(varies(&answer).contains(&"accept".to_owned()), "{answer:?}");
            }
        }
    }
    let long = edge.get(&format!("{location}/reconciliation")).await;
    let mut both = varies(&long);
    both.sort();
    assert_eq!(both, ["accept", "accept-encoding"]);
}

#[test]
fn the_document_says_of_what_accept_chooses_that_it_varies() {
    let document = serde_json::to_value(openapi()).expect("JSON");
    for part in ["response", "reconciliation"] {
        for status in ["200", "304"] {
            let operation = &document["paths"][format!("/invoices/{{id}}/{part}")]["get"];
            let vary = &operation["responses"][status]["headers"]["Vary"];
            assert_eq!(vary["$ref"], "#/components/headers/Vary", "{part} {status}");
        }
    }
}

//! Handing in invoices while Temporal is away: every one is a 202 that can be looked at.

use std::collections::HashSet;

use ap_gateway::config;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::matching::Concerns;
use axum::body::Body;
use chrono::Utc;
use futures::future::join_all;

use crate::edge::{Answer, Edge, ask};
use crate::ledger::{extraction, takes};

const XML: &str = "<Invoice xmlns=\"urn:oasis:names:specification:ubl:schema:xsd:Invoice-2\"/>";

async fn keyed(edge: &Edge, key: &str, body: &str) -> Answer {
    let request = ask("POST", "/invoices")
        .header("content-type", "application/xml")
        .header("idempotency-key", key);
    edge.send(request.body(Body::from(body.to_owned())).expect("a request")).await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_submission_is_202_and_there_at_once_without_temporal() {
    let edge = Edge::start().await;
    let answer = edge.post("/invoices?purchase_order=PO-1", "text/xml; charset=utf-8", XML).await;
    assert_eq!(answer.status, 202);
    let body = answer.json();
    assert_eq!(body["status"], "received");
    assert_eq!(body["purchase_order"], "PO-1");
    assert_eq!(body["document"]["bytes"], XML.len());
    assert_eq!(body["document"]["media_type"], "application/xml");
    assert_eq!(body["submitted_by"], "anonymous");
    assert!(
        body["received_at"].as_str().is_some_and(|time| time.len() == 24 && time.ends_with('Z'))
    );
    assert_eq!(answer.header("retry-after"), "2");
    let location = format!("/invoices/{}", id(&answer));
    assert_eq!(answer.header("location"), location);
    let seen = edge.get(&location).await;
    assert_eq!((seen.status.as_u16(), seen.json()), (200, body));
    assert_eq!((seen.header("retry-after"), seen.header("vary")), ("5", "Prefer"));
    assert_eq!(seen.header("cache-control"), "private, no-cache");
    let again = ask("GET", &location).header("if-none-match", seen.header("etag"));
    let again = edge.send(again.body(Body::empty()).expect("a request")).await;
    assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
}

/// Handbook §1.2: who follows links finds the stream, and what the supplier is told.
#[tokio::test]
async fn links_lead_to_the_events_and_once_it_was_read_to_the_response() {
    let edge = Edge::start().await;
    let answer = edge.post("/invoices", "application/xml", XML).await;
    let (body, location) = (answer.json(), answer.header("location").to_owned());
    assert_eq!(body["links"]["events"], format!("{location}/events"));
    assert_eq!(body["links"].get("response"), None);
    let head = ask("HEAD", body["links"]["events"].as_str().expect("a link"));
    let head = edge.send(head.body(Body::empty()).expect("a request")).await;
    assert_eq!(head.header("content-type"), "text/event-stream");
    let (id, now) = (InvoiceId::parse(&id(&answer)).expect("an id"), Utc::now());
    let ledger = &edge.state.ledger;
    ledger.enter(&id, InvoiceStatus::Extracting, now).await.expect("a step");
    ledger.record_extraction(&id, &extraction("RE-1", "PO-1"), now).await.expect("a step");
    let body = edge.get(&location).await.json();
    assert_eq!(body["status"], "validated");
    let response = body["links"]["response"].as_str().expect("a link");
    assert_eq!(response, format!("{location}/response"));
    assert_eq!(edge.get(response).await.status, 200);
}

/// Handbook §1.10: what narrows the list, and what it says of each.
#[tokio::test]
async fn the_list_is_narrowed_by_supplier_hold_amount_and_day() {
    let edge = Edge::start().await;
    let ledger = &edge.state.ledger;
    let supplier = serde_json::json!({"supplier_number": "V1", "name": "Seller GmbH"});
    let supplier = edge.post("/suppliers", "application/json", supplier.to_string()).await.json();
    let supplier = supplier["id"].as_str().expect("an id");
    let held = id(&edge.post("/invoices", "application/xml", XML).await);
    edge.post("/invoices", "application/xml", "<Other/>").await;
    let (id, now) = (InvoiceId::parse(&held).expect("an id"), Utc::now());
    ledger.enter(&id, InvoiceStatus::Extracting, now).await.expect("a step");
    ledger.record_extraction(&id, &extraction("RE-1", "PO-1"), now).await.expect("a step");
    let hold = r#"[{"code": "UNIT_PRICE", "line": "1", "severity": "stop", "text": "too dear"}]"#;
    let holds = serde_json::from_str(hold).expect("a hold");
    let result = Reconciliation { holds, ..takes("h1", "PO-1", "1") };
    let opened = ledger.matching(&id, Concerns::orders(&["PO-1"])).await.expect("an answer").0;
    let matching = opened.of_supplier(Some("V1".to_owned()));
    matching.record(&result, InvoiceStatus::Held, now).await.expect("a step");

    let body = edge.get(&format!("/invoices/{held}")).await.json();
    assert_eq!(body["supplier_id"], supplier);
    let since = body["holds"][0]["since"].as_str().expect("a time");
    assert!(since.ends_with('Z') && since.len() <= 24, "{since}");
    let stranger = "sup_01k8m0q4d7h1n5r9x2v6b3c8te";
    let table = [
        (format!("supplier_id={supplier}"), 1),
        (format!("supplier_id={stranger}"), 0),
        ("hold=UNIT_PRICE,PO_LIMIT".to_owned(), 1),
        ("hold=PO_LIMIT".to_owned(), 0),
        ("currency=EUR&amount_min=1190&amount_max=1190.01".to_owned(), 1),
        ("currency=EUR&amount_max=1190.00".to_owned(), 0),
        ("currency=USD&amount_min=0".to_owned(), 0),
        ("due_after=2026-12-20&due_before=2026-12-21".to_owned(), 1),
        ("due_before=2026-12-20".to_owned(), 0),
    ];
    for (query, count) in table {
        let page = edge.get(&format!("/invoices?{query}")).await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(count), "{query}: {page}");
    }
    let refused = edge.get("/invoices?amount_min=1&amount_max=2").await;
    let named = |name: &str| (name.to_owned(), "needs_currency".to_owned());
    assert_eq!(refused.problem(), (400, "invalid-request".to_owned()));
    assert_eq!(refused.faults(), [named("amount_min"), named("amount_max")]);
}

#[tokio::test]
async fn the_document_comes_back_as_it_was() {
    let edge = Edge::start().await;
    let location = edge.post("/invoices", "application/xml", XML).await;
    let location = location.header("location").to_owned();
    let answer = edge.get(&format!("{location}/document")).await;
    assert_eq!(answer.body, XML.as_bytes());
    assert_eq!(answer.header("content-type"), "application/xml");
    assert!(answer.header("content-disposition").starts_with("attachment; filename=\"inv_"));
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    for part in ["extraction", "reconciliation"] {
        let answer = edge.get(&format!("{location}/{part}")).await;
        assert_eq!(answer.problem(), (404, "not-produced-yet".to_owned()));
        assert_eq!(answer.json()["status_now"], "received");
        assert_eq!(answer.header("retry-after"), "2");
    }
    let png = ask("GET", &format!("{location}/document")).header("accept", "image/png");
    let png = edge.send(png.body(Body::empty()).expect("a request")).await;
    assert_eq!(png.json()["available"][0], "application/xml");
}

#[tokio::test]
async fn keys_and_known_bytes_replay() {
    let edge = Edge::start().await;
    let first = keyed(&edge, "k1", XML).await;
    let replay = keyed(&edge, "\"k1\"", XML).await;
    assert_eq!(id(&first), id(&replay));
    assert_eq!(first.header("idempotency-replayed"), "");
    assert_eq!((replay.status.as_u16(), replay.header("idempotency-replayed")), (202, "true"));
    let other = keyed(&edge, "k1", "<Other/>").await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused".to_owned()));
    assert_eq!(other.json()["id"].as_str(), Some(id(&first).as_str()));
    let known = edge.post("/invoices", "application/xml", XML).await;
    assert_eq!((id(&known), known.header("idempotency-replayed")), (id(&first), "true"));
    assert_ne!(id(&keyed(&edge, "k2", XML).await), id(&first));
}

/// `acceptance::at_once` has the same with Temporal, and counts the runs.
#[tokio::test]
async fn a_hundred_at_once_with_one_key_are_one_invoice_while_temporal_is_away() {
    let edge = Edge::start().await;
    let answers = join_all((0..100).map(|_| keyed(&edge, "k", XML))).await;
    let ids: HashSet<_> = answers.iter().map(id).collect();
    assert_eq!(ids.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 202));
}

#[tokio::test]
async fn bad_submissions_are_refused_and_leave_nothing() {
    let edge =
        Edge::with(config::Http { document_bytes_max: 100_000, ..config::Http::default() }).await;
    let big = " ".repeat(100_000 + 64 * 1024 + 1);
    let table = [
        ("application/xml", "", 400),
        ("", XML, 415),
        ("application/gzip", XML, 415),
        ("application/zip", XML, 415),
        ("application/xml+x", XML, 415),
        ("application/xml", "%PDF-1.7", 415),
        ("application/xml", "PK\u{3}\u{4}rest", 415),
        ("application/xml", &big, 413),
        ("multipart/form-data", XML, 400),
        ("multipart/form-data; boundary=b", XML, 400),
    ];
    for (kind, body, status) in table {
        let answer = edge.post("/invoices", kind, body.to_owned()).await;
        assert_eq!(answer.status, status, "{kind:?}: {}", answer.json());
        if status == 415 {
            assert_eq!(answer.json()["accepted"][0], "application/xml");
            let accept = answer.header("accept");
            assert!(accept.starts_with("application/xml, application/pdf, "), "{accept}");
            assert!(accept.ends_with(", multipart/form-data"), "{accept}");
        }
    }
    assert_eq!(
        edge.post("/invoices", "application/xml", "%PDF-1").await.json()["detected"],
        "application/pdf"
    );
    let hint = "/invoices?purchase_order=%20&colour=red";
    assert_eq!(edge.post(hint, "application/xml", XML).await.faults().len(), 2);
    let packed = ask("POST", "/invoices").header("content-encoding", "gzip");
    let packed = packed.header("content-type", "application/xml");
    let packed = edge.send(packed.body(Body::from(XML)).expect("a request")).await;
    assert_eq!((packed.status.as_u16(), packed.header("accept-encoding")), (415, "identity"));
    edge.settled().await;
    assert_eq!(edge.artifacts(), 0, "a refused document was kept");
    assert_eq!(edge.get("/invoices").await.json()["items"], serde_json::json!([]));
}

#[tokio::test]
async fn bad_content_is_the_workflows_matter() {
    let edge = Edge::start().await;
    for body in ["<Invoice", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>", "no XML at all"] {
        assert_eq!(edge.post("/invoices", "application/xml", body).await.status, 202, "{body}");
    }
}

fn form(parts: &[(&str, Option<&str>, &str)]) -> String {
    let mut form = String::new();
    for (name, kind, body) in parts {
        form.push_str(&format!("--b\r\nContent-Disposition: form-data; name=\"{name}\""));
        if let Some(kind) = kind {
            form.push_str(&format!("; filename=\"f\"\r\nContent-Type: {kind}"));
        }
        form.push_str(&format!("\r\n\r\n{body}\r\n"));
    }
    form + "--b--\r\n"
}

#[tokio::test]
async fn forms_are_taken_with_one_document_and_known_fields() {
    let edge = Edge::start().await;
    let post = async |parts: Vec<(&str, Option<&str>, &str)>| {
        edge.post("/invoices", "multipart/form-data; boundary=b", form(&parts)).await
    };
    let document = ("document", Some("application/xml"), XML);
    let answer = post(vec![("purchase_order", None, "PO-7"), document]).await;
    assert_eq!(answer.status, 202);
    assert_eq!(answer.json()["purchase_order"], "PO-7");
    let plain = edge.post("/invoices?purchase_order=PO-7", "application/xml", XML).await;
    assert_eq!(id(&plain), id(&answer), "the same bytes and hint, another carrier");
    let table = [
        (vec![], 400),
        (vec![("purchase_order", None, "PO-7")], 400),
        (vec![document, document], 400),
        (vec![document, ("colour", None, "red")], 400),
        (vec![document, ("purchase_order", None, "")], 400),
        (vec![("document", Some("application/pdf"), "<html>")], 415),
        (vec![("document", Some("application/gzip"), "PK")], 415),
        (vec![("document", None, XML)], 415),
        (vec![("document", Some("application/xml"), "")], 400),
    ];
    for (parts, status) in table {
        let shown = format!("{parts:?}");
        assert_eq!(post(parts).await.status, status, "{shown}");
    }
    let untyped = post(vec![("document", None, XML)]).await.json();
    let detail = untyped["detail"].as_str().expect("a text");
    assert!(detail.ends_with("; the part has no Content-Type."), "{detail}");
    let elsewhere = post(vec![("file", Some("application/pdf"), "%PDF-1.7")]).await;
    let told = elsewhere.json()["errors"][0].clone();
    assert_eq!((elsewhere.status.as_u16(), &told["parameter"]), (400, &"file".into()));
    assert!(told["detail"].as_str().expect("a text").ends_with("the part `document`"), "{told}");
    let cut = form(&[document]).replace("--b--\r\n", "");
    let cut = edge.post("/invoices", "multipart/form-data; boundary=b", cut).await;
    assert_eq!((cut.status.as_u16(), cut.faults().len()), (400, 1));
}

#[tokio::test]
async fn waits_end_and_say_what_was_applied() {
    let edge = Edge::with(config::Http { waiters_max: 0, ..config::Http::default() }).await;
    let prefer = |prefer: &'static str| {
        let request = ask("POST", "/invoices")
            .header("content-type", "application/xml")
            .header("prefer", prefer);
        edge.send(request.body(Body::from(XML)).expect("a request"))
    };
    let full = prefer("wait=20").await;
    assert_eq!((full.status.as_u16(), full.header("preference-applied")), (202, ""));
    let none = prefer("wait=0").await;
    assert_eq!(none.header("preference-applied"), "wait=0");

    let edge = Edge::start().await;
    let request = ask("POST", "/invoices")
        .header("content-type", "application/xml")
        .header("prefer", "wait=1");
    let answer = edge.send(request.body(Body::from(XML)).expect("a request")).await;
    assert_eq!((answer.status.as_u16(), answer.header("preference-applied")), (202, "wait=1"));
}

#[tokio::test]
async fn a_ping_without_temporal_is_503_and_tells_that_nothing_was_done() {
    let edge = Edge::start().await;
    let answer = edge.post("/workflows/ping", "application/json", "{}").await;
    assert_eq!(answer.problem(), (503, "upstream-unavailable".to_owned()));
    // Nobody was connected to, so nothing was sent: also what has no key may be sent again.
    let told = answer.json();
    assert_eq!((&told["outcome"], &told["retry_safe"]), (&"not_done".into(), &true.into()));
    assert_eq!(told.get("links"), None);
    assert_eq!(edge.post("/workflows/ping", "text/plain", "x").await.status, 415);
    assert_eq!(edge.post("/workflows/ping", "application/json", "[").await.status, 400);
    let unknown = edge.post("/workflows/ping", "application/json", "{\"a\":1}").await;
    assert_eq!(unknown.faults(), [("/a".to_owned(), "unknown_member".to_owned())]);
    assert_eq!(edge.get("/workflows/ap-ping-1").await.status, 503);
    assert_eq!(edge.get(&format!("/workflows/{}", "a".repeat(1_001))).await.status, 404);
}

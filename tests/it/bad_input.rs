//! Bad input: refused with a problem that names the place, or, where only the content is bad,
//! accepted and shown as needing attention. Whatever came, the next document is unaffected.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Gateway, unique};
use crate::samples::{self, HUNDRED};

#[tokio::test(flavor = "multi_thread")]
async fn what_no_look_inside_is_needed_for_is_refused_and_nothing_is_kept() {
    let gateway = Gateway::start().await;
    let xml = samples::invoice("RE-1", "PO-1", HUNDRED).into_bytes();
    let cases: &[(&str, &str, Vec<u8>, StatusCode, &str)] = &[
        (
            "unknown media type",
            "application/msword",
            xml.clone(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
        ),
        ("empty", "application/xml", Vec::new(), StatusCode::BAD_REQUEST, "invalid-request"),
        (
            "a PDF that says XML",
            "application/xml",
            b"%PDF-1.7\n".to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
        ),
        (
            "a ZIP that says XML",
            "application/xml",
            b"PK\x03\x04rest".to_vec(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported-media-type",
        ),
        (
            "50 MB",
            "application/xml",
            vec![b' '; 50 * 1024 * 1024],
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload-too-large",
        ),
    ];
    for (name, media_type, body, status, slug) in cases {
        let headers = [("content-type", *media_type)];
        let answer = gateway.send(Method::POST, "/invoices", &headers, body.clone()).await;
        assert_eq!((answer.status, answer.problem().as_str()), (*status, *slug), "{name}");
    }
    let listed = gateway.get("/invoices").await.json();
    assert_eq!(listed["items"], json!([]), "nothing half kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_the_content_tells_needs_attention_with_its_cause() {
    let gateway = Gateway::start().await;
    let good = samples::invoice("RE-1", "PO-1", HUNDRED);
    let bomb = "<!DOCTYPE a [<!ENTITY b \"ha\"><!ENTITY c \"&b;&b;&b;\">]>";
    let external = "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]>";
    let with_dtd = |dtd: &str| good.replace("?>\n<Invoice", &format!("?>\n{dtd}<Invoice"));
    let lines = good.split("<cac:InvoiceLine>").next().expect("a head").to_owned() + "</Invoice>";
    let cases: &[(&str, String, &str)] = &[
        ("truncated", good[..good.len() / 2].to_owned(), "UNREADABLE_DOCUMENT"),
        ("no XML at all", "this is no invoice".to_owned(), "UNSUPPORTED_DOCUMENT"),
        ("entities", with_dtd(bomb), "UNREADABLE_DOCUMENT"),
        ("external entity", with_dtd(external), "UNREADABLE_DOCUMENT"),
        ("wrong namespace", good.replace(":Invoice-2", ":Invoice-3"), "UNSUPPORTED_DOCUMENT"),
        ("no lines", lines, "NO_LINES"),
        ("1E400", good.replace(">1190.00<", ">1E400<"), "MALFORMED_VALUE"),
        ("NaN", good.replace(">1190.00<", ">NaN<"), "MALFORMED_VALUE"),
        ("1,00", good.replace(">10.00<", ">10,00<"), "MALFORMED_VALUE"),
    ];
    for (name, xml, code) in cases {
        let invoice = gateway.submit(xml).await.expect(StatusCode::OK).json();
        assert_eq!(invoice["status"], "needs_attention", "{name}: {invoice}");
        assert_eq!(invoice["attention"]["code"], *code, "{name}: {invoice}");
        let text = invoice["attention"]["text"].as_str().expect("a text");
        assert!(text.len() > 10 && !text.contains("passwd"), "{name}: {text}");
    }
    let after = gateway.submit(&samples::invoice(&unique("RE"), "PO-2", HUNDRED)).await;
    assert_eq!(after.expect(StatusCode::OK).json()["holds"][0]["code"], "PO_NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_refused_with_every_fault_and_its_place() {
    let gateway = Gateway::start().await;
    let line = |id: &str, price: Value| json!({"id": id, "quantity": "1", "unit_price": price});
    let order = |lines: Value| json!({"number": "PO-1", "currency": "EUR", "lines": lines});
    let cases: &[(&str, Value, &[&str])] = &[
        (
            "line ids twice",
            order(json!([line("1", json!("1")), line("1", json!("2"))])),
            &["/lines/1/id"],
        ),
        ("no lines", order(json!([])), &["/lines"]),
        ("1E400", order(json!([line("1", json!("1E400"))])), &["/lines/0/unit_price"]),
        ("NaN", order(json!([line("1", json!("NaN"))])), &["/lines/0/unit_price"]),
        ("1,00", order(json!([line("1", json!("1,00"))])), &["/lines/0/unit_price"]),
        ("a JSON number", order(json!([line("1", json!(1.5))])), &["/lines/0/unit_price"]),
        (
            "unknown currency",
            json!({"number": "P", "currency": "XYZ", "lines": [line("1", json!("1"))]}),
            &["/currency"],
        ),
        (
            "two faults",
            json!({"number": "", "currency": "EUR", "lines": []}),
            &["/number", "/lines"],
        ),
    ];
    for (name, order, pointers) in cases {
        let answer = gateway.post_json("/purchase-orders", order).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::UNPROCESSABLE_ENTITY, "validation-failed"),
            "{name}: {}",
            answer.text()
        );
        let problem = answer.json();
        let named: Vec<_> = problem["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .filter_map(|error| error["pointer"].as_str())
            .collect();
        assert_eq!(named, *pointers, "{name}: {problem}");
    }
    let listed = gateway.get("/purchase-orders").await.json();
    assert_eq!(listed["items"], json!([]), "nothing half kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_ids_and_paths_are_404_and_wrong_methods_405() {
    let gateway = Gateway::start().await;
    let paths = [
        "/nothing",
        "/invoices/inv_1",
        "/invoices/po_01kax3v9s8f2m7c4t0q6w5z1re",
        "/invoices/%2e%2e",
        "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re",
        "/receipts/x",
        "/purchase-orders/%00",
        "/invoices/",
    ];
    for path in paths {
        let answer = gateway.get(path).await;
        assert_eq!(
            (answer.status, answer.problem().as_str()),
            (StatusCode::NOT_FOUND, "not-found"),
            "{path}"
        );
    }
    let answer = gateway.send(Method::DELETE, "/invoices", &[], Vec::new()).await;
    assert_eq!(
        (answer.status, answer.problem().as_str()),
        (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed")
    );
    assert!(answer.header("allow").is_some_and(|allow| allow.contains("POST")), "{answer:?}");
}

//! What the head of a request decides: ids, methods, types, hosts.

/// What has several types.
mod chosen;
/// The same for each route of the document.
mod every_route;

use std::collections::BTreeSet;

use ap_gateway::http::access::operations;
use ap_gateway::http::openapi;
use axum::body::Body;

use crate::edge::{Edge, ask};

const READS: [&str; 14] = [
    "/invoices",
    "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re",
    "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/document",
    "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/extraction",
    "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/reconciliation",
    "/purchase-orders",
    "/purchase-orders/po_01kax3v9s8f2m7c4t0q6w5z1re",
    "/receipts",
    "/receipts/rcp_01kax3v9s8f2m7c4t0q6w5z1re",
    "/suppliers",
    "/suppliers/sup_01kax3v9s8f2m7c4t0q6w5z1re",
    "/livez",
    "/readyz",
    "/openapi.json",
];

#[tokio::test]
async fn what_is_no_id_of_ours_is_404() {
    let edge = Edge::start().await;
    let long = format!("inv_{}", "0".repeat(1_001));
    let ids = [
        "x",
        "inv_",
        "po_01kax3v9s8f2m7c4t0q6w5z1re",
        "inv_01KAX3V9S8F2M7C4T0Q6W5Z1RE",
        "inv_01kax3v9s8f2m7c4t0q6w5z1r%2F",
        "inv_01kax3v9s8f2m7c4t0q6w5z1r%00",
        "%2e%2e",
        "..",
        "%ff",
        "%F0%9F%92%A9",
        "'%20OR%201=1",
        &long,
    ];
    for id in ids {
        let answer = edge.get(&format!("/invoices/{id}")).await;
        assert_eq!(answer.problem(), (404, "not-found".to_owned()), "{id}");
    }
    for path in ["/", "/invoices/", "/nowhere", "/docs/problems/nothing", "/docs/index.html"] {
        assert_eq!(edge.get(path).await.status, 404, "{path}");
    }
    let unknown = edge.get("/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re").await;
    assert_eq!(unknown.json()["resource"], "invoice");
}

#[tokio::test]
async fn methods_are_told() {
    let edge = Edge::start().await;
    for path in READS {
        for method in ["DELETE", "TRACE", "BREW"] {
            let request = ask(method, path).body(Body::empty()).expect("a request");
            let answer = edge.send(request).await;
            assert_eq!(answer.problem(), (405, "method-not-allowed".to_owned()), "{path}");
            assert!(answer.header("allow").starts_with("GET, HEAD"), "{path}: {answer:?}");
            assert_eq!(answer.json()["allowed"][0], "GET");
        }
        let request = ask("OPTIONS", path).body(Body::empty()).expect("a request");
        let answer = edge.send(request).await;
        assert_eq!(answer.status, 204, "{path}");
        assert!(answer.header("allow").contains("OPTIONS"), "{path}");
        assert!(answer.body.is_empty());
    }
    let put = ask("PUT", "/invoices").body(Body::empty()).expect("a request");
    assert_eq!(edge.send(put).await.header("allow"), "GET, HEAD, OPTIONS, POST");
    let server = ask("OPTIONS", "*").body(Body::empty()).expect("a request");
    let server = edge.send(server).await;
    assert_eq!((server.status.as_u16(), server.header("allow")), (204, &*methods_of_all_paths()));
}

/// As `Allow` lists them: those of every operation of the document, and what every path has.
fn methods_of_all_paths() -> String {
    let document = openapi();
    let items = document.paths.paths.values();
    let methods = items.flat_map(|item| operations(item).map(|(method, _)| method.to_string()));
    let always = ["HEAD", "OPTIONS"].map(str::to_owned);
    Vec::from_iter(methods.chain(always).collect::<BTreeSet<_>>()).join(", ")
}

#[tokio::test]
async fn types_are_negotiated() {
    let edge = Edge::start().await;
    for path in READS {
        let request = ask("GET", path).header("accept", "image/png");
        let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
        // Of the document of an unknown invoice there is no type yet.
        if path.ends_with("/document") {
            assert_eq!(answer.status, 404);
        } else {
            assert_eq!(answer.problem(), (406, "not-acceptable".to_owned()), "{path}");
            assert_eq!(answer.json()["available"][0], "application/json");
        }
    }
    // What every Java program sends unasked.
    let java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
    for accept in ["*", java] {
        let request = ask("GET", "/invoices").header("accept", accept);
        let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status, 200, "{accept}");
    }
    let post = ask("POST", "/invoices").header("accept", "text/html");
    let answer = edge.send(post.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.status, 406);
}

#[tokio::test]
async fn strange_heads_are_refused() {
    let edge = Edge::start().await;
    let send = |builder: axum::http::request::Builder| async {
        edge.send(builder.body(Body::empty()).expect("a request")).await.status.as_u16()
    };
    assert_eq!(send(axum::http::Request::get("/invoices")).await, 400);
    assert_eq!(send(ask("GET", "/invoices").header("host", "localhost")).await, 400);
    let foreign = axum::http::Request::get("/invoices").header("host", "evil.example");
    assert_eq!(send(foreign).await, 421);
    let coding = ask("POST", "/invoices").header("transfer-encoding", "gzip, chunked");
    assert_eq!(send(coding).await, 501);
    let long = format!("/invoices?number={}", "a".repeat(9_000));
    assert_eq!(send(ask("GET", &long)).await, 414);
    let keys =
        ask("POST", "/invoices").header("idempotency-key", "a").header("idempotency-key", "a");
    assert_eq!(send(keys).await, 400);
    let key = ask("POST", "/invoices").header("idempotency-key", "\"a");
    assert_eq!(send(key).await, 400);
}

#[tokio::test]
async fn a_decent_request_id_is_kept() {
    let edge = Edge::start().await;
    for (sent, kept) in [("erp-00000417", true), ("bad id", false), ("x", false)] {
        let request = ask("GET", "/nowhere").header("x-request-id", sent);
        let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.header("x-request-id") == sent, kept, "{sent}");
    }
}

#[tokio::test]
async fn parameters_are_typed_and_named() {
    let edge = Edge::start().await;
    let answer = edge.get("/invoices?status=lost&colour=red&number=a&number=b&page_size=-1").await;
    assert_eq!(answer.problem(), (400, "invalid-request".to_owned()));
    let mut faults = answer.faults();
    faults.sort();
    let expected = [
        ("colour", "unknown_parameter"),
        ("number", "repeated"),
        ("page_size", "invalid_value"),
        ("status", "invalid_value"),
    ];
    assert_eq!(faults, expected.map(|(name, code)| (name.to_owned(), code.to_owned())));
    for path in READS.into_iter().filter(|path| *path != "/invoices") {
        assert_eq!(edge.get(&format!("{path}?colour=red")).await.status, 400, "{path}");
    }
}

#[tokio::test]
async fn a_stop_turns_requests_away_and_probes_tell_why() {
    let edge = Edge::start().await;
    assert_eq!(edge.get("/readyz").await.json()["status"], "ready");
    edge.state.readiness.drain();
    let answer = edge.get("/invoices").await;
    assert_eq!(answer.problem(), (503, "draining".to_owned()));
    assert_eq!((answer.header("retry-after"), answer.header("connection")), ("5", "close"));
    assert_eq!(edge.get("/livez").await.status, 200);
    let ready = edge.get("/readyz?verbose").await;
    assert_eq!(ready.problem(), (503, "draining".to_owned()));
    assert_eq!(ready.json()["failed"][0], "draining");
    let metrics = String::from_utf8(edge.get("/metrics").await.body).expect("UTF-8");
    for line in [
        "ap_gateway_draining 1",
        "ap_gateway_problems_total{type=\"draining\"} 2",
        "http_server_request_duration_seconds_count{http_request_method=\"GET\",\
         http_response_status_code=\"503\",http_route=\"/invoices\",wait=\"no\"} 1",
    ] {
        assert!(metrics.contains(line), "{line} is not in\n{metrics}");
    }
}

#[tokio::test]
async fn readiness_names_what_fails_and_leaves_out_what_is_excluded() {
    use ap_gateway::readiness::Part;

    let edge = Edge::start().await;
    let readiness = &edge.state.readiness;
    readiness.record(Part::Ledger, true);
    readiness.fail(Part::Temporal);
    readiness.fail(Part::Worker);
    let answer = edge.get("/readyz").await;
    assert_eq!(answer.problem(), (503, "upstream-unavailable".to_owned()));
    assert_eq!(answer.json()["failed"], serde_json::json!(["temporal", "worker"]));
    let answer = edge.get("/readyz?exclude=temporal&exclude=worker&verbose").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["checks"][0]["name"]),
        (200, &"ledger".into())
    );
    assert_eq!(edge.get("/readyz?exclude=everything").await.status, 400);
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_takes_that() {
    use std::io::Read;
    let edge = Edge::start().await;
    let plain = edge.get("/openapi.json").await;
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), ("", "Accept-Encoding"));
    let ask_for = async |headers: &[(&str, &str)], target: &str| {
        let mut request = ask("GET", target).header("accept-encoding", "br, gzip");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        edge.send(request.body(Body::empty()).expect("a request")).await
    };
    let packed = ask_for(&[], "/openapi.json").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() * 5 < plain.body.len(), "{}", packed.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).expect("gzip");
    assert!(unpacked == plain.body);
    let (tag, zipped) = (plain.header("etag"), packed.header("etag"));
    assert_eq!(zipped, format!("{}-gzip\"", tag.trim_end_matches('"')));
    for tag in [tag, zipped] {
        let again = ask_for(&[("if-none-match", tag)], "/openapi.json").await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{tag}");
        assert_eq!(again.header("etag"), tag, "as the 200 that is kept");
    }
    let kept = ask_for(&[("if-none-match", zipped)], "/openapi.json").await;
    assert_eq!(kept.header("vary"), "Accept-Encoding");
    // Not what is small, and no page.
    for target in ["/invoices", "/livez", "/docs", "/dashboard"] {
        let answer = ask_for(&[], target).await;
        assert_eq!(answer.header("content-encoding"), "", "{target}");
    }
}

//! An unknown path passes what every other one passes, and needs no credential.

use ap_gateway::config;
use axum::body::Body;
use axum::http::Request;
use axum::http::request::Builder;

use crate::edge::{Answer, Edge, ask};

async fn send(edge: &Edge, request: Builder) -> Answer {
    edge.send(request.body(Body::empty()).expect("a request")).await
}

#[tokio::test]
async fn heads_of_unknown_paths_are_looked_at_too() {
    let edge = Edge::guarded().await;
    let long = format!("/{}", "a".repeat(9_000));
    let table = [
        (ask("GET", "/nope"), 404, ""),
        (ask("POST", "/invoices/nope/nope"), 404, ""),
        (ask("CONNECT", "localhost:80"), 404, ""),
        (Request::get("/nope"), 400, "close"),
        (ask("GET", "/nope").header("host", "localhost"), 400, "close"),
        (Request::get("/nope").header("host", "localhost:abc"), 400, "close"),
        (Request::get("/nope").header("host", "localhost:99999"), 400, "close"),
        (ask("GET", "https://user@127.0.0.1/nope"), 400, "close"),
        (Request::get("/nope").header("host", "evil.example"), 421, ""),
        (ask("POST", "/nope").header("transfer-encoding", "gzip, chunked"), 501, "close"),
        (ask("GET", &long), 414, ""),
        (Request::options("*").header("host", "evil.example"), 421, ""),
    ];
    for (index, (request, status, connection)) in table.into_iter().enumerate() {
        let answer = send(&edge, request).await;
        let seen = (answer.status.as_u16(), answer.header("connection"));
        assert_eq!(seen, (status, connection), "row {index}: {answer:?}");
    }
    assert_eq!(send(&edge, ask("OPTIONS", "*")).await.status, 204);
}

#[tokio::test]
async fn a_process_that_stops_or_is_full_says_so_wherever_it_is_asked() {
    let full = Edge::with(config::Http { in_flight_max: 0, ..config::Http::default() }).await;
    let answer = full.get("/nope").await;
    assert_eq!(answer.problem(), (503, "overloaded".to_owned()));
    let edge = Edge::start().await;
    assert_eq!(edge.get("/nope").await.problem(), (404, "not-found".to_owned()));
    edge.state.readiness.drain();
    let answer = edge.get("/nope").await;
    assert_eq!(answer.problem(), (503, "draining".to_owned()));
    assert_eq!(answer.header("connection"), "close");
    assert_eq!(send(&edge, ask("OPTIONS", "*")).await.status, 503);
    // One route for all that is nowhere, whatever became of it.
    let metrics = String::from_utf8(edge.get("/metrics").await.body).expect("UTF-8");
    assert!(metrics.contains("http_route=\"unmatched\""), "{metrics}");
    assert!(!metrics.contains("nope"), "{metrics}");
}

//! The table of HTTP handbook §4.2: every connection ends, and there are so many and no more.

use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::http::layers;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::edge::Edge;
use crate::harness::{PATIENCE, within};
use crate::http_serving::{Served, header, on_a_port, open, quick, rest, served, statuses, talk};

const ASK: &[u8] = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What the timer of one second does, on a machine that is busy.
fn in_time(begun: Instant) -> bool {
    let took = begun.elapsed();
    took > Duration::from_millis(900) && took < Duration::from_secs(5)
}

fn errors(server: &Served, kind: &str) -> u64 {
    server.edge.state.metrics.connection_errors.with_label_values(&[kind]).get()
}

#[tokio::test]
async fn a_head_that_does_not_come_is_closed_by_the_timer() {
    let server = served(quick()).await;
    for text in ["", "G", "PRI * HT", "GET /livez HTTP/1.1\r\nHost: loc"] {
        let begun = Instant::now();
        assert_eq!(talk(server.address, text.as_bytes()).await, "", "{text:?}");
        assert!(in_time(begun), "{text:?}: {:?}", begun.elapsed());
    }
    // HTTP/2 is not spoken: closed at once, with a 400 that a reset may overtake.
    let begun = Instant::now();
    let preface = talk(server.address, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(preface.is_empty() || statuses(&preface) == ["400"], "{preface}");
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn the_same_timer_holds_for_a_second_head_and_for_idleness() {
    let server = served(quick()).await;
    for second in ["", "G", "GET /livez HTTP/1.1\r\nHo"] {
        let mut stream = open(server.address, ASK).await;
        let mut first = [0; 15];
        stream.read_exact(&mut first).await.expect("an answer");
        let begun = Instant::now();
        stream.write_all(second.as_bytes()).await.expect("written");
        let answer = rest(stream).await;
        assert!(!answer.contains("HTTP/1.1 "), "one answer only: {answer}");
        assert!(in_time(begun), "{second:?}: {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn beyond_the_cap_a_connection_is_told_at_once() {
    let server = served(config::Http { connections_max: 8, ..quick() }).await;
    let metrics = &server.edge.state.metrics;
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(open(server.address, b"").await);
    }
    within(PATIENCE, "eight are open", async || {
        (metrics.connections_open.get() == 8).then_some(())
    })
    .await;
    assert_eq!(metrics.connections_limit.get(), 8);
    let begun = Instant::now();
    let ninth = talk(server.address, b"").await;
    assert_eq!(statuses(&ninth), ["503"], "{ninth}");
    assert_eq!(header(&ninth, "retry-after"), Some("2"));
    assert_eq!(header(&ninth, "content-type"), Some("application/problem+json"));
    assert!(begun.elapsed() < Duration::from_millis(900), "it waits for no timer");
    assert_eq!(errors(&server, "cap"), 1);
    drop(held.pop());
    within(PATIENCE, "a place is free", async || {
        statuses(&talk(server.address, ASK).await).contains(&"200").then_some(())
    })
    .await;
}

#[tokio::test]
async fn one_address_has_a_share_and_a_trusted_proxy_has_all() {
    let loopback = config::Network::try_from("127.0.0.0/8".to_owned()).expect("a network");
    let limits = config::Http { connections_by_address_max: 2, ..quick() };
    let trusting = config::Http { trusted_proxies: vec![loopback], ..limits.clone() };
    for (limits, refused) in [(limits, 1), (trusting, 0)] {
        let server = served(limits).await;
        let _held = [open(server.address, b"").await, open(server.address, b"").await];
        let open = &server.edge.state.metrics.connections_open;
        within(PATIENCE, "two are open", async || (open.get() == 2).then_some(())).await;
        let third = talk(server.address, ASK).await;
        assert_eq!(statuses(&third), [if refused == 1 { "503" } else { "200" }]);
        assert_eq!(errors(&server, "peer_cap"), refused);
    }
}

/// An edge with one answer that no buffer of the system holds.
pub(crate) async fn large_answers() -> Edge {
    let mut edge = Edge::with(quick()).await;
    let large = || async { Body::from(Bytes::from_static(&[b' '; 80 << 20])) };
    let routes = Router::new().route("/large", get(large));
    edge.router = layers::outer(routes, &edge.state);
    edge
}

#[tokio::test]
async fn a_reader_that_stops_inside_an_answer_is_cut() {
    let server = on_a_port(large_answers().await);
    let mut stream = open(server.address, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.expect("it begins");
    let begun = Instant::now();
    within(PATIENCE, "the write stalls", async || {
        (errors(&server, "write_stall") == 1).then_some(())
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    let open = &server.edge.state.metrics.connections_open;
    within(PATIENCE, "its place is free", async || (open.get() == 0).then_some(())).await;
    // Who reads on gets all of it.
    let all = talk(
        server.address,
        b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
    assert!(all.await.len() > 80 << 20);
}

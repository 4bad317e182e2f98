//! 24: slow and silent clients, all at once, and a normal one beside them.

use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;

use crate::harness::{PATIENCE, within};
use crate::http_serving::connections::large_answers;
use crate::http_serving::{on_a_port, open, quick, rest, served, statuses, talk};

const NORMAL: &[u8] = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// The slowest but one of fifty.
async fn normal(address: std::net::SocketAddr) -> Duration {
    let mut times = Vec::new();
    for _ in 0..50 {
        let begun = Instant::now();
        assert_eq!(statuses(&talk(address, NORMAL).await), ["200"]);
        times.push(begun.elapsed());
    }
    times.sort();
    times[48]
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_24_hostile_clients_are_closed_and_a_normal_one_does_not_notice() {
    let server = served(quick()).await;
    let alone = normal(server.address).await;
    let heads = ["", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET / HTTP/1.1\r\nX: ", "POST /inv"];
    let mut held = Vec::new();
    for number in 0..400 {
        held.push(open(server.address, heads[number % heads.len()].as_bytes()).await);
    }
    let open_now = &server.edge.state.metrics.connections_open;
    // Some of them are closed before the last ones come: that is the point.
    within(PATIENCE, "many are open", async || (open_now.get() > 100).then_some(())).await;
    let beside = normal(server.address).await;
    assert!(beside < alone * 2 + Duration::from_millis(50), "{alone:?} alone, {beside:?} beside");
    let begun = Instant::now();
    within(PATIENCE, "all are closed", async || (open_now.get() == 0).then_some(())).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn acceptance_24_a_head_that_trickles_and_a_body_that_stalls_are_cut() {
    let server = served(quick()).await;
    let mut trickle = open(server.address, b"GET /livez HTTP/1.1\r\n").await;
    let begun = Instant::now();
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    while begun.elapsed() < Duration::from_secs(8) {
        ticks.tick().await;
        if trickle.write_all(b"X-A: b\r\n").await.is_err() {
            break;
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());

    let post = "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n";
    for framing in
        ["Content-Length: 100\r\n\r\n<a", "Transfer-Encoding: chunked\r\n\r\n2\r\n<a\r\n"]
    {
        let begun = Instant::now();
        let answer = talk(server.address, format!("{post}{framing}").as_bytes()).await;
        assert_eq!(statuses(&answer), ["408"], "{answer}");
        assert!(answer.contains("request-timeout") && answer.contains("\"outcome\""), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    }
    server.edge.settled().await;
}

#[tokio::test]
async fn acceptance_24_slow_readers_give_their_places_back() {
    let server = on_a_port(large_answers().await);
    let ask = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut readers = Vec::new();
    for _ in 0..20 {
        readers.push(open(server.address, ask).await);
    }
    let stalls = &server.edge.state.metrics.connection_errors;
    within(PATIENCE, "all are cut", async || {
        (stalls.with_label_values(&["write_stall"]).get() == 20).then_some(())
    })
    .await;
    let answer = rest(readers.remove(0)).await;
    assert!(answer.len() < 80 << 20, "it was cut inside the answer");
}

//! 24: slow and silent clients, all at once, and a normal one beside them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::http::router;
use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::harness::{PATIENCE, within};
use crate::http_serving::connections::large_answers;
use crate::http_serving::{on_a_port, open, quick, rest, served, statuses, talk};

/// Through every layer, and to the ledger.
const NORMAL: &[u8] = b"GET /invoices HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// What never becomes a request: silence, another version, half a head.
const HEADS: [&[u8]; 4] =
    [b"", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET / HTTP/1.1\r\nX: ", b"POST /inv"];

/// A request whose body stops after two bytes.
const SLOW_BODY: &[u8] = b"POST /invoices HTTP/1.1\r\nHost: localhost\r\n\
    Content-Type: application/xml\r\nContent-Length: 100\r\n\r\n<a";

/// A request for more than the system holds, by who does not read it.
const SLOW_READER: &[u8] = b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The slowest but one of fifty.
async fn normal(address: SocketAddr) -> Duration {
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
    let mut edge = large_answers().await;
    edge.router = router(edge.state.clone()).merge(edge.router.clone());
    let server = on_a_port(edge);
    let alone = normal(server.address).await;
    let heads = (0..300).map(|number| HEADS[number % HEADS.len()]);
    let mut held = Vec::new();
    for text in heads.chain([SLOW_READER; 20]).chain([SLOW_BODY; 80]) {
        held.push(open(server.address, text).await);
    }
    let metrics = &server.edge.state.metrics;
    let (open_now, posted) =
        (&metrics.connections_open, metrics.active_requests.with_label_values(&["POST"]));
    // Some of them are closed before the last ones come: that is the point.
    within(PATIENCE, "many are open, and bodies are waited for", async || {
        (open_now.get() > 100 && posted.get() > 10).then_some(())
    })
    .await;
    let beside = normal(server.address).await;
    assert!(beside < alone * 2 + Duration::from_millis(50), "{alone:?} alone, {beside:?} beside");
    let begun = Instant::now();
    within(PATIENCE, "all are closed", async || (open_now.get() == 0).then_some(())).await;
    // Of a body that was refused what still comes is read off for five seconds.
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let cut = metrics.connection_errors.with_label_values(&["write_stall"]).get();
    assert_eq!(cut, 20, "readers that took nothing");
}

/// Sends a head, and then a byte of its body every 100 ms where it trickles; answers the first line
/// as soon as there is one.
async fn slow_body(address: SocketAddr, head: &str, trickles: bool) -> String {
    let (mut reading, mut writing) = open(address, head.as_bytes()).await.into_split();
    let answer = tokio::spawn(async move {
        let mut status = [0; 12];
        reading.read_exact(&mut status).await.expect("an answer");
        String::from_utf8_lossy(&status).into_owned()
    });
    let mut ticks = tokio::time::interval(Duration::from_millis(100));
    let sending = async {
        while !answer.is_finished() {
            ticks.tick().await;
            if trickles {
                // Whoever has answered may have closed.
                let _ = writing.write_all(b" ").await;
            }
        }
    };
    timeout(Duration::from_secs(20), sending).await.expect("it is cut");
    answer.await.expect("no panic")
}

/// The end of a body comes before the deadline of its route, so nobody is told that we were late:
/// neither when it trickles, nor when it stops and may be silent for as long as the deadline.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_24_a_slow_body_is_a_408_and_no_deadline_of_ours() {
    let server = served(config::Http {
        deadline_seconds: 2,
        upload_deadline_seconds: 2,
        body_stall_seconds: 2,
        ..config::Http::default()
    })
    .await;
    let decision = "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/decision";
    let (json, form) = ("application/json", "multipart/form-data; boundary=b");
    let routes = [
        ("/invoices", "application/xml"),
        ("/invoices", form),
        ("/batches", json),
        ("/batches", form),
        ("/purchase-orders", json),
        ("/reconciliations/preview", json),
        (decision, json),
    ];
    let address = server.address;
    let cases = routes.into_iter().flat_map(|route| [(route, true), (route, false)]);
    let answers = cases.map(|((path, kind), trickles)| async move {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n\
             Idempotency-Key: k\r\nContent-Length: 1000\r\n\r\n"
        );
        let answer = slow_body(address, &head, trickles).await;
        assert_eq!(answer, "HTTP/1.1 408", "{path} {kind}, trickles: {trickles}");
    });
    join_all(answers).await;
    server.edge.settled().await;
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

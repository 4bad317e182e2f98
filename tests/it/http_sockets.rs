//! What only a socket shows: timers, refusals before the body, the drain.

use std::time::{Duration, Instant};

use ap_gateway::config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{PATIENCE, within};
use crate::http_serving::{quick, served, statuses, talk};

#[tokio::test]
async fn an_announced_flood_is_refused_before_it_comes() {
    let server = served(quick()).await;
    let head = "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
                Content-Length: 52428800\r\nExpect: 100-continue\r\n\r\n";
    let begun = Instant::now();
    let answer = talk(server.address, head.as_bytes()).await;
    assert_eq!(statuses(&answer), ["413"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!(answer.contains("\"limit\":"), "{answer}");
}

#[tokio::test]
async fn a_flood_that_comes_all_the_same_still_gets_its_answer() {
    let server = served(quick()).await;
    let url = format!("http://localhost:{}/invoices", server.address.port());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for chunked in [false, true] {
        let body = vec![b' '; 50 * 1024 * 1024];
        let request = client.post(&url).header("content-type", "application/xml");
        let request = if chunked {
            let pieces = body.chunks(65_536).map(|piece| Ok::<_, std::io::Error>(piece.to_vec()));
            let pieces: Vec<_> = pieces.collect();
            request.body(reqwest::Body::wrap_stream(futures::stream::iter(pieces)))
        } else {
            request.body(body)
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), 413, "chunked: {chunked}");
    }
    server.edge.settled().await;
    assert_eq!(server.edge.artifacts(), 0, "half a document was kept");
}

#[tokio::test]
async fn a_stop_drains_idle_connections_and_waiters_at_once() {
    let server = served(config::Http { header_read_seconds: 10, ..quick() }).await;
    let mut idle = TcpStream::connect(server.address).await.expect("a connection");
    let ask = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n";
    idle.write_all(ask).await.expect("written");
    let mut first = [0; 15];
    idle.read_exact(&mut first).await.expect("an answer");
    let wait = "POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
                Prefer: wait=30\r\nContent-Length: 4\r\n\r\n<a/>";
    let waiter = tokio::spawn(async move { talk(server.address, wait.as_bytes()).await });
    let gauge = &server.edge.state.metrics.waiters;
    let waits = async || (gauge.get() > 0).then_some(());
    within(PATIENCE, "a request waits", waits).await;
    let begun = Instant::now();
    server.edge.state.readiness.drain();
    server.stop.cancel();
    let answer = waiter.await.expect("no panic");
    assert_eq!(statuses(&answer), ["202"], "{answer}");
    assert!(server.task.await.expect("no panic").expect("served"), "drained");
    assert!(begun.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_connection_that_never_ends_is_cut_by_the_drain_deadline() {
    let server =
        served(config::Http { header_read_seconds: 60, drain_seconds: 1, ..quick() }).await;
    let mut half = TcpStream::connect(server.address).await.expect("a connection");
    half.write_all(
        b"POST /invoices HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\n\
                     Content-Length: 9\r\n\r\n<a",
    )
    .await
    .expect("written");
    let posts = server.edge.state.metrics.active_requests.with_label_values(&["POST"]);
    let works = async || (posts.get() > 0).then_some(());
    within(PATIENCE, "the request is worked on", works).await;
    let begun = Instant::now();
    server.stop.cancel();
    assert!(!server.task.await.expect("no panic").expect("served"), "something was cut");
    assert!(begun.elapsed() < Duration::from_secs(3));
}

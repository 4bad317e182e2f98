//! What only a socket shows: timers, refusals before the body, the drain.

use std::net::{SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use ap_gateway::config;
use ap_gateway::http::serve;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::edge::Edge;
use crate::harness::{PATIENCE, within};

struct Served {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<bool>>,
    edge: Edge,
}

async fn served(limits: config::Http) -> Served {
    let edge = Edge::with(limits.clone()).await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let (router, token) = (edge.router.clone(), stop.clone());
    let task = tokio::spawn(async move { serve(listener, router, &limits, token).await });
    Served { address, stop, task, edge }
}

fn quick() -> config::Http {
    config::Http { header_read_seconds: 1, drain_seconds: 2, ..config::Http::default() }
}

/// Sends, and reads until the server closes; fails after 10 s.
async fn talk(address: SocketAddr, text: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text).await.expect("written");
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    drop(read.expect("the server closes in time"));
    String::from_utf8_lossy(&answer).into_owned()
}

fn statuses(answer: &str) -> Vec<&str> {
    let lines = answer.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    lines.map(|line| &line[..3]).collect()
}

#[tokio::test]
async fn silent_and_slow_clients_are_closed() {
    let server = served(quick()).await;
    let begun = Instant::now();
    for text in ["", "G", "PRI * HT", "GET /livez HTTP/1.1\r\nHost: loc"] {
        assert_eq!(talk(server.address, text.as_bytes()).await, "", "{text:?}");
    }
    assert!(begun.elapsed() < Duration::from_secs(8));
}

#[tokio::test]
async fn ambiguous_requests_get_one_answer() {
    let server = served(quick()).await;
    let get = |rest: &str| format!("GET /livez HTTP/1.1\r\n{rest}\r\n\r\n");
    let post = |rest: &str| format!("POST /workflows/ping HTTP/1.1\r\nHost: localhost\r\n{rest}");
    let table = [
        (post("Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"), vec!["400"]),
        (post("Content-Length: +2\r\n\r\n{}"), vec!["400"]),
        (post("Transfer-Encoding: xchunked\r\n\r\n"), vec!["400"]),
        (post("Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), vec!["501"]),
        (get("Host : localhost"), vec!["400"]),
        (get("Host: localhost\r\n folded"), vec!["400"]),
        (get("Host: a\0b"), vec!["400"]),
        ("GET /invoices HTTP/1.1\r\n\r\n".to_owned(), vec!["400"]),
        (
            "GET /invoices HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n".to_owned(),
            vec!["421"],
        ),
    ];
    for (text, expected) in table {
        let answer = talk(server.address, text.as_bytes()).await;
        assert_eq!(statuses(&answer), expected, "{text}\n{answer}");
    }
}

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

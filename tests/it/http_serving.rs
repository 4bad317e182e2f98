//! Serving, as a client on the network sees it. Tests are numbered as in HTTP handbook §10.

mod ambiguous;
mod bodies;
mod connections;
mod hostile;
mod log_level;
mod overload;
mod program;
mod proxies;
mod shutdown;
mod tls;

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::{Certificate, Port, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::edge::Edge;

/// A router on a port.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) task: JoinHandle<std::io::Result<bool>>,
    pub(crate) edge: Edge,
}

pub(crate) async fn served(limits: config::Http) -> Served {
    on_a_port(Edge::with(limits).await)
}

/// With the limits of the edge, and its certificate if it names one.
pub(crate) fn on_a_port(edge: Edge) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let stop = CancellationToken::new();
    let (limits, metrics) = (&edge.state.limits, &edge.state.metrics);
    let certificate = Certificate::load(limits, metrics).expect("a good certificate or none");
    let port = Port::main(limits, metrics, certificate.as_ref().map(Certificate::config));
    if let Some(certificate) = certificate {
        tokio::spawn(certificate.renew(stop.clone()));
    }
    let task = tokio::spawn(serve(listener, edge.router.clone(), port, stop.clone()));
    Served { address, stop, task, edge }
}

/// The shortest timers that can be set.
pub(crate) fn quick() -> config::Http {
    config::Http {
        header_read_seconds: 1,
        body_stall_seconds: 1,
        write_stall_seconds: 1,
        drain_seconds: 2,
        ..config::Http::default()
    }
}

/// Connects, and sends.
pub(crate) async fn open(address: SocketAddr, text: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text).await.expect("written");
    stream
}

/// Reads until the server closes; fails after 10 s. A reset ends it too.
pub(crate) async fn rest(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut answer)).await;
    drop(read.expect("the server closes in time"));
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends, and reads until the server closes.
pub(crate) async fn talk(address: SocketAddr, text: &[u8]) -> String {
    rest(open(address, text).await).await
}

/// The status of each answer; the next one begins where a body ends, in the middle of a line.
pub(crate) fn statuses(answer: &str) -> Vec<&str> {
    answer.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3)).collect()
}

/// The value of a header of the first answer.
pub(crate) fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

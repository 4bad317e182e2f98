//! 63: the ledger goes away and comes back, and the answer to a commit is lost on its way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ap_gateway::config;
use ap_gateway::storage::Ledger;
use axum::body::Body;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::edge::{Answer, Edge, ask};
use crate::harness::{PATIENCE, within};
use crate::postgres;

/// What becomes of connections to the database.
const CLEAR: u8 = 0;
/// Each is cut as soon as something is sent.
const AWAY: u8 = 1;
/// The next commit reaches the database, and its answer is lost with the connection.
const ANSWER_LOST: u8 = 2;

/// A socket in a folder of its own, between the ledger and PostgreSQL.
struct Wire {
    folder: TempDir,
    state: Arc<AtomicU8>,
}

/// The name of PostgreSQL's socket in its folder.
const SOCKET: &str = ".s.PGSQL.5432";

impl Wire {
    fn to(server: PathBuf) -> Self {
        let folder = TempDir::new().expect("a folder");
        let listener = UnixListener::bind(folder.path().join(SOCKET)).expect("a socket");
        let state = Arc::new(AtomicU8::new(CLEAR));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(join(near, server.join(SOCKET), Arc::clone(&shared)));
            }
        });
        Self { folder, state }
    }
}

async fn join(near: UnixStream, server: PathBuf, state: Arc<AtomicU8>) {
    let far = UnixStream::connect(server).await.expect("PostgreSQL is there");
    let (mut near_read, mut near_write) = near.into_split();
    let (mut far_read, mut far_write) = far.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut far_read, &mut near_write).await });
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = near_read.read(&mut buffer).await {
        let sent = &buffer[..count];
        match state.load(Ordering::Acquire) {
            AWAY => break,
            ANSWER_LOST if sent.windows(7).any(|word| word == b"COMMIT\0") => {
                back.abort();
                // From here on nothing comes back; the database still gets its order.
                let _ = back.await;
                far_write.write_all(sent).await.expect("PostgreSQL takes it");
                state.store(CLEAR, Ordering::Release);
                // It hangs up when it has read all and done it.
                far_write.shutdown().await.expect("PostgreSQL hears of the end");
                return;
            }
            _ => far_write.write_all(sent).await.expect("PostgreSQL takes it"),
        }
    }
    back.abort();
}

/// An edge whose ledger is reached by the wire.
async fn wired() -> (Wire, Edge) {
    let database = postgres::fresh_database().await;
    let (before, rest) = database.split_once("host=").expect("a folder of a socket");
    let (folder, rest) = rest.split_once('&').expect("more parameters");
    let wire = Wire::to(Path::new(folder).to_owned());
    let url = format!("{before}host={}&{rest}", wire.folder.path().display());
    let settings = config::Ledger { url: url.into(), ..config::Ledger::default() };
    let mut edge = Edge::start().await;
    edge.state.ledger = Ledger::open(&settings).await.expect("a ledger");
    let auth = edge.state.auth.clone();
    (wire, edge.behind(auth))
}

async fn submit(edge: &Edge, key: &str, document: &'static str) -> Answer {
    let request = ask("POST", "/invoices")
        .header("content-type", "application/xml")
        .header("idempotency-key", key);
    edge.send(request.body(Body::from(document)).expect("a request")).await
}

async fn count(edge: &Edge) -> usize {
    edge.get("/invoices").await.json()["items"].as_array().expect("items").len()
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_63_a_ledger_that_goes_away_and_comes_back_has_each_invoice_once() {
    let (wire, edge) = wired().await;
    assert_eq!(submit(&edge, "k0", "<a n=\"0\"/>").await.status, 202);
    wire.state.store(AWAY, Ordering::Release);
    let refused = submit(&edge, "k1", "<a n=\"1\"/>").await;
    assert!([503, 504].contains(&refused.status.as_u16()), "{refused:?}");
    assert_eq!(refused.json()["retry_safe"], true, "{}", refused.json());
    assert!(!refused.header("retry-after").is_empty());
    let read = edge.get("/invoices").await;
    assert!([503, 504].contains(&read.status.as_u16()), "{read:?}");
    wire.state.store(CLEAR, Ordering::Release);
    let taken = within(PATIENCE, "the ledger is back", async || {
        let again = submit(&edge, "k1", "<a n=\"1\"/>").await;
        (again.status == 202).then_some(again)
    })
    .await;
    let again = submit(&edge, "k1", "<a n=\"1\"/>").await;
    assert_eq!(again.json()["id"], taken.json()["id"]);
    assert_eq!(count(&edge).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn acceptance_63_a_lost_answer_to_a_commit_makes_no_second_invoice() {
    let (wire, edge) = wired().await;
    wire.state.store(ANSWER_LOST, Ordering::Release);
    let lost = submit(&edge, "k", "<a/>").await;
    assert!([503, 504].contains(&lost.status.as_u16()), "{lost:?}");
    assert_eq!(lost.json()["outcome"], "unknown", "{}", lost.json());
    assert_eq!(lost.json()["retry_safe"], true);
    assert_eq!(wire.state.load(Ordering::Acquire), CLEAR, "a commit was cut");
    let again = within(PATIENCE, "the ledger answers", async || {
        let again = submit(&edge, "k", "<a/>").await;
        (again.status == 202).then_some(again)
    })
    .await;
    assert_eq!(again.header("idempotency-replayed"), "true", "it had been made");
    assert_eq!(count(&edge).await, 1);
}

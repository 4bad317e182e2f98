//! `GET /invoices/{id}/events`: snapshot, what follows, the ends of a stream, and going on.

/// Over real sockets, with the real server around it.
mod served;

use std::time::Duration;

use ap_gateway::config;
use ap_gateway::http::auth::Auth;
use ap_gateway::http::{AppState, router};
use ap_gateway::models::access::{Author, Role};
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::storage::Ledger;
use axum::Router;
use axum::body::{Body, BodyDataStream};
use axum::http::{HeaderMap, StatusCode};
use chrono::Utc;
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::edge::{Edge, ask};
use crate::harness::PATIENCE;
use crate::http_auth::{keep, new_key};
use crate::samples::{self, HUNDRED};

/// An event as a reader sees it.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: Option<i64>,
    name: String,
    data: Value,
}

/// A stream that is read.
struct Reader {
    status: StatusCode,
    headers: HeaderMap,
    body: BodyDataStream,
    text: String,
}

impl Reader {
    async fn open(router: &Router, path: &str, headers: &[(&str, &str)]) -> Self {
        let mut request = ask("GET", path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = router.clone().oneshot(request).await.expect("the router answers");
        let (parts, body) = response.into_parts();
        let body = body.into_data_stream();
        Self { status: parts.status, headers: parts.headers, body, text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                match event(&block) {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let part = tokio::time::timeout(PATIENCE, self.body.next()).await;
            let part = part.expect("an event or the end")?;
            self.text.push_str(&String::from_utf8_lossy(&part.expect("bytes")));
        }
    }

    /// All there is until the end.
    async fn rest(mut self) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some(event) = self.next().await {
            events.push(event);
        }
        events
    }
}

/// A block of lines; a comment or a retry is no event.
fn event(block: &str) -> Option<Event> {
    let field = |name: &str| {
        let line = block.lines().find_map(|line| line.strip_prefix(name));
        line.map(|value| value.trim().to_owned())
    };
    let data = serde_json::from_str(&field("data:")?).expect("data is JSON");
    let id = field("id:").map(|id| id.parse().expect("ids are revisions"));
    Some(Event { id, name: field("event:").expect("a name"), data })
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.name.as_str()).collect()
}

/// An invoice that was received and has no workflow: the test moves it.
async fn received(edge: &Edge) -> (InvoiceId, String) {
    let xml = samples::invoice("RE-1", "PO-1", HUNDRED);
    let made = edge.post("/invoices", "application/xml", xml).await.json();
    let id = InvoiceId::parse(made["id"].as_str().expect("an id")).expect("one of ours");
    let path = format!("/invoices/{id}/events");
    (id, path)
}

async fn trouble(ledger: &Ledger, id: &InvoiceId, text: &str) {
    let attention =
        Attention { code: AttentionCode::WorkflowEnded, text: text.to_owned(), retryable: true };
    ledger.record_attention(id, &attention, Utc::now()).await.expect("recorded");
}

async fn enter(ledger: &Ledger, id: &InvoiceId, status: InvoiceStatus) {
    ledger.enter(id, status, Utc::now()).await.expect("entered");
}

#[tokio::test]
async fn a_new_reader_gets_a_snapshot_then_each_event_and_the_end() {
    let edge = Edge::start().await;
    let (id, path) = received(&edge).await;
    let mut reader = Reader::open(&edge.router, &path, &[]).await;
    assert_eq!(reader.status, 200);
    let headers = &reader.headers;
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(
        (&headers["cache-control"], &headers["x-accel-buffering"]),
        (&"no-store".parse().expect("a value"), &"no".parse().expect("a value"))
    );
    let snapshot = reader.next().await.expect("a snapshot");
    let expected = json!({"id": id, "status": "received", "revision": 1, "holds": []});
    assert_eq!((snapshot.id, &snapshot.data), (Some(1), &expected));

    let ledger = &edge.state.ledger;
    enter(ledger, &id, InvoiceStatus::Extracting).await;
    let status = reader.next().await.expect("an event");
    assert_eq!((status.id, status.name.as_str()), (Some(2), "status"));
    assert_eq!(
        (&status.data["from"], &status.data["to"]),
        (&json!("received"), &json!("extracting"))
    );
    assert_eq!((&status.data["id"], &status.data["revision"]), (&json!(id), &json!(2)));
    assert!(status.data["at"].as_str().is_some_and(|at| at.ends_with('Z')), "{status:?}");
    trouble(ledger, &id, "the reader is away").await;
    let attention = reader.next().await.expect("an event");
    assert_eq!(attention.name, "attention");
    assert_eq!(attention.data["attention"]["text"], "the reader is away");
    enter(ledger, &id, InvoiceStatus::Cancelled).await;
    let closed = reader.next().await.expect("an event");
    assert_eq!((closed.id, closed.name.as_str()), (Some(4), "closed"));
    assert_eq!(reader.next().await, None, "the stream ends behind it");

    let done = Reader::open(&edge.router, &path, &[("last-event-id", "4")]).await;
    assert_eq!(done.status, 204);
    let late = Reader::open(&edge.router, &path, &[]).await.rest().await;
    assert_eq!(names(&late), ["snapshot"], "an invoice that is over has nothing more to tell");
}

#[tokio::test]
async fn a_reader_that_comes_back_gets_what_it_missed_once_and_no_snapshot() {
    let edge = Edge::start().await;
    let (id, path) = received(&edge).await;
    for n in 2..=150 {
        trouble(&edge.state.ledger, &id, &n.to_string()).await;
    }
    enter(&edge.state.ledger, &id, InvoiceStatus::Cancelled).await;
    for last in [0, 1, 100, 150] {
        let last_id = last.to_string();
        let reader = Reader::open(&edge.router, &path, &[("last-event-id", &last_id)]).await;
        let ids: Vec<_> = reader.rest().await.iter().filter_map(|event| event.id).collect();
        assert_eq!(ids, (last + 1..=151).collect::<Vec<_>>(), "behind {last}");
    }
    for odd in ["152", "-1", "x", "1.5", "99999999999999999999"] {
        let reader = Reader::open(&edge.router, &path, &[("last-event-id", odd)]).await;
        let events = reader.rest().await;
        assert_eq!((names(&events), &events[0].data["resumed"]), (vec!["snapshot"], &json!(false)));
    }
}

#[tokio::test]
async fn a_stop_is_told_without_an_id_and_ends_the_stream() {
    let edge = Edge::start().await;
    let (_, path) = received(&edge).await;
    let mut reader = Reader::open(&edge.router, &path, &[]).await;
    assert_eq!(reader.next().await.map(|event| event.name), Some("snapshot".to_owned()));
    edge.state.readiness.drain();
    let drain = reader.next().await.expect("an event");
    assert_eq!((drain.id, drain.name.as_str()), (None, "drain"));
    assert_eq!(reader.next().await, None);
}

#[tokio::test]
async fn what_another_replica_does_is_seen_within_a_second_or_two() {
    let edge = Edge::start().await;
    let (id, path) = received(&edge).await;
    let mut reader = Reader::open(&edge.router, &path, &[]).await;
    reader.next().await.expect("a snapshot");
    let other = replica(&edge).await;
    enter(&other.ledger, &id, InvoiceStatus::Extracting).await;
    let event = tokio::time::timeout(Duration::from_secs(5), reader.next()).await;
    assert_eq!(event.expect("in time").and_then(|event| event.id), Some(2));
}

#[tokio::test]
async fn the_head_is_answered_without_a_stream_and_other_types_are_refused() {
    let edge = Edge::start().await;
    let (id, path) = received(&edge).await;
    let head = async |last: &str| {
        let request = ask("HEAD", &path).header("last-event-id", last);
        edge.send(request.body(Body::empty()).expect("a request")).await
    };
    let answer = head("").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (StatusCode::OK, "text/event-stream")
    );
    assert_eq!((answer.body.len(), edge.state.metrics.event_streams.get()), (0, 0));
    for accept in ["text/event-stream", "*/*", "text/*", "application/json, */*;q=0.1"] {
        let reader = Reader::open(&edge.router, &path, &[("accept", accept)]).await;
        assert_eq!(reader.status, 200, "{accept}");
    }
    let request = ask("GET", &path).header("accept", "application/json");
    let answer = edge.send(request.body(Body::empty()).expect("a request")).await;
    assert_eq!(answer.problem(), (406, "not-acceptable".to_owned()));
    assert_eq!(answer.json()["available"], json!(["text/event-stream"]));
    let unknown = edge.get("/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/events").await;
    assert_eq!(unknown.problem(), (404, "not-found".to_owned()));
    assert_eq!(head("").await.header("content-length"), "");
    enter(&edge.state.ledger, &id, InvoiceStatus::Cancelled).await;
    let over = head("2").await;
    assert_eq!((over.status.as_u16(), over.header("content-length")), (204, ""));
}

#[tokio::test]
async fn there_are_so_many_streams_of_one_caller_and_of_all() {
    let limits = config::Http {
        event_streams_max: 3,
        event_streams_by_subject_max: 2,
        ..config::Http::default()
    };
    let edge = Edge::with(limits).await;
    let (_, path) = received(&edge).await;
    let first = Reader::open(&edge.router, &path, &[]).await;
    let second = Reader::open(&edge.router, &path, &[]).await;
    let answer = edge.get(&path).await;
    assert_eq!(answer.problem(), (429, "quota-exceeded".to_owned()));
    assert_eq!(answer.json()["violated_policies"], json!(["event-streams"]));
    assert!(!answer.header("retry-after").is_empty());
    drop(first);
    let third = Reader::open(&edge.router, &path, &[]).await;
    assert_eq!((second.status, third.status), (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn a_revoked_key_ends_the_stream_that_it_opened_within_five_seconds() {
    let edge = Edge::start().await;
    let (_, path) = received(&edge).await;
    let auth = Auth::required(
        &edge.state.ledger,
        &config::Auth::default(),
        &config::Jwt::default(),
        &edge.state.metrics,
    );
    let edge = edge.behind(auth);
    let bearer = keep(&edge.state.ledger, &new_key("key:reader", &[Role::Viewer])).await;
    let mut reader = Reader::open(&edge.router, &path, &[("authorization", &bearer)]).await;
    assert_eq!(reader.next().await.map(|event| event.name), Some("snapshot".to_owned()));
    let id = bearer.trim_start_matches("Bearer apg_").split('_').next().expect("an id").to_owned();
    let began = std::time::Instant::now();
    assert!(edge.state.ledger.revoke_key(&id, &Author::default()).await.expect("revoked"));
    assert_eq!(reader.next().await, None);
    assert!(began.elapsed() < Duration::from_millis(5_500), "{:?}", began.elapsed());
    assert_eq!(edge.state.metrics.auth_failures.with_label_values(&["unknown"]).get(), 0);
}

/// Another process over the same database.
struct Replica {
    router: Router,
    ledger: Ledger,
}

async fn replica(edge: &Edge) -> Replica {
    let url = edge.database();
    let settings = config::Ledger { url: url.into(), ..config::Ledger::default() };
    let ledger = Ledger::open(&settings).await.expect("the same ledger");
    let router = router(AppState { ledger: ledger.clone(), ..edge.state.clone() });
    Replica { router, ledger }
}

/// Acceptance 61: cut at random 1,000 times between two replicas, a reader sees every revision
/// once and in order, and learns at the end that nothing more will come.
#[tokio::test(flavor = "multi_thread")]
async fn acceptance_61_cut_at_random_a_thousand_times_every_revision_comes_once_and_in_order() {
    const CUTS: u32 = 1_000;
    let edge = Edge::start().await;
    let (id, path) = received(&edge).await;
    let other = replica(&edge).await;
    let routers = [edge.router.clone(), other.router.clone()];
    let done = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writer = {
        let (done, id) = (done.clone(), id.clone());
        let ledgers = [edge.state.ledger.clone(), other.ledger.clone()];
        tokio::spawn(async move {
            let mut made = 0_usize;
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                trouble(&ledgers[made % 2], &id, &made.to_string()).await;
                made += 1;
                // In bursts of 8, so that readers are behind now and then.
                if made.is_multiple_of(8) {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            enter(&ledgers[made % 2], &id, InvoiceStatus::Cancelled).await;
        })
    };
    let mut random = Random::new();
    let (mut seen, mut cuts, mut finished) = (0_i64, 0_u32, false);
    while !finished {
        if cuts == CUTS {
            done.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        let last = seen.to_string();
        let router = &routers[random.below(2)];
        let mut reader = Reader::open(router, &path, &[("last-event-id", &last)]).await;
        if reader.status == StatusCode::NO_CONTENT {
            finished = true;
            continue;
        }
        assert_eq!(reader.status, 200);
        // How much is read before the cut: bytes, not events.
        let mut left = if cuts < CUTS { random.below(2_000) } else { usize::MAX };
        while left > 0 {
            let part = tokio::time::timeout(PATIENCE, reader.body.next()).await;
            let Some(part) = part.expect("an event or the end") else { break };
            let part = part.expect("bytes");
            let taken = &part[..part.len().min(left)];
            left -= taken.len();
            reader.text.push_str(&String::from_utf8_lossy(taken));
            while let Some((block, rest)) = reader.text.split_once("\n\n") {
                if let Some(event) = event(block) {
                    assert_eq!(event.id, Some(seen + 1), "seed {}: {event:?}", random.seed);
                    seen += 1;
                }
                reader.text = rest.to_owned();
            }
        }
        cuts += u32::from(cuts < CUTS);
    }
    writer.await.expect("the writer ends");
    let row = edge.state.ledger.invoice(&id).await.expect("read").expect("a row");
    assert_eq!((cuts, seen), (CUTS, row.revision));
}

/// Xorshift: another sequence each run, and the seed of a failure stands in its message.
struct Random {
    seed: u64,
    state: u64,
}

impl Random {
    fn new() -> Self {
        let seed = uuid::Uuid::now_v7().as_u128() as u64 | 1;
        Self { seed, state: seed }
    }

    fn below(&mut self, limit: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % limit as u64) as usize
    }
}

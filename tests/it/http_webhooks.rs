//! `/webhooks`: who is told what happens, and that it arrives.

mod delivery;
mod routes;
mod schedule;
mod sending;
mod told;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::edge::{Answer, Edge, ask};
use crate::harness::unique;

/// What a receiver does with the next message.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Answers this status.
    Answer(u16),
    /// Answers this status with this header.
    With(u16, &'static str, String),
    /// Takes the message and never answers.
    Hang,
    /// Answers 200 and a body without end.
    Endless,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) headers: HeaderMap,
    body: Bytes,
    path: String,
}

#[derive(Clone)]
struct Desk {
    path: String,
    got: Arc<Mutex<Vec<Got>>>,
    acts: Arc<Mutex<VecDeque<Act>>>,
}

/// A receiver on this machine: it keeps what came, and does as it was told; then it answers 204.
/// Its path is its own: a program that asks for another one that had this port before (a Temporal
/// server that was stopped, a process that was killed) is told so, and is no message.
pub(crate) struct Receiver {
    pub(crate) url: String,
    desk: Desk,
}

impl Receiver {
    pub(crate) async fn start(acts: impl IntoIterator<Item = Act>) -> Self {
        let acts = acts.into_iter().collect();
        let path = format!("/{}", unique("hooks"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}{path}", listener.local_addr().expect("bound"));
        let desk = Desk { path, got: Arc::default(), acts: Arc::new(Mutex::new(acts)) };
        let router = Router::new().fallback(take).with_state(desk.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, desk }
    }

    fn then(&self, acts: impl IntoIterator<Item = Act>) {
        self.desk.acts.lock().expect("no panic").extend(acts);
    }

    pub(crate) fn got(&self) -> Vec<Got> {
        self.desk.got.lock().expect("no panic").clone()
    }
}

async fn take(
    State(desk): State<Desk>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let plain = |status: u16| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        response
    };
    let path = uri.path().to_owned();
    if path != desk.path {
        return plain(404);
    }
    desk.got.lock().expect("no panic").push(Got { headers, body, path });
    let act = desk.acts.lock().expect("no panic").pop_front().unwrap_or(Act::Answer(204));
    match act {
        Act::Answer(status) => plain(status),
        Act::With(status, name, value) => {
            let mut response = plain(status);
            let value = HeaderValue::from_str(&value).expect("ASCII");
            response.headers_mut().insert(name, value);
            response
        }
        Act::Hang => std::future::pending().await,
        Act::Endless => {
            let chunks = futures::stream::repeat_with(|| Ok::<_, std::io::Error>("x".repeat(4096)));
            Response::new(Body::from_stream(chunks))
        }
    }
}

impl Got {
    pub(crate) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("ASCII")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// When its sender says that it was sent, in seconds since 1970.
    fn sent_at(&self) -> i64 {
        let at = self.headers["webhook-timestamp"].to_str().expect("ASCII");
        at.parse().expect("seconds")
    }

    /// Whether an independent implementation of the standard takes it for ours.
    pub(crate) fn verifies(&self, secret: &str) -> bool {
        let verifier = standardwebhooks::Webhook::new(secret).expect("a secret of the standard");
        verifier.verify(&self.body, &self.headers).is_ok()
    }
}

async fn post(edge: &Edge, key: &str, target: &str, body: &Value) -> Answer {
    let request = ask("POST", target).header("content-type", "application/json");
    let request = match key {
        "" => request,
        key => request.header("idempotency-key", key),
    };
    edge.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

pub(crate) async fn patch(edge: &Edge, target: &str, if_match: &str, body: &Value) -> Answer {
    let request = ask("PATCH", target).header("content-type", "application/merge-patch+json");
    let request = match if_match {
        "" => request,
        tag => request.header("if-match", tag),
    };
    edge.send(request.body(Body::from(body.to_string())).expect("a request")).await
}

/// A webhook for all of these events; its address and its secret.
pub(crate) async fn hook(edge: &Edge, receiver: &Receiver, events: &[&str]) -> (String, String) {
    let asked = json!({"url": receiver.url, "events": events});
    let made = post(edge, &unique("k"), "/webhooks", &asked).await;
    let secret = made.json()["secret"].as_str().map(str::to_owned);
    assert_eq!(made.status.as_u16(), 201, "{}", made.json());
    (made.header("location").to_owned(), secret.expect("shown once"))
}

/// The log of a webhook, newest first.
pub(crate) async fn log(edge: &Edge, hook: &str) -> Vec<Value> {
    let list = edge.get(&format!("{hook}/deliveries")).await.json();
    list["items"].as_array().expect("items").clone()
}

/// What a run was told to wait, pause after pause.
fn pauses(history: &Value) -> Vec<Duration> {
    let events = history["events"].as_array().expect("events").iter();
    let timers = events.filter_map(|event| event["attributes"].get("TimerStartedEventAttributes"));
    let pause = |timer: &Value| {
        let text = timer["start_to_fire_timeout"].as_str().expect("a duration");
        let seconds = text.trim_end_matches('s').parse().expect("seconds");
        Duration::from_secs_f64(seconds)
    };
    timers.map(pause).collect()
}

/// A receiver answers sooner, or never: nobody waits longer than this for it here.
const IMPATIENCE: Duration = Duration::from_millis(400);

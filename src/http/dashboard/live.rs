//! The overview as it changes: a stream that says when to look again, and nothing else.
//!
//! What changed is asked of the ledger once for all streams of the process. A page without a
//! stream looks every 10 seconds, so whatever ends one costs its reader seconds.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;
use bytes::Bytes;
use chrono::Utc;
use futures::stream;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::http::Edge;
use crate::http::dashboard::door::{self, Visitor};
use crate::http::dashboard::session::Session;
use crate::http::error::ApiError;
use crate::http::extract::Query;
use crate::http::extract::query::NoParameters;
use crate::http::invoices::events::{KEEP_ALIVE, Look, Pace, RETRY, StreamPlace, streaming};
use crate::models::access::Role;
use crate::storage::Ledger;
use crate::storage::ledger::overview::StateCount;

/// What was read is good for so long: a hundred streams ask the ledger no oftener than one.
const FRESH: Duration = Duration::from_secs(2);

/// Look again.
const CHANGED: &[u8] = b"event: changed\ndata: {}\n\n";

/// The states of all invoices, as they were read last. Cheap to clone.
#[derive(Clone, Default)]
pub struct Pulse(Arc<Mutex<Option<Beat>>>);

/// What was read, and when.
struct Beat {
    at: Instant,
    states: Vec<StateCount>,
}

impl Pulse {
    /// The states now, or what was read a moment ago. A ledger that is away changes nothing.
    async fn read(&self, ledger: &Ledger) -> Vec<StateCount> {
        let mut last = self.0.lock().await;
        let known = last.as_ref().map(|beat| beat.states.clone()).unwrap_or_default();
        if last.as_ref().is_some_and(|beat| beat.at.elapsed() < FRESH) {
            return known;
        }
        let states = ledger.states().await.unwrap_or(known);
        *last = Some(Beat { at: Instant::now(), states: states.clone() });
        states
    }
}

/// One stream.
struct Watch {
    edge: Edge,
    /// That of its reader; none where nobody is asked.
    session: Option<Session>,
    seen: Option<Vec<StateCount>>,
    pace: Pace,
    _place: StreamPlace,
}

/// `GET /dashboard/events`.
///
/// # Errors
/// 429 and 503 when there are too many streams.
pub async fn stream(
    State(edge): State<Edge>,
    visitor: Visitor,
    Query(NoParameters): Query<NoParameters>,
) -> Result<Response<Body>, ApiError> {
    let place = edge.streams.take(&visitor.caller.subject)?;
    let watch =
        Watch { edge, session: visitor.session, seen: None, pace: Pace::begin(), _place: place };
    let frames = stream::unfold(watch, |mut watch| async move {
        let frame = watch.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from_static(frame)), watch))
    });
    Ok(streaming(Body::from_stream(frames)))
}

impl Watch {
    /// The next frame; none at the end.
    async fn next(&mut self) -> Option<&'static [u8]> {
        if self.seen.is_none() {
            self.seen = Some(self.states().await);
            return Some(RETRY);
        }
        loop {
            let look = tokio::select! {
                biased;
                () = self.edge.parts.readiness.drained() => return None,
                look = self.pace.look() => look,
            };
            if look == Look::Over || !self.is_admitted().await {
                return None;
            }
            let states = Some(self.states().await);
            if states != self.seen {
                self.seen = states;
                return Some(CHANGED);
            }
            if look == Look::Comment {
                return Some(KEEP_ALIVE);
            }
        }
    }

    async fn states(&self) -> Vec<StateCount> {
        self.edge.pulse.read(&self.edge.parts.ledger).await
    }

    /// Whether its reader may still look. A store that is away takes nobody's right.
    async fn is_admitted(&self) -> bool {
        let Some(session) = &self.session else {
            return true;
        };
        if session.is_over(Utc::now().timestamp()) {
            return false;
        }
        match door::holder(&self.edge.parts.auth, session).await {
            Ok(holder) => holder.is_some_and(|holder| holder.roles.any_of(&[Role::Viewer])),
            Err(_) => true,
        }
    }
}

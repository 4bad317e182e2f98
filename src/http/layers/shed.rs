//! Refuses before spending: while the process stops, and while it has enough in flight.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::http::AppState;
use crate::http::error::Slug;
use crate::metrics::Metrics;
use crate::readiness::Readiness;

/// When to come back: another replica, or this one after its restart.
const AFTER_DRAIN: Duration = Duration::from_secs(5);

/// When to come back after being shed: most requests take milliseconds.
const AFTER_SHED: Duration = Duration::from_secs(1);

/// What ends work has places of its own: when all others are taken, that is what helps.
const ENDING: [&str; 3] = ["/decision", "/retry", "/cancel"];

/// The places of requests in flight. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    places: Arc<Semaphore>,
    ending: Arc<Semaphore>,
    readiness: Readiness,
    metrics: Arc<Metrics>,
}

/// The place of one request. A request that waits leaves it: waiting costs nothing, and there
/// may be more who wait than who work. The layer that counts requests makes it, empty, and looks at
/// it in the end: it is still there when all that was inside was dropped.
#[derive(Clone, Default)]
pub struct Place(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    permit: Option<OwnedSemaphorePermit>,
    subject: Option<String>,
    waits_since: Option<Instant>,
}

impl Place {
    fn take(&self, permit: OwnedSemaphorePermit) {
        self.held().permit = Some(permit);
    }

    /// Gives the place to the next request.
    pub fn leave(&self) {
        self.held().permit.take();
    }

    /// Leaves the place to wait: from now on the answer is held back on purpose.
    pub fn wait(&self) {
        let mut held = self.held();
        held.permit.take();
        held.waits_since.get_or_insert_with(Instant::now);
    }

    /// How long ago the request began to wait; `None` when it never did.
    pub fn waits_for(&self) -> Option<Duration> {
        self.held().waits_since.map(|since| since.elapsed())
    }

    /// Whose request it is, once that is known.
    pub fn belongs_to(&self, subject: &str) {
        self.held().subject = Some(subject.to_owned());
    }

    /// Whose request it is; `None` where nobody is asked.
    pub fn subject(&self) -> Option<String> {
        self.held().subject.clone()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// With as many places as the configuration allows.
    pub fn new(state: &AppState) -> Self {
        let places = |max: usize| Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS)));
        Self {
            places: places(state.limits.in_flight_max),
            ending: places(state.limits.ending_in_flight_max),
            readiness: state.readiness.clone(),
            metrics: Arc::clone(&state.metrics),
        }
    }

    /// The places for a request, and what they are called.
    fn places(&self, request: &Request) -> (&Arc<Semaphore>, &'static str) {
        let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let ends =
            *request.method() == Method::POST && ENDING.iter().any(|ending| path.ends_with(ending));
        if ends { (&self.ending, "ending") } else { (&self.places, "in_flight") }
    }
}

/// Layer 7.
pub async fn admit(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    if gate.readiness.is_draining() {
        let draining = Slug::Draining.error().retry_after(AFTER_DRAIN);
        return draining.closing().into_response();
    }
    let (places, name) = gate.places(&request);
    let Ok(permit) = Arc::clone(places).try_acquire_owned() else {
        gate.metrics.shed.with_label_values(&[name]).inc();
        return Slug::Overloaded.error().retry_after(AFTER_SHED).into_response();
    };
    let place = request.extensions_mut().get_or_insert_default::<Place>().clone();
    place.take(permit);
    let response = next.run(request).await;
    place.leave();
    response
}

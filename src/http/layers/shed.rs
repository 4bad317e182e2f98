//! Refuses before spending: while the process stops, and while it has enough in flight.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
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

/// The places of requests in flight. Cheap to clone.
#[derive(Clone)]
pub struct Gate {
    places: Arc<Semaphore>,
    readiness: Readiness,
    metrics: Arc<Metrics>,
}

/// The place of one request. A request that waits leaves it: waiting costs nothing, and there
/// may be more who wait than who work.
#[derive(Clone, Default)]
pub struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    /// Gives the place to the next request.
    pub fn leave(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Gate {
    /// With as many places as the configuration allows.
    pub fn new(state: &AppState) -> Self {
        let places = state.limits.in_flight_max.min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            readiness: state.readiness.clone(),
            metrics: Arc::clone(&state.metrics),
        }
    }
}

/// Layer 7.
pub async fn admit(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    if gate.readiness.is_draining() {
        let draining = Slug::Draining.error().retry_after(AFTER_DRAIN);
        return draining.closing().into_response();
    }
    let Ok(permit) = Arc::clone(&gate.places).try_acquire_owned() else {
        gate.metrics.shed.with_label_values(&["in_flight"]).inc();
        return Slug::Overloaded.error().retry_after(AFTER_SHED).into_response();
    };
    let place = Place(Arc::new(Mutex::new(Some(permit))));
    request.extensions_mut().insert(place.clone());
    let response = next.run(request).await;
    place.leave();
    response
}

//! How many streams there may be, of all and of one subject.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus::IntGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;
use crate::http::error::{ApiError, Slug};
use crate::metrics::Metrics;

/// When a place may be free again: streams end when pages are closed, not in milliseconds.
const AFTER: Duration = Duration::from_secs(5);

/// The places of streams. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    places: Arc<Semaphore>,
    taken: Arc<Mutex<HashMap<String, usize>>>,
    by_subject_max: usize,
    gauge: IntGauge,
}

/// The place of one stream; given back when it is dropped.
pub struct StreamPlace {
    _place: OwnedSemaphorePermit,
    subject: String,
    streams: Streams,
}

impl Streams {
    /// With as many places as the configuration allows.
    pub fn new(limits: &config::Http, metrics: &Metrics) -> Self {
        let places = limits.event_streams_max.min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            taken: Arc::default(),
            by_subject_max: limits.event_streams_by_subject_max,
            gauge: metrics.event_streams.clone(),
        }
    }

    /// A place for a stream of this subject.
    ///
    /// # Errors
    /// 429 when the subject has enough, 503 when all places are taken.
    pub fn take(&self, subject: &str) -> Result<StreamPlace, ApiError> {
        let mut taken = self.taken();
        let of_subject = taken.get(subject).copied().unwrap_or_default();
        if of_subject >= self.by_subject_max {
            let detail = format!("{of_subject} streams of this caller are open; close one.");
            let refused = Slug::QuotaExceeded.error().detail(detail).retry_after(AFTER);
            return Err(refused.member("violated_policies", vec!["event-streams"]));
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let detail = "As many streams are open as the gateway takes.";
            return Err(Slug::Overloaded.error().detail(detail).retry_after(AFTER));
        };
        taken.insert(subject.to_owned(), of_subject + 1);
        self.gauge.inc();
        Ok(StreamPlace { _place: place, subject: subject.to_owned(), streams: self.clone() })
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        // A panic while the lock was held leaves counts behind that are still true.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        self.streams.gauge.dec();
        let mut taken = self.streams.taken();
        match taken.get_mut(&self.subject) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(taken.remove(&self.subject)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Streams;
    use crate::config;
    use crate::http::error::Slug;
    use crate::metrics::Metrics;

    #[test]
    fn places_are_counted_for_all_and_for_each_subject_and_come_back() {
        let limits = config::Http {
            event_streams_max: 3,
            event_streams_by_subject_max: 2,
            ..config::Http::default()
        };
        let metrics = Metrics::new();
        let streams = Streams::new(&limits, &metrics);
        let slug = |subject| streams.take(subject).err().map(|error| error.0.slug);
        let first = streams.take("a").ok();
        let _second = streams.take("a").ok();
        assert_eq!(slug("a"), Some(Slug::QuotaExceeded));
        let _third = streams.take("b").ok();
        assert_eq!((slug("b"), metrics.event_streams.get()), (Some(Slug::Overloaded), 3));
        drop(first);
        assert_eq!(slug("a"), None);
        assert_eq!((streams.taken().len(), metrics.event_streams.get()), (2, 2));
    }
}

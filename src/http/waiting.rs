//! Requests that wait: a bounded number of them, none past the drain.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use prometheus::IntGauge;
use tokio::sync::Semaphore;

use crate::config;
use crate::http::layers::shed::Place;
use crate::metrics::Metrics;
use crate::readiness::Readiness;

/// The places of waiting requests. Cheap to clone.
#[derive(Clone)]
pub struct Waiters {
    places: Arc<Semaphore>,
    by_subject: usize,
    subjects: Arc<Mutex<HashMap<String, usize>>>,
    gauge: IntGauge,
    readiness: Readiness,
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waited<T> {
    /// What came, if it came in time.
    pub value: Option<T>,
    /// Whether there was a place to wait in: only then a preference was applied.
    pub applied: bool,
    /// How long it took.
    pub took: Duration,
}

impl<T> Waited<T> {
    /// Nothing was to be waited for.
    pub fn at_once() -> Self {
        Self { value: None, applied: true, took: Duration::ZERO }
    }

    /// There was no place to wait in.
    pub fn refused() -> Self {
        Self { value: None, applied: false, took: Duration::ZERO }
    }
}

impl Waiters {
    /// As many as the configuration lets wait at once.
    pub fn new(limits: &config::Http, metrics: &Metrics, readiness: Readiness) -> Self {
        let max = limits.waiters_max;
        metrics.waiters_limit.set(i64::try_from(max).unwrap_or(i64::MAX));
        Self {
            places: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))),
            by_subject: limits.waiters_by_subject_max,
            subjects: Arc::default(),
            gauge: metrics.waiters.clone(),
            readiness,
        }
    }

    /// Waits for `work` at most that long; gives up at once when no place is free or the process
    /// stops. While it waits the request does not count as in flight.
    pub async fn wait<T>(
        &self,
        at_most: Duration,
        place: &Place,
        work: impl Future<Output = T>,
    ) -> Waited<T> {
        let began = Instant::now();
        if at_most.is_zero() {
            return Waited::at_once();
        }
        let Ok(_waiting) = self.places.try_acquire() else {
            return Waited::refused();
        };
        let Some(_one_of) = self.one_of(place.subject()) else {
            return Waited::refused();
        };
        place.wait();
        let _counted = Counted::new(self.gauge.clone());
        let value = tokio::select! {
            biased;
            () = self.readiness.drained() => None,
            done = tokio::time::timeout(at_most, work) => done.ok(),
        };
        Waited { value, applied: true, took: began.elapsed() }
    }

    /// Counts a wait for its subject; `None` when that has enough of them.
    fn one_of(&self, subject: Option<String>) -> Option<OneOf> {
        if let Some(subject) = &subject {
            let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
            let waiting = subjects.entry(subject.clone()).or_default();
            if *waiting >= self.by_subject {
                return None;
            }
            *waiting += 1;
        }
        Some(OneOf { subject, subjects: Arc::clone(&self.subjects) })
    }
}

/// One of the waits of a subject, for as long as it lives.
struct OneOf {
    subject: Option<String>,
    subjects: Arc<Mutex<HashMap<String, usize>>>,
}

impl Drop for OneOf {
    fn drop(&mut self) {
        let Some(subject) = &self.subject else { return };
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        match subjects.get_mut(subject) {
            Some(waiting) if *waiting > 1 => *waiting -= 1,
            _ => drop(subjects.remove(subject)),
        }
    }
}

/// One in a gauge for as long as it lives, also when the request is dropped.
struct Counted(IntGauge);

impl Counted {
    fn new(gauge: IntGauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::Waiters;
    use crate::config::Http;
    use crate::http::layers::shed::Place;
    use crate::metrics::Metrics;
    use crate::readiness::Readiness;

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_wait_ends_with_its_work_its_time_its_places_or_the_drain() {
        let readiness = Readiness::default();
        let metrics = Metrics::new();
        let limits = Http { waiters_max: 1, ..Http::default() };
        let waiters = Waiters::new(&limits, &metrics, readiness.clone());
        let place = Place::default();
        let done = waiters.wait(SHORT, &place, ready(1)).await;
        assert_eq!((done.value, done.applied), (Some(1), true));
        let late = waiters.wait(SHORT, &place, pending::<()>()).await;
        assert_eq!((late.value, late.applied), (None, true));

        let holder = waiters.clone();
        let first = tokio::spawn(async move {
            holder.wait(Duration::from_secs(600), &Place::default(), pending::<()>()).await
        });
        tokio::task::yield_now().await;
        assert_eq!(metrics.waiters.get(), 1);
        let second = waiters.wait(SHORT, &place, ready(1)).await;
        assert_eq!((second.value, second.applied), (None, false));
        readiness.drain();
        let first = first.await.expect("no panic");
        assert_eq!((first.value, first.applied), (None, true));
        assert_eq!(metrics.waiters.get(), 0);
    }
    #[tokio::test]
    async fn one_subject_has_so_many_places_and_gives_them_back() {
        let limits = Http { waiters_by_subject_max: 1, ..Http::default() };
        let waiters = Waiters::new(&limits, &Metrics::new(), Readiness::default());
        let place = |subject: &str| {
            let place = Place::default();
            place.belongs_to(subject);
            place
        };
        let holder = waiters.clone();
        let held = place("key:erp");
        let first = tokio::spawn(async move {
            holder.wait(Duration::from_secs(600), &held, pending::<()>()).await
        });
        tokio::task::yield_now().await;
        assert!(!waiters.wait(SHORT, &place("key:erp"), ready(1)).await.applied);
        assert!(waiters.wait(SHORT, &place("key:mail"), ready(1)).await.applied);
        assert!(waiters.wait(SHORT, &Place::default(), ready(1)).await.applied);
        first.abort();
        assert!(first.await.is_err_and(|error| error.is_cancelled()));
        assert!(waiters.wait(SHORT, &place("key:erp"), ready(1)).await.applied);
        assert!(waiters.subjects.lock().expect("not poisoned").is_empty());
    }
}

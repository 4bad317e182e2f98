//! Requests that wait: a bounded number of them, none past the drain.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::IntGauge;
use tokio::sync::Semaphore;

use crate::http::layers::shed::Place;
use crate::metrics::Metrics;
use crate::readiness::Readiness;

/// The places of waiting requests. Cheap to clone.
#[derive(Clone)]
pub struct Waiters {
    places: Arc<Semaphore>,
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

impl Waiters {
    /// `max` requests may wait at once.
    pub fn new(max: usize, metrics: &Metrics, readiness: Readiness) -> Self {
        metrics.waiters_limit.set(i64::try_from(max).unwrap_or(i64::MAX));
        Self {
            places: Arc::new(Semaphore::new(max.min(Semaphore::MAX_PERMITS))),
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
            return Waited { value: None, applied: true, took: Duration::ZERO };
        }
        let Ok(_waiting) = self.places.try_acquire() else {
            return Waited { value: None, applied: false, took: Duration::ZERO };
        };
        place.leave();
        let _counted = Counted::new(self.gauge.clone());
        let value = tokio::select! {
            biased;
            () = self.readiness.drained() => None,
            done = tokio::time::timeout(at_most, work) => done.ok(),
        };
        Waited { value, applied: true, took: began.elapsed() }
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
    use crate::http::layers::shed::Place;
    use crate::metrics::Metrics;
    use crate::readiness::Readiness;

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_wait_ends_with_its_work_its_time_its_places_or_the_drain() {
        let readiness = Readiness::default();
        let metrics = Metrics::new();
        let waiters = Waiters::new(1, &metrics, readiness.clone());
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
}

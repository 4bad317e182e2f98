//! Waits that follow a run in Temporal: so many at once, and one for all who wait for the same run.
//!
//! Temporal allows 1,200 long polls an instance, and under load serves waiting for results last.
//! Who finds no place is answered 202 at once, as if no place to wait were free.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};
use prometheus::IntGauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config;
use crate::http::Edge;
use crate::http::layers::shed::Place;
use crate::http::waiting::Waited;
use crate::metrics::Metrics;
use crate::temporal::GatewayError;
use crate::temporal::gateway::{ReconciliationRun, RunEnd};

/// Longer than anybody waits: a follower ends with its run, or when its last waiter leaves.
pub const AS_LONG_AS_ANYBODY: Duration = Duration::from_hours(1);

/// The places of followers, and who follows what. Cheap to clone.
#[derive(Clone)]
pub struct Followers {
    places: Places,
    /// Reconciliations, by id.
    pub reconciliations: Following<Result<ReconciliationRun, GatewayError>>,
    /// Bank statements, by id.
    pub statements: Following<Result<(), GatewayError>>,
    /// Runs whose result is asked for, by run id.
    pub ends: Following<Option<RunEnd>>,
}

#[derive(Clone)]
struct Places {
    free: Arc<Semaphore>,
    gauge: IntGauge,
}

/// One place; free again when it is dropped.
struct Taken {
    _permit: OwnedSemaphorePermit,
    gauge: IntGauge,
}

impl Places {
    fn take(&self) -> Option<Taken> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        self.gauge.inc();
        Some(Taken { _permit: permit, gauge: self.gauge.clone() })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.gauge.dec();
    }
}

impl Followers {
    /// As many as the configuration lets follow at once.
    pub fn new(limits: &config::Http, metrics: &Metrics) -> Self {
        let free = Arc::new(Semaphore::new(limits.followers_max.min(Semaphore::MAX_PERMITS)));
        let places = Places { free, gauge: metrics.followers.clone() };
        Self {
            reconciliations: Following::new(places.clone()),
            statements: Following::new(places.clone()),
            ends: Following::new(places.clone()),
            places,
        }
    }
}

/// Runs that are followed, by key. Cheap to clone.
pub struct Following<T: Clone> {
    places: Places,
    runs: Arc<Mutex<Runs<T>>>,
}

impl<T: Clone> Clone for Following<T> {
    fn clone(&self) -> Self {
        Self { places: self.places.clone(), runs: Arc::clone(&self.runs) }
    }
}

/// What many may wait for.
type Followed<T> = Shared<BoxFuture<'static, T>>;

struct Runs<T: Clone> {
    by_key: HashMap<String, (u64, WeakShared<BoxFuture<'static, T>>)>,
    /// Tells a follower from an earlier one of the same key.
    count: u64,
}

impl<T: Clone + Send + Sync + 'static> Following<T> {
    fn new(places: Places) -> Self {
        Self { places, runs: Arc::new(Mutex::new(Runs { by_key: HashMap::new(), count: 0 })) }
    }

    /// Joins who follows `key` already, or begins; `None` when no place is free.
    fn join(
        &self,
        key: &str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<Followed<T>> {
        let mut runs = self.runs();
        if let Some(followed) = runs.by_key.get(key).and_then(|(_, weak)| weak.upgrade()) {
            return Some(followed);
        }
        let taken = self.places.take()?;
        runs.count += 1;
        let entry = Entry { of: self.clone(), key: key.to_owned(), number: runs.count };
        let followed = async move {
            let _until_done = (taken, entry);
            work.await
        };
        let followed = followed.boxed().shared();
        let weak = followed.downgrade().expect("it was not polled yet");
        let number = runs.count;
        runs.by_key.insert(key.to_owned(), (number, weak));
        Some(followed)
    }

    fn runs(&self) -> MutexGuard<'_, Runs<T>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The row of a follower; gone with it.
struct Entry<T: Clone + Send + Sync + 'static> {
    of: Following<T>,
    key: String,
    number: u64,
}

impl<T: Clone + Send + Sync + 'static> Drop for Entry<T> {
    fn drop(&mut self) {
        let mut runs = self.of.runs();
        if runs.by_key.get(&self.key).is_some_and(|(number, _)| *number == self.number) {
            runs.by_key.remove(&self.key);
        }
    }
}

impl Edge {
    /// Waits for what follows a run and nobody else can wait for, as
    /// [`Waiters::wait`](crate::http::waiting::Waiters::wait) does.
    pub async fn follow<T>(
        &self,
        at_most: Duration,
        place: &Place,
        work: impl Future<Output = T>,
    ) -> Waited<T> {
        if at_most.is_zero() {
            return Waited::at_once();
        }
        match self.followers.places.take() {
            // A call to Temporal is a large state machine: on the heap it is moved as a pointer.
            Some(_taken) => self.waiters.wait(at_most, place, Box::pin(work)).await,
            None => Waited::refused(),
        }
    }

    /// The same, together with everybody who waits for `key`.
    pub async fn follow_together<T: Clone + Send + Sync + 'static>(
        &self,
        (following, key): (&Following<T>, &str),
        at_most: Duration,
        place: &Place,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Waited<T> {
        if at_most.is_zero() {
            return Waited::at_once();
        }
        match following.join(key, work) {
            Some(followed) => self.waiters.wait(at_most, place, followed).await,
            None => Waited::refused(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures::future::join_all;
    use tokio::sync::oneshot;

    use super::Followers;
    use crate::config::Http;
    use crate::metrics::Metrics;
    use crate::temporal::GatewayError;

    #[tokio::test]
    async fn all_who_wait_for_one_run_share_one_follower() {
        let metrics = Metrics::new();
        let followers = Followers::new(&Http::default(), &metrics);
        let (send, receive) = oneshot::channel::<()>();
        let polls = Arc::new(AtomicUsize::new(0));
        let mut receive = Some(receive);
        let waits: Vec<_> = (0..10)
            .map(|_| {
                let (polls, receive) = (Arc::clone(&polls), receive.take());
                let work = async move {
                    polls.fetch_add(1, Ordering::Relaxed);
                    receive.expect("only the first one works").await.expect("sent");
                    Err(GatewayError::NotFound)
                };
                followers.statements.join("stm_1", work).expect("a place")
            })
            .collect();
        assert_eq!(metrics.followers.get(), 1);
        send.send(()).expect("somebody follows");
        let answers = join_all(waits).await;
        assert!(answers.iter().all(|answer| *answer == Err(GatewayError::NotFound)));
        assert_eq!(polls.load(Ordering::Relaxed), 1);
        assert_eq!(metrics.followers.get(), 0, "its place is free");
        assert!(followers.statements.runs().by_key.is_empty());
    }

    #[tokio::test]
    async fn places_are_bounded_and_given_back_when_the_last_waiter_leaves() {
        let metrics = Metrics::new();
        let followers = Followers::new(&Http { followers_max: 1, ..Http::default() }, &metrics);
        let first = followers.statements.join("stm_1", pending()).expect("a place");
        let second = followers.statements.join("stm_1", pending()).expect("the same place");
        assert!(followers.statements.join("stm_2", pending()).is_none());
        assert!(followers.reconciliations.join("rec_1", pending()).is_none());
        drop((first, second));
        assert_eq!(metrics.followers.get(), 0);
        assert!(followers.statements.join("stm_2", pending()).is_some());
    }
}

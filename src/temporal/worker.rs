//! The worker: its own connection, thread and runtime, started again whenever it ends.
//!
//! The thread drives the workflows; activities are spawned on the runtime's own threads, so that
//! one that blocks stalls no workflow, and a busy HTTP runtime stalls neither. Nothing that a
//! client, an activity or a workflow does ends the thread; only [`WorkerSupervisor::drain`] does.

pub mod options;
mod shifts;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use prometheus::IntCounter;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::activities::Activities;
use crate::config;
use crate::readiness::{Part, Readiness};
use crate::temporal::credentials::Access;
use crate::temporal::restart::pause;
use crate::temporal::sdk_metrics::SdkMetrics;

pub use crate::activities::tasks::Tally;

/// What a worker is made of.
#[derive(Clone)]
pub struct WorkerParts {
    /// Where Temporal is, and what we show there.
    pub temporal: Access,
    /// How to poll, and how to rest.
    pub worker: config::Worker,
    /// What it does.
    pub activities: Activities,
    /// Where it says whether it polls.
    pub readiness: Readiness,
    /// The SDK's metrics, when someone looks at them.
    pub metrics: Option<SdkMetrics>,
    /// Counts each time that an ended worker was started again.
    pub restarts: IntCounter,
}

/// How long a connection may take; the pause after a failure comes on top.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// A run that lasted this long was a good one: the next pause begins small again.
const GOOD_RUN: Duration = Duration::from_secs(60);

/// Keeps a worker running until it is told to stop.
pub struct WorkerSupervisor {
    stop: CancellationToken,
    ended: oneshot::Receiver<()>,
    restarts: IntCounter,
    tally: Tally,
}

impl WorkerSupervisor {
    /// Starts the thread; the worker connects in the background, for as long as that takes.
    ///
    /// # Errors
    /// A thread or runtime that the system does not give.
    pub fn start(parts: WorkerParts) -> std::io::Result<Self> {
        parts.readiness.expect(Part::Worker);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("worker-activity")
            .enable_all()
            .build()?;
        let stop = CancellationToken::new();
        let restarts = parts.restarts.clone();
        let tally = Tally::default();
        let (over, ended) = oneshot::channel();
        let life = Life { parts, stop: stop.clone(), tally: tally.clone(), born: Instant::now() };
        let thread = std::thread::Builder::new().name("temporal-worker".to_owned());
        thread.spawn(move || {
            runtime.block_on(life.live());
            // What still runs was given its time; waiting longer is the caller's decision.
            runtime.shutdown_background();
            drop(over);
        })?;
        Ok(Self { stop, ended, restarts, tally })
    }

    /// How often the worker was started again.
    pub fn restarts(&self) -> u64 {
        self.restarts.get()
    }

    /// What its tasks came to.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Stops polling, gives running activities the configured time, then waits until they ended,
    /// at most until `deadline` has passed. Says whether everything ended.
    pub async fn drain(self, deadline: Duration) -> bool {
        tracing::info!(running = self.tally.running(), "worker draining");
        self.stop.cancel();
        let drained = timeout(deadline, self.ended).await.is_ok();
        if drained {
            tracing::info!("worker stopped");
        } else {
            let running = self.tally.running();
            tracing::warn!(running, "worker still busy at the deadline; its tasks are left");
        }
        drained
    }
}

/// The worker's thread from inside.
struct Life {
    parts: WorkerParts,
    stop: CancellationToken,
    tally: Tally,
    born: Instant,
}

/// What follows a run, however it ended.
struct Rounds<'a> {
    settings: &'a config::Worker,
    readiness: &'a Readiness,
    restarts: &'a IntCounter,
    stop: &'a CancellationToken,
}

impl Rounds<'_> {
    /// Runs after runs, with rests between them. What a run does is given, because the SDK neither
    /// panics nor ends by itself when a test would like it to.
    async fn live(&self, run: impl AsyncFn() -> Result<(), String>) {
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            let begun = Instant::now();
            // A panic of the SDK ends a run, never the thread.
            let ended = AssertUnwindSafe(run()).catch_unwind().await;
            self.readiness.fail(Part::Worker);
            if self.stop.is_cancelled() {
                break;
            }
            let reason = match ended {
                Ok(Ok(())) => "it ended by itself".to_owned(),
                Ok(Err(reason)) => reason,
                Err(_) => "it panicked; the log has the place".to_owned(),
            };
            failures = if begun.elapsed() > GOOD_RUN { 1 } else { failures + 1 };
            let rest = pause(self.settings, failures, Uuid::now_v7().as_bytes()[15]);
            self.restarts.inc();
            tracing::warn!(reason, pause_ms = rest.as_millis() as u64, "worker starts again");
            tokio::select! {
                () = sleep(rest) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }
}

impl Life {
    /// Until it is told to stop.
    async fn live(self) {
        let WorkerParts { worker, readiness, restarts, .. } = &self.parts;
        let rounds = Rounds { settings: worker, readiness, restarts, stop: &self.stop };
        rounds.live(async || self.run().await).await;
    }
}

#[cfg(test)]
mod tests {
    use super::Rounds;
    use crate::config;
    use crate::readiness::{Part, Readiness};
    use prometheus::IntCounter;
    use std::cell::RefCell;
    use std::time::{Duration, Instant};
    use tokio_util::sync::CancellationToken;

    #[tokio::test]
    async fn acceptance_48_a_run_that_panics_fails_or_ends_is_followed_by_another_after_a_rest() {
        let settings =
            config::Worker { restart_milliseconds_min: 100, ..config::Worker::default() };
        let (readiness, stop) = (Readiness::default(), CancellationToken::new());
        let restarts = IntCounter::new("restarts", "of this worker").expect("a legal name");
        let polls = || readiness.report().iter().any(|line| line.ready);
        let begun = RefCell::new(Vec::new());
        let run = async || {
            begun.borrow_mut().push((Instant::now(), polls(), restarts.get()));
            readiness.record(Part::Worker, true);
            let runs = begun.borrow().len();
            match runs {
                1 => panic!("the test asked for it"),
                2 => Err("the test asked for it".to_owned()),
                3 => Ok(()),
                // The last one runs until it is told to stop.
                _ => {
                    stop.cancel();
                    Ok(())
                }
            }
        };
        let rounds =
            Rounds { settings: &settings, readiness: &readiness, restarts: &restarts, stop: &stop };
        rounds.live(run).await;
        assert!(!polls());
        let begun = begun.into_inner();
        let before: Vec<_> = begun.iter().map(|(_, polls, restarts)| (*polls, *restarts)).collect();
        let expected = [(false, 0), (false, 1), (false, 2), (false, 3)];
        assert_eq!(before, expected, "not ready while it rests, and each restart is counted");
        // Each is twice the one before, less a quarter at most; a busy machine makes it longer.
        let rests = begun.windows(2).map(|runs| runs[1].0 - runs[0].0);
        for (rest, least) in rests.zip([75, 150, 300]) {
            assert!(rest >= Duration::from_millis(least), "{rest:?} is less than {least} ms");
        }
    }
}

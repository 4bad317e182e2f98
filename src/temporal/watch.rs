//! Looks after a running worker: does it poll, is its server there, and what has it done?

use std::time::{Duration, Instant};

use temporalio_client::Client;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::config;
use crate::readiness::{Part, Readiness};
use crate::temporal::credentials::Access;
use crate::temporal::pollers::{TaskType, pollers};
use crate::temporal::worker::Tally;

/// How often we ask the server until it has seen our first poll.
const EAGER: Duration = Duration::from_millis(250);

/// How often we ask from then on.
const STEADY: Duration = Duration::from_secs(5);

/// An answer that takes longer counts as none.
const ANSWER: Duration = Duration::from_secs(4);

/// A running worker, seen from beside.
pub(crate) struct Watch<'a> {
    pub(crate) access: &'a Access,
    pub(crate) client: &'a Client,
    /// The worker's own name: an older one that is gone does not count as this one.
    pub(crate) identity: &'a str,
    pub(crate) settings: &'a config::Worker,
    pub(crate) readiness: &'a Readiness,
    pub(crate) tally: &'a Tally,
    /// When the process started its worker.
    pub(crate) born: Instant,
}

impl Watch<'_> {
    /// Never returns.
    pub(crate) async fn look(&self) {
        tokio::join!(self.follow(), self.beat(), self.access.keep_showing(self.client));
    }

    /// Ready means: the server says that this very worker polls, and it says so now.
    async fn follow(&self) {
        while !self.seen().await {
            tokio::time::sleep(EAGER).await;
        }
        let task_queue = &self.settings.task_queue;
        tracing::info!(task_queue, "worker polling");
        let mut held = true;
        loop {
            self.readiness.record(Part::Worker, held);
            tokio::time::sleep(STEADY).await;
            let holds = self.seen().await;
            match (held, holds) {
                (true, false) => tracing::warn!("worker lost its server; it goes on by itself"),
                (false, true) => tracing::info!(task_queue, "worker polling again"),
                _ => {}
            }
            held = holds;
        }
    }

    async fn seen(&self) -> bool {
        let asked = pollers(self.client, &self.settings.task_queue, TaskType::Workflow);
        match timeout(ANSWER, asked).await {
            Ok(Ok(seen)) => seen.iter().any(|poller| poller.identity == self.identity),
            _ => false,
        }
    }

    /// A line now and then, so that silence in the log means that something is wrong.
    async fn beat(&self) {
        let mut beats = interval(Duration::from_secs(self.settings.heartbeat_seconds.max(1)));
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beats.tick().await;
        loop {
            beats.tick().await;
            tracing::info!(
                uptime_seconds = self.born.elapsed().as_secs(),
                tasks_done = self.tally.done(),
                tasks_failed = self.tally.failed(),
                tasks_running = self.tally.running(),
                ready = self.is_ready(),
                "worker heartbeat"
            );
        }
    }

    fn is_ready(&self) -> bool {
        let report = self.readiness.report();
        report.iter().any(|line| line.part == Part::Worker && line.ready)
    }
}

//! The worker: its own connection, thread and runtime, started again whenever it ends.
//!
//! The thread drives the workflows; activities are spawned on the runtime's own threads, so that
//! one that blocks stalls no workflow, and a busy HTTP runtime stalls neither. Nothing that a
//! client, an activity or a workflow does ends the thread; only [`WorkerSupervisor::drain`] does.

pub mod options;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use prometheus::IntCounter;
use temporalio_client::Client;
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{Runtime, Worker};
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
use crate::temporal::watch::Watch;
use crate::temporal::worker::options::options;

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
        let life = Life {
            parts,
            stop: stop.clone(),
            restarts: restarts.clone(),
            tally: tally.clone(),
            born: Instant::now(),
        };
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
    restarts: IntCounter,
    tally: Tally,
    born: Instant,
}

impl Life {
    /// Runs after runs, with rests between them.
    async fn live(self) {
        let mut failures = 0;
        while !self.stop.is_cancelled() {
            let begun = Instant::now();
            // A panic of the SDK ends a run, never the thread.
            let run = AssertUnwindSafe(self.run()).catch_unwind().await;
            self.parts.readiness.fail(Part::Worker);
            if self.stop.is_cancelled() {
                break;
            }
            let reason = match run {
                Ok(Ok(())) => "it ended by itself".to_owned(),
                Ok(Err(reason)) => reason,
                Err(_) => "it panicked; the log has the place".to_owned(),
            };
            failures = if begun.elapsed() > GOOD_RUN { 1 } else { failures + 1 };
            let rest = pause(&self.parts.worker, failures, Uuid::now_v7().as_bytes()[15]);
            self.restarts.inc();
            tracing::warn!(reason, pause_ms = rest.as_millis() as u64, "worker starts again");
            tokio::select! {
                () = sleep(rest) => {}
                () = self.stop.cancelled() => {}
            }
        }
    }

    /// One connection, one worker, until it ends: after a failed run the connection is of no more
    /// use for this queue.
    async fn run(&self) -> Result<(), String> {
        let identity = format!("ap-gateway-worker@{}", Uuid::now_v7().simple());
        let client = self.connected(&identity).await?;
        let runtime = runtime(self.parts.metrics.as_ref())?;
        let mut worker = self.worker(&runtime, client.clone())?;
        let stop_polling = worker.shutdown_handle();
        let watch = Watch {
            access: &self.parts.temporal,
            client: &client,
            identity: &identity,
            settings: &self.parts.worker,
            readiness: &self.parts.readiness,
            tally: &self.tally,
            born: self.born,
        };
        let run = worker.run();
        tokio::pin!(run);
        tokio::select! {
            ended = &mut run => return ended.map_err(|error| told(&error)),
            () = watch.look() => {}
            () = self.stop.cancelled() => {}
        }
        self.parts.readiness.fail(Part::Worker);
        stop_polling();
        run.await.map_err(|error| told(&error))
    }

    async fn connected(&self, identity: &str) -> Result<Client, String> {
        let WorkerParts { temporal, metrics, .. } = &self.parts;
        let meter = metrics.as_ref().and_then(SdkMetrics::for_connections);
        // The server tells a worker from the requests of the same process by its name.
        let connecting = temporal.connect(Some(identity), meter, CONNECT_LIMIT);
        let client = tokio::select! {
            client = connecting => client.map_err(|error| error.to_string())?,
            () = self.stop.cancelled() => return Err("it was stopped".to_owned()),
        };
        let settings = temporal.settings();
        let (address, namespace) = (settings.address(), &settings.namespace);
        tracing::info!(address, namespace, identity, "worker connected");
        Ok(client)
    }

    fn worker(&self, runtime: &Runtime, client: Client) -> Result<Worker, String> {
        let WorkerParts { worker, activities, .. } = &self.parts;
        let options = options(worker, activities.clone(), &self.tally);
        Worker::new(runtime, client, options).map_err(|error| error.to_string())
    }
}

fn runtime(metrics: Option<&SdkMetrics>) -> Result<Runtime, String> {
    let telemetry = metrics.map(SdkMetrics::telemetry).unwrap_or_default();
    let options = RuntimeOptions::builder().telemetry_options(telemetry);
    let options = options.build()?;
    Runtime::from_current_tokio(options).map_err(|error| error.to_string())
}

/// The error and its causes: the outer one only says what the worker was doing.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.to_string();
        if !text.contains(&inner) {
            text.push_str(": ");
            text.push_str(&inner);
        }
        cause = error.source();
    }
    text
}

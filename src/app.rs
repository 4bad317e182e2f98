//! Builds each part once; joins HTTP, worker and dispatcher; drains them under one deadline.
//!
//! The halves fail apart: a worker that ends is started again while HTTP goes on serving, and a
//! gateway whose Temporal is away still accepts invoices.

mod dispatcher;
mod doors;
pub mod drift;
mod expiry;
pub mod intake;
mod memory;
pub mod outside;
mod payments;
mod pollers;
mod prepared;
mod renewal;
mod upkeep;
mod watch;
pub mod webhooks;

use std::sync::Arc;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::activities::Activities;
use crate::activities::examiner::Examiner;
use crate::app::prepared::Work;
use crate::app::renewal::Renewal;
use crate::config::Settings;
use crate::metrics::Metrics;
use crate::readiness::{Part, Readiness};
use crate::storage::{Artifacts, Ledger};
use crate::telemetry::LogFilter;
use crate::temporal::credentials::Access;
use crate::temporal::sdk_metrics::SdkMetrics;
use crate::temporal::worker::WorkerParts;
use crate::temporal::{Gateway, WorkerSupervisor};

pub use crate::app::prepared::Prepared;

/// Which halves run in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Both.
    All,
    /// Requests only; another process polls.
    Http,
    /// The task queue only; HTTP serves health and metrics.
    Worker,
}

impl Role {
    /// The halves, in the words of `/readyz`.
    pub fn halves(self) -> &'static [&'static str] {
        match self {
            Self::All => &["http", "worker"],
            Self::Http => &["http"],
            Self::Worker => &["worker"],
        }
    }

    /// The parts that must work for it.
    fn parts(self) -> &'static [Part] {
        match self {
            Self::All | Self::Worker => &Part::ALL,
            Self::Http => &[Part::Ledger, Part::Artifacts, Part::Temporal],
        }
    }
}

/// Everything that was opened at start-up.
pub struct Parts {
    prepared: Prepared,
    looker: watch::Watch,
    access: Access,
    sdk_metrics: SdkMetrics,
}

/// Opens the stores and prepares the connections. Temporal may be away: it is waited for later.
///
/// # Errors
/// A store that cannot be opened.
pub async fn build(prepared: Prepared) -> anyhow::Result<Parts> {
    let (settings, metrics) = (&prepared.settings, Arc::clone(&prepared.metrics));
    let sdk_metrics = SdkMetrics::register(metrics.registry());
    let sdk_metrics = sdk_metrics.map_err(|error| anyhow::anyhow!("the SDK's metrics: {error}"))?;
    let ledger = Ledger::open(&settings.ledger).await;
    let ledger = ledger.map(|ledger| ledger.counting(&metrics)).context(
        "cannot open the ledger; AP_GATEWAY_LEDGER_URL must name a SQLite file in a folder that \
         can be written, or a PostgreSQL database that answers",
    )?;
    let artifacts = Artifacts::open(&settings.artifacts).await.context(
        "cannot open the artifact store; AP_GATEWAY_ARTIFACTS must name a folder that can be \
         written",
    )?;
    let queue = &settings.worker.task_queue;
    let access = Access::from(&settings.temporal);
    let gateway = Gateway::new(access.clone(), queue, sdk_metrics.for_connections());
    let readiness = Readiness::default();
    let sender = prepared.sender.clone();
    let log = LogFilter::default();
    let looker = watch::Watch {
        ledger,
        artifacts,
        gateway,
        metrics,
        readiness,
        sender,
        log,
        lasting: false,
    };
    Ok(Parts { prepared, looker, access, sdk_metrics })
}

impl Parts {
    /// With the filter of the process's own log, so that it can be changed from outside.
    #[must_use]
    pub fn with_log(self, log: LogFilter) -> Self {
        Self { looker: watch::Watch { log, ..self.looker }, ..self }
    }

    /// For what is meant to last: it is said when Temporal forgets too early.
    #[must_use]
    pub fn lasting(self) -> Self {
        Self { looker: watch::Watch { lasting: true, ..self.looker }, ..self }
    }

    /// Counts what is read again while the process runs.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.looker.metrics)
    }
}

/// The ports that were taken. One port alone is that of everybody.
pub struct Ports {
    /// For everybody.
    pub main: TcpListener,
    /// For probes and metrics.
    pub ops: Option<TcpListener>,
}

impl From<TcpListener> for Ports {
    fn from(main: TcpListener) -> Self {
        Self { main, ops: None }
    }
}

/// Serves until `stop` is cancelled, then drains. Answers whether everything ended in time.
///
/// # Errors
/// A listener that cannot be used, a worker thread that cannot be made.
pub async fn run(
    parts: Parts,
    ports: impl Into<Ports>,
    stop: CancellationToken,
) -> anyhow::Result<bool> {
    let Parts { prepared, looker, access, sdk_metrics } = parts;
    let Prepared { settings, role, drawings, certificate, work, .. } = prepared;
    for part in role.parts() {
        looker.readiness.expect(*part);
    }
    looker.readiness.plays(role.halves());
    looker.miss_keys(&settings).await;
    expiry::tell_of_temporal(&settings.temporal, &looker.metrics);
    let state = looker.state(&settings, drawings);
    let mut doors = doors::open(&settings.http, certificate, &state, role, ports.into())?;
    let tasks = TaskTracker::new();
    tasks.spawn(looker.clone().run(stop.clone()));
    if let Some(renewal) = Renewal::of(&access, &looker.metrics) {
        tasks.spawn(renewal.run(stop.clone()));
    }
    let worker = match work {
        None => None,
        Some(work) => Some(start_worker(&settings, &looker, work, access, sdk_metrics)?),
    };
    if role != Role::Worker {
        let dispatcher = dispatcher::Dispatcher::new(
            &looker.ledger,
            &looker.gateway,
            &settings.webhooks.retry_seconds,
        );
        tasks.spawn(dispatcher.run(stop.clone()));
    }
    let ended_early = tokio::select! {
        () = stop.cancelled() => false,
        () = doors.ended() => true,
    };
    looker.readiness.leave();
    if !ended_early {
        tokio::time::sleep(settings.http.drain_notice()).await;
    }
    // Waiters hear of the drain before the server closes its door: they answer 202 at once.
    looker.readiness.drain();
    stop.cancel();
    tasks.close();
    let drained = async {
        match worker {
            Some(worker) => worker.drain(settings.http.drain()).await,
            None => true,
        }
    };
    let (served, drained, ()) = tokio::join!(doors.close(), drained, tasks.wait());
    let served = served?;
    tracing::info!(http.drained = served, worker.drained = drained, "stopped");
    Ok(served && drained)
}

/// The first document may come before the readers are warm: then it starts one itself.
fn warm(examiner: Arc<Examiner>) {
    tokio::spawn(async move {
        if let Err(error) = examiner.warm().await {
            tracing::warn!(
                error,
                "the processes that read PDF, pictures and spreadsheets do not start"
            );
        }
    });
}

fn start_worker(
    settings: &Settings,
    looker: &watch::Watch,
    work: Work,
    access: Access,
    sdk_metrics: SdkMetrics,
) -> anyhow::Result<WorkerSupervisor> {
    // From here on there is one that may be down.
    looker.metrics.worker_is(false);
    let (ledger, artifacts) = (looker.ledger.clone(), looker.artifacts.clone());
    let Work { examiner, payments, upkeep } = work;
    warm(Arc::clone(&examiner));
    let parts = WorkerParts {
        temporal: access,
        worker: settings.worker.clone(),
        activities: Activities::new(ledger, artifacts, examiner, settings.policy.clone())
            .with_payments(payments)
            .with_webhooks(looker.sender.clone(), Arc::clone(&looker.metrics))
            .with_outside(outside::outside(&looker.gateway))
            .with_upkeep(upkeep),
        readiness: looker.readiness.clone(),
        metrics: Some(sdk_metrics),
        restarts: looker.metrics.worker_restarts.clone(),
    };
    WorkerSupervisor::start(parts).context("cannot start the worker's thread")
}

//! One worker after another on one thread: after so many tasks a new one takes over, and the one
//! before it ends what it holds.
//!
//! The SDK keeps the token of each activity task for as long as its worker lives (1.1.1:
//! `ActivityHalf::task_tokens_to_cancels` is written at each begin and never cleared), some 400
//! bytes a task: without an end to it, a million invoices would cost most of a gigabyte.

use std::mem::replace;
use std::sync::Arc;
use std::time::Duration;

use futures::future::LocalBoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use temporalio_client::Client;
use temporalio_client::worker::ClientWorkerSet;
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::{Runtime, Worker};
use tokio::time::sleep;
use uuid::Uuid;

use crate::readiness::Part;
use crate::temporal::connect::chain;
use crate::temporal::sdk_metrics::SdkMetrics;
use crate::temporal::watch::Watch;
use crate::temporal::worker::options::options;
use crate::temporal::worker::{CONNECT_LIMIT, Life, WorkerParts};

/// How often it is looked whether a worker had its tasks.
const LOOK: Duration = Duration::from_secs(1);

/// A worker that polls, on a connection of its own: a connection takes one worker for a queue.
struct Shift {
    client: Client,
    /// The server tells a worker from the requests of the same process by its name.
    identity: String,
    stop_polling: Box<dyn Fn()>,
    run: LocalBoxFuture<'static, Result<(), String>>,
}

/// The place of a worker in the register of its client, until it is dropped, ended or not.
///
/// The SDK (1.1.1) leaves a worker there. Each would hold the other for ever, with a thread that
/// measures the machine and heartbeats of a dead worker.
struct Registered {
    register: Arc<ClientWorkerSet>,
    key: Uuid,
}

impl Drop for Registered {
    fn drop(&mut self) {
        let left = self.register.unregister_slot_provider(self.key);
        if let Err(error) = left.and_then(|()| self.register.finalize_unregister(self.key)) {
            tracing::warn!(%error, "a worker that ended stays registered");
        }
    }
}

/// Workers that poll no more and end what they hold.
type Relieved = FuturesUnordered<LocalBoxFuture<'static, Result<(), String>>>;

impl Life {
    /// Workers, one after the other, until one ends or all are told to stop: after a failed one its
    /// connection is of no more use for this queue.
    pub(super) async fn run(&self) -> Result<(), String> {
        let runtime = runtime(self.parts.metrics.as_ref())?;
        let mut shift = self.begin(&runtime).await?;
        let mut relieved = Relieved::new();
        loop {
            let Shift { client, identity, run, .. } = &mut shift;
            let watch = self.watch(client, identity);
            let next = tokio::select! {
                ended = run => return ended,
                () = watch.look() => break,
                () = self.stop.cancelled() => break,
                next = self.relief(&runtime) => next,
                () = endless(&mut relieved) => break,
            };
            let before = replace(&mut shift, next);
            tracing::info!(identity = before.identity, by = shift.identity, "worker relieved");
            (before.stop_polling)();
            relieved.push(before.run);
        }
        self.parts.readiness.fail(Part::Worker);
        (shift.stop_polling)();
        let (ended, ()) = tokio::join!(shift.run, all(&mut relieved));
        ended
    }

    fn watch<'a>(&'a self, client: &'a Client, identity: &'a str) -> Watch<'a> {
        Watch {
            access: &self.parts.temporal,
            client,
            identity,
            settings: &self.parts.worker,
            readiness: &self.parts.readiness,
            tally: &self.tally,
            born: self.born,
        }
    }

    /// The next worker, when the tasks of this one are enough; until it is there, this one goes on.
    async fn relief(&self, runtime: &Runtime) -> Shift {
        let enough = self.tally.ended().saturating_add(self.parts.worker.tasks_max);
        loop {
            while self.tally.ended() < enough {
                sleep(LOOK).await;
            }
            match self.begin(runtime).await {
                Ok(shift) => return shift,
                Err(reason) => tracing::warn!(reason, "no worker to relieve this one; it goes on"),
            }
            sleep(CONNECT_LIMIT).await;
        }
    }

    async fn begin(&self, runtime: &Runtime) -> Result<Shift, String> {
        let identity = format!("ap-gateway-worker@{}", Uuid::now_v7().simple());
        let client = self.connected(&identity).await?;
        let WorkerParts { worker, activities, .. } = &self.parts;
        let options = options(worker, activities.clone(), &self.tally);
        let worker = Worker::new(runtime, client.clone(), options);
        let mut worker = worker.map_err(|error| error.to_string())?;
        let stop_polling = Box::new(worker.shutdown_handle());
        let registered = Registered {
            register: client.connection().workers(),
            key: worker.worker_instance_key(),
        };
        let run = async move {
            let _registered = registered;
            worker.run().await.map_err(|error| chain(&error))
        };
        Ok(Shift { client, identity, stop_polling, run: run.boxed_local() })
    }

    async fn connected(&self, identity: &str) -> Result<Client, String> {
        let WorkerParts { temporal, metrics, .. } = &self.parts;
        let meter = metrics.as_ref().and_then(SdkMetrics::for_connections);
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
}

/// Lets them end.
async fn all(relieved: &mut Relieved) {
    while let Some(ended) = relieved.next().await {
        if let Err(reason) = ended {
            tracing::warn!(reason, "a relieved worker failed; its tasks come again");
        }
    }
}

/// The same, beside what goes on.
async fn endless(relieved: &mut Relieved) {
    all(relieved).await;
    std::future::pending().await
}

fn runtime(metrics: Option<&SdkMetrics>) -> Result<Runtime, String> {
    let telemetry = metrics.map(SdkMetrics::telemetry).unwrap_or_default();
    let options = RuntimeOptions::builder().telemetry_options(telemetry);
    let options = options.build()?;
    Runtime::from_current_tokio(options).map_err(|error| error.to_string())
}

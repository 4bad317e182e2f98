//! `check`: health in layers: configuration, then the parts, then the whole.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use comfy_table::Table;
use serde::Serialize;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::table::with_header;
use crate::config::Settings;
use crate::http::auth::probe_provider;
use crate::storage::{Artifacts, Ledger};
use crate::temporal::connect::install_crypto;
use crate::temporal::gateway::TaskType;
use crate::temporal::{Gateway, GatewayError};

/// Shown below `check --help`; a test compares it with what happens.
const HELP: &str = "\
Exit codes (of the first layer that does not hold):
  0   every layer holds
  64  configuration: a setting is wrong
  10  temporal: not reachable, or it refuses the credential
  11  namespace: not there
  12  worker: nobody polls the task queue
  13  ledger: the database cannot be used
  14  artifacts: the folder cannot be used
  16  identity provider, where one is configured: its keys or its sign-in cannot be used
  15  ping: no answer came through gateway, server and worker";

/// Look at each layer in turn and tell what is wrong; exit code 0 only if all hold
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct Options {
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

/// Longest wait for the answer of the ping.
const PING_WAIT: Duration = Duration::from_secs(10);

/// One line of the report.
#[derive(Debug, Serialize)]
struct Layer {
    layer: &'static str,
    holds: bool,
    duration_ms: u128,
    text: String,
    #[serde(skip)]
    code: u8,
}

/// The lines so far.
#[derive(Default)]
struct Report(Vec<Layer>);

impl Report {
    /// Looks at one layer; a layer whose base does not hold is not looked at.
    async fn look(
        &mut self,
        layer: &'static str,
        code: u8,
        needs: &[&'static str],
        look: impl Future<Output = Result<String, String>>,
    ) {
        let missing = needs.iter().find(|needed| !self.holds(needed));
        let started = Instant::now();
        let outcome = match missing {
            Some(missing) => Err(format!("not looked at: {missing} does not hold")),
            None => look.await,
        };
        let duration_ms = started.elapsed().as_millis();
        let (holds, text) = match outcome {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        self.0.push(Layer { layer, holds, duration_ms, text, code });
    }

    fn holds(&self, layer: &str) -> bool {
        self.0.iter().any(|line| line.layer == layer && line.holds)
    }

    fn code(&self) -> u8 {
        self.0.iter().find(|line| !line.holds).map_or(0, |line| line.code)
    }

    fn table(&self) -> Table {
        let mut table = with_header(["", "LAYER", "MS", ""]);
        for line in &self.0 {
            let mark = if line.holds { "ok" } else { "FAILED" };
            let milliseconds = line.duration_ms.to_string();
            table.add_row([mark, line.layer, &milliseconds, &line.text]);
        }
        table
    }
}

/// # Errors
/// None: what does not hold stands in the report and in the exit code.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    install_crypto();
    let mut report = Report::default();
    let settings = invocation.settings();
    let read = match &settings {
        Ok(settings) => Ok(format!("temporal at {}", settings.temporal.address())),
        Err(failure) => Err(failure.to_string()),
    };
    report.look("configuration", 64, &[], async { read }).await;
    if let Ok(settings) = settings {
        look_at_parts(&mut report, &settings).await;
    }
    if options.json {
        let report = serde_json::json!({"holds": report.code() == 0, "layers": report.0});
        say(format!("{report:#}"));
    } else {
        say(report.table());
    }
    Ok(ExitCode::from(report.code()))
}

async fn look_at_parts(report: &mut Report, settings: &Settings) {
    let queue = &settings.worker.task_queue;
    let gateway = Gateway::new(&settings.temporal, queue, None);
    let base = &["configuration", "temporal"];
    report.look("temporal", 10, &base[..1], reach(&gateway)).await;
    let namespace = &settings.temporal.namespace;
    report.look("namespace", 11, base, find_namespace(&gateway, namespace)).await;
    report.look("worker", 12, &["namespace"], find_worker(&gateway, queue)).await;
    let ledger = async { Ledger::open(&settings.ledger).await?.probe().await };
    let ledger = async { told(ledger.await, "written and read") };
    report.look("ledger", 13, &base[..1], ledger).await;
    let artifacts = async { Artifacts::open(&settings.artifacts).await?.probe().await };
    let artifacts = async { told(artifacts.await, "written and read") };
    report.look("artifacts", 14, &base[..1], artifacts).await;
    if let Some(issuer) = &settings.jwt.issuer {
        let probed = probe_provider(issuer, &settings.jwt, &settings.oidc);
        report.look("identity provider", 16, &base[..1], probed).await;
    }
    report.look("ping", 15, &["worker"], ping(&gateway)).await;
}

async fn reach(gateway: &Gateway) -> Result<String, String> {
    told(gateway.probe().await, "reachable, and the credential is accepted")
}

async fn find_namespace(gateway: &Gateway, namespace: &str) -> Result<String, String> {
    match gateway.describe_namespace().await {
        Ok(found) => Ok(match (found.forgets_early(), found.retention_in_words()) {
            (Some(warning), _) => format!("{namespace} is there, but {warning}"),
            (None, Some(words)) => format!("{namespace} is there; ended runs are kept for {words}"),
            (None, None) => format!("{namespace} is there"),
        }),
        Err(GatewayError::NamespaceMissing(name)) => Err(format!(
            "namespace {name} does not exist: set TEMPORAL_NAMESPACE, or make it with \
             `temporal operator namespace create --namespace {name}`"
        )),
        Err(error) => Err(error.to_string()),
    }
}

async fn find_worker(gateway: &Gateway, queue: &str) -> Result<String, String> {
    match gateway.pollers(TaskType::Workflow).await {
        Ok(0) => Err(format!(
            "no worker polls the task queue {queue}: start one with `ap-gateway serve`, or set \
             AP_GATEWAY_TASK_QUEUE to the queue that is polled"
        )),
        Ok(pollers) => Ok(format!("{pollers} pollers on the task queue {queue}")),
        Err(error) => Err(error.to_string()),
    }
}

async fn ping(gateway: &Gateway) -> Result<String, String> {
    let id = format!("ap-ping-{}", uuid::Uuid::now_v7());
    let ping = gateway.ping(&id, PING_WAIT).await.map_err(|error| error.to_string())?;
    match ping.result {
        Some(result) => Ok(format!("{result}: workflow {id} in {} ms", ping.took.as_millis())),
        None => Err(format!("no answer within {PING_WAIT:?}: workflow {id} is still running")),
    }
}

fn told<E: std::fmt::Display>(outcome: Result<(), E>, good: &str) -> Result<String, String> {
    outcome.map(|()| good.to_owned()).map_err(|error| error.to_string())
}

//! `check`: health in layers: configuration, then the parts, then the whole.

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use comfy_table::Table;
use serde::Serialize;
use uuid::Uuid;

use crate::app::{Prepared, Role};
use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::table::with_header;
use crate::config::{self, LedgerPlace, Settings, unread};
use crate::http::auth::probe_provider;
use crate::storage::{Artifacts, Ledger};
use crate::temporal::connect::install_crypto;
use crate::temporal::gateway::TaskType;
use crate::temporal::{Gateway, GatewayError};

/// Shown below `check --help`; a test compares it with what happens.
const HELP: &str = "\
Exit codes (of the first layer that does not hold):
  0   every layer holds
  64  configuration: a setting is wrong, or a file that it names
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
    /// It was not looked at, because what it needs does not hold; so it does not hold either.
    skipped: bool,
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
        let skipped = missing.is_some();
        let outcome = match missing {
            Some(missing) => Err(format!("not looked at: {missing} does not hold")),
            None => look.await,
        };
        let duration_ms = started.elapsed().as_millis();
        let (holds, text) = match outcome {
            Ok(text) => (true, text),
            Err(text) => (false, text),
        };
        self.0.push(Layer { layer, holds, skipped, duration_ms, text, code });
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
            let mark = match line {
                Layer { holds: true, .. } => "ok",
                Layer { skipped: true, .. } => "skipped",
                _ => "FAILED",
            };
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
        Ok(settings) => read_all(settings, &unread(&invocation.environment)),
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

/// The files that the settings name, as `serve` reads them before it opens anything.
fn read_all(settings: &Settings, unread: &[&str]) -> Result<String, String> {
    Prepared::read(settings.clone(), Role::All)
        .map_err(|error| Failure::configuration(error).to_string())?;
    let temporal = format!("temporal at {}", settings.temporal.address());
    Ok(match unread {
        [] => temporal,
        names => format!("{temporal}; no setting has the variable {}", names.join(" and ")),
    })
}

async fn look_at_parts(report: &mut Report, settings: &Settings) {
    let queue = &settings.worker.task_queue;
    let gateway = Gateway::new(&settings.temporal, queue, None);
    let base = &["configuration", "temporal"];
    report.look("temporal", 10, &base[..1], reach(&gateway)).await;
    let namespace = &settings.temporal.namespace;
    report.look("namespace", 11, base, find_namespace(&gateway, namespace)).await;
    report.look("worker", 12, &["namespace"], find_worker(&gateway, queue)).await;
    report.look("ledger", 13, &base[..1], find_ledger(&settings.ledger)).await;
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

/// A file that is not there stays so: its name may be mistyped, and an empty ledger looks fine.
async fn find_ledger(settings: &config::Ledger) -> Result<String, String> {
    if let LedgerPlace::File(path) = settings.place()?
        && !path.exists()
    {
        return can_be_made(&path).map_err(|error| {
            let text = "cannot be made; name another file in AP_GATEWAY_LEDGER_URL";
            format!("ledger {} {text}: {error}", path.display())
        });
    }
    let probe = async { Ledger::open(settings).await?.probe().await };
    told(probe.await, "written and read")
}

/// Whether something can be made in the nearest folder that is there: tried with a folder that goes
/// at once, for rights alone do not tell.
fn can_be_made(path: &Path) -> std::io::Result<String> {
    let folder = path.ancestors().skip(1).find(|folder| folder.exists());
    let folder = folder.unwrap_or(Path::new("/"));
    let trial = folder.join(format!(".ap-gateway-check-{}", Uuid::now_v7()));
    std::fs::create_dir(&trial)?;
    std::fs::remove_dir(&trial)?;
    let with = if path.parent() == Some(folder) { "" } else { ", with its folder" };
    Ok(format!("is not there; will be made{with}: {}", path.display()))
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

#[cfg(test)]
mod tests {
    use super::{Report, find_ledger};
    use crate::config::Ledger;

    #[tokio::test]
    async fn what_is_not_looked_at_is_skipped_and_the_first_failure_has_the_code() {
        let mut report = Report::default();
        report.look("a", 1, &[], async { Ok("fine".to_owned()) }).await;
        report.look("b", 2, &["a"], async { Err("broken".to_owned()) }).await;
        report.look("c", 3, &["b"], async { Ok("never asked".to_owned()) }).await;
        assert_eq!(report.code(), 2);
        let table = report.table().to_string();
        let marks: Vec<_> =
            table.lines().filter_map(|line| line.split_whitespace().next()).collect();
        assert_eq!(marks[1..], ["ok", "FAILED", "skipped"], "{table}");
        let line = serde_json::to_value(&report.0[2]).expect("JSON");
        assert!(line["holds"] == false && line["skipped"] == true, "{line}");
        assert_eq!(line["text"], "not looked at: b does not hold");
    }

    #[tokio::test]
    async fn a_ledger_that_is_not_there_is_not_made() {
        let place = tempfile::tempdir().expect("a folder");
        let file = place.path().join("ledgr.db");
        let found = async |path: &std::path::Path| {
            let url = format!("sqlite:{}", path.display()).into();
            find_ledger(&Ledger { url, ..Ledger::default() }).await
        };
        let told = found(&file).await.expect("it can be made");
        assert_eq!(told, format!("is not there; will be made: {}", file.display()));
        assert!(!file.exists());
        let folder = place.path().join("mistyped");
        let told = found(&folder.join("ledger.db")).await.expect("it can be made");
        assert!(told.contains("with its folder") && told.contains("mistyped"), "{told}");
        assert_eq!(
            std::fs::read_dir(place.path()).expect("readable").count(),
            0,
            "nothing is left"
        );
        let refused = found(std::path::Path::new("/proc/none/l.db")).await.expect_err("nowhere");
        assert!(refused.contains("AP_GATEWAY_LEDGER_URL"), "{refused}");
    }
}

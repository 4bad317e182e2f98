//! `serve`: HTTP and worker against a Temporal that runs elsewhere.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::app::{self, Ports, Prepared, Role};
use crate::cli::Invocation;
use crate::cli::exit::{CUT_OFF, Failure};
use crate::config::{Environment, Http, unread};
use crate::metrics::Metrics;
use crate::telemetry::{self, LogFilter};

/// Serve HTTP and poll the task queue, against the Temporal of `TEMPORAL_ADDRESS`
#[derive(Debug, Args)]
pub struct Options {
    /// Address and port to listen on [env: AP_GATEWAY_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Which halves run in this process
    #[arg(long, value_enum, default_value = "all")]
    role: Role,
}

/// Runs until SIGTERM or SIGINT.
///
/// # Errors
/// Wrong settings or files that they name, a port that is taken, a store that cannot be opened.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut settings = invocation.settings()?;
    if let Some(listen) = options.listen {
        settings.http.listen = listen;
        settings.check().map_err(Failure::configuration)?;
    }
    let log = telemetry::start(&settings.log).map_err(Failure::configuration)?;
    // Held to the end: the last spans leave when it is dropped.
    let _traces = telemetry::export_traces(&settings.traces).map_err(Failure::configuration)?;
    warn_of_unread(&invocation.environment);
    let (http, is_sqlite) = (settings.http.clone(), settings.ledger.is_sqlite());
    let prepared = Prepared::read(settings, options.role).map_err(Failure::configuration)?;
    let ports = bind(&http).await?;
    let stop = stop_on_signal();
    if is_sqlite {
        tracing::warn!(
            "the ledger is a SQLite file, which is for one process and for trials: set \
             AP_GATEWAY_LEDGER_URL to a PostgreSQL database, postgres://USER:PASSWORD@HOST/NAME"
        );
    }
    let parts = app::build(prepared).await?.with_log(log.clone()).lasting();
    read_again_on_signal(invocation.clone(), log, parts.metrics());
    tracing::info!(
        gateway = url(http.scheme(), Some(&ports.main)),
        ops = url("http", ports.ops.as_ref()),
        "serving"
    );
    let drained = app::run(parts, ports, stop).await?;
    Ok(if drained { ExitCode::SUCCESS } else { ExitCode::from(CUT_OFF) })
}

/// A mistyped key of the file is refused; a mistyped variable may be somebody else's, so it is told.
pub fn warn_of_unread(environment: &Environment) {
    for variable in unread(environment) {
        tracing::warn!(variable, "no setting has this variable, so it changes nothing: mistyped?");
    }
}

/// Takes the ports before anything else starts, so that a busy one is told at once.
///
/// # Errors
/// A port that is taken or not ours to take, with the setting that changes it.
pub async fn bind(settings: &Http) -> Result<Ports, Failure> {
    let main = take(settings.listen, "--listen ADDR:PORT").await?;
    let ops = match settings.ops_listen {
        Some(address) => Some(take(address, "AP_GATEWAY_OPS_LISTEN").await?),
        None => None,
    };
    Ok(Ports { main, ops })
}

async fn take(address: SocketAddr, setting: &str) -> Result<TcpListener, Failure> {
    let bound = TcpListener::bind(address).await;
    bound
        .with_context(|| format!("cannot listen on {address}: choose another port with {setting}"))
        .map_err(Failure::failed)
}

/// Where a port is; `None` where there is none.
pub fn url(scheme: &str, listener: Option<&TcpListener>) -> Option<String> {
    let address = listener?.local_addr().ok()?;
    Some(format!("{scheme}://{address}"))
}

/// Cancelled by the first SIGTERM or SIGINT; the second ends the process at once.
pub fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let token = stop.clone();
    tokio::spawn(async move {
        signalled().await;
        tracing::info!("stopping: a signal came; a second one ends at once");
        token.cancel();
        signalled().await;
        tracing::warn!("stopped at once: a second signal came");
        std::process::exit(i32::from(CUT_OFF));
    });
    stop
}

/// Reads the log filter of the configuration again at each SIGHUP: the way for a process that only
/// polls and has no route for it. A configuration that cannot be read changes nothing.
pub fn read_again_on_signal(invocation: Invocation, log: LogFilter, metrics: Arc<Metrics>) {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = match signal(SignalKind::hangup()) {
        Ok(hangups) => hangups,
        Err(error) => return tracing::warn!(%error, "cannot listen for SIGHUP"),
    };
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            let read = invocation.settings().map_err(|failure| failure.to_string());
            let taken = read.and_then(|settings| {
                log.configure(&settings.log.filter)?;
                Ok(settings.log.filter)
            });
            let result = if taken.is_ok() { "ok" } else { "refused" };
            metrics.config_reloads.with_label_values(&[result]).inc();
            match taken {
                Ok(filter) => tracing::warn!(filter, "the log filter was read again"),
                Err(error) => tracing::error!(error, "the log filter stays: it cannot be read"),
            }
        }
    });
}

async fn signalled() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        // Without a handler for SIGTERM, Ctrl-C still stops us, and SIGTERM kills as by default.
        Err(error) => {
            tracing::warn!(%error, "cannot listen for SIGTERM");
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

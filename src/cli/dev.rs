//! `dev`: everything on this machine with no other set-up.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;
use tokio_util::task::AbortOnDropHandle;

use crate::app::{self, Role};
use crate::cli::Invocation;
use crate::cli::demo;
use crate::cli::exit::{CUT_OFF, Failure};
use crate::cli::serve::{bind, stop_on_signal, url};
use crate::config::{Environment, Settings, Temporal};
use crate::telemetry;
use crate::temporal::dev_server::{self, DevServer, DevServerOptions, Progress};

/// Serve with an embedded Temporal dev server, SQLite and a local folder: no other set-up
#[derive(Debug, Args)]
pub struct Options {
    /// Address and port to listen on [env: AP_GATEWAY_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR:PORT")]
    listen: Option<SocketAddr>,
    /// Where everything is kept; it survives a restart
    #[arg(long, default_value = "ap-gateway-data", value_name = "DIR")]
    data_dir: PathBuf,
    /// The `temporal` command to use, instead of finding or fetching one
    #[arg(long, value_name = "PATH")]
    temporal_cli: Option<PathBuf>,
    /// Port of the Temporal server [default: 7233, or a free one]
    #[arg(long, value_name = "PORT")]
    temporal_port: Option<u16>,
    /// Load a small company that does not exist, so that each page has something to show
    #[arg(long)]
    demo: bool,
    /// Port of Temporal's own web pages [default: 8233, or a free one]
    #[arg(long, value_name = "PORT")]
    ui_port: Option<u16>,
}

/// Runs until SIGTERM or SIGINT; the dev server ends with it.
///
/// # Errors
/// A port that is taken, a data folder that is in use or damaged, no Temporal CLI to be had.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let mut settings = local_settings(&options, invocation)?;
    if options.demo {
        demo::prepare(&mut settings);
    }
    let log = telemetry::start(&settings.log).map_err(Failure::configuration)?;
    let _traces = telemetry::export_traces(&settings.traces).map_err(Failure::configuration)?;
    let ports = bind(&settings.http).await?;
    let stop = stop_on_signal();
    let starting = start_temporal(&options, &invocation.environment);
    let mut server = tokio::select! {
        server = starting => server?,
        () = stop.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    let ui = settings.temporal.ui.take().unwrap_or_else(|| server.ui_address());
    settings.temporal = Temporal::local(server.port()).map_err(Failure::configuration)?;
    settings.temporal.ui = Some(ui);
    let scheme = settings.http.scheme();
    let parts = match app::build(settings).await {
        Ok(parts) => parts.with_log(log),
        Err(error) => {
            // The next start finds ports and folder free.
            let _ = server.stop().await;
            return Err(Failure::failed(error));
        }
    };
    let base = url(scheme, Some(&ports.main)).unwrap_or_default();
    announce(&base, &server, &options.data_dir);
    // In the background: the pages are there at once, and fill while one looks.
    let _loading = options.demo.then(|| AbortOnDropHandle::new(tokio::spawn(demo::load(base))));
    let mut running = std::pin::pin!(app::run(parts, Role::All, ports, stop.clone()));
    let drained = tokio::select! {
        drained = &mut running => drained,
        reason = server.ended() => {
            // Nothing can go on without it, and its state is safe: a new start takes up from there.
            stop.cancel();
            let _ = running.await;
            return Err(Failure::failed(anyhow::Error::new(reason)));
        }
    };
    server.stop().await.context("the embedded temporal server did not end")?;
    Ok(if drained? { ExitCode::SUCCESS } else { ExitCode::from(CUT_OFF) })
}

/// File, environment and flags; stores and Temporal are always those of the data folder.
fn local_settings(options: &Options, invocation: &Invocation) -> Result<Settings, Failure> {
    let mut own = invocation.environment.clone();
    own.retain(|name, _| !name.starts_with("TEMPORAL_"));
    let local = Invocation { environment: own, ..invocation.clone() };
    let mut settings = local.settings()?;
    if let Some(listen) = options.listen {
        settings.http.listen = listen;
        settings.check().map_err(Failure::configuration)?;
    }
    let ledger = options.data_dir.join("ledger.db");
    settings.ledger.url = SecretString::from(format!("sqlite:{}", ledger.display()));
    settings.artifacts.folder = options.data_dir.join("artifacts");
    Ok(settings)
}

async fn start_temporal(options: &Options, environment: &Environment) -> anyhow::Result<DevServer> {
    let cache = dev_server::cache_folder(environment).context(
        "there is no home folder to keep the Temporal CLI in: set HOME, or give \
                  --temporal-cli PATH",
    )?;
    let explicit = options.temporal_cli.as_deref();
    let cli = dev_server::find_or_obtain(explicit, &cache, Progress::on_stderr()).await?;
    tracing::info!(cli = %cli.display(), "found the Temporal CLI");
    let server = DevServer::start(DevServerOptions {
        cli,
        db_file: options.data_dir.join("temporal.db"),
        port: options.temporal_port,
        ui_port: options.ui_port,
        log_file: options.data_dir.join("temporal.log"),
    });
    Ok(server.await?)
}

fn announce(gateway: &str, server: &DevServer, data_dir: &Path) {
    tracing::info!(
        gateway,
        dashboard = format!("{gateway}/dashboard"),
        docs = format!("{gateway}/docs"),
        temporal = server.address(),
        temporal_ui = server.ui_address(),
        data = %data_dir.display(),
        "serving"
    );
}

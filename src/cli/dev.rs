//! `dev`: everything on this machine with no other set-up.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use tokio_util::task::AbortOnDropHandle;

use crate::app::{self, Prepared, Role};
use crate::cli::Invocation;
use crate::cli::demo;
use crate::cli::exit::{CUT_OFF, Failure};
use crate::cli::serve::{bind, stop_on_signal, url, warn_of_unread};
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
    warn_of_unread(&invocation.environment);
    let (http, ui) = (settings.http.clone(), settings.temporal.ui.take());
    let prepared = Prepared::read(settings, Role::All).map_err(Failure::configuration)?;
    let ports = bind(&http).await?;
    make_folder(&options.data_dir)?;
    let stop = stop_on_signal();
    let starting = start_temporal(&options, &invocation.environment);
    let mut server = tokio::select! {
        server = starting => server?,
        () = stop.cancelled() => return Ok(ExitCode::SUCCESS),
    };
    let mut temporal = Temporal::local(server.port()).map_err(Failure::configuration)?;
    temporal.ui = ui.or_else(|| Some(server.ui_address()));
    let parts = match app::build(prepared.at(temporal)).await {
        Ok(parts) => parts.with_log(log),
        Err(error) => {
            // The next start finds ports and folder free.
            let _ = server.stop().await;
            return Err(error.into());
        }
    };
    let base = url(http.scheme(), Some(&ports.main)).unwrap_or_default();
    announce(&base, &server, &options.data_dir);
    // In the background: the pages are there at once, and fill while one looks.
    let _loading = options.demo.then(|| AbortOnDropHandle::new(tokio::spawn(demo::load(base))));
    let mut running = std::pin::pin!(app::run(parts, ports, stop.clone()));
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
    let ledger = options.data_dir.join("ledger.db");
    own.insert("AP_GATEWAY_LEDGER_URL".to_owned(), format!("sqlite:{}", ledger.display()));
    let local = Invocation { environment: own, ..invocation.clone() };
    let mut settings = local.settings()?;
    if let Some(listen) = options.listen {
        settings.http.listen = listen;
        settings.check().map_err(Failure::configuration)?;
    }
    settings.artifacts.folder = options.data_dir.join("artifacts");
    Ok(settings)
}

/// Makes the folder, if it is not there, for its owner alone: what Temporal's own database holds of
/// invoices is no more for others than our ledger is.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let mut maker = std::fs::DirBuilder::new();
    maker.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut maker, 0o700);
    let made = maker.create(folder);
    made.with_context(|| {
        format!("cannot make the folder {}: name another with --data-dir", folder.display())
    })
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

#[cfg(test)]
mod tests {
    #[cfg(unix)]
    #[test]
    fn a_new_data_folder_is_its_owners_alone_and_an_old_one_stays_as_it_is() {
        use std::os::unix::fs::PermissionsExt;
        let place = tempfile::tempdir().expect("a folder");
        let mode = |folder: &std::path::Path| {
            std::fs::metadata(folder).expect("it is there").permissions().mode() & 0o777
        };
        let (new, old) = (place.path().join("a/new"), place.path().join("old"));
        std::fs::create_dir(&old).expect("a folder");
        std::fs::set_permissions(&old, PermissionsExt::from_mode(0o750)).expect("it is ours");
        for folder in [&new, &old] {
            super::make_folder(folder).expect("it can be made");
        }
        assert_eq!((mode(&new), mode(&old)), (0o700, 0o750));
        let file = place.path().join("file");
        std::fs::write(&file, "").expect("writable");
        let refused = super::make_folder(&file).expect_err("a file").to_string();
        assert!(refused.contains("file") && refused.contains("--data-dir"), "{refused}");
    }
}

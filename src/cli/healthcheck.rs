//! `healthcheck`: for containers, which have no curl.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::say;

/// Ask this machine's gateway whether it is ready; exit code 0 if it is
#[derive(Debug, Args)]
pub struct Options {
    /// Ask /livez instead: does the process answer at all
    #[arg(long)]
    live: bool,
}

/// A probe that takes longer counts as failed.
const TIMEOUT: Duration = Duration::from_secs(4);

/// # Errors
/// Not ready, with the parts that are not; nothing listens.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let http = invocation.settings()?.http;
    let path = if options.live { "livez" } else { "readyz" };
    let (scheme, listen) = match http.ops_listen {
        Some(ops) => ("http", ops),
        None => (http.scheme(), http.listen),
    };
    let url = format!("{scheme}://{listen}/{path}");
    // The certificate names what callers call us, never the address that we ask here.
    let client = reqwest::Client::builder().danger_accept_invalid_certs(true);
    let client = client.no_proxy().timeout(TIMEOUT).build();
    let client = client.context("cannot make an HTTP client")?;
    let response = client.get(&url).send().await;
    let response = response.with_context(|| format!("no gateway answers at {listen}"));
    let response = response.map_err(Failure::unavailable)?;
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    say(body);
    if status.is_success() {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(anyhow!("{path} answered {status}").into())
    }
}

//! `healthcheck`: for containers, which have no curl.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use clap::Args;
use reqwest::StatusCode;
use serde_json::Value;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::{say, shown};
use crate::cli::server::innermost;

/// Ask this machine's gateway whether it is ready; exit code 0 if it is
#[derive(Debug, Args)]
pub struct Options {
    /// Ask /livez instead: does the process answer at all
    #[arg(long)]
    live: bool,
}

/// A probe that takes longer counts as failed.
const TIMEOUT: Duration = Duration::from_secs(4);

/// What names the place that is asked.
const REMEDY: &str = "AP_GATEWAY_LISTEN says where it listens, AP_GATEWAY_OPS_LISTEN where its ops \
                      port is, AP_GATEWAY_TLS_CERTIFICATE whether it speaks TLS";

/// # Errors
/// Not ready, with the parts that are not; nothing listens, or something that is no gateway.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    let http = invocation.settings()?.http;
    let (path, wanted) = if options.live { ("livez", "live") } else { ("readyz", "ready") };
    let (scheme, listen) = match http.ops_listen {
        Some(ops) => ("http", ops),
        None => (http.scheme(), http.listen),
    };
    let url = format!("{scheme}://{listen}/{path}");
    // The certificate names what callers call us, never the address that we ask here.
    let client = reqwest::Client::builder().danger_accept_invalid_certs(true);
    let client = client.no_proxy().timeout(TIMEOUT).build();
    let client = client.context("cannot make an HTTP client")?;
    let response = client.get(&url).send().await.map_err(|error| {
        let cause = shown(&innermost(&error));
        Failure::unavailable(anyhow!("no gateway answers at {url}: {cause}; {REMEDY}"))
    })?;
    let status = response.status();
    let body = response.text().await.unwrap_or_default();
    let ready = verdict(status, &body, wanted);
    let Some(ready) = ready else {
        return Err(anyhow!("what answers at {url} is no gateway ({status}); {REMEDY}").into());
    };
    say(body);
    match ready {
        true => Ok(ExitCode::SUCCESS),
        false => Err(anyhow!("{path} answered {status}").into()),
    }
}

/// Whether it is what was asked; nothing when no gateway says such a thing.
fn verdict(status: StatusCode, body: &str, wanted: &str) -> Option<bool> {
    let body: Value = serde_json::from_str(body).ok()?;
    if status == StatusCode::OK {
        return (body["status"] == wanted).then_some(true);
    }
    (body["title"].is_string() && body["status"] == status.as_u16()).then_some(false)
}

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;

    use super::verdict;

    #[test]
    fn only_a_gateway_is_ready_or_not() {
        let away = r#"{"title":"The workflow service is not reachable","status":503}"#;
        let table = [
            (StatusCode::OK, r#"{"status":"ready"}"#, Some(true)),
            (StatusCode::OK, r#"{"status":"live"}"#, None),
            (StatusCode::OK, "<h1>It works!</h1>", None),
            (StatusCode::OK, "{}", None),
            (StatusCode::SERVICE_UNAVAILABLE, away, Some(false)),
            (StatusCode::SERVICE_UNAVAILABLE, "busy", None),
            (StatusCode::NOT_FOUND, away, None),
        ];
        for (status, body, wanted) in table {
            assert_eq!(verdict(status, body, "ready"), wanted, "{status} {body}");
        }
    }
}

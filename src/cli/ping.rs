//! `ping`: one workflow through gateway, Temporal and worker, and back.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::Value;

use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::server::{Server, problem_text};

/// Start a PingWorkflow and wait for its answer
#[derive(Debug, Args)]
pub struct Options {
    #[command(flatten)]
    server: Server,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// No gateway, or no answer in time: the worker may be down.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let url = options.server.url("/workflows/ping")?;
    let response = options.server.send(options.server.client()?.post(url)).await?;
    let status = response.status();
    let body: Value = response.json().await.context("the gateway did not answer with JSON")?;
    if !status.is_success() {
        return Err(anyhow!("ping was refused: {}", problem_text(status, &body)).into());
    }
    if options.json {
        say(format!("{body:#}"));
    } else {
        say(sentence(&body));
    }
    let done = body.get("result").and_then(Value::as_str) == Some("ok");
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sentence(body: &Value) -> String {
    let text = |member: &str| body.get(member).and_then(Value::as_str).unwrap_or("-");
    let ids = format!("workflow {} run {}", text("workflow_id"), text("run_id"));
    match body.get("result").and_then(Value::as_str) {
        Some(result) => format!("{result}: {ids} in {} ms", body["duration_ms"]),
        None => format!("no answer yet: {ids} is {}; is a worker polling?", text("status")),
    }
}

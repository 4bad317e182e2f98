//! `ping`: one workflow through gateway, Temporal and worker, and back.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::Args;
use serde_json::Value;

use crate::cli::exit::Failure;
use crate::cli::say::{say, show, shown};
use crate::cli::server::Server;

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
    let (status, body) = options.server.answer(options.server.client()?.post(url)).await?;
    if !status.is_success() || !body["workflow_id"].is_string() {
        let refusal = options.server.refusal(status, &body);
        return Err(anyhow!("ping was refused: {refusal}").into());
    }
    if options.json {
        say(format!("{body:#}"));
    } else {
        show(shown(&sentence(&body)));
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

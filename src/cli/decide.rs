//! `decide`: what a clerk says about an invoice.

use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::Args;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::cli::exit::Failure;
use crate::cli::get::{absent, id, path};
use crate::cli::say::{say, show, shown, tell};
use crate::cli::server::Server;

/// Decide about an invoice: approve, reject, release holds, retry, cancel, and so on
#[derive(Debug, Args)]
pub struct Options {
    /// The invoice
    #[arg(value_parser = id)]
    id: String,
    /// What is done; `get` shows what is possible under `actions`
    decision: String,
    #[command(flatten)]
    server: Server,
    /// Why, for people
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Why, for machines and reports: PRICE_AGREED
    #[arg(long, value_name = "CODE")]
    reason_code: Option<String>,
    /// Of release: a hold, CODE or CODE:LINE; may be given more than once
    #[arg(long = "hold", value_name = "CODE[:LINE]")]
    holds: Vec<String>,
    /// Of delegate: the subject that decides
    #[arg(long, value_name = "SUBJECT")]
    to: Option<String>,
    /// The revision that was looked at: an invoice that moved on since is not decided
    #[arg(long, value_name = "N")]
    revision: Option<i64>,
    /// More members of the decision, as a JSON object: '{"match_level":"three_way"}'
    #[arg(long, value_name = "JSON", value_parser = object)]
    with: Option<Value>,
    /// Names this intent: send a decision again under the same key when its outcome is not known
    /// [default: a new one]
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Print the answer as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// No gateway, or the decision was refused.
pub async fn run(options: Options) -> Result<ExitCode, Failure> {
    let own_route = matches!(options.decision.as_str(), "retry" | "cancel");
    let (route, body) = match own_route {
        true => (options.decision.as_str(), reason(&options)?),
        false => ("decision", decision(&options)),
    };
    let url = options.server.url(&format!("{}/{route}", path(&options.id)))?;
    let key = options.idempotency_key.clone();
    let key = key.unwrap_or_else(|| format!("cli-{}", Uuid::now_v7().simple()));
    let request = options.server.client()?.post(url).json(&body);
    let request = request.header("idempotency-key", &key);
    let answer = options.server.thing(request, &absent(&options.id)).await;
    let answer = answer.inspect_err(|failure| {
        if failure.may_pass() {
            tell(format!("to send it again: --idempotency-key {key}"));
        }
    })?;
    if options.json {
        say(format!("{answer:#}"));
    } else {
        show(shown(&sentence(&options, &answer)));
    }
    Ok(ExitCode::SUCCESS)
}

fn decision(options: &Options) -> Value {
    let mut body = Map::from_iter([("action".to_owned(), json!(options.decision))]);
    let mut set = |member: &str, value: Value| {
        if !value.is_null() {
            body.insert(member.to_owned(), value);
        }
    };
    set("reason", json!(options.reason));
    set("reason_code", json!(options.reason_code));
    set("to", json!(options.to));
    set("expected_revision", json!(options.revision));
    if !options.holds.is_empty() {
        set("holds", options.holds.iter().map(|hold| hold_ref(hold)).collect());
    }
    for (member, value) in options.with.iter().filter_map(Value::as_object).flatten() {
        set(member, value.clone());
    }
    Value::Object(body)
}

fn hold_ref(text: &str) -> Value {
    match text.split_once(':') {
        Some((code, line)) => json!({"code": code, "line": line}),
        None => json!({"code": text}),
    }
}

/// Retrying and withdrawing take a reason and nothing else.
fn reason(options: &Options) -> Result<Value, Failure> {
    let reason = options.reason.as_ref();
    let needed = || anyhow!("{} needs --reason TEXT", options.decision);
    Ok(json!({"reason": reason.ok_or_else(needed).map_err(Failure::usage)?}))
}

fn sentence(options: &Options, answer: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut line = format!(
        "{}: {} is {} at revision {}",
        options.decision,
        options.id,
        text(&answer["status"]),
        answer["revision"]
    );
    if let Some(approvals) = answer.get("approvals") {
        line.push_str(&format!(
            ", {} of {} approvals given",
            approvals["given"], approvals["required"]
        ));
    }
    line
}

fn object(text: &str) -> anyhow::Result<Value> {
    let value: Value = serde_json::from_str(text).context("this is no JSON")?;
    anyhow::ensure!(value.is_object(), "this is no JSON object");
    Ok(value)
}

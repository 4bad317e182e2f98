//! `schedules`: what Temporal has done again and again.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{DateTime, SecondsFormat, Utc};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::{say, tell};
use crate::cli::table::with_header;
use crate::config::Schedules;
use crate::models::access::Author;
use crate::models::upkeep::Chore;
use crate::storage::Ledger;
use crate::storage::ledger::audit::Deed;
use crate::temporal::Gateway;
use crate::temporal::connect::install_crypto;
use crate::temporal::gateway::{Applied, GatewayError, ScheduleRow};

/// Apply, list, pause, resume, trigger and delete the schedules that the configuration names
#[derive(Debug, Args)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the schedules as Temporal has them
    List {
        /// Print them as JSON
        #[arg(long)]
        json: bool,
    },
    /// Make Temporal's schedules those of `[schedules]` in the configuration; others are deleted
    Apply,
    /// Do nothing on this schedule until it is resumed
    Pause(Named),
    /// Go on with a schedule that was paused
    Resume(Named),
    /// Begin a round now, unless one is under way
    Trigger {
        /// import-statements, retry-attention or remove-expired
        #[arg(value_parser = chore)]
        name: Chore,
    },
    /// Remove a schedule; a round that is under way goes on
    Delete {
        /// import-statements, retry-attention or remove-expired
        #[arg(value_parser = chore)]
        name: Chore,
    },
}

#[derive(Debug, Args)]
struct Named {
    /// import-statements, retry-attention or remove-expired
    #[arg(value_parser = chore)]
    name: Chore,
    /// Why; `schedules list` shows it
    #[arg(long, default_value = "")]
    note: String,
}

/// # Errors
/// A Temporal that is away; a schedule that is not there.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    install_crypto();
    let settings = invocation.settings()?;
    let gateway = Gateway::new(&settings.temporal, &settings.worker.task_queue, None);
    if let Command::List { json } = options.command {
        list(&gateway, json).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let ledger = Ledger::open(&settings.ledger).await.context("cannot open the ledger");
    let ledger = ledger.map_err(Failure::unavailable)?.acting_for(author(invocation));
    match options.command {
        Command::List { .. } => {}
        Command::Apply => apply(&gateway, &ledger, &settings.schedules).await?,
        Command::Pause(Named { name, note }) => {
            let paused = gateway.pause_schedule(name, true, &note).await;
            done(&ledger, "pause_schedule", name, paused, "is paused").await?;
        }
        Command::Resume(Named { name, note }) => {
            let resumed = gateway.pause_schedule(name, false, &note).await;
            done(&ledger, "resume_schedule", name, resumed, "goes on").await?;
        }
        Command::Trigger { name } => {
            let triggered = gateway.trigger_schedule(name).await;
            done(&ledger, "trigger_schedule", name, triggered, "begins a round").await?;
        }
        Command::Delete { name } => {
            let deleted = match gateway.delete_schedule(name).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(GatewayError::NotFound),
                Err(error) => Err(error),
            };
            done(&ledger, "delete_schedule", name, deleted, "is deleted").await?;
        }
    }
    ledger.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn apply(gateway: &Gateway, ledger: &Ledger, schedules: &Schedules) -> Result<(), Failure> {
    for chore in Chore::ALL {
        match every(schedules, chore) {
            Some(every) => {
                let applied = gateway.apply_schedule(chore, every).await;
                let text = match &applied {
                    Ok(Applied::Made) => "is made",
                    _ => "is as the configuration says",
                };
                done(ledger, "apply_schedule", chore, applied.map(drop), text).await?;
            }
            None if gateway.delete_schedule(chore).await.map_err(failed)? => {
                let text = "is deleted: the configuration does not name it";
                done(ledger, "delete_schedule", chore, Ok(()), text).await?;
            }
            None => {}
        }
    }
    if *schedules == Schedules::default() {
        tell("remark: the configuration has no [schedules]; docs/schedules.md shows them");
    }
    Ok(())
}

/// The pause between two rounds; none where nothing is set.
fn every(schedules: &Schedules, chore: Chore) -> Option<Duration> {
    let seconds = match chore {
        Chore::ImportStatements => schedules.statements.as_ref().map(|one| one.every_seconds),
        Chore::RetryAttention => schedules.retry.as_ref().map(|one| one.every_seconds),
        Chore::RemoveExpired => schedules.retention.as_ref().map(|one| one.every_seconds),
    };
    seconds.map(Duration::from_secs)
}

/// Records what was done, and says it.
async fn done(
    ledger: &Ledger,
    action: &str,
    chore: Chore,
    outcome: Result<(), GatewayError>,
    text: &str,
) -> Result<(), Failure> {
    let name = chore.as_str();
    match outcome {
        Ok(()) => {}
        Err(GatewayError::NotFound) => {
            let text = "there is no schedule of this name: `ap-gateway schedules apply` makes those \
                        of the configuration";
            return Err(Failure::failed(anyhow!("{name}: {text}")));
        }
        Err(error) => return Err(failed(error)),
    }
    let recorded = ledger.record(&Deed::done(action, name)).await;
    recorded.map_err(|error| Failure::unavailable(error.into()))?;
    tell(format!("{name} {text}"));
    Ok(())
}

fn failed(error: GatewayError) -> Failure {
    Failure::unavailable(error.into())
}

async fn list(gateway: &Gateway, as_json: bool) -> Result<(), Failure> {
    let mut rows = Vec::new();
    for chore in Chore::ALL {
        rows.extend(gateway.schedule(chore).await.map_err(failed)?);
    }
    if as_json {
        let rows: Vec<_> = rows.iter().map(shown_as_json).collect();
        say(format!("{:#}", json!(rows)));
        return Ok(());
    }
    let mut table = with_header(["NAME", "EVERY", "STATE", "ROUNDS", "LAST", "NEXT", "NOTE"]);
    for row in &rows {
        let time = |at: Option<DateTime<Utc>>| at.map_or("-".to_owned(), shown);
        table.add_row([
            row.chore.as_str().to_owned(),
            row.every.map_or("-".to_owned(), |every| format!("{}s", every.as_secs())),
            state(row).to_owned(),
            row.rounds.to_string(),
            time(row.last),
            time(row.next),
            row.note.clone().unwrap_or_default(),
        ]);
    }
    say(table);
    Ok(())
}

fn shown_as_json(row: &ScheduleRow) -> serde_json::Value {
    json!({
        "name": row.chore.as_str(), "id": row.id, "state": state(row), "rounds": row.rounds,
        "every_seconds": row.every.map(|every| every.as_secs()), "note": row.note,
        "last": row.last.map(shown), "next": row.next.map(shown),
    })
}

fn state(row: &ScheduleRow) -> &'static str {
    if row.paused { "paused" } else { "running" }
}

/// Who stands at the terminal, as far as the system tells.
fn author(invocation: &Invocation) -> Author {
    let user =
        ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|name| invocation.environment.get(*name));
    let user = user.map_or("unknown", String::as_str);
    Author { subject: format!("terminal:{user}"), ..Author::default() }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn chore(word: &str) -> Result<Chore, String> {
    let known = || format!("choose of {}", Chore::ALL.map(Chore::as_str).join(", "));
    Chore::parse(word).ok_or_else(known)
}

//! `reconcile-state`: whether ledger and workflows agree about every invoice.

use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use serde_json::json;

use crate::app::drift::{Found, Inspection, inspect};
use crate::cli::Invocation;
use crate::cli::exit::Failure;
use crate::cli::say::say;
use crate::cli::table::with_header;
use crate::storage::Ledger;
use crate::temporal::Gateway;
use crate::temporal::connect::install_crypto;

/// Compare what ledger and workflows say of every invoice; exit code 1 where they disagree
#[derive(Debug, Args)]
pub struct Options {
    /// Set right what is found: invoices without a workflow get one, others look again
    #[arg(long)]
    repair: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

/// # Errors
/// A ledger or a Temporal that is away.
pub async fn run(options: Options, invocation: &Invocation) -> Result<ExitCode, Failure> {
    install_crypto();
    let settings = invocation.settings()?;
    let ledger = Ledger::open(&settings.ledger).await.context("cannot open the ledger");
    let ledger = ledger.map_err(Failure::unavailable)?;
    let gateway = Gateway::new(&settings.temporal, &settings.worker.task_queue, None);
    let inspected = inspect(&ledger, &gateway, options.repair).await;
    let inspection = inspected.map_err(|error| Failure::unavailable(error.into()))?;
    if options.json {
        say(format!("{:#}", as_json(&inspection)));
    } else {
        tell(&inspection);
    }
    let all_well = inspection.found.iter().all(|found| found.repaired);
    Ok(ExitCode::from(u8::from(!all_well)))
}

fn as_json(inspection: &Inspection) -> serde_json::Value {
    let found = |found: &Found| {
        json!({
            "id": found.id, "status": found.status, "drift": found.drift.text(),
            "repaired": found.repaired,
        })
    };
    json!({
        "looked_at": inspection.looked_at,
        "moving": inspection.moving,
        "found": inspection.found.iter().map(found).collect::<Vec<_>>(),
    })
}

fn tell(inspection: &Inspection) {
    if !inspection.found.is_empty() {
        let mut table = with_header(["INVOICE", "STATUS", "", ""]);
        for found in &inspection.found {
            let done = if found.repaired { "set right" } else { "" };
            let drift = found.drift.text();
            table.add_row([found.id.as_str(), found.status.as_str(), &drift, done]);
        }
        say(table);
    }
    let Inspection { looked_at, moving, found } = inspection;
    say(format!("{looked_at} invoices looked at, {} disagree, {moving} were moving", found.len()));
}

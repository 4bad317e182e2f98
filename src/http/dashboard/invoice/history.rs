//! What happened to an invoice: its steps with the words of who decided, the trail, the findings.

use std::collections::HashMap;

use serde_json::Value;

use crate::http::dashboard::cells::{Cell, Table, said, words};
use crate::http::dashboard::invoices::moment;
use crate::models::extraction::Extraction;
use crate::models::finding::Finding;
use crate::models::refs::InvoiceId;
use crate::storage::ledger::decisions::DecisionRow;
use crate::storage::ledger::situation::Facts;
use crate::storage::ledger::timeline::EventRow;
use crate::storage::{Ledger, LedgerError};

/// Steps and rows that a page shows; an invoice has a dozen.
const SHOWN_MAX: u32 = 500;

/// One step.
pub struct Step {
    /// When.
    pub at: String,
    /// The revision that it made.
    pub revision: i64,
    /// What happened.
    pub what: String,
    /// The state that it led to, if another.
    pub status: Cell,
    /// Who said so, and why.
    pub who: String,
}

/// The steps of an invoice, oldest first.
///
/// # Errors
/// Those of the ledger.
pub async fn steps(
    ledger: &Ledger,
    id: &InvoiceId,
    known: &Facts,
) -> Result<Vec<Step>, LedgerError> {
    let said: HashMap<String, &DecisionRow> =
        known.decisions.iter().map(|row| (row.id.to_string(), row)).collect();
    let events = ledger.events_after(id, 0, SHOWN_MAX).await?;
    Ok(events.iter().map(|event| step(event, &said)).collect())
}

fn step(event: &EventRow, decisions: &HashMap<String, &DecisionRow>) -> Step {
    let decision = event.data["decision"].as_str().and_then(|id| decisions.get(id));
    let action = decision.map(|row| said(row.decision.action.as_str()));
    let who = decision.map(|row| {
        let reason = row.decision.reason.as_deref().unwrap_or_default();
        format!("{} {reason}", row.subject).trim().to_owned()
    });
    let text = |name: &str| words(event.data.get(name).unwrap_or(&Value::Null));
    let what = action.unwrap_or_else(|| [said(&event.event), text("text")].join(" "));
    Step {
        at: moment(event.at),
        revision: event.revision,
        what: what.trim().to_owned(),
        status: event.data["to"].as_str().map(Cell::state).unwrap_or_default(),
        who: who.unwrap_or_default(),
    }
}

/// Who did what to it, newest first.
///
/// # Errors
/// Those of the ledger.
pub async fn audit(ledger: &Ledger, id: &InvoiceId) -> Result<Table, LedgerError> {
    let rows = ledger.audit_of(id.as_str(), SHOWN_MAX).await?;
    let head = ["When", "Who", "What", "Outcome", "Why"].map(str::to_owned).into();
    let rows = rows.into_iter().map(|row| {
        let texts = [moment(row.at), row.author.subject, said(&row.action), row.outcome];
        let why = [row.reason.unwrap_or_default()];
        texts.into_iter().chain(why).map(Cell::text).collect()
    });
    Ok(Table { caption: "Audit trail".to_owned(), head, rows: rows.collect() })
}

/// What the rules found.
pub fn findings(extraction: Option<&Extraction>) -> Table {
    let head = ["Rule", "Severity", "What is wrong", "Where", "What to do"].map(str::to_owned);
    let row = |finding: &Finding| {
        let severity = words(&serde_json::json!(finding.severity));
        vec![
            Cell::text(finding.code.as_str()),
            Cell::state(&severity),
            Cell::text(finding.message.as_str()),
            Cell::text(finding.place.as_deref().unwrap_or_default()),
            Cell::text(finding.remedy.as_deref().unwrap_or_default()),
        ]
    };
    let rows = extraction.map(|one| one.findings.iter().map(row).collect()).unwrap_or_default();
    Table { caption: "Findings".to_owned(), head: head.into(), rows }
}

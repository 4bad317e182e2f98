//! What happened to an invoice, step by step.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::models::invoice_response::Moment;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::{Ledger, LedgerError};

/// One event of an invoice; `data` is as it was written.
#[derive(Debug, Clone, PartialEq)]
pub struct EventRow {
    /// The revision that it made.
    pub revision: i64,
    /// `status`, `decision` or `attention`.
    pub event: String,
    /// What it says.
    pub data: Value,
    /// When.
    pub at: DateTime<Utc>,
}

impl Ledger {
    /// Events after a revision, oldest first; 0 is from the beginning.
    pub async fn events_after(
        &self,
        id: &InvoiceId,
        revision: i64,
        limit: u32,
    ) -> Result<Vec<EventRow>, LedgerError> {
        let sql = "SELECT invoice_id AS id, revision, event, data, at FROM invoice_event \
                   WHERE invoice_id = $1 AND revision > $2 ORDER BY revision LIMIT $3";
        let query = sqlx::query(sql).bind(id.as_str()).bind(revision).bind(i64::from(limit));
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row| {
            let fields = Fields::of("invoice_event", row)?;
            Ok(EventRow {
                revision: fields.number("revision")?,
                event: fields.text("event")?,
                data: fields.json("data")?,
                at: fields.time("at")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// The states that an invoice came to, with the word of whoever decided each.
    pub async fn moments(&self, id: &InvoiceId) -> Result<Vec<Moment>, LedgerError> {
        /// Steps that a supplier is told of at most; more are the back and forth of years.
        const STEPS_MAX: u32 = 10_000;
        let decisions = self.decisions(id).await?.into_iter();
        let mut said: HashMap<String, _> = decisions
            .map(|row| {
                let words = row.decision.reason.unwrap_or_default();
                (row.id.to_string(), (row.decision.reason_code, words))
            })
            .collect();
        let events = self.events_after(id, 0, STEPS_MAX).await?;
        let moment = |event: EventRow| {
            let status = event.data["to"].as_str().and_then(InvoiceStatus::parse)?;
            let decision = event.data["decision"].as_str();
            let said = decision.and_then(|id| said.remove(id));
            Some(Moment { status, at: event.at, said })
        };
        Ok(events.into_iter().filter_map(moment).collect())
    }
}

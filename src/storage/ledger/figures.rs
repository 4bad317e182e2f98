//! Figures of the business, for whoever watches: what stands where, counted when it is asked for;
//! and what happened, counted when it was committed, so that a step that was taken back is none.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::metrics::Metrics;
use crate::models::attention::AttentionCode;
use crate::models::extraction::Extraction;
use crate::models::hold::HoldCode;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::database::Engine;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::overview::Worth;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// What stands where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// What held invoices are worth, by currency.
    pub held: Vec<Worth>,
    /// Invoices with an open hold, by its code; all codes.
    pub holds: Vec<(HoldCode, i64)>,
    /// Invoices that need attention, by cause; all causes.
    pub attention: Vec<(AttentionCode, i64)>,
}

/// Something that is counted once its transaction is over.
#[derive(Debug)]
pub(super) enum Fact {
    /// It was decided whether an invoice is paid.
    Decided { decision: &'static str, way: &'static str, after: Duration },
    /// A document was read; how sure its least sure field is, in hundredths.
    Read { syntax: &'static str, hundredths: u8 },
}

impl Fact {
    pub(super) fn count(&self, metrics: &Metrics) {
        match *self {
            Self::Decided { decision, way, after } => metrics.decided(decision, way, after),
            Self::Read { syntax, hundredths } => metrics.read(syntax, hundredths),
        }
    }
}

/// Codes of open holds. A released hold stays in the list, and does not count.
const HOLDS_SQLITE: &str = "SELECT json_extract(hold.value, '$.code') AS id, \
     COUNT(DISTINCT invoice.id) AS count FROM invoice, json_each(invoice.holds) AS hold \
     WHERE holds <> '[]' AND status IN ('held', 'query', 'approval', 'approved') \
     AND json_extract(hold.value, '$.released') IS NULL GROUP BY 1";
const HOLDS_POSTGRES: &str = "SELECT hold ->> 'code' AS id, \
     COUNT(DISTINCT invoice.id) AS count FROM invoice, jsonb_array_elements(holds::jsonb) AS hold \
     WHERE holds <> '[]' AND status IN ('held', 'query', 'approval', 'approved') \
     AND hold ->> 'released' IS NULL GROUP BY 1";

/// Causes of `needs_attention`.
const ATTENTION_SQLITE: &str = "SELECT json_extract(attention, '$.code') AS id, \
     COUNT(*) AS count FROM invoice WHERE status = 'needs_attention' AND attention IS NOT NULL \
     GROUP BY 1";
const ATTENTION_POSTGRES: &str = "SELECT attention::jsonb ->> 'code' AS id, \
     COUNT(*) AS count FROM invoice WHERE status = 'needs_attention' AND attention IS NOT NULL \
     GROUP BY 1";

impl Ledger {
    /// What stands where. Three queries over the invoices that are open; those that are over do
    /// not cost.
    pub async fn figures(&self) -> Result<Figures, LedgerError> {
        let (holds, attention) = match self.engine {
            Engine::Sqlite => (HOLDS_SQLITE, ATTENTION_SQLITE),
            Engine::Postgres => (HOLDS_POSTGRES, ATTENTION_POSTGRES),
        };
        let held = self.worth(InvoiceStatus::Held).await?;
        let holds = self.counted(holds).await?;
        let attention = self.counted(attention).await?;
        let of = |counted: &[(String, i64)], word: &str| {
            let found = counted.iter().find(|(known, _)| known == word);
            found.map_or(0, |(_, count)| *count)
        };
        Ok(Figures {
            held,
            holds: HoldCode::ALL.map(|code| (code, of(&holds, code.as_str()))).into(),
            attention: AttentionCode::ALL.map(|code| (code, of(&attention, &code.word()))).into(),
        })
    }

    async fn counted(&self, sql: &'static str) -> Result<Vec<(String, i64)>, LedgerError> {
        let rows = sqlx::query(sql).fetch_all(&self.pool).await?;
        let read = |row| {
            let fields = Fields::of("invoices by", row)?;
            Ok((fields.text("id")?, fields.number("count")?))
        };
        rows.iter().map(read).collect()
    }
}

impl Write {
    /// Notes that an invoice comes to `next`, where that decides about it for the first time: one
    /// that is approved again because its payment came back was decided before.
    pub(super) async fn note_decision(
        &mut self,
        id: &InvoiceId,
        (next, revision): (InvoiceStatus, i64),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let decides = next == InvoiceStatus::Approved || next.is_final();
        if !decides || next == InvoiceStatus::Paid {
            return Ok(());
        }
        let sql = "SELECT received_at, \
                   (SELECT COUNT(*) FROM decision WHERE invoice_id = $1), \
                   (SELECT COUNT(*) FROM invoice_event WHERE invoice_id = $1 AND revision < $2 \
                    AND event = 'status' AND data LIKE '%\"to\":\"approved\"%') \
                   FROM invoice WHERE id = $1";
        let query = sqlx::query_as(sql).bind(id.as_str()).bind(revision);
        let (received, decisions, approved): (i64, i64, i64) = query.fetch_one(self.on()).await?;
        if approved > 0 {
            return Ok(());
        }
        let after = at.timestamp_micros().saturating_sub(received).max(0).unsigned_abs();
        let way = if decisions == 0 { "straight_through" } else { "people" };
        let after = Duration::from_micros(after);
        self.facts.push(Fact::Decided { decision: next.as_str(), way, after });
        Ok(())
    }

    /// Notes how sure a document was read. What a person said later is no reading.
    pub(super) fn note_reading(&mut self, extraction: &Extraction) {
        let sureness = extraction.evidence.iter().map(|evidence| evidence.confidence.hundredths());
        if let Some(hundredths) = sureness.min() {
            let syntax = extraction.syntax.as_str();
            self.facts.push(Fact::Read { syntax, hundredths });
        }
    }
}

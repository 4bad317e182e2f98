//! Invoices that a store's absence left with a person: tried again by a batch, as by anybody else.

use chrono::Utc;
use uuid::Uuid;

use crate::activities::trouble::Trouble;
use crate::activities::upkeep::{Upkeep, before, not_set};
use crate::models::attention::AttentionCode;
use crate::models::batch::{BatchKind, Known};
use crate::models::bulk::{BulkFilter, BulkOrder};
use crate::models::decision::{Action, Decision, Said};
use crate::models::refs::{BatchId, InvoiceId};
use crate::models::upkeep::Chore;
use crate::storage::ledger::batches::NewBatch;
use crate::storage::ledger::invoices::InvoiceFilter;
use crate::workflows::upkeep::contract::{PartDone, UpkeepPart, UpkeepTally};

/// Invoices of one part, which are one batch.
const AT_ONCE: u32 = 200;

/// Causes that pass by themselves. Everything else needs a person, or a new release.
const PASSING: [AttentionCode; 1] = [AttentionCode::RetriesExhausted];

impl Upkeep {
    pub(super) async fn retry(&self, run: &str, part: UpkeepPart) -> Result<PartDone, Trouble> {
        let chore = Chore::RetryAttention;
        let rules = self.settings.retry.ok_or_else(|| not_set(chore))?;
        let now = Utc::now();
        let filter = BulkFilter {
            code: PASSING.to_vec(),
            updated_before: Some(before(now, rules.after)),
            ..BulkFilter::default()
        };
        let after = part.after.as_deref().and_then(|id| InvoiceId::parse(id).ok());
        let narrowed = InvoiceFilter::of_bulk(&filter, Action::Retry);
        let rows = self.ledger.invoices_oldest_first(&narrowed, after.as_ref(), AT_ONCE).await?;
        let next = rows.last().filter(|_| rows.len() == AT_ONCE as usize);
        let next = next.map(|row| row.id.to_string());
        let mut due = Vec::new();
        for row in &rows {
            if self.tries(&row.id, &chore.subject()).await? < rules.times_max {
                due.push(row.id.clone());
            }
        }
        let refused = (rows.len() - due.len()) as u64;
        let tally = UpkeepTally { done: due.len() as u64, refused };
        if due.is_empty() {
            return Ok(PartDone { tally, next });
        }
        let decision = Decision {
            reason: Some("the cause may have passed; tried again by a schedule".to_owned()),
            ..Decision::of(Action::Retry)
        };
        let said = Said { subject: chore.subject(), duties: Vec::new(), decision };
        let order = serde_json::to_vec(&BulkOrder { said, filter, limit: AT_ONCE });
        let order = order.map_err(|error| Trouble::Defect(format!("an order: {error}")))?;
        let new = NewBatch {
            id: BatchId::new(Uuid::now_v7()),
            kind: BatchKind::Retry,
            subject: chore.subject(),
            // A part that is done again, after a crash, finds the batch that it opened.
            key: format!("{run}/{}", part.after.unwrap_or_default()),
            known: Known::New,
            source: Some(self.artifacts.put(order).await?),
            created_at: now,
        };
        // The dispatcher starts it, as every batch whose request could not.
        self.acting(chore).open_bulk(new, &due, "retry_invoices").await?;
        Ok(PartDone { tally, next })
    }

    /// How often this schedule tried an invoice.
    async fn tries(&self, id: &InvoiceId, subject: &str) -> Result<usize, Trouble> {
        let decisions = self.ledger.decisions(id).await?;
        let ours = |action: Action, by: &str| action == Action::Retry && by == subject;
        Ok(decisions.iter().filter(|row| ours(row.decision.action, &row.subject)).count())
    }
}

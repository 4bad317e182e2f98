//! From stored bytes to a checked invoice, or to a person.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::sync::Semaphore;

use crate::activities::examiner::{Examined, Examiner};
use crate::activities::lacking::lacking;
use crate::activities::trouble::Trouble;
use crate::activities::{attended, verdict};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::extraction::Extraction;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::artifacts::{ArtifactError, Artifacts};
use crate::storage::ledger::Ledger;
use crate::workflows::contract::{self, StepInput, Verdict};

/// Reads documents. Cheap to clone.
#[derive(Clone)]
pub struct Documents {
    ledger: Ledger,
    artifacts: Artifacts,
    examiner: Arc<Examiner>,
    /// One document for each core at a time: reading is pure calculation, and what is being read
    /// is a multiple of 25 MiB of memory.
    turns: Arc<Semaphore>,
}

#[activities]
impl Documents {
    /// Reads the stored document, judges it and keeps both.
    #[activity(definition = contract::ExtractAndValidate)]
    pub async fn extract_and_validate(
        self: Arc<Self>,
        ctx: ActivityContext,
        step: StepInput,
    ) -> Result<Verdict, ActivityError> {
        attended(&ctx, self.read(&step.invoice_id)).await
    }
}

impl Documents {
    /// Over these stores, reading by `examiner`.
    pub(crate) fn new(ledger: Ledger, artifacts: Artifacts, examiner: Arc<Examiner>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { ledger, artifacts, examiner, turns: Arc::new(Semaphore::new(cores)) }
    }

    async fn read(&self, id: &InvoiceId) -> Result<Verdict, Trouble> {
        let row = self.ledger.invoice(id).await?;
        let row = row.ok_or(Trouble::InvoiceMissing)?;
        let entered = self.ledger.enter(id, InvoiceStatus::Extracting, Utc::now());
        match entered.await? {
            InvoiceStatus::Extracting => {}
            // An attempt before this one came as far, and nobody heard of it.
            InvoiceStatus::Validated => return self.read_before(id).await,
            status => return Ok(read_and_gone_on(status)),
        }
        let bytes = match self.artifacts.get(&row.sha256).await {
            Ok(bytes) => bytes,
            Err(error @ ArtifactError::Store(_)) => return Err(error.into()),
            Err(error) => return self.hand_over(id, &document_missing(&error)).await,
        };
        let turn = self.turns.acquire().await;
        let examined = self.examiner.examine(bytes).await;
        drop(turn);
        let Examined { extraction, attached } = match examined {
            Ok(examined) => examined,
            Err(attention) => return self.hand_over(id, &attention).await,
        };
        for content in attached {
            let mut upload = self.artifacts.upload().await?;
            upload.write(content.bytes.into()).await?;
            upload.finish().await?;
        }
        let recorded = self.ledger.record_extraction(id, &extraction, Utc::now());
        match recorded.await? {
            InvoiceStatus::Validated => self.pass_on(id, &extraction).await,
            status => Ok(read_and_gone_on(status)),
        }
    }

    async fn read_before(&self, id: &InvoiceId) -> Result<Verdict, Trouble> {
        match self.ledger.extraction(id).await? {
            Some(extraction) => self.pass_on(id, &extraction).await,
            None => Err(Trouble::Defect(format!("{id} is validated, but not read"))),
        }
    }

    /// To the orders, unless there is nothing that could be compared with them.
    async fn pass_on(&self, id: &InvoiceId, extraction: &Extraction) -> Result<Verdict, Trouble> {
        match lacking(extraction) {
            Some(attention) => self.hand_over(id, &attention).await,
            None => Ok(Verdict::Validated),
        }
    }

    async fn hand_over(&self, id: &InvoiceId, why: &Attention) -> Result<Verdict, Trouble> {
        let recorded = self.ledger.record_attention(id, why, Utc::now()).await?;
        Ok(verdict(recorded, Some(why.code)))
    }
}

/// The document was read before, and the invoice is further on: the next step says where it
/// stands, unless that is the end.
fn read_and_gone_on(status: InvoiceStatus) -> Verdict {
    match verdict(status, None) {
        settled @ Verdict::Settled { .. } => settled,
        _ => Verdict::Validated,
    }
}

fn document_missing(error: &ArtifactError) -> Attention {
    Attention {
        code: AttentionCode::DocumentMissing,
        text: format!("{error}; restore it and retry, or hand the document in again"),
        retryable: true,
    }
}

#[cfg(test)]
mod tests {
    use super::read_and_gone_on;
    use crate::models::status::InvoiceStatus;
    use crate::workflows::contract::Verdict;

    #[test]
    fn an_invoice_that_went_on_is_not_read_again() {
        for status in [InvoiceStatus::Held, InvoiceStatus::Approved] {
            assert_eq!(read_and_gone_on(status), Verdict::Validated);
        }
        let status = InvoiceStatus::Cancelled;
        assert_eq!(read_and_gone_on(status), Verdict::Settled { status });
    }
}

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
use crate::activities::{Situations, attended};
use crate::models::attention::{Attention, AttentionCode};
use crate::models::extraction::Extraction;
use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::models::status::InvoiceStatus;
use crate::storage::artifacts::{ArtifactError, Artifacts};
use crate::workflows::contract::{self, StepInput};

/// Reads documents. Cheap to clone.
#[derive(Clone)]
pub struct Documents {
    situations: Situations,
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
    ) -> Result<Situation, ActivityError> {
        let id = &step.invoice_id;
        if ctx.info().attempt > 1 {
            return attended(&ctx, self.read_again(id)).await;
        }
        attended(&ctx, self.read(id)).await
    }
}

impl Documents {
    /// Over these stores, reading by `examiner`.
    pub(crate) fn new(
        situations: Situations,
        artifacts: Artifacts,
        examiner: Arc<Examiner>,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { situations, artifacts, examiner, turns: Arc::new(Semaphore::new(cores)) }
    }

    async fn read(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        let ledger = &self.situations.ledger;
        let row = ledger.invoice(id).await?.ok_or(Trouble::InvoiceMissing)?;
        match ledger.enter(id, InvoiceStatus::Extracting, Utc::now()).await? {
            InvoiceStatus::Extracting => {}
            // An attempt before this one came as far, and nobody heard of it.
            InvoiceStatus::Validated => return self.read_before(id).await,
            _ => return self.situations.of(id).await,
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
            self.artifacts.put(content.bytes).await?;
        }
        match ledger.record_extraction(id, &extraction, Utc::now()).await? {
            InvoiceStatus::Validated => self.pass_on(id, &extraction).await,
            _ => self.situations.of(id).await,
        }
    }

    /// After an attempt of which nobody heard. What it handed over waits for a person already, and
    /// to read it once more would hand it over twice.
    async fn read_again(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        let situation = self.situations.of(id).await?;
        if situation.status == InvoiceStatus::NeedsAttention {
            return Ok(situation);
        }
        self.read(id).await
    }

    async fn read_before(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        match self.situations.ledger.extraction(id).await? {
            Some(extraction) => self.pass_on(id, &extraction).await,
            None => Err(Trouble::Defect(format!("{id} is validated, but not read"))),
        }
    }

    /// To the orders, unless there is nothing that could be compared with them.
    async fn pass_on(&self, id: &InvoiceId, extraction: &Extraction) -> Result<Situation, Trouble> {
        match lacking(extraction) {
            Some(attention) => self.hand_over(id, &attention).await,
            None => self.situations.of(id).await,
        }
    }

    async fn hand_over(&self, id: &InvoiceId, why: &Attention) -> Result<Situation, Trouble> {
        self.situations.ledger.record_attention(id, why, Utc::now()).await?;
        self.situations.of(id).await
    }
}

fn document_missing(error: &ArtifactError) -> Attention {
    Attention {
        code: AttentionCode::DocumentMissing,
        text: format!("{error}; restore it and retry, or hand the document in again"),
        retryable: true,
    }
}

//! From an archive or a manifest to invoices.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

mod archive;
mod decide;
mod manifest;
mod unpack;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Utc;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::outside::Outside;
use crate::activities::trouble::Trouble;
use crate::activities::{Situations, attended};
use crate::models::batch::{BatchKind, BatchStatus, ItemProblem, ItemState, Refusal};
use crate::models::policy::Policy;
use crate::models::refs::{BatchId, Sha256};
use crate::storage::artifacts::{ArtifactError, Artifacts};
use crate::storage::ledger::Ledger;
use crate::storage::ledger::batches::BatchRow;
use crate::workflows::batch::contract::{self, BatchChunk, BatchEnd, BatchOpened};

/// Items that are listed in one transaction: it keeps other writers out for some hundredths of a
/// second.
const LISTED_AT_ONCE: usize = 500;

/// Takes batches up. Cheap to clone.
#[derive(Clone)]
pub struct Batches {
    ledger: Ledger,
    artifacts: Artifacts,
    policy: Arc<Policy>,
    outside: Option<Outside>,
}

/// Items that are accepted in one transaction: each takes some milliseconds, and whoever else
/// writes waits for all of them.
const TAKEN_AT_ONCE: usize = 20;

/// An item as its source names it: its key, and what its sender calls it.
type Listed = (String, Option<String>);

#[activities]
impl Batches {
    /// Reads the source, and writes down which items it has; done twice it writes the same.
    #[activity(definition = contract::OpenBatch)]
    pub async fn open_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        batch: BatchId,
    ) -> Result<BatchOpened, ActivityError> {
        attended(&ctx, self.open(&batch)).await
    }

    /// Keeps documents, and accepts them, some in a transaction; what was taken before stays.
    #[activity(definition = contract::TakeItems)]
    pub async fn take_items(
        self: Arc<Self>,
        ctx: ActivityContext,
        chunk: BatchChunk,
    ) -> Result<BatchStatus, ActivityError> {
        attended(&ctx, self.take(&chunk)).await
    }

    /// Refuses what nobody could take.
    #[activity(definition = contract::GiveUpItems)]
    pub async fn give_up_items(
        self: Arc<Self>,
        ctx: ActivityContext,
        chunk: BatchChunk,
    ) -> Result<(), ActivityError> {
        attended(&ctx, self.give_up(&chunk)).await
    }

    /// Ends a batch, unless it has ended.
    #[activity(definition = contract::EndBatch)]
    pub async fn end_batch(
        self: Arc<Self>,
        ctx: ActivityContext,
        end: BatchEnd,
    ) -> Result<BatchStatus, ActivityError> {
        attended(&ctx, self.end(&end.batch_id, end.status, None)).await
    }
}

impl Batches {
    /// Over these stores.
    pub(crate) fn new(situations: Situations, artifacts: Artifacts) -> Self {
        let Situations { ledger, policy } = situations;
        Self { ledger, artifacts, policy, outside: None }
    }

    /// With the way to the workflows of others.
    pub(crate) fn with(self, outside: Outside) -> Self {
        Self { outside: Some(outside), ..self }
    }

    async fn open(&self, id: &BatchId) -> Result<BatchOpened, Trouble> {
        let batch = self.row(id).await?;
        if let Some(items) = batch.items {
            return opened(batch.status, items);
        }
        let listed = match self.list(&batch).await? {
            Ok(listed) => listed,
            Err(problem) => {
                let status = self.end(id, BatchStatus::Refused, Some(&problem)).await?;
                return opened(status, 0);
            }
        };
        let mut after = 0;
        for chunk in listed.chunks(LISTED_AT_ONCE) {
            let items: Vec<_> = chunk.iter().map(|(key, name)| (key.as_str(), name)).collect();
            let status = self.ledger.list_batch_items(id, after, &items).await?;
            if status != BatchStatus::Accepting {
                return opened(status, after);
            }
            after += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        }
        self.ledger.batch_listed(id, after).await?;
        opened(batch.status, after)
    }

    /// What the source holds, or why it cannot be read.
    async fn list(&self, batch: &BatchRow) -> Result<Result<Vec<Listed>, ItemProblem>, Trouble> {
        let source = source(batch)?;
        match batch.kind {
            BatchKind::Archive => match self.artifacts.file(source).await {
                Ok(file) => Ok(tokio::task::spawn_blocking(|| archive::list(file)).await?),
                Err(error) => gone(error).map(Err),
            },
            _ => match self.artifacts.get(source).await {
                Ok(bytes) => Ok(manifest::list(&bytes)),
                Err(error) => gone(error).map(Err),
            },
        }
    }

    async fn take(&self, chunk: &BatchChunk) -> Result<BatchStatus, Trouble> {
        let batch = self.row(&chunk.batch_id).await?;
        if batch.status != BatchStatus::Accepting {
            return Ok(batch.status);
        }
        let (from, to) = (i64::from(chunk.from), i64::from(chunk.to));
        let limit = chunk.to.saturating_sub(chunk.from);
        let pending = Some(ItemState::Pending);
        let rows = self.ledger.batch_items(&batch.id, pending, from - 1, limit).await?;
        if batch.kind.decides() {
            let rows = rows.into_iter().filter(|row| row.position < to).collect();
            return self.decide(&batch, rows).await;
        }
        let wanted: BTreeSet<i64> =
            rows.into_iter().map(|row| row.position).filter(|position| *position < to).collect();
        let items = match batch.kind {
            BatchKind::Archive => unpack::items(&self.artifacts, source(&batch)?, wanted).await?,
            _ => manifest::items(&self.artifacts, source(&batch)?, &wanted).await?,
        };
        let mut status = batch.status;
        for items in items.chunks(TAKEN_AT_ONCE) {
            status = self.ledger.take_batch_items(&batch.id, items, Utc::now()).await?;
            if status != BatchStatus::Accepting {
                break;
            }
        }
        Ok(status)
    }

    async fn give_up(&self, chunk: &BatchChunk) -> Result<(), Trouble> {
        let problem = Refusal::Defect.because(
            "The gateway failed at this item or one beside it. Tell whoever runs it, and hand the \
             document in by itself.",
        );
        let range = (i64::from(chunk.from), i64::from(chunk.to));
        Ok(self.ledger.refuse_batch_items(&chunk.batch_id, range, &problem).await?)
    }

    async fn end(
        &self,
        id: &BatchId,
        end: BatchStatus,
        problem: Option<&ItemProblem>,
    ) -> Result<BatchStatus, Trouble> {
        let (_, batch) = self.ledger.end_batch(id, end, problem, Utc::now()).await?;
        Ok(batch.status)
    }

    async fn row(&self, id: &BatchId) -> Result<BatchRow, Trouble> {
        self.ledger.batch(id).await?.ok_or(Trouble::InvoiceMissing)
    }
}

fn opened(status: BatchStatus, items: i64) -> Result<BatchOpened, Trouble> {
    let items = u32::try_from(items);
    let items = items.map_err(|error| Trouble::Defect(format!("items of a batch: {error}")))?;
    Ok(BatchOpened { status, items })
}

fn source(batch: &BatchRow) -> Result<&Sha256, Trouble> {
    let missing = || Trouble::Defect(format!("{} has no source", batch.id));
    batch.source.as_ref().ok_or_else(missing)
}

/// A source that the store lost is the batch's end, with the remedy; a store that is away is not.
fn gone(error: ArtifactError) -> Result<ItemProblem, Trouble> {
    match error {
        ArtifactError::Store(_) => Err(error.into()),
        lost => {
            Ok(Refusal::Missing.because(format!("{lost}; send the batch again, with a new key")))
        }
    }
}

//! What schedules have done: a part of a chore at a time, each of which may be done twice.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

mod expired;
mod folder;
mod import;
mod retry;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::attended;
use crate::activities::outside::Outside;
use crate::activities::trouble::Trouble;
use crate::models::access::Author;
use crate::models::upkeep::Chore;
use crate::storage::Bucket;
use crate::storage::artifacts::Artifacts;
use crate::storage::ledger::Ledger;
use crate::workflows::upkeep::contract::{self, PartDone, UpkeepPart};

/// What schedules need; what is absent is not done by this worker.
#[derive(Debug, Clone, Default)]
pub struct UpkeepSettings {
    /// Where bank statements come in.
    pub inbox: Option<Inbox>,
    /// What is tried again.
    pub retry: Option<RetryRules>,
    /// What is removed.
    pub periods: Option<Periods>,
}

/// What files come into, and how they are read.
#[derive(Debug, Clone)]
pub struct Inbox {
    /// Where it is.
    pub place: Place,
    /// The mapping profile of CSV; empty for none.
    pub profile: String,
}

/// Where files come in.
#[derive(Debug, Clone)]
pub enum Place {
    /// A folder.
    Folder(Folder),
    /// A part of a bucket.
    Bucket(Bucket),
}

/// A folder that files come into.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// A file that changed less than this ago may be half written.
    pub settled: Duration,
}

/// When an invoice is tried again, and how often.
#[derive(Debug, Clone, Copy)]
pub struct RetryRules {
    /// It rests this long first.
    pub after: Duration,
    /// Then it waits for a person.
    pub times_max: usize,
}

/// How long what is kept of finished invoices.
#[derive(Debug, Clone, Copy)]
pub struct Periods {
    /// Documents.
    pub documents: Duration,
    /// What was read, compared and decided; for ever when absent.
    pub rows: Option<Duration>,
    /// Bank statements and payment files; for ever when absent.
    pub payments: Option<Duration>,
    /// Batches and the archives that they came in; for ever when absent.
    pub batches: Option<Duration>,
    /// A document that was sent again less than this ago is left alone.
    pub untouched: Duration,
}

/// Does what schedules ask for. Cheap to clone.
#[derive(Clone)]
pub struct Upkeep {
    ledger: Ledger,
    artifacts: Artifacts,
    settings: Arc<UpkeepSettings>,
    outside: Option<Outside>,
}

#[activities]
impl Upkeep {
    /// Takes in some files; what was taken in before is the same statement.
    #[activity(definition = contract::ImportStatements)]
    pub async fn import_statements(
        self: Arc<Self>,
        ctx: ActivityContext,
        part: UpkeepPart,
    ) -> Result<PartDone, ActivityError> {
        attended(&ctx, self.import(part)).await
    }

    /// Opens a batch that retries some invoices; the same run opens it once.
    #[activity(definition = contract::RetryAttention)]
    pub async fn retry_attention(
        self: Arc<Self>,
        ctx: ActivityContext,
        part: UpkeepPart,
    ) -> Result<PartDone, ActivityError> {
        let run = ctx.info().workflow_run_id.clone().unwrap_or_default();
        attended(&ctx, self.retry(&run, part)).await
    }

    /// Removes some documents and rows; what was removed before is not found again.
    #[activity(definition = contract::RemoveExpired)]
    pub async fn remove_expired(
        self: Arc<Self>,
        ctx: ActivityContext,
        part: UpkeepPart,
    ) -> Result<PartDone, ActivityError> {
        attended(&ctx, self.remove(part)).await
    }
}

impl Upkeep {
    /// Over these stores; nothing is set.
    pub(crate) fn new(ledger: Ledger, artifacts: Artifacts) -> Self {
        Self { ledger, artifacts, settings: Arc::default(), outside: None }
    }

    /// The same under these settings.
    pub(crate) fn with(self, settings: UpkeepSettings) -> Self {
        Self { settings: Arc::new(settings), ..self }
    }

    /// With the way to the workflows of others.
    pub(crate) fn with_outside(self, outside: Outside) -> Self {
        Self { outside: Some(outside), ..self }
    }

    /// The ledger; what is changed through it is in the trail as this chore's doing.
    fn acting(&self, chore: Chore) -> Ledger {
        self.ledger.acting_for(Author { subject: chore.subject(), ..Author::default() })
    }
}

/// A schedule that this worker has no settings for: it was applied with another configuration.
fn not_set(chore: Chore) -> Trouble {
    Trouble::Defect(format!(
        "the worker has no settings for {}: start it with the configuration that the schedule was \
         applied with, or apply its own",
        chore.as_str()
    ))
}

/// So long ago.
fn before(now: DateTime<Utc>, period: Duration) -> DateTime<Utc> {
    let period = chrono::TimeDelta::from_std(period).unwrap_or(chrono::TimeDelta::MAX);
    now.checked_sub_signed(period).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

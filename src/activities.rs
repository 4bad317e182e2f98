//! The contract, fulfilled: effects in one place, each of which may be done twice without harm.
//! The only place that says whether something may be tried again.
//!
//! What is wrong with a document is no error here: the activity writes it to the ledger and
//! answers a verdict. An error is a store that is away, or a defect of ours.

pub mod batches;
pub mod cases;
pub mod corrections;
pub mod decisions;
pub mod desk;
pub mod documents;
pub mod examiner;
pub mod lacking;
pub mod matching;
pub mod outside;
pub mod statements;
pub mod tasks;
mod trouble;
pub mod upkeep;
pub mod webhooks;

use std::future::Future;
use std::sync::Arc;

use temporalio_sdk::activities::{ActivityContext, ActivityError};
use tokio::time::{Instant, interval_at};

use crate::activities::batches::Batches;
use crate::activities::cases::Cases;
use crate::activities::decisions::Decider;
use crate::activities::desk::Desk;
use crate::activities::documents::Documents;
use crate::activities::examiner::Examiner;
use crate::activities::matching::Matcher;
use crate::activities::outside::Outside;
use crate::activities::statements::{StatementSettings, Statements};
use crate::activities::trouble::Trouble;
use crate::activities::upkeep::{Upkeep, UpkeepSettings};
use crate::activities::webhooks::Webhooks;
use crate::metrics::Metrics;
use crate::models::policy::Policy;
use crate::models::refs::InvoiceId;
use crate::models::situation::Situation;
use crate::storage::artifacts::Artifacts;
use crate::storage::ledger::Ledger;
use crate::webhooks::Sender;
use crate::workflows::contract::BEAT;

/// Everything that a worker does. Cheap to clone.
#[derive(Clone)]
pub struct Activities {
    /// Reading documents.
    pub documents: Documents,
    /// Comparing with orders.
    pub matching: Matcher,
    /// Comparing what callers bring.
    pub cases: Cases,
    /// Taking decisions of people.
    pub decisions: Decider,
    /// Handing over to people.
    pub desk: Desk,
    /// Taking up archives and manifests.
    pub batches: Batches,
    /// Taking in bank statements.
    pub statements: Statements,
    /// Telling receivers outside.
    pub webhooks: Webhooks,
    /// What schedules have done.
    pub upkeep: Upkeep,
}

impl Activities {
    /// Activities over these stores; `examiner` reads documents, `policy` is what the company
    /// tolerates.
    pub fn new(
        ledger: Ledger,
        artifacts: Artifacts,
        examiner: Arc<Examiner>,
        policy: Policy,
    ) -> Self {
        let policy = Arc::new(policy);
        let situations = Situations { ledger, policy };
        let own_vat_ids = examiner.own_vat_ids().to_vec();
        let settings = StatementSettings::default();
        let metrics = Arc::new(Metrics::new());
        Self {
            webhooks: Webhooks::new(situations.ledger.clone(), Sender::default(), metrics),
            statements: Statements::new(situations.ledger.clone(), artifacts.clone(), settings),
            documents: Documents::new(situations.clone(), artifacts.clone(), examiner),
            decisions: Decider::new(situations.clone(), artifacts.clone(), own_vat_ids),
            batches: Batches::new(situations.clone(), artifacts.clone()),
            upkeep: Upkeep::new(situations.ledger.clone(), artifacts.clone()),
            cases: Cases::new(artifacts),
            matching: Matcher::new(situations.clone()),
            desk: Desk::new(situations),
        }
    }

    /// With what the company says about payments.
    #[must_use]
    pub fn with_payments(self, settings: StatementSettings) -> Self {
        Self { statements: self.statements.with(settings), ..self }
    }

    /// With what the company says about receivers outside; `metrics` counts what is sent.
    #[must_use]
    pub fn with_webhooks(self, sender: Sender, metrics: Arc<Metrics>) -> Self {
        Self { webhooks: self.webhooks.with(sender, metrics), ..self }
    }

    /// With the way to the workflows of others, for decisions about many and for schedules.
    #[must_use]
    pub fn with_outside(self, outside: Outside) -> Self {
        let upkeep = self.upkeep.with_outside(outside.clone());
        Self { batches: self.batches.with(outside), upkeep, ..self }
    }

    /// With what schedules need.
    #[must_use]
    pub fn with_upkeep(self, settings: UpkeepSettings) -> Self {
        Self { upkeep: self.upkeep.with(settings), ..self }
    }
}

/// What the ledger says of an invoice when a step is over: the answer of every step.
#[derive(Clone)]
pub(crate) struct Situations {
    ledger: Ledger,
    policy: Arc<Policy>,
}

impl Situations {
    async fn of(&self, id: &InvoiceId) -> Result<Situation, Trouble> {
        let facts = self.ledger.facts(id).await?.ok_or(Trouble::InvoiceMissing)?;
        Ok(facts.situation(&self.policy))
    }
}

/// Does a step. While it lasts, the server hears that it still runs; when the workflow is
/// cancelled or the worker stops, the step is dropped where it waits, and its transaction with it.
async fn attended<T>(
    ctx: &ActivityContext,
    step: impl Future<Output = Result<T, Trouble>>,
) -> Result<T, ActivityError> {
    let mut beats = interval_at(Instant::now() + BEAT, BEAT);
    tokio::pin!(step);
    loop {
        tokio::select! {
            biased;
            done = &mut step => return done.map_err(|trouble| trouble.into_error(ctx.info().attempt)),
            () = ctx.cancelled() => return Err(ActivityError::cancelled()),
            _ = beats.tick() => ctx.record_heartbeat(()).await?,
        }
    }
}

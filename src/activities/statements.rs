//! Bank statements: read once, matched with what is open, recorded under locks.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

mod answer;
mod case;
mod read;
mod record;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::attended;
use crate::activities::trouble::Trouble;
use crate::extraction::statement::StatementProfile;
use crate::models::money::Currency;
use crate::models::payment::{PaymentPolicy, StatementFailure, StatementStatus};
use crate::models::refs::{Sha256, StatementId};
use crate::storage::artifacts::Artifacts;
use crate::storage::ledger::Ledger;
use crate::storage::ledger::statements::StatementRow;
use crate::workflows::statement::contract::{
    self, AnswerInput, Answered, Matched, Read, RecordInput, Recorded, StatementInput,
};

/// What the company says about payments.
#[derive(Debug, Clone, Default)]
pub struct StatementSettings {
    /// What differences pass, and from which score no person is asked.
    pub policy: PaymentPolicy,
    /// The currency of the books.
    pub ledger_currency: Option<Currency>,
    /// How the CSV files of banks are read, by name.
    pub profiles: BTreeMap<String, StatementProfile>,
}

/// Takes in bank statements. Cheap to clone.
#[derive(Clone)]
pub struct Statements {
    ledger: Ledger,
    artifacts: Artifacts,
    settings: Arc<StatementSettings>,
}

#[activities]
impl Statements {
    /// Reads the kept file and keeps its entries. Done twice it changes nothing.
    #[activity(definition = contract::ReadStatement)]
    pub async fn read_statement(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StatementInput,
    ) -> Result<Read, ActivityError> {
        attended(&ctx, self.read(&input.statement)).await
    }

    /// Works out what the undecided entries pay; the ledger is only read.
    #[activity(definition = contract::MatchEntries)]
    pub async fn match_entries(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StatementInput,
    ) -> Result<Matched, ActivityError> {
        attended(&ctx, self.find_matches(&input.statement)).await
    }

    /// Writes proposals to the record. An entry that is decided is passed over, so doing it
    /// twice adds nothing.
    #[activity(definition = contract::RecordMatches)]
    pub async fn record_matches(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: RecordInput,
    ) -> Result<Recorded, ActivityError> {
        attended(&ctx, self.record(&input)).await
    }

    /// Writes down that a file could not be taken in.
    #[activity(definition = contract::FailStatement)]
    pub async fn fail_statement(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: StatementInput,
    ) -> Result<(), ActivityError> {
        let failure = StatementFailure {
            code: "INTERNAL_ERROR".to_owned(),
            text: "the gateway failed at this file, or a store was away for ten minutes; hand \
                   it in again when the gateway is ready"
                .to_owned(),
        };
        attended(&ctx, self.fail(&input.statement, &failure)).await
    }

    /// Does with an entry what a person says; the revision makes it happen once.
    #[activity(definition = contract::AnswerEntry)]
    pub async fn answer_entry(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: AnswerInput,
    ) -> Result<Answered, ActivityError> {
        attended(&ctx, self.answer(&input)).await
    }
}

impl Statements {
    /// Over these stores.
    pub(crate) fn new(ledger: Ledger, artifacts: Artifacts, settings: StatementSettings) -> Self {
        Self { ledger, artifacts, settings: Arc::new(settings) }
    }

    /// The same under other settings.
    pub(crate) fn with(self, settings: StatementSettings) -> Self {
        Self { settings: Arc::new(settings), ..self }
    }

    async fn row(&self, id: &StatementId) -> Result<StatementRow, Trouble> {
        let row = self.ledger.statement(id).await?;
        row.ok_or_else(|| Trouble::Defect(format!("the ledger has no bank statement {id}")))
    }

    async fn fail(&self, id: &StatementId, failure: &StatementFailure) -> Result<(), Trouble> {
        let failed = StatementStatus::Failed;
        Ok(self.ledger.move_statement(id, failed, None, Some(failure)).await?)
    }

    /// Keeps a value between two steps, out of the history.
    async fn keep<T: Serialize>(&self, value: &T) -> Result<Sha256, Trouble> {
        let json = serde_json::to_vec(value);
        let json = json.map_err(|error| Trouble::Defect(format!("a value to keep: {error}")))?;
        Ok(self.artifacts.put(json).await?)
    }

    async fn kept<T: DeserializeOwned>(&self, address: &Sha256) -> Result<T, Trouble> {
        let bytes = self.artifacts.get(address).await?;
        let value = serde_json::from_slice(&bytes);
        value.map_err(|error| Trouble::Defect(format!("a kept value: {error}")))
    }
}

//! Bank statements and their entries as the ledger keeps them, and what people say of entries.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::finding::Finding;
use crate::models::refs::InvoiceId;
use crate::models::statement::{Balance, BankStatement, StatementSyntax};

/// Where a file of bank statements stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StatementStatus {
    /// Kept; not read yet.
    Received,
    /// Read; its payments are being matched.
    Matching,
    /// All of its entries were decided.
    Done,
    /// It cannot be read; `failure` says why.
    Failed,
}

impl StatementStatus {
    /// Every one of them.
    pub const ALL: [Self; 4] = [Self::Received, Self::Matching, Self::Done, Self::Failed];

    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Matching => "matching",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }

    /// The one of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The gateway is at work.
    pub fn moves(self) -> bool {
        matches!(self, Self::Received | Self::Matching)
    }
}

/// Where an entry stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryState {
    /// Not looked at yet.
    New,
    /// The bank has not booked it: never allocated.
    Pending,
    /// Nothing explains it well enough.
    Unmatched,
    /// A person confirms or declines.
    Proposed,
    /// What it pays is in the record.
    Recorded,
    /// It came back: what it had paid is open again.
    Returned,
}

impl EntryState {
    /// Every one of them.
    pub const ALL: [Self; 6] =
        [Self::New, Self::Pending, Self::Unmatched, Self::Proposed, Self::Recorded, Self::Returned];

    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Pending => "pending",
            Self::Unmatched => "unmatched",
            Self::Proposed => "proposed",
            Self::Recorded => "recorded",
            Self::Returned => "returned",
        }
    }

    /// The one of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether the engine may still decide it.
    pub fn is_undecided(self) -> bool {
        matches!(self, Self::New | Self::Pending | Self::Unmatched | Self::Proposed)
    }
}

/// One statement of a file, without its entries.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementHead {
    /// IBAN without blanks, or the account number as the bank writes it.
    pub account: Option<String>,
    /// Name of the account holder.
    pub owner: Option<String>,
    /// BIC of the bank, or its national code.
    pub bank: Option<String>,
    /// ISO 4217 as written.
    pub currency: Option<String>,
    /// What the bank calls this statement.
    pub id: Option<String>,
    /// Its number in the year.
    pub number: Option<String>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
    /// The booked balance that it starts from.
    pub opening: Option<Balance>,
    /// The booked balance that it ends with.
    pub closing: Option<Balance>,
    /// How many entries it has.
    pub entries: usize,
}

impl StatementHead {
    /// What is shown of a statement.
    pub fn of(statement: &BankStatement) -> Self {
        Self {
            account: statement.account.clone(),
            owner: statement.owner.clone(),
            bank: statement.bank.clone(),
            currency: statement.currency.clone(),
            id: statement.id.clone(),
            number: statement.number.clone(),
            from: statement.from,
            until: statement.until,
            opening: statement.opening().cloned(),
            closing: statement.closing().cloned(),
            entries: statement.entries.len(),
        }
    }

    /// The last day that it speaks of: that of its closing balance, else the last day it names.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.closing.as_ref().and_then(|closing| closing.date).or(self.until)
    }
}

/// What was read of a file.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementContent {
    /// What it was, by content.
    pub syntax: StatementSyntax,
    /// The message by its full name, where it says one.
    pub message: Option<String>,
    /// In the order of the file.
    pub statements: Vec<StatementHead>,
    /// What could not be read, each with its place, and sums that do not agree.
    pub findings: Vec<Finding>,
}

/// Why a file could not be taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementFailure {
    /// For machines.
    #[schema(example = "UNREADABLE_STATEMENT")]
    pub code: String,
    /// For people: the thing, the place and the remedy.
    pub text: String,
}

/// What a person does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryAction {
    /// It is so: the rows are made.
    Accept,
    /// It is not: the pair counts less from now on.
    Decline,
    /// What is in the record of this entry is taken back.
    Undo,
}

/// What a person says of an entry.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryAnswer {
    /// What to do.
    pub action: EntryAction,
    /// The revision of the entry that the person saw; another one is a conflict.
    #[schema(example = 2)]
    pub expected_revision: i64,
    /// Which of the matches, counted from 1; to accept without it, name the invoices.
    #[serde(default, rename = "match")]
    #[schema(example = 1, minimum = 1)]
    pub chosen: Option<usize>,
    /// What it pays, in this order, where no match is right.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<InvoiceId>,
    /// Early payment discount that was taken; only with `invoices`.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub discount: Option<Decimal>,
    /// A bank's fee; only with `invoices`.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub fee: Option<Decimal>,
    /// Written off; only with `invoices`.
    #[serde(default, with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub write_off: Option<Decimal>,
    /// Why, for the record.
    #[serde(default)]
    #[schema(example = "agreed by phone")]
    pub reason: Option<String>,
}

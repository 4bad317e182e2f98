//! Bank statements in one shape, whatever the bank sent: account, balances, entries.
//!
//! Amounts are signed as the account holder sees them: what came in is positive. Nothing is
//! required here: a statement without a balance must be representable, so that it can be shown.

pub mod balance;
pub mod detail;
pub mod entry;
pub mod key;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

pub use crate::models::statement::balance::{Balance, BalanceKind, EntryTotal};
pub use crate::models::statement::detail::{
    BankCodes, Charge, Counterparty, CreditorReference, EntryDetail, InstructedAmount, Remittance,
};
pub use crate::models::statement::entry::{BankEntry, EntryStatus};
pub use crate::models::statement::key::{StatementKey, entry_keys};

/// Entries of all statements of one file. The busiest accounts of payment providers have some
/// ten thousand a day; each entry takes about 2 KB.
pub const ENTRIES_MAX: usize = 200_000;

/// Statements of one file: a year of days for some dozens of accounts.
pub const STATEMENTS_MAX: usize = 10_000;

/// Balances of one statement. Banks give two to eight, and one for each day ahead.
pub const BALANCES_MAX: usize = 100;

/// What a statement was read from, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub enum StatementSyntax {
    /// ISO 20022 account report: entries of the running day.
    #[serde(rename = "camt.052")]
    Camt052,
    /// ISO 20022 account statement: entries of closed days.
    #[serde(rename = "camt.053")]
    Camt053,
    /// ISO 20022 debit and credit notification: details of entries.
    #[serde(rename = "camt.054")]
    Camt054,
    /// SWIFT customer statement.
    #[serde(rename = "mt940")]
    Mt940,
    /// SWIFT interim transaction report.
    #[serde(rename = "mt942")]
    Mt942,
    /// Open Financial Exchange 1: SGML, closing tags optional.
    #[serde(rename = "ofx-1")]
    Ofx1,
    /// Open Financial Exchange 2: XML.
    #[serde(rename = "ofx-2")]
    Ofx2,
    /// Comma-separated values of a bank.
    #[serde(rename = "csv")]
    Csv,
}

impl StatementSyntax {
    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Camt052 => "camt.052",
            Self::Camt053 => "camt.053",
            Self::Camt054 => "camt.054",
            Self::Mt940 => "mt940",
            Self::Mt942 => "mt942",
            Self::Ofx1 => "ofx-1",
            Self::Ofx2 => "ofx-2",
            Self::Csv => "csv",
        }
    }
}

/// One statement of one account.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BankStatement {
    /// What it was read from; one file may hold statements of more than one kind.
    pub syntax: Option<StatementSyntax>,
    /// What the bank calls this statement: camt `Id`, MT940 `:20:`.
    pub id: Option<String>,
    /// Its number in the year: camt `LglSeqNb` or `ElctrncSeqNb`, MT940 `:28C:` before the slash.
    pub number: Option<String>,
    /// Which page of that number: camt `PgNb`, MT940 `:28C:` behind the slash.
    pub page: Option<String>,
    /// MT940 `:21:`: the request that it answers.
    pub related_reference: Option<String>,
    /// IBAN without blanks, or the account number as the bank writes it.
    pub account: Option<String>,
    /// Name of the account holder.
    pub owner: Option<String>,
    /// BIC of the bank, or its national code.
    pub bank: Option<String>,
    /// ISO 4217 as written.
    pub currency: Option<String>,
    /// When it was made, as written.
    pub created: Option<String>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
    /// In the order of the source.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub balances: Vec<Balance>,
    /// What the bank counted as come in.
    pub credits: Option<EntryTotal>,
    /// What the bank counted as gone out; its amount is positive.
    pub debits: Option<EntryTotal>,
    /// In the order of the source.
    pub entries: Vec<BankEntry>,
    /// What the bank says to the holder about the whole statement.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub information: Vec<String>,
    /// Where it begins in the source: `line 12`, or an XPath.
    pub place: Option<String>,
}

impl BankStatement {
    /// The first balance of a kind.
    pub fn balance(&self, kind: BalanceKind) -> Option<&Balance> {
        self.balances.iter().find(|balance| balance.kind == kind)
    }

    /// The booked balance that it starts from.
    pub fn opening(&self) -> Option<&Balance> {
        self.balance(BalanceKind::Opening).or_else(|| self.balance(BalanceKind::PreviousClosing))
    }

    /// The booked balance that it ends with: the last one, where a bank repeats it by page.
    pub fn closing(&self) -> Option<&Balance> {
        self.balances.iter().rfind(|balance| balance.kind == BalanceKind::Closing)
    }

    /// What could be disposed of at the end.
    pub fn available(&self) -> Option<&Balance> {
        self.balances.iter().rfind(|balance| balance.kind == BalanceKind::ClosingAvailable)
    }
}

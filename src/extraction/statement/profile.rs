//! Which column of a bank's CSV file is what: said by configuration, once for each bank.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::money::Currency;

/// A mapping profile, written in TOML.
///
/// ```toml
/// account = "DE02120300000000202051"
/// currency = "EUR"
/// date_format = "DD.MM.YYYY"
/// decimal = ","
/// [columns]
/// booking_date = "Buchungstag"
/// amount = "Betrag"
/// text = ["Verwendungszweck", "Buchungstext"]
/// counterparty = "Empfänger"
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StatementProfile {
    /// The account, where the file does not say it.
    pub account: Option<String>,
    /// BIC or national code of the bank.
    pub bank: Option<String>,
    /// ISO 4217, where the file does not say it.
    pub currency: Option<String>,
    /// One of `;`, `,`, `|` and the tab; found by itself when absent.
    pub separator: Option<char>,
    /// `,` or `.`; told by all amounts together when absent.
    pub decimal: Option<char>,
    /// Such as `DD.MM.YYYY` or `MM/DD/YY`; told by all days together when absent.
    pub date_format: Option<String>,
    /// The file has no row of headings: columns are named `"1"`, `"2"`, …
    pub without_headings: bool,
    /// Which column is what.
    pub columns: Columns,
}

/// Names of columns, as in the row of headings; blanks and case do not count.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Columns {
    /// The day of booking.
    pub booking_date: Option<String>,
    /// The day from which it bears interest.
    pub value_date: Option<String>,
    /// The signed amount; or the amount without sign, with `sign` beside it.
    pub amount: Option<String>,
    /// Whether `amount` went out: S, D, debit, … against H, C, credit, …
    pub sign: Option<String>,
    /// What went out, where it has a column of its own.
    pub debit: Option<String>,
    /// What came in, where it has a column of its own.
    pub credit: Option<String>,
    /// ISO 4217.
    pub currency: Option<String>,
    /// The account of the statement, where a file holds several.
    pub account: Option<String>,
    /// What it is for; several columns are lines.
    pub text: Vec<String>,
    /// The bank's words for the kind of business.
    pub kind: Option<String>,
    /// Name of the other side.
    pub counterparty: Option<String>,
    /// Its account.
    pub counterparty_account: Option<String>,
    /// Its bank.
    pub counterparty_bank: Option<String>,
    /// The payer's own id.
    pub end_to_end_id: Option<String>,
    /// The mandate of a direct debit.
    pub mandate: Option<String>,
    /// The creditor identifier of a direct debit.
    pub creditor_id: Option<String>,
    /// What the bank calls the entry.
    pub bank_reference: Option<String>,
}

/// Why a text is no profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAProfile {
    /// Not TOML, or with keys that nobody reads; the text has line and column.
    #[error("the profile is not what it should be: {0}")]
    Syntax(String),
    /// The keys contradict one another, or something is missing.
    #[error("the profile cannot be used: {0}")]
    Content(&'static str),
}

impl StatementProfile {
    /// Reads a profile and checks that it can be used.
    ///
    /// # Errors
    /// See [`NotAProfile`].
    pub fn from_toml(text: &str) -> Result<Self, NotAProfile> {
        let profile: Self =
            toml::from_str(text).map_err(|error| NotAProfile::Syntax(error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    fn check(&self) -> Result<(), NotAProfile> {
        let columns = &self.columns;
        let split = columns.debit.is_some() || columns.credit.is_some();
        let format = self.date_format.as_deref();
        let currency = self.currency.as_deref();
        let faults = [
            (
                columns.booking_date.is_none() && columns.value_date.is_none(),
                "name columns.booking_date or columns.value_date",
            ),
            (
                columns.amount.is_none() && !split,
                "name columns.amount, or columns.debit and columns.credit",
            ),
            (
                columns.amount.is_some() && split,
                "name columns.amount or columns.debit and columns.credit, not both",
            ),
            (split && columns.sign.is_some(), "columns.sign belongs to columns.amount"),
            (
                self.decimal.is_some_and(|sign| !matches!(sign, ',' | '.')),
                "decimal is \",\" or \".\"",
            ),
            (
                self.separator.is_some_and(|sign| !matches!(sign, ';' | ',' | '|' | '\t')),
                "separator is \";\", \",\", \"|\" or \"\\t\"",
            ),
            (
                format.is_some_and(|format| {
                    !format.contains("DD") || !format.contains("MM") || !format.contains("YY")
                }),
                "date_format has DD, MM, and YYYY or YY, such as \"DD.MM.YYYY\"",
            ),
            (
                currency.is_some_and(|code| Currency::parse(code).is_err()),
                "currency is an ISO 4217 code such as \"EUR\"",
            ),
        ];
        match faults.iter().find(|(fault, _)| *fault) {
            Some((_, text)) => Err(NotAProfile::Content(text)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StatementProfile;

    #[test]
    fn what_is_wrong_with_a_profile_is_said() {
        for (text, wanted) in [
            ("", "columns.booking_date"),
            ("[columns]\nbooking_date = 'A'", "columns.amount"),
            ("[columns]\nbooking_date = 'A'\namount = 'B'\ndebit = 'C'", "not both"),
            ("[columns]\nvalue_date = 'A'\ndebit = 'B'\nsign = 'C'", "columns.sign"),
            ("decimal = ';'\n[columns]\nvalue_date = 'A'\namount = 'B'", "decimal"),
            ("separator = ':'\n[columns]\nvalue_date = 'A'\namount = 'B'", "separator"),
            ("date_format = '%d'\n[columns]\nvalue_date = 'A'\namount = 'B'", "date_format"),
            ("currency = 'EURO'\n[columns]\nvalue_date = 'A'\namount = 'B'", "ISO 4217"),
            ("[columns]\nvalue_dat = 'A'", "line 2"),
            ("x", "line 1"),
        ] {
            let error = StatementProfile::from_toml(text).expect_err(text).to_string();
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }
}

//! An entry of a bank statement: one change of the balance.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::statement::detail::{BankCodes, Charge, EntryDetail};

/// Whether the balance has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntryStatus {
    /// It has.
    #[default]
    Booked,
    /// It may still be taken back: `PDNG`, `FUTR`, and everything of an MT942. Never allocated.
    Pending,
    /// It has not, and will not by this entry: `INFO`.
    Information,
}

/// One change of the balance, with a detail for each payment in it.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BankEntry {
    /// Positive when it came in. The sign is the effect on the balance: a reversal of something
    /// that came in is negative.
    #[serde(with = "decimal")]
    #[schema(value_type = String, example = "-1190.00")]
    pub amount: Decimal,
    /// ISO 4217 as written; the statement's when the entry has none.
    pub currency: Option<String>,
    /// The day of booking.
    pub booking_date: Option<NaiveDate>,
    /// The day from which it bears interest.
    pub value_date: Option<NaiveDate>,
    /// Booked, pending or information.
    #[serde(default)]
    pub status: EntryStatus,
    /// Whether it takes an earlier entry back: `RvslInd`, `RC`, `RD`. The amount has the sign of
    /// this entry already.
    #[serde(default)]
    pub reversal: bool,
    /// What the bank calls the entry: `AcctSvcrRef`, `:61:` behind the slashes, `FITID`.
    pub bank_reference: Option<String>,
    /// What the holder or the bank calls it besides: `NtryRef`, `:61:` before the slashes,
    /// `CHECKNUM`. `NONREF` counts as absent.
    pub reference: Option<String>,
    /// What kind of business it was.
    #[serde(default, skip_serializing_if = "BankCodes::is_empty")]
    pub codes: BankCodes,
    /// The bank's words for the kind of business: `GUTSCHRIFT`, `AddtlNtryInf`.
    pub text: Option<String>,
    /// What the bank took for the whole entry.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// One for each payment; a batch has several. Empty when the bank says nothing of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<EntryDetail>,
    /// MT940: the last line of `:61:`, which a bank may use as it likes.
    pub supplementary: Option<String>,
    /// MT940: the text of `:86:` as it came. What was read from it is in the details.
    pub narrative: Option<String>,
    /// Where it stands in the source: `line 12`, or an XPath.
    pub place: Option<String>,
}

impl BankEntry {
    /// An entry of which nothing but the amount is known.
    pub fn of(amount: Decimal) -> Self {
        Self {
            amount,
            currency: None,
            booking_date: None,
            value_date: None,
            status: EntryStatus::Booked,
            reversal: false,
            bank_reference: None,
            reference: None,
            codes: BankCodes::default(),
            text: None,
            charges: Vec::new(),
            details: Vec::new(),
            supplementary: None,
            narrative: None,
            place: None,
        }
    }

    /// The day that counts in comparing: of booking, else of value.
    pub fn day(&self) -> Option<NaiveDate> {
        self.booking_date.or(self.value_date)
    }

    /// The payments to match, each with its signed amount: the details when each has an amount
    /// in the currency of the entry and they sum to it; else the entry as a whole with what its
    /// only detail says. A batch whose details do not sum to it is not split: nobody knows which
    /// of them is wrong.
    pub fn payments(&self) -> Vec<(Decimal, Option<&EntryDetail>)> {
        if let [only] = self.details.as_slice() {
            return vec![(self.amount, Some(only))];
        }
        let amount = |detail: &EntryDetail| {
            let same = detail.currency.is_none() || detail.currency == self.currency;
            detail.amount.filter(|_| same)
        };
        let amounts: Option<Vec<Decimal>> = self.details.iter().map(amount).collect();
        let sum = |amounts: &Vec<Decimal>| {
            amounts.iter().try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(*amount))
        };
        match amounts {
            Some(amounts) if !amounts.is_empty() && sum(&amounts) == Some(self.amount) => {
                amounts.into_iter().zip(self.details.iter().map(Some)).collect()
            }
            _ => vec![(self.amount, None)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::BankEntry;
    use crate::models::statement::EntryDetail;
    use rust_decimal::Decimal;

    fn detail(cents: i64, currency: Option<&str>) -> EntryDetail {
        let currency = currency.map(str::to_owned);
        EntryDetail { amount: Some(Decimal::new(cents, 2)), currency, ..EntryDetail::default() }
    }

    #[test]
    fn a_batch_is_split_only_when_its_details_sum_to_it() {
        let mut entry = BankEntry::of(Decimal::new(1000, 2));
        entry.currency = Some("EUR".to_owned());
        for (details, payments) in [
            (vec![], 1),
            (vec![detail(1000, None)], 1),
            (vec![detail(1, Some("USD"))], 1),
            (vec![detail(400, None), detail(600, Some("EUR"))], 2),
            (vec![detail(400, None), detail(601, None)], 1),
            (vec![detail(400, None), detail(600, Some("USD"))], 1),
            (vec![detail(1200, None), detail(-200, None)], 2),
        ] {
            entry.details = details;
            let split = entry.payments();
            assert_eq!(split.len(), payments, "{:?}", entry.details);
            assert_eq!(split.iter().map(|(amount, _)| *amount).sum::<Decimal>(), entry.amount);
        }
    }
}

//! How a store finds the invoices to judge: equal keys and short ranges of indexed columns.
//!
//! | lookup | columns of one index | finds |
//! | --- | --- | --- |
//! | file | digest of the bytes | `DUP_FILE` |
//! | content | content key | `DUP_CONTENT` |
//! | number | supplier, number key | `DUP_EXACT`, `DUP_NORMALISED` |
//! | amount | supplier, currency, signed gross (range of three minor units), date, number | `DUP_FUZZY` |
//! | claim | number key, date | `DUP_OTHER_VENDOR` |
//! | purchase | supplier, order line or text, date (range of 21 days) | `SPLIT_SUSPECTED` |
//!
//! A million invoices have few rows under any of these but the amount: a toll or a subscription is
//! billed thousands of times at one price. So a store reads at most [`SAME_AMOUNT_MAX`] entries of
//! that index in each direction from the date, nearest first; [`rank`] says of each, by what the
//! index holds, whether the row is worth fetching, and the best [`FETCHED_MAX`] are fetched.

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use crate::models::duplicate::{Candidate, KnownInvoice, StoredKeys};
use crate::reconciliation::duplicates::number::normalised_key;
use crate::reconciliation::duplicates::pair;
use crate::reconciliation::duplicates::split;

/// Index entries of one supplier and amount that are read before and after the date.
pub const SAME_AMOUNT_MAX: usize = 400;

/// Rows of these that are fetched: each costs a look elsewhere in the file, some 70 µs when it is
/// cold (SQLite, a million rows, November 2026), and 20 findings are told.
pub const FETCHED_MAX: usize = 40;

/// Rows of one supplier and purchase in the days of a split that are fetched, the nearest first.
pub const SAME_PURCHASE_MAX: usize = 40;

/// Where a row of the same supplier and amount stands among those worth fetching: near numbers
/// first, then near dates. None when it cannot be a duplicate.
pub fn rank(
    candidate: &Candidate,
    number: Option<&str>,
    date: Option<NaiveDate>,
) -> Option<(Reason, u64)> {
    let days = pair::days_apart(candidate.date, date);
    let apart = days.unwrap_or(u64::MAX);
    if pair::numbers_near(candidate.number.as_deref(), number) {
        return Some((Reason::Number, apart));
    }
    days.filter(|days| *days <= pair::DAYS_APART_MAX).map(|days| (Reason::Date, days))
}

/// Why a row is worth fetching, the better first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// The numbers are one edit or one swap apart.
    Number,
    /// The dates are days apart.
    Date,
}

/// The keys of an invoice.
pub fn keys(of: &Candidate) -> StoredKeys {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    StoredKeys {
        file: of.file.clone(),
        content: of.content.clone(),
        vendor: said(&of.vendor),
        number: of.number.as_deref().map(normalised_key).filter(|key| !key.is_empty()),
        currency: said(&of.currency).map(|code| code.trim().to_uppercase()),
        gross: pair::effect(of),
        date: of.date,
        purchases: split::purchases(of).collect(),
    }
}

impl StoredKeys {
    /// The lowest and highest signed gross that is equal to this one.
    pub fn gross_range(&self) -> Option<(Decimal, Decimal)> {
        let gross = self.gross?;
        let low = gross.checked_sub(pair::GROSS_APART_MAX)?;
        Some((low, gross.checked_add(pair::GROSS_APART_MAX)?))
    }

    /// The first and last day on which a part of the same split may be dated.
    pub fn split_days(&self) -> Option<(NaiveDate, NaiveDate)> {
        let (date, days) = (self.date?, Days::new(split::DAYS_MAX));
        Some((
            date.checked_sub_days(days).unwrap_or(NaiveDate::MIN),
            date.checked_add_days(days).unwrap_or(NaiveDate::MAX),
        ))
    }

    /// Whether one of the lookups finds an invoice that is stored under these keys: the meaning of
    /// the queries, and what stands in for them in tests.
    pub fn finds(&self, stored: &Self) -> bool {
        let vendor = equal(&self.vendor, &stored.vendor);
        let number = equal(&self.number, &stored.number);
        let amount = || {
            let range = self.gross_range().zip(stored.gross);
            equal(&self.currency, &stored.currency)
                && range.is_some_and(|((low, high), gross)| low <= gross && gross <= high)
        };
        let purchase = || {
            let days = self.split_days().zip(stored.date);
            days.is_some_and(|((first, last), date)| first <= date && date <= last)
                && self.purchases.iter().any(|purchase| stored.purchases.contains(purchase))
        };
        equal(&self.file, &stored.file)
            || equal(&self.content, &stored.content)
            || (vendor && (number || amount() || purchase()))
            || (number && equal(&self.date, &stored.date))
    }
}

/// [`StoredKeys::finds`], over a list: for who has no store.
pub fn find<'a>(candidate: &Candidate, known: &'a [KnownInvoice]) -> Vec<&'a KnownInvoice> {
    let wanted = keys(candidate);
    known.iter().filter(|known| wanted.finds(&keys(&known.invoice))).collect()
}

fn equal<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    one.is_some() && one == other
}

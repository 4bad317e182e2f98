//! One comparison, judged: numbers and verdict, and no text yet. A million of them are made for
//! each one that is read.

use rust_decimal::Decimal;

use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::limits::Found;
use crate::reconciliation::show;
use crate::reconciliation::tolerance::{Lower, judge};

/// What a comparison is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At<'a> {
    /// The whole document.
    Document,
    /// An order that it names, by its place.
    Order(usize),
    /// An invoice line, by its place.
    Line(usize),
    /// A charge or allowance of the document, by its code.
    Charge(&'a str),
}

/// How the numbers of a check are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// Quantities, prices and days.
    Number,
    /// Money, with the digits of its minor unit.
    Amount(u32),
}

impl Shown {
    /// The number as text.
    pub(crate) fn text(self, value: Decimal) -> String {
        match self {
            Self::Number => show::number(value),
            Self::Amount(minor_digits) => show::amount(value, minor_digits),
        }
    }
}

/// A comparison and how it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Judged<'a> {
    /// What was compared.
    pub(crate) code: CheckCode,
    /// Of what.
    pub(crate) at: At<'a>,
    /// The two sides; none where there is nothing to show.
    pub(crate) numbers: Option<Comparison>,
    /// How they are written.
    pub(crate) shown: Shown,
    /// The limits, and where they stand.
    pub(crate) limit: Option<Found<'a>>,
    /// How it ended.
    pub(crate) verdict: CheckVerdict,
    /// Why it is not applicable.
    pub(crate) reason: &'static str,
}

/// How a comparison is to be judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms<'a> {
    /// How its numbers are written.
    pub(crate) shown: Shown,
    /// The limits.
    pub(crate) limit: Option<Found<'a>>,
    /// Whether too little counts.
    pub(crate) lower: Lower,
    /// From the money of the comparison to that of amount limits; none when it is not known.
    pub(crate) rate: Option<Decimal>,
}

impl<'a> Judged<'a> {
    /// Compares within the limits; numbers that do not fit are an error, which counts as a fail.
    pub(crate) fn new(
        code: CheckCode,
        at: At<'a>,
        numbers: Option<Comparison>,
        terms: Terms<'a>,
    ) -> Self {
        let tolerance = terms.limit.map(|(tolerance, _)| tolerance);
        let by_amount = tolerance.is_some_and(|tolerance| {
            tolerance.upper.amount.is_some() || tolerance.lower.amount.is_some()
        });
        let Some(rate) = terms.rate.or((!by_amount).then_some(Decimal::ONE)) else {
            // A hold on the document says which rate is missing.
            return Self::not_applicable(code, at, "there is no rate to the ledger currency");
        };
        let verdict = numbers.and_then(|numbers| judge(&numbers, tolerance, terms.lower, rate));
        Self {
            code,
            at,
            numbers,
            shown: terms.shown,
            limit: terms.limit,
            verdict: verdict.unwrap_or(CheckVerdict::Error),
            reason: "",
        }
    }

    /// Something else stands in the way of it.
    pub(crate) fn not_applicable(code: CheckCode, at: At<'a>, reason: &'static str) -> Self {
        Self { reason, ..Self::bare(code, at, CheckVerdict::NotApplicable) }
    }

    /// A verdict without numbers.
    pub(crate) fn bare(code: CheckCode, at: At<'a>, verdict: CheckVerdict) -> Self {
        let shown = Shown::Number;
        Self { code, at, numbers: None, shown, limit: None, verdict, reason: "" }
    }

    /// The sum of two numbers did not fit.
    pub(crate) fn error(code: CheckCode, at: At<'a>) -> Self {
        Self::bare(code, at, CheckVerdict::Error)
    }

    /// It is as good as held.
    pub(crate) fn failed(&self) -> bool {
        matches!(self.verdict, CheckVerdict::Fail | CheckVerdict::Error)
    }
}

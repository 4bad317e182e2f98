//! Actual against expected, as fractions: nothing is rounded before it is decided on.

use rust_decimal::Decimal;

/// Which side of the difference is to the buyer's disadvantage (handbook §5.1, "sign").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Worse {
    /// Quantities, prices and totals of an invoice.
    More,
    /// What the supplier gives back: less is worse.
    Less,
}

/// Two values over one denominator. Where the sum does not fit, the methods give none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// Numerator of what the invoice comes to.
    pub(crate) actual: Decimal,
    /// Numerator of what is expected.
    pub(crate) expected: Decimal,
    /// Denominator of both; more than zero.
    pub(crate) per: Decimal,
    /// The bad side.
    pub(crate) worse: Worse,
    /// The difference is rounding, and counts as 0.
    pub(crate) rounding: bool,
}

impl Comparison {
    /// Two plain values.
    pub(crate) fn plain(actual: Decimal, expected: Decimal) -> Self {
        Self { actual, expected, per: Decimal::ONE, worse: Worse::More, rounding: false }
    }

    /// Numerator of the variance: positive when the difference is to the buyer's disadvantage.
    pub(crate) fn variance(&self) -> Option<Decimal> {
        if self.rounding {
            return Some(Decimal::ZERO);
        }
        match self.worse {
            Worse::More => self.actual.checked_sub(self.expected),
            Worse::Less => self.expected.checked_sub(self.actual),
        }
    }

    /// A numerator as a value.
    pub(crate) fn value(&self, numerator: Decimal) -> Option<Decimal> {
        numerator.checked_div(self.per)
    }

    /// The variance in percent of the expected value; the inner none is `unbounded`.
    pub(crate) fn percent(&self) -> Option<Option<Decimal>> {
        let variance = self.variance()?;
        if variance.is_zero() {
            return Some(Some(Decimal::ZERO));
        }
        if self.expected.is_zero() {
            return Some(None);
        }
        let hundredfold = variance.checked_mul(Decimal::ONE_HUNDRED)?;
        Some(Some(hundredfold.checked_div(self.expected.abs())?))
    }
}

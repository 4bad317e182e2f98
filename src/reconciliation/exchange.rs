//! Rates between currencies and amounts in another one (handbook §9): only what is on file, never
//! one, and rounded once, to the minor unit of the currency that comes out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::money::Currency;
use crate::models::rate::Rate;
use crate::reconciliation::show;
use crate::reconciliation::units::fraction::Fraction;

/// The rates of one day, and which ways over them are allowed.
#[derive(Debug, Clone)]
pub struct Rates {
    /// By the codes of both currencies; none where two rates of one direction disagree.
    stored: BTreeMap<(&'static str, &'static str), Option<Fraction>>,
    ledger: Option<Currency>,
    inverse: bool,
}

impl Rates {
    /// Stored directions alone. A rate that is not more than zero is no rate.
    pub fn new(rates: &[Rate]) -> Self {
        let mut stored = BTreeMap::new();
        for rate in rates.iter().filter(|rate| rate.rate > Decimal::ZERO) {
            let value = Some(Fraction::of(rate.rate));
            let before = stored.entry((rate.from.code(), rate.to.code())).or_insert(value);
            if *before != value {
                *before = None;
            }
        }
        Self { stored, ledger: None, inverse: false }
    }

    /// Also two legs, through the currency of the ledger.
    pub fn through(self, ledger: Currency) -> Self {
        Self { ledger: Some(ledger), ..self }
    }

    /// Also one over the opposite direction, where nothing else is on file.
    pub fn with_inverse(self) -> Self {
        Self { inverse: true, ..self }
    }

    /// `amount in to = amount in from × rate`. `None` is an `FX_RATE_MISSING`.
    pub fn rate(&self, from: Currency, to: Currency) -> Option<Fraction> {
        if from == to {
            return Some(Fraction::ONE);
        }
        let stored = |from, to| self.leg(from, to, false);
        let either = |from, to| self.leg(from, to, true);
        let way = stored(from, to).or_else(|| self.legs(from, to, stored));
        if way.is_some() || !self.inverse {
            return way;
        }
        either(from, to).or_else(|| self.legs(from, to, either))
    }

    /// [`Rates::rate`] as the nearest decimal: to be shown, or where one number has to be kept.
    pub fn decimal_rate(&self, from: Currency, to: Currency) -> Option<Decimal> {
        self.rate(from, to)?.to_decimal()
    }

    /// The amount in the other currency, at its minor unit, half away from zero. `None` when there
    /// is no rate or the amount does not fit.
    pub fn convert(&self, amount: Decimal, from: Currency, to: Currency) -> Option<Decimal> {
        convert(amount, self.rate(from, to)?, to)
    }

    fn leg(&self, from: Currency, to: Currency, inverse: bool) -> Option<Fraction> {
        if let Some(rate) = self.stored.get(&(from.code(), to.code())) {
            return *rate;
        }
        let opposite = self.stored.get(&(to.code(), from.code())).filter(|_| inverse);
        (*opposite?)?.inverse()
    }

    fn legs(
        &self,
        from: Currency,
        to: Currency,
        leg: impl Fn(Currency, Currency) -> Option<Fraction>,
    ) -> Option<Fraction> {
        let ledger = self.ledger.filter(|ledger| *ledger != from && *ledger != to)?;
        // A direction on file that contradicts itself is not walked around.
        if self.stored.contains_key(&(from.code(), to.code())) {
            return None;
        }
        leg(from, ledger)?.checked_mul(leg(ledger, to)?)
    }
}

/// The amount at a known rate: rounded once, to the minor unit of `to`, half away from zero.
pub fn convert(amount: Decimal, rate: Fraction, to: Currency) -> Option<Decimal> {
    let mut converted = rate.checked_mul(Fraction::of(amount))?.round(to.minor_digits())?;
    converted.rescale(to.minor_digits());
    Some(converted)
}

/// What a hold says where no rate is on file. The currencies as they are written: a document may
/// name one that nobody knows.
pub fn rate_missing(from: &str, to: &str) -> String {
    let (from, to) = (show::name(from), show::name(to));
    format!(
        "no exchange rate from {from} to {to} is on file, and none is assumed; releases when the \
         rate {from} to {to} is recorded"
    )
}

/// BT-111 against BT-110 at the rate of the invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxConverted {
    /// BT-110 × rate, not rounded.
    pub expected: Fraction,
    /// How far BT-111 may be from it: one minor unit for each tax rate.
    pub allowed: Fraction,
    /// BT-111 less the expected.
    pub variance: Fraction,
}

impl TaxConverted {
    /// `tax` is BT-110, `stated` BT-111 in `currency` (BT-6), `tax_rates` the rows of BG-23: each
    /// may have been rounded. None when the numbers do not fit.
    pub fn new(
        tax: Decimal,
        rate: Fraction,
        stated: Decimal,
        currency: Currency,
        tax_rates: usize,
    ) -> Option<Self> {
        let expected = rate.checked_mul(Fraction::of(tax))?;
        let rows = i64::try_from(tax_rates.max(1)).ok()?;
        let allowed = Fraction::of(Decimal::new(rows, currency.minor_digits()));
        let variance = Fraction::of(stated).checked_sub(expected)?;
        Some(Self { expected, allowed, variance })
    }

    /// Within what rounding explains; a wider gap is an `FX_RATE`.
    pub fn agrees(&self) -> bool {
        self.variance.checked_abs().is_some_and(|variance| variance <= self.allowed)
    }
}

#[cfg(test)]
mod tests;

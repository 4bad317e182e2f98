//! Arithmetic that says so when a number does not fit, and amounts as they are written.

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;

/// A number of more digits than 28, or a product that would have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the amounts are too large to compute with: at most 28 digits")]
pub(crate) struct TooLarge;

/// One more.
pub(crate) fn add(one: Decimal, other: Decimal) -> Result<Decimal, TooLarge> {
    one.checked_add(other).ok_or(TooLarge)
}

/// One less.
pub(crate) fn less(one: Decimal, other: Decimal) -> Result<Decimal, TooLarge> {
    one.checked_sub(other).ok_or(TooLarge)
}

/// All of them.
pub(crate) fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, TooLarge> {
    values.into_iter().try_fold(Decimal::ZERO, add)
}

/// `amount × percent / 100`, not rounded.
pub(crate) fn percent(amount: Decimal, percent: Decimal) -> Result<Decimal, TooLarge> {
    let product = amount.checked_mul(percent).ok_or(TooLarge)?;
    product.checked_div(Decimal::ONE_HUNDRED).ok_or(TooLarge)
}

/// `amount × part / whole`, rounded to the minor unit; all of it where there is no whole.
pub(crate) fn share(
    amount: Decimal,
    (part, whole): (Decimal, Decimal),
    digits: u32,
) -> Result<Decimal, TooLarge> {
    if whole == part || whole.is_zero() {
        return Ok(amount);
    }
    let product = amount.checked_mul(part).ok_or(TooLarge)?;
    let share = product.checked_div(whole).ok_or(TooLarge)?;
    Ok(decimal::round(share, digits))
}

/// An amount with at least the digits of the minor unit, and no zero behind them.
pub(crate) fn written(amount: Decimal, currency: Currency) -> Decimal {
    let mut amount = amount.normalize();
    if amount.is_zero() {
        amount = Decimal::ZERO;
    }
    if amount.scale() < currency.minor_digits() {
        amount.rescale(currency.minor_digits());
    }
    amount
}

/// An amount with its currency, for people.
pub(crate) fn shown(amount: Decimal, currency: Currency) -> String {
    format!("{} {}", written(amount, currency), currency.code())
}

#[cfg(test)]
mod tests {
    use super::{percent, share, written};
    use crate::models::money::Currency;
    use rust_decimal::Decimal;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        for (amount, code, text) in [
            ("5", "EUR", "5.00"),
            ("5.000", "EUR", "5.00"),
            ("-0", "EUR", "0.00"),
            ("5", "JPY", "5"),
            ("5.5", "KWD", "5.500"),
            ("0.001", "EUR", "0.001"),
        ] {
            let currency = Currency::parse(code).expect("a currency");
            let amount = amount.parse().expect("a decimal");
            assert_eq!(written(amount, currency).to_string(), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_said_and_not_cut() {
        assert!(percent(Decimal::MAX, Decimal::ONE_HUNDRED).is_err());
        assert!(share(Decimal::MAX, (Decimal::TEN, Decimal::ONE), 2).is_err());
        for all in [Decimal::ONE, Decimal::TEN] {
            assert_eq!(share(Decimal::MAX, (all, all), 2), Ok(Decimal::MAX));
        }
    }

    #[test]
    fn a_share_is_all_where_there_is_no_whole() {
        for (part, whole, expected) in [(1, 3, "3.33"), (2, 3, "6.67"), (3, 3, "10"), (3, 0, "10")]
        {
            let found = share(Decimal::TEN, (part.into(), whole.into()), 2);
            assert_eq!(found, Ok(expected.parse().expect("a decimal")), "{part} of {whole}");
        }
    }
}

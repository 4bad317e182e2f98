//! Numbers and names as people read them: exact enough to follow, and always one line.

use rust_decimal::Decimal;

use crate::models::decimal;

/// Quotients are shown with six decimals; nothing is decided on them (handbook §6).
const SHOWN_DIGITS: u32 = 6;

/// Characters of a name that a text repeats.
const NAME_CHARACTERS_MAX: usize = 80;

/// A quantity or price: no trailing zeros, no minus before zero.
pub(crate) fn number(value: Decimal) -> String {
    let value = decimal::round(value, SHOWN_DIGITS);
    if value.is_zero() {
        return "0".to_owned();
    }
    decimal::plain(value)
}

/// An amount: at least the digits of the minor unit.
pub(crate) fn amount(value: Decimal, minor_digits: u32) -> String {
    let mut value = decimal::round(value, SHOWN_DIGITS).normalize();
    if value.is_zero() {
        value = Decimal::ZERO;
    }
    if value.scale() < minor_digits {
        value.rescale(minor_digits);
    }
    value.to_string()
}

/// What is kept is never rounded, unlike what is shown.
pub(crate) fn exact(value: Decimal) -> String {
    let value = value.normalize();
    if value.is_zero() { "0".to_owned() } else { value.to_string() }
}

/// An amount that is kept: at least the digits of the minor unit, and never rounded.
pub(crate) fn exact_amount(value: Decimal, minor_digits: u32) -> String {
    if value.normalize().scale() > minor_digits {
        exact(value)
    } else {
        amount(value, minor_digits)
    }
}

/// A percentage with its sign and two decimals.
pub(crate) fn percent(value: Decimal) -> String {
    let mut value = decimal::round(value, 2);
    if value.is_zero() {
        value = Decimal::ZERO;
    }
    value.rescale(2);
    value.to_string()
}

/// A number or id out of a document: one line, and no longer than a line bears.
pub(crate) fn name(text: &str) -> String {
    let mut shown: String = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(NAME_CHARACTERS_MAX)
        .collect();
    if text.trim().chars().nth(NAME_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    if shown.is_empty() {
        return "without a number".to_owned();
    }
    shown
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{amount, exact_amount, name, number, percent};

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    #[test]
    fn numbers_are_canonical() {
        for (value, text) in
            [("1.50", "1.5"), ("100", "100"), ("-0.00", "0"), ("0.33333333", "0.333333")]
        {
            assert_eq!(number(decimal(value)), text);
        }
        for (value, digits, text) in [
            ("1.5", 2, "1.50"),
            ("1.500", 2, "1.50"),
            ("0.0945", 2, "0.0945"),
            ("-0.0000001", 2, "0.00"),
            ("12", 0, "12"),
            ("12.5", 3, "12.500"),
        ] {
            assert_eq!(amount(decimal(value), digits), text);
        }
        for (value, text) in
            [("1.5", "1.50"), ("1.25", "1.25"), ("1.23456789", "1.23456789"), ("-0.000", "0.00")]
        {
            assert_eq!(exact_amount(decimal(value), 2), text);
        }
        for (value, text) in
            [("2.0033", "2.00"), ("-10", "-10.00"), ("1.005", "1.01"), ("-0", "0.00")]
        {
            assert_eq!(percent(decimal(value)), text);
        }
    }

    #[test]
    fn names_stay_on_one_line() {
        assert_eq!(name("a\nb\u{7}"), "a b ");
        assert_eq!(name(" "), "without a number");
        assert_eq!(name(&"x".repeat(500)).chars().count(), 81);
    }
}

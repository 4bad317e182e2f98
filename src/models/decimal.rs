//! Decimal numbers as they cross the wire: strings, exact, bounded.
//!
//! `1E400`, `NaN`, `1,00` and JSON numbers are refused; a float never touches an amount.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serializer, de::Error};

/// Digits before and after the point together; `rust_decimal` holds 28 exactly.
pub const DIGITS_MAX: usize = 28;

/// Why a text is not a decimal of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a decimal number: write digits with at most one point, such as \"1190.00\""
)]
pub struct NotADecimal {
    text: String,
}

/// Reads `-?digits[.digits]`, at most [`DIGITS_MAX`] digits.
///
/// # Errors
/// Exponents, separators, signs other than a leading `-`, and too many digits.
pub fn parse(text: &str) -> Result<Decimal, NotADecimal> {
    let refuse = || NotADecimal { text: text.chars().take(64).collect() };
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let digits = whole.len() + fraction.map_or(0, str::len);
    if !plain(whole) || fraction.is_some_and(|part| !plain(part)) || digits > DIGITS_MAX {
        return Err(refuse());
    }
    text.parse().map_err(|_| refuse())
}

/// Rounds half away from zero, as EN 16931 asks; the library's default would round 1.005 to 1.00.
pub fn round(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Rounds half towards +∞ as XPath does, for what the official rules compute: other than
/// [`round`] on negative exact halves alone. None when the number is too large for it.
pub fn round_like_xpath(value: Decimal, digits: u32) -> Option<Decimal> {
    let half = Decimal::new(5, digits + 1);
    let raised = value.checked_add(half)?;
    Some(raised.round_dp_with_strategy(digits, RoundingStrategy::ToNegativeInfinity))
}

/// A decimal without trailing zeros, for quantities and prices.
pub fn plain(value: Decimal) -> String {
    value.normalize().to_string()
}

/// For `#[serde(with = "decimal")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// For `#[serde(with = "decimal")]`.
///
/// # Errors
/// Anything but a string that [`parse`] takes.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).map_err(D::Error::custom)
}

/// For `#[serde(default, with = "decimal::option")]`.
pub mod option {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// For serde.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        value: &Option<Decimal>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    /// For serde.
    ///
    /// # Errors
    /// Anything but null or a string that [`parse`](crate::models::decimal::parse) takes.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Decimal>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| crate::models::decimal::parse(&text).map_err(D::Error::custom)).transpose()
    }
}

/// For `#[serde(default, with = "decimal::list")]`.
pub mod list {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// For serde.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(values: &[Decimal], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(Decimal::to_string))
    }

    /// For serde.
    ///
    /// # Errors
    /// Anything but strings that [`parse`](crate::models::decimal::parse) takes.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Decimal>, D::Error> {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let values = texts.iter().map(|text| crate::models::decimal::parse(text));
        values.collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::{parse, round, round_like_xpath};

    #[test]
    fn takes_plain_decimals_and_nothing_else() {
        for good in ["0", "-1", "1190.00", "0.000001", "1234567890123456789012345678"] {
            assert!(parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "-",
            ".",
            "1.",
            ".5",
            "+1",
            "1e3",
            "1E400",
            "NaN",
            "inf",
            "1,00",
            " 1",
            "1 000",
            "1_000",
            "--1",
            "1.2.3",
            "12345678901234567890123456789",
            "１",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (value, rounded) in [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.004", "1.00")] {
            let value = parse(value).expect("a decimal");
            assert_eq!(round(value, 2).to_string(), rounded);
        }
    }

    #[test]
    fn rounds_half_towards_plus_infinity_where_xpath_does() {
        for (value, rounded) in [("1.005", "1.01"), ("-1.005", "-1.00"), ("-1.006", "-1.01")] {
            let value = parse(value).expect("a decimal");
            let found = round_like_xpath(value, 2).expect("small");
            assert_eq!(found.to_string(), rounded);
        }
    }
}

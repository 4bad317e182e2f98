//! Values as XML Schema writes them.

use std::str::FromStr;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models;

/// `true`, `false`, `1` or `0`.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// `xs:decimal` of at most 28 digits: also `+1`, `.5` and `1.`.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    // Nearly all numbers are written as we write them.
    if let Ok(value) = models::decimal::parse(text) {
        return Some(value);
    }
    let (sign, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) if text.starts_with('-') => ("-", digits),
        Some(digits) => ("", digits),
        None => ("", text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if digits.starts_with(['+', '-']) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = if fraction.is_empty() { "0" } else { fraction };
    // Without a point the value keeps its scale: 5 stays 5 and does not become 5.0.
    let plain = if digits.contains('.') && fraction != "0" || digits.ends_with(".0") {
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}{whole}")
    };
    models::decimal::parse(&plain).ok()
}

/// `xs:date`; the time zone that may follow is dropped: the day is the day (EN 16931-1 §6.5.9).
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    let day = text.get(..10)?;
    let zone = &text.as_bytes()[10..];
    let zoned = match zone {
        [] | [b'Z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|d| d.is_ascii_digit()),
        _ => false,
    };
    // The library's parser also takes `+026-1-02` and the like.
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    if !zoned || !day.bytes().enumerate().all(shape) {
        return None;
    }
    NaiveDate::from_str(day).ok()
}

#[cfg(test)]
mod tests {
    use super::{date, decimal};

    #[test]
    fn decimals_are_those_of_xml_schema_and_keep_their_digits() {
        for (text, value) in [
            ("1190.00", "1190.00"),
            ("-1.5", "-1.5"),
            ("+7", "7"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("3.", "3"),
            ("0.0", "0.0"),
            ("007", "7"),
            ("5", "5"),
        ] {
            let read = decimal(text).map(|value| value.to_string());
            assert_eq!(read.as_deref(), Some(value), "{text}");
        }
        let long = "1".repeat(29);
        for text in [
            "", ".", "-", "+", "+-1", "--1", "1,00", "1.000,00", "1 000", "1E400", "1e2", "NaN",
            "INF", "1_000", "0x1", "١", "1.2.3", "€5", &long,
        ] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_those_of_xml_schema() {
        for text in ["2026-07-31", "2026-07-31Z", "2026-07-31+02:00", "2024-02-29-05:00"] {
            assert!(date(text).is_some(), "{text}");
        }
        for text in [
            "",
            "123",
            "2026-13-01",
            "2026-02-30",
            "31/07/2026",
            "20260731",
            "2026-7-1",
            "+026-07-31",
            "2026-07-31T00:00:00",
            "2026-07-31+2:00",
            "2026-07-3é",
            "éééééééééé",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}

//! Values as banks write them: amounts with a comma, days of six digits, words with blanks.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;

/// Characters of a reference, a name or a code. ISO 20022 has at most 140, MT940 65.
const WORD_CHARACTERS_MAX: usize = 255;

/// Characters of a text: 86 of MT940 has at most 390, ISO 20022 at most 500.
const PROSE_CHARACTERS_MAX: usize = 4_000;

/// Words for "there is none".
const NONE: [&str; 8] =
    ["NONREF", "NONE", "NOTPROVIDED", "NOT PROVIDED", "EREF", "EREF+", "KREF", "KREF+"];

/// Digits with at most one `,` or `.`, which is the decimal sign: `1190,00`, `380115,`, `,5`, `30`.
pub(crate) fn amount(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once([',', '.']).unwrap_or((text, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    // A text without any digit is no zero.
    if !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if fraction.is_empty() {
        return decimal::parse(whole).ok().filter(|value| !value.is_sign_negative());
    }
    decimal::parse(&format!("{whole}.{fraction}")).ok().filter(|value| !value.is_sign_negative())
}

/// As [`amount`], with a sign before or behind it, and with separators of thousands where the
/// decimal sign is told by the other one. `1,234` is `None`: nobody knows what it means, unless
/// the currency has three decimals.
pub(crate) fn signed(text: &str, currency: Option<&str>) -> Option<Decimal> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
    let (negative, digits) = match text.strip_prefix(['+', '-', '\u{2212}']) {
        Some(rest) => (!text.starts_with('+'), rest),
        None => match text.strip_suffix(['+', '-']) {
            Some(rest) => (text.ends_with('-'), rest),
            None => (false, text.as_str()),
        },
    };
    let last = digits.rfind([',', '.']);
    let value = match last {
        Some(at) if digits[..at].contains([',', '.']) => {
            let mark = &digits[at..=at];
            if digits.matches(mark).count() > 1 {
                // 1.234.567: the sign that repeats separates thousands.
                amount(&thousands(digits, mark)?)
            } else {
                let other = if mark == "," { "." } else { "," };
                let whole = thousands(&digits[..at], other)?;
                amount(&format!("{whole}{}", &digits[at..]))
            }
        }
        Some(at) if digits.len() - at - 1 == 3 && (1..=3).contains(&at) => {
            let three = currency.and_then(|code| Currency::parse(code).ok());
            amount(digits).filter(|_| three.is_some_and(|known| known.minor_digits() == 3))
        }
        _ => amount(digits),
    }?;
    Some(if negative { -value } else { value })
}

/// Digits in groups of three, joined.
pub(crate) fn thousands(text: &str, mark: &str) -> Option<String> {
    let mut groups = text.split(mark);
    let first = groups.next()?;
    let mut whole = first.to_owned();
    for group in groups {
        if group.len() != 3 || first.is_empty() || first.len() > 3 {
            return None;
        }
        whole.push_str(group);
    }
    Some(whole)
}

/// A day of six digits, YYMMDD; and whether the month has no such day, so that its last one was
/// taken: banks that count 30 days to each month write the 30th of February.
pub(crate) fn short_day(text: &str) -> Option<(NaiveDate, bool)> {
    let (year, month, day) = (two(text, 0)?, two(text, 2)?, two(text, 4)?);
    let century = if year < 80 { 2000 } else { 1900 };
    day_of(i32::try_from(century + year).ok()?, month, day)
}

/// Two digits at a place.
fn two(text: &str, at: usize) -> Option<u32> {
    text.get(at..at + 2).filter(|two| digits(two))?.parse().ok()
}

fn day_of(year: i32, month: u32, day: u32) -> Option<(NaiveDate, bool)> {
    if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
        return Some((date, false));
    }
    let last = (28..=30).rev().find_map(|last| NaiveDate::from_ymd_opt(year, month, last));
    last.filter(|_| (29..=31).contains(&day)).map(|date| (date, true))
}

/// A day without year, MMDD, in the year that brings it nearest to another day: around new year
/// the two are in different years.
pub(crate) fn day_near(near: NaiveDate, text: &str) -> Option<NaiveDate> {
    let (month, day) = (two(text, 0)?, two(text, 2)?);
    let years = [near.year() - 1, near.year(), near.year() + 1];
    let days = years.into_iter().filter_map(|year| day_of(year, month, day));
    let days = days.map(|(date, _)| date);
    days.min_by_key(|date| (*date - near).num_days().abs())
}

fn digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first eight digits as a day: `20260131`, `20260131120000[-5:EST]`. The day is the day as
/// the bank wrote it, whatever the zone.
pub(crate) fn long_day(text: &str) -> Option<NaiveDate> {
    let eight = text.get(..8).filter(|eight| digits(eight))?;
    NaiveDate::from_ymd_opt(eight[..4].parse().ok()?, two(eight, 4)?, two(eight, 6)?)
}

/// A reference, name or code: blanks folded, control characters dropped. Longer than 255
/// characters it is cut and ends in `…`, so that it equals no other. Blank is nothing.
pub(crate) fn word(text: &str) -> Option<String> {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    bounded(text.split_whitespace().collect::<Vec<_>>().join(" "), WORD_CHARACTERS_MAX)
}

/// As [`word`]; words that say that there is none count as none.
pub(crate) fn reference(text: &str) -> Option<String> {
    word(text).filter(|word| !NONE.contains(&word.as_str()))
}

/// An account number: without blanks, so that the same account is the same text.
pub(crate) fn account(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    bounded(text, WORD_CHARACTERS_MAX)
}

/// A line of text: trimmed, cut at 4,000 characters with `…`. Blank is nothing.
pub(crate) fn prose(text: &str) -> Option<String> {
    let clean = |c: char| if c.is_control() && c != '\n' { ' ' } else { c };
    let text: String = text.trim().chars().map(clean).collect();
    bounded(text, PROSE_CHARACTERS_MAX)
}

fn bounded(text: String, max: usize) -> Option<String> {
    match text.char_indices().nth(max) {
        _ if text.is_empty() => None,
        None => Some(text),
        Some((end, _)) => Some(format!("{}…", &text[..end])),
    }
}

#[cfg(test)]
mod tests {
    use super::{amount, day_near, reference, short_day, signed, word};
    use chrono::NaiveDate;

    #[test]
    fn amounts_of_banks_need_no_fraction_and_take_both_signs() {
        for (text, value) in [
            ("380115,12", "380115.12"),
            ("380115,1", "380115.1"),
            ("380115,", "380115"),
            ("000000000147,64", "147.64"),
            ("0,12", "0.12"),
            (",5", "0.5"),
            ("30.00", "30.00"),
            ("9", "9"),
            ("0", "0"),
            ("00", "0"),
        ] {
            assert_eq!(amount(text).map(|value| value.to_string()).as_deref(), Some(value));
        }
        for text in ["", ",", "1,2,3", "-1", "+1", "1E5", "1 0", "a", "٣", &"1".repeat(29)] {
            assert_eq!(amount(text), None, "{text}");
        }
    }

    #[test]
    fn separators_of_thousands_are_taken_only_where_they_are_told() {
        for (text, value) in [
            ("-1.234,56", Some("-1234.56")),
            ("1,234.56", Some("1234.56")),
            ("1.234.567", Some("1234567")),
            ("1'234.50", Some("1234.50")),
            ("12,50-", Some("-12.50")),
            ("+7", Some("7")),
            ("1234.567", Some("1234.567")),
            ("1,234", None),
            ("1.234", None),
            ("12.34.56", None),
            ("1,23,4.5", None),
            ("--1", None),
        ] {
            let read = signed(text, Some("EUR")).map(|value| value.to_string());
            assert_eq!(read.as_deref(), value, "{text}");
        }
        assert_eq!(
            signed("1,234", Some("KWD")).map(|value| value.to_string()).as_deref(),
            Some("1.234")
        );
    }

    #[test]
    fn days_that_a_month_does_not_have_become_its_last() {
        let day = |text: &str| short_day(text).map(|(day, moved)| (day.to_string(), moved));
        for (text, wanted, moved) in [
            ("160230", "2016-02-29", true),
            ("170230", "2017-02-28", true),
            ("170431", "2017-04-30", true),
            ("991231", "1999-12-31", false),
            ("790101", "2079-01-01", false),
        ] {
            assert_eq!(day(text), Some((wanted.to_owned(), moved)));
        }
        for text in ["", "1602", "161301", "160132", "16023a", "éééé", "160200"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn an_entry_around_new_year_is_booked_in_the_year_that_is_nearer() {
        let near = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).expect("a day");
        for (value, text, wanted) in [
            (near(2017, 12, 31), "0102", near(2018, 1, 2)),
            (near(2018, 1, 2), "1230", near(2017, 12, 30)),
            (near(2018, 6, 1), "0602", near(2018, 6, 2)),
            (near(2016, 2, 28), "0230", near(2016, 2, 29)),
        ] {
            assert_eq!(day_near(value, text), Some(wanted));
        }
        assert_eq!(day_near(near(2018, 1, 1), "0000"), None);
    }

    #[test]
    fn words_are_bounded_and_none_is_none() {
        assert_eq!(word(" a\t b\u{0}c "), Some("a b c".to_owned()));
        assert_eq!(word(&"x".repeat(300)).map(|word| word.chars().count()), Some(256));
        assert_eq!(reference("NONREF"), None);
        assert_eq!(reference("NONREF 1"), Some("NONREF 1".to_owned()));
    }
}

//! `:61:`, the line of an entry.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::statement::values::{amount, day_near, short_day};

/// What stands in `:61:`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'t> {
    /// The day from which it bears interest.
    pub(crate) value_date: NaiveDate,
    /// Whether the month has no such day, and its last one was taken.
    pub(crate) moved: bool,
    /// The day of booking.
    pub(crate) entry_date: Option<NaiveDate>,
    /// Positive when it came in.
    pub(crate) amount: Decimal,
    /// RC or RD.
    pub(crate) reversal: bool,
    /// EC or ED: not booked yet.
    pub(crate) expected: bool,
    /// Such as `NTRF`.
    pub(crate) kind: Option<&'t str>,
    /// Before the slashes.
    pub(crate) customer_reference: &'t str,
    /// Behind them.
    pub(crate) bank_reference: &'t str,
}

/// Marks, longest first, and whether money came in: the reversal of a credit goes out.
const MARKS: [(&str, bool); 6] =
    [("RC", false), ("RD", true), ("EC", true), ("ED", false), ("C", true), ("D", false)];

/// Reads a line; `None` without a day, a mark or an amount.
pub(crate) fn parse(text: &str) -> Option<Line<'_>> {
    let (value_date, moved) = short_day(text.get(..6)?)?;
    let mut rest = text.get(6..)?;
    let mut entry_date = None;
    if let Some(four) = rest.get(..4).filter(|four| four.bytes().all(|b| b.is_ascii_digit())) {
        entry_date = day_near(value_date, four);
        rest = &rest[4..];
    }
    rest = rest.trim_start();
    let (mark, credit) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark))?;
    rest = rest[mark.len()..].trim_start();
    // The third letter of the currency, or any other: it says nothing that the amount needs.
    rest = rest.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(rest).trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != ',' && c != '.');
    let (digits, rest) = rest.split_at(end.unwrap_or(rest.len()));
    let amount = amount(digits)?;
    let (kind, references) = kind(rest);
    let (customer_reference, bank_reference) =
        references.split_once("//").unwrap_or((references, ""));
    Some(Line {
        value_date,
        moved,
        entry_date,
        amount: if *credit { amount } else { -amount },
        reversal: mark.starts_with('R'),
        expected: mark.starts_with('E'),
        kind,
        customer_reference,
        bank_reference,
    })
}

/// A letter of N, F or S and three more characters, where there are any.
fn kind(rest: &str) -> (Option<&str>, &str) {
    let rest = rest.trim_start();
    match rest.get(..4) {
        Some(kind)
            if kind.starts_with(['N', 'F', 'S'])
                && kind.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (Some(kind), &rest[4..])
        }
        _ => (None, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn dialects_of_the_line_are_read() {
        for (text, wanted) in [
            (
                "0709070904CR50990,05NTRFNONREF//0724",
                "2007-09-07 2007-09-04 50990.05 NTRF NONREF 0724",
            ),
            ("131017D6800,NCHK16703074", "2013-10-17 - -6800 NCHK 16703074 "),
            ("131017D620,3NSTON", "2013-10-17 - -620.3 NSTO N "),
            ("1105240524D9N192NONREF", "2011-05-24 2011-05-24 -9 N192 NONREF "),
            ("0203170320CM5000,00S05168790452", "2002-03-17 2002-03-20 5000.00 S051 68790452 "),
            ("1701190119CN0,01NTRFNONREF//MB1", "2017-01-19 2017-01-19 0.01 NTRF NONREF MB1"),
            ("1712310102RD5,NTRF", "2017-12-31 2018-01-02 5 NTRF  "),
            ("1712310102RCR5,NTRF", "2017-12-31 2018-01-02 -5 NTRF  "),
            ("171231D5", "2017-12-31 - -5 -  "),
            ("171231D5,00NONREF", "2017-12-31 - -5.00 NONR EF "),
            ("1712310000C,5", "2017-12-31 - 0.5 -  "),
        ] {
            let line = parse(text).expect(text);
            let day = line.entry_date.map_or("-".to_owned(), |day| day.to_string());
            let kind = line.kind.unwrap_or("-");
            let shown = format!(
                "{} {day} {} {kind} {} {}",
                line.value_date, line.amount, line.customer_reference, line.bank_reference
            );
            assert_eq!(shown, wanted, "{text}");
        }
        for text in ["", "171231", "171231X5,00", "171231C", "171231CN", "17é", "171231C,NTRF"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}

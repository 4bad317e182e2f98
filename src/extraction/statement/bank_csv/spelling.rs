//! How a file writes days and amounts: told by all of them together, never by one.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::statement::columns::{Layout, Role};
use crate::extraction::statement::profile::StatementProfile;
use crate::extraction::statement::values;
use crate::extraction::unreadable::Unreadable;
use crate::models::fault::Fault;

/// The formats of days that are tried. Two of one file that read equally many are a question for
/// a person, unless they give the same days.
const DAYS: [&str; 11] = [
    "YYYY-MM-DD",
    "DD.MM.YYYY",
    "DD/MM/YYYY",
    "MM/DD/YYYY",
    "DD-MM-YYYY",
    "MM-DD-YYYY",
    "YYYYMMDD",
    "YYYY/MM/DD",
    "DD.MM.YY",
    "DD/MM/YY",
    "MM/DD/YY",
];

/// Words for "went out" and "came in", in capitals.
const OUT: [&str; 9] = ["S", "D", "DR", "DBIT", "DEBIT", "SOLL", "AF", "DEBET", "-"];
const IN: [&str; 9] = ["H", "C", "CR", "CRDT", "CREDIT", "HABEN", "BIJ", "KREDIT", "+"];

/// Format of days, and decimal sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spelling {
    format: String,
    decimal: char,
}

impl Spelling {
    /// By the profile, else by all rows.
    ///
    /// # Errors
    /// What can be read in two ways.
    pub(crate) fn of(
        layout: &Layout,
        rows: &[csv::StringRecord],
        profile: Option<&StatementProfile>,
    ) -> Result<Self, Unreadable> {
        let said = profile.and_then(|profile| profile.date_format.clone());
        let format = match said {
            Some(format) => format,
            None => day_format(layout, rows)?.to_owned(),
        };
        let decimal = match profile.and_then(|profile| profile.decimal) {
            Some(decimal) => decimal,
            None => decimal_sign(layout, rows)?,
        };
        Ok(Self { format, decimal })
    }

    /// A day; a time behind it is dropped.
    pub(crate) fn day(&self, text: &str) -> Option<NaiveDate> {
        day(&self.format, text)
    }

    /// A signed amount, or one whose sign stands in another column.
    pub(crate) fn signed(&self, text: &str, sign: Option<&str>) -> Option<Decimal> {
        let amount = self.amount(text)?;
        let Some(sign) = sign else { return Some(amount) };
        let sign = sign.to_uppercase();
        match (OUT.contains(&sign.as_str()), IN.contains(&sign.as_str())) {
            (true, _) => Some(-amount.abs()),
            (_, true) => Some(amount.abs()),
            _ => None,
        }
    }

    /// What went out or came in: one of the two. Some banks write what went out as negative.
    pub(crate) fn one_of(&self, debit: Option<&str>, credit: Option<&str>) -> Option<Decimal> {
        let read = |cell: Option<&str>| match cell {
            Some(text) => self.amount(text).map(|amount| amount.abs()),
            None => Some(Decimal::ZERO),
        };
        let (debit, credit) = (read(debit)?, read(credit)?);
        let both = !debit.is_zero() && !credit.is_zero();
        (!both).then(|| if debit.is_zero() { credit } else { -debit })
    }

    fn amount(&self, text: &str) -> Option<Decimal> {
        let bare = text.trim_matches(is_around);
        let (negative, bare) = match bare.strip_prefix('(').and_then(|bare| bare.strip_suffix(')'))
        {
            Some(inside) => (true, inside.trim_matches(is_around)),
            None => (false, bare),
        };
        let (minus, digits) = match bare.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => match bare.strip_suffix('-') {
                Some(rest) => (true, rest),
                None => (false, bare.strip_prefix('+').unwrap_or(bare)),
            },
        };
        let digits: String = digits.chars().filter(|c| !is_grouping(*c)).collect();
        let digits = digits.trim_matches(is_around);
        let other = if self.decimal == ',' { "." } else { "," };
        let (whole, fraction) = match digits.rsplit_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let whole = values::thousands(whole, other)?;
        let amount = match fraction {
            Some(fraction) if fraction.contains([',', '.']) => None,
            Some(fraction) => values::amount(&format!("{whole}.{fraction}")),
            None => values::amount(&whole).filter(|_| !whole.contains([',', '.'])),
        }?;
        Some(if negative || minus { -amount } else { amount })
    }
}

/// Blanks, currencies and their signs around an amount.
fn is_around(c: char) -> bool {
    c.is_whitespace() || c.is_alphabetic() || matches!(c, '€' | '$' | '£' | '¥' | '"')
}

fn is_grouping(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\'' | '’')
}

fn day_format(layout: &Layout, rows: &[csv::StringRecord]) -> Result<&'static str, Unreadable> {
    let cells = || {
        let row_cells =
            |row| [Role::BookingDate, Role::ValueDate].map(|role| layout.cell(row, role));
        rows.iter().flat_map(row_cells).flatten()
    };
    let read = DAYS.map(|format| cells().filter(|text| day(format, text).is_some()).count());
    let most = read.into_iter().max().unwrap_or(0);
    let best: Vec<&str> =
        DAYS.into_iter().zip(read).filter(|(_, n)| *n == most).map(|(f, _)| f).collect();
    let differs = |format: &&&str| cells().any(|text| day(format, text) != day(best[0], text));
    if most > 0
        && let Some(other) = best.iter().skip(1).find(differs)
    {
        let text = format!(
            "the days can be read as {} and as {other}: name date_format in a profile",
            best[0]
        );
        let fault = Fault::at("/date_format", "ambiguous", &text);
        return Err(Unreadable::Content { faults: vec![fault] });
    }
    Ok(best[0])
}

/// `DD`, `MM`, `YYYY` and `YY` of a format, with one digit or two; anything else as it stands.
fn day(format: &str, text: &str) -> Option<NaiveDate> {
    let (mut year, mut month, mut day) = (None, None, None);
    let (mut format, mut text) = (format, text.trim());
    // Where nothing stands between them, each part has all its digits.
    let solid = !format.contains(|c: char| !c.is_ascii_alphabetic());
    while !format.is_empty() {
        let width = ["YYYY", "YY", "MM", "DD"].iter().find(|part| format.starts_with(**part));
        let Some(part) = width else {
            let sign = format.chars().next()?;
            text = text.strip_prefix(sign)?;
            format = &format[sign.len_utf8()..];
            continue;
        };
        let digits = text.bytes().take(part.len()).take_while(u8::is_ascii_digit).count();
        let enough = if solid || part.starts_with('Y') { part.len() } else { 1 };
        let number: u32 = text.get(..digits).filter(|_| digits >= enough)?.parse().ok()?;
        match *part {
            "YYYY" => year = Some(number),
            "YY" => year = Some(if number < 80 { 2000 + number } else { 1900 + number }),
            "MM" => month = Some(number),
            _ => day = Some(number),
        }
        text = &text[digits..];
        format = &format[part.len()..];
    }
    let ends = text.is_empty() || text.starts_with([' ', 'T', ',']);
    NaiveDate::from_ymd_opt(i32::try_from(year?).ok()?, month?, day?).filter(|_| ends)
}

fn decimal_sign(layout: &Layout, rows: &[csv::StringRecord]) -> Result<char, Unreadable> {
    let (mut comma, mut point, mut open) = (0_usize, 0_usize, 0_usize);
    for row in rows {
        for role in [Role::Amount, Role::Debit, Role::Credit] {
            match layout.cell(row, role).map(vote) {
                Some(Vote::For(',')) => comma += 1,
                Some(Vote::For(_)) => point += 1,
                Some(Vote::Open) => open += 1,
                Some(Vote::None) | None => {}
            }
        }
    }
    match (comma, point) {
        (0, 0) if open == 0 => Ok('.'),
        (_, 0) if comma > 0 => Ok(','),
        (0, _) if point > 0 => Ok('.'),
        _ => {
            let text = "the decimal sign of the amounts cannot be told: name decimal in a profile";
            let fault = Fault::at("/decimal", "ambiguous", text);
            Err(Unreadable::Content { faults: vec![fault] })
        }
    }
}

enum Vote {
    For(char),
    /// One sign with three digits behind it: thousands, or three decimals.
    Open,
    None,
}

fn vote(text: &str) -> Vote {
    let digits: String =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, ',' | '.')).collect();
    let Some(at) = digits.rfind([',', '.']) else { return Vote::None };
    let sign = if digits[at..].starts_with(',') { ',' } else { '.' };
    let other = if sign == ',' { '.' } else { ',' };
    if digits[..at].contains(sign) {
        return Vote::For(other);
    }
    if digits[..at].contains(other) || digits.len() - at - 1 != 3 {
        return Vote::For(sign);
    }
    Vote::Open
}

//! Numbers: decimal signs, grouping, signs.

use rust_decimal::Decimal;

use crate::models::decimal;

/// What stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecimalSign {
    /// `1.234,56`
    Comma,
    /// `1,234.56`
    Point,
}

/// What a text says as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    /// There is one way to read it, or the document's decimal sign says which.
    Sure(Decimal),
    /// One separator with three digits behind it, such as `1.234`, in a document that does not
    /// say what its decimal sign is.
    Open {
        /// With the separator for thousands.
        grouped: Decimal,
        /// With the separator before the decimals.
        decimals: Decimal,
    },
}

impl Number {
    /// The value where there is no doubt.
    pub(crate) fn sure(self) -> Option<Decimal> {
        match self {
            Self::Sure(value) => Some(value),
            Self::Open { .. } => None,
        }
    }
}

/// The decimal sign that the numbers of a document agree on: each votes that can be read in one way
/// alone. None when none votes, or when neither sign has three times the votes of the other.
pub(crate) fn decimal_sign<'a>(texts: impl IntoIterator<Item = &'a str>) -> Option<DecimalSign> {
    let (mut comma, mut point) = (0_u32, 0_u32);
    for text in texts {
        match Shape::of(text).and_then(|shape| shape.says()) {
            Some(DecimalSign::Comma) => comma += 1,
            Some(DecimalSign::Point) => point += 1,
            None => {}
        }
    }
    match (comma, point) {
        (0, 0) => None,
        _ if comma >= 3 * point => Some(DecimalSign::Comma),
        _ if point >= 3 * comma => Some(DecimalSign::Point),
        _ => None,
    }
}

/// Reads a number that may have grouping, a sign before or after it, parentheses, `CR`, a currency
/// or a percent sign. `sign` is the document's decimal sign; a number that contradicts it, such as
/// `5.00` among commas, is still read, because it has only one meaning.
pub(crate) fn parse(text: &str, sign: Option<DecimalSign>) -> Option<Number> {
    let shape = Shape::of(text)?;
    let groups: Vec<&str> = shape.digits.split(['.', ',']).collect();
    let separators: Vec<char> = shape.digits.chars().filter(|c| matches!(c, '.' | ',')).collect();
    let value = |whole: &[&str], fraction: &str| {
        let whole = whole.concat();
        let whole = if whole.is_empty() { "0" } else { &whole };
        let text =
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
        let value = decimal::parse(&text).ok()?;
        Some(if shape.negative { -value } else { value })
    };
    let (fraction, whole) = groups.split_last()?;
    let decimals = || value(whole, fraction);
    let grouped = || value(&groups, "");
    let own = separators.last().map(|last| match last {
        ',' => DecimalSign::Comma,
        _ => DecimalSign::Point,
    });
    if own.is_none() {
        return grouped().map(Number::Sure);
    }
    let reads_as_decimals = match (shape.says(), sign) {
        (Some(said), _) => own == Some(said),
        (None, Some(sign)) => own == Some(sign),
        (None, None) => {
            return Some(Number::Open { grouped: grouped()?, decimals: decimals()? });
        }
    };
    if reads_as_decimals { decimals() } else { grouped() }.map(Number::Sure)
}

/// A number without what surrounds it: digits with `.` and `,`, well formed.
struct Shape {
    digits: String,
    negative: bool,
    /// Grouped by blanks or apostrophes, so that a `.` or `,` can only be the decimal sign.
    grouped: bool,
}

impl Shape {
    fn of(text: &str) -> Option<Self> {
        let (text, negative) = unsigned(text.trim());
        let mut digits = String::new();
        let mut grouped = false;
        let letters: Vec<char> = text.chars().collect();
        for (at, letter) in letters.iter().enumerate() {
            match letter {
                '0'..='9' | '.' | ',' => digits.push(*letter),
                '\'' | '’' | '´' | ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}'
                    if groups_of_three(&letters[at + 1..]) && !digits.contains(['.', ',']) =>
                {
                    grouped = true;
                }
                _ => return None,
            }
        }
        let shape = Self { digits, negative, grouped };
        shape.well_formed().then_some(shape)
    }

    fn well_formed(&self) -> bool {
        let groups: Vec<&str> = self.digits.split(['.', ',']).collect();
        let separators: Vec<char> = self.digits.chars().filter(|c| !c.is_ascii_digit()).collect();
        let Some((last, whole)) = groups.split_last() else { return false };
        // `,50` is said for half a euro; `50,` is the end of a clause.
        if last.is_empty() || self.digits.len() > decimal::DIGITS_MAX {
            return false;
        }
        if separators.len() <= 1 {
            return !(self.grouped && whole.is_empty() && last.is_empty());
        }
        // All but the last separator group by three, and are the same.
        let inner = &groups[1..groups.len() - 1];
        let same = separators[..separators.len() - 1].iter().all(|c| *c == separators[0]);
        let first = (1..=3).contains(&groups[0].len());
        first && same && inner.iter().all(|group| group.len() == 3) && {
            separators.last() != separators.first() || last.len() == 3
        }
    }

    /// The decimal sign that this number alone proves.
    fn says(&self) -> Option<DecimalSign> {
        let separators: Vec<char> = self.digits.chars().filter(|c| !c.is_ascii_digit()).collect();
        let last = *separators.last()?;
        let (own, other) = match last {
            ',' => (DecimalSign::Comma, DecimalSign::Point),
            _ => (DecimalSign::Point, DecimalSign::Comma),
        };
        let mut groups = self.digits.rsplit(['.', ',']);
        let fraction = groups.next().map_or(0, str::len);
        let whole = groups.next().unwrap_or_default();
        let several = separators.len() > 1;
        if several && separators.iter().all(|c| *c == last) {
            return Some(other);
        }
        // A group of three may be thousands; not behind a `0`, nor behind four digits or none.
        let may_group = fraction == 3 && !several && !self.grouped && {
            (1..=3).contains(&whole.len()) && !whole.starts_with('0')
        };
        (!may_group).then_some(own)
    }
}

/// Whether groups of three digits follow, up to the decimals or the end.
fn groups_of_three(rest: &[char]) -> bool {
    let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
    digits == 3
}

/// Without sign, currency and percent; and whether it is negative.
fn unsigned(text: &str) -> (&str, bool) {
    let mut text = text.trim_end_matches(['*', ';']);
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) {
        (text, negative) = (inner, true);
    }
    loop {
        let before = text;
        text = text.trim();
        for sign in ["-", "–", "−", "./."] {
            if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
                (text, negative) = (rest, !negative || text.starts_with(sign));
            }
        }
        for mark in MARKS {
            let bare = text.strip_prefix(mark).or_else(|| text.strip_suffix(mark));
            text = bare.unwrap_or(text);
        }
        if let Some(rest) = text.strip_suffix("CR") {
            (text, negative) = (rest, true);
        }
        if text == before {
            return (text, negative);
        }
    }
}

/// What may stand at a number and is no part of it.
const MARKS: [&str; 20] = [
    "+", "%", "€", "$", "£", "¥", "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK",
    "HUF", "zł", "Fr.", "kr", ":",
];

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::DecimalSign::{Comma, Point};
    use super::{Number, decimal_sign, parse};

    fn sure(text: &str) -> Number {
        Number::Sure(text.parse::<Decimal>().expect("a decimal"))
    }

    #[test]
    fn one_meaning_needs_no_document() {
        for (text, value) in [
            ("1.234,56", "1234.56"),
            ("1,234.56", "1234.56"),
            ("1'234.50", "1234.50"),
            ("1’234.50", "1234.50"),
            ("1 234,56", "1234.56"),
            ("1\u{a0}234\u{202f}567,8", "1234567.8"),
            ("1.234.567", "1234567"),
            ("0,025", "0.025"),
            ("0.025", "0.025"),
            ("1234,567", "1234.567"),
            ("160,00", "160.00"),
            ("3,3333", "3.3333"),
            ("12", "12"),
            (",50", "0.50"),
            ("-14,73", "-14.73"),
            ("14,73-", "-14.73"),
            ("(14.73)", "-14.73"),
            ("14.73 CR", "-14.73"),
            ("− 1,00", "-1.00"),
            ("160,00 €", "160.00"),
            ("€ -160.00", "-160.00"),
            ("CHF 1'000.00", "1000.00"),
            ("19%", "19"),
            ("1 000,00 zł", "1000.00"),
        ] {
            assert_eq!(parse(text, None), Some(sure(value)), "{text}");
        }
    }

    #[test]
    fn thousands_or_decimals_is_the_document_s_word() {
        assert_eq!(parse("1.234", Some(Comma)), Some(sure("1234")));
        assert_eq!(parse("1.234", Some(Point)), Some(sure("1.234")));
        assert_eq!(parse("5,000", Some(Comma)), Some(sure("5.000")));
        assert!(matches!(parse("1.234", None), Some(Number::Open { .. })));
        assert_eq!(parse("5.00", Some(Comma)), Some(sure("5.00")));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in [
            "",
            "-",
            "€",
            "abc",
            "12a",
            "1.2.3",
            "05.06.2018",
            "12,34,56",
            "1.23.456",
            "50,",
            "1..2",
            "2018-06-05",
            "1/2",
            "12345678901234567890123456789",
            "1E5",
            "٣",
            "12 34",
            "1 2345",
        ] {
            assert_eq!(parse(text, None), None, "{text}");
        }
    }

    #[test]
    fn the_numbers_of_a_document_vote() {
        assert_eq!(decimal_sign(["1.234", "160,00", "3,3333"]), Some(Comma));
        assert_eq!(decimal_sign(["1,234", "160.00"]), Some(Point));
        assert_eq!(decimal_sign(["1.234.567"]), Some(Comma));
        assert_eq!(decimal_sign(["1.234", "5", "abc", "01.02.2026"]), None);
        assert_eq!(decimal_sign(["160.00", "160,00"]), None);
        assert_eq!(decimal_sign(["1,00", "2,00", "3,00", "1.0"]), Some(Comma));
    }
}

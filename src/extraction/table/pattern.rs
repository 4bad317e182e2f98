//! Dates by a pattern that a mapping profile names.

use chrono::NaiveDate;

/// Years of two digits up to this one are of this century: handbook §8.3.
const CENTURY_UP_TO: u16 = 79;

/// One of the parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    Day,
    /// Anything that stands there as it is.
    Letter(char),
}

/// How dates are written: `DD.MM.YYYY`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatePattern(Vec<Part>);

impl DatePattern {
    /// Day, month and year once each, in any order, with anything but digits between them.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text.trim();
        while let Some(letter) = rest.chars().next() {
            const NAMES: [(&str, Part); 4] = [
                ("YYYY", Part::Year),
                ("YY", Part::ShortYear),
                ("MM", Part::Month),
                ("DD", Part::Day),
            ];
            let named = NAMES.iter().find(|(name, _)| rest.starts_with(name));
            let (length, part) = match named {
                Some((name, part)) => (name.len(), *part),
                None if letter.is_alphanumeric() => return None,
                None => (letter.len_utf8(), Part::Letter(letter)),
            };
            parts.push(part);
            rest = &rest[length..];
        }
        let count = |wanted: &[Part]| parts.iter().filter(|part| wanted.contains(part)).count();
        let once = count(&[Part::Year, Part::ShortYear]) == 1
            && count(&[Part::Month]) == 1
            && count(&[Part::Day]) == 1;
        once.then_some(Self(parts))
    }

    /// A day that is written like this. Where something stands between the parts, `1.3.2026` is
    /// taken for `01.03.2026`.
    pub(crate) fn read(&self, text: &str) -> Option<NaiveDate> {
        let mut rest = text.trim();
        let (mut year, mut month, mut day) = (0, 0, 0);
        for (index, part) in self.0.iter().enumerate() {
            let next = self.0.get(index + 1);
            let joined = next.is_some_and(|next| !matches!(next, Part::Letter(_)))
                || index.checked_sub(1).is_some_and(|before| {
                    !matches!(self.0.get(before), Some(Part::Letter(_)) | None)
                });
            let mut number = |least: usize, most: usize| -> Option<u16> {
                let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
                let least = if joined { most } else { least };
                let (number, after) = rest.split_at(digits);
                rest = after;
                if digits < least { None } else { number.parse().ok() }
            };
            match part {
                Part::Year => year = number(4, 4)?,
                Part::ShortYear => {
                    let short = number(2, 2)?;
                    year = if short <= CENTURY_UP_TO { 2000 + short } else { 1900 + short };
                }
                Part::Month => month = number(1, 2)?,
                Part::Day => day = number(1, 2)?,
                Part::Letter(letter) => rest = rest.strip_prefix(*letter)?,
            }
        }
        let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into())?;
        rest.is_empty().then_some(day)
    }
}

#[cfg(test)]
mod tests {
    use super::DatePattern;

    #[test]
    fn a_date_is_read_by_its_pattern() {
        for (pattern, text, expected) in [
            ("DD.MM.YYYY", "24.11.2026", Some("2026-11-24")),
            ("DD.MM.YYYY", "1.3.2026", Some("2026-03-01")),
            ("MM/DD/YYYY", "11/24/2026", Some("2026-11-24")),
            ("YYYY-MM-DD", "2026-11-24", Some("2026-11-24")),
            ("YYYYMMDD", "20261124", Some("2026-11-24")),
            ("DDMMYY", "241126", Some("2026-11-24")),
            ("DD.MM.YY", "24.11.80", Some("1980-11-24")),
            ("YYYYMMDD", "2026111", None),
            ("DD.MM.YYYY", "31.02.2026", None),
            ("DD.MM.YYYY", "24.11.2026 x", None),
            ("DD.MM.YYYY", "24/11/2026", None),
        ] {
            let pattern = DatePattern::parse(pattern).expect("a pattern");
            let read = pattern.read(text).map(|day| day.to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
        for text in ["", "DD.MM", "DD.MM.YYYY.DD", "d.m.Y", "%d.%m.%Y", "DD.MM.YYYYY"] {
            assert_eq!(DatePattern::parse(text), None, "{text}");
        }
    }
}

//! One cell as the value of a member.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::extraction::json::leaf::{self, Leaf};
use crate::extraction::table::Cell;
use crate::extraction::table::pattern::DatePattern;
use crate::extraction::terms::Kind;
use crate::extraction::written::date::{self, Date, DayMonth};
use crate::extraction::written::number::{self, DecimalSign, Number};
use crate::models::decimal;

/// How numbers and dates are written in a table.
#[derive(Debug, Clone, Default)]
pub(crate) struct Style {
    pub(crate) sign: Option<DecimalSign>,
    pub(crate) order: Option<DayMonth>,
    /// Of a profile; then nothing else is a date.
    pub(crate) pattern: Option<DatePattern>,
    /// Whether the sign is that of a profile; then what contradicts it is no number.
    pub(crate) strict: bool,
}

/// What came of a cell.
#[derive(Debug, PartialEq)]
pub(crate) enum Read {
    /// A value of the member, and what else it could be.
    Good {
        /// In our form.
        value: Value,
        /// The other reading of an open date.
        other: Option<String>,
        /// Whether the end of a text was left out.
        cut: bool,
    },
    /// Nothing stands there.
    Absent,
    /// Something else, where this was expected.
    Wrong(String),
}

impl Style {
    /// The style of the texts of a table: decided together, as no cell can alone.
    pub(crate) fn of<'a>(
        numbers: impl IntoIterator<Item = &'a str>,
        dates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let (sign, order) = (number::decimal_sign(numbers), date::order(dates));
        Self { sign, order, pattern: None, strict: false }
    }

    /// Reads a cell as a member of this kind.
    pub(crate) fn read(&self, kind: Kind, cell: &Cell) -> Read {
        if cell.is_blank() {
            return Read::Absent;
        }
        if let Cell::Fault(_) = cell {
            return Read::Wrong("a value, and no error of the spreadsheet".to_owned());
        }
        match kind {
            Kind::Decimal => self.decimal(cell),
            Kind::Date => self.date(cell),
            Kind::Identifiers => match leaf::of_text(Kind::Word, &cell.text()) {
                Leaf::Good { value, .. } => good(Value::Array(vec![value])),
                other => plain(other),
            },
            // A number that was typed into a spreadsheet without decimals.
            Kind::Count(max) => match cell.text().parse::<u64>() {
                Ok(count) if count <= max => good(Value::from(count)),
                _ => Read::Wrong("a whole number, not negative".to_owned()),
            },
            Kind::Flag => match cell.text().as_str() {
                flag @ ("true" | "false") => good(Value::Bool(flag == "true")),
                _ => Read::Wrong("true or false".to_owned()),
            },
            Kind::Identifier => plain(leaf::of_text(Kind::Word, &cell.text())),
            kind => plain(leaf::of_text(kind, &cell.text())),
        }
    }

    fn decimal(&self, cell: &Cell) -> Read {
        let exact = |number: Decimal| {
            // A sum of digits within the limit has at most as many.
            let text = number.to_string();
            match decimal::parse(&text) {
                Ok(_) => good(Value::from(text)),
                Err(error) => Read::Wrong(error.to_string()),
            }
        };
        let text = match cell {
            Cell::Number(number) => return exact(*number),
            Cell::Text(text) => text.trim(),
            _ => return Read::Wrong("a decimal number".to_owned()),
        };
        let said = number::decimal_sign([text]);
        if self.strict && said.is_some() && said != self.sign {
            return Read::Wrong("a decimal number with the decimal sign of the profile".to_owned());
        }
        match number::parse(text, self.sign) {
            Some(Number::Sure(number)) => exact(number),
            Some(Number::Open { grouped, decimals }) => Read::Wrong(format!(
                "a number that is not open: it may be {grouped} or {decimals}; a mapping profile \
                 says which"
            )),
            None => Read::Wrong("a decimal number of at most 28 digits".to_owned()),
        }
    }

    fn date(&self, cell: &Cell) -> Read {
        let day = |day: NaiveDate| good(Value::from(day.to_string()));
        let text = match cell {
            Cell::Date(date) => return day(*date),
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Number(number) => number.to_string(),
            _ => return Read::Wrong("a date".to_owned()),
        };
        if let Some(pattern) = &self.pattern {
            let wanted = || "a date as the profile writes it".to_owned();
            return pattern.read(&text).map_or_else(|| Read::Wrong(wanted()), day);
        }
        match (date::parse(&text), self.order) {
            (Some(Date::Open { day_first, month_first }), None) => Read::Good {
                value: Value::from(day_first.to_string()),
                other: Some(month_first.to_string()),
                cut: false,
            },
            (Some(open), order) => open.resolved(order).map_or(Read::Absent, day),
            (None, _) => Read::Wrong("a date".to_owned()),
        }
    }
}

fn good(value: Value) -> Read {
    Read::Good { value, other: None, cut: false }
}

fn plain(leaf: Leaf) -> Read {
    match leaf {
        Leaf::Good { value, cut } => Read::Good { value, other: None, cut },
        Leaf::Absent => Read::Absent,
        Leaf::Wrong(expected) => Read::Wrong(expected.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Read, Style};
    use crate::extraction::table::Cell;
    use crate::extraction::table::pattern::DatePattern;
    use crate::extraction::terms::Kind;
    use crate::extraction::written::number::DecimalSign;

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn value(read: Read) -> Option<String> {
        match read {
            Read::Good { value, .. } => {
                Some(value.as_str().map_or(value.to_string(), str::to_owned))
            }
            _ => None,
        }
    }

    #[test]
    fn a_table_decides_what_a_cell_leaves_open() {
        let comma = Style::of(["1,50", "1.234"], ["25/11/2026"]);
        let read = |style: &Style, kind, cell: &str| value(style.read(kind, &text(cell)));
        assert_eq!(read(&comma, Kind::Decimal, "1.234").as_deref(), Some("1234"));
        assert_eq!(read(&comma, Kind::Date, "03/04/2026").as_deref(), Some("2026-04-03"));
        let open = Style::default();
        assert!(matches!(open.read(Kind::Decimal, &text("1.234")), Read::Wrong(_)));
        let date = open.read(Kind::Date, &text("03/04/2026"));
        assert!(matches!(date, Read::Good { other: Some(other), .. } if other == "2026-03-04"));
    }

    #[test]
    fn a_profile_takes_nothing_else() {
        let style = Style {
            sign: Some(DecimalSign::Comma),
            pattern: DatePattern::parse("DD.MM.YYYY"),
            strict: true,
            ..Style::default()
        };
        assert_eq!(value(style.read(Kind::Decimal, &text("1.190,50"))).as_deref(), Some("1190.50"));
        assert_eq!(value(style.read(Kind::Date, &text("1.3.2026"))).as_deref(), Some("2026-03-01"));
        for (kind, cell) in [
            (Kind::Decimal, text("1190.50")),
            (Kind::Decimal, text("1,190.50")),
            (Kind::Date, text("2026-03-01")),
            (Kind::Date, text("March 1, 2026")),
        ] {
            assert!(matches!(style.read(kind, &cell), Read::Wrong(_)), "{cell:?}");
        }
    }

    #[test]
    fn a_spreadsheet_s_own_values_need_no_style() {
        let style = Style::default();
        let number = Cell::Number("20261.5".parse().expect("a decimal"));
        assert_eq!(value(style.read(Kind::Decimal, &number)).as_deref(), Some("20261.5"));
        assert_eq!(value(style.read(Kind::Word, &number)).as_deref(), Some("20261.5"));
        let day = Cell::Date("2026-11-24".parse().expect("a day"));
        assert_eq!(value(style.read(Kind::Date, &day)).as_deref(), Some("2026-11-24"));
        assert!(matches!(style.read(Kind::Decimal, &day), Read::Wrong(_)));
        let fault = Cell::Fault("#REF!".to_owned());
        assert!(matches!(style.read(Kind::Word, &fault), Read::Wrong(_)));
        assert_eq!(style.read(Kind::Word, &text(" ")), Read::Absent);
    }
}

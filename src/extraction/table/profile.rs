//! A mapping profile: which column holds which term, as an operator wrote it down in TOML.
//!
//! A profile sets nothing that it does not say. Every fault of it is listed, never the first alone.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::extraction::json::leaf::{self, Leaf};
use crate::extraction::table::COLUMNS_MAX;
use crate::extraction::table::pattern::DatePattern;
use crate::extraction::terms::{self, Field, Kind};
use crate::extraction::written::number::DecimalSign;
use crate::models::fault::Fault;

/// From the invoice to one member.
pub(crate) type Route = Vec<&'static Field>;

/// How rows are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Each row is a line, and repeats what belongs to the document.
    Rows,
    /// One row is the document, the others are lines; a column says which.
    Records,
}

/// A checked profile.
#[derive(Debug, Clone)]
pub struct Profile {
    pub(crate) form: Form,
    /// The sheet of a workbook; any where none is named.
    pub(crate) sheet: Option<String>,
    /// The row in which the headings stand, from 1; without it the first row is data.
    pub(crate) heading_row: Option<u32>,
    pub(crate) sign: Option<DecimalSign>,
    pub(crate) date_pattern: Option<DatePattern>,
    pub(crate) record: Option<Record>,
    pub(crate) columns: Vec<(Route, Selector)>,
    pub(crate) constants: Vec<(Route, Value)>,
}

/// Which column tells records apart, and its words.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) column: Selector,
    pub(crate) header: String,
    pub(crate) line: String,
}

/// How a column is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Selector {
    /// By its heading; letter case and blanks around it do not count.
    Heading(String),
    /// By its letter, counted from 0.
    Letter(usize),
}

/// Why a profile is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mapping profile cannot be used: {}", list(.faults))]
pub struct ProfileError {
    /// Every fault; the pointer is the key in the file.
    pub faults: Vec<Fault>,
}

fn list(faults: &[Fault]) -> String {
    let shown = faults.iter().map(|fault| {
        let key = fault.pointer.as_deref().filter(|key| !key.is_empty());
        key.map_or_else(|| fault.detail.clone(), |key| format!("{key}: {}", fault.detail))
    });
    shown.collect::<Vec<_>>().join("; ")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    form: Form,
    sheet: Option<String>,
    heading_row: Option<u32>,
    decimal_sign: Option<String>,
    date_format: Option<String>,
    record: Option<WrittenRecord>,
    columns: BTreeMap<String, WrittenSelector>,
    #[serde(default)]
    constants: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRecord {
    column: WrittenSelector,
    header: String,
    line: String,
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum WrittenSelector {
    Heading(String),
    Letter { letter: String },
}

impl Profile {
    /// Reads and checks a profile.
    ///
    /// # Errors
    /// Every fault, with the key that has it.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        let written: Written = toml::from_str(text).map_err(|error| {
            let faults = vec![Fault::at("", "not_a_profile", error.to_string().trim())];
            ProfileError { faults }
        })?;
        let mut check = Check { faults: Vec::new() };
        let profile = check.profile(written);
        let Check { faults } = check;
        if faults.is_empty() { Ok(profile) } else { Err(ProfileError { faults }) }
    }
}

struct Check {
    faults: Vec<Fault>,
}

impl Check {
    fn fault(&mut self, key: &str, code: &str, detail: &str) {
        self.faults.push(Fault::at(key, code, detail));
    }

    fn profile(&mut self, written: Written) -> Profile {
        let mut profile = Profile {
            form: written.form,
            sheet: written.sheet,
            heading_row: written.heading_row,
            sign: written.decimal_sign.and_then(|sign| self.sign(&sign)),
            date_pattern: written.date_format.and_then(|pattern| self.date_pattern(&pattern)),
            record: None,
            columns: Vec::new(),
            constants: Vec::new(),
        };
        profile.record = written.record.and_then(|record| self.record(record));
        if (profile.form == Form::Records) != profile.record.is_some() {
            let detail = "is needed with form = \"records\", and only with it";
            self.fault("record", "record", detail);
        }
        for (term, selector) in written.columns {
            let key = format!("columns.{term}");
            let selector = self.selector(&key, selector);
            if let (Some(route), Some(selector)) = (self.route(&key, &term), selector) {
                profile.columns.push((route, selector));
            }
        }
        for (term, text) in written.constants {
            let key = format!("constants.{term}");
            let Some(route) = self.route(&key, &term) else { continue };
            if profile.columns.iter().any(|(other, _)| same(other, &route)) {
                self.fault(&key, "twice", "has a column and a constant: keep one of them");
            }
            if let Some(value) = self.constant(&key, &route, &text) {
                profile.constants.push((route, value));
            }
        }
        self.whole(&profile);
        profile
    }

    /// What the parts need of one another.
    fn whole(&mut self, profile: &Profile) {
        if profile.columns.is_empty() {
            self.fault("columns", "empty", "needs at least one column");
        }
        let holds =
            |wanted: fn(Kind) -> bool| profile.columns.iter().any(|(route, _)| wanted(kind(route)));
        if holds(|kind| matches!(kind, Kind::Decimal)) && profile.sign.is_none() {
            let detail = "is needed because a column holds decimals: \",\" or \".\"";
            self.fault("decimal_sign", "missing", detail);
        }
        if holds(|kind| matches!(kind, Kind::Date)) && profile.date_pattern.is_none() {
            let detail = "is needed because a column holds dates, such as \"DD.MM.YYYY\"";
            self.fault("date_format", "missing", detail);
        }
        let selectors = profile.columns.iter().map(|(_, selector)| selector);
        let record = profile.record.iter().map(|record| &record.column);
        let by_heading = |selector: &Selector| matches!(selector, Selector::Heading(_));
        if selectors.chain(record).any(by_heading) && profile.heading_row.is_none() {
            let detail = "is needed because a column is named by its heading";
            self.fault("heading_row", "missing", detail);
        }
        if profile.heading_row == Some(0) {
            self.fault("heading_row", "zero", "counts from 1");
        }
    }

    fn sign(&mut self, text: &str) -> Option<DecimalSign> {
        let sign = match text {
            "," => Some(DecimalSign::Comma),
            "." => Some(DecimalSign::Point),
            _ => None,
        };
        if sign.is_none() {
            self.fault("decimal_sign", "unknown", "is \",\" or \".\"");
        }
        sign
    }

    fn date_pattern(&mut self, text: &str) -> Option<DatePattern> {
        let pattern = DatePattern::parse(text);
        if pattern.is_none() {
            let detail = "has DD, MM, and YYYY or YY once each, such as \"DD.MM.YYYY\"";
            self.fault("date_format", "unknown", detail);
        }
        pattern
    }

    fn record(&mut self, written: WrittenRecord) -> Option<Record> {
        let column = self.selector("record.column", written.column)?;
        if written.header.trim() == written.line.trim() {
            self.fault("record", "same", "needs different words for header and line");
        }
        let trimmed = |text: &str| text.trim().to_owned();
        Some(Record { column, header: trimmed(&written.header), line: trimmed(&written.line) })
    }

    fn selector(&mut self, key: &str, written: WrittenSelector) -> Option<Selector> {
        let column = match written {
            WrittenSelector::Heading(heading) if !heading.trim().is_empty() => {
                return Some(Selector::Heading(heading.trim().to_lowercase()));
            }
            WrittenSelector::Heading(_) => None,
            WrittenSelector::Letter { letter } => column(&letter),
        };
        if column.is_none() {
            self.fault(key, "column", "is a heading, or { letter = \"A\" } up to \"ALL\"");
        }
        column.map(Selector::Letter)
    }

    fn route(&mut self, key: &str, term: &str) -> Option<Route> {
        let route = terms::locate(term).or_else(|| terms::locate_name(term));
        let route = route.filter(|route| is_leaf(kind(route)));
        if route.is_none() {
            let detail = "is no term such as \"BT-1\", and no name such as \"seller.vat_id\"";
            self.fault(key, "unknown", detail);
        }
        route
    }

    fn constant(&mut self, key: &str, route: &Route, text: &str) -> Option<Value> {
        match leaf::of_text(kind(route), text) {
            Leaf::Good { value, .. } => Some(value),
            Leaf::Absent => {
                self.fault(key, "empty", "has no value: leave it out");
                None
            }
            Leaf::Wrong(expected) => {
                self.fault(key, "malformed", &format!("has to be {expected}"));
                None
            }
        }
    }
}

/// Two routes that end at one member.
pub(crate) fn same(one: &[&'static Field], other: &[&'static Field]) -> bool {
    let key = |route: &[&'static Field]| -> Vec<(&str, &str)> {
        route.iter().map(|field| (field.name, field.term)).collect()
    };
    key(one) == key(other)
}

/// What the member at the end of a route holds.
pub(crate) fn kind(route: &[&'static Field]) -> Kind {
    route.last().map_or(Kind::Inline, |field| field.kind)
}

fn is_leaf(kind: Kind) -> bool {
    use Kind::{Group, Inline, List, Mixed, Side};
    !matches!(kind, Group(_) | Inline | List(_) | Mixed(_) | Side(..))
}

/// A column's letters as its number from 0.
fn column(letters: &str) -> Option<usize> {
    let mut number = 0_usize;
    for letter in letters.trim().bytes() {
        let digit = letter.to_ascii_uppercase().checked_sub(b'A').filter(|digit| *digit < 26)?;
        number = number.checked_mul(26)?.checked_add(usize::from(digit) + 1)?;
    }
    (1..=COLUMNS_MAX).contains(&number).then(|| number - 1)
}

#[cfg(test)]
mod tests;

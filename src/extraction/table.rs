//! Rows of cells, from a CSV file or a spreadsheet, and the one invoice that they say.

mod cell;
mod groups;
mod guessed;
mod headings;
mod layout;
mod marks;
mod own_names;
mod pattern;
mod profile;
mod rows;
mod tax_column;
mod totals;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::extraction::draft::{Draft, Drafted, Members};
use crate::extraction::notes::finding;
use crate::extraction::table::cell::Style;
use crate::extraction::table::groups::Groups;
use crate::extraction::table::layout::{Column, Layout};
use crate::extraction::table::profile::kind;
use crate::extraction::table::rows::Reader;
use crate::extraction::terms::Kind;
use crate::extraction::unreadable::Unreadable;
use crate::models::evidence::{Confidence, Source};
use crate::models::extraction::Syntax;
use crate::models::finding::{Finding, Severity};

pub use crate::extraction::table::profile::{Form, Profile, ProfileError};

/// Rows of a table: extraction handbook §11.
pub const ROWS_MAX: usize = 200_000;

/// Columns of a table. Exports of invoices have some dozens.
pub const COLUMNS_MAX: usize = 1_000;

/// Bytes of a cell: extraction handbook §11.
pub const CELL_BYTES_MAX: usize = 1024 * 1024;

/// Cells of a table in all: 200,000 rows of 10 columns. Each takes 40 bytes besides its text.
pub const CELLS_MAX: usize = 2_000_000;

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Characters; all that a CSV file has.
    Text(String),
    /// A number of a spreadsheet, with the digits that the spreadsheet shows.
    #[serde(with = "crate::models::decimal")]
    Number(Decimal),
    /// A day of a spreadsheet.
    Date(NaiveDate),
    /// A truth value of a spreadsheet.
    Flag(bool),
    /// An error of a spreadsheet, such as `#REF!`, or a number that no decimal holds.
    Fault(String),
}

impl Cell {
    /// Whether there is nothing to be read in it.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// As a person would write it.
    pub fn text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Fault(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Date(day) => day.to_string(),
            Self::Flag(flag) => flag.to_string(),
        }
    }
}

/// One row that has something in it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Row {
    /// Its number in the spreadsheet, from 1; empty rows count.
    pub number: u32,
    /// From column A on; what is missing at the end is empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The cell of a column, counted from 0.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&Cell::Empty)
    }
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Name of the sheet; none for CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its rows, without empty ones.
    pub rows: Vec<Row>,
}

impl Table {
    /// The address of a cell: `B7`, or `Sheet!B7`.
    pub fn address(&self, row: &Row, column: usize) -> String {
        let number = row.number;
        let letters = letters(column);
        match &self.name {
            Some(name) => format!("{name}!{letters}{number}"),
            None => format!("{letters}{number}"),
        }
    }
}

/// Reads the invoice that a table says: by a profile, or else by its headings, and then a finding
/// `TABLE_GUESSED` says how each column was understood.
///
/// # Errors
/// A table without an invoice, with several of them, or not the one that the profile is for. Bad
/// content of an invoice is no error: it is in the findings.
pub fn read(
    table: &Table,
    profile: Option<&Profile>,
    syntax: Syntax,
) -> Result<Drafted, Unreadable> {
    let layout = match profile {
        Some(profile) => layout::by_profile(table, profile)?,
        None => guessed::by_headings(table).ok_or_else(|| no_invoice(UNKNOWN_HEADINGS))?,
    };
    let rows = &table.rows[layout.first_row..];
    if rows.is_empty() {
        return Err(no_invoice("a table with headings and no rows"));
    }
    let marks = match profile {
        Some(_) => marks::Marks::default(),
        None => marks::find(table, &layout),
    };
    let groups = Groups::of(table, &layout, &marks)?;
    let confidence = if profile.is_some() { Confidence::CERTAIN } else { Confidence::LABELLED };
    let mut reader = Reader {
        table,
        style: style(rows, &layout.columns, profile),
        source: if syntax == Syntax::Sheet { Source::Sheet } else { Source::Csv },
        confidence,
        draft: Draft::default(),
        root: Members::new(),
    };
    reader.draft.notes.extend(layout.guessed.clone());
    reader.draft.notes.extend(ragged(table, &layout));
    reader.draft.notes.extend(groups.unread.clone());
    let (of_lines, of_document): (Vec<&Column>, Vec<&Column>) =
        layout.columns.iter().partition(|column| column.is_of_line());
    let constants = profile.map_or(&[][..], |profile| &profile.constants);
    for (route, value) in constants.iter().filter(|(route, _)| !layout::is_of_line(route)) {
        reader.constant(route, value, None);
    }
    reader.document(&of_document, &groups.document);
    reader.marks(&marks);
    reader.lines(&of_lines, constants, &groups.lines)?;
    let mut root = std::mem::take(&mut reader.root);
    reader.without_empty_allowances(&mut root, table.address(&rows[0], 0));
    let drafted = reader.draft.finish(root);
    // It cannot fail: the table of terms gives each member the type of the model.
    let mut drafted = drafted.map_err(|error| no_invoice(&error.to_string()))?;
    totals::derive(&mut drafted, confidence);
    Ok(drafted)
}

/// The one sheet of a workbook that holds an invoice, and what it says.
///
/// # Errors
/// As [`read`]; no such sheet, or several.
pub fn read_workbook(tables: &[Table], profile: Option<&Profile>) -> Result<Drafted, Unreadable> {
    let wanted = profile.and_then(|profile| profile.sheet.as_deref());
    let is_it = |table: &&Table| match (profile, wanted) {
        (_, Some(wanted)) => table.name.as_deref() == Some(wanted),
        (Some(profile), None) => layout::by_profile(table, profile).is_ok(),
        (None, None) => guessed::by_headings(table).is_some(),
    };
    let fitting: Vec<&Table> = tables.iter().filter(is_it).collect();
    match fitting[..] {
        [] if tables.len() == 1 => read(&tables[0], profile, Syntax::Sheet),
        [] => Err(no_invoice("a workbook without a sheet whose headings name an invoice")),
        [table] => {
            let mut drafted = read(table, profile, Syntax::Sheet)?;
            let others = tables.iter().filter(|other| other.name != table.name);
            let others: Vec<_> = others.filter_map(|other| other.name.clone()).collect();
            if !others.is_empty() {
                let message = format!("sheets that were not read: {}", others.join(", "));
                let severity = Severity::Information;
                drafted.findings.push(finding("SHEETS_NOT_READ", severity, "", message));
            }
            Ok(drafted)
        }
        _ => {
            let names: Vec<_> = fitting.iter().filter_map(|table| table.name.clone()).collect();
            let what = format!("sheets {}", names.join(", "));
            Err(Unreadable::Several { found: fitting.len(), what })
        }
    }
}

const UNKNOWN_HEADINGS: &str = "a table whose headings name no invoice";

fn no_invoice(found: &str) -> Unreadable {
    let wanted = "one invoice with headings that are known, or a mapping profile";
    Unreadable::Unsupported { detected: Some(found.to_owned()), wanted }
}

/// How numbers and dates are written: as a profile says, else as all of them together show.
fn style(rows: &[Row], columns: &[Column], profile: Option<&Profile>) -> Style {
    if let Some(profile) = profile {
        let pattern = profile.date_pattern.clone();
        return Style { sign: profile.sign, order: None, pattern, strict: true };
    }
    let texts = |wanted: fn(Kind) -> bool| {
        let columns: Vec<_> = columns.iter().filter(|column| wanted(kind(&column.route))).collect();
        rows.iter().flat_map(move |row| {
            let texts = columns.iter().map(|column| row.cell(column.index));
            let texts: Vec<&str> = texts
                .filter_map(|cell| match cell {
                    Cell::Text(text) => Some(text.trim()),
                    _ => None,
                })
                .collect();
            texts
        })
    };
    Style::of(texts(|kind| matches!(kind, Kind::Decimal)), texts(|kind| matches!(kind, Kind::Date)))
}

/// A row that is wider than the headings has a separator too many, and its values may be shifted.
fn ragged(table: &Table, layout: &Layout) -> Option<Finding> {
    let width = layout.width?;
    let rows = table.rows[layout.first_row..].iter();
    let wider = |row: &&Row| row.cells.iter().skip(width).any(|cell| !cell.is_blank());
    let mut wider = rows.filter(wider);
    let first = wider.next()?;
    let count = 1 + wider.count();
    let message = format!(
        "{count} rows have values beyond the {width} columns that have headings: a separator          within a text may have shifted them"
    );
    let mut ragged = finding("RAGGED_ROW", Severity::Fatal, "", message);
    ragged.place = Some(table.address(first, width));
    ragged.remedy = Some("put quotes around values that hold the separator".to_owned());
    Some(ragged)
}

/// A column as spreadsheets call it: A to Z, AA and on.
pub(crate) fn letters(column: usize) -> String {
    let mut rest = column;
    let mut letters = Vec::new();
    loop {
        letters.push(b'A' + u8::try_from(rest % 26).expect("less than 26"));
        if rest < 26 {
            break;
        }
        rest = rest / 26 - 1;
    }
    letters.iter().rev().map(|letter| char::from(*letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Cell, Row, Table, letters};
    use rust_decimal::Decimal;

    #[test]
    fn a_column_has_letters() {
        for (column, expected) in
            [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
        {
            assert_eq!(letters(column), expected);
        }
    }

    #[test]
    fn a_table_crosses_a_pipe() {
        let cells =
            vec![Cell::Text("a".to_owned()), Cell::Number(Decimal::new(150, 2)), Cell::Empty];
        let row = Row { number: 7, cells };
        let table = Table { name: Some("Sheet".to_owned()), rows: vec![row] };
        let text = serde_json::to_string(&table).expect("JSON");
        assert_eq!(serde_json::from_str::<Table>(&text).expect("a table"), table);
        assert_eq!(table.address(&table.rows[0], 1), "Sheet!B7");
    }
}

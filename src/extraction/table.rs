//! Rows of cells, from a CSV file or a spreadsheet, and the one invoice that they say.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

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

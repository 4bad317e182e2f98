//! Spreadsheets: XLSX, XLS and ODS to tables, one for each sheet that can be seen.
//!
//! It runs in the child process, with its limits on memory and time; the limits here come first
//! and say what was too much. Formulas are never computed: a cell has the value that was saved.

mod compound;
mod container;
mod opendocument;
mod records;

use std::io::Cursor;

use calamine::{Data, DataRef, Ods, Reader, SheetVisible, Xls, Xlsx};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::extraction::sheet::container::Container;
use crate::extraction::table::{
    CELL_BYTES_MAX, CELLS_MAX, COLUMNS_MAX, Cell, ROWS_MAX, Row, Table,
};
use crate::models::decimal;

/// Sheets of a workbook that are read.
const SHEETS_MAX: usize = 50;

/// Bytes of all texts: a text that is kept once in the file may stand in a million cells.
const TEXT_BYTES_MAX: usize = 50 * 1024 * 1024;

/// Digits of a number that a spreadsheet shows. What it computed may have two more, which are
/// noise: 0.1 + 0.2 is saved as 0.30000000000000004 and shown as 0.3.
const DIGITS_SHOWN: usize = 15;

/// Why a spreadsheet cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SheetError {
    /// It needs a password.
    #[error("the spreadsheet is protected by a password: save it without one and send it again")]
    Encrypted,
    /// A limit was reached.
    #[error("the spreadsheet is too large: {found} {what}, and at most {max} are taken; split it")]
    TooLarge {
        /// What there is too much of.
        what: String,
        /// How much there is, as far as it was counted.
        found: u64,
        /// The limit.
        max: u64,
    },
    /// No spreadsheet, or a broken one.
    #[error("the spreadsheet cannot be read: {reason}; save it as XLSX or CSV and send it again")]
    Broken {
        /// What the reader met.
        reason: String,
    },
}

impl SheetError {
    /// For machines.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Encrypted => "SHEET_ENCRYPTED",
            Self::TooLarge { .. } => "SHEET_TOO_LARGE",
            Self::Broken { .. } => "SHEET_BROKEN",
        }
    }

    fn broken(reason: impl std::fmt::Display) -> Self {
        // The library's words come out of a stranger's file.
        let reason = reason.to_string();
        let letters = reason.chars().filter(|letter| !letter.is_control());
        Self::Broken { reason: letters.take(200).collect() }
    }

    fn limit(what: &str, found: u64, max: u64) -> Result<(), Self> {
        if found > max {
            return Err(Self::TooLarge { what: what.to_owned(), found, max });
        }
        Ok(())
    }
}

/// Reads the sheets that can be seen and have something in them.
///
/// # Errors
/// A password, a broken file, or a limit reached.
pub fn tables(bytes: &[u8]) -> Result<Vec<Table>, SheetError> {
    let cursor = Cursor::new(bytes);
    let tables = match container::check(bytes)? {
        Container::Xlsx => xlsx(Xlsx::new(cursor).map_err(SheetError::broken)?)?,
        Container::Xls => dense(&mut Xls::new(cursor).map_err(|error| match error {
            calamine::XlsError::Password => SheetError::Encrypted,
            other => SheetError::broken(other),
        })?)?,
        Container::Ods => dense(&mut Ods::new(cursor).map_err(|error| match error {
            calamine::OdsError::Password => SheetError::Encrypted,
            other => SheetError::broken(other),
        })?)?,
    };
    Ok(tables.into_iter().filter(|table| !table.rows.is_empty()).collect())
}

fn visible<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(workbook: &R) -> Result<Vec<String>, SheetError> {
    let sheets = workbook.sheets_metadata().iter();
    let seen = sheets.filter(|sheet| sheet.visible == SheetVisible::Visible);
    let names: Vec<_> = seen.map(|sheet| sheet.name.clone()).collect();
    SheetError::limit("sheets", names.len() as u64, SHEETS_MAX as u64)?;
    Ok(names)
}

/// Cell by cell: two cells at opposite corners cost two cells, and not the rectangle.
fn xlsx(mut workbook: Xlsx<Cursor<&[u8]>>) -> Result<Vec<Table>, SheetError> {
    let mut room = Room::default();
    let mut tables = Vec::new();
    for name in visible(&workbook)? {
        let mut filling = Filling::new(&name);
        let mut cells = match workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A sheet that is a chart has no cells.
            Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(SheetError::broken(error)),
        };
        while let Some(cell) = cells.next_cell().map_err(SheetError::broken)? {
            let (row, column) = cell.get_position();
            let value = match cell.get_value() {
                DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
                other => value(&Data::from(other.clone())),
            };
            filling.put(row, column, value, &mut room)?;
        }
        tables.push(filling.finish());
    }
    Ok(tables)
}

/// Formats whose reader makes the whole rectangle at once.
fn dense<R: Reader<Cursor<B>>, B: AsRef<[u8]>>(workbook: &mut R) -> Result<Vec<Table>, SheetError> {
    let mut room = Room::default();
    let mut tables = Vec::new();
    for name in visible(workbook)? {
        let mut filling = Filling::new(&name);
        let Ok(range) = workbook.worksheet_range(&name) else {
            let reason = format!("the sheet {name:?} is broken");
            return Err(SheetError::broken(reason));
        };
        let (top, left) = range.start().unwrap_or_default();
        for (row, column, data) in range.used_cells() {
            let place = (top as usize + row, left as usize + column);
            let (row, column) = (u32::try_from(place.0), u32::try_from(place.1));
            let (row, column) = (row.unwrap_or(u32::MAX), column.unwrap_or(u32::MAX));
            filling.put(row, column, value(data), &mut room)?;
        }
        tables.push(filling.finish());
    }
    Ok(tables)
}

/// What has been taken of the limits that hold for the workbook as a whole.
#[derive(Default)]
struct Room {
    cells: u64,
    text_bytes: u64,
}

/// A table that grows.
struct Filling {
    table: Table,
}

impl Filling {
    fn new(name: &str) -> Self {
        Self { table: Table { name: Some(name.to_owned()), rows: Vec::new() } }
    }

    /// Cells come in the order of the file, which is row by row; a file in another order is made
    /// by nobody but attackers, and costs a search.
    fn put(
        &mut self,
        row: u32,
        column: u32,
        cell: Cell,
        room: &mut Room,
    ) -> Result<(), SheetError> {
        if cell.is_blank() {
            return Ok(());
        }
        SheetError::limit("rows", u64::from(row) + 1, ROWS_MAX as u64)?;
        SheetError::limit("columns", u64::from(column) + 1, COLUMNS_MAX as u64)?;
        if let Cell::Text(text) = &cell {
            SheetError::limit("bytes of one cell", text.len() as u64, CELL_BYTES_MAX as u64)?;
            room.text_bytes += text.len() as u64;
            SheetError::limit("bytes of text", room.text_bytes, TEXT_BYTES_MAX as u64)?;
        }
        let number = row + 1;
        let rows = &mut self.table.rows;
        let at = match rows.last() {
            Some(last) if last.number == number => rows.len() - 1,
            Some(last) if last.number > number => {
                match rows.binary_search_by_key(&number, |row| row.number) {
                    Ok(at) => at,
                    Err(at) => {
                        rows.insert(at, Row { number, cells: Vec::new() });
                        at
                    }
                }
            }
            _ => {
                rows.push(Row { number, cells: Vec::new() });
                rows.len() - 1
            }
        };
        let cells = &mut rows[at].cells;
        let width = column as usize + 1;
        if cells.len() < width {
            room.cells += (width - cells.len()) as u64;
            SheetError::limit("cells", room.cells, CELLS_MAX as u64)?;
            cells.resize(width, Cell::Empty);
        }
        cells[column as usize] = cell;
        Ok(())
    }

    fn finish(self) -> Table {
        self.table
    }
}

fn value(data: &Data) -> Cell {
    match data {
        Data::Empty => Cell::Empty,
        Data::String(text) | Data::DurationIso(text) => Cell::Text(text.clone()),
        Data::Int(number) => Cell::Number((*number).into()),
        Data::Float(number) => shown_number(*number),
        Data::Bool(flag) => Cell::Flag(*flag),
        Data::Error(error) => Cell::Fault(error.to_string()),
        Data::DateTimeIso(text) => {
            let day = text.get(..10).and_then(|day| day.parse().ok());
            day.map_or_else(|| Cell::Text(text.clone()), Cell::Date)
        }
        Data::DateTime(time) if time.is_datetime() => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            let day = NaiveDate::from_ymd_opt(year.into(), month.into(), day.into());
            day.map_or_else(|| shown_number(time.as_f64()), Cell::Date)
        }
        Data::DateTime(duration) => shown_number(duration.as_f64()),
    }
}

/// A float with the digits that a spreadsheet shows, as a decimal.
fn shown_number(number: f64) -> Cell {
    let scientific = format!("{number:.*e}", DIGITS_SHOWN - 1);
    exact(&scientific).map_or_else(|| Cell::Fault(number.to_string()), Cell::Number)
}

/// `-d.ddde±x` as a plain decimal; none where that has too many digits.
fn exact(scientific: &str) -> Option<rust_decimal::Decimal> {
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(mantissa) => ("-", mantissa),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some(rust_decimal::Decimal::ZERO);
    }
    if exponent.unsigned_abs() as usize > decimal::DIGITS_MAX {
        return None;
    }
    let whole = usize::try_from(exponent + 1).unwrap_or(0);
    let text = if exponent < 0 {
        let zeros = "0".repeat(exponent.unsigned_abs() as usize - 1);
        format!("{sign}0.{zeros}{digits}")
    } else if digits.len() <= whole {
        format!("{sign}{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        let (whole, fraction) = digits.split_at(whole);
        format!("{sign}{whole}.{fraction}")
    };
    decimal::parse(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::{Filling, Room, SheetError, shown_number, tables};
    use crate::extraction::table::Cell;

    #[test]
    fn a_float_becomes_the_decimal_that_is_shown() {
        for (number, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1190.0, "1190"),
            (19.99, "19.99"),
            (0.1 + 0.2, "0.3"),
            (1.005, "1.005"),
            (-1234.5, "-1234.5"),
            (0.000_012_5, "0.0000125"),
            (123_456_789_012_345.0, "123456789012345"),
            (1e20, "100000000000000000000"),
        ] {
            let Cell::Number(decimal) = shown_number(number) else { panic!("{number}") };
            assert_eq!(decimal.to_string(), expected);
        }
        for number in [1e100, -1e30, 1e-40, f64::NAN, f64::INFINITY] {
            assert!(matches!(shown_number(number), Cell::Fault(_)), "{number}");
        }
    }

    #[test]
    fn cells_stand_where_they_were() {
        let (mut filling, mut room) = (Filling::new("S"), Room::default());
        for (row, column, text) in [(2, 1, "b3"), (2, 3, "d3"), (0, 0, "a1"), (5, 0, "a6")] {
            filling.put(row, column, Cell::Text(text.to_owned()), &mut room).expect("room");
        }
        let table = filling.finish();
        let numbers: Vec<_> = table.rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 3, 6]);
        assert_eq!(table.rows[1].cell(3).text(), "d3");
        assert_eq!(table.rows[1].cell(2), &Cell::Empty);
    }

    #[test]
    fn what_is_too_far_out_is_refused() {
        let (mut filling, mut room) = (Filling::new("S"), Room::default());
        let cell = || Cell::Text("x".to_owned());
        assert!(filling.put(1_048_575, 16_383, Cell::Empty, &mut room).is_ok());
        for (row, column) in [(200_000, 0), (0, 1_000), (u32::MAX, u32::MAX)] {
            let error = filling.put(row, column, cell(), &mut room).expect_err("too far");
            assert_eq!(error.code(), "SHEET_TOO_LARGE");
        }
        let many = (0..200_000).find_map(|row| filling.put(row, 999, cell(), &mut room).err());
        assert!(matches!(many, Some(SheetError::TooLarge { what, .. }) if what == "cells"));
    }

    #[test]
    fn what_is_no_spreadsheet_is_refused() {
        for bytes in [&b""[..], b"hello", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"] {
            let error = tables(bytes).expect_err("refused");
            assert_eq!(error.code(), "SHEET_BROKEN", "{error}");
        }
    }
}

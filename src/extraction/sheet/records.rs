//! The records of a workbook of Excel 97 (MS-XLS 2.1.4): how much its reader will make room for.
//!
//! The reader (calamine 0.38) makes room for what a sheet announces, then makes it a rectangle from
//! its first cell to its last one, and reads a sheet as often as the workbook lists it: two cells at
//! opposite corners are half a gigabyte, and 5 KB may list such a sheet many times.

use std::io::{Cursor, Read};

use cfb::CompoundFile;

use crate::extraction::sheet::SheetError;

/// Cells of all rectangles together; each takes some 30 bytes.
const ROOM_MAX: u64 = 4_000_000;

/// Rows and columns of a sheet of Excel 97.
const ROWS_MAX: u32 = 65_536;
const COLUMNS_MAX: u16 = 256;

/// Names of the stream with the records: of Excel 97, and of the one before.
const NAMES: [&str; 2] = ["Workbook", "Book"];

/// Types of records.
const FORMULA: u16 = 0x0006;
const END: u16 = 0x000A;
const LISTED_SHEET: u16 = 0x0085;
const DIMENSIONS: u16 = 0x0200;
const SEVERAL_NUMBERS: u16 = 0x00BD;
const CELLS: [u16; 7] = [FORMULA, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E];
const BEGIN: u16 = 0x0809;

/// Refuses what would take too much room. What is broken otherwise is for the reader.
///
/// # Errors
/// A compound file that cannot be opened or has no workbook, a sheet that announces more cells than
/// a sheet has, or too much room.
pub(super) fn check(bytes: &[u8]) -> Result<(), SheetError> {
    let mut file = CompoundFile::open(Cursor::new(bytes)).map_err(SheetError::broken)?;
    let named = |entry: &cfb::Entry| entry.is_stream() && NAMES.contains(&entry.name());
    let paths: Vec<_> = file.walk().filter(named).map(|entry| entry.path().to_path_buf()).collect();
    if paths.is_empty() {
        return Err(SheetError::broken("it is a compound file without a workbook"));
    }
    for path in paths {
        let mut stream = Vec::new();
        let opened = file.open_stream(path).map_err(SheetError::broken)?;
        // A stream is a part of the file, and no longer than it.
        opened.take(bytes.len() as u64).read_to_end(&mut stream).map_err(SheetError::broken)?;
        SheetError::limit("cells from first to last", room(&stream)?, ROOM_MAX)?;
    }
    Ok(())
}

/// Cells of the rectangles of all sheets, as often as they are listed.
fn room(stream: &[u8]) -> Result<u64, SheetError> {
    let globals = Records(stream).take_while(|(kind, _)| *kind != END);
    let listed = globals.filter(|(kind, _)| *kind == LISTED_SHEET);
    let places =
        listed.filter_map(|(_, data)| data.first_chunk().map(|at| u32::from_le_bytes(*at)));
    let sheets = places.filter_map(|at| stream.get(usize::try_from(at).ok()?..));
    sheets.map(rectangle).try_fold(0_u64, |sum, room| Ok(sum.saturating_add(room?)))
}

/// From the first row and column of a sheet to the last ones; what lies in charts does not count.
fn rectangle(sheet: &[u8]) -> Result<u64, SheetError> {
    let (mut depth, mut layers) = (0_usize, 1);
    let (mut rows, mut columns) = (Span::default(), Span::default());
    for (kind, data) in Records(sheet) {
        match kind {
            BEGIN => depth += 1,
            END if depth <= 1 => break,
            END => depth -= 1,
            _ if depth > 1 => {}
            DIMENSIONS if is_beyond(data) => {
                return Err(SheetError::broken("a sheet announces more cells than a sheet has"));
            }
            SEVERAL_NUMBERS => {
                rows.take(number(data, 0));
                columns.take(number(data, 2));
                columns.take(number(data, data.len().saturating_sub(2)));
            }
            _ if CELLS.contains(&kind) => {
                rows.take(number(data, 0));
                columns.take(number(data, 2));
                // Values, and formulas beside them.
                layers = if kind == FORMULA { 2 } else { layers };
            }
            _ => {}
        }
    }
    Ok(layers * rows.length() * columns.length())
}

/// Whether these are dimensions that no sheet has: behind the last row, four bytes, and behind the
/// last column, two.
fn is_beyond(dimensions: &[u8]) -> bool {
    let rows = dimensions.get(4..).and_then(<[u8]>::first_chunk).map(|at| u32::from_le_bytes(*at));
    let columns = number(dimensions, 10);
    rows.is_some_and(|rows| rows > ROWS_MAX) || columns.is_some_and(|at| at > COLUMNS_MAX)
}

/// First and last.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn take(&mut self, number: Option<u16>) {
        let Some(number) = number else { return };
        let (first, last) = self.0.unwrap_or((number, number));
        self.0 = Some((first.min(number), last.max(number)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

fn number(data: &[u8], at: usize) -> Option<u16> {
    data.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Type and content of each record, as far as they are whole.
struct Records<'s>(&'s [u8]);

impl<'s> Iterator for Records<'s> {
    type Item = (u16, &'s [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (number(self.0, 0)?, number(self.0, 2)?);
        let (data, rest) = self.0[4..].split_at_checked(length.into())?;
        self.0 = rest;
        Some((kind, data))
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, DIMENSIONS, END, FORMULA, LISTED_SHEET, SEVERAL_NUMBERS, room};

    fn record(kind: u16, words: &[u16]) -> Vec<u8> {
        let length = u16::try_from(words.len() * 2).expect("short");
        [kind, length].iter().chain(words).flat_map(|word| word.to_le_bytes()).collect()
    }

    /// A workbook that lists one sheet so often.
    fn workbook(listed: u16, sheet: &[Vec<u8>]) -> Vec<u8> {
        let globals = 4 + usize::from(listed) * 8 + 4;
        let at = [u16::try_from(globals).expect("short"), 0];
        let mut stream = record(BEGIN, &[]);
        for _ in 0..listed {
            stream.extend(record(LISTED_SHEET, &at));
        }
        stream.extend(record(END, &[]));
        stream.extend(sheet.concat());
        stream
    }

    #[test]
    fn a_sheet_takes_the_room_from_its_first_cell_to_its_last() {
        let cell = |row, column| record(0x0203, &[row, column, 0, 0, 0, 0, 0]);
        let (begin, end) = (|| record(BEGIN, &[]), || record(END, &[]));
        let corners = [begin(), cell(65_535, 255), cell(0, 0), end()];
        for (listed, sheet, wanted) in [
            (1, &corners[..], 65_536 * 256),
            (3, &corners[..], 3 * 65_536 * 256),
            (1, &[begin(), end(), cell(9, 9)][..], 0),
            (1, &[begin(), cell(5, 5), cell(6, 7), end()][..], 2 * 3),
            (1, &[begin(), record(SEVERAL_NUMBERS, &[1, 2, 0, 0, 0, 9]), end()][..], 8),
            (1, &[begin(), cell(1, 2), record(FORMULA, &[1, 3, 0]), end()][..], 2 * 2),
            (1, &[begin(), cell(1, 1), begin(), cell(9, 9), end(), end()][..], 1),
            (1, &[begin(), cell(1, 1), record(0x0203, &[]), vec![3, 2, 99, 0]][..], 1),
            (0, &corners[..], 0),
        ] {
            let room = room(&workbook(listed, sheet)).expect("a sheet like others");
            assert_eq!(room, wanted, "{listed} {sheet:?}");
        }
    }

    #[test]
    fn a_sheet_has_no_more_cells_than_a_sheet_can_have() {
        let said = |rows: u32, columns: u16| {
            let begin = record(BEGIN, &[]);
            let rows = [rows & 0xFFFF, rows >> 16].map(|half| u16::try_from(half).expect("half"));
            let record = record(DIMENSIONS, &[0, 0, rows[0], rows[1], 0, columns, 0]);
            room(&workbook(1, &[begin, record]))
        };
        assert!(said(65_536, 256).is_ok());
        assert!(said(65_537, 1).is_err());
        assert!(said(1, 257).is_err());
        let cut = workbook(1, &[record(BEGIN, &[]), record(DIMENSIONS, &[0, 0, 1, 1])[..8].into()]);
        assert!(room(&cut).is_ok(), "what is cut is for the reader");
    }
}

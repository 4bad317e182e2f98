//! The content of an OpenDocument spreadsheet, looked at before it is read.
//!
//! Its reader (calamine 0.38) waits for ever for the end of a table where the text ends first, and
//! unfolds repetitions to 100 million cells: a few hundred bytes would take all time or memory.

use std::io::BufRead;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::extraction::sheet::{SheetError, TEXT_BYTES_MAX};

/// Cells of the rectangle around all that a table has: eight times those that are kept, for gaps.
/// The reader takes 24 bytes for each, full or empty.
const AREA_MAX: u64 = 16_000_000;

/// Walks through the text once.
///
/// # Errors
/// XML whose elements do not close, or more cells or blanks than are taken.
pub(super) fn check(content: impl BufRead) -> Result<(), SheetError> {
    let mut reader = Reader::from_reader(content);
    reader.config_mut().expand_empty_elements = true;
    let (mut table, mut blanks, mut depth) = (Area::default(), 0_u64, 0_u64);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(SheetError::broken)? {
            Event::Start(element) => {
                depth += 1;
                match element.name().as_ref() {
                    "table:table" => table = Area::default(),
                    "table:table-row" => {
                        table.row(repeated(&element, "table:number-rows-repeated"))
                    }
                    "table:table-cell" | "table:covered-table-cell" => table.cell(&element),
                    "text:s" => blanks = blanks.saturating_add(repeated(&element, "text:c")),
                    _ => {}
                }
                SheetError::limit("cells", table.cells(), AREA_MAX)?;
                SheetError::limit("bytes of text", blanks, TEXT_BYTES_MAX as u64)?;
            }
            Event::End(_) => depth -= 1,
            Event::Eof if depth == 0 => return Ok(()),
            Event::Eof => return Err(SheetError::broken("its content ends too early")),
            _ => {}
        }
    }
}

/// How often an element counts. What is no number the reader refuses.
fn repeated(element: &BytesStart<'_>, attribute: &str) -> u64 {
    let found = element.try_get_attribute(attribute).ok().flatten();
    found.map_or(1, |found| found.value.parse().unwrap_or(u64::MAX))
}

/// The rectangle around the cells of a table that are not empty.
#[derive(Default)]
struct Area {
    /// Rows up to the last one with a value, and empty ones since then.
    rows: u64,
    empty_rows: u64,
    /// Columns up to the last one with a value in any row.
    columns: u64,
    /// How often this row counts, and the columns of it so far.
    repeats: u64,
    column: u64,
    row_has_value: bool,
}

impl Area {
    fn row(&mut self, repeats: u64) {
        (self.repeats, self.column, self.row_has_value) = (repeats, 0, false);
        self.empty_rows = self.empty_rows.saturating_add(repeats);
    }

    fn cell(&mut self, element: &BytesStart<'_>) {
        let repeats = repeated(element, "table:number-columns-repeated");
        self.column = self.column.saturating_add(repeats);
        let says = |name: &str| name.starts_with("office:") || name == "table:formula";
        let mut attributes = element.attributes();
        let mut names = attributes.with_checks(false).flatten();
        if names.any(|attribute| says(attribute.key.as_ref())) {
            self.columns = self.columns.max(self.column);
            if !std::mem::replace(&mut self.row_has_value, true) {
                self.rows = self.rows.saturating_add(std::mem::take(&mut self.empty_rows));
            }
        }
    }

    fn cells(&self) -> u64 {
        self.rows.saturating_mul(self.columns)
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn said(rows: &str) -> String {
        let text = format!("<a><table:table table:name='A'>{rows}</table:table></a>");
        check(text.as_bytes()).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn empty_cells_to_the_end_of_the_sheet_are_nothing() {
        let value = "<table:table-cell office:value='1'/>";
        let blank = "<table:table-cell table:number-columns-repeated='16384'/>";
        assert_eq!(
            said(&format!(
                "<table:table-row>{value}{blank}</table:table-row>\
                 <table:table-row table:number-rows-repeated='1048575'>{blank}</table:table-row>"
            )),
            ""
        );
    }

    #[test]
    fn what_would_unfold_to_too_much_is_refused() {
        let row = |repeated: &str, cell: &str| {
            format!("<table:table-row {repeated}><table:table-cell {cell}/></table:table-row>")
        };
        let (one, many) =
            ("office:value='1'", "office:value='1' table:number-columns-repeated='99'");
        let rows = "table:number-rows-repeated='1048576'";
        for (rows, expected) in [
            (row(rows, many), "too large: 103809024 cells"),
            (row("", many) + &row(rows, "") + &row("", one), "too large: 103809222 cells"),
            (row("", "office:value='1' table:number-columns-repeated='x'"), "too large"),
            ("<text:s text:c='99999999'/>".to_owned(), "too large: 99999999 bytes of text"),
        ] {
            assert!(said(&rows).contains(expected), "{}", said(&rows));
        }
        assert_eq!(said(&row(rows, one)), "");
    }

    #[test]
    fn a_text_that_ends_inside_an_element_is_refused() {
        for text in ["<a><table:table>", "<a><table:table><b></b>", "<a></b>"] {
            assert!(check(text.as_bytes()).is_err(), "{text}");
        }
    }
}

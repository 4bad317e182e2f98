//! CSV: bytes to a table, and texts made safe for exports.
//!
//! The separator is the one by which the rows agree about their columns; quotes are those of
//! RFC 4180. A quote that never closes would swallow the rest of the file, so it is refused.

mod split;

use crate::extraction::csv::split::{Fields, Split};
use crate::extraction::encoding;
use crate::extraction::guard;
use crate::extraction::notes::finding;
use crate::extraction::table::{
    CELL_BYTES_MAX, CELLS_MAX, COLUMNS_MAX, Cell, ROWS_MAX, Row, Table,
};
use crate::extraction::unreadable::{Place, Unreadable};
use crate::models::finding::{Finding, Severity};

/// Bytes of a CSV file: as for the other texts.
pub const BYTES_MAX: usize = 50 * 1024 * 1024;

/// Separators, in the order in which they win when several fit as well.
const SEPARATORS: [u8; 4] = *b";\t|,";

/// Rows that are looked at to find the separator.
const SAMPLE_ROWS: usize = 50;

/// Bytes that are looked at to find the separator.
const SAMPLE_BYTES: usize = 64 * 1024;

/// Reads bytes in whatever encoding they are; a guess is in the findings.
///
/// # Errors
/// Broken UTF-16, zero bytes, a quote that never closes, or a limit reached.
pub fn table(bytes: &[u8]) -> Result<(Table, Vec<Finding>), Unreadable> {
    guard::limit("bytes of CSV", bytes.len(), BYTES_MAX)?;
    let decoded = match wide(bytes) {
        Some(marked) => encoding::decode(&marked)?,
        None => encoding::decode(bytes)?,
    };
    let table = parse(&decoded.text)?;
    let guessed = decoded.finding.map(|guess| {
        let taken = guess.actual.unwrap_or_default();
        let message = format!("the file does not say its encoding; it was read as {taken}");
        let mut guessed = finding("ENCODING_GUESSED", Severity::Information, "", message);
        guessed.actual = Some(taken);
        guessed.remedy = Some("check letters with accents; send UTF-8".to_owned());
        guessed
    });
    Ok((table, guessed.into_iter().collect()))
}

/// UTF-16 without a mark, given one: the zero bytes of the first letters tell.
fn wide(bytes: &[u8]) -> Option<Vec<u8>> {
    let mark = match bytes {
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => [0xff, 0xfe],
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => [0xfe, 0xff],
        _ => return None,
    };
    Some([&mark[..], bytes].concat())
}

/// Whether a text is a table: two rows or more that have as many columns by one separator.
pub fn looks_like(text: &str) -> bool {
    if text.contains('\0') || text.trim_start().starts_with(['<', '{', '[', '%']) {
        return false;
    }
    let text = text.trim_start_matches('\u{feff}');
    declared_separator(text).is_some() || separator(text).is_some()
}

/// A text for an export: what a spreadsheet would take for a formula gets an apostrophe before
/// it, and quotes stand around what needs them.
pub fn escaped(text: &str) -> String {
    let guarded = match is_formula(text) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    let needs_quotes = |letter: char| matches!(letter, '"' | ',' | ';' | '\t' | '|' | '\n' | '\r');
    match guarded.contains(needs_quotes) {
        true => format!("\"{}\"", guarded.replace('"', "\"\"")),
        false => guarded,
    }
}

/// Whether a spreadsheet would compute the text: a sign or `@` at its start. A plain number with
/// a sign is none, and neither is a dash alone.
pub(crate) fn is_formula(text: &str) -> bool {
    let start = text.trim_start_matches([' ', '\u{a0}']);
    let Some(first) = start.chars().next() else { return false };
    let number = |rest: &str| {
        rest.chars().all(|letter| letter.is_ascii_digit() || " .,'%\u{a0}\u{202f}".contains(letter))
    };
    match first {
        '=' | '@' | '\t' | '\r' => true,
        '+' | '-' => !number(&start[1..]),
        _ => false,
    }
}

fn parse(text: &str) -> Result<Table, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Unreadable::Empty);
    }
    if let Some(at) = text.find('\0') {
        let found = format!("text with a zero byte at {}", Place::of(text, at));
        let wanted = "CSV as text";
        return Err(Unreadable::Unsupported { detected: Some(found), wanted });
    }
    let declared = declared_separator(text);
    let separator = declared.or_else(|| separator(text)).unwrap_or(SEPARATORS[0]);
    let mut rows = Vec::new();
    let mut cells = 0;
    for (index, split) in Split::new(text, separator).enumerate() {
        let fields = match split {
            Ok(fields) => fields,
            Err(start) => return Err(unclosed(text, start)),
        };
        guard::limit("rows", index + 1, ROWS_MAX)?;
        guard::limit("columns", fields.len(), COLUMNS_MAX)?;
        if index == 0 && declared.is_some() {
            continue;
        }
        let longest = fields.iter().map(|field| field.len()).max().unwrap_or_default();
        guard::limit("bytes of one cell", longest, CELL_BYTES_MAX)?;
        cells += fields.len();
        guard::limit("cells", cells, CELLS_MAX)?;
        rows.extend(row(index, fields));
    }
    Ok(Table { name: None, rows })
}

fn row(index: usize, fields: Fields<'_>) -> Option<Row> {
    let cell = |field: std::borrow::Cow<'_, str>| match field.is_empty() {
        true => Cell::Empty,
        false => Cell::Text(field.into_owned()),
    };
    let cells: Vec<_> = fields.into_iter().map(cell).collect();
    let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
    cells.iter().any(|cell| !cell.is_blank()).then_some(Row { number, cells })
}

fn unclosed(text: &str, start: usize) -> Unreadable {
    let place = Place::of(text, start);
    let found = format!("CSV with a quote at {place} that is never closed");
    let wanted = "CSV whose quotes are closed, and doubled within a value";
    Unreadable::Unsupported { detected: Some(found), wanted }
}

/// `sep=;` in the first row, as spreadsheets write and read it.
fn declared_separator(text: &str) -> Option<u8> {
    let first = text.lines().next()?;
    match first.trim_end().as_bytes() {
        [b's', b'e', b'p', b'=', separator] if SEPARATORS.contains(separator) => Some(*separator),
        _ => None,
    }
}

/// The separator by which most rows have as many columns; none where no two rows agree.
fn separator(text: &str) -> Option<u8> {
    let sample = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let whole = sample.len() == text.len();
    let mut best = None;
    for separator in SEPARATORS {
        let rows = Split::new(sample, separator).take(SAMPLE_ROWS).map_while(Result::ok);
        let mut widths: Vec<_> = rows.filter(|row| !is_blank(row)).map(|row| row.len()).collect();
        // The end of a sample cuts a row.
        if !whole && widths.len() < SAMPLE_ROWS && widths.len() > 2 {
            widths.pop();
        }
        let Some((width, agreeing)) = most_frequent(&widths) else { continue };
        if width < 2 || agreeing < 2 {
            continue;
        }
        let share = agreeing * 1_000 / widths.len();
        if best.is_none_or(|(most, _)| share > most) {
            best = Some((share, separator));
        }
    }
    best.map(|(_, separator)| separator)
}

fn is_blank(fields: &Fields<'_>) -> bool {
    fields.iter().all(|field| field.trim().is_empty())
}

/// The number that stands most often, the larger of equals, and how often.
fn most_frequent(widths: &[usize]) -> Option<(usize, usize)> {
    let often = |width: usize| widths.iter().filter(|other| **other == width).count();
    widths.iter().map(|width| (*width, often(*width))).max_by_key(|(width, often)| (*often, *width))
}

#[cfg(test)]
mod tests;

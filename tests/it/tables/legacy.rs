//! A workbook as Excel wrote them before 2007: BIFF8 records in a compound file.

use super::workbook::Value::{self, Day, Empty, Error, Number, Text};
use super::{codes, text};
use ap_gateway::extraction::sheet;
use ap_gateway::extraction::table;

/// Bytes of a sector.
const SECTOR: usize = 512;

/// A stream below this size would stand among the small ones.
const STREAM_BYTES_MIN: usize = 4096;

const END_OF_CHAIN: u32 = 0xffff_fffe;
const FREE: u32 = 0xffff_ffff;

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).expect("short");
    [&kind.to_le_bytes()[..], &length.to_le_bytes(), data].concat()
}

/// The start of the globals (5) or of a worksheet (16).
fn begin(what: u16) -> Vec<u8> {
    let data = [0x0600_u16, what, 0x0dbb, 0x07cc, 0, 0, 0, 0].map(u16::to_le_bytes).concat();
    record(0x0809, &data)
}

/// A cell format; its number format is 0 (general) or 14 (a day).
fn format(number_format: u16) -> Vec<u8> {
    let mut data = [0, number_format].map(u16::to_le_bytes).concat();
    data.resize(20, 0);
    record(0x00e0, &data)
}

fn cell(row: usize, column: usize, value: &Value<'_>) -> Vec<u8> {
    let place = |format: u16| {
        let numbers = [row, column].map(|number| u16::try_from(number).expect("small"));
        [numbers[0], numbers[1], format].map(u16::to_le_bytes).concat()
    };
    let number =
        |number: f64, format| record(0x0203, &[&place(format)[..], &number.to_le_bytes()].concat());
    match value {
        Empty | Error(_) => Vec::new(),
        Number(text) => number(text.parse().expect("a number"), 0),
        Day(day) => number(f64::from(*day), 1),
        Text(text) => {
            let units: Vec<u16> = text.encode_utf16().collect();
            let length = u16::try_from(units.len()).expect("short").to_le_bytes();
            let units: Vec<u8> = units.into_iter().flat_map(u16::to_le_bytes).collect();
            // 1: two bytes a character.
            record(0x0204, &[&place(0)[..], &length, &[1], &units].concat())
        }
    }
}

/// The stream of a workbook with one sheet.
fn stream(name: &str, rows: &[Vec<Value<'_>>]) -> Vec<u8> {
    let head = [begin(5), format(0), format(14)].concat();
    let name = [&[u8::try_from(name.len()).expect("short"), 0][..], name.as_bytes()].concat();
    let end = record(0x000a, &[]);
    let start = head.len() + 4 + 6 + name.len() + end.len();
    let start = u32::try_from(start).expect("small").to_le_bytes();
    let sheet = record(0x0085, &[&start[..], &[0, 0], &name].concat());
    let cells = rows.iter().enumerate().flat_map(|(row, values)| {
        values.iter().enumerate().flat_map(move |(column, value)| cell(row, column, value))
    });
    [head, sheet, end.clone(), begin(16), cells.collect(), end].concat()
}

/// A compound file with one stream: allocation table, directory, stream.
fn compound(mut stream: Vec<u8>) -> Vec<u8> {
    stream.resize(stream.len().max(STREAM_BYTES_MIN).next_multiple_of(SECTOR), 0);
    let sectors = u32::try_from(stream.len() / SECTOR).expect("small");
    let size = u32::try_from(stream.len()).expect("small");
    let words =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    let mut header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    header.resize(24, 0);
    header.extend([0x3e_u16, 3, 0xfffe, 9, 6].map(u16::to_le_bytes).concat());
    header.resize(40, 0);
    header.extend(words(&[0, 1, 1, 0, 4096, END_OF_CHAIN, 0, END_OF_CHAIN, 0, 0]));
    header.resize(SECTOR, 0xff);
    let mut table = vec![0xffff_fffd, END_OF_CHAIN];
    table.extend((3..2 + sectors).chain([END_OF_CHAIN]));
    table.resize(SECTOR / 4, FREE);
    let entry = |name: &str, kind: u8, child: u32, start: u32, size: u32| {
        let mut entry: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let length = u16::try_from(entry.len() + 2).expect("short");
        entry.resize(64, 0);
        entry.extend(length.to_le_bytes());
        entry.extend([kind, 1]);
        entry.extend(words(&[FREE, FREE, child]));
        entry.resize(116, 0);
        entry.extend(words(&[start, size, 0]));
        entry
    };
    let mut directory = entry("Root Entry", 5, 1, END_OF_CHAIN, 0);
    directory.extend(entry("Workbook", 2, FREE, 2, size));
    directory.resize(SECTOR, 0);
    [header, words(&table), directory, stream].concat()
}

#[test]
fn a_workbook_of_older_excel_is_read() {
    let rows = vec![
        vec![Text("Rechnungsnummer:"), Text("R-1"), Empty, Text("Datum"), Day(46_350)],
        vec![Text("Währung"), Text("EUR")],
        vec![Text("Pos"), Text("Bezeichnung"), Text("Menge"), Text("Einzelpreis"), Text("Betrag")],
        vec![Number("1"), Text("Schraube ½″"), Number("3"), Number("0.1"), Number("0.3")],
        vec![Number("2"), Text("Mutter"), Number("10"), Number("1.5"), Number("15")],
        vec![Empty, Empty, Empty, Text("Summe netto"), Number("15.3")],
    ];
    let bytes = compound(stream("Rechnung", &rows));
    let tables = sheet::tables(&bytes).expect("tables");
    let read = table::read_workbook(&tables, None).expect("an invoice");
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    let invoice = &read.invoice;
    assert_eq!(invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(invoice.issue_date), "2026-11-24");
    assert_eq!(invoice.currency.as_deref(), Some("EUR"));
    assert_eq!(invoice.lines[0].name.as_deref(), Some("Schraube ½″"));
    let nets: Vec<_> = invoice.lines.iter().map(|line| text(line.net)).collect();
    assert_eq!(nets, ["0.3", "15"]);
    assert_eq!(text(invoice.totals.net), "15.3");
    let number = read.evidence.iter().find(|evidence| evidence.field == "BT-1").expect("a number");
    assert_eq!(number.place.as_deref(), Some("Rechnung!B1"));
}

//! Spreadsheets: as people write invoices in them, locked ones, and bombs.

use super::workbook::Value::{Day, Empty, Error, Number, Text};
use super::workbook::{Value, archive, workbook};
use super::{codes, text};
use ap_gateway::extraction::sheet;
use ap_gateway::extraction::table;
use ap_gateway::models::evidence::Source;
use ap_gateway::models::finding::Severity;

fn invoice() -> Vec<Vec<Value<'static>>> {
    vec![
        vec![Text("Müller & Söhne GmbH")],
        vec![],
        vec![
            Text("Rechnungsnummer:"),
            Empty,
            Text("R-1"),
            Empty,
            Text("USt-IdNr."),
            Text("DE129273398"),
        ],
        vec![Text("Datum"), Empty, Day(46_350), Empty, Text("Währung"), Text("EUR")],
        vec![],
        vec![Text("Pos"), Text("Bezeichnung"), Text("Menge"), Text("Einzelpreis"), Text("Betrag")],
        vec![
            Number("1"),
            Text("Schraube"),
            Number("3"),
            Number("0.1"),
            Number("0.30000000000000004"),
        ],
        vec![Number("2"), Text("Mutter"), Number("10"), Number("1.5"), Number("15")],
        vec![Empty, Empty, Empty, Text("Summe netto"), Number("15.3")],
        vec![Empty, Empty, Empty, Text("MwSt 19 %"), Number("2.91")],
        vec![Empty, Empty, Empty, Text("Summe"), Number("18.21")],
        vec![Empty, Empty, Empty, Text("Gesamtbetrag"), Number("18.21")],
    ]
}

#[test]
fn an_invoice_as_people_write_it_is_read() {
    let bytes = workbook(&[("Rechnung", true, invoice()), ("Listen", false, invoice())]);
    let tables = sheet::tables(&bytes).expect("tables");
    assert_eq!(tables.len(), 1);
    let read = table::read_workbook(&tables, None).expect("an invoice");
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    let invoice = &read.invoice;
    assert_eq!(invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(invoice.issue_date), "2026-11-24");
    assert_eq!(invoice.seller.vat_id.as_deref(), Some("DE129273398"));
    assert_eq!(invoice.currency.as_deref(), Some("EUR"));
    let nets: Vec<_> = invoice.lines.iter().map(|line| text(line.net)).collect();
    assert_eq!(nets, ["0.3", "15"]);
    let totals = &invoice.totals;
    let found = [totals.net, totals.tax, totals.gross, totals.payable].map(text);
    assert_eq!(found, ["15.3", "2.91", "18.21", "18.21"]);
    let number = read.evidence.iter().find(|evidence| evidence.field == "BT-1").expect("a number");
    assert_eq!(number.place.as_deref(), Some("Rechnung!C3"));
    assert_eq!((number.source, number.label.as_deref()), (Source::Sheet, Some("Rechnungsnummer:")));
}

#[test]
fn sheets_beside_it_are_named_and_a_second_invoice_is_refused() {
    let list = || vec![vec![Text("Land"), Text("Code")], vec![Text("Deutschland"), Text("DE")]];
    let bytes = workbook(&[("A", true, invoice()), ("Listen", true, list())]);
    let read = table::read_workbook(&sheet::tables(&bytes).expect("tables"), None);
    let read = read.expect("an invoice");
    let beside = read.findings.last().expect("a finding");
    assert_eq!((&*beside.code, beside.severity), ("SHEETS_NOT_READ", Severity::Information));
    assert!(beside.message.ends_with("Listen"));

    let bytes = workbook(&[("A", true, invoice()), ("B", true, invoice())]);
    let error = table::read_workbook(&sheet::tables(&bytes).expect("tables"), None);
    let said = error.expect_err("refused").to_string();
    assert!(said.starts_with("2 documents in one file (sheets A, B)"), "{said}");

    let bytes = workbook(&[("A", true, list()), ("B", true, list())]);
    let error = table::read_workbook(&sheet::tables(&bytes).expect("tables"), None);
    assert!(error.expect_err("refused").to_string().starts_with("a workbook without a sheet"));
}

#[test]
fn an_error_of_the_spreadsheet_is_no_value() {
    let mut rows = invoice();
    rows[6][4] = Error("#REF!");
    let bytes = workbook(&[("A", true, rows)]);
    let read = table::read_workbook(&sheet::tables(&bytes).expect("tables"), None);
    let read = read.expect("an invoice");
    assert_eq!(codes(&read), ["TABLE_GUESSED", "MALFORMED_VALUE"]);
    assert_eq!(read.findings[1].place.as_deref(), Some("A!E7"));
    assert_eq!(read.findings[1].actual.as_deref(), Some("#REF!"));
    assert_eq!(read.invoice.totals.lines, None);
}

#[test]
fn an_opendocument_sheet_is_read_too() {
    let row = |cells: &[&str]| {
        let cell = |text: &&str| match text.parse::<i32>() {
            Ok(number) => {
                format!(r#"<table:table-cell office:value-type="float" office:value="{number}"/>"#)
            }
            Err(_) => format!(
                r#"<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>"#
            ),
        };
        let cells: String = cells.iter().map(cell).collect();
        format!("<table:table-row>{cells}</table:table-row>")
    };
    let rows = row(&["invoice no", "qty", "unit price"]) + &row(&["R-1", "3", "4"]);
    const NAMES: &str = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" xmlns:text="{NAMES}:text:1.0"><office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    let kind = "application/vnd.oasis.opendocument.spreadsheet";
    let manifest = format!(
        r#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="{NAMES}:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>"#
    );
    let parts =
        [("mimetype", kind), ("META-INF/manifest.xml", &manifest), ("content.xml", &content)];
    let bytes = archive(&parts.map(|(name, text)| (name.to_owned(), text.to_owned())));
    let read = table::read_workbook(&sheet::tables(&bytes).expect("tables"), None);
    let read = read.expect("an invoice");
    assert_eq!(read.invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(read.invoice.totals.lines), "12");
    let number = &read.evidence[0];
    assert_eq!(number.place.as_deref(), Some("A!A2"));
}

#[test]
fn a_password_is_said() {
    // A compound file with the stream that encrypted workbooks have.
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(1536, 0);
    bytes.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
    bytes.resize(4096, 0);
    let error = sheet::tables(&bytes).expect_err("refused");
    assert_eq!(error.code(), "SHEET_ENCRYPTED");
    assert!(error.to_string().contains("save it without one"), "{error}");
}

#[test]
fn an_old_workbook_is_read_and_one_that_leads_in_a_circle_is_not_followed() {
    let bytes = include_bytes!("../../../fuzz/seeds/sheet/old.xls");
    let read = table::read_workbook(&sheet::tables(bytes).expect("tables"), None);
    let read = read.expect("an invoice");
    assert_eq!(read.invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(read.invoice.totals.lines), "15.5");
    let mut circle = bytes.to_vec();
    // The table of chains is the first sector; after the sixth comes the third again.
    circle[512 + 5 * 4] = 2;
    let error = sheet::tables(&circle).expect_err("refused");
    assert_eq!(error.code(), "SHEET_BROKEN");
    assert!(error.to_string().contains("lead in a circle"), "{error}");
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    let zeros = |bytes: usize| " ".repeat(bytes);
    let many = (0..2_001).map(|index| (format!("{index}.xml"), String::new())).collect::<Vec<_>>();
    for (parts, expected) in [
        (vec![("xl/workbook.xml".to_owned(), zeros(101 << 20))], "bytes unpacked"),
        (vec![("xl/workbook.xml".to_owned(), zeros(8 << 20))], "times its size"),
        (many, "parts"),
    ] {
        let error = sheet::tables(&archive(&parts)).expect_err(expected);
        assert_eq!(error.code(), "SHEET_TOO_LARGE", "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[test]
fn a_cell_far_away_costs_nothing_but_a_refusal() {
    let bytes = workbook(&[("A", true, invoice())]);
    let far = |place: &str| {
        let content = format!(
            r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>{place}</sheetData></worksheet>"#
        );
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&bytes)).expect("an archive");
        let parts: Vec<_> = (0..archive.len())
            .map(|index| {
                let mut text = String::new();
                let mut part = archive.by_index(index).expect("a part");
                std::io::Read::read_to_string(&mut part, &mut text).expect("text");
                let name = part.name().expect("a name").into_owned();
                let text = if name.ends_with("sheet1.xml") { content.clone() } else { text };
                (name, text)
            })
            .collect();
        super::workbook::archive(&parts)
    };
    let tables = sheet::tables(&far("")).expect("tables");
    assert_eq!(tables[0].rows.len(), 1);
    for place in [
        r#"<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>"#,
        r#"<row r="2"><c r="XFD2"><v>1</v></c></row>"#,
    ] {
        let error = sheet::tables(&far(place)).expect_err("refused");
        assert_eq!(error.code(), "SHEET_TOO_LARGE", "{error}");
    }
}

#[test]
fn broken_workbooks_are_refused_and_never_panic() {
    let bytes = workbook(&[("A", true, invoice())]);
    for at in (0..bytes.len()).step_by(7) {
        let _ = sheet::tables(&bytes[..at]);
        let mut mutated = bytes.clone();
        mutated[at] ^= 0x55;
        let _ = sheet::tables(&mutated);
    }
}

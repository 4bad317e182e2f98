//! Whole files with one invoice: CSV, spreadsheets, JSON.

mod headings;
mod json;
mod legacy;
mod sheets;
mod workbook;

use ap_gateway::extraction::csv;
use ap_gateway::extraction::draft::Drafted;
use ap_gateway::extraction::table::{self, Profile};
use ap_gateway::models::evidence::{Confidence, Source};
use ap_gateway::models::extraction::Syntax;
use ap_gateway::models::finding::Severity;
use ap_gateway::models::invoice::InvoiceKind;
use encoding_rs::WINDOWS_1252;
use proptest::prelude::{ProptestConfig, any, proptest};

const GERMAN: &str = "\
Rechnungsnr;Rechnungsdatum;Fällig am;Währung;Lieferant;USt-IdNr.;Pos;Bezeichnung;Menge;Einheit;Einzelpreis;MwSt %;Betrag
R-1;24.11.2026;24.12.2026;EUR;Müller & Söhne;DE129273398;1;\"Schraube; M8\";1.000;C62;0,125;19;125,00
R-1;24.11.2026;24.12.2026;EUR;Müller & Söhne;DE129273398;2;\"Mutter
\"\"verzinkt\"\"\";10;C62;1,50;19;15,00
";

const ENGLISH: &str = "\
invoice_no,invoice_date,due_date,currency,supplier_name,supplier_vat_id,line,description,qty,unit,unit_price,vat_rate,net_amount
R-1,2026-11-24,2026-12-24,EUR,Müller & Söhne,DE129273398,1,Schraube; M8,\"1,000\",C62,0.125,19,125.00
R-1,2026-11-24,2026-12-24,EUR,Müller & Söhne,DE129273398,2,\"Mutter
\"\"verzinkt\"\"\",10,C62,1.50,19,15.00
";

const PROFILE: &str = r#"
form = "rows"
heading_row = 1
decimal_sign = ","
date_format = "DD.MM.YYYY"
[columns]
"BT-1" = "Rechnungsnr"
"BT-2" = "Rechnungsdatum"
"BT-9" = "Fällig am"
"BT-27" = "Lieferant"
"BT-31" = { letter = "F" }
"BT-126" = "Pos"
"BT-129" = "Menge"
"BT-131" = "Betrag"
"BT-146" = "Einzelpreis"
"BT-152" = "MwSt %"
"BT-153" = "Bezeichnung"
[constants]
"BT-5" = "EUR"
"BT-3" = "380"
"BT-130" = "C62"
"#;

fn read(text: &str) -> Drafted {
    let (table, _) = csv::table(text.as_bytes()).expect("a table");
    table::read(&table, None, Syntax::Csv).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn codes(read: &Drafted) -> Vec<&str> {
    read.findings.iter().map(|found| found.code.as_str()).collect()
}

fn text(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn assert_is_the_sample(read: &Drafted) {
    let invoice = &read.invoice;
    assert_eq!(invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(invoice.issue_date), "2026-11-24");
    assert_eq!(text(invoice.due_date), "2026-12-24");
    assert_eq!(invoice.currency.as_deref(), Some("EUR"));
    assert_eq!(invoice.seller.name.as_deref(), Some("Müller & Söhne"));
    assert_eq!(invoice.seller.vat_id.as_deref(), Some("DE129273398"));
    let lines = invoice.lines.iter();
    let lines: Vec<_> = lines
        .map(|line| (&*line.id, text(line.quantity), text(line.price), text(line.net)))
        .collect();
    let line = |id, quantity: &str, price: &str, net: &str| {
        (id, quantity.to_owned(), price.to_owned(), net.to_owned())
    };
    assert_eq!(lines, [line("1", "1000", "0.125", "125.00"), line("2", "10", "1.50", "15.00")]);
    assert_eq!(invoice.lines[0].name.as_deref(), Some("Schraube; M8"));
    assert_eq!(invoice.lines[1].name.as_deref(), Some("Mutter \"verzinkt\""));
    assert_eq!(invoice.lines[1].unit.as_deref(), Some("C62"));
    let totals = &invoice.totals;
    assert_eq!(text(totals.net), "140.00");
    assert_eq!(text(totals.tax), "26.60");
    assert_eq!(text(totals.payable), "166.60");
}

#[test]
fn german_and_english_files_give_the_same_invoice_and_are_looked_at_once() {
    for sample in [GERMAN, ENGLISH] {
        assert!(csv::looks_like(sample));
        let read = read(sample);
        assert_is_the_sample(&read);
        assert_eq!(codes(&read), ["TABLE_GUESSED"]);
        let guessed = &read.findings[0];
        assert_eq!(guessed.severity, Severity::Warning);
        assert!(guessed.terms.contains(&"BT-131".to_owned()), "{guessed:#?}");
        assert!(guessed.message.contains("M \"") && guessed.message.contains("is BT-131"));
    }
}

#[test]
fn with_a_profile_nothing_is_guessed() {
    let profile = Profile::parse(PROFILE).expect("a profile");
    let (table, _) = csv::table(GERMAN.as_bytes()).expect("a table");
    let read = table::read(&table, Some(&profile), Syntax::Csv).expect("an invoice");
    assert_is_the_sample(&read);
    assert_eq!(codes(&read), [""; 0]);
    assert_eq!(read.invoice.type_code.as_deref(), Some("380"));
    assert!(read.evidence.iter().all(|evidence| evidence.confidence == Confidence::CERTAIN));
    let constant = read.evidence.iter().find(|evidence| evidence.field == "BT-5");
    let rule = constant.and_then(|evidence| evidence.rule.as_deref());
    assert_eq!(rule, Some("constant of the mapping profile"));

    let (other, _) = csv::table(ENGLISH.as_bytes()).expect("a table");
    let error = table::read(&other, Some(&profile), Syntax::Csv).expect_err("another table");
    let said = error.to_string();
    assert!(said.contains("\"rechnungsnr\"") && said.contains("\"betrag\""), "{said}");
}

#[test]
fn every_value_says_its_cell_its_heading_and_its_text() {
    let read = read(GERMAN);
    let of = |field: &str| {
        let found = read.evidence.iter().find(|evidence| evidence.field == field);
        found.unwrap_or_else(|| panic!("{field}: {:#?}", read.evidence))
    };
    for (field, value, raw, place, label) in [
        ("BT-1", "R-1", None, "A2", "Rechnungsnr"),
        ("BT-2", "2026-11-24", Some("24.11.2026"), "B2", "Rechnungsdatum"),
        ("BG-25[1]/BT-131", "125.00", Some("125,00"), "M2", "Betrag"),
        ("BG-25[2]/BT-129", "10", None, "I3", "Menge"),
    ] {
        let evidence = of(field);
        assert_eq!((&*evidence.value, evidence.raw.as_deref()), (value, raw));
        assert_eq!(evidence.place.as_deref(), Some(place));
        assert_eq!(evidence.label.as_deref(), Some(label));
        assert_eq!((evidence.source, evidence.confidence), (Source::Csv, Confidence::LABELLED));
    }
    let net = of("BT-109");
    assert_eq!(net.source, Source::Derived);
    assert_eq!(net.rule.as_deref(), Some("BT-106 − BT-107 + BT-108"));
}

#[test]
fn encodings_of_the_field_are_read() {
    let utf16: Vec<u8> =
        format!("\u{feff}{GERMAN}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin = WINDOWS_1252.encode(GERMAN).0.into_owned();
    for (bytes, guessed) in [(utf16, false), (latin, true)] {
        let (table, findings) = csv::table(&bytes).expect("a table");
        assert_eq!(findings.len(), usize::from(guessed));
        assert_is_the_sample(&table::read(&table, None, Syntax::Csv).expect("an invoice"));
    }
}

#[test]
fn records_are_told_apart_by_their_column() {
    let sample = "\
Satzart;Rechnungsnummer;Datum;Währung;Pos;Menge;Einzelpreis;Text
K;R-1;24.11.2026;EUR;;;;
P;;;;1;2;1,50;Schraube
P;;;;2;1;0,25;Mutter
X;;;;;;;Fußzeile
";
    let read = read(sample);
    assert_eq!(codes(&read), ["TABLE_GUESSED", "ROWS_NOT_READ"]);
    assert_eq!(read.invoice.number.as_deref(), Some("R-1"));
    assert_eq!(text(read.invoice.totals.lines), "3.25");

    let profile = Profile::parse(
        r#"
        form = "records"
        decimal_sign = ","
        date_format = "DD.MM.YYYY"
        [record]
        column = { letter = "A" }
        header = "K"
        line = "P"
        [columns]
        "BT-1" = { letter = "B" }
        "BT-2" = { letter = "C" }
        "BT-153" = { letter = "B" }
        "BT-129" = { letter = "C" }
        "BT-146" = { letter = "D" }
        "#,
    )
    .expect("a profile");
    let positional = "K;R-1;24.11.2026;\nP;Schraube;2;1,50\nP;Mutter;1;0,25\n";
    let (table, _) = csv::table(positional.as_bytes()).expect("a table");
    let read = table::read(&table, Some(&profile), Syntax::Csv).expect("an invoice");
    assert_eq!(codes(&read), [""; 0]);
    assert_eq!(read.invoice.lines[1].name.as_deref(), Some("Mutter"));
    assert_eq!(text(read.invoice.totals.lines), "3.25");
}

#[test]
fn what_is_no_single_invoice_is_refused_and_says_why() {
    let head = "Rechnungsnr;Lieferant;Betrag\n";
    for (rows, expected) in [
        ("", "a table with headings and no rows"),
        ("R-1;A;1,00\nR-2;A;2,00\n", "2 documents in one file (numbers R-1 of A, R-2 of A)"),
        ("R-1;A;1,00\nR-1;B;2,00\n", "2 documents in one file"),
    ] {
        let (table, _) = csv::table(format!("{head}{rows}").as_bytes()).expect("a table");
        let error = table::read(&table, None, Syntax::Csv).expect_err(expected);
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    let (foreign, _) = csv::table(b"Name;Age\nAnn;30\nBob;40\n").expect("a table");
    let error = table::read(&foreign, None, Syntax::Csv).expect_err("no invoice");
    assert!(error.to_string().starts_with("a table whose headings name no invoice"), "{error}");
    let lines = format!("{head}{}", "R-1;A;1,00\n".repeat(5_001));
    let (table, _) = csv::table(lines.as_bytes()).expect("a table");
    let error = table::read(&table, None, Syntax::Csv).expect_err("too many lines");
    assert!(error.to_string().starts_with("too large: 5001 lines"), "{error}");
}

#[test]
fn rows_that_contradict_each_other_stop_the_invoice() {
    let sample = "Rechnungsnr;Fällig am;Pos;Betrag\nR-1;24.12.2026;1;1,00\nR-1;2026-12-24;2;2,00\n";
    assert_eq!(codes(&read(sample)), ["TABLE_GUESSED"]);
    let read = read(&sample.replace("2026-12-24", "25.12.2026"));
    assert_eq!(codes(&read), ["TABLE_GUESSED", "CSV_HEADER_CONFLICT"]);
    let conflict = &read.findings[1];
    assert_eq!(conflict.severity, Severity::Fatal);
    assert_eq!(conflict.place.as_deref(), Some("B3"));
    assert_eq!(conflict.actual.as_deref(), Some("2026-12-25"));
    assert_eq!(conflict.expected.as_deref(), Some("2026-12-24"));
    assert_eq!(conflict.terms, ["BT-9"]);
}

#[test]
fn header_values_may_stand_in_the_first_row_alone() {
    let read = read("Rechnungsnr;Datum;Pos;Betrag\nR-1;24.11.2026;1;1,00\n;;2;2,00\n");
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    assert_eq!(read.invoice.lines.len(), 2);
}

#[test]
fn what_cannot_be_read_is_listed_cell_by_cell() {
    let read = read(
        "Rechnungsnr;Datum;Pos;Menge;Betrag\nR-1;31.02.2026;1;zwei;1,00\nR-1;;2;1E5;=1+1\n\
         R-1;;3;1;2,00;x\n",
    );
    let found: Vec<_> = read
        .findings
        .iter()
        .map(|found| (&*found.code, found.place.as_deref().unwrap_or_default()))
        .collect();
    let expected = [
        ("TABLE_GUESSED", "A1"),
        ("RAGGED_ROW", "F4"),
        ("MALFORMED_VALUE", "B2"),
        ("MALFORMED_VALUE", "D2"),
        ("MALFORMED_VALUE", "D3"),
        ("MALFORMED_VALUE", "E3"),
    ];
    assert_eq!(found, expected);
    assert_eq!(read.invoice.totals.lines, None);
    assert_eq!(read.invoice.lines.len(), 3);
}

#[test]
fn a_text_that_would_be_a_formula_is_a_text_with_a_warning() {
    let read = read("Rechnungsnr;Text;Menge;Betrag\nR-1;=HYPERLINK(A1);-1;-2,00\n");
    assert_eq!(codes(&read), ["TABLE_GUESSED", "FORMULA_LIKE"]);
    assert_eq!(read.invoice.lines[0].name.as_deref(), Some("=HYPERLINK(A1)"));
    assert_eq!(text(read.invoice.lines[0].net), "-2.00");
    assert_eq!(csv::escaped("=HYPERLINK(A1)"), "'=HYPERLINK(A1)");
}

#[test]
fn an_open_number_or_date_is_never_taken_silently() {
    let read = read("invoice no,date,qty,line total\nR-1,03/04/2026,1,1.234\n");
    assert_eq!(codes(&read), ["TABLE_GUESSED", "MALFORMED_VALUE"]);
    let expected = read.findings[1].expected.as_deref().unwrap_or_default();
    assert!(expected.contains("1234 or 1.234"), "{expected}");
    let date = read.evidence.iter().find(|evidence| evidence.field == "BT-2").expect("a date");
    assert_eq!(date.confidence, Confidence::ONE_OF_SEVERAL);
    assert_eq!(date.alternatives[0].value, "2026-03-04");
}

#[test]
fn a_file_with_our_own_words_is_read_by_them() {
    let read = read(
        "BT-1;BT-3;BT-5;BT-84;BT-92;BT-97;BT-96;lines.order_reference;BT-131;BT-152\n\
         R-1;381;EUR;DE02120300000000202051;1,00;Rabatt;19;PO-9;11,00;19\n",
    );
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    let invoice = &read.invoice;
    assert_eq!(invoice.kind, InvoiceKind::CreditNote);
    assert_eq!(invoice.accounts().collect::<Vec<_>>(), ["DE02120300000000202051"]);
    assert_eq!(invoice.order_references(), ["PO-9"]);
    assert_eq!(text(invoice.totals.allowances), "1.00");
    assert_eq!(text(invoice.totals.net), "10.00");
    assert_eq!(text(invoice.totals.payable), "11.90");
}

#[test]
fn stated_totals_are_kept_and_compared() {
    let head = "Rechnungsnr;Pos;Betrag;MwSt %;Gesamtnetto;MwSt;Brutto\n";
    let row = |pos: u32, net: &str| format!("R-1;{pos};{net};19;30,00;5,70;35,70\n");
    let right = read(&format!("{head}{}{}", row(1, "10,00"), row(2, "20,00")));
    assert_eq!(codes(&right), ["TABLE_GUESSED"]);
    let totals = &right.invoice.totals;
    let found = [totals.net, totals.tax, totals.gross, totals.payable].map(text);
    assert_eq!(found, ["30.00", "5.70", "35.70", "35.70"]);
    let wrong = read(&format!("{head}{}{}", row(1, "10,00"), row(2, "21,00")));
    assert_eq!(codes(&wrong)[..2], ["TABLE_GUESSED", "TOTALS_DO_NOT_CLOSE"]);
    assert_eq!(text(wrong.invoice.totals.net), "30.00");
}

#[test]
fn the_examples_of_the_docs_are_true() {
    let docs = include_str!("../../docs/extraction-tables.md");
    let example = |language: &str| {
        let start = docs.split_once(&format!("```{language}\n")).expect("an example").1;
        start.split_once("```").expect("its end").0
    };
    let by_json = ap_gateway::extraction::json::read(example("json")).expect("an invoice");
    assert_eq!(by_json.findings, []);
    let by_csv = read(example("csv"));
    assert_eq!(codes(&by_csv), ["TABLE_GUESSED"]);
    assert_eq!(by_csv.invoice.lines[0].unit.as_deref(), Some("H87"));
    assert_eq!(by_csv.invoice.lines[0].unit_as_written.as_deref(), Some("pcs"));
    assert_eq!(text(by_csv.invoice.totals.payable), "130.90");
    if let Err(error) = Profile::parse(example("toml")) {
        panic!("{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn cut_and_spoilt_files_never_panic(at in any::<usize>(), with in "[;,\"\n=0-9A-Z€]{0,3}") {
        let profile = Profile::parse(PROFILE).expect("a profile");
        let at = GERMAN.floor_char_boundary(at % GERMAN.len());
        let next = GERMAN.ceil_char_boundary(at + 1);
        let spoilt = format!("{}{with}{}", &GERMAN[..at], &GERMAN[next..]);
        for text in [&GERMAN[..at], &spoilt] {
            if let Ok((table, _)) = csv::table(text.as_bytes()) {
                let _ = table::read(&table, None, Syntax::Csv);
                let _ = table::read(&table, Some(&profile), Syntax::Csv);
            }
        }
    }
}

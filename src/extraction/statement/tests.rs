//! Whole files of each format, built here.

use crate::extraction::statement::{
    StatementProfile, StatementReading, read_statement, read_statement_by,
};
use crate::models::finding::Finding;
use crate::models::statement::{BalanceKind, EntryStatus, StatementSyntax};

const OFX_1: &str = "OFXHEADER:100\r\nDATA:OFXSGML\r\nVERSION:102\r\nENCODING:USASCII\r\nCHARSET:1252\
\r\n\r\n<OFX><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STMTRS><CURDEF>EUR
<BANKACCTFROM><BANKID>12030000<ACCTID>202051<ACCTTYPE>CHECKING</BANKACCTFROM>
<BANKTRANLIST><DTSTART>20260101<DTEND>20260131
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20260131230000[-5:EST]<DTUSER><TRNAMT>-1.234,56<FITID>F1<NAME>M\u{fc}ller
<MEMO>Rechnung 4711 &amp; 4712</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260130<TRNAMT>7.5<FITID>F2<CHECKNUM>9</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20260130<TRNAMT>abc<FITID>F3</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>-10,00<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>
</BANKMSGSRSV1></OFX>";

const OFX_2: &str = r#"<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?>
<OFX><CREDITCARDMSGSRSV1><CCSTMTTRNRS><CCSTMTRS><CURDEF>USD</CURDEF>
<CCACCTFROM><ACCTID>4111 11</ACCTID></CCACCTFROM><BANKTRANLIST>
<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260102</DTPOSTED><TRNAMT>-20.00</TRNAMT><FITID>1</FITID>
<PAYEE><NAME>Café</NAME></PAYEE><MEMO></MEMO><ORIGCURRENCY><CURRATE>2.0</CURRATE><CURSYM>GBP</CURSYM>
</ORIGCURRENCY></STMTTRN></BANKTRANLIST>
<BANKTRANLISTP><STMTTRNP><TRNTYPE>DEBIT</TRNTYPE><DTTRAN>20260103</DTTRAN><TRNAMT>-1</TRNAMT>
</STMTTRNP></BANKTRANLISTP>
<AVAILBAL><BALAMT>500</BALAMT><DTASOF>20260103</DTASOF></AVAILBAL>
</CCSTMTRS></CCSTMTTRNRS></CREDITCARDMSGSRSV1></OFX>"#;

const CSV: &str = "\u{feff}Konto;DE02\n\nBuchungstag;Valutadatum;Beguenstigter/Zahlungspflichtiger;\
Verwendungszweck;Betrag;Waehrung\n31.01.2026;01.02.2026;\"Muster; GmbH\";Rechnung 4711;-1.190,00;EUR\n\
30.01.2026;30.01.2026;A;B;5,5;EUR\nx;;;;1,0;EUR\n;;;Summe;-1.184,50;EUR\n";

fn read(text: &str) -> StatementReading {
    read_statement(text.as_bytes()).expect(text)
}

fn codes(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.code.as_str()).collect()
}

#[test]
fn ofx_without_closing_tags_is_read_in_the_encoding_of_the_bank() {
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(OFX_1);
    let reading = read_statement(&bytes).expect("OFX");
    assert_eq!(reading.syntax, StatementSyntax::Ofx1);
    assert_eq!(codes(&reading.findings), ["MALFORMED_VALUE"]);
    assert_eq!(reading.findings[0].place.as_deref(), Some("line 13"));
    let [statement] = reading.statements.as_slice() else { panic!("one statement") };
    assert_eq!(statement.account.as_deref(), Some("202051"));
    assert_eq!(statement.closing().expect("closing").amount.to_string(), "-10.00");
    let [first, second] = statement.entries.as_slice() else { panic!("two entries") };
    assert_eq!(first.amount.to_string(), "-1234.56");
    assert_eq!(first.booking_date.expect("a day").to_string(), "2026-01-31");
    let detail = &first.details[0];
    assert_eq!(detail.counterparty.name.as_deref(), Some("Müller"));
    assert_eq!(detail.remittance.unstructured, ["Rechnung 4711 & 4712"]);
    assert_eq!(second.amount.to_string(), "7.5");
    assert_eq!(second.currency.as_deref(), Some("EUR"));
}

#[test]
fn ofx_of_a_credit_card_has_pending_entries_and_amounts_before_exchange() {
    let reading = read(OFX_2);
    assert_eq!(reading.syntax, StatementSyntax::Ofx2);
    assert_eq!(codes(&reading.findings), Vec::<&str>::new());
    let statement = &reading.statements[0];
    assert_eq!(statement.account.as_deref(), Some("411111"));
    assert_eq!(statement.balances[0].kind, BalanceKind::ClosingAvailable);
    let [booked, pending] = statement.entries.as_slice() else { panic!("two entries") };
    let detail = &booked.details[0];
    assert_eq!(detail.counterparty.name.as_deref(), Some("Café"));
    assert_eq!(detail.instructed.as_ref().expect("ordered").amount.to_string(), "10.0");
    assert_eq!(pending.status, EntryStatus::Pending);
}

#[test]
fn ofx_that_was_cut_off_says_so() {
    let reading = read(&OFX_2[..OFX_2.find("<MEMO>").expect("there")]);
    assert!(codes(&reading.findings).contains(&"STATEMENT_CUT"));
    assert_eq!(reading.statements[0].entries.len(), 1);
}

#[test]
fn csv_is_read_by_its_headings_and_that_is_said() {
    let reading = read(CSV);
    assert_eq!(reading.syntax, StatementSyntax::Csv);
    assert_eq!(codes(&reading.findings), ["COLUMNS_GUESSED", "MALFORMED_VALUE", "ROW_LEFT_OUT"]);
    let statement = &reading.statements[0];
    let amounts: Vec<String> = statement.entries.iter().map(|one| one.amount.to_string()).collect();
    assert_eq!(amounts, ["-1190.00", "5.5"]);
    assert_eq!(statement.entries[0].details[0].counterparty.name.as_deref(), Some("Muster; GmbH"));
    assert_eq!(statement.until.expect("a day").to_string(), "2026-01-31");
}

#[test]
fn csv_is_read_by_a_profile() {
    let profile = StatementProfile::from_toml(
        "account = 'DE02 1203'\ncurrency = 'GBP'\ndate_format = 'MM/DD/YY'\ndecimal = '.'\n\
         [columns]\nbooking_date = 'When'\ndebit = 'Out'\ncredit = 'In'\ntext = ['A', 'B']",
    );
    let profile = profile.expect("a profile");
    let text = "x\nWhen,Out,In,A,B\n1/2/26,\"£1,234\",,a,b\n01/03/26,0.00,(5.00),,\n1/4/26,1,1,,\n";
    let reading = read_statement_by(text.as_bytes(), &profile).expect("CSV");
    assert_eq!(codes(&reading.findings), ["MALFORMED_VALUE"]);
    let statement = &reading.statements[0];
    assert_eq!(statement.account.as_deref(), Some("DE021203"));
    let amounts: Vec<String> = statement.entries.iter().map(|one| one.amount.to_string()).collect();
    assert_eq!(amounts, ["-1234", "5.00"]);
    assert_eq!(statement.entries[0].details[0].remittance.unstructured, ["a", "b"]);
    let error = read_statement_by(b"When,Out,A\n1,2,3\n", &profile).expect_err("columns");
    assert!(error.to_string().contains("missing: In, B"), "{error}");
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for (rows, wanted) in [
        ("01/02/2026;5,00", "date_format"),
        ("31.01.2026;1.234", "decimal"),
        ("31.01.2026;1.234,00\n31.01.2026;1,234.00", "decimal"),
    ] {
        let text = format!("Datum;Betrag\n{rows}\n");
        let error = read_statement(text.as_bytes()).expect_err(rows).to_string();
        assert!(error.contains(wanted), "{rows}: {error}");
    }
    assert_eq!(read("Datum;Betrag\n01/01/2026;5,00\n").statements.len(), 1);
}

#[test]
fn sums_that_do_not_agree_are_shown_with_both_figures() {
    let text = ":20:A\n:25:1\n:60F:C260101EUR10,\n:61:260102C5,NTRF\n:61:bad\n:86:of the bad one\n\
                :62F:C260131EUR16,\n-\n:20:B\n:25:1\n:60F:C260131EUR17,\n:62F:C260228EUR17,\n";
    let reading = read(text);
    assert_eq!(codes(&reading.findings), ["MALFORMED_VALUE", "STATEMENT_BALANCE", "STATEMENT_GAP"]);
    let sum = &reading.findings[1];
    assert_eq!((sum.actual.as_deref(), sum.expected.as_deref()), (Some("16 EUR"), Some("15 EUR")));
    assert_eq!(reading.findings[0].place.as_deref(), Some("line 5"));
    assert_eq!(reading.statements[0].entries[0].narrative, None);
    assert_ne!(reading.statements[0].key(), reading.statements[1].key());
}

#[test]
fn what_is_no_statement_is_refused() {
    for bytes in [
        &b""[..],
        b" \n",
        b"\0",
        b"hello",
        b"%PDF-1.7",
        b"<a/>",
        b"<Document><BkToCstmrStmt/></Document>",
        b"<OFX></OFX>",
        b":86:only a text",
        b"a;b\n1;2\n",
    ] {
        assert!(read_statement(bytes).is_err(), "{}", String::from_utf8_lossy(bytes));
    }
}

#[test]
fn hostile_files_take_seconds_and_not_hours() {
    for (text, times) in [
        (":60F:C260101EUR1,\n", 400_000),
        (":20:a\n", 400_000),
        (":61:260101C1,\n:86:a\n:86:b\n", 100_000),
        (":86:", 1_000_000),
        (":86:166?20EREF+", 400_000),
        (":61:260101C1,\n:86:/EREF/", 100_000),
        ("<OFX><STMTRS>", 200_000),
        ("<OFX><STMTTRN><MEMO>a", 200_000),
        ("</a><OFX>&", 200_000),
        ("Datum;Betrag\n", 200_000),
    ] {
        // Read or refused, either is fine.
        let reading = read_statement(text.repeat(times).as_bytes());
        if let Ok(reading) = reading {
            assert!(reading.findings.len() <= 1_010, "{text}");
        }
    }
}

#[test]
fn a_reading_survives_json() {
    for text in [OFX_1, OFX_2, CSV] {
        let reading = read(text);
        let json = serde_json::to_string(&reading).expect("JSON");
        assert_eq!(serde_json::from_str::<StatementReading>(&json).expect("a reading"), reading);
    }
}

#[test]
fn damaged_files_are_read_or_refused() {
    let profile = StatementProfile {
        without_headings: true,
        columns: crate::extraction::statement::Columns {
            booking_date: Some("1".to_owned()),
            amount: Some("5".to_owned()),
            ..Default::default()
        },
        ..StatementProfile::default()
    };
    let mut read = 0;
    for text in [OFX_1, OFX_2, CSV] {
        for at in (0..text.len()).step_by(4) {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = [0, b';', b'<', b'>', b'9', 0xff, b'&', b'"', b'/'][at % 9];
            for damaged in [&changed[..], &text.as_bytes()[..at]] {
                read += usize::from(read_statement(damaged).is_ok());
                read += usize::from(read_statement_by(damaged, &profile).is_ok());
            }
        }
    }
    assert!(read > 300, "{read}");
}

use crate::extraction::text::tests::{assert_fields, reading};
use crate::models::evidence::Confidence;

/// The smallest invoice, with a place for one line of text.
fn small(line: &str) -> String {
    format!(
        "
Seller Ltd                                INVOICE
Invoice number: 17
{line}
Bill to: Buyer Inc
                              Net amount       100.00 EUR
                              VAT 20 %          20.00 EUR
                              Total incl VAT   120.00 EUR
VAT no: GB 980 7806 84
"
    )
}

#[test]
fn day_and_month_that_nothing_tells_apart_are_not_sure() {
    let reading = reading(&[&small("Invoice date: 03/04/2026")]);
    let date = reading.evidence.iter().find(|evidence| evidence.field == "BT-2").expect("a date");
    assert!(date.confidence < Confidence::LABELLED);
    let doubted =
        reading.findings.iter().any(|f| f.code == "FIELD_UNCERTAIN" && f.terms == ["BT-2"]);
    assert!(doubted, "{:#?}", reading.findings);
}

#[test]
fn another_date_tells_day_and_month_apart() {
    let reading = reading(&[&small("Invoice date: 03/04/2026   Due date: 04/25/2026")]);
    assert_fields(&reading, &[("BT-2", "2026-03-04"), ("BT-9", "2026-04-25")]);
}

#[test]
fn two_numbers_of_equal_standing_are_one_of_several() {
    let reading = reading(&[&small("Invoice number: 18")]);
    let number =
        reading.evidence.iter().find(|evidence| evidence.field == "BT-1").expect("a number");
    assert_eq!(number.confidence, Confidence::ONE_OF_SEVERAL);
    assert_eq!(number.alternatives.len(), 1);
}

#[test]
fn invoices_one_after_the_other_are_told_by_their_numbers() {
    let told = |drawings: &[&str]| {
        let findings = reading(drawings).findings;
        let found = findings.iter().find(|finding| finding.code == "SEVERAL_INVOICES");
        found.map(|finding| finding.message.clone())
    };
    let first = small("Invoice date: 2026-11-01");
    let second = first.replace("17", "18");
    let message = told(&[&first, &second]).expect("a finding");
    assert!(message.contains("\"17\" on page 1, \"18\" on page 2"), "{message}");
    assert_eq!(told(&[&first, &first]), None);
    assert_eq!(told(&[&small("Invoice number: 18")]), None);
}

#[test]
fn what_is_missing_is_said() {
    let reading = reading(&["
Hello world, this is a letter about nothing.
It has 12 words and no amount.
"]);
    let mut missing: Vec<&str> = Vec::new();
    for finding in reading.findings.iter().filter(|finding| finding.code == "FIELD_MISSING") {
        missing.extend(finding.terms.iter().map(String::as_str));
    }
    for field in ["BT-1", "BT-2", "BT-5", "BT-27", "BT-31", "BT-112"] {
        assert!(missing.contains(&field), "{field}: {missing:?}");
    }
    assert!(reading.findings.iter().all(|finding| finding.remedy.is_some()));
}

#[test]
fn totals_that_do_not_add_up_are_no_totals() {
    let reading = reading(&["
Invoice number: 17   Date: 2026-03-04
                              Net amount       100.00 EUR
                              VAT 20 %          20.00 EUR
                              Total incl VAT   125.00 EUR
"]);
    assert!(reading.findings.iter().any(|finding| finding.code == "TOTALS_INCONSISTENT"));
    let gross = reading.evidence.iter().find(|evidence| evidence.field == "BT-112");
    assert!(gross.is_none_or(|gross| gross.confidence < Confidence::LABELLED));
}

#[test]
fn the_buyer_s_vat_id_is_not_the_seller_s() {
    let reading = reading(&["
Rechnung Nr. 5                                        Rechnungsdatum 03.02.2026
Ihre USt-IdNr.: ATU10223006
                              Nettobetrag      100,00 EUR
                              19 % MwSt         19,00 EUR
                              Bruttobetrag     119,00 EUR
Beispiel GmbH, USt-IdNr.: DE136695976
"]);
    assert_fields(&reading, &[("BT-31", "DE136695976"), ("BT-48", "ATU10223006")]);
}

#[test]
fn pages_without_words_are_read_as_nothing() {
    let reading = reading(&["", ""]);
    assert!(reading.evidence.is_empty());
    assert!(!reading.findings.is_empty());
}

#[test]
fn absurd_pages_are_read_without_harm() {
    let huge = "9".repeat(28);
    let row =
        format!("Total {huge} 1,00 0,00 -5 19 % {huge},00 EUR x (((( : . / 31/12/2026 IBAN DE\n");
    let header = "Pos Menge Preis Rabatt % Betrag Gesamt\n";
    for drawing in [
        row.repeat(60),
        format!("{header}{}", row.repeat(60)),
        format!("{header}{}", "1 2 3,00 100 6,00\n".repeat(60)),
        "1 ".repeat(400),
        "Rechnung Nr. Rechnung Nr. Käufer: Verkäufer: ".repeat(40),
        "%\n€\n-\n:\n".repeat(30),
    ] {
        let reading = reading(&[&drawing, &drawing]);
        assert!(!reading.findings.is_empty());
    }
}

#[test]
fn a_thousand_lines_are_read_in_one_go() {
    let header = "Pos   Bezeichnung            Menge   Einh.   Einzelpreis     Gesamt\n";
    let row = "1     Schraube M8                2   Stk          1,50       3,00\n";
    let page = format!("{header}{}", row.repeat(50));
    let drawings: Vec<&str> = std::iter::repeat_n(page.as_str(), 20).collect();
    assert_eq!(reading(&drawings).invoice.lines.len(), 1000);
}

//! Headings that are the names of our own form, and those whose values tell what they are.

use ap_gateway::models::finding::Severity;

use crate::tables::{codes, read, text};

#[test]
fn names_of_our_own_form_are_headings() {
    let read = read(
        "number,issue_date,currency,seller.name,seller_city,id,name,description,quantity,unit,\
         price,net,tax_rate,gross_price,totals.payable\n\
         R-1,2026-11-24,EUR,Müller,Bonn,7,Bolt,\"M8, zinc\",10,H87,10.00,100.00,19,12.00,119.00\n",
    );
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    let invoice = &read.invoice;
    assert_eq!(invoice.seller.name.as_deref(), Some("Müller"));
    assert_eq!(invoice.seller.address.city.as_deref(), Some("Bonn"));
    let line = &invoice.lines[0];
    assert_eq!(line.name.as_deref(), Some("Bolt"));
    assert_eq!(line.description.as_deref(), Some("M8, zinc"));
    assert_eq!(text(line.net), "100.00");
    assert_eq!(text(line.tax_rate), "19");
    assert_eq!(text(line.gross_price), "12.00");
    assert_eq!(text(invoice.totals.payable), "119.00");
    // `id` may be anything, and the finding says that it was passed over.
    let guessed = &read.findings[0].message;
    assert!(guessed.ends_with("; not read: F \"id\""), "{guessed}");
}

#[test]
fn a_tax_is_a_rate_or_an_amount_by_the_sums_and_the_finding_says_why() {
    let head = "number,quantity,price,net,tax,gross\n";
    for (rows, rate, tax, why) in [
        ("R-1,10,20.00,200.00,19,238.00\n", "19", "38.00", "net, tax and gross agree"),
        ("R-1,10,20.00,200.00,19,219.00\n", "", "19", "net, tax and gross agree"),
        ("R-1,10,20.00,200.00,19 %,\n", "19", "38.00", "it has per cent signs"),
        ("R-1,10,20.00,200.00,38.00,\n", "", "38.00", "its values allow nothing else"),
        ("R-1,10,20.00,200.00,19,\n", "19", "38.00", "it has no decimals"),
    ] {
        let read = read(&format!("{head}{rows}"));
        assert_eq!(codes(&read), ["TABLE_GUESSED"], "{rows}");
        assert_eq!(text(read.invoice.lines[0].tax_rate), rate, "{rows}");
        assert_eq!(text(read.invoice.totals.tax), tax, "{rows}");
        let message = &read.findings[0].message;
        assert!(message.contains(why), "{rows}: {message}");
    }
}

#[test]
fn a_tax_that_may_be_either_is_not_guessed() {
    // 19 % of 200.00, or a tax of 19.00, which is 9.5 %: both are rates of VAT.
    let read = read("number,quantity,price,net,tax\nR-1,10,20.00,200.00,19.00\n");
    assert_eq!(codes(&read), ["TABLE_GUESSED", "TAX_COLUMN_UNCLEAR"]);
    let unclear = &read.findings[1];
    assert_eq!(unclear.severity, Severity::Warning);
    assert_eq!(unclear.place.as_deref(), Some("E1"));
    assert!(unclear.message.contains("E \"tax\""), "{}", unclear.message);
    assert_eq!(read.invoice.lines[0].tax_rate, None);
    assert_eq!(read.invoice.totals.tax, None);
}

#[test]
fn a_document_in_one_row_has_its_amounts() {
    let read = read(
        "Rechnungsnummer;Rechnungsdatum;Währung;Nettobetrag;MwSt;Bruttobetrag\n\
         R-1;24.11.2026;EUR;100,00;19,00;119,00\n",
    );
    assert_eq!(codes(&read), ["TABLE_GUESSED"]);
    let totals = &read.invoice.totals;
    let found = [totals.net, totals.tax, totals.gross, totals.payable].map(text);
    assert_eq!(found, ["100.00", "19.00", "119.00", "119.00"]);
}

//! What a page says without writing it: a due date in days, a country by its name.

use crate::extraction::text::TextReading;
use crate::extraction::text::tests::{assert_fields, reading};
use crate::models::evidence::{Confidence, Source};

/// An invoice of 24 November 2026 with these words below it.
fn with(terms: &str) -> TextReading {
    reading(&[&format!(
        "
ACME GmbH                                      Rechnungsnummer: R-17
                                               Rechnungsdatum:  24.11.2026

Gesamtbetrag                                                   119,00 EUR

{terms}
"
    )])
}

#[test]
fn days_of_the_terms_give_the_due_date() {
    for (terms, due) in [
        ("Zahlbar innerhalb 30 Tagen ohne Abzug", "2026-12-24"),
        ("Zahlungsziel: 14 Tage", "2026-12-08"),
        ("Zahlungsbedingungen: 30 Tage netto", "2026-12-24"),
        ("30 days net", "2026-12-24"),
        ("Payment terms: net 30", "2026-12-24"),
        ("Payable within 30 days of the invoice date", "2026-12-24"),
        ("Paiement à 30 jours", "2026-12-24"),
        ("Pagamento a 60 giorni", "2027-01-23"),
        ("Te betalen binnen 14 dagen", "2026-12-08"),
        ("10 Tage 2 % Skonto, 30 Tage netto", "2026-12-24"),
        ("2 % Skonto bei Zahlung in 10 Tagen oder 30 Tage netto", "2026-12-24"),
    ] {
        let reading = with(terms);
        let found = reading.evidence.iter().find(|evidence| evidence.field == "BT-9");
        let found = found.unwrap_or_else(|| panic!("{terms}: nothing"));
        assert_eq!(found.value, due, "{terms}");
        assert_eq!(found.source, Source::Derived, "{terms}");
        assert_eq!(found.confidence, Confidence::LABELLED, "{terms}");
        assert_eq!(found.rule.as_deref(), Some("BT-2 + the days of the payment terms"));
        let day = reading.invoice.due_date.map(|day| day.to_string());
        assert_eq!(day.as_deref(), Some(due), "{terms}");
    }
}

#[test]
fn days_of_something_else_give_none() {
    for terms in [
        "30 jours fin de mois",
        "Conditions de paiement : 30 jours fin de mois",
        "Zahlbar 30 Tage nach Erhalt der Ware",
        "Payable within 10 working days",
        "Zahlbar innerhalb 10 Werktagen",
        "Reklamationen innerhalb 8 Tagen",
        "Bei Zahlung innerhalb 10 Tagen 2 % Skonto",
        "Miete für 30 Tage",
        "Verzug tritt 30 Tage nach Fälligkeit der Zahlung ein",
        "Zahlbar innerhalb 900 Tagen",
    ] {
        assert_eq!(with(terms).invoice.due_date, None, "{terms}");
    }
}

#[test]
fn two_terms_are_two_candidates() {
    let reading = with("Zahlbar in 14 Tagen\n\nZahlungsziel: 30 Tage");
    let found = reading.evidence.iter().find(|evidence| evidence.field == "BT-9");
    let found = found.expect("a date");
    assert_eq!(found.confidence, Confidence::ONE_OF_SEVERAL);
    assert_eq!(found.alternatives.len(), 1);
}

#[test]
fn a_country_is_before_the_post_code_or_the_last_line() {
    let reading = reading(&["
Seller:                              Buyer:
ACME S.r.l.                          Example Ltd
Via Roma 1                           1 High Street
20121 Milano                         London W1A 1AA
Italia                               United Kingdom

Invoice number: R-17                 Invoice date: 24 November 2026
Total  119.00 EUR
"]);
    assert_fields(&reading, &[("BT-40", "IT"), ("BT-55", "GB")]);
    let seller = reading.invoice.seller.address.country;
    assert_eq!(seller.as_deref(), Some("IT"));
}

#[test]
fn a_country_below_a_name_without_a_label_is_read_too() {
    let reading = reading(&["
ACME GmbH · Hauptstraße 1 · D-80331 München

Muster AG
Bahnhofstrasse 2
8001 Zürich
SCHWEIZ

Rechnung R-17                        Datum: 24.11.2026
Gesamtbetrag  119,00 EUR
"]);
    assert_fields(&reading, &[("BT-44", "Muster AG"), ("BT-55", "CH")]);
}

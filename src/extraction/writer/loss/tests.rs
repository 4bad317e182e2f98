//! Single losses, each with its place, its term and its reason.

use serde_json::{Value, json};

use crate::extraction::read_invoice;
use crate::extraction::writer::{Format, write, write_to_send};
use crate::models::invoice::Invoice;

/// Places of the losses of an invoice of ours in JSON, with what each says.
fn lost(invoice: &Value, to: Format) -> Vec<(String, String, String)> {
    let invoice: Invoice = serde_json::from_value(invoice.clone()).expect("an invoice");
    let findings = write(&invoice, to).lost.into_iter();
    let said = findings.map(|lost| (lost.place.unwrap_or_default(), lost.code, lost.message));
    said.collect()
}

#[test]
fn a_loss_has_its_place_and_its_reason() {
    let payments = json!({"payments": [{"means_code": "58", "remittance": "a"},
        {"means_code": "58", "remittance": "b"}]});
    let invoices = json!({"preceding_invoices": [{"number": "1"}, {"number": "2"}]});
    let content = json!({"supporting_documents": [{"attachment": {"sha256": "00"}}]});
    let side = json!({"allowances_and_charges": [{"charge": true, "amount": "1",
        "reason": "a\u{2}"}]});
    let other = json!({"totals": {"tax_in_tax_currency": "1"}});
    for (invoice, to, place, says) in [
        (json!({"kind": "credit_note"}), Format::Cii, "/kind", "BT-3 alone"),
        (json!({"number": "a  b"}), Format::Ubl, "/number", "BT-1 reads otherwise"),
        (json!({"number": "a  b"}), Format::Cii, "/number", "white space"),
        (payments, Format::Cii, "/payments/1/remittance", "BT-83 reads otherwise"),
        (invoices, Format::Cii, "/preceding_invoices/1/number", "BT-25 is not in the CII"),
        (content, Format::Ubl, "/supporting_documents/0/attachment/sha256", "not at hand"),
        (side, Format::Ubl, "/allowances_and_charges/0/reason", "BT-104 reads otherwise"),
        (json!({"tax_point_code": "35"}), Format::Cii, "/tax_point_code", "rows of the tax"),
        (other, Format::Cii, "/totals/tax_in_tax_currency", "BT-6 is missing"),
        (json!({"lines": [{"parent": "1"}]}), Format::Ubl, "/lines/0/parent", "no sub-lines"),
        (json!({"lines": [{"unit": "KGM"}]}), Format::Cii, "/lines/0/unit", "there is none"),
        (json!({"period": {}}), Format::Ubl, "/period", "BG-14 is not in the UBL"),
        (
            json!({"lines": [{"gross_price": "9", "price": "7"}]}),
            Format::Ubl,
            "/lines/0/price_discount",
            "BT-147 is in the UBL document alone",
        ),
    ] {
        let lost = lost(&invoice, to);
        assert_eq!(lost.len(), 1, "{invoice} {lost:?}");
        assert_eq!(lost[0].0, place, "{invoice}");
        assert!(lost[0].2.contains(says), "{invoice} {lost:?}");
    }
}

#[test]
fn a_document_that_goes_out_names_its_rules_and_the_addition_is_said() {
    for to in [Format::Ubl, Format::Cii] {
        for said in [None, Some(" "), Some("urn:x")] {
            let specification = said.map(str::to_owned);
            let invoice = Invoice { specification, number: Some("1".into()), ..Invoice::default() };
            let written = write_to_send(&invoice, to, &|_| None);
            let again = read_invoice(written.xml.as_bytes()).expect("readable").invoice;
            let (expected, additions) = match said {
                Some("urn:x") => ("urn:x", 0),
                _ => ("urn:cen.eu:en16931:2017", 1),
            };
            assert_eq!(again.specification.as_deref(), Some(expected), "{to:?} {said:?}");
            assert_eq!(written.lost.len(), additions, "{:?}", written.lost);
            assert!(written.lost.iter().all(|added| {
                added.place.as_deref() == Some("/specification")
                    && added.message.contains("names none: EN 16931 was written")
            }));
        }
    }
}

#[test]
fn only_so_many_losses_are_listed() {
    let line = json!({"unit_as_written": "Stk"});
    let lost = lost(&json!({"lines": vec![line; 1_200]}), Format::Ubl);
    assert_eq!(lost.len(), 1_001);
    assert!(lost[1_000].2.contains("200 more losses"), "{:?}", lost[1_000]);
}

//! One key for what a document says, whatever bytes say it: UBL beside CII, XML beside PDF.

use rust_decimal::Decimal;
use sha2::Digest;

use crate::models::decimal;
use crate::models::invoice::{Invoice, InvoiceKind, InvoiceLine};
use crate::models::refs::Sha256;
use crate::reconciliation::duplicates::number::exact_key;
use crate::reconciliation::identity;
use crate::reconciliation::units::Units;

/// The first text of every key: another way to write content gets another one.
const FORMAT: &str = "ap-gateway content 1";

/// SHA-256 over supplier, kind, BT-1, BT-2, BT-5, totals, lines and accounts. An amount that is
/// zero and one that is not said are the same, and the order of lines means nothing.
///
/// Kind and accounts are in it because a document with the same content is not kept as a second
/// one: a credit note, or a copy that asks for the money elsewhere, has to reach a person.
///
/// None without a supplier, a number or a line: too little to call two documents one.
pub fn key(invoice: &Invoice, vendor: &str) -> Option<Sha256> {
    let number = exact_key(invoice.number.as_deref()?);
    if number.is_empty() || vendor.trim().is_empty() || invoice.lines.is_empty() {
        return None;
    }
    let totals = &invoice.totals;
    let amounts = [
        totals.lines,
        totals.allowances,
        totals.charges,
        totals.net,
        totals.tax,
        totals.gross,
        totals.paid,
        totals.rounding,
        totals.payable,
    ];
    let kind = match invoice.kind {
        InvoiceKind::Invoice => "invoice",
        InvoiceKind::CreditNote => "credit note",
    };
    let mut lines: Vec<Vec<String>> = {
        let units = Units::default();
        invoice.lines.iter().map(|one| line(one, &units)).collect()
    };
    lines.sort_unstable();
    let mut accounts: Vec<String> = invoice.accounts().map(identity::id).collect();
    accounts.sort_unstable();
    accounts.dedup();

    let mut parts = vec![FORMAT.to_owned(), vendor.trim().to_owned(), kind.to_owned(), number];
    parts.push(invoice.issue_date.map(|date| date.to_string()).unwrap_or_default());
    parts.push(invoice.currency.as_deref().map(identity::id).unwrap_or_default());
    parts.extend(amounts.map(amount));
    parts.push(lines.len().to_string());
    parts.extend(lines.into_iter().flatten());
    parts.extend(accounts);
    Some(digest(&parts))
}

fn line(line: &InvoiceLine, units: &Units) -> Vec<String> {
    // One is what a price is for when nothing is said.
    let base = line.price_base_quantity.filter(|base| *base != Decimal::ONE);
    vec![
        amount(line.quantity),
        units.code(line.unit.as_deref().unwrap_or_default()).into_owned(),
        amount(line.price),
        amount(base),
        amount(line.net),
        line.name.as_deref().map(identity::name).unwrap_or_default(),
    ]
}

fn amount(value: Option<Decimal>) -> String {
    value.filter(|value| !value.is_zero()).map(decimal::plain).unwrap_or_default()
}

/// Each part with its length before it, so that no two lists have one text.
fn digest(parts: &[String]) -> Sha256 {
    let mut hasher = sha2::Sha256::new();
    for part in parts {
        hasher.update(format!("{}:", part.len()));
        hasher.update(part);
    }
    Sha256::from_bytes(&hasher.finalize().into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::key;
    use crate::models::invoice::Invoice;

    fn document() -> Value {
        json!({"number": "INV-1", "issue_date": "2024-05-02", "currency": "EUR",
               "totals": {"net": "100.00", "tax": "19.00", "gross": "119.00", "payable": "119.00"},
               "payments": [{"accounts": [{"id": "DE02120300000000202051"}]}],
               "lines": [{"id": "1", "quantity": "4", "unit": "C62", "price": "10.00",
                          "net": "40.00", "name": "Bolts, M8"},
                         {"id": "2", "quantity": "6", "unit": "C62", "price": "10.00",
                          "net": "60.00", "name": "Nuts"}]})
    }

    fn key_of(document: &Value) -> Option<String> {
        let invoice: Invoice = serde_json::from_value(document.clone()).expect("an invoice");
        key(&invoice, "V1").map(String::from)
    }

    #[test]
    fn renderings_of_one_document_have_one_key() {
        for (place, value) in [
            ("/number", json!(" inv-1 ")),
            ("/totals/gross", json!("119")),
            ("/totals/charges", json!("0.00")),
            ("/lines/0/id", json!("0001")),
            ("/lines/0/unit", json!("h87")),
            ("/lines/0/name", json!("bolts M8")),
            ("/lines/0/price_base_quantity", json!("1")),
            ("/payments/0/accounts/0/id", json!("DE02 1203 0000 0000 2020 51")),
            ("/payment_terms", json!("30 days")),
        ] {
            let mut other = document();
            let (parent, member) = place.rsplit_once('/').expect("a place");
            other.pointer_mut(parent).expect("it is there")[member] = value;
            assert_eq!(key_of(&other), key_of(&document()), "{place}");
        }
        let mut turned = document();
        turned["lines"].as_array_mut().expect("lines").reverse();
        assert_eq!(key_of(&turned), key_of(&document()));
    }

    #[test]
    fn whatever_a_person_should_see_changes_the_key() {
        for (place, value) in [
            ("/number", json!("INV1")),
            ("/kind", json!("credit_note")),
            ("/issue_date", json!("2024-05-03")),
            ("/currency", json!("USD")),
            ("/totals/tax", json!("19.01")),
            ("/lines/0/quantity", json!("5")),
            ("/lines/0/unit", json!("KGM")),
            ("/lines/0/price", json!("10.01")),
            ("/lines/0/price_base_quantity", json!("100")),
            ("/lines/0/net", json!("40.01")),
            ("/lines/0/name", json!("Screws")),
            ("/payments/0/accounts/0/id", json!("DE75512108001245126199")),
        ] {
            let mut other = document();
            let (parent, member) = place.rsplit_once('/').expect("a place");
            other.pointer_mut(parent).expect("it is there")[member] = value;
            assert_ne!(key_of(&other), key_of(&document()), "{place}");
        }
        let invoice: Invoice = serde_json::from_value(document()).expect("an invoice");
        assert_ne!(key(&invoice, "V1"), key(&invoice, "V2"));
    }

    #[test]
    fn too_little_has_no_key() {
        for (member, value) in
            [("number", json!(null)), ("number", json!(" ")), ("lines", json!([]))]
        {
            let mut other = document();
            other[member] = value;
            assert_eq!(key_of(&other), None, "{member}");
        }
        let invoice: Invoice = serde_json::from_value(document()).expect("an invoice");
        assert_eq!(key(&invoice, " "), None);
    }
}

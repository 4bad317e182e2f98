//! A case that matches, for tests to change, and short ways to look at results.

use rust_decimal::Decimal;

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{Check, CheckCode, HoldCode, Reconciliation};

/// Two order lines, both billed in full, both named, both received.
pub(super) fn case() -> Case {
    let case = serde_json::json!({
        "invoice": {
            "number": "R-1", "currency": "EUR", "order_reference": "PO-1",
            "seller": {"vat_id": "DE111111111"},
            "totals": {"lines": "221.50"},
            "lines": [
                {"id": "1", "quantity": "100", "unit": "C62", "price": "1.25", "net": "125.00",
                 "order_line_reference": "10", "name": "Hex bolt M8"},
                {"id": "2", "quantity": "2", "unit": "KGM", "price": "48.25", "net": "96.50",
                 "order_line_reference": "20", "name": "Grease, white"},
            ],
        },
        "purchase_orders": [{
            "number": "PO-1", "currency": "EUR", "supplier": {"vat_id": "DE111111111"},
            "lines": [
                {"id": "10", "quantity": "100", "unit": "H87", "unit_price": "1.25",
                 "description": "Hex bolt M8"},
                {"id": "20", "quantity": "2", "unit": "KGM", "unit_price": "48.25",
                 "description": "White grease"},
            ],
        }],
        "receipts": [receipt("GR-1", "10", "100"), receipt("GR-2", "20", "2")],
    });
    serde_json::from_value(case).expect("the sample is a case")
}

/// One line of goods for order PO-1.
pub(super) fn receipt(number: &str, line: &str, received: &str) -> serde_json::Value {
    serde_json::json!({
        "number": number, "purchase_order": "PO-1",
        "lines": [{"id": "1", "order_line": line, "received": received}],
    })
}

/// A number as tests write it.
pub(super) fn number(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

/// The codes of all holds, each once, in the order of the codes.
pub(super) fn codes(result: &Reconciliation) -> Vec<HoldCode> {
    let mut codes: Vec<HoldCode> = result.holds.iter().map(|hold| hold.code).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// The check of an invoice line, or of the document.
pub(super) fn check<'a>(
    result: &'a Reconciliation,
    code: CheckCode,
    line: Option<&str>,
) -> &'a Check {
    let found = |check: &&Check| check.code == code && check.line.as_deref() == line;
    result.checks.iter().find(found).expect("the check appears")
}

//! Mandatory amounts: EN 16931's rules of presence, on the canonical invoice.
//!
//! The rules crate cannot tell an absent amount from zero, so it never fires these. A term that
//! reading found malformed is not reported as absent too.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};
use crate::models::invoice::Invoice;
use crate::validation::finding;

/// A rule of presence: its id, its term, and what the term is.
struct Rule(&'static str, &'static str, &'static str);

const LINES: Rule = Rule("BR-12", "BT-106", "the sum of the line net amounts");
const NET: Rule = Rule("BR-13", "BT-109", "the total amount without VAT");
const GROSS: Rule = Rule("BR-14", "BT-112", "the total amount with VAT");
const PAYABLE: Rule = Rule("BR-15", "BT-115", "the amount due for payment");
const TAX_BASE: Rule = Rule("BR-45", "BT-116", "the taxable amount of a VAT rate");
const TAX: Rule = Rule("BR-46", "BT-117", "the VAT amount of a VAT rate");
const QUANTITY: Rule = Rule("BR-22", "BT-129", "the quantity of a line");
const LINE_NET: Rule = Rule("BR-24", "BT-131", "the net amount of a line");
const PRICE: Rule = Rule("BR-26", "BT-146", "the net price of a line");

/// Finds absent amounts; `known` is what others found before.
pub(crate) fn judge(invoice: &Invoice, known: &[Finding]) -> Vec<Finding> {
    let malformed = known.iter().filter(|known| known.code == MALFORMED_VALUE);
    let mut absent = Absent {
        rules: known.iter().map(|known| known.code.as_str()).collect(),
        malformed: malformed.flat_map(|known| &known.terms).map(String::as_str).collect(),
        found: Vec::new(),
    };
    let totals = &invoice.totals;
    absent.check(&LINES, "BG-22", totals.lines);
    absent.check(&NET, "BG-22", totals.net);
    absent.check(&GROSS, "BG-22", totals.gross);
    absent.check(&PAYABLE, "BG-22", totals.payable);
    for (index, subtotal) in invoice.tax.iter().enumerate() {
        let place = format!("BG-23[{}]", index + 1);
        absent.check(&TAX_BASE, &place, subtotal.base);
        absent.check(&TAX, &place, subtotal.tax);
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        let place = format!("BG-25[{}]", index + 1);
        absent.check(&QUANTITY, &place, line.quantity);
        absent.check(&LINE_NET, &place, line.net);
        absent.check(&PRICE, &place, line.price);
    }
    absent.found
}

struct Absent<'k> {
    /// Rules that fired before.
    rules: HashSet<&'k str>,
    /// Terms whose value is there and cannot be used.
    malformed: HashSet<&'k str>,
    found: Vec<Finding>,
}

impl Absent<'_> {
    fn check(&mut self, rule: &Rule, group: &str, value: Option<Decimal>) {
        let Rule(code, term, what) = rule;
        if value.is_some() || self.rules.contains(code) || self.malformed.contains(term) {
            return;
        }
        let message = format!("{what} ({term}) is missing");
        let mut absent = finding(code, Severity::Fatal, &[term], message);
        absent.place = Some(format!("{group}/{term}"));
        absent.remedy = Some("ask the sender for a complete document".to_owned());
        self.found.push(absent);
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::models::finding::{Finding, Severity};
    use crate::models::invoice::{Invoice, InvoiceLine, TaxSubtotal};

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn every_absent_amount_is_found_with_its_place() {
        let invoice = Invoice {
            lines: vec![InvoiceLine::default()],
            tax: vec![TaxSubtotal::default()],
            ..Invoice::default()
        };
        let found = judge(&invoice, &[]);
        let expected =
            ["BR-12", "BR-13", "BR-14", "BR-15", "BR-45", "BR-46", "BR-22", "BR-24", "BR-26"];
        assert_eq!(codes(&found), expected);
        assert!(found.iter().all(|finding| finding.severity == Severity::Fatal));
        assert_eq!(found[8].place.as_deref(), Some("BG-25[1]/BT-146"));
    }

    #[test]
    fn a_malformed_amount_is_not_also_missing() {
        let invoice = Invoice::default();
        let mut known = judge(&invoice, &[]);
        known.truncate(1);
        known[0].code = "MALFORMED_VALUE".to_owned();
        assert_eq!(codes(&judge(&invoice, &known)), ["BR-13", "BR-14", "BR-15"]);
    }
}

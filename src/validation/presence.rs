//! Mandatory terms: EN 16931's rules of presence, on the canonical invoice, for every source whose
//! document no official rule looked at. A term that reading found malformed is not absent too.

use std::collections::HashSet;

use crate::models::extraction::Syntax;
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

const NUMBER: Rule = Rule("BR-02", "BT-1", "the number of the invoice");
const ISSUED: Rule = Rule("BR-03", "BT-2", "the date of issue");
const CURRENCY: Rule = Rule("BR-05", "BT-5", "the currency");
const SELLER: Rule = Rule("BR-06", "BT-27", "the name of the seller");
const BUYER: Rule = Rule("BR-07", "BT-44", "the name of the buyer");
const NO_LINES: Rule = Rule("BR-16", "BG-25", "a line");
const LINE_NAME: Rule = Rule("BR-25", "BT-153", "the name of an item");

/// Finds what is absent; `known` is what others found before. Of a document that was not written
/// for machines only what an invoice is paid by has to be there; the rest is a warning.
pub(crate) fn judge(invoice: &Invoice, syntax: Syntax, known: &[Finding]) -> Vec<Finding> {
    let malformed = known.iter().filter(|known| known.code == MALFORMED_VALUE);
    let mut absent = Absent {
        rules: known.iter().map(|known| known.code.as_str()).collect(),
        malformed: malformed.flat_map(|known| &known.terms).map(String::as_str).collect(),
        severity: Severity::Fatal,
        found: Vec::new(),
    };
    absent.check(&NUMBER, "", invoice.number.is_some());
    absent.check(&ISSUED, "", invoice.issue_date.is_some());
    absent.check(&CURRENCY, "", invoice.currency.is_some());
    let totals = &invoice.totals;
    absent.check(&GROSS, "BG-22", totals.gross.is_some());
    absent.check(&PAYABLE, "BG-22", totals.payable.is_some());
    if !syntax.is_en16931() {
        absent.severity = Severity::Warning;
    }
    absent.check(&SELLER, "BG-4", invoice.seller.name.is_some());
    absent.check(&BUYER, "BG-7", invoice.buyer.name.is_some());
    absent.check(&LINES, "BG-22", totals.lines.is_some());
    absent.check(&NET, "BG-22", totals.net.is_some());
    absent.check(&NO_LINES, "", !invoice.lines.is_empty());
    for (index, subtotal) in invoice.tax.iter().enumerate() {
        let place = format!("BG-23[{}]", index + 1);
        absent.check(&TAX_BASE, &place, subtotal.base.is_some());
        absent.check(&TAX, &place, subtotal.tax.is_some());
    }
    for (index, line) in invoice.lines.iter().enumerate() {
        let place = format!("BG-25[{}]", index + 1);
        absent.check(&QUANTITY, &place, line.quantity.is_some());
        absent.check(&LINE_NET, &place, line.net.is_some());
        absent.check(&PRICE, &place, line.price.is_some());
        absent.check(&LINE_NAME, &place, line.name.is_some());
    }
    absent.found
}

struct Absent<'k> {
    /// Rules that fired before.
    rules: HashSet<&'k str>,
    /// Terms whose value is there and cannot be used.
    malformed: HashSet<&'k str>,
    severity: Severity,
    found: Vec<Finding>,
}

impl Absent<'_> {
    fn check(&mut self, rule: &Rule, group: &str, is_there: bool) {
        let Rule(code, term, what) = rule;
        if is_there || self.rules.contains(code) || self.malformed.contains(term) {
            return;
        }
        let message = format!("{what} ({term}) is missing");
        let mut absent = finding(code, self.severity, &[term], message);
        let place = format!("{group}/{term}");
        absent.place = Some(place.trim_start_matches('/').to_owned());
        absent.expected = Some((*what).to_owned());
        absent.remedy = Some("ask the sender for a complete document".to_owned());
        self.found.push(absent);
    }
}

#[cfg(test)]
mod tests {
    use super::judge;
    use crate::models::extraction::Syntax;
    use crate::models::finding::{Finding, Severity};
    use crate::models::invoice::{Invoice, InvoiceLine, TaxSubtotal};

    fn codes(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.code.as_str()).collect()
    }

    #[test]
    fn everything_absent_is_found_with_its_place() {
        let invoice = Invoice {
            lines: vec![InvoiceLine::default()],
            tax: vec![TaxSubtotal::default()],
            ..Invoice::default()
        };
        let found = judge(&invoice, Syntax::Cii, &[]);
        let expected = [
            "BR-02", "BR-03", "BR-05", "BR-14", "BR-15", "BR-06", "BR-07", "BR-12", "BR-13",
            "BR-45", "BR-46", "BR-22", "BR-24", "BR-26", "BR-25",
        ];
        assert_eq!(codes(&found), expected);
        assert!(found.iter().all(|finding| finding.severity == Severity::Fatal));
        assert_eq!(found[13].place.as_deref(), Some("BG-25[1]/BT-146"));
    }

    #[test]
    fn text_has_to_say_what_is_paid_and_may_leave_out_the_rest() {
        let found = judge(&Invoice::default(), Syntax::PdfText, &[]);
        let fatal = found.iter().filter(|finding| finding.severity == Severity::Fatal);
        let fatal: Vec<_> = fatal.map(|finding| finding.code.as_str()).collect();
        assert_eq!(fatal, ["BR-02", "BR-03", "BR-05", "BR-14", "BR-15"]);
        assert_eq!(found.len(), 10);
    }

    #[test]
    fn a_malformed_amount_is_not_also_missing() {
        let invoice = Invoice::default();
        let mut known = judge(&invoice, Syntax::Csv, &[]);
        known.truncate(1);
        known[0].code = "MALFORMED_VALUE".to_owned();
        known[0].terms = vec!["BT-112".to_owned()];
        assert!(!codes(&judge(&invoice, Syntax::Csv, &known)).contains(&"BR-14"));
    }
}

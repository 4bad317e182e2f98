//! Sums and products of an invoice, exactly (extraction handbook §4).
//!
//! The official rules decide validity, some with slack. What differs here and passes there is a
//! warning; what an official rule reported already is not said twice.

use std::collections::HashSet;

use rust_decimal::Decimal;

use crate::models::decimal::round;
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::{AllowanceCharge, Invoice, InvoiceLine, TaxSubtotal};
use crate::models::money::Currency;
use crate::validation::finding;

/// Digits of the minor unit where the currency is unknown.
const MINOR_DIGITS_DEFAULT: u32 = 2;

/// How many equations there are.
pub(crate) const RULES: usize = 9;

/// A formula of the standard.
struct Formula {
    /// Our code.
    code: &'static str,
    /// The rule that holds it officially.
    official: &'static str,
    /// The term that it gives.
    term: &'static str,
    /// The formula in words.
    text: &'static str,
}

const fn formula(
    code: &'static str,
    official: &'static str,
    term: &'static str,
    text: &'static str,
) -> Formula {
    Formula { code, official, term, text }
}

const LINE_NET: Formula = formula(
    "ARITHMETIC_LINE_NET",
    "PEPPOL-EN16931-R120",
    "BT-131",
    "quantity × price / base quantity + charges − allowances",
);
const LINES: Formula =
    formula("ARITHMETIC_LINES_TOTAL", "BR-CO-10", "BT-106", "the sum of the line net amounts");
const ALLOWANCES: Formula =
    formula("ARITHMETIC_ALLOWANCES_TOTAL", "BR-CO-11", "BT-107", "the sum of the allowances");
const CHARGES: Formula =
    formula("ARITHMETIC_CHARGES_TOTAL", "BR-CO-12", "BT-108", "the sum of the charges");
const NET: Formula =
    formula("ARITHMETIC_NET_TOTAL", "BR-CO-13", "BT-109", "lines − allowances + charges");
const TAX_TOTAL: Formula =
    formula("ARITHMETIC_TAX_TOTAL", "BR-CO-14", "BT-110", "the sum of the VAT amounts");
const GROSS: Formula =
    formula("ARITHMETIC_GROSS_TOTAL", "BR-CO-15", "BT-112", "the total without VAT + VAT");
const PAYABLE: Formula =
    formula("ARITHMETIC_PAYABLE", "BR-CO-16", "BT-115", "the total with VAT − paid + rounding");
const TAX_SUBTOTAL: Formula =
    formula("ARITHMETIC_TAX_SUBTOTAL", "BR-CO-17", "BT-117", "taxable amount × rate / 100");

/// Finds what does not add up; `known` is what others found before.
pub(crate) fn judge(invoice: &Invoice, known: &[Finding]) -> Vec<Finding> {
    let currency = invoice.currency.as_deref().map(Currency::parse);
    let mut sums = Sums {
        known: known.iter().map(|known| known.code.as_str()).collect(),
        minor_digits: match currency {
            Some(Ok(currency)) => currency.minor_digits(),
            _ => MINOR_DIGITS_DEFAULT,
        },
        found: Vec::new(),
    };
    for (index, line) in invoice.lines.iter().enumerate() {
        sums.line_net(line, format!("BG-25[{}]/BT-131", index + 1));
    }
    for (index, subtotal) in invoice.tax.iter().enumerate() {
        sums.tax_subtotal(subtotal, format!("BG-23[{}]/BT-117", index + 1));
    }
    sums.parts(invoice);
    sums.totals(invoice);
    sums.found
}

struct Sums<'k> {
    known: HashSet<&'k str>,
    minor_digits: u32,
    found: Vec<Finding>,
}

impl Sums<'_> {
    /// Compares a stated amount with its formula; `expected` is none when the numbers are too
    /// large to compute with, and what could not be checked never counts as right.
    fn equal(
        &mut self,
        formula: &Formula,
        place: String,
        actual: Decimal,
        expected: Option<Decimal>,
    ) {
        let Formula { code, official, term, text } = formula;
        let Some(expected) = expected else {
            let message = format!("{term} = {text} could not be computed: number out of range");
            let mut found = finding("ENGINE_ERROR", Severity::Fatal, &[term], message);
            found.place = Some(place);
            self.found.push(found);
            return;
        };
        if actual == expected || self.known.contains(official) {
            return;
        }
        let message = format!("{term} is {actual}, and {text} is {expected}");
        let mut found = finding(code, Severity::Warning, &[term], message);
        found.place = Some(place);
        found.actual = Some(actual.to_string());
        found.expected = Some(expected.to_string());
        found.remedy = Some("ask the sender whether the difference is meant".to_owned());
        self.found.push(found);
    }

    fn total(&mut self, formula: &Formula, actual: Option<Decimal>, expected: Option<Decimal>) {
        if let Some(actual) = actual {
            self.equal(formula, format!("BG-22/{}", formula.term), actual, expected);
        }
    }

    fn line_net(&mut self, line: &InvoiceLine, place: String) {
        let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
        let (Some(net), Some(quantity), Some(price)) = (line.net, line.quantity, line.price) else {
            return;
        };
        // Reported as what it is: a price for nothing has no product.
        if base <= Decimal::ZERO {
            return;
        }
        let goods = quantity.checked_mul(price);
        let goods = goods.and_then(|goods| goods.checked_div(base));
        let goods = goods.map(|goods| round(goods, self.minor_digits));
        let rest = balance(&line.allowances_and_charges);
        let expected = goods.and_then(|goods| goods.checked_add(rest?));
        self.equal(&LINE_NET, place, net, expected);
    }

    fn tax_subtotal(&mut self, subtotal: &TaxSubtotal, place: String) {
        let TaxSubtotal { base: Some(base), tax: Some(tax), rate: Some(rate), .. } = subtotal
        else {
            return;
        };
        let expected = base.checked_mul(*rate);
        let expected = expected.and_then(|tax| tax.checked_div(Decimal::ONE_HUNDRED));
        let expected = expected.map(|tax| round(tax, self.minor_digits));
        self.equal(&TAX_SUBTOTAL, place, *tax, expected);
    }

    /// Totals that are sums of parts.
    fn parts(&mut self, invoice: &Invoice) {
        let totals = &invoice.totals;
        let side = |charge: bool| {
            let all = invoice.allowances_and_charges.iter();
            sum(all.filter(|at| at.charge == charge).map(|at| at.amount))
        };
        let absent_is_zero = |amount: Option<Decimal>| Some(amount.unwrap_or_default());
        self.total(&ALLOWANCES, absent_is_zero(totals.allowances), side(false));
        self.total(&CHARGES, absent_is_zero(totals.charges), side(true));
        // A sum with an absent part says nothing, and neither does a sum of nothing.
        let nets: Option<Vec<_>> = invoice.lines.iter().map(|line| line.net).collect();
        if let Some(nets) = nets.filter(|nets| !nets.is_empty()) {
            self.total(&LINES, totals.lines, sum(nets));
        }
        let taxes: Option<Vec<_>> = invoice.tax.iter().map(|subtotal| subtotal.tax).collect();
        if let Some(taxes) = taxes.filter(|taxes| !taxes.is_empty()) {
            self.total(&TAX_TOTAL, totals.tax, sum(taxes));
        }
    }

    /// Totals that follow from other totals.
    fn totals(&mut self, invoice: &Invoice) {
        let totals = &invoice.totals;
        let plus = |a: Decimal, b: Option<Decimal>| a.checked_add(b.unwrap_or_default());
        let minus = |a: Decimal, b: Option<Decimal>| a.checked_sub(b.unwrap_or_default());
        if let Some(lines) = totals.lines {
            let net = minus(lines, totals.allowances).and_then(|net| plus(net, totals.charges));
            self.total(&NET, totals.net, net);
        }
        if let Some(net) = totals.net {
            self.total(&GROSS, totals.gross, plus(net, totals.tax));
        }
        if let Some(gross) = totals.gross {
            let due = minus(gross, totals.paid).and_then(|due| plus(due, totals.rounding));
            self.total(&PAYABLE, totals.payable, due);
        }
    }
}

/// Adds up; none when the sum is too large to hold.
fn sum(amounts: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
    let mut amounts = amounts.into_iter();
    amounts.try_fold(Decimal::ZERO, Decimal::checked_add)
}

/// Charges less allowances.
fn balance(all: &[AllowanceCharge]) -> Option<Decimal> {
    let signed = |at: &AllowanceCharge| if at.charge { at.amount } else { -at.amount };
    sum(all.iter().map(signed))
}

#[cfg(test)]
mod tests;

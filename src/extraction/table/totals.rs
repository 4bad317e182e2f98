//! What a table leaves out and follows from what it says (handbook §4).
//!
//! A value is derived only where its formula closes: what would contradict a stated amount is left
//! out, and said. Nothing that is stated is ever changed.

use rust_decimal::Decimal;

use crate::extraction::draft::{Drafted, Origin};
use crate::extraction::notes::{NOTES_MAX, finding};
use crate::models::decimal::round;
use crate::models::evidence::{Confidence, Source};
use crate::models::finding::Severity;
use crate::models::invoice::{Invoice, InvoiceLine, TaxSubtotal};
use crate::models::money::Currency;

/// Digits of the minor unit where the currency is unknown.
const MINOR_DIGITS_DEFAULT: u32 = 2;

/// Rates and categories of one document; real ones have 1 to 10.
const SUBTOTALS_MAX: usize = 200;

/// Fills in what follows; `confidence` is that of the values that it follows from.
pub(crate) fn derive(drafted: &mut Drafted, confidence: Confidence) {
    let currency = drafted.invoice.currency.as_deref().map(Currency::parse);
    let digits = match currency {
        Some(Ok(currency)) => currency.minor_digits(),
        _ => MINOR_DIGITS_DEFAULT,
    };
    // Sums over a row that could not be read would be wrong without saying so.
    if drafted.findings.iter().any(|finding| finding.severity == Severity::Fatal) {
        return;
    }
    let mut deriving = Deriving { drafted, confidence, digits };
    deriving.line_nets();
    deriving.sums();
    deriving.breakdown();
    deriving.tax();
    deriving.gross_and_payable();
}

struct Deriving<'d> {
    drafted: &'d mut Drafted,
    confidence: Confidence,
    digits: u32,
}

fn sum(mut amounts: impl Iterator<Item = Option<Decimal>>) -> Option<Decimal> {
    amounts.try_fold(Decimal::ZERO, |sum, amount| sum.checked_add(amount?))
}

impl Deriving<'_> {
    fn invoice(&self) -> &Invoice {
        &self.drafted.invoice
    }

    fn witness(&mut self, field: String, value: Decimal, formula: &str) -> Option<Decimal> {
        let mut origin = Origin::nowhere(Source::Derived, self.confidence);
        origin.rule = Some(formula.to_owned());
        self.drafted.evidence.push(origin.evidence(field, value.to_string()));
        Some(value)
    }

    fn open(&mut self, terms: &[&str], formula: &str, (value, stated): (Decimal, Decimal)) {
        if self.drafted.findings.len() > NOTES_MAX {
            return;
        }
        let message = format!("{formula} is {value}, and {stated} is stated: nothing was derived");
        let mut open = finding("TOTALS_DO_NOT_CLOSE", Severity::Warning, "", message);
        open.terms = terms.iter().map(|term| (*term).to_owned()).collect();
        open.actual = Some(stated.to_string());
        open.expected = Some(value.to_string());
        open.remedy = Some("compare the amounts with the document".to_owned());
        self.drafted.findings.push(open);
    }

    fn line_nets(&mut self) {
        for index in 0..self.invoice().lines.len() {
            let line = &self.invoice().lines[index];
            if line.net.is_some() || !line.allowances_and_charges.is_empty() {
                continue;
            }
            let Some(net) = product(line) else { continue };
            let field = format!("BG-25[{}]/BT-131", index + 1);
            let net = round(net, self.digits);
            let net = self.witness(field, net, "round(BT-129 × BT-146 / BT-149)");
            self.drafted.invoice.lines[index].net = net;
        }
    }

    /// BT-106 to BT-109.
    fn sums(&mut self) {
        let totals = self.invoice().totals.clone();
        let counted = self.invoice().lines.iter().filter(|line| line.counts());
        let lines = sum(counted.map(|line| line.net)).filter(|_| !self.invoice().lines.is_empty());
        let of = |charge: bool| {
            let all = self.invoice().allowances_and_charges.iter();
            let mut side = all.filter(|item| item.charge == charge).peekable();
            side.peek()?;
            sum(side.map(|item| Some(item.amount)))
        };
        let allowances = totals.allowances.or_else(|| of(false));
        let charges = totals.charges.or_else(|| of(true));
        let lines = totals.lines.or(lines);
        let zero = Decimal::ZERO;
        let net = lines.and_then(|lines| {
            lines.checked_sub(allowances.unwrap_or(zero))?.checked_add(charges.unwrap_or(zero))
        });
        if let (Some(net), Some(stated)) = (net, totals.net)
            && net != stated
        {
            let terms = ["BT-109", "BT-106", "BT-107", "BT-108"];
            self.open(&terms, "BT-106 − BT-107 + BT-108", (net, stated));
            return;
        }
        let mut derived = totals.clone();
        let missing =
            |stated: Option<Decimal>, found: Option<Decimal>| found.filter(|_| stated.is_none());
        if let Some(sum) = missing(totals.lines, lines) {
            derived.lines = self.witness("BT-106".to_owned(), sum, "Σ BT-131");
        }
        if let Some(sum) = missing(totals.allowances, allowances) {
            derived.allowances = self.witness("BT-107".to_owned(), sum, "Σ BT-92");
        }
        if let Some(sum) = missing(totals.charges, charges) {
            derived.charges = self.witness("BT-108".to_owned(), sum, "Σ BT-99");
        }
        if let Some(sum) = missing(totals.net, net) {
            derived.net = self.witness("BT-109".to_owned(), sum, "BT-106 − BT-107 + BT-108");
        }
        self.drafted.invoice.totals = derived;
    }

    /// BG-23, where every line says its rate.
    fn breakdown(&mut self) {
        let invoice = self.invoice();
        if !invoice.tax.is_empty() || invoice.lines.is_empty() {
            return;
        }
        let Some(subtotals) = subtotals(invoice, self.digits) else { return };
        let Some(tax) = sum(subtotals.iter().map(|subtotal| subtotal.tax)) else { return };
        let totals = &invoice.totals;
        let by_gross = totals.gross.zip(totals.net);
        let by_gross = by_gross.and_then(|(gross, net)| gross.checked_sub(net));
        if let Some(stated) = totals.tax.or(by_gross).filter(|stated| *stated != tax) {
            self.open(&["BT-110", "BT-117"], "Σ round(BT-116 × BT-119 / 100)", (tax, stated));
            return;
        }
        for (index, subtotal) in subtotals.iter().enumerate() {
            let field = |term: &str| format!("BG-23[{}]/{term}", index + 1);
            let amounts = [
                ("BT-116", subtotal.base, "Σ BT-131 − Σ BT-92 + Σ BT-99 of the rate"),
                ("BT-117", subtotal.tax, "round(BT-116 × BT-119 / 100)"),
                ("BT-119", subtotal.rate, "BT-152 of the lines"),
            ];
            for (term, amount, formula) in amounts {
                amount.and_then(|amount| self.witness(field(term), amount, formula));
            }
        }
        self.drafted.invoice.tax = subtotals;
    }

    /// BT-110.
    fn tax(&mut self) {
        let invoice = self.invoice();
        let totals = &invoice.totals;
        if totals.tax.is_some() {
            return;
        }
        let by_rates = sum(invoice.tax.iter().map(|subtotal| subtotal.tax));
        let by_rates = by_rates.filter(|_| !invoice.tax.is_empty());
        let by_gross = totals.gross.zip(totals.net);
        let by_gross = by_gross.and_then(|(gross, net)| gross.checked_sub(net));
        let (tax, formula) = match (by_rates, by_gross) {
            (Some(tax), Some(other)) if tax != other => {
                let terms = ["BT-110", "BT-112", "BT-117"];
                self.open(&terms, "Σ BT-117", (tax, other));
                return;
            }
            (Some(tax), _) => (tax, "Σ BT-117"),
            (None, Some(tax)) => (tax, "BT-112 − BT-109"),
            (None, None) => return,
        };
        self.drafted.invoice.totals.tax = self.witness("BT-110".to_owned(), tax, formula);
    }

    /// BT-112 and BT-115.
    fn gross_and_payable(&mut self) {
        let totals = &self.invoice().totals;
        if totals.gross.is_none()
            && let Some((net, tax)) = totals.net.zip(totals.tax)
            && let Some(gross) = net.checked_add(tax)
        {
            let gross = self.witness("BT-112".to_owned(), gross, "BT-109 + BT-110");
            self.drafted.invoice.totals.gross = gross;
        }
        let totals = &self.invoice().totals;
        let (paid, rounding) =
            (totals.paid.unwrap_or_default(), totals.rounding.unwrap_or_default());
        if totals.payable.is_none()
            && let Some(gross) = totals.gross
            && let Some(payable) = gross.checked_sub(paid).and_then(|due| due.checked_add(rounding))
        {
            let formula = "BT-112 − BT-113 + BT-114";
            let payable = self.witness("BT-115".to_owned(), payable, formula);
            self.drafted.invoice.totals.payable = payable;
        }
    }
}

fn product(line: &InvoiceLine) -> Option<Decimal> {
    let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
    line.quantity?.checked_mul(line.price?)?.checked_div(base)
}

/// One subtotal for each category and rate; none where a line or an allowance does not say its own.
fn subtotals(invoice: &Invoice, digits: u32) -> Option<Vec<TaxSubtotal>> {
    let counted = invoice.lines.iter().filter(|line| line.counts());
    let lines = counted.map(|line| (&line.tax_category, line.tax_rate, line.net));
    let others = invoice.allowances_and_charges.iter().map(|item| {
        let amount = if item.charge { item.amount } else { -item.amount };
        (&item.tax_category, item.tax_rate, Some(amount))
    });
    let mut found: Vec<TaxSubtotal> = Vec::new();
    for (category, rate, amount) in lines.chain(others) {
        let (rate, amount) = (rate?, amount?);
        let same = |known: &TaxSubtotal| known.rate == Some(rate) && known.category == *category;
        match found.iter().position(same) {
            Some(at) => found[at].base = found[at].base?.checked_add(amount),
            None if found.len() == SUBTOTALS_MAX => return None,
            None => found.push(TaxSubtotal {
                base: Some(amount),
                category: category.clone(),
                rate: Some(rate),
                ..TaxSubtotal::default()
            }),
        }
    }
    for subtotal in &mut found {
        let share =
            subtotal.base?.checked_mul(subtotal.rate?)?.checked_div(Decimal::ONE_HUNDRED)?;
        subtotal.tax = Some(round(share, digits));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::derive;
    use crate::extraction::draft::Drafted;
    use crate::models::evidence::{Confidence, Source};
    use crate::models::invoice::{Invoice, InvoiceLine};
    use rust_decimal::Decimal;

    fn decimal(text: &str) -> Option<Decimal> {
        Some(text.parse().expect("a decimal"))
    }

    fn line(quantity: &str, price: &str, rate: &str) -> InvoiceLine {
        InvoiceLine {
            quantity: decimal(quantity),
            price: decimal(price),
            tax_rate: decimal(rate),
            ..InvoiceLine::default()
        }
    }

    fn derived(invoice: Invoice) -> Drafted {
        let mut drafted = Drafted { invoice, evidence: Vec::new(), findings: Vec::new() };
        derive(&mut drafted, Confidence::LABELLED);
        drafted
    }

    #[test]
    fn all_totals_follow_from_lines_with_rates() {
        let lines = vec![line("3", "3.335", "19"), line("1", "100", "7")];
        let read = derived(Invoice { lines, ..Invoice::default() });
        let totals = &read.invoice.totals;
        assert_eq!(read.invoice.lines[0].net, decimal("10.01"));
        let found = [totals.lines, totals.net, totals.tax, totals.gross, totals.payable];
        // 10.01 × 19 % is 1.9019.
        assert_eq!(found, ["110.01", "110.01", "8.90", "118.91", "118.91"].map(decimal));
        assert_eq!(read.invoice.tax.len(), 2);
        assert!(read.findings.is_empty());
        assert!(read.evidence.iter().all(|evidence| evidence.source == Source::Derived));
        assert!(read.evidence.iter().all(|evidence| evidence.rule.is_some()));
    }

    #[test]
    fn a_jpy_amount_has_no_decimals() {
        let lines = vec![line("3", "33.5", "10")];
        let currency = Some("JPY".to_owned());
        let read = derived(Invoice { lines, currency, ..Invoice::default() });
        assert_eq!(read.invoice.totals.payable, decimal("111"));
    }

    #[test]
    fn what_does_not_close_is_left_out_and_said() {
        for (net, tax, gross, missing) in [
            (Some("11"), None, None, ["BT-106"].as_slice()),
            (None, Some("2.00"), None, &["BG-23"]),
            (None, None, Some("12.00"), &["BG-23"]),
        ] {
            let mut invoice = Invoice { lines: vec![line("1", "10", "19")], ..Invoice::default() };
            invoice.totals.net = net.and_then(decimal);
            invoice.totals.tax = tax.and_then(decimal);
            invoice.totals.gross = gross.and_then(decimal);
            let read = derived(invoice);
            assert!(read.findings.iter().all(|found| found.code == "TOTALS_DO_NOT_CLOSE"));
            assert!(!read.findings.is_empty(), "{net:?} {tax:?} {gross:?}");
            for field in missing {
                assert!(
                    read.evidence.iter().all(|found| !found.field.starts_with(field)),
                    "{field}"
                );
            }
        }
    }

    #[test]
    fn nothing_follows_from_a_line_without_amounts() {
        let read = derived(Invoice { lines: vec![InvoiceLine::default()], ..Invoice::default() });
        assert!(read.evidence.is_empty() && read.findings.is_empty());
    }
}

//! BG-22 against what order prices, planned charges and the order's tax come to (handbook §5.3).

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::models::case::ExpectedTotals;
use crate::models::decimal;
use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::charge::Charges;
use crate::reconciliation::checks::judged::{At, Judged};
use crate::reconciliation::checks::{Checks, sum};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::pairing::Fate;

/// A total that could not be derived, and why.
const NOT_DERIVED: &str = "not every line can be compared with an order";

impl<'s, 'a> Checks<'s, 'a> {
    /// The totals. Once all lines agree, a small difference of the payable amount is accepted.
    pub(super) fn total_checks(
        &self,
        charges: &Charges<'a>,
        lines_pass: bool,
        out: &mut impl FnMut(Judged<'s>),
    ) {
        let expected = self.expected_totals(charges);
        let checks = self.totals(&expected);
        let payable = checks.iter().find(|check| check.code == CheckCode::TotalPayable);
        let small = payable.and_then(|check| check.numbers).filter(|_| lines_pass);
        let small = small.and_then(|numbers| self.small_difference(&numbers));
        for mut check in checks {
            if small.is_some() && check.verdict == CheckVerdict::Fail {
                check.verdict = CheckVerdict::PassAccepted;
            }
            out(check);
        }
    }

    /// The difference, when the policy accepts it without asking.
    pub(crate) fn small_difference(&self, payable: &Comparison) -> Option<Decimal> {
        let limit = self.scene.case.policy.small_difference?;
        let difference = payable.actual.checked_sub(payable.expected)?;
        let in_ledger = difference.abs().checked_mul(self.scene.ledger_rate?)?;
        (in_ledger <= limit).then_some(difference)
    }

    fn totals(&self, expected: &ExpectedTotals) -> Vec<Judged<'s>> {
        let totals = &self.scene.case.invoice.totals;
        let own_lines = || sum(self.figures.iter().map(|figures| figures.net));
        // What credit notes took off the prices is no more asked for.
        let off = self.taken_off();
        let less = |total: Option<Decimal>| total?.checked_sub(off?);
        // BT-107, BT-108 and BT-114 may be left out when they are zero.
        let or_nothing = |total: Option<Decimal>| total.or(Some(Decimal::ZERO));
        let rows = [
            (
                CheckCode::TotalLines,
                less(totals.lines.or_else(own_lines)),
                expected.lines,
                Worse::More,
            ),
            (
                CheckCode::TotalAllowances,
                or_nothing(totals.allowances),
                expected.allowances,
                Worse::Less,
            ),
            (CheckCode::TotalCharges, or_nothing(totals.charges), expected.charges, Worse::More),
            (CheckCode::TotalTax, totals.tax, expected.tax, Worse::More),
            (CheckCode::TotalRounding, or_nothing(totals.rounding), expected.rounding, Worse::More),
            (CheckCode::TotalPayable, less(totals.payable), expected.payable, Worse::More),
        ];
        let checks = rows.map(|(code, actual, expected, worse)| match (actual, expected) {
            (Some(actual), Some(expected)) => {
                let numbers = Comparison { worse, ..Comparison::plain(actual, expected) };
                self.judge_document(code, At::Document, Some(numbers), self.money())
            }
            (None, Some(_)) => {
                Judged::not_applicable(code, At::Document, "the invoice does not say")
            }
            (_, None) => Judged::not_applicable(code, At::Document, not_derived(code)),
        });
        checks.into()
    }

    /// Σ of what credit notes took off the prices of lines, as far as these are compared.
    fn taken_off(&self) -> Option<Decimal> {
        let lines = self.lines.iter().flatten().filter(|line| !line.by_amount());
        sum(lines.map(|line| match (line.figures.net, line.at_price) {
            (Some(net), Some(left)) => net.checked_sub(left),
            _ => Some(Decimal::ZERO),
        }))
    }

    /// What order prices, planned charges and the order's tax come to; what the case states
    /// itself wins.
    fn expected_totals(&self, charges: &Charges<'a>) -> ExpectedTotals {
        let stated = self.scene.case.expected_totals.clone().unwrap_or_default();
        let totals = &self.scene.case.invoice.totals;
        let of_kind = |wanted: bool| {
            let kind = charges.iter().filter(|((allowance, _), _)| *allowance == wanted);
            sum(kind.map(|(_, charge)| charge.expected_now()))
        };
        let lines = stated.lines.or_else(|| self.expected_lines());
        let allowances = stated.allowances.or_else(|| of_kind(true));
        let charges = stated.charges.or_else(|| of_kind(false));
        let tax = stated.tax.or_else(|| self.expected_tax());
        let payable = || {
            let rounding = stated.rounding.unwrap_or_default();
            // Where the order does not say how it is taxed, the invoice's own tax stands.
            let tax = tax.or(totals.tax).unwrap_or_default();
            lines?
                .checked_sub(allowances?)?
                .checked_add(charges?)?
                .checked_add(tax)?
                .checked_sub(totals.paid.unwrap_or_default())?
                .checked_add(rounding)
        };
        ExpectedTotals {
            lines,
            allowances,
            charges,
            tax,
            rounding: stated.rounding.or(Some(Decimal::ZERO)),
            payable: stated.payable.or_else(payable),
        }
    }

    /// Only where every line is paired and priced, or is a charge.
    fn expected_lines(&self) -> Option<Decimal> {
        let lines = self.lines.iter().zip(self.fates).enumerate();
        let mut any = false;
        let nets = lines.map(|(place, (line, fate))| {
            any = true;
            match (line, fate) {
                (Some(line), _) => self.expected_net(line),
                (None, Fate::Charge { .. }) => self.figures[place].net,
                (None, _) => None,
            }
        });
        let lines = sum(nets);
        lines.filter(|_| any)
    }

    /// Σ of each rate's own tax, never the tax at an average rate; only where the order says how
    /// every line is taxed, and no charge of the document is taxed apart.
    fn expected_tax(&self) -> Option<Decimal> {
        let mut bases: BTreeMap<Decimal, Decimal> = BTreeMap::new();
        for line in self.lines {
            let line = line.as_ref()?;
            let rate = line.position.line.tax_rate?.normalize();
            let base = bases.entry(rate).or_default();
            *base = base.checked_add(line.figures.net?)?;
        }
        for part in &self.scene.case.invoice.allowances_and_charges {
            let base = bases.entry(part.tax_rate?.normalize()).or_default();
            *base = match part.charge {
                true => base.checked_add(part.amount)?,
                false => base.checked_sub(part.amount)?,
            };
        }
        if bases.is_empty() {
            return None;
        }
        sum(bases.into_iter().map(|(rate, base)| {
            let tax = base.checked_mul(rate)?.checked_div(Decimal::ONE_HUNDRED)?;
            Some(decimal::round(tax, self.scene.minor_digits))
        }))
    }
}

fn not_derived(code: CheckCode) -> &'static str {
    match code {
        CheckCode::TotalTax => "the order does not say how every line is taxed",
        _ => NOT_DERIVED,
    }
}

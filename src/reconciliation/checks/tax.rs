//! Tax of a line against the tax that the order says (handbook §8).

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::tolerance::Lower;

impl<'s, 'a> Checks<'s, 'a> {
    /// `TAX_RATE`, whatever the amount, and `TAX_LINE`; only where the order says how it is taxed.
    pub(super) fn tax_checks(&self, line: &'s Matched<'a>, out: &mut impl FnMut(Judged<'s>)) {
        let ordered = line.position.line;
        if ordered.tax_rate.is_none() && ordered.tax_category.is_none() {
            return;
        }
        let at = At::Line(line.place);
        let own = (line.line.tax_rate, line.line.tax_category.as_deref());
        if own == (None, None) {
            let reason = "the line says nothing about tax (BT-151, BT-152)";
            for code in [CheckCode::TaxRate, CheckCode::TaxLine] {
                out(Judged::not_applicable(code, at, reason));
            }
            return;
        }
        out(tax_rate(line));
        out(self.tax_line(line));
    }

    fn tax_line(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let code = CheckCode::TaxLine;
        let rates = line.line.tax_rate.zip(line.position.line.tax_rate);
        let Some((billed, ordered)) = rates else {
            let reason = "a tax rate is missing";
            return Judged::not_applicable(code, At::Line(line.place), reason);
        };
        let tax = |rate: Decimal| {
            let tax = line.figures.net?.checked_mul(rate)?.checked_div(Decimal::ONE_HUNDRED)?;
            Some(decimal::round(tax, self.scene.minor_digits))
        };
        let numbers = tax(billed).zip(tax(ordered));
        let numbers = numbers.map(|(billed, ordered)| Comparison::plain(billed, ordered));
        self.judge_line(code, line, (numbers, self.money()), Lower::Counts)
    }
}

/// Another category or rate than ordered. What one side leaves open proves nothing.
fn tax_rate<'s>(line: &'s Matched<'_>) -> Judged<'s> {
    let (own, ordered) = (line.line, line.position.line);
    let category = |text: &Option<String>| text.as_deref().map(|text| text.trim().to_uppercase());
    let differs = |same: Option<bool>| same == Some(false);
    let categories = category(&own.tax_category).zip(category(&ordered.tax_category));
    let rates = own.tax_rate.zip(ordered.tax_rate);
    let fails = differs(categories.map(|(one, other)| one == other))
        || differs(rates.map(|(one, other)| one == other));
    let verdict = if fails { CheckVerdict::Fail } else { CheckVerdict::Pass };
    let numbers = rates.map(|(billed, ordered)| Comparison::plain(billed, ordered));
    Judged { numbers, ..Judged::bare(CheckCode::TaxRate, At::Line(line.place), verdict) }
}

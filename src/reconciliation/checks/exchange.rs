//! What exchange rates do to a line, in the ledger currency (handbook §9).

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::verdict::{CheckCode, CheckVerdict};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::exchange::TaxConverted;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::tolerance::Lower;

/// `FX_RATE` of the tax: BT-111 against BT-110 at the rate on file, within one minor unit for each
/// tax rate. None where the document states no tax in another currency.
pub(super) fn converted_tax<'s>(scene: &Scene<'_>) -> Option<Judged<'s>> {
    let (code, at) = (CheckCode::FxRate, At::Document);
    let invoice = &scene.case.invoice;
    let (tax, stated) = invoice.totals.tax.zip(invoice.totals.tax_in_tax_currency)?;
    let known = |code: Option<&str>| Currency::parse(&code?.trim().to_ascii_uppercase()).ok();
    let from = known(invoice.currency.as_deref())?;
    let to = known(invoice.tax_currency.as_deref())?;
    let Some(rate) = scene.rate_between(from, to) else {
        let reason = "there is no exchange rate to the currency of the tax (BT-6)";
        return Some(Judged::not_applicable(code, at, reason));
    };
    let converted = TaxConverted::new(tax, rate, stated, to, invoice.tax.len());
    let Some(converted) = converted else {
        return Some(Judged::error(code, at));
    };
    let verdict = match converted.agrees() {
        true if converted.variance.is_zero() => CheckVerdict::Pass,
        true => CheckVerdict::PassWithin,
        false => CheckVerdict::Fail,
    };
    let expected = converted.expected.to_decimal();
    let numbers = expected.map(|expected| Comparison::plain(stated, expected));
    let shown = Shown::Amount(to.minor_digits());
    Some(Judged { numbers, shown, ..Judged::bare(code, at, verdict) })
}

impl<'s, 'a> Checks<'s, 'a> {
    /// `FX_RATE`, the effect of the rate alone, and `FX_TOTAL`, price and rate together; only for
    /// documents that are not in the ledger currency.
    pub(super) fn exchange_checks(&self, line: &'s Matched<'a>, out: &mut impl FnMut(Judged<'s>)) {
        let Some(ledger) = self.scene.case.policy.ledger_currency else {
            return;
        };
        if self.scene.currency.as_deref() == Some(ledger.code()) {
            return;
        }
        let at = At::Line(line.place);
        let order_rate = self.scene.order_rate(line.position.order);
        let Some((rate, order_rate)) = self.scene.ledger_rate.zip(order_rate) else {
            let reason = "there is no exchange rate to the ledger currency";
            for code in [CheckCode::FxRate, CheckCode::FxTotal] {
                out(Judged::not_applicable(code, at, reason));
            }
            return;
        };
        let in_ledger = |amount: Option<Decimal>, rate: Decimal| {
            Some(decimal::round(amount?.checked_mul(rate)?, Currency::minor_digits(ledger)))
        };
        let net = line.at_price;
        let actual = in_ledger(net, rate);
        // The order's rate starts at the order's currency.
        let at_order_rate = in_ledger(line.to_order(net), order_rate);
        let ordered = line.invoiced.zip(line.position.price);
        let ordered = ordered.and_then(|(quantity, price)| price.of(quantity));
        let expected = in_ledger(ordered, order_rate);
        for (code, expected) in [(CheckCode::FxRate, at_order_rate), (CheckCode::FxTotal, expected)]
        {
            let numbers =
                actual.zip(expected).map(|(actual, expected)| Comparison::plain(actual, expected));
            let terms = Terms {
                shown: Shown::Amount(ledger.minor_digits()),
                limit: line.position.limits.of(code),
                lower: Lower::Counts,
                rate: Some(Decimal::ONE),
            };
            out(Judged::new(code, at, numbers, terms));
        }
    }
}

//! What exchange rates do to a line, in the ledger currency (handbook §9).

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::money::Currency;
use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Shown, Terms};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::tolerance::Lower;

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
        let net = line.figures.net;
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
                limit: self.scene.limits.of(code, &line.position.rules),
                lower: Lower::Counts,
                rate: Some(Decimal::ONE),
            };
            out(Judged::new(code, at, numbers, terms));
        }
    }
}

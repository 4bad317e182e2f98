//! Net unit price and net of a line against the order's price.

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::verdict::{Check, CheckCode};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::result::{Judged, Shown, not_applicable, or_error};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::matched::{Billed, Matched};
use crate::reconciliation::show;
use crate::reconciliation::tolerance::Lower;

impl Checks<'_> {
    /// `UNIT_PRICE` and `LINE_NET`.
    pub(super) fn price_checks(&self, line: &Matched<'_>) -> [Check; 2] {
        let codes = [CheckCode::UnitPrice, CheckCode::LineNet];
        let billed = match self.priced(line) {
            Ok(billed) => billed,
            Err(reason) => return codes.map(|code| not_applicable(code, Some(line), &*reason)),
        };
        let [unit_price, line_net] = codes;
        let price = match billed.quantity.is_zero() {
            true => not_applicable(unit_price, Some(line), "nothing is billed by quantity"),
            false => or_error(self.unit_price(line, &billed), unit_price, Some(line)),
        };
        let net = or_error(self.line_net(line, &billed), line_net, Some(line));
        [price, net]
    }

    /// The numbers of a line whose money can be compared, or why it cannot.
    pub(super) fn priced(&self, line: &Matched<'_>) -> Result<Billed, String> {
        let billed = line.billed().map_err(|(_, text)| text)?;
        match self.currency_agrees(line.position.order) {
            true => Ok(billed),
            false => Err("invoice and order are not in the same currency".to_owned()),
        }
    }

    /// BT-131 / q against p: the net price, so that a hidden line charge shows.
    fn unit_price(&self, line: &Matched<'_>, billed: &Billed) -> Option<Check> {
        let code = CheckCode::UnitPrice;
        let net = self.net_comparison(billed)?;
        let comparison = match billed.quantity.is_sign_negative() {
            // A negative line gives back: there a lower price is worse.
            true => Comparison {
                actual: -net.actual,
                expected: -net.expected,
                per: net.per.checked_mul(-billed.quantity)?,
                worse: Worse::Less,
                ..net
            },
            false => Comparison { per: net.per.checked_mul(billed.quantity)?, ..net },
        };
        let tolerance = self.tolerance(code);
        let judged = Judged::new(&comparison, Shown::Number, tolerance, Lower::Counts)?;
        let text = format!(
            "price {} for one, ordered at {}{}",
            judged.actual,
            judged.expected,
            judged.difference("too much", "less")
        );
        Some(judged.check(code, Some(line), text))
    }

    fn line_net(&self, line: &Matched<'_>, billed: &Billed) -> Option<Check> {
        let code = CheckCode::LineNet;
        let comparison = self.net_comparison(billed)?;
        let shown = Shown::Amount(self.minor_digits);
        let judged = Judged::new(&comparison, shown, self.tolerance(code), Lower::Counts)?;
        let derived = match line.line.net {
            Some(_) => "",
            None => " (worked out, BT-131 is missing)",
        };
        let text = format!(
            "net {}{derived}, expected {} × {} = {}{}",
            judged.actual,
            show::number(billed.quantity),
            show::number(billed.price.each()?),
            judged.expected,
            judged.difference("too much", "less")
        );
        Some(judged.check(code, Some(line), text))
    }

    /// BT-131 against q × p, over the units that p is for.
    fn net_comparison(&self, billed: &Billed) -> Option<Comparison> {
        let plain = Comparison {
            actual: billed.net.checked_mul(billed.price.units)?,
            expected: billed.quantity.checked_mul(billed.price.money)?,
            per: billed.price.units,
            worse: Worse::More,
            rounding: false,
        };
        let rounding = self.is_rounding(&plain, billed.net)?;
        Some(Comparison { rounding, ..plain })
    }

    /// Less than half a minor unit, or the expected value properly rounded: at exactly half a unit
    /// the two say different things, and whoever rounds as EN 16931 asks bills no variance.
    fn is_rounding(&self, comparison: &Comparison, net: Decimal) -> Option<bool> {
        let half = Decimal::new(5, self.minor_digits + 1);
        let variance = comparison.variance()?.abs();
        let expected = comparison.value(comparison.expected)?;
        let rounded = decimal::round(expected, self.minor_digits) == net;
        Some(rounded || variance < half.checked_mul(comparison.per)?)
    }

    /// What the line contributes to the expected total: q × p, or its own net where the two differ
    /// by rounding alone. Else a hundred rounded lines would add up to a variance.
    pub(super) fn expected_net(&self, billed: &Billed) -> Option<Decimal> {
        let comparison = self.net_comparison(billed)?;
        match comparison.rounding {
            true => Some(billed.net),
            false => comparison.value(comparison.expected),
        }
    }
}

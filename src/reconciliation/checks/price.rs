//! Prices and the net of a line against the order's.

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::verdict::{CheckCode, HoldCode};
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{At, Judged, Shown};
use crate::reconciliation::comparison::{Comparison, Worse};
use crate::reconciliation::matched::{Billed, Matched, Missing};
use crate::reconciliation::tolerance::Lower;

/// The checks that need price, quantity and net of both sides.
const PRICED: [CheckCode; 7] = [
    CheckCode::ListPrice,
    CheckCode::PriceBase,
    CheckCode::LineCharges,
    CheckCode::LineDiscount,
    CheckCode::UnitPrice,
    CheckCode::LineNet,
    CheckCode::LineTotal,
];

impl<'s, 'a> Checks<'s, 'a> {
    /// List price, price base, charges and discount of the line, net price, net, total, ratio.
    pub(super) fn price_checks(&self, line: &'s Matched<'a>, out: &mut impl FnMut(Judged<'s>)) {
        let billed = match self.priced(line) {
            Ok(billed) => billed,
            Err(reason) => {
                let at = At::Line(line.place);
                return PRICED
                    .into_iter()
                    .for_each(|code| out(Judged::not_applicable(code, at, reason)));
            }
        };
        out(self.list_price(line));
        out(self.price_base(line));
        out(self.line_charges(line));
        out(self.line_discount(line));
        if let Some(priced) = self.priced_quantity(line) {
            out(self.price_each(line));
            out(self.net_of_priced(line, priced, &billed));
            out(self.ratio(line, priced));
        } else {
            let net = self.net_comparison(&billed);
            out(self.unit_price(line, &billed, net));
            let money = self.money();
            out(self.judge_line(CheckCode::LineNet, line, (net, money), Lower::Counts));
        }
        out(self.line_total(line));
        out(self.date_variance(line));
    }

    /// The numbers of a line whose money can be compared, or why it cannot.
    pub(super) fn priced(&self, line: &Matched<'_>) -> Result<Billed, &'static str> {
        line.billed().map_err(|(code, missing)| match (code, missing) {
            (HoldCode::UomMismatch, _) => "the units differ",
            (_, Missing::Rate) if self.scene.may_convert() => "there is no exchange rate",
            (_, Missing::Rate) => "invoice and order are not in the same currency",
            (_, Missing::Term(text)) => text,
            (_, Missing::Conversion) => "the units differ",
        })
    }

    /// BT-131 / q against p: the net price, so that a hidden line charge shows.
    fn unit_price(
        &self,
        line: &'s Matched<'a>,
        billed: &Billed,
        net: Option<Comparison>,
    ) -> Judged<'s> {
        let code = CheckCode::UnitPrice;
        let (quantity, _) = billed.quantity;
        if quantity.is_zero() {
            let reason = "nothing is billed by quantity";
            return Judged::not_applicable(code, At::Line(line.place), reason);
        }
        let numbers = net.and_then(|net| {
            Some(match quantity.is_sign_negative() {
                // A negative line gives back: there a lower price is worse.
                true => Comparison {
                    actual: -net.actual,
                    expected: -net.expected,
                    per: billed.price.units.checked_mul(-quantity)?,
                    worse: Worse::Less,
                    ..net
                },
                false => Comparison { per: billed.price.units.checked_mul(quantity)?, ..net },
            })
        });
        self.judge_line(code, line, (numbers, Shown::Number), Lower::Counts)
    }

    /// BT-131 against q × p, over the units that p is for.
    fn net_comparison(&self, billed: &Billed) -> Option<Comparison> {
        let (quantity, per) = billed.quantity;
        let plain = Comparison {
            actual: billed.net.checked_mul(billed.price.units)?.checked_mul(per)?,
            expected: quantity.checked_mul(billed.price.money)?,
            per: billed.price.units.checked_mul(per)?,
            worse: Worse::More,
            rounding: false,
        };
        let rounding = self.is_rounding(&plain, billed.net)?;
        Some(Comparison { rounding, ..plain })
    }

    /// Less than half a minor unit, or the expected value properly rounded: at exactly half a unit
    /// the two say different things, and whoever rounds as EN 16931 asks bills no variance.
    pub(super) fn is_rounding(&self, comparison: &Comparison, net: Decimal) -> Option<bool> {
        if comparison.actual == comparison.expected {
            return Some(true);
        }
        let half = Decimal::new(5, self.scene.minor_digits + 1);
        let variance = comparison.variance()?.abs();
        if variance < half.checked_mul(comparison.per)? {
            return Some(true);
        }
        let expected = comparison.value(comparison.expected)?;
        Some(decimal::round(expected, self.scene.minor_digits) == net)
    }

    /// What the line contributes to the expected total: q × p, or its own net where the two differ
    /// by rounding alone. Else a hundred rounded lines would add up to a variance.
    pub(super) fn expected_net(&self, line: &Matched<'_>) -> Option<Decimal> {
        // What is compared by amount is held against the order line as a whole.
        if line.by_amount() {
            return line.figures.net;
        }
        let billed = self.priced(line).ok()?;
        let comparison = match self.priced_quantity(line) {
            Some(priced) => self.priced_net(line, priced, &billed)?,
            None => self.net_comparison(&billed)?,
        };
        match comparison.rounding {
            true => Some(billed.net),
            false => comparison.value(comparison.expected),
        }
    }

    /// `LIST_PRICE`: BT-146 / BT-149 against the order's list price.
    fn list_price(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let code = CheckCode::ListPrice;
        let Some(price) = line.line.price else {
            let reason = "the price (BT-146) is missing";
            return Judged::not_applicable(code, At::Line(line.place), reason);
        };
        let ordered = line.position.line;
        let list = ordered.list_price.unwrap_or(ordered.unit_price);
        let numbers = line.lowered(price).and_then(|price| self.per_unit(line, price, list));
        self.judge_line(code, line, (numbers, Shown::Number), Lower::Counts)
    }

    /// A price of the invoice against one of the order, for one unit of the order.
    pub(super) fn per_unit(
        &self,
        line: &Matched<'_>,
        price: Decimal,
        ordered: Decimal,
    ) -> Option<Comparison> {
        let base = line.line.price_base_quantity.unwrap_or(Decimal::ONE);
        let ordered_base = line.position.line.price_base_quantity.unwrap_or(Decimal::ONE);
        let same_price_unit = self.priced_quantity(line).is_some();
        let (times, per) = match same_price_unit {
            true => (Decimal::ONE, Decimal::ONE),
            false => line.factor?.parts()?,
        };
        let rate = line.rate?;
        Some(Comparison {
            actual: price.checked_mul(per)?.checked_mul(ordered_base)?,
            expected: ordered.checked_mul(rate)?.checked_mul(base)?.checked_mul(times)?,
            per: base.checked_mul(times)?.checked_mul(ordered_base)?,
            ..Comparison::plain(Decimal::ZERO, Decimal::ZERO)
        })
        .filter(|comparison| comparison.per > Decimal::ZERO)
    }

    /// `PRICE_BASE`: BT-149 in the order's unit against the order's price base.
    fn price_base(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let base = line.line.price_base_quantity.unwrap_or(Decimal::ONE);
        let ordered = line.position.line.price_base_quantity.unwrap_or(Decimal::ONE);
        let numbers = line.factor.and_then(|factor| {
            let (times, per) = factor.parts()?;
            let (actual, expected) = (base.checked_mul(times)?, ordered.checked_mul(per)?);
            Some(Comparison { per, ..Comparison::plain(actual, expected) })
        });
        self.judge_line(CheckCode::PriceBase, line, (numbers, Shown::Number), Lower::Counts)
    }

    /// `LINE_CHARGES`: Σ BT-141 against what was ordered.
    fn line_charges(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let ordered = line.position.line.charges;
        let numbers = self.own(line, true, ordered);
        self.judge_line(CheckCode::LineCharges, line, (numbers, self.money()), Lower::Counts)
    }

    /// `LINE_DISCOUNT`: Σ BT-136 against what was agreed; less of it is worse.
    fn line_discount(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let ordered = line.position.line.discount;
        let numbers = self.own(line, false, ordered);
        let numbers = numbers.map(|plain| Comparison { worse: Worse::Less, ..plain });
        self.judge_line(CheckCode::LineDiscount, line, (numbers, self.money()), Lower::Counts)
    }

    /// Charges or allowances of a line against the order's, whose sum is for the whole quantity.
    fn own(
        &self,
        line: &Matched<'_>,
        charge: bool,
        ordered: Option<Decimal>,
    ) -> Option<Comparison> {
        let own = line.line.allowances_and_charges.iter().filter(|part| part.charge == charge);
        let actual = own
            .map(|part| part.amount)
            .try_fold(Decimal::ZERO, |sum, part| sum.checked_add(part))?;
        let rate = line.rate?;
        let ordered = ordered.unwrap_or_default();
        if ordered.is_zero() {
            return Some(Comparison::plain(actual, Decimal::ZERO));
        }
        // In proportion to what is billed: half the goods, half the agreed discount.
        let (billed, whole) = (line.invoiced?, line.position.line.quantity);
        Some(Comparison {
            per: whole,
            ..Comparison::plain(
                actual.checked_mul(whole)?,
                ordered.checked_mul(rate)?.checked_mul(billed)?,
            )
        })
        .filter(|comparison| comparison.per > Decimal::ZERO)
    }
}

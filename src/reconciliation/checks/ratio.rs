//! Lines that are priced by another unit than they are ordered in: rolls by the kilogram (§6).

use rust_decimal::Decimal;

use crate::models::verdict::CheckCode;
use crate::reconciliation::checks::Checks;
use crate::reconciliation::checks::judged::{Judged, Shown};
use crate::reconciliation::comparison::Comparison;
use crate::reconciliation::matched::{Billed, Matched};
use crate::reconciliation::tolerance::Lower;

impl<'s, 'a> Checks<'s, 'a> {
    /// What the invoice bills in the order's price unit: BT-131 over the price of one. None for
    /// lines that are priced by the unit they are ordered in.
    pub(super) fn priced_quantity(&self, line: &Matched<'_>) -> Option<Decimal> {
        let ordered = line.position.line;
        let unit = ordered.price_unit.as_deref().filter(|_| ordered.price_quantity.is_some())?;
        let own = line.line.price_base_unit.as_deref()?;
        if self.scene.units.code(unit) != self.scene.units.code(own) {
            return None;
        }
        let base = line.line.price_base_quantity.unwrap_or(Decimal::ONE);
        let priced = line.line.net?.checked_mul(base)?.checked_div(line.line.price?)?;
        Some(priced.normalize())
    }

    /// `UNIT_PRICE` for one price unit.
    pub(super) fn price_each(&self, line: &'s Matched<'a>) -> Judged<'s> {
        let price = line.line.price.and_then(|price| line.lowered(price));
        let numbers =
            price.and_then(|price| self.per_unit(line, price, line.position.line.unit_price));
        self.judge_line(CheckCode::UnitPrice, line, (numbers, Shown::Number), Lower::Counts)
    }

    /// `LINE_NET` against the priced quantity at the order's price.
    pub(super) fn net_of_priced(
        &self,
        line: &'s Matched<'a>,
        priced: Decimal,
        billed: &Billed,
    ) -> Judged<'s> {
        let numbers = self.priced_net(line, priced, billed);
        self.judge_line(CheckCode::LineNet, line, (numbers, self.money()), Lower::Counts)
    }

    /// BT-131 against priced quantity × price of one price unit.
    pub(super) fn priced_net(
        &self,
        line: &Matched<'_>,
        priced: Decimal,
        billed: &Billed,
    ) -> Option<Comparison> {
        let ordered = line.position.line;
        let base = ordered.price_base_quantity.unwrap_or(Decimal::ONE);
        let rate = line.rate?;
        let plain = Comparison {
            per: base,
            ..Comparison::plain(
                billed.net.checked_mul(base)?,
                priced.checked_mul(ordered.unit_price)?.checked_mul(rate)?,
            )
        };
        let rounding = self.is_rounding(&plain, billed.net)?;
        Some(Comparison { rounding, ..plain })
    }

    /// `PRICE_UOM_RATIO`: price units in one order unit, as billed and as ordered.
    pub(super) fn ratio(&self, line: &'s Matched<'a>, priced: Decimal) -> Judged<'s> {
        let ordered = line.position.line;
        let numbers = line.invoiced.zip(ordered.price_quantity).and_then(|(billed, planned)| {
            let per = billed.checked_mul(ordered.quantity)?;
            let (actual, expected) =
                (priced.checked_mul(ordered.quantity)?, planned.checked_mul(billed)?);
            Some(Comparison { per, ..Comparison::plain(actual, expected) })
        });
        let numbers = numbers.filter(|comparison| comparison.per > Decimal::ZERO);
        self.judge_line(CheckCode::PriceUomRatio, line, (numbers, Shown::Number), Lower::Counts)
    }
}

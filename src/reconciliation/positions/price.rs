//! p, the net price of an order line (handbook §1).

use rust_decimal::Decimal;

use crate::models::order::{OrderLine, PurchaseOrder};

/// Money for so many units of the order: a fraction, so that nothing is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    /// What they cost.
    pub(crate) money: Decimal,
    /// How many; more than zero.
    pub(crate) units: Decimal,
    /// The order's own price and net disagree, and the net won.
    pub(crate) from_net: bool,
}

impl Price {
    /// Line net / quantity where price × quantity differs from it by more than one minor unit;
    /// else the stated price. A line that is priced by another unit is priced by its net.
    pub(crate) fn new(order: &PurchaseOrder, line: &OrderLine) -> Option<Self> {
        let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
        let usable = base > Decimal::ZERO && line.quantity > Decimal::ZERO;
        if let Some(priced) = line.price_quantity.filter(|_| usable) {
            let stated = line.unit_price.checked_mul(priced)?.checked_div(base)?;
            let net = line.net.unwrap_or(stated);
            let gap = stated.checked_sub(net)?.abs();
            let from_net = gap > Decimal::new(1, order.currency.minor_digits());
            return Some(Self { money: net, units: line.quantity, from_net });
        }
        let stated = (base > Decimal::ZERO).then_some((line.unit_price, base));
        let net = line.net.filter(|_| line.quantity > Decimal::ZERO);
        let from_net = match (stated, net) {
            (None, None) => return None,
            (None, Some(_)) => true,
            (Some(_), None) => false,
            (Some((price, base)), Some(net)) => {
                let gap = price.checked_mul(line.quantity).zip(net.checked_mul(base));
                let gap = gap.and_then(|(one, other)| one.checked_sub(other));
                let minor_unit = Decimal::new(1, order.currency.minor_digits());
                // A gap that cannot be worked out is left to the checks, which will say so.
                gap.zip(minor_unit.checked_mul(base))
                    .is_some_and(|(gap, allowed)| gap.abs() > allowed)
            }
        };
        let (money, units) = match (from_net, stated, net) {
            (false, Some(stated), _) => stated,
            (_, _, Some(net)) => (net, line.quantity),
            (_, stated, None) => stated?,
        };
        Some(Self { money, units, from_net })
    }

    /// The price of one unit, as it is shown.
    pub(crate) fn each(&self) -> Option<Decimal> {
        Some(self.money.checked_div(self.units)?.normalize())
    }

    /// What a quantity costs.
    pub(crate) fn of(&self, quantity: Decimal) -> Option<Decimal> {
        let money = quantity.checked_mul(self.money)?;
        if self.units == Decimal::ONE { Some(money) } else { money.checked_div(self.units) }
    }

    /// The same price in another currency.
    pub(crate) fn at_rate(&self, rate: Decimal) -> Option<Self> {
        if rate == Decimal::ONE {
            return Some(*self);
        }
        Some(Self { money: self.money.checked_mul(rate)?, ..*self })
    }
}

#[cfg(test)]
mod tests {
    use super::Price;
    use crate::models::order::PurchaseOrder;

    #[test]
    fn the_stated_net_wins_when_it_differs_by_more_than_one_minor_unit() {
        for (price, base, more, money, units) in [
            ("0.0135", "1", r#","net":"0.09""#, "0.0135", "1"),
            ("10", "1", r#","net":"70.01""#, "10", "1"),
            ("10", "1", r#","net":"70.02""#, "70.02", "7"),
            ("850", "100", r#","net":"59.50""#, "850", "100"),
            ("10", "0", r#","net":"70""#, "70", "7"),
            ("5", "1", r#","price_quantity":"84","price_unit":"KGM""#, "420", "7"),
            ("5", "1", r#","price_quantity":"84","price_unit":"KGM","net":"421""#, "421", "7"),
        ] {
            let order = format!(
                r#"{{"number":"P","currency":"EUR","lines":[{{"id":"1","quantity":"7",
                "unit_price":"{price}","price_base_quantity":"{base}"{more}}}]}}"#
            );
            let order: PurchaseOrder = serde_json::from_str(&order).expect("an order");
            let found = Price::new(&order, &order.lines[0]).expect("a price");
            let expected = (money.parse(), units.parse());
            assert_eq!((Ok(found.money), Ok(found.units)), expected, "{price} {base} {more}");
        }
    }
}

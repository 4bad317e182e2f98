//! What an invoice line asks for: quantity, net and price, as far as they are said.

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::invoice::InvoiceLine;

/// The numbers of an invoice line. What is missing is derived where EN 16931 fixes how, and never
/// guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Figures {
    /// BT-129.
    pub(crate) quantity: Option<Decimal>,
    /// BT-131; when absent BT-129 × BT-146 / BT-149 with the line's allowances and charges.
    pub(crate) net: Option<Decimal>,
    /// BT-146 / BT-149: the net price of one unit; when absent BT-131 / BT-129.
    pub(crate) price: Option<Decimal>,
}

impl Figures {
    /// Reads the line; `minor_digits` are those of the document's currency.
    pub(crate) fn new(line: &InvoiceLine, minor_digits: u32) -> Self {
        let quantity = line.quantity;
        let base = line.price_base_quantity.unwrap_or(Decimal::ONE);
        let stated = line.price.filter(|_| base > Decimal::ZERO);
        let price = match stated {
            Some(price) if base == Decimal::ONE => Some(price),
            Some(price) => price.checked_div(base),
            None => line.net.zip(quantity).and_then(|(net, quantity)| net.checked_div(quantity)),
        };
        let derived = || {
            let gross = quantity?.checked_mul(stated?)?.checked_div(base)?;
            Some(decimal::round(with_own_charges(line, gross)?, minor_digits))
        };
        Self {
            quantity,
            net: line.net.or_else(derived),
            price: price.map(|price| price.normalize()),
        }
    }

    /// The terms that a comparison needs and the line lacks.
    pub(crate) fn missing(&self) -> Option<&'static str> {
        match (self.quantity, self.net) {
            (None, None) => Some("quantity (BT-129) and net amount (BT-131) are missing"),
            (None, _) => Some("quantity (BT-129) is missing"),
            (_, None) => Some("net amount (BT-131) is missing"),
            _ => None,
        }
    }
}

fn with_own_charges(line: &InvoiceLine, gross: Decimal) -> Option<Decimal> {
    let mut own = line.allowances_and_charges.iter();
    own.try_fold(gross, |sum, part| match part.charge {
        true => sum.checked_add(part.amount),
        false => sum.checked_sub(part.amount),
    })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Figures;
    use crate::models::invoice::{AllowanceCharge, InvoiceLine};

    fn decimal(text: &str) -> Option<Decimal> {
        (!text.is_empty()).then(|| text.parse().expect("a decimal"))
    }

    #[test]
    fn what_is_missing_is_derived_or_named() {
        let quantity = Some("quantity (BT-129) is missing");
        let net = Some("net amount (BT-131) is missing");
        let both = Some("quantity (BT-129) and net amount (BT-131) are missing");
        for (quantity, net, price, base, expected_net, expected_price, missing) in [
            ("3", "33.33", "", "", "33.33", "11.11", None),
            ("250", "", "8.50", "100", "21.25", "0.085", None),
            ("7", "", "0.0135", "", "0.09", "0.0135", None),
            ("", "33.33", "11.11", "", "33.33", "11.11", quantity),
            ("", "", "", "", "", "", both),
            ("3", "", "", "", "", "", net),
            ("0", "5", "", "", "5", "", None),
            ("3", "", "5", "0", "", "", net),
        ] {
            let line = InvoiceLine {
                quantity: decimal(quantity),
                net: decimal(net),
                price: decimal(price),
                price_base_quantity: decimal(base),
                ..InvoiceLine::default()
            };
            let figures = Figures::new(&line, 2);
            assert_eq!(figures.net, decimal(expected_net), "{line:?}");
            assert_eq!(figures.price, decimal(expected_price), "{line:?}");
            assert_eq!(figures.missing(), missing, "{line:?}");
        }
    }

    #[test]
    fn own_charges_belong_to_a_derived_net() {
        let part = |charge, amount| AllowanceCharge {
            charge,
            amount: Decimal::from(amount),
            ..AllowanceCharge::default()
        };
        let line = InvoiceLine {
            quantity: decimal("2"),
            price: decimal("10"),
            allowances_and_charges: vec![part(true, 5), part(false, 1)],
            ..InvoiceLine::default()
        };
        assert_eq!(Figures::new(&line, 2).net, decimal("24"));
    }
}

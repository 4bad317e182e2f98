//! Paired lines with all that the checks compare.

use rust_decimal::Decimal;

use crate::models::decimal;
use crate::models::invoice::InvoiceLine;
use crate::models::order::MatchBasis;
use crate::models::verdict::HoldCode;
use crate::reconciliation::cumulative::{Cumulative, Share, Sum, cumulate};
use crate::reconciliation::figures::Figures;
use crate::reconciliation::pairing::Fate;
use crate::reconciliation::positions::{Position, Positions, Price};
use crate::reconciliation::scene::Scene;
use crate::reconciliation::units::fraction::Fraction;

/// Decimal places of a quantity that was converted: what lies below is lost in no sum that people
/// can see, and a variance that small counts as none.
const CONVERTED_PLACES: u32 = 20;

/// An invoice line and its order line.
pub(crate) struct Matched<'a> {
    /// The place of the line in the invoice.
    pub(crate) place: usize,
    /// The invoice line.
    pub(crate) line: &'a InvoiceLine,
    /// Its numbers, in its own unit.
    pub(crate) figures: &'a Figures,
    /// The order line.
    pub(crate) position: &'a Position<'a>,
    /// Its place in [`Positions::all`].
    pub(crate) at: usize,
    /// How many order units one invoiced unit is; none when no conversion is known.
    pub(crate) factor: Option<Fraction>,
    /// BT-129 in the order's unit.
    pub(crate) invoiced: Option<Decimal>,
    /// q: `invoiced` less what credit notes gave back.
    pub(crate) quantity: Option<Decimal>,
    /// Net less what credit notes gave back, in the document's currency.
    pub(crate) net: Option<Decimal>,
    /// BT-131 at the price that is left: less what credit notes took off the price. What they gave
    /// back of the goods changes no price.
    pub(crate) at_price: Option<Decimal>,
    /// From the order's currency to the document's; none when there is none, or none may be used.
    pub(crate) rate: Option<Decimal>,
    /// p in the document's currency; none without a price or a rate.
    pub(crate) price: Option<Price>,
    /// C; none when it does not count or does not fit.
    pub(crate) cumulative: Option<Cumulative>,
}

/// What the price checks of a line compare, once it is known to be complete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Billed {
    /// BT-129 in the order's unit, as a fraction: numerator and denominator.
    pub(crate) quantity: (Decimal, Decimal),
    /// BT-131 at the price that is left.
    pub(crate) net: Decimal,
    /// p in the document's currency.
    pub(crate) price: Price,
}

impl<'a> Matched<'a> {
    fn new(
        scene: &Scene<'a>,
        place: usize,
        line: &'a InvoiceLine,
        figures: &'a Figures,
        (at, position): (usize, &'a Position<'a>),
    ) -> Self {
        let factor = scene.factor(line, position);
        let invoiced = factor.zip(figures.quantity).and_then(|(factor, quantity)| {
            if factor == Fraction::ONE {
                return Some(quantity);
            }
            Some(decimal::round(factor.apply(quantity)?, CONVERTED_PLACES).normalize())
        });
        let credited = scene.credited(&line.id);
        let less = |value: Option<Decimal>, given_back: Option<Decimal>| {
            value.zip(given_back).and_then(|(value, back)| value.checked_sub(back))
        };
        let rate = scene.rate_of(position.order);
        let price = position.price.zip(rate);
        Self {
            place,
            line,
            figures,
            position,
            at,
            factor,
            invoiced,
            quantity: less(invoiced, credited.quantity),
            net: less(figures.net, credited.net),
            at_price: at_price(scene, (invoiced, figures.net), credited),
            rate,
            price: price.and_then(|(price, rate)| price.at_rate(rate)),
            cumulative: None,
        }
    }

    /// All numbers that prices need, or the term that is missing.
    pub(crate) fn billed(&self) -> Result<Billed, (HoldCode, Missing)> {
        let Some(factor) = self.factor else {
            return Err((HoldCode::UomMismatch, Missing::Conversion));
        };
        if let Some(text) = self.figures.missing() {
            return Err((HoldCode::MissingData, Missing::Term(text)));
        }
        let known = self.figures.quantity.zip(self.at_price).zip(self.position.price);
        let ((quantity, net), _) = known.ok_or((HoldCode::MissingData, Missing::Term(NO_PRICE)))?;
        let price = self.price.ok_or((HoldCode::FxRateMissing, Missing::Rate))?;
        let parts =
            factor.parts().and_then(|(times, per)| Some((quantity.checked_mul(times)?, per)));
        let quantity = parts.ok_or((HoldCode::MatchError, Missing::Term(TOO_LARGE)))?;
        Ok(Billed { quantity, net, price })
    }

    /// Money of the document in the order's currency.
    pub(crate) fn to_order(&self, net: Option<Decimal>) -> Option<Decimal> {
        let rate = self.rate?;
        if rate == Decimal::ONE { net } else { net?.checked_div(rate) }
    }

    /// A price of the invoice line as credit notes left it.
    pub(crate) fn lowered(&self, price: Decimal) -> Option<Decimal> {
        match (self.at_price, self.figures.net) {
            (Some(left), Some(net)) if left != net => price.checked_mul(left)?.checked_div(net),
            _ => Some(price),
        }
    }

    /// The order line is compared by money alone.
    pub(crate) fn by_amount(&self) -> bool {
        self.position.line.match_basis == MatchBasis::Amount
    }
}

/// The net of a line at the price that credit notes left: what remains of the money over what
/// remains of the goods. A credit that is worth no more than the goods that it gives back, at the
/// billed price, is no credit of the price; that it gives less is told of the credit note itself.
fn at_price(
    scene: &Scene<'_>,
    (quantity, net): (Option<Decimal>, Option<Decimal>),
    credited: Sum,
) -> Option<Decimal> {
    let lowered = || {
        let amount = credited.net.filter(|amount| !amount.is_zero())?;
        let (quantity, net, back) = (quantity?, net?, credited.quantity?);
        let left = quantity.checked_sub(back)?;
        if left <= Decimal::ZERO || net.is_zero() {
            return None;
        }
        let worth = net.checked_mul(back)?.checked_div(quantity)?;
        let off = amount.checked_sub(worth)?;
        // Each credit note rounds its own amount.
        if off < Decimal::new(1, scene.minor_digits) {
            return None;
        }
        let remaining = net.checked_sub(amount)?.checked_mul(quantity)?.checked_div(left)?;
        Some(decimal::round(remaining, scene.minor_digits))
    };
    lowered().or(net)
}

const NO_PRICE: &str =
    "the order line has no usable price (its price base quantity is not positive)";

const TOO_LARGE: &str = "the numbers are too large to be compared";

/// What stands in the way of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// No way from the invoice's unit to the order's.
    Conversion,
    /// No rate from the order's currency to the invoice's.
    Rate,
    /// A value, in words.
    Term(&'static str),
}

/// One entry for each invoice line; none where it is not paired.
pub(crate) fn matched<'a>(
    scene: &Scene<'a>,
    figures: &'a [Figures],
    positions: &'a Positions<'a>,
    fates: &[Fate],
) -> Vec<Option<Matched<'a>>> {
    let lines = &scene.case.invoice.lines;
    let pairs = lines.iter().zip(figures).zip(fates).enumerate();
    let mut all: Vec<Option<Matched<'_>>> = Vec::with_capacity(lines.len());
    let mut shares: Vec<Option<Share>> = Vec::with_capacity(lines.len());
    for (place, ((line, figures), fate)) in pairs {
        let Fate::Paired { position, .. } = *fate else {
            all.push(None);
            shares.push(None);
            continue;
        };
        let matched =
            Matched::new(scene, place, line, figures, (position, &positions.all[position]));
        let net = matched.to_order(matched.net);
        let counted = matched.quantity.or(matched.by_amount().then_some(Decimal::ZERO));
        shares.push(Some(Share { position, quantity: counted, net }));
        all.push(Some(matched));
    }
    let before = positions.all.iter();
    let before = before.map(|position| Sum { quantity: position.billed, net: position.billed_net });
    for (line, cumulative) in all.iter_mut().zip(cumulate(&shares, before)) {
        if let Some(line) = line {
            line.cumulative = cumulative;
        }
    }
    all
}

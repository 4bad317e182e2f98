//! Paired lines with all that the checks compare.

use rust_decimal::Decimal;

use crate::models::invoice::InvoiceLine;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::cumulative::{Cumulative, Share, cumulate};
use crate::reconciliation::figures::Figures;
use crate::reconciliation::holds;
use crate::reconciliation::pairing::Fate;
use crate::reconciliation::positions::{Position, Positions, Price};
use crate::reconciliation::received::Received;
use crate::reconciliation::show;
use crate::reconciliation::unit;

/// An invoice line and its order line.
pub(crate) struct Matched<'a> {
    /// The invoice line.
    pub(crate) line: &'a InvoiceLine,
    /// Its numbers.
    pub(crate) figures: Figures,
    /// The order line.
    pub(crate) position: &'a Position<'a>,
    /// C; none when it does not count or does not fit.
    pub(crate) cumulative: Option<Cumulative>,
    /// Both sides count in the same unit.
    pub(crate) same_unit: bool,
}

/// What the checks of a line compare, once it is known to be complete.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Billed {
    /// q, in the order's unit.
    pub(crate) quantity: Decimal,
    /// BT-131.
    pub(crate) net: Decimal,
    /// p.
    pub(crate) price: Price,
}

impl Matched<'_> {
    /// The quantity that counts on the order line.
    pub(crate) fn quantity(&self) -> Option<Decimal> {
        self.figures.quantity.filter(|_| self.same_unit)
    }

    /// All numbers of the line, or why they cannot be compared.
    pub(crate) fn billed(&self) -> Result<Billed, (HoldCode, String)> {
        if !self.same_unit {
            let said = |unit: &Option<String>| show::name(unit.as_deref().unwrap_or_default());
            let (billed, ordered) = (said(&self.line.unit), said(&self.position.line.unit));
            let text = format!("billed in {billed}, ordered in {ordered}");
            return Err((HoldCode::UomMismatch, text));
        }
        let missing = |text: &str| (HoldCode::MissingData, text.to_owned());
        if let Some(text) = self.figures.missing() {
            return Err(missing(text));
        }
        let (quantity, net) = self
            .figures
            .quantity
            .zip(self.figures.net)
            .ok_or_else(|| missing("quantity (BT-129) and net amount (BT-131) are missing"))?;
        let price = self.position.price.ok_or_else(|| {
            missing("the order line has no usable price (its price base quantity is not positive)")
        })?;
        Ok(Billed { quantity, net, price })
    }

    /// The holds of what cannot be compared.
    pub(crate) fn holds(&self) -> Vec<Hold> {
        let mut raised = Vec::new();
        if let Err((code, text)) = self.billed() {
            let release = match code {
                HoldCode::UomMismatch => "a conversion between the two is known",
                _ => "a person supplies it or a corrected document arrives",
            };
            let text = format!("{text}; releases when {release}");
            raised.push(holds::stop_line(code, &self.line.id, &text));
        }
        if let Received::OtherUnit(receipt) = &self.position.received {
            let text = format!(
                "receipt {} counts in another unit than the order; releases when a conversion \
                 between the two is known",
                show::name(receipt)
            );
            raised.push(holds::stop_line(HoldCode::UomMismatch, &self.line.id, &text));
        }
        raised
    }
}

/// One entry for each invoice line; none where it is not paired.
pub(crate) fn matched<'a>(
    lines: &'a [InvoiceLine],
    figures: &[Figures],
    positions: &'a Positions<'a>,
    fates: &[Fate],
) -> Vec<Option<Matched<'a>>> {
    let pairs = lines.iter().zip(figures).zip(fates);
    let mut all: Vec<Option<Matched<'_>>> = Vec::with_capacity(lines.len());
    let mut shares = Vec::with_capacity(lines.len());
    for ((line, &figures), fate) in pairs {
        let Fate::Paired { position: place, .. } = *fate else {
            all.push(None);
            shares.push(None);
            continue;
        };
        let position = &positions.all[place];
        let matched = Matched {
            line,
            figures,
            position,
            cumulative: None,
            same_unit: unit::same(line.unit.as_deref(), position.line.unit.as_deref()),
        };
        shares.push(Some(Share {
            position: place,
            billed: position.billed,
            quantity: matched.quantity(),
        }));
        all.push(Some(matched));
    }
    for (line, cumulative) in all.iter_mut().zip(cumulate(&shares)) {
        if let Some(line) = line {
            line.cumulative = cumulative;
        }
    }
    all
}

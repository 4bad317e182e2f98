//! Amounts of an invoice, with their currency; allowances and charges.

use rust_decimal::Decimal;

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::finding::Severity;
use crate::models::invoice::AllowanceCharge;

/// Which rule asks for the amount of an allowance or charge.
const AMOUNT_RULES: [(&str, &str); 4] =
    [("BR-31", "BT-92"), ("BR-36", "BT-99"), ("BR-41", "BT-136"), ("BR-43", "BT-141")];

/// Notes on amounts, and the currency that they are in.
pub(crate) struct Amounts<'n> {
    /// Where notes go.
    pub(crate) notes: &'n mut Notes,
    /// BT-5 as written.
    pub(crate) currency: Option<String>,
}

impl Amounts<'_> {
    /// An amount in the document currency: another `currencyID` is a finding, not a conversion.
    pub(crate) fn amount(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<Decimal> {
        let at = at?;
        if let (Some(actual), Some(expected)) = (at.attribute("currencyID"), &self.currency)
            && actual != expected
        {
            let what = ("CURRENCY_MISMATCH", Severity::Fatal, term);
            let why = "the amount is not in the currency of the document (BT-5)";
            self.notes.differs(at, what, (actual, expected), why);
        }
        self.notes.decimal(Some(at), term)
    }

    /// The allowances and charges that are children of `parent`: BG-20 and BG-21 of a document,
    /// BG-27 and BG-28 of a line. Those inside `Price` are another thing.
    pub(crate) fn allowances_and_charges(
        &mut self,
        parent: Element<'_, '_>,
        (allowance, charge): (&str, &str),
    ) -> Vec<AllowanceCharge> {
        let mut read = Vec::new();
        for group in parent.all("cac:AllowanceCharge") {
            let Some(indicator) = group.find("cbc:ChargeIndicator") else {
                self.notes.missing(group, "cbc:ChargeIndicator", allowance);
                continue;
            };
            let Some(is_charge) = self.notes.indicator(indicator, allowance) else {
                continue;
            };
            let term = if is_charge { charge } else { allowance };
            let amount = group.find("cbc:Amount");
            if amount.is_none() {
                let rule = AMOUNT_RULES.iter().find(|(_, of)| *of == term);
                let rule = rule.copied().unwrap_or(("MISSING_VALUE", term));
                self.notes.missing_by_rule(group, "cbc:Amount", rule);
            }
            // Without an amount nothing can be kept of it; the finding stops the document.
            let Some(amount) = self.amount(amount, term) else {
                continue;
            };
            let reason_code = group.find("cbc:AllowanceChargeReasonCode");
            read.push(AllowanceCharge {
                charge: is_charge,
                amount,
                reason_code: self.notes.word(reason_code, term),
                reason: self.notes.prose(group.find("cbc:AllowanceChargeReason"), term),
                ..AllowanceCharge::default()
            });
        }
        read
    }
}

//! Allowances and charges of a CII document or line: BG-20, BG-21, BG-27, BG-28.

use crate::extraction::cii::rate_of;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::{DOCUMENT, Level, Terms};
use crate::models::invoice::AllowanceCharge;

/// The element of an allowance or a charge.
pub(crate) const ELEMENT: &str = "ram:SpecifiedTradeAllowanceCharge";

/// Freight and packing, as ZUGFeRD 1 and EXTENDED have them.
pub(crate) const LOGISTICS: &str = "ram:SpecifiedLogisticsServiceCharge";

/// The indicator is an element inside an element.
pub(crate) const INDICATOR: &str = "ram:ChargeIndicator/udt:Indicator";

/// The allowances and charges of a settlement. Those inside a price are another thing.
pub(crate) fn allowances_and_charges(
    settlement: Element<'_, '_>,
    level: &Level,
    notes: &mut Notes,
) -> Vec<AllowanceCharge> {
    let (mut allowances, mut charges) = (0, 0);
    let mut read = Vec::new();
    for group in settlement.all(ELEMENT) {
        let Some(charge) = is_charge(group, level.allowance.amount, notes) else {
            continue;
        };
        let (terms, count) = if charge {
            (&level.charge, &mut charges)
        } else {
            (&level.allowance, &mut allowances)
        };
        *count += 1;
        let place = format!("{}[{count}]", terms.group);
        read.extend(notes.within(&place, |notes| one(group, charge, terms, notes)));
    }
    for group in settlement.all(LOGISTICS) {
        charges += 1;
        let place = format!("{}[{charges}]", level.charge.group);
        read.extend(notes.within(&place, |notes| logistics(group, notes)));
    }
    read
}

fn is_charge(group: Element<'_, '_>, term: &str, notes: &mut Notes) -> Option<bool> {
    let Some(indicator) = group.find(INDICATOR) else {
        notes.missing(group, INDICATOR, term);
        return None;
    };
    notes.indicator(indicator, term)
}

fn one(
    group: Element<'_, '_>,
    charge: bool,
    terms: &Terms,
    notes: &mut Notes,
) -> Option<AllowanceCharge> {
    let amount = group.find("ram:ActualAmount");
    if amount.is_none() {
        notes.missing_by_rule(group, "ram:ActualAmount", (terms.rule, terms.amount));
    }
    let tax = group.find("ram:CategoryTradeTax");
    Some(AllowanceCharge {
        charge,
        amount: notes.amount(amount, terms.amount)?,
        base: notes.amount(group.find("ram:BasisAmount"), terms.base),
        percent: notes.decimal(group.find("ram:CalculationPercent"), terms.percent),
        tax_category: notes
            .word(tax.and_then(|at| at.find("ram:CategoryCode")), terms.tax_category),
        tax_rate: notes.decimal(tax.and_then(rate_of), terms.tax_rate),
        reason_code: notes.word(group.find("ram:ReasonCode"), terms.reason_code),
        reason: notes.prose(group.find("ram:Reason"), terms.reason),
    })
}

fn logistics(group: Element<'_, '_>, notes: &mut Notes) -> Option<AllowanceCharge> {
    let terms = &DOCUMENT.charge;
    let amount = group.find("ram:AppliedAmount");
    if amount.is_none() {
        notes.missing_by_rule(group, "ram:AppliedAmount", (terms.rule, terms.amount));
    }
    let tax = group.find("ram:AppliedTradeTax");
    Some(AllowanceCharge {
        charge: true,
        amount: notes.amount(amount, terms.amount)?,
        base: None,
        percent: None,
        tax_category: notes
            .word(tax.and_then(|at| at.find("ram:CategoryCode")), terms.tax_category),
        tax_rate: notes.decimal(tax.and_then(rate_of), terms.tax_rate),
        reason_code: None,
        reason: notes.prose(group.find("ram:Description"), terms.reason),
    })
}

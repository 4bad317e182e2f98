//! Allowances and charges of a UBL document or line: BG-20, BG-21, BG-27, BG-28.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::AllowanceCharge;

/// Business terms of an allowance or a charge.
pub(crate) struct Terms {
    /// The group, such as `BG-20`.
    pub(crate) group: &'static str,
    /// The rule that asks for the amount.
    pub(crate) rule: &'static str,
    /// The amount.
    pub(crate) amount: &'static str,
    /// What the percentage is of.
    pub(crate) base: &'static str,
    /// The percentage.
    pub(crate) percent: &'static str,
    /// The tax category.
    pub(crate) tax_category: &'static str,
    /// The tax rate.
    pub(crate) tax_rate: &'static str,
    /// The reason in words.
    pub(crate) reason: &'static str,
    /// The reason as a code.
    pub(crate) reason_code: &'static str,
}

/// Those of allowances and of charges at one level.
pub(crate) struct Level {
    /// What is taken off.
    pub(crate) allowance: Terms,
    /// What is added.
    pub(crate) charge: Terms,
}

/// BG-20 and BG-21.
pub(crate) const DOCUMENT: Level = Level {
    allowance: Terms {
        group: "BG-20",
        rule: "BR-31",
        amount: "BT-92",
        base: "BT-93",
        percent: "BT-94",
        tax_category: "BT-95",
        tax_rate: "BT-96",
        reason: "BT-97",
        reason_code: "BT-98",
    },
    charge: Terms {
        group: "BG-21",
        rule: "BR-36",
        amount: "BT-99",
        base: "BT-100",
        percent: "BT-101",
        tax_category: "BT-102",
        tax_rate: "BT-103",
        reason: "BT-104",
        reason_code: "BT-105",
    },
};

/// BG-27 and BG-28; their tax is that of the line.
pub(crate) const LINE: Level = Level {
    allowance: Terms {
        group: "BG-27",
        rule: "BR-41",
        amount: "BT-136",
        base: "BT-137",
        percent: "BT-138",
        tax_category: "BG-27",
        tax_rate: "BG-27",
        reason: "BT-139",
        reason_code: "BT-140",
    },
    charge: Terms {
        group: "BG-28",
        rule: "BR-43",
        amount: "BT-141",
        base: "BT-142",
        percent: "BT-143",
        tax_category: "BG-28",
        tax_rate: "BG-28",
        reason: "BT-144",
        reason_code: "BT-145",
    },
};

/// The allowances and charges that are children of `parent`. Those inside `Price` are another
/// thing.
pub(crate) fn allowances_and_charges(
    parent: Element<'_, '_>,
    level: &Level,
    notes: &mut Notes,
) -> Vec<AllowanceCharge> {
    let (mut allowances, mut charges) = (0, 0);
    let mut read = Vec::new();
    for group in parent.all("cac:AllowanceCharge") {
        let Some(charge) = is_charge(group, level, notes) else {
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
    read
}

fn is_charge(group: Element<'_, '_>, level: &Level, notes: &mut Notes) -> Option<bool> {
    let Some(indicator) = group.find("cbc:ChargeIndicator") else {
        notes.missing(group, "cbc:ChargeIndicator", level.allowance.amount);
        return None;
    };
    notes.indicator(indicator, level.allowance.amount)
}

fn one(
    group: Element<'_, '_>,
    charge: bool,
    terms: &Terms,
    notes: &mut Notes,
) -> Option<AllowanceCharge> {
    let amount = group.find("cbc:Amount");
    if amount.is_none() {
        notes.missing_by_rule(group, "cbc:Amount", (terms.rule, terms.amount));
    }
    let category = group.find("cac:TaxCategory");
    Some(AllowanceCharge {
        charge,
        amount: notes.amount(amount, terms.amount)?,
        base: notes.amount(group.find("cbc:BaseAmount"), terms.base),
        percent: notes.decimal(group.find("cbc:MultiplierFactorNumeric"), terms.percent),
        tax_category: notes.word(category.and_then(|at| at.find("cbc:ID")), terms.tax_category),
        tax_rate: notes.decimal(category.and_then(|at| at.find("cbc:Percent")), terms.tax_rate),
        reason_code: notes.word(group.find("cbc:AllowanceChargeReasonCode"), terms.reason_code),
        reason: notes.prose(group.find("cbc:AllowanceChargeReason"), terms.reason),
    })
}

//! Rules 08 to 10: base, VAT and reason of each row of the breakdown.

use rust_decimal::Decimal;

use crate::extraction::rules::vat::families::Family;
use crate::extraction::rules::vat::{Artefact, Facts, Fired, Row, Sums};
use crate::models::decimal::round_like_xpath;

/// Judges the rows of one category.
pub(crate) fn judge(facts: &Facts<'_, '_>, family: &Family, artefact: Artefact, fired: &mut Fired) {
    // The artefact for CII takes S and Z for VAT whatever their type says.
    let is_vat = |row: &Row<'_, '_>| {
        row.tax.is_vat || (artefact == Artefact::Cii && matches!(family.code, "S" | "Z"))
    };
    let rows = facts.rows.iter().filter(|row| row.tax.code == family.code);
    for row in rows.filter(|row| is_vat(row)) {
        base(facts, family, artefact, row, fired);
        tax(family, artefact, row, fired);
        if row.has_reason != family.has_reason {
            let message = match family.has_reason {
                true => format!("category {} has no reason of exemption", family.code),
                false => format!("category {} has a reason of exemption", family.code),
            };
            fired.add(family.id(10), row.tax.at, &message);
        }
    }
}

fn base(
    facts: &Facts<'_, '_>,
    family: &Family,
    artefact: Artefact,
    row: &Row<'_, '_>,
    fired: &mut Fired,
) {
    let by_rate = family.is_taxed;
    // Without a rate there is nothing to hold against a rate.
    if by_rate && row.tax.rate.is_none() {
        return;
    }
    let sums = facts.sums(family.code, row.tax.rate.filter(|_| by_rate));
    let Some(expected) = total(sums, artefact).filter(|_| !sums.too_large) else {
        fired.too_large(family.id(8), row.tax.at);
        return;
    };
    let is_near = |base: Decimal| (base - expected).abs() < Decimal::ONE;
    let fits = match (artefact, family.code) {
        (Artefact::Ubl, "S") => sums.any && row.base.is_some_and(is_near),
        (Artefact::Ubl, "L" | "M") => facts.has_lines && row.base.is_some_and(is_near),
        (Artefact::Ubl, _) => facts.has_lines && row.base == Some(expected),
        (Artefact::Cii, "S" | "L" | "M" | "O") => row.base == Some(expected),
        (Artefact::Cii, _) => row.base.is_some_and(is_near),
    };
    if !fits {
        let what = format!(
            "the taxable amount of category {} is lines + charges − allowances",
            family.code
        );
        fired.differs(family.id(8), row.tax.at, (row.base, expected), &what);
    }
}

/// Each sum is rounded by itself in CII, and none in UBL.
fn total(sums: Sums, artefact: Artefact) -> Option<Decimal> {
    let part = |sum: Decimal| match artefact {
        Artefact::Ubl => Some(sum),
        Artefact::Cii => round_like_xpath(sum, 2),
    };
    let more = part(sums.lines)?.checked_add(part(sums.charges)?)?;
    more.checked_sub(part(sums.allowances)?)
}

fn tax(family: &Family, artefact: Artefact, row: &Row<'_, '_>, fired: &mut Fired) {
    if !family.is_taxed {
        if !row.amount.is_some_and(|amount| amount.is_zero()) {
            let what = format!("the VAT of category {} is zero", family.code);
            fired.differs(family.id(9), row.tax.at, (row.amount, Decimal::ZERO), &what);
        }
        return;
    }
    // The artefact for CII does not ask it of the Canary Islands, Ceuta and Melilla.
    if artefact == Artefact::Cii && family.code != "S" {
        return;
    }
    let (Some(base), Some(rate)) = (row.base, row.tax.rate) else {
        fired.add(family.id(9), row.tax.at, "the VAT cannot follow: base or rate is missing");
        return;
    };
    let computed = base.abs().checked_mul(rate);
    let computed = computed.and_then(|tax| tax.checked_div(Decimal::ONE_HUNDRED));
    let Some(expected) = computed.and_then(|tax| round_like_xpath(tax, 2)) else {
        fired.too_large(family.id(9), row.tax.at);
        return;
    };
    let is_near = |amount: Decimal| (amount.abs() - expected).abs() < Decimal::ONE;
    if !row.amount.is_some_and(is_near) {
        let what = format!("the VAT of category {} is its base × its rate", family.code);
        fired.differs(family.id(9), row.tax.at, (row.amount, expected), &what);
    }
}

//! Rules 01 to 07: a category that is used is in the breakdown, its parties have their ids, and its
//! rate is what the category has. Rules 11 to 14 of K and O, and those of split payment.

use rust_decimal::Decimal;

use crate::extraction::rules::vat::families::{
    Asks, Family, Rate, SPLIT_ABROAD, SPLIT_WITH_STANDARD,
};
use crate::extraction::rules::vat::{Artefact, Facts, Fired, Ids, Taxed};

/// Judges one category.
pub(crate) fn judge(facts: &Facts<'_, '_>, family: &Family, artefact: Artefact, fired: &mut Fired) {
    if !is_broken_down(facts, family, artefact) {
        let message = format!(
            "category {} is not in the VAT breakdown as it is on lines, allowances and charges",
            family.code
        );
        fired.add(family.id(1), facts.root, &message);
    }
    let of_document = family.code == "O" && artefact == Artefact::Ubl;
    let side = |charge: bool| {
        let sides = facts.sides.iter().filter(move |side| side.is_charge == charge);
        sides.filter(move |side| side.of_document || !of_document).map(|side| &side.tax)
    };
    let lines: Vec<_> = facts.lines.iter().collect();
    let (allowances, charges): (Vec<_>, Vec<_>) = (side(false).collect(), side(true).collect());
    for (number, used) in [(2, &lines), (3, &allowances), (4, &charges)] {
        ids(facts, family, (artefact, number), used, fired);
    }
    let all = |charge: bool| {
        let sides = facts.sides.iter().filter(move |side| side.is_charge == charge);
        sides.map(|side| &side.tax).collect::<Vec<_>>()
    };
    for (number, used) in [(5, lines), (6, all(false)), (7, all(true))] {
        rates(family, (artefact, number), &used, fired);
    }
    match family.code {
        "K" => within_the_union(facts, family, artefact, fired),
        "O" => alone(facts, family, artefact, fired),
        _ => {}
    }
}

fn is_broken_down(facts: &Facts<'_, '_>, family: &Family, artefact: Artefact) -> bool {
    let is = |tax: &Taxed<'_, '_>| tax.code == family.code;
    let is_vat = |tax: &Taxed<'_, '_>| is(tax) && tax.is_vat;
    let count = |test: &dyn Fn(&Taxed<'_, '_>) -> bool| {
        let lines = facts.lines.iter().filter(|tax| test(tax)).count();
        let sides = facts.sides.iter().filter(|side| test(&side.tax)).count();
        let rows = facts.rows.iter().filter(|row| test(&row.tax)).count();
        (lines, sides, rows)
    };
    let many = matches!(family.code, "S" | "L" | "M");
    match (artefact, many) {
        (Artefact::Ubl, true) => {
            let (lines, sides, rows) = if family.code == "S" { count(&is) } else { count(&is_vat) };
            (lines + sides > 0) == (rows > 0)
        }
        (Artefact::Ubl, false) => {
            let (lines, sides, rows) = count(&is_vat);
            lines + sides + rows == 0 || rows == 1
        }
        (Artefact::Cii, true) => {
            let (lines, sides, rows) = count(&is);
            (lines + rows >= 2 || lines == 0) && (sides + rows >= 2 || sides == 0)
        }
        (Artefact::Cii, false) => {
            let (lines, sides, rows) = count(&is);
            let used = lines > 0 || sides > 0;
            (rows == 0 && (!used || family.code == "O")) || (rows == 1 && used)
        }
    }
}

fn ids(
    facts: &Facts<'_, '_>,
    family: &Family,
    (artefact, number): (Artefact, usize),
    used: &[&Taxed<'_, '_>],
    fired: &mut Fired,
) {
    let of_category = || used.iter().filter(|tax| tax.code == family.code);
    let mut of_vat = of_category().filter(|tax| tax.is_vat);
    let has_ids = has_ids(family.asks, facts.ids);
    let first = match artefact {
        // Of the standard category the artefact also holds lines of no tax scheme against it.
        Artefact::Ubl if family.code == "S" && number == 2 => {
            let unnamed = of_vat.clone().next().is_none();
            of_category().next().filter(|_| unnamed || !has_ids)
        }
        _ => of_vat.next().filter(|_| !has_ids),
    };
    if let Some(tax) = first {
        let message = match family.asks {
            Asks::Nobody => "a party has a VAT id, and category O is outside of VAT".to_owned(),
            _ => format!("category {} asks for ids of the parties that are missing", family.code),
        };
        fired.add(family.id(number), tax.at, &message);
    }
}

fn has_ids(asks: Asks, ids: Ids) -> bool {
    let seller_any = ids.seller_any || ids.representative;
    let seller = ids.seller || ids.representative;
    match asks {
        Asks::SellerAny => seller_any,
        Asks::SellerVat => seller,
        Asks::BothVat => seller && ids.buyer,
        Asks::SellerAnyBuyer => seller_any && (ids.buyer || ids.buyer_legal),
        Asks::Nobody => !ids.seller && !ids.representative && !ids.buyer,
    }
}

fn rates(
    family: &Family,
    (artefact, number): (Artefact, usize),
    used: &[&Taxed<'_, '_>],
    fired: &mut Fired,
) {
    // The artefact for CII wants more than zero in the Canary Islands.
    let wanted = match (artefact, family.code) {
        (Artefact::Cii, "L") => Rate::Positive,
        _ => family.rate,
    };
    for tax in used.iter().filter(|tax| tax.code == family.code && tax.is_vat) {
        let (fits, what) = match wanted {
            Rate::Positive => (tax.rate.is_some_and(|rate| rate > Decimal::ZERO), "above zero"),
            Rate::NotNegative => {
                (tax.rate.is_some_and(|rate| rate >= Decimal::ZERO), "zero or above")
            }
            Rate::Zero => (tax.rate.is_some_and(|rate| rate.is_zero()), "zero"),
            Rate::Absent => (!tax.has_rate, "absent"),
        };
        if !fits {
            let message = format!("the rate of category {} has to be {what}", family.code);
            fired.add(family.id(number), tax.at, &message);
        }
    }
}

/// Supplies within the Union: when, and to where.
fn within_the_union(facts: &Facts<'_, '_>, family: &Family, artefact: Artefact, fired: &mut Fired) {
    let row = facts.rows.iter().find(|row| row.tax.code == family.code && row.tax.is_vat);
    let Some(row) = row else {
        return;
    };
    let at = if artefact == Artefact::Ubl { facts.root } else { row.tax.at };
    if !facts.has_delivery_date {
        fired.add(family.id(11), at, "neither a delivery date nor an invoicing period is stated");
    }
    if !facts.has_delivery_country {
        fired.add(family.id(12), at, "the country of delivery is not stated");
    }
}

/// What is outside of VAT stands with nothing that is not.
fn alone(facts: &Facts<'_, '_>, family: &Family, artefact: Artefact, fired: &mut Fired) {
    let row = facts.rows.iter().find(|row| row.tax.code == family.code && row.tax.is_vat);
    let Some(row) = row else {
        return;
    };
    let is_ubl = artefact == Artefact::Ubl;
    let other = |tax: &Taxed<'_, '_>| {
        let counts = if is_ubl { tax.is_vat } else { !tax.code.is_empty() };
        counts && tax.code != family.code
    };
    let rows = facts.rows.iter().any(|row| other(&row.tax));
    let lines = facts.lines.iter().any(other);
    let side = |charge: bool| {
        let sides = facts.sides.iter().filter(move |side| side.is_charge == charge);
        sides.map(|side| &side.tax).any(&other)
    };
    let (allowances, charges) = (side(false), side(true));
    let broken = if is_ubl {
        [rows, lines, allowances, charges]
    } else {
        [rows || lines, rows || lines, allowances || charges, allowances || charges]
    };
    let at = if is_ubl { facts.root } else { row.tax.at };
    for (number, broken) in (11..).zip(broken) {
        if broken {
            let message = "another category stands beside O, which is outside of VAT";
            fired.add(family.id(number), at, message);
        }
    }
}

/// Italian split payment (B).
pub(crate) fn split_payment(facts: &Facts<'_, '_>, artefact: Artefact, fired: &mut Fired) {
    let all = || {
        let sides = facts.sides.iter().map(|side| (&side.tax, side.of_document));
        let rows = facts.rows.iter().map(|row| (&row.tax, true));
        facts.lines.iter().map(|tax| (tax, true)).chain(sides).chain(rows)
    };
    let has = |code: &str, anywhere: bool| {
        all().any(|(tax, counts)| tax.code == code && (counts || anywhere))
    };
    if has("B", true) && facts.has_foreign_country {
        fired.add(SPLIT_ABROAD, facts.root, "split payment (B) is for Italian invoices alone");
    }
    let anywhere = artefact == Artefact::Cii;
    if has("B", anywhere) && has("S", anywhere) {
        let message = "split payment (B) and the standard rate (S) stand in one invoice";
        fired.add(SPLIT_WITH_STANDARD, facts.root, message);
    }
}

//! What a CII document comes to: BG-22 and BG-23.

use rust_decimal::Decimal;

use crate::extraction::cii::{either, rate_of};
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::totals::tax_totals;
use crate::extraction::xsd;
use crate::models::finding::Severity;
use crate::models::invoice::{TaxSubtotal, Totals};

/// The groups of BG-22: of today, and of ZUGFeRD 1.
const SUMMATION: [&str; 2] = [
    "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
    "ram:SpecifiedTradeSettlementMonetarySummation",
];

/// BG-22.
pub(crate) fn totals(settlement: Element<'_, '_>, notes: &mut Notes) -> Totals {
    let Some(group) = either(settlement, SUMMATION) else {
        return Totals::default();
    };
    let all: Vec<_> = group.all("ram:TaxTotalAmount").collect();
    let other = settlement.text_at("ram:TaxCurrencyCode");
    let mut totals = tax_totals(&all, other.as_deref(), notes);
    let mut amount = |leaf: &str, term: &str| {
        let at = in_currency(group, leaf, notes);
        notes.amount(at, term)
    };
    totals.lines = amount("ram:LineTotalAmount", "BT-106");
    totals.allowances = amount("ram:AllowanceTotalAmount", "BT-107");
    totals.charges = amount("ram:ChargeTotalAmount", "BT-108");
    totals.net = amount("ram:TaxBasisTotalAmount", "BT-109");
    totals.gross = amount("ram:GrandTotalAmount", "BT-112");
    totals.paid = amount("ram:TotalPrepaidAmount", "BT-113");
    totals.rounding = amount("ram:RoundingAmount", "BT-114");
    totals.payable = amount("ram:DuePayableAmount", "BT-115");
    compare_advances(settlement, totals.paid, notes);
    totals
}

/// EXTENDED says some totals a second time in another currency.
fn in_currency<'a, 'i: 'a>(
    group: Element<'a, 'i>,
    leaf: &str,
    notes: &Notes,
) -> Option<Element<'a, 'i>> {
    let is_document = |at: &Element<'_, '_>| {
        at.attribute("currencyID").is_none_or(|id| Some(id) == notes.currency())
    };
    group.all(leaf).find(is_document).or_else(|| group.find(leaf))
}

/// Advance payments of EXTENDED are what BT-113 is made of, or somebody is to look.
fn compare_advances(settlement: Element<'_, '_>, paid: Option<Decimal>, notes: &mut Notes) {
    const NAME: &str = "ram:SpecifiedAdvancePayment";
    let Some(first) = settlement.find(NAME) else {
        return;
    };
    // What is no number is noted with all other values of the wrong form.
    let amounts = settlement.all(NAME).filter_map(|at| at.text_at("ram:PaidAmount"));
    let amounts = amounts.filter_map(|text| xsd::decimal(&text));
    let sum = amounts.fold(Decimal::ZERO, Decimal::saturating_add);
    if paid.unwrap_or_default() != sum {
        let why = format!("and its like add up to {sum}, which is not the paid amount (BT-113)");
        notes.remark(first, ("ADVANCE_PAYMENTS_DIFFER", Severity::Warning, "BT-113"), &why);
    }
}

/// BG-23.
pub(crate) fn subtotals(settlement: Element<'_, '_>, notes: &mut Notes) -> Vec<TaxSubtotal> {
    let groups = settlement.all("ram:ApplicableTradeTax").zip(1..);
    groups
        .map(|(at, number)| notes.within(&format!("BG-23[{number}]"), |notes| subtotal(at, notes)))
        .collect()
}

fn subtotal(at: Element<'_, '_>, notes: &mut Notes) -> TaxSubtotal {
    TaxSubtotal {
        base: notes.amount(at.find("ram:BasisAmount"), "BT-116"),
        tax: notes.amount(at.find("ram:CalculatedAmount"), "BT-117"),
        category: notes.word(at.find("ram:CategoryCode"), "BT-118"),
        rate: notes.decimal(rate_of(at), "BT-119"),
        exemption_reason: notes.prose(at.find("ram:ExemptionReason"), "BT-120"),
        exemption_code: notes.word(at.find("ram:ExemptionReasonCode"), "BT-121"),
    }
}

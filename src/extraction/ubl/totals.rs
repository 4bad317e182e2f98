//! What a UBL document comes to: BG-22 and BG-23.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{TaxSubtotal, Totals};

/// BG-22.
pub(crate) fn totals(root: Element<'_, '_>, notes: &mut Notes) -> Totals {
    let all: Vec<_> =
        root.all("cac:TaxTotal").filter_map(|total| total.find("cbc:TaxAmount")).collect();
    let other = root.text_at("cbc:TaxCurrencyCode");
    let mut totals = tax_totals(&all, other.as_deref(), notes);
    let Some(group) = root.find("cac:LegalMonetaryTotal") else {
        return totals;
    };
    let mut amount = |leaf: &str, term: &str| notes.amount(group.find(leaf), term);
    totals.lines = amount("cbc:LineExtensionAmount", "BT-106");
    totals.allowances = amount("cbc:AllowanceTotalAmount", "BT-107");
    totals.charges = amount("cbc:ChargeTotalAmount", "BT-108");
    totals.net = amount("cbc:TaxExclusiveAmount", "BT-109");
    totals.gross = amount("cbc:TaxInclusiveAmount", "BT-112");
    totals.paid = amount("cbc:PrepaidAmount", "BT-113");
    totals.rounding = amount("cbc:PayableRoundingAmount", "BT-114");
    totals.payable = amount("cbc:PayableAmount", "BT-115");
    totals
}

/// BT-110: of several tax totals the one in the document currency, whatever their order. BT-111
/// is the one in the currency of BT-6. CII has the same amounts in another place.
pub(crate) fn tax_totals(
    all: &[Element<'_, '_>],
    tax_currency: Option<&str>,
    notes: &mut Notes,
) -> Totals {
    let currency = notes.currency().map(str::to_owned);
    let other = tax_currency.filter(|code| Some(*code) != currency.as_deref());
    let is_document = |amount: &&Element<'_, '_>| {
        amount.attribute("currencyID").is_none_or(|id| Some(id) == currency.as_deref())
    };
    let is_other = |amount: &&Element<'_, '_>| {
        amount.attribute("currencyID").is_some_and(|id| Some(id) == other)
    };
    if let Some(second) = all.iter().filter(is_document).nth(1) {
        let why = "is a second VAT total in the document currency: which one counts is open";
        notes.broken_rule(*second, "BR-CO-15", why);
    }
    // One in a third currency is taken with a finding rather than dropped.
    let chosen = all.iter().find(is_document);
    let chosen = chosen.or_else(|| all.iter().find(|amount| !is_other(amount)));
    let in_other = all.iter().find(is_other);
    Totals {
        tax: notes.amount(chosen.copied(), "BT-110"),
        tax_in_tax_currency: notes.decimal(in_other.copied(), "BT-111"),
        ..Totals::default()
    }
}

/// BT-6, where it is another one than BT-5.
fn other_currency(root: Element<'_, '_>, notes: &Notes) -> Option<String> {
    root.text_at("cbc:TaxCurrencyCode").filter(|code| Some(code.as_str()) != notes.currency())
}

/// BG-23: the subtotals of the totals in the document currency; those of a total in the currency
/// of BT-6 say the same a second time.
pub(crate) fn subtotals(root: Element<'_, '_>, notes: &mut Notes) -> Vec<TaxSubtotal> {
    let other = other_currency(root, notes);
    let in_other = |total: &Element<'_, '_>| {
        let amount = total.find("cbc:TaxAmount");
        let id = amount.and_then(|amount| amount.attribute("currencyID"));
        id.is_some() && id == other.as_deref()
    };
    let totals = root.all("cac:TaxTotal").filter(|total| !in_other(total));
    let mut chosen: Vec<_> = totals.flat_map(groups).collect();
    if chosen.is_empty() {
        chosen = root.all("cac:TaxTotal").flat_map(groups).collect();
    }
    let numbered = chosen.into_iter().zip(1..);
    numbered
        .map(|(at, number)| notes.within(&format!("BG-23[{number}]"), |notes| subtotal(at, notes)))
        .collect()
}

/// The `TaxSubtotal` groups of a `TaxTotal`.
pub(crate) fn groups<'a, 'i: 'a>(total: Element<'a, 'i>) -> impl Iterator<Item = Element<'a, 'i>> {
    total.all("cac:TaxSubtotal")
}

fn subtotal(at: Element<'_, '_>, notes: &mut Notes) -> TaxSubtotal {
    let category = at.find("cac:TaxCategory");
    let of_category = |leaf: &str| category.and_then(|category| category.find(leaf));
    TaxSubtotal {
        base: notes.amount(at.find("cbc:TaxableAmount"), "BT-116"),
        tax: notes.amount(at.find("cbc:TaxAmount"), "BT-117"),
        category: notes.word(of_category("cbc:ID"), "BT-118"),
        rate: notes.decimal(of_category("cbc:Percent"), "BT-119"),
        exemption_reason: notes.prose(of_category("cbc:TaxExemptionReason"), "BT-120"),
        exemption_code: notes.word(of_category("cbc:TaxExemptionReasonCode"), "BT-121"),
    }
}

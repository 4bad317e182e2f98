//! Sums and products (BR-CO-10 to 17), as the artefact computes them.

use rust_decimal::Decimal;

use crate::extraction::rules::Test::Adds;
use crate::extraction::rules::equation::{
    amount, cents, equal, incomplete, plus_minus, subtotal, sum,
};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Equation, Rule, fatal};
use crate::extraction::tree::Element;

const TOTALS: &str = "cac:LegalMonetaryTotal";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-CO-10", "BT-106 BT-131", TOTALS, Adds(lines,
        "the sum of the lines (BT-106) is that of their net amounts (BT-131)")),
    fatal("BR-CO-11", "BT-107 BT-92", TOTALS, Adds(allowances,
        "the sum of the allowances (BT-107) is that of their amounts (BT-92)")),
    fatal("BR-CO-12", "BT-108 BT-99", TOTALS, Adds(charges,
        "the sum of the charges (BT-108) is that of their amounts (BT-99)")),
    fatal("BR-CO-13", "BT-109 BT-106 BT-107 BT-108", TOTALS, Adds(net,
        "the total without VAT (BT-109) is BT-106 − BT-107 + BT-108")),
    fatal("BR-CO-14", "BT-110 BT-117", "/cac:TaxTotal", Adds(tax,
        "the VAT total (BT-110) is the sum of the VAT amounts (BT-117)")),
    fatal("BR-CO-15", "BT-112 BT-109 BT-110", "/", Adds(gross,
        "the total with VAT (BT-112) is BT-109 + BT-110, and there is one BT-110 in the currency \
         of the document")),
    fatal("BR-CO-16", "BT-115 BT-112 BT-113 BT-114", TOTALS, Adds(payable,
        "the amount due (BT-115) is BT-112 − BT-113 + BT-114")),
    fatal("BR-CO-17", "BT-117 BT-116 BT-119", "cac:TaxTotal/cac:TaxSubtotal", Adds(tax_of_rate,
        "the VAT amount (BT-117) is the base (BT-116) × the rate (BT-119)")),
];

fn lines(totals: Element<'_, '_>) -> Equation {
    let actual = amount(totals, "cbc:LineExtensionAmount");
    let Some(root) = totals.parent() else {
        return incomplete(actual);
    };
    let of_invoice = sum(root, "cac:InvoiceLine/cbc:LineExtensionAmount");
    let of_note = sum(root, "cac:CreditNoteLine/cbc:LineExtensionAmount");
    let sum = of_invoice.zip(of_note).and_then(|(a, b)| a.checked_add(b));
    equal(actual, cents(sum))
}

fn allowances(totals: Element<'_, '_>) -> Equation {
    let of = "cac:AllowanceCharge[cbc:ChargeIndicator?false]";
    let amounts = "cac:AllowanceCharge[cbc:ChargeIndicator?false]/cbc:Amount";
    side(totals, "cbc:AllowanceTotalAmount", of, amounts)
}

fn charges(totals: Element<'_, '_>) -> Equation {
    let of = "cac:AllowanceCharge[cbc:ChargeIndicator?true]";
    let amounts = "cac:AllowanceCharge[cbc:ChargeIndicator?true]/cbc:Amount";
    side(totals, "cbc:ChargeTotalAmount", of, amounts)
}

fn side(
    totals: Element<'_, '_>,
    stated: &'static str,
    of: &'static str,
    amounts: &'static str,
) -> Equation {
    let actual = amount(totals, stated);
    let Some(root) = totals.parent() else {
        return incomplete(actual);
    };
    if !Path::known(stated).exists(totals) && !Path::known(of).exists(root) {
        return Equation::Holds;
    }
    equal(actual, cents(sum(root, amounts)))
}

fn net(totals: Element<'_, '_>) -> Equation {
    let stated = |path| amount(totals, path);
    let actual = stated("cbc:TaxExclusiveAmount");
    let Some(lines) = stated("cbc:LineExtensionAmount") else {
        return incomplete(actual);
    };
    let (charges, allowances) =
        (stated("cbc:ChargeTotalAmount"), stated("cbc:AllowanceTotalAmount"));
    let computed = plus_minus(lines, charges, allowances);
    let plain = charges.is_none() && allowances.is_none();
    equal(actual, if plain { computed } else { cents(computed) })
}

fn tax(total: Element<'_, '_>) -> Equation {
    if total.find("cac:TaxSubtotal").is_none() {
        return Equation::Holds;
    }
    equal(amount(total, "cbc:TaxAmount"), cents(sum(total, "cac:TaxSubtotal/cbc:TaxAmount")))
}

fn gross(root: Element<'_, '_>) -> Equation {
    let Some(currency) = root.find("cbc:DocumentCurrencyCode") else {
        return Equation::Holds;
    };
    let currency = currency.trimmed();
    let actual = amount(root, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount");
    let taxes = root.all("cac:TaxTotal").flat_map(|total| total.all("cbc:TaxAmount"));
    let mut taxes = taxes
        .filter(|tax| tax.attribute("currencyID") == Some(currency.as_ref()))
        .filter_map(|tax| amount(tax, "."));
    let net = amount(root, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount");
    match (taxes.next(), taxes.next(), net) {
        (Some(tax), None, Some(net)) => equal(actual, cents(net.checked_add(tax))),
        _ => incomplete(actual),
    }
}

fn payable(totals: Element<'_, '_>) -> Equation {
    let stated = |path| amount(totals, path);
    let actual = stated("cbc:PayableAmount");
    let Some(gross) = stated("cbc:TaxInclusiveAmount") else {
        return incomplete(actual);
    };
    let (paid, rounding) = (stated("cbc:PrepaidAmount"), stated("cbc:PayableRoundingAmount"));
    // The artefact takes the rounding off the amount due, and rounds what it has computed.
    let unrounded = actual.map(|due| due.checked_sub(rounding.unwrap_or_default()));
    let computed = plus_minus(gross, None, paid);
    let computed = if paid.is_some() { cents(computed) } else { computed };
    let due = match unrounded {
        Some(None) => return Equation::TooLarge,
        Some(due) if rounding.is_some() => cents(due),
        Some(due) => due,
        None => None,
    };
    match equal(due, computed) {
        Equation::Breaks { expected, .. } => {
            let add = rounding.unwrap_or(Decimal::ZERO);
            Equation::Breaks { actual, expected: expected.and_then(|due| due.checked_add(add)) }
        }
        other => other,
    }
}

fn tax_of_rate(group: Element<'_, '_>) -> Equation {
    let rate = amount(group, "cac:TaxCategory[cac:TaxScheme/cbc:ID^=VAT]/cbc:Percent");
    let (tax, base) = (amount(group, "cbc:TaxAmount"), amount(group, "cbc:TaxableAmount"));
    subtotal(tax, base, rate, false)
}

//! Sums and products (BR-CO-10 to 17), as the artefact computes them.

use rust_decimal::Decimal;

use crate::extraction::cii::rules::header::SUBTOTAL;
use crate::extraction::rules::Test::Adds;
use crate::extraction::rules::equation::{
    amount, cents, equal, incomplete, plus_minus, subtotal, sum,
};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Equation, Rule, fatal};
use crate::extraction::tree::Element;

const TOTALS: &str = "ram:SpecifiedTradeSettlementHeaderMonetarySummation";
const SETTLEMENT: &str = "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement";

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
    fatal("BR-CO-14", "BT-110 BT-117", TOTALS, Adds(tax,
        "the VAT total (BT-110) is the sum of the VAT amounts (BT-117)")),
    fatal("BR-CO-15", "BT-112 BT-109 BT-110", "/", Adds(gross,
        "the total with VAT (BT-112) is BT-109 + BT-110, and there is one BT-110 in the currency \
         of the document")),
    fatal("BR-CO-16", "BT-115 BT-112 BT-113 BT-114", TOTALS, Adds(payable,
        "the amount due (BT-115) is BT-112 − BT-113 + BT-114")),
    fatal("BR-CO-17", "BT-117 BT-116 BT-119", SUBTOTAL, Adds(tax_of_rate,
        "the VAT amount (BT-117) is the base (BT-116) × the rate (BT-119)")),
];

fn lines(totals: Element<'_, '_>) -> Equation {
    let actual = amount(totals, "ram:LineTotalAmount");
    let Some(transaction) = totals.parent().and_then(Element::parent) else {
        return incomplete(actual);
    };
    let nets = "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/\
                ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount";
    equal(actual, cents(sum(transaction, nets)))
}

fn allowances(totals: Element<'_, '_>) -> Equation {
    let of = "ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator?false]";
    side(totals, "ram:AllowanceTotalAmount", of)
}

fn charges(totals: Element<'_, '_>) -> Equation {
    let of = "ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator?true]";
    side(totals, "ram:ChargeTotalAmount", of)
}

fn side(totals: Element<'_, '_>, stated: &'static str, of: &'static str) -> Equation {
    let actual = amount(totals, stated);
    let Some(settlement) = totals.parent() else {
        return incomplete(actual);
    };
    let mut count = 0;
    let mut sum = Some(Decimal::ZERO);
    Path::known(of).visit(settlement, |group| {
        count += 1;
        let amount = amount(group, "ram:ActualAmount").unwrap_or_default();
        sum = sum.and_then(|sum| sum.checked_add(amount));
    });
    if !Path::known(stated).exists(totals) && count == 0 {
        return Equation::Holds;
    }
    equal(actual, cents(sum))
}

fn net(totals: Element<'_, '_>) -> Equation {
    let stated = |path| amount(totals, path);
    let actual = stated("ram:TaxBasisTotalAmount");
    let Some(lines) = stated("ram:LineTotalAmount") else {
        return incomplete(actual);
    };
    let sides = (stated("ram:ChargeTotalAmount"), stated("ram:AllowanceTotalAmount"));
    equal(actual, cents(plus_minus(lines, sides.0, sides.1)))
}

fn tax(totals: Element<'_, '_>) -> Equation {
    let Some(settlement) = totals.parent() else {
        return Equation::Holds;
    };
    let currency = settlement.find("ram:InvoiceCurrencyCode").map(Element::trimmed);
    let in_currency = |tax: &Element<'_, '_>| {
        currency.is_some() && tax.attribute("currencyID") == currency.as_deref()
    };
    let computed = cents(sum(settlement, "ram:ApplicableTradeTax/ram:CalculatedAmount"));
    let taxes = totals.all("ram:TaxTotalAmount").filter(in_currency);
    let mut judged = taxes.map(|tax| equal(amount(tax, "."), computed));
    judged.find(|equation| *equation != Equation::Holds).unwrap_or(Equation::Holds)
}

/// The artefact also takes a total with VAT that equals the one without, whatever BT-110 says.
fn gross(root: Element<'_, '_>) -> Equation {
    let Some(settlement) = root.find(SETTLEMENT) else {
        return Equation::Holds;
    };
    let Some(currency) = settlement.find("ram:InvoiceCurrencyCode") else {
        return Equation::Holds;
    };
    let currency = currency.trimmed();
    let totals = || settlement.all("ram:SpecifiedTradeSettlementHeaderMonetarySummation");
    let first = |path| totals().find_map(|totals| amount(totals, path));
    let (actual, net) = (first("ram:GrandTotalAmount"), first("ram:TaxBasisTotalAmount"));
    let mut taxes = totals()
        .flat_map(|totals| totals.all("ram:TaxTotalAmount"))
        .filter(|tax| tax.attribute("currencyID") == Some(currency.as_ref()));
    let Some(net) = net else {
        return incomplete(actual);
    };
    if actual == Some(net) {
        return Equation::Holds;
    }
    match (taxes.next(), taxes.next()) {
        (Some(tax), None) => match amount(tax, ".") {
            Some(tax) => equal(actual, cents(net.checked_add(tax))),
            None => incomplete(actual),
        },
        _ => incomplete(actual),
    }
}

fn payable(totals: Element<'_, '_>) -> Equation {
    let stated = |path| amount(totals, path);
    let actual = stated("ram:DuePayableAmount");
    let Some(gross) = stated("ram:GrandTotalAmount") else {
        return incomplete(actual);
    };
    let (paid, rounding) = (stated("ram:TotalPrepaidAmount"), stated("ram:RoundingAmount"));
    equal(actual, plus_minus(gross, rounding, paid))
}

fn tax_of_rate(group: Element<'_, '_>) -> Equation {
    let rate = amount(group, ".[ram:TypeCode^=VAT]/ram:RateApplicablePercent");
    let (tax, base) = (amount(group, "ram:CalculatedAmount"), amount(group, "ram:BasisAmount"));
    subtotal(tax, base, rate, true)
}

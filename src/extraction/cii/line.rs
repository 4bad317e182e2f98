//! CII `IncludedSupplyChainTradeLineItem`: BG-25.

use rust_decimal::Decimal;

use crate::extraction::cii::amounts::{self, allowances_and_charges};
use crate::extraction::cii::{delivery, either, item, number_of, rate_of, references};
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::LINE;
use crate::extraction::ubl::invoice::order_number;
use crate::extraction::ubl::line::compare_units;
use crate::models::finding::Severity;
use crate::models::invoice::InvoiceLine;

/// The element of a line.
pub(crate) const ELEMENT: &str = "ram:IncludedSupplyChainTradeLineItem";

/// Reads every line of the document, in its order: parts of a line stand beside it.
pub(crate) fn read_all(transaction: Element<'_, '_>, notes: &mut Notes) -> Vec<InvoiceLine> {
    let lines = transaction.all(ELEMENT).zip(1..);
    lines
        .map(|(line, number)| notes.within_line(line, (ELEMENT, number), |notes| read(line, notes)))
        .collect()
}

fn read(line: Element<'_, '_>, notes: &mut Notes) -> InvoiceLine {
    let header = line.find("ram:AssociatedDocumentLineDocument");
    let agreement =
        either(line, ["ram:SpecifiedLineTradeAgreement", "ram:SpecifiedSupplyChainTradeAgreement"]);
    let delivered =
        either(line, ["ram:SpecifiedLineTradeDelivery", "ram:SpecifiedSupplyChainTradeDelivery"]);
    let settlement = either(
        line,
        ["ram:SpecifiedLineTradeSettlement", "ram:SpecifiedSupplyChainTradeSettlement"],
    );
    let of_header = |path: &str| header.and_then(|at| at.find(path));
    let order = agreement.and_then(|at| at.find("ram:BuyerOrderReferencedDocument/ram:LineID"));
    let quantity = delivered.and_then(|at| at.find("ram:BilledQuantity"));
    let mut read = InvoiceLine {
        id: notes.word(of_header("ram:LineID"), "BT-126").unwrap_or_default(),
        note: notes.prose(of_header("ram:IncludedNote/ram:Content"), "BT-127"),
        parent: notes.word(of_header("ram:ParentLineID"), "ext.parent"),
        status: notes.word(of_header("ram:LineStatusReasonCode"), "ext.status"),
        quantity: notes.decimal(quantity, "BT-129"),
        // What is no unit code at all is found by its code list (BR-CL-23); here it is bounded.
        unit: notes.attribute(quantity, "unitCode", "BT-130"),
        order_line_reference: notes.word(order, "BT-132"),
        order_reference: order_number(
            number_of(agreement, "ram:BuyerOrderReferencedDocument"),
            "BT-13",
            notes,
        ),
        despatch_advice_reference: notes.word(despatch(delivered), "BT-16"),
        receiving_advice_reference: notes
            .word(number_of(delivered, "ram:ReceivingAdviceReferencedDocument"), "BT-15"),
        ..InvoiceLine::default()
    };
    if let Some(at) = agreement {
        price(at, &mut read, notes);
    }
    if let Some(at) = line.find("ram:SpecifiedTradeProduct") {
        item::read(at, &mut read, notes);
    }
    if let Some(at) = settlement {
        settle(at, &mut read, notes);
    }
    read
}

/// BT-16: a despatch advice, or the delivery note that goes with the goods.
pub(crate) fn despatch<'a, 'i: 'a>(delivery: Option<Element<'a, 'i>>) -> Option<Element<'a, 'i>> {
    let advice = number_of(delivery, "ram:DespatchAdviceReferencedDocument");
    advice.or_else(|| number_of(delivery, "ram:DeliveryNoteReferencedDocument"))
}

/// What a line comes to, and its tax.
fn settle(at: Element<'_, '_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let sums = either(
        at,
        [
            "ram:SpecifiedTradeSettlementLineMonetarySummation",
            "ram:SpecifiedTradeSettlementMonetarySummation",
        ],
    );
    let tax = at.find("ram:ApplicableTradeTax");
    line.net = notes.amount(sums.and_then(|at| at.find("ram:LineTotalAmount")), "BT-131");
    line.object = references::object(at, "BT-128", references::of_line, notes);
    let booking = at.find("ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID");
    line.booking_reference = notes.word(booking, "BT-133");
    line.period = delivery::period(Some(at), ("BT-134", "BT-135"), notes);
    line.tax_category = notes.word(tax.and_then(|tax| tax.find("ram:CategoryCode")), "BT-151");
    line.tax_rate = notes.decimal(tax.and_then(rate_of), "BT-152");
    line.allowances_and_charges = allowances_and_charges(at, &LINE, notes);
}

/// BG-29. Net and gross price have a base quantity each; BT-149 is that of the net price.
fn price<'a, 'i: 'a>(agreement: Element<'a, 'i>, line: &mut InvoiceLine, notes: &mut Notes) {
    let net = agreement.find("ram:NetPriceProductTradePrice");
    let gross = agreement.find("ram:GrossPriceProductTradePrice");
    let base_in = |price: Element<'a, 'i>| price.find("ram:BasisQuantity");
    let (net_base, gross_base) = (net.and_then(base_in), gross.and_then(base_in));
    let base = net_base.or(gross_base);
    compare_units(base, line.unit.as_deref(), notes);
    line.price = notes.amount(net.and_then(|price| price.find("ram:ChargeAmount")), "BT-146");
    line.price_base_quantity = notes.decimal(base, "BT-149");
    line.price_base_unit = notes.attribute(base, "unitCode", "BT-150");
    compare_bases(gross_base, net_base.and(line.price_base_quantity), notes);
    let Some(gross) = gross else {
        return;
    };
    line.gross_price = notes.amount(gross.find("ram:ChargeAmount"), "BT-148");
    line.price_discount = discount(gross, notes);
}

/// A gross price of a hundred beside a net price of one is no price less a discount.
fn compare_bases(gross: Option<Element<'_, '_>>, net: Option<Decimal>, notes: &mut Notes) {
    let Some(gross) = gross else {
        return;
    };
    if let (Some(actual), Some(expected)) = (notes.decimal(Some(gross), ""), net)
        && actual != expected
    {
        let what = ("PRICE_BASE_DIFFERS", Severity::Information, "BT-149");
        let why = "gross and net price are for different quantities";
        notes.differs(gross, what, (&actual.to_string(), &expected.to_string()), why);
    }
}

/// BT-147. EN 16931 has one; where EXTENDED has several they add up, and what is a charge on the
/// price counts against them.
fn discount(gross: Element<'_, '_>, notes: &mut Notes) -> Option<Decimal> {
    let mut sum: Option<Decimal> = None;
    for group in gross.all("ram:AppliedTradeAllowanceCharge") {
        let Some(amount) = notes.amount(group.find("ram:ActualAmount"), "BT-147") else {
            continue;
        };
        // The term is a discount, so that what says nothing is one.
        let indicator = group.find(amounts::INDICATOR);
        let charge = indicator.and_then(|at| notes.indicator(at, "BT-147")).unwrap_or(false);
        let signed = if charge { -amount } else { amount };
        sum = Some(sum.map_or(signed, |sum| sum.saturating_add(signed)));
    }
    sum
}

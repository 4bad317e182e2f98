//! UBL `InvoiceLine` and `CreditNoteLine`: BG-25.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::{self, allowances_and_charges};
use crate::extraction::ubl::invoice::order_number;
use crate::extraction::ubl::{delivery, item, references};
use crate::models::finding::Severity;
use crate::models::invoice::InvoiceLine;

/// Reads every line of the document.
pub(crate) fn read_all(root: Element<'_, '_>, name: &str, notes: &mut Notes) -> Vec<InvoiceLine> {
    let lines = root.all(name).zip(1..);
    lines
        .map(|(line, number)| notes.within_line(line, (name, number), |notes| read(line, notes)))
        .collect()
}

fn read(line: Element<'_, '_>, notes: &mut Notes) -> InvoiceLine {
    let quantity = line.find("cbc:InvoicedQuantity").or_else(|| line.find("cbc:CreditedQuantity"));
    let order = line.find("cac:OrderLineReference/cac:OrderReference/cbc:ID");
    let order_line = line.find("cac:OrderLineReference/cbc:LineID");
    let period = line.find("cac:InvoicePeriod");
    let despatch = line.find("cac:DespatchLineReference/cac:DocumentReference/cbc:ID");
    let receipt = line.find("cac:ReceiptLineReference/cac:DocumentReference/cbc:ID");
    let mut read = InvoiceLine {
        id: notes.word(line.find("cbc:ID"), "BT-126").unwrap_or_default(),
        note: notes.prose(line.find("cbc:Note"), "BT-127"),
        object: references::object(line, "cac:DocumentReference", "BT-128", notes),
        quantity: notes.decimal(quantity, "BT-129"),
        // What is no unit code at all is found by its code list (BR-CL-23); here it is bounded.
        unit: notes.attribute(quantity, "unitCode", "BT-130"),
        net: notes.amount(line.find("cbc:LineExtensionAmount"), "BT-131"),
        order_line_reference: order_number(order_line, "BT-132", notes),
        order_reference: order_number(order, "BT-13", notes),
        despatch_advice_reference: notes.word(despatch, "BT-16"),
        receiving_advice_reference: notes.word(receipt, "BT-15"),
        booking_reference: notes.word(line.find("cbc:AccountingCost"), "BT-133"),
        period: delivery::period(period, ("BT-134", "BT-135"), notes),
        ..InvoiceLine::default()
    };
    if let Some(at) = line.find("cac:Price") {
        price(at, &mut read, notes);
    }
    if let Some(at) = line.find("cac:Item") {
        item::read(at, &mut read, notes);
    }
    read.allowances_and_charges = allowances_and_charges(line, &amounts::LINE, notes);
    read
}

/// BG-29.
fn price(at: Element<'_, '_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let base = at.find("cbc:BaseQuantity");
    compare_units(base, line.unit.as_deref(), notes);
    line.price = notes.amount(at.find("cbc:PriceAmount"), "BT-146");
    line.price_base_quantity = notes.decimal(base, "BT-149");
    line.price_base_unit = notes.attribute(base, "unitCode", "BT-150");
    if let Some(discount) = at.find("cac:AllowanceCharge") {
        line.price_discount = notes.amount(discount.find("cbc:Amount"), "BT-147");
        line.gross_price = notes.amount(discount.find("cbc:BaseAmount"), "BT-148");
    }
}

/// A price for kilograms beside a quantity in pieces says nothing about the line (BT-150).
pub(crate) fn compare_units(base: Option<Element<'_, '_>>, unit: Option<&str>, notes: &mut Notes) {
    if let Some(base) = base
        && let (Some(actual), Some(expected)) = (base.attribute("unitCode"), unit)
        && actual != expected
    {
        let what = ("PRICE_UNIT_DIFFERS", Severity::Warning, "BT-150");
        let why = "the price is for another unit than the quantity (BT-130)";
        notes.differs(base, what, (actual, expected), why);
    }
}

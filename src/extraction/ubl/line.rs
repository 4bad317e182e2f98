//! UBL `InvoiceLine` and `CreditNoteLine`: BG-25.

use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::Amounts;
use crate::extraction::ubl::invoice::order_number;
use crate::models::finding::Severity;
use crate::models::invoice::InvoiceLine;
use crate::models::order::TEXT_CHARACTERS_MAX;

/// Reads one line.
pub(crate) fn read(line: Element<'_, '_>, amounts: &mut Amounts<'_>) -> InvoiceLine {
    let quantity = line.find("cbc:InvoicedQuantity").or_else(|| line.find("cbc:CreditedQuantity"));
    let unit = quantity.and_then(|quantity| quantity.attribute("unitCode"));
    let order_line = line.find("cac:OrderLineReference/cbc:LineID");
    let order = line.find("cac:OrderLineReference/cac:OrderReference/cbc:ID");
    let base = line.find("cac:Price/cbc:BaseQuantity");
    let category = line.find("cac:Item/cac:ClassifiedTaxCategory");
    let item = |path: &str| line.find("cac:Item").and_then(|item| item.find(path));
    compare_units(base, unit, amounts);
    let notes = &mut *amounts.notes;
    let mut read = InvoiceLine {
        id: notes.word(line.find("cbc:ID"), "BT-126").unwrap_or_default(),
        quantity: notes.decimal(quantity, "BT-129"),
        // What is no unit code at all is found by its code list (BR-CL-23); here it is bounded.
        unit: unit.filter(|unit| unit.len() <= TEXT_CHARACTERS_MAX).map(str::to_owned),
        order_line_reference: notes.word(order_line, "BT-132"),
        order_reference: order_number(order, "BT-13", notes),
        price_base_quantity: notes.decimal(base, "BT-149"),
        tax_category: notes.word(category.and_then(|at| at.find("cbc:ID")), "BT-151"),
        tax_rate: notes.decimal(category.and_then(|at| at.find("cbc:Percent")), "BT-152"),
        name: notes.prose(item("cbc:Name"), "BT-153"),
        description: notes.prose(item("cbc:Description"), "BT-154"),
        seller_item_id: notes.word(item("cac:SellersItemIdentification/cbc:ID"), "BT-155"),
        buyer_item_id: notes.word(item("cac:BuyersItemIdentification/cbc:ID"), "BT-156"),
        standard_item_id: notes
            .word(item("cac:StandardItemIdentification/cbc:ID"), "BT-157")
            .map(|id| id.as_str().into()),
        ..InvoiceLine::default()
    };
    read.net = amounts.amount(line.find("cbc:LineExtensionAmount"), "BT-131");
    read.price = amounts.amount(line.find("cac:Price/cbc:PriceAmount"), "BT-146");
    read.allowances_and_charges = amounts.allowances_and_charges(line, ("BT-136", "BT-141"));
    read
}

/// A price for kilograms beside a quantity in pieces says nothing about the line (BT-150).
fn compare_units(base: Option<Element<'_, '_>>, unit: Option<&str>, amounts: &mut Amounts<'_>) {
    if let Some(base) = base
        && let (Some(actual), Some(expected)) = (base.attribute("unitCode"), unit)
        && actual != expected
    {
        let what = ("PRICE_UNIT_DIFFERS", Severity::Warning, "BT-150");
        let why = "the price is for another unit than the quantity (BT-130)";
        amounts.notes.differs(base, what, (actual, expected), why);
    }
}

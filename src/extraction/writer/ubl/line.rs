//! UBL `InvoiceLine` and `CreditNoteLine`: BG-25 to BG-32.

use crate::extraction::ubl::references::OBJECT;
use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::ubl::amounts::{allowances_and_charges, amount, category};
use crate::extraction::writer::ubl::{NOT_AVAILABLE, Whole, header};
use crate::models::invoice::InvoiceLine;

/// One line.
pub(crate) fn write(x: &mut Markup, line: &InvoiceLine, whole: Whole<'_>) {
    let (name, quantity) = if whole.credit_note {
        ("cac:CreditNoteLine", "cbc:CreditedQuantity")
    } else {
        ("cac:InvoiceLine", "cbc:InvoicedQuantity")
    };
    x.kept_group(name, |x| {
        x.leaf("cbc:ID", Some(&line.id));
        x.leaf("cbc:Note", line.note.as_ref());
        x.leaf_with(quantity, &[("unitCode", line.unit.as_deref())], line.quantity);
        amount(x, "cbc:LineExtensionAmount", line.net, whole);
        x.leaf("cbc:AccountingCost", line.booking_reference.as_ref());
        header::period(x, line.period.as_ref(), None);
        references(x, line);
        header::typed(x, "cac:DocumentReference", line.object.as_ref(), OBJECT);
        allowances_and_charges(x, &line.allowances_and_charges, whole);
        x.group("cac:Item", |x| item(x, line));
        x.group("cac:Price", |x| price(x, line, whole));
    });
}

/// BT-132, and the line's own orders and advices. Of the documents that a line names, UBL asks for
/// the line too.
fn references(x: &mut Markup, line: &InvoiceLine) {
    let order = line.order_reference.as_deref();
    let order_line = line.order_line_reference.as_deref();
    x.group("cac:OrderLineReference", |x| {
        x.leaf("cbc:LineID", order_line.or(order.map(|_| NOT_AVAILABLE)));
        x.group("cac:OrderReference", |x| x.leaf("cbc:ID", order));
    });
    for (name, id) in [
        ("cac:DespatchLineReference", line.despatch_advice_reference.as_ref()),
        ("cac:ReceiptLineReference", line.receiving_advice_reference.as_ref()),
    ] {
        x.group(name, |x| {
            x.leaf("cbc:LineID", id.map(|_| NOT_AVAILABLE));
            x.group("cac:DocumentReference", |x| x.leaf("cbc:ID", id));
        });
    }
}

/// BG-30 to BG-32.
fn item(x: &mut Markup, line: &InvoiceLine) {
    x.leaf("cbc:Description", line.description.as_ref());
    x.leaf("cbc:Name", line.name.as_ref());
    let buyers = line.buyer_item_id.as_ref();
    x.group("cac:BuyersItemIdentification", |x| x.leaf("cbc:ID", buyers));
    let sellers = line.seller_item_id.as_ref();
    x.group("cac:SellersItemIdentification", |x| x.leaf("cbc:ID", sellers));
    let standard = line.standard_item_id.as_ref();
    x.group("cac:StandardItemIdentification", |x| x.identifier("cbc:ID", standard));
    let origin = line.origin_country.as_ref();
    x.group("cac:OriginCountry", |x| x.leaf("cbc:IdentificationCode", origin));
    for class in &line.classifications {
        let list =
            [("listID", class.scheme.as_deref()), ("listVersionID", class.version.as_deref())];
        let code = class.code.as_ref();
        x.group("cac:CommodityClassification", |x| {
            x.leaf_with("cbc:ItemClassificationCode", &list, code);
        });
    }
    category(x, "cac:ClassifiedTaxCategory", line.tax_category.as_ref(), line.tax_rate);
    for attribute in &line.attributes {
        x.kept_group("cac:AdditionalItemProperty", |x| {
            x.leaf("cbc:Name", attribute.name.as_ref());
            x.leaf("cbc:Value", attribute.value.as_ref());
        });
    }
}

/// BG-29. UBL has the gross price inside the discount that makes it the net price, and asks for
/// that discount: it follows from the two prices (BT-146 = BT-148 − BT-147).
fn price(x: &mut Markup, line: &InvoiceLine, whole: Whole<'_>) {
    amount(x, "cbc:PriceAmount", line.price, whole);
    let unit = [("unitCode", line.price_base_unit.as_deref())];
    x.leaf_with("cbc:BaseQuantity", &unit, line.price_base_quantity);
    let derived = line.gross_price.zip(line.price);
    let derived = derived.and_then(|(gross, net)| gross.checked_sub(net));
    if line.price_discount.or(line.gross_price).is_some() {
        x.group("cac:AllowanceCharge", |x| {
            x.leaf("cbc:ChargeIndicator", Some(false));
            amount(x, "cbc:Amount", line.price_discount.or(derived), whole);
            amount(x, "cbc:BaseAmount", line.gross_price, whole);
        });
    }
}

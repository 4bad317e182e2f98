//! CII `IncludedSupplyChainTradeLineItem`: BG-25 to BG-32.

use crate::extraction::writer::cii::{OBJECT, reference, settlement, typed};
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::InvoiceLine;

/// One line. EXTENDED tells sub-lines by the id of the line that they are part of.
pub(crate) fn write(x: &mut Markup, line: &InvoiceLine) {
    x.kept_group("ram:IncludedSupplyChainTradeLineItem", |x| {
        x.group("ram:AssociatedDocumentLineDocument", |x| {
            x.leaf("ram:LineID", Some(&line.id));
            x.leaf("ram:ParentLineID", line.parent.as_ref());
            x.leaf("ram:LineStatusReasonCode", line.status.as_ref());
            x.group("ram:IncludedNote", |x| x.leaf("ram:Content", line.note.as_ref()));
        });
        x.group("ram:SpecifiedTradeProduct", |x| product(x, line));
        x.group("ram:SpecifiedLineTradeAgreement", |x| agreement(x, line));
        x.group("ram:SpecifiedLineTradeDelivery", |x| delivery(x, line));
        x.group("ram:SpecifiedLineTradeSettlement", |x| settled(x, line));
    });
}

/// BG-31 and BG-32.
fn product(x: &mut Markup, line: &InvoiceLine) {
    x.identifier("ram:GlobalID", line.standard_item_id.as_ref());
    x.leaf("ram:SellerAssignedID", line.seller_item_id.as_ref());
    x.leaf("ram:BuyerAssignedID", line.buyer_item_id.as_ref());
    x.leaf("ram:Name", line.name.as_ref());
    x.leaf("ram:Description", line.description.as_ref());
    for attribute in &line.attributes {
        x.kept_group("ram:ApplicableProductCharacteristic", |x| {
            x.leaf("ram:Description", attribute.name.as_ref());
            x.leaf("ram:Value", attribute.value.as_ref());
        });
    }
    for class in &line.classifications {
        let list =
            [("listID", class.scheme.as_deref()), ("listVersionID", class.version.as_deref())];
        x.group("ram:DesignatedProductClassification", |x| {
            x.leaf_with("ram:ClassCode", &list, class.code.as_ref());
        });
    }
    x.group("ram:OriginTradeCountry", |x| x.leaf("ram:ID", line.origin_country.as_ref()));
}

/// BT-132, the line's own order, and BG-29.
fn agreement(x: &mut Markup, line: &InvoiceLine) {
    x.group("ram:BuyerOrderReferencedDocument", |x| {
        x.leaf("ram:IssuerAssignedID", line.order_reference.as_ref());
        x.leaf("ram:LineID", line.order_line_reference.as_ref());
    });
    x.group("ram:GrossPriceProductTradePrice", |x| {
        x.leaf("ram:ChargeAmount", line.gross_price);
        // The price is for the same quantity, gross and net.
        if line.gross_price.is_some() {
            base_quantity(x, line);
        }
        if let Some(discount) = line.price_discount {
            x.group("ram:AppliedTradeAllowanceCharge", |x| {
                settlement::indicator(x, false);
                x.leaf("ram:ActualAmount", Some(discount));
            });
        }
    });
    x.group("ram:NetPriceProductTradePrice", |x| {
        x.leaf("ram:ChargeAmount", line.price);
        base_quantity(x, line);
    });
}

/// BT-149 and BT-150.
fn base_quantity(x: &mut Markup, line: &InvoiceLine) {
    let unit = [("unitCode", line.price_base_unit.as_deref())];
    x.leaf_with("ram:BasisQuantity", &unit, line.price_base_quantity);
}

/// BT-129, and the line's own advices.
fn delivery(x: &mut Markup, line: &InvoiceLine) {
    let unit = [("unitCode", line.unit.as_deref())];
    x.leaf_with("ram:BilledQuantity", &unit, line.quantity);
    let despatch = line.despatch_advice_reference.as_ref();
    reference(x, "ram:DespatchAdviceReferencedDocument", despatch);
    let receipt = line.receiving_advice_reference.as_ref();
    reference(x, "ram:ReceivingAdviceReferencedDocument", receipt);
}

/// BG-30, BG-26 to BG-28, BT-131, BT-128, BT-133.
fn settled(x: &mut Markup, line: &InvoiceLine) {
    let category = line.tax_category.as_ref();
    settlement::category(x, "ram:ApplicableTradeTax", category, line.tax_rate);
    settlement::period(x, line.period.as_ref());
    settlement::allowances_and_charges(x, &line.allowances_and_charges);
    x.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |x| {
        x.leaf("ram:LineTotalAmount", line.net);
    });
    typed(x, line.object.as_ref(), OBJECT);
    settlement::booking(x, line.booking_reference.as_ref());
}

//! CII `ApplicableHeaderTradeDelivery`: BG-13, BG-15, BT-15, BT-16.

use crate::extraction::writer::cii::{day, ids, party, reference};
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Delivery, Invoice};

/// The whole group; the schema asks for it, also when nothing is in it.
pub(crate) fn write(x: &mut Markup, invoice: &Invoice) {
    x.kept_group("ram:ApplicableHeaderTradeDelivery", |x| {
        if let Some(of) = &invoice.delivery {
            delivery(x, of);
        }
        let despatch = invoice.despatch_advice_reference.as_ref();
        reference(x, "ram:DespatchAdviceReferencedDocument", despatch);
        let receipt = invoice.receiving_advice_reference.as_ref();
        reference(x, "ram:ReceivingAdviceReferencedDocument", receipt);
    });
}

fn delivery(x: &mut Markup, delivery: &Delivery) {
    const PLACE: &str = "ram:ShipToTradeParty";
    let place = |x: &mut Markup| {
        ids(x, delivery.location.iter());
        x.leaf("ram:Name", delivery.name.as_ref());
        if let Some(of) = &delivery.address {
            x.kept_group("ram:PostalTradeAddress", |x| party::address(x, of));
        }
    };
    if *delivery == Delivery::default() {
        // That there was a delivery is all that is said.
        x.kept_group(PLACE, place);
    } else {
        x.group(PLACE, place);
    }
    x.group("ram:ActualDeliverySupplyChainEvent", |x| {
        day(x, "ram:OccurrenceDateTime", "udt:DateTimeString", delivery.date);
    });
}

//! UBL `Item`: BG-30 to BG-32.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Classification, InvoiceLine, ItemAttribute};

/// Reads what a line is about into it.
pub(crate) fn read(item: Element<'_, '_>, line: &mut InvoiceLine, notes: &mut Notes) {
    let category = item.find("cac:ClassifiedTaxCategory");
    let of_category = |leaf: &str| category.and_then(|category| category.find(leaf));
    let id = |group: &str| item.find(group).and_then(|group| group.find("cbc:ID"));
    line.tax_category = notes.word(of_category("cbc:ID"), "BT-151");
    line.tax_rate = notes.decimal(of_category("cbc:Percent"), "BT-152");
    line.name = notes.prose(item.find("cbc:Name"), "BT-153");
    line.description = notes.prose(item.find("cbc:Description"), "BT-154");
    line.seller_item_id = notes.word(id("cac:SellersItemIdentification"), "BT-155");
    line.buyer_item_id = notes.word(id("cac:BuyersItemIdentification"), "BT-156");
    line.standard_item_id = notes.identifier(id("cac:StandardItemIdentification"), "BT-157");
    line.classifications = classifications(item, notes);
    let origin = item.find("cac:OriginCountry/cbc:IdentificationCode");
    line.origin_country = notes.word(origin, "BT-159");
    line.attributes = attributes(item, notes);
}

fn classifications(item: Element<'_, '_>, notes: &mut Notes) -> Vec<Classification> {
    let groups = item.all("cac:CommodityClassification");
    let codes = groups.filter_map(|group| group.find("cbc:ItemClassificationCode"));
    codes
        .filter_map(|at| {
            Some(Classification {
                code: Some(notes.word(Some(at), "BT-158")?),
                scheme: at.attribute("listID").map(str::to_owned),
                version: at.attribute("listVersionID").map(str::to_owned),
            })
        })
        .collect()
}

fn attributes(item: Element<'_, '_>, notes: &mut Notes) -> Vec<ItemAttribute> {
    let groups = item.all("cac:AdditionalItemProperty").zip(1..);
    groups
        .map(|(at, number)| {
            notes.within(&format!("BG-32[{number}]"), |notes| ItemAttribute {
                name: notes.word(at.find("cbc:Name"), "BT-160"),
                value: notes.prose(at.find("cbc:Value"), "BT-161"),
            })
        })
        .collect()
}

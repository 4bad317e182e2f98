//! CII `SpecifiedTradeProduct`: BG-31 and BG-32.

use crate::extraction::cii::either;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Classification, InvoiceLine, ItemAttribute};

/// Reads what a line is about into it.
pub(crate) fn read(product: Element<'_, '_>, line: &mut InvoiceLine, notes: &mut Notes) {
    line.name = notes.prose(product.find("ram:Name"), "BT-153");
    line.description = notes.prose(product.find("ram:Description"), "BT-154");
    line.seller_item_id = notes.word(product.find("ram:SellerAssignedID"), "BT-155");
    line.buyer_item_id = notes.word(product.find("ram:BuyerAssignedID"), "BT-156");
    line.standard_item_id = notes.identifier(product.find("ram:GlobalID"), "BT-157");
    line.classifications = classifications(product, notes);
    line.origin_country = notes.word(product.find("ram:OriginTradeCountry/ram:ID"), "BT-159");
    line.attributes = attributes(product, notes);
}

fn classifications(product: Element<'_, '_>, notes: &mut Notes) -> Vec<Classification> {
    let groups = product.all("ram:DesignatedProductClassification");
    let codes = groups.filter_map(|group| group.find("ram:ClassCode"));
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

fn attributes(product: Element<'_, '_>, notes: &mut Notes) -> Vec<ItemAttribute> {
    let groups = product.all("ram:ApplicableProductCharacteristic").zip(1..);
    groups
        .map(|(at, number)| {
            notes.within(&format!("BG-32[{number}]"), |notes| ItemAttribute {
                name: notes.word(at.find("ram:Description"), "BT-160"),
                value: notes.prose(either(at, ["ram:Value", "ram:ValueMeasure"]), "BT-161"),
            })
        })
        .collect()
}

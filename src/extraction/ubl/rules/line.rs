//! What must be there on a line.

use crate::extraction::rules::Test::{AtMost, Cents, Exists, Filled, Once, OneExists};
use crate::extraction::rules::{Rule, fatal};

const LINE: &str = "cac:InvoiceLine | cac:CreditNoteLine";
const ALLOWANCE: &str = "cac:InvoiceLine/cac:AllowanceCharge[cbc:ChargeIndicator?false] | \
                         cac:CreditNoteLine/cac:AllowanceCharge[cbc:ChargeIndicator?false]";
const CHARGE: &str = "cac:InvoiceLine/cac:AllowanceCharge[cbc:ChargeIndicator?true] | \
                      cac:CreditNoteLine/cac:AllowanceCharge[cbc:ChargeIndicator?true]";
const REASONS: &[&str] = &["cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"];

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-21", "BT-126", LINE, Filled("cbc:ID")),
    fatal("BR-22", "BT-129", LINE, OneExists(&["cbc:InvoicedQuantity", "cbc:CreditedQuantity"])),
    fatal("BR-23", "BT-130", LINE,
        OneExists(&["cbc:InvoicedQuantity/@unitCode", "cbc:CreditedQuantity/@unitCode"])),
    fatal("BR-24", "BT-131", LINE, Exists("cbc:LineExtensionAmount")),
    fatal("BR-25", "BT-153", LINE, Filled("cac:Item/cbc:Name")),
    fatal("BR-26", "BT-146", LINE, Exists("cac:Price/cbc:PriceAmount")),
    fatal("BR-41", "BT-136", ALLOWANCE, Exists("cbc:Amount")),
    fatal("BR-42", "BT-139 BT-140", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-CO-23", "BT-139 BT-140", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-43", "BT-141", CHARGE, Exists("cbc:Amount")),
    fatal("BR-44", "BT-144 BT-145", CHARGE, OneExists(REASONS)),
    fatal("BR-CO-24", "BT-144 BT-145", CHARGE, OneExists(REASONS)),
    fatal("BR-54", "BG-32", "cac:AdditionalItemProperty", Exists("cbc:Name")),
    fatal("BR-54", "BG-32", "cac:AdditionalItemProperty", Exists("cbc:Value")),
    fatal("BR-64", "BT-157",
        "cac:InvoiceLine/cac:Item/cac:StandardItemIdentification/cbc:ID | \
         cac:CreditNoteLine/cac:Item/cac:StandardItemIdentification/cbc:ID",
        Exists("@schemeID")),
    fatal("BR-65", "BT-158",
        "cac:InvoiceLine/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode | \
         cac:CreditNoteLine/cac:Item/cac:CommodityClassification/cbc:ItemClassificationCode",
        Exists("@listID")),
    fatal("BR-CO-04", "BT-151", LINE,
        Exists("cac:Item/cac:ClassifiedTaxCategory[cac:TaxScheme/cbc:ID^=VAT]/cbc:ID")),
    fatal("BR-CO-20", "BG-26",
        "cac:InvoiceLine/cac:InvoicePeriod | cac:CreditNoteLine/cac:InvoicePeriod",
        OneExists(&["cbc:StartDate", "cbc:EndDate"])),
    fatal("BR-DEC-23", "BT-131", LINE, Cents("cbc:LineExtensionAmount")),
    fatal("BR-DEC-24", "BT-136", ALLOWANCE, Cents("cbc:Amount")),
    fatal("BR-DEC-25", "BT-137", ALLOWANCE, Cents("cbc:BaseAmount")),
    fatal("BR-DEC-27", "BT-141", CHARGE, Cents("cbc:Amount")),
    fatal("BR-DEC-28", "BT-142", CHARGE, Cents("cbc:BaseAmount")),
    fatal("UBL-SR-34", "BT-127", LINE, AtMost(1, "cbc:Note")),
    fatal("UBL-SR-35", "BT-132", LINE, AtMost(1, "cac:OrderLineReference/cbc:LineID")),
    fatal("UBL-SR-36", "BG-26", LINE, AtMost(1, "cac:InvoicePeriod")),
    fatal("UBL-SR-37", "BT-147", LINE, AtMost(1, "cac:Price/cac:AllowanceCharge/cbc:Amount")),
    fatal("UBL-SR-48", "BT-151", LINE, Once("cac:Item/cac:ClassifiedTaxCategory")),
    fatal("UBL-SR-50", "BT-154", LINE, AtMost(1, "cac:Item/cbc:Description")),
    fatal("UBL-SR-52", "BT-128", LINE, AtMost(1, "cac:DocumentReference")),
];

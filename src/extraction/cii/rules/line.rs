//! What must be there on a line.

use crate::extraction::rules::Test::{AtMost, Cents, Exists, Filled, OneExists};
use crate::extraction::rules::{Rule, fatal, warning};

const LINE: &str = "ram:IncludedSupplyChainTradeLineItem";
const ALLOWANCE: &str = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator=false]";
const CHARGE: &str = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator=true]";
const REASONS: &[&str] = &["ram:Reason", "ram:ReasonCode"];
const NET: &str = "ram:SpecifiedLineTradeSettlement/ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-21", "BT-126", LINE, Filled("ram:AssociatedDocumentLineDocument/ram:LineID")),
    fatal("BR-22", "BT-129", LINE, Exists("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity")),
    fatal("BR-23", "BT-130", LINE,
        Exists("ram:SpecifiedLineTradeDelivery/ram:BilledQuantity/@unitCode")),
    fatal("BR-24", "BT-131", LINE, Exists(NET)),
    fatal("BR-25", "BT-153", LINE, Filled("ram:SpecifiedTradeProduct/ram:Name")),
    fatal("BR-26", "BT-146", LINE,
        Exists("ram:SpecifiedLineTradeAgreement/ram:NetPriceProductTradePrice/ram:ChargeAmount")),
    fatal("BR-41", "BT-136", ALLOWANCE, Exists("ram:ActualAmount")),
    fatal("BR-42", "BT-139 BT-140", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-CO-23", "BT-139 BT-140", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-43", "BT-141", CHARGE, Exists("ram:ActualAmount")),
    fatal("BR-44", "BT-144 BT-145", CHARGE, OneExists(REASONS)),
    fatal("BR-CO-24", "BT-144 BT-145", CHARGE, OneExists(REASONS)),
    fatal("BR-54", "BG-32", "ram:ApplicableProductCharacteristic", Exists("ram:Description")),
    fatal("BR-54", "BG-32", "ram:ApplicableProductCharacteristic", Exists("ram:Value")),
    fatal("BR-64", "BT-157", "ram:IncludedSupplyChainTradeLineItem[ram:SpecifiedTradeProduct/ram:GlobalID]",
        Filled("ram:SpecifiedTradeProduct/ram:GlobalID/@schemeID")),
    fatal("BR-65", "BT-158", "ram:DesignatedProductClassification[ram:ClassCode]",
        Filled("ram:ClassCode/@listID")),
    fatal("BR-CO-04", "BT-151", LINE,
        Exists("ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax[ram:TypeCode^=VAT]/ram:CategoryCode")),
    fatal("BR-CO-19", "BG-14", "ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod",
        OneExists(&["ram:StartDateTime", "ram:EndDateTime"])),
    fatal("BR-CO-20", "BG-26", "ram:SpecifiedLineTradeSettlement/ram:BillingSpecifiedPeriod",
        OneExists(&["ram:StartDateTime", "ram:EndDateTime"])),
    fatal("BR-DEC-23", "BT-131", LINE, Cents(NET)),
    fatal("BR-DEC-24", "BT-136", ALLOWANCE, Cents("ram:ActualAmount")),
    fatal("BR-DEC-25", "BT-137", ALLOWANCE, Cents("ram:BasisAmount")),
    fatal("BR-DEC-27", "BT-141", CHARGE, Cents("ram:ActualAmount")),
    fatal("BR-DEC-28", "BT-142", CHARGE, Cents("ram:BasisAmount")),
    warning("CII-SR-039", "BT-127", "ram:IncludedSupplyChainTradeLineItem/ram:AssociatedDocumentLineDocument",
        AtMost(1, "ram:IncludedNote")),
    warning("CII-SR-040", "BT-127", "ram:IncludedSupplyChainTradeLineItem/ram:AssociatedDocumentLineDocument",
        AtMost(1, "ram:IncludedNote/ram:Content")),
    warning("CII-SR-474", "BT-128", "ram:SpecifiedLineTradeSettlement",
        AtMost(1, "ram:AdditionalReferencedDocument[ram:TypeCode=130]")),
];

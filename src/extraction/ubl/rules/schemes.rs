//! Attributes that name a list or scheme where EN 16931 has one alone: warnings all.

use crate::extraction::rules::Test::Absent;
use crate::extraction::rules::{Rule, warning};

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    warning("UBL-CR-648", "BT-24", "/", Absent("cbc:CustomizationID/@schemeID")),
    warning("UBL-CR-649", "BT-23", "/", Absent("cbc:ProfileID/@schemeID")),
    warning("UBL-CR-650", "BT-1", "/", Absent("cbc:ID/@schemeID")),
    warning("UBL-CR-651", "BT-14", "/", Absent("cbc:SalesOrderID/@schemeID")),
    warning("UBL-CR-652", "BT-31 BT-32 BT-48", "cac:PartyTaxScheme",
        Absent("cbc:CompanyID/@schemeID")),
    warning("UBL-CR-653", "BT-83", "/", Absent("cac:PaymentMeans/cbc:PaymentID/@schemeID")),
    warning("UBL-CR-654", "BT-84", "/",
        Absent("cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID/@schemeID")),
    warning("UBL-CR-655", "BT-86", "/", Absent(
        "cac:PaymentMeans/cac:PayeeFinancialAccount/cac:FinancialInstitutionBranch/cbc:ID/@schemeID")),
    warning("UBL-CR-656", "BT-3", "/", Absent("cbc:InvoiceTypeCode/@listID")),
    warning("UBL-CR-657", "BT-5", "/", Absent("cbc:DocumentCurrencyCode/@listID")),
    warning("UBL-CR-658", "BT-6", "/", Absent("cbc:TaxCurrencyCode/@listID")),
    warning("UBL-CR-659", "BT-18", "/",
        Absent("cac:AdditionalDocumentReference/cbc:DocumentTypeCode/@listID")),
    warning("UBL-CR-660", "", "cac:Country", Absent("cbc:IdentificationCode/@listID")),
    warning("UBL-CR-661", "BT-81", "/", Absent("cac:PaymentMeans/cbc:PaymentMeansCode/@listID")),
    warning("UBL-CR-662", "", "cbc:AllowanceChargeReasonCode", Absent("@listID")),
    warning("UBL-CR-667", "BT-156", "cac:BuyersItemIdentification", Absent("cbc:ID/@schemeID")),
    warning("UBL-CR-668", "BT-155", "cac:SellersItemIdentification", Absent("cbc:ID/@schemeID")),
    warning("UBL-CR-669", "", "cac:Price/cac:AllowanceCharge",
        Absent("cbc:AllowanceChargeReasonCode")),
    warning("UBL-CR-670", "", "cac:Price/cac:AllowanceCharge", Absent("cbc:AllowanceChargeReason")),
    warning("UBL-CR-671", "", "cac:Price/cac:AllowanceCharge",
        Absent("cbc:MultiplierFactorNumeric")),
    warning("UBL-CR-672", "BT-3", "/", Absent("cbc:CreditNoteTypeCode/@listID")),
    warning("UBL-CR-674", "BT-87", "cbc:PrimaryAccountNumberID", Absent("@schemeID")),
    warning("UBL-CR-675", "", "cac:CardAccount", Absent("cbc:NetworkID/@schemeID")),
    warning("UBL-CR-676", "BT-89", "cac:PaymentMandate", Absent("cbc:ID/@schemeID")),
    warning("UBL-CR-677", "BT-91", "cac:PaymentMandate",
        Absent("cac:PayerFinancialAccount/cbc:ID/@schemeID")),
    warning("UBL-CR-678", "", "cac:TaxCategory", Absent("cbc:ID/@schemeID")),
    warning("UBL-CR-679", "BT-151", "cac:ClassifiedTaxCategory", Absent("cbc:ID/@schemeID")),
];

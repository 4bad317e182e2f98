//! Codes and schemes (BR-CL).

use crate::extraction::rules::Test::{Code, Exists};
use crate::extraction::rules::lists::{
    ALLOWANCE_REASONS, ATTACHMENT_TYPES, CHARGE_REASONS, CLASSIFICATIONS, COUNTRIES,
    CREDIT_NOTE_TYPES, CURRENCIES, ELECTRONIC_ADDRESSES, EXEMPTIONS, INVOICE_TYPES, PAYMENT_MEANS,
    REFERENCES, SCHEMES, TAX_CATEGORIES, TAX_POINTS_UBL, UNITS,
};
use crate::extraction::rules::{Rule, fatal};

const AMOUNTS: &str = "cbc:Amount | cbc:BaseAmount | cbc:PriceAmount | cbc:TaxAmount | \
    cbc:TaxableAmount | cbc:LineExtensionAmount | cbc:TaxExclusiveAmount | cbc:TaxInclusiveAmount | \
    cbc:AllowanceTotalAmount | cbc:ChargeTotalAmount | cbc:PrepaidAmount | \
    cbc:PayableRoundingAmount | cbc:PayableAmount";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-CL-01", "BT-3", "cbc:InvoiceTypeCode", Code(".", &INVOICE_TYPES)),
    fatal("BR-CL-01", "BT-3", "cbc:CreditNoteTypeCode", Code(".", &CREDIT_NOTE_TYPES)),
    fatal("BR-CL-03", "BT-5", AMOUNTS, Code("@currencyID", &CURRENCIES)),
    fatal("BR-CL-03", "BT-5", AMOUNTS, Exists("@currencyID")),
    fatal("BR-CL-04", "BT-5", "cbc:DocumentCurrencyCode", Code(".", &CURRENCIES)),
    fatal("BR-CL-05", "BT-6", "cbc:TaxCurrencyCode", Code(".", &CURRENCIES)),
    fatal("BR-CL-06", "BT-8", "cac:InvoicePeriod/cbc:DescriptionCode", Code(".", &TAX_POINTS_UBL)),
    fatal("BR-CL-07", "BT-18 BT-128",
        "cac:AdditionalDocumentReference[cbc:DocumentTypeCode=130]/cbc:ID | \
         cac:DocumentReference[cbc:DocumentTypeCode=130]/cbc:ID",
        Code("@schemeID", &REFERENCES)),
    fatal("BR-CL-11", "BT-30 BT-47", "cac:PartyLegalEntity/cbc:CompanyID",
        Code("@schemeID", &SCHEMES)),
    fatal("BR-CL-13", "BT-158", "cac:CommodityClassification/cbc:ItemClassificationCode",
        Code("@listID", &CLASSIFICATIONS)),
    fatal("BR-CL-14", "BT-40 BT-55 BT-69 BT-80", "cac:Country/cbc:IdentificationCode",
        Code(".", &COUNTRIES)),
    fatal("BR-CL-15", "BT-159", "cac:OriginCountry/cbc:IdentificationCode", Code(".", &COUNTRIES)),
    fatal("BR-CL-16", "BT-81", "cac:PaymentMeans/cbc:PaymentMeansCode", Code(".", &PAYMENT_MEANS)),
    fatal("BR-CL-17", "BT-95 BT-102 BT-118", "cac:TaxCategory/cbc:ID", Code(".", &TAX_CATEGORIES)),
    fatal("BR-CL-18", "BT-151", "cac:ClassifiedTaxCategory/cbc:ID", Code(".", &TAX_CATEGORIES)),
    fatal("BR-CL-19", "BT-98 BT-140",
        "cac:AllowanceCharge[cbc:ChargeIndicator?false]/cbc:AllowanceChargeReasonCode",
        Code(".", &ALLOWANCE_REASONS)),
    fatal("BR-CL-20", "BT-105 BT-145",
        "cac:AllowanceCharge[cbc:ChargeIndicator?true]/cbc:AllowanceChargeReasonCode",
        Code(".", &CHARGE_REASONS)),
    fatal("BR-CL-21", "BT-157", "cac:StandardItemIdentification/cbc:ID",
        Code("@schemeID", &SCHEMES)),
    fatal("BR-CL-22", "BT-121", "cbc:TaxExemptionReasonCode", Code(".", &EXEMPTIONS)),
    fatal("BR-CL-23", "BT-130 BT-150",
        "cbc:InvoicedQuantity | cbc:BaseQuantity | cbc:CreditedQuantity", Code("@unitCode", &UNITS)),
    fatal("BR-CL-24", "BT-125", "cbc:EmbeddedDocumentBinaryObject",
        Code("@mimeCode", &ATTACHMENT_TYPES)),
    fatal("BR-CL-25", "BT-34 BT-49", "cbc:EndpointID", Code("@schemeID", &ELECTRONIC_ADDRESSES)),
    fatal("BR-CL-26", "BT-71", "cac:DeliveryLocation/cbc:ID", Code("@schemeID", &SCHEMES)),
];

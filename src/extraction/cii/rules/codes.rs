//! Codes and schemes (BR-CL).

use crate::extraction::rules::Test::Code;
use crate::extraction::rules::lists::{
    ALLOWANCE_REASONS, ATTACHMENT_TYPES, CHARGE_REASONS, CLASSIFICATIONS, COUNTRIES_CII,
    CURRENCIES, DOCUMENT_TYPES, ELECTRONIC_ADDRESSES, EXEMPTIONS, NOTE_SUBJECTS, PAYMENT_MEANS,
    REFERENCES, SCHEMES, TAX_CATEGORIES, TAX_POINTS_CII, UNITS,
};
use crate::extraction::rules::{Rule, fatal};

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-CL-01", "BT-3", "rsm:ExchangedDocument/ram:TypeCode", Code(".", &DOCUMENT_TYPES)),
    fatal("BR-CL-03", "BT-110 BT-111", "ram:TaxTotalAmount", Code("@currencyID", &CURRENCIES)),
    fatal("BR-CL-04", "BT-5", "ram:InvoiceCurrencyCode", Code(".", &CURRENCIES)),
    fatal("BR-CL-05", "BT-6", "ram:TaxCurrencyCode", Code(".", &CURRENCIES)),
    fatal("BR-CL-06", "BT-8", "ram:DueDateTypeCode", Code(".", &TAX_POINTS_CII)),
    fatal("BR-CL-07", "BT-18 BT-128", "ram:ReferenceTypeCode", Code(".", &REFERENCES)),
    fatal("BR-CL-08", "BT-21", "ram:SubjectCode", Code(".", &NOTE_SUBJECTS)),
    fatal("BR-CL-13", "BT-158", "ram:ClassCode", Code("@listID", &CLASSIFICATIONS)),
    fatal("BR-CL-14", "BT-40 BT-55 BT-69 BT-80", "ram:CountryID", Code(".", &COUNTRIES_CII)),
    fatal("BR-CL-15", "BT-159", "ram:OriginTradeCountry/ram:ID", Code(".", &COUNTRIES_CII)),
    fatal("BR-CL-16", "BT-81", "ram:SpecifiedTradeSettlementPaymentMeans/ram:TypeCode",
        Code(".", &PAYMENT_MEANS)),
    fatal("BR-CL-17", "BT-95 BT-102", "ram:CategoryTradeTax/ram:CategoryCode",
        Code(".", &TAX_CATEGORIES)),
    fatal("BR-CL-18", "BT-118 BT-151", "ram:ApplicableTradeTax/ram:CategoryCode",
        Code(".", &TAX_CATEGORIES)),
    fatal("BR-CL-19", "BT-98 BT-140", "ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator?false]/ram:ReasonCode",
        Code(".", &ALLOWANCE_REASONS)),
    fatal("BR-CL-20", "BT-105 BT-145", "ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator?true]/ram:ReasonCode",
        Code(".", &CHARGE_REASONS)),
    fatal("BR-CL-21", "BT-157", "ram:SpecifiedTradeProduct/ram:GlobalID",
        Code("@schemeID", &SCHEMES)),
    fatal("BR-CL-22", "BT-121", "ram:ExemptionReasonCode", Code(".", &EXEMPTIONS)),
    fatal("BR-CL-23", "BT-130 BT-150", "ram:BasisQuantity | ram:BilledQuantity",
        Code("@unitCode", &UNITS)),
    fatal("BR-CL-24", "BT-125", "ram:AttachmentBinaryObject", Code("@mimeCode", &ATTACHMENT_TYPES)),
    fatal("BR-CL-25", "BT-34 BT-49", "ram:URIUniversalCommunication/ram:URIID",
        Code("@schemeID", &ELECTRONIC_ADDRESSES)),
    fatal("BR-CL-26", "BT-71", "ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty/ram:GlobalID",
        Code("@schemeID", &SCHEMES)),
];

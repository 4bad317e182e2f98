//! What must be there: document, parties, totals, VAT.

use crate::extraction::rules::Test::{Absent, Cents, Exists, Filled, OneExists, OneFilled};
use crate::extraction::rules::{Rule, fatal, warning};

/// Allowances of the document, and its charges.
const ALLOWANCE: &str = "/cac:AllowanceCharge[cbc:ChargeIndicator?false]";
const CHARGE: &str = "/cac:AllowanceCharge[cbc:ChargeIndicator?true]";
const OF_VAT: &str = "cac:TaxCategory[cac:TaxScheme/cbc:ID^=VAT]/cbc:ID";
const REASONS: &[&str] = &["cbc:AllowanceChargeReason", "cbc:AllowanceChargeReasonCode"];
const SUBTOTAL: &str = "cac:TaxTotal/cac:TaxSubtotal";
const TOTALS: &str = "cac:LegalMonetaryTotal";
const SELLER_NAME: &str =
    "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName";
const BUYER_NAME: &str =
    "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName";
const COUNTRY: &str = "cac:Country/cbc:IdentificationCode";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-01", "BT-24", "/", Filled("cbc:CustomizationID")),
    fatal("BR-02", "BT-1", "/", Filled("cbc:ID")),
    fatal("BR-03", "BT-2", "/", Filled("cbc:IssueDate")),
    fatal("BR-04", "BT-3", "/", OneFilled(&["cbc:InvoiceTypeCode", "cbc:CreditNoteTypeCode"])),
    fatal("BR-05", "BT-5", "/", Filled("cbc:DocumentCurrencyCode")),
    fatal("BR-06", "BT-27", "/", Filled(SELLER_NAME)),
    fatal("BR-07", "BT-44", "/", Filled(BUYER_NAME)),
    fatal("BR-08", "BG-5", "/", Exists("cac:AccountingSupplierParty/cac:Party/cac:PostalAddress")),
    fatal("BR-09", "BT-40", "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress",
        Filled(COUNTRY)),
    fatal("BR-10", "BG-8", "/", Exists("cac:AccountingCustomerParty/cac:Party/cac:PostalAddress")),
    fatal("BR-11", "BT-55", "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress",
        Filled(COUNTRY)),
    fatal("BR-12", "BT-106", TOTALS, Exists("cbc:LineExtensionAmount")),
    fatal("BR-13", "BT-109", TOTALS, Exists("cbc:TaxExclusiveAmount")),
    fatal("BR-14", "BT-112", TOTALS, Exists("cbc:TaxInclusiveAmount")),
    fatal("BR-15", "BT-115", TOTALS, Exists("cbc:PayableAmount")),
    // BR-12 to 15 look into the group, and nobody asks for the group itself.
    fatal("MISSING_VALUE", "BG-22", "/", Exists(TOTALS)),
    fatal("BR-16", "BG-25", "/", OneExists(&["cac:InvoiceLine", "cac:CreditNoteLine"])),
    fatal("BR-18", "BT-62", "cac:TaxRepresentativeParty", Filled("cac:PartyName/cbc:Name")),
    fatal("BR-19", "BG-12", "cac:TaxRepresentativeParty", Exists("cac:PostalAddress")),
    fatal("BR-20", "BT-69", "cac:TaxRepresentativeParty/cac:PostalAddress", Filled(COUNTRY)),
    fatal("BR-31", "BT-92", ALLOWANCE, Exists("cbc:Amount")),
    fatal("BR-32", "BT-95", ALLOWANCE, Exists(OF_VAT)),
    fatal("BR-33", "BT-97 BT-98", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-CO-21", "BT-97 BT-98", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-36", "BT-99", CHARGE, Exists("cbc:Amount")),
    fatal("BR-37", "BT-102", CHARGE, Exists(OF_VAT)),
    fatal("BR-38", "BT-104 BT-105", CHARGE, OneExists(REASONS)),
    fatal("BR-CO-22", "BT-104 BT-105", CHARGE, OneExists(REASONS)),
    fatal("BR-45", "BT-116", SUBTOTAL, Exists("cbc:TaxableAmount")),
    fatal("BR-46", "BT-117", SUBTOTAL, Exists("cbc:TaxAmount")),
    fatal("BR-47", "BT-118", SUBTOTAL, Exists(OF_VAT)),
    fatal("BR-48", "BT-119", SUBTOTAL, OneExists(&[
        "cac:TaxCategory[cac:TaxScheme/cbc:ID^=VAT]/cbc:Percent",
        "cac:TaxCategory[cac:TaxScheme/cbc:ID^=VAT][cbc:ID=O]",
    ])),
    fatal("BR-49", "BT-81", "cac:PaymentMeans", Exists("cbc:PaymentMeansCode")),
    fatal("BR-50", "BT-84", "cac:PaymentMeans[cbc:PaymentMeansCode=30,58]/cac:PayeeFinancialAccount",
        Filled("cbc:ID")),
    fatal("BR-52", "BT-122", "cac:AdditionalDocumentReference", Filled("cbc:ID")),
    fatal("BR-55", "BT-25", "cac:BillingReference", Exists("cac:InvoiceDocumentReference/cbc:ID")),
    fatal("BR-56", "BT-63", "cac:TaxRepresentativeParty",
        Exists("cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]/cbc:CompanyID")),
    fatal("BR-57", "BT-80", "cac:Delivery/cac:DeliveryLocation/cac:Address", Exists(COUNTRY)),
    fatal("BR-61", "BT-84", "cac:PaymentMeans[cbc:PaymentMeansCode=30,58]",
        Exists("cac:PayeeFinancialAccount/cbc:ID")),
    fatal("BR-62", "BT-34", "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID",
        Exists("@schemeID")),
    fatal("BR-63", "BT-49", "cac:AccountingCustomerParty/cac:Party/cbc:EndpointID",
        Exists("@schemeID")),
    fatal("BR-CO-18", "BG-23", "/", Exists("cac:TaxTotal/cac:TaxSubtotal")),
    fatal("BR-CO-26", "BT-29 BT-30 BT-31", "cac:AccountingSupplierParty", OneExists(&[
        "cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]/cbc:CompanyID",
        "cac:Party/cac:PartyIdentification/cbc:ID[!@schemeID]",
        "cac:Party/cac:PartyIdentification/cbc:ID[@schemeID!=SEPA]",
        "cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
    ])),
    fatal("BR-DEC-01", "BT-92", ALLOWANCE, Cents("cbc:Amount")),
    fatal("BR-DEC-02", "BT-93", ALLOWANCE, Cents("cbc:BaseAmount")),
    fatal("BR-DEC-05", "BT-99", CHARGE, Cents("cbc:Amount")),
    fatal("BR-DEC-06", "BT-100", CHARGE, Cents("cbc:BaseAmount")),
    fatal("BR-DEC-09", "BT-106", TOTALS, Cents("cbc:LineExtensionAmount")),
    fatal("BR-DEC-10", "BT-107", TOTALS, Cents("cbc:AllowanceTotalAmount")),
    fatal("BR-DEC-11", "BT-108", TOTALS, Cents("cbc:ChargeTotalAmount")),
    fatal("BR-DEC-12", "BT-109", TOTALS, Cents("cbc:TaxExclusiveAmount")),
    fatal("BR-DEC-14", "BT-112", TOTALS, Cents("cbc:TaxInclusiveAmount")),
    fatal("BR-DEC-16", "BT-113", TOTALS, Cents("cbc:PrepaidAmount")),
    fatal("BR-DEC-17", "BT-114", TOTALS, Cents("cbc:PayableRoundingAmount")),
    fatal("BR-DEC-18", "BT-115", TOTALS, Cents("cbc:PayableAmount")),
    fatal("BR-DEC-19", "BT-116", SUBTOTAL, Cents("cbc:TaxableAmount")),
    fatal("BR-DEC-20", "BT-117", SUBTOTAL, Cents("cbc:TaxAmount")),
    fatal("UBL-SR-07", "BT-25", "cac:BillingReference",
        Exists("cac:InvoiceDocumentReference/cbc:ID")),
    fatal("UBL-SR-53", "BT-31 BT-32", "cac:PartyTaxScheme", Exists("cac:TaxScheme/cbc:ID")),
    fatal("UBL-SR-53", "BT-31 BT-32", "cac:PartyTaxScheme", Exists("cbc:CompanyID")),
    fatal("UBL-CR-666", "BT-18", "cac:AdditionalDocumentReference[cbc:DocumentTypeCode=130]",
        Absent("cac:Attachment")),
    fatal("UBL-CR-673", "BT-18", "cac:AdditionalDocumentReference[cbc:DocumentTypeCode=130]",
        Absent("cbc:DocumentDescription")),
    warning("UBL-CR-665", "BT-122",
        "cac:AdditionalDocumentReference[!cbc:DocumentTypeCode] | \
         cac:AdditionalDocumentReference[cbc:DocumentTypeCode!=130]",
        Absent("cbc:ID/@schemeID")),
];

//! What must be there: document, parties, totals, VAT.

use crate::extraction::rules::Test::{Cents, Exists, Filled, OneExists, OneFilled};
use crate::extraction::rules::{Rule, fatal};

const ALLOWANCE: &str = "ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator=false]";
const CHARGE: &str = "ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeAllowanceCharge[ram:ChargeIndicator/udt:Indicator=true]";
const OF_VAT: &str = "ram:CategoryTradeTax[ram:TypeCode^=VAT]/ram:CategoryCode";
const REASONS: &[&str] = &["ram:Reason", "ram:ReasonCode"];
/// The artefact looks at the categories L, M and O in rules of their own and no longer here.
pub(super) const SUBTOTAL: &str = "ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax[!ram:CategoryCode] | ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax[ram:CategoryCode!=L,M,O] | ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax[ram:CategoryCode=L,M,O][!ram:TypeCode] | ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax[ram:CategoryCode=L,M,O][ram:TypeCode^!=VAT]";
const TOTALS: &str = "ram:SpecifiedTradeSettlementHeaderMonetarySummation";
const MEANS: &str = "ram:SpecifiedTradeSettlementPaymentMeans[ram:TypeCode=30,58]/ram:PayeePartyCreditorFinancialAccount";
const ACCOUNT: &[&str] = &["ram:IBANID", "ram:ProprietaryID"];

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("BR-01", "BT-24", "/",
        Filled("rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID")),
    fatal("BR-02", "BT-1", "/", Filled("rsm:ExchangedDocument/ram:ID")),
    fatal("BR-03", "BT-2", "/",
        Filled("rsm:ExchangedDocument/ram:IssueDateTime/udt:DateTimeString[@format=102]")),
    fatal("BR-04", "BT-3", "/", Filled("rsm:ExchangedDocument/ram:TypeCode")),
    fatal("BR-05", "BT-5", "/",
        Filled("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode")),
    fatal("BR-06", "BT-27", "/",
        Filled("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:Name")),
    fatal("BR-07", "BT-44", "/",
        Filled("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:Name")),
    fatal("BR-08", "BG-5", "/",
        Exists("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:PostalTradeAddress")),
    fatal("BR-09", "BT-40", "/",
        Filled("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:PostalTradeAddress/ram:CountryID")),
    fatal("BR-10", "BG-8", "/",
        Exists("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:PostalTradeAddress")),
    fatal("BR-11", "BT-55", "/",
        Filled("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:PostalTradeAddress/ram:CountryID")),
    fatal("BR-12", "BT-106", TOTALS, Exists("ram:LineTotalAmount")),
    fatal("BR-13", "BT-109", TOTALS, Exists("ram:TaxBasisTotalAmount")),
    fatal("BR-14", "BT-112", TOTALS, Exists("ram:GrandTotalAmount")),
    fatal("BR-15", "BT-115", TOTALS, Exists("ram:DuePayableAmount")),
    // BR-12 to 15 look into the group, and nobody asks for the group itself.
    fatal("MISSING_VALUE", "BG-22", "/",
        Exists("rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:SpecifiedTradeSettlementHeaderMonetarySummation")),
    fatal("BR-16", "BG-25", "/",
        Exists("rsm:SupplyChainTradeTransaction/ram:IncludedSupplyChainTradeLineItem")),
    fatal("BR-18", "BT-62", "ram:SellerTaxRepresentativeTradeParty", Filled("ram:Name")),
    fatal("BR-19", "BG-12", "ram:SellerTaxRepresentativeTradeParty",
        Exists("ram:PostalTradeAddress")),
    fatal("BR-20", "BT-69", "ram:SellerTaxRepresentativeTradeParty",
        Filled("ram:PostalTradeAddress/ram:CountryID")),
    fatal("BR-31", "BT-92", ALLOWANCE, Exists("ram:ActualAmount")),
    fatal("BR-32", "BT-95", ALLOWANCE, Exists(OF_VAT)),
    fatal("BR-33", "BT-97 BT-98", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-CO-21", "BT-97 BT-98", ALLOWANCE, OneExists(REASONS)),
    fatal("BR-36", "BT-99", CHARGE, Exists("ram:ActualAmount")),
    fatal("BR-37", "BT-102", CHARGE, Exists(OF_VAT)),
    fatal("BR-38", "BT-104 BT-105", CHARGE, OneExists(REASONS)),
    fatal("BR-CO-22", "BT-104 BT-105", CHARGE, OneExists(REASONS)),
    fatal("BR-45", "BT-116", SUBTOTAL, Exists("ram:BasisAmount")),
    fatal("BR-46", "BT-117", SUBTOTAL, Exists("ram:CalculatedAmount")),
    fatal("BR-47", "BT-118", SUBTOTAL, Exists(".[ram:TypeCode^=VAT]/ram:CategoryCode")),
    fatal("BR-48", "BT-119", SUBTOTAL,
        OneExists(&[".[ram:TypeCode^=VAT]/ram:RateApplicablePercent", ".[ram:TypeCode^=VAT][ram:CategoryCode=O]"])),
    fatal("BR-49", "BT-81", "ram:SpecifiedTradeSettlementPaymentMeans", Exists("ram:TypeCode")),
    fatal("BR-50", "BT-84", MEANS, OneFilled(ACCOUNT)),
    fatal("BR-52", "BT-122", "ram:AdditionalReferencedDocument", Filled("ram:IssuerAssignedID")),
    fatal("BR-55", "BT-25", "ram:ApplicableHeaderTradeSettlement/ram:InvoiceReferencedDocument",
        Filled("ram:IssuerAssignedID")),
    fatal("BR-56", "BT-63", "ram:SellerTaxRepresentativeTradeParty",
        Filled("ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]")),
    fatal("BR-57", "BT-80", "ram:ApplicableHeaderTradeDelivery[ram:ShipToTradeParty/ram:PostalTradeAddress]",
        Filled("ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID")),
    fatal("BR-61", "BT-84", MEANS, OneExists(ACCOUNT)),
    fatal("BR-62", "BT-34", "ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty[ram:URIUniversalCommunication]",
        Filled("ram:URIUniversalCommunication/ram:URIID/@schemeID")),
    fatal("BR-63", "BT-49", "ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty[ram:URIUniversalCommunication]",
        Filled("ram:URIUniversalCommunication/ram:URIID/@schemeID")),
    fatal("BR-CO-18", "BG-23", "/rsm:SupplyChainTradeTransaction[ram:IncludedSupplyChainTradeLineItem]",
        Exists("ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax")),
    fatal("BR-CO-26", "BT-29 BT-30 BT-31", "ram:SellerTradeParty",
        OneExists(&["ram:ID", "ram:GlobalID", "ram:SpecifiedLegalOrganization/ram:ID", "ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]"])),
    fatal("BR-DEC-01", "BT-92", ALLOWANCE, Cents("ram:ActualAmount")),
    fatal("BR-DEC-02", "BT-93", ALLOWANCE, Cents("ram:BasisAmount")),
    fatal("BR-DEC-05", "BT-99", CHARGE, Cents("ram:ActualAmount")),
    fatal("BR-DEC-06", "BT-100", CHARGE, Cents("ram:BasisAmount")),
    fatal("BR-DEC-09", "BT-106", TOTALS, Cents("ram:LineTotalAmount")),
    fatal("BR-DEC-10", "BT-107", TOTALS, Cents("ram:AllowanceTotalAmount")),
    fatal("BR-DEC-11", "BT-108", TOTALS, Cents("ram:ChargeTotalAmount")),
    fatal("BR-DEC-12", "BT-109", TOTALS, Cents("ram:TaxBasisTotalAmount")),
    fatal("BR-DEC-14", "BT-112", TOTALS, Cents("ram:GrandTotalAmount")),
    fatal("BR-DEC-16", "BT-113", TOTALS, Cents("ram:TotalPrepaidAmount")),
    fatal("BR-DEC-17", "BT-114", TOTALS, Cents("ram:RoundingAmount")),
    fatal("BR-DEC-18", "BT-115", TOTALS, Cents("ram:DuePayableAmount")),
    fatal("BR-DEC-19", "BT-116", SUBTOTAL, Cents("ram:BasisAmount")),
    fatal("BR-DEC-20", "BT-117", SUBTOTAL, Cents("ram:CalculatedAmount")),
];

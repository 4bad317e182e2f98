//! Attributes and parts that the types of CII have and EN 16931 does not use (CII-DT).

use crate::extraction::rules::Test::{Absent, Holds};
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;

/// Identifiers that come without a scheme.
const NAMES: &str = "/rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID | /rsm:ExchangedDocument/ram:ID | ram:IncludedSupplyChainTradeLineItem/ram:AssociatedDocumentLineDocument/ram:LineID | ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedTradeProduct/ram:SellerAssignedID";

#[rustfmt::skip]
pub(super) static RULES: &[Rule] = &[
    fatal("CII-DT-001", "", NAMES, Absent("@schemeName")),
    fatal("CII-DT-002", "", NAMES, Absent("@schemeAgencyName")),
    fatal("CII-DT-003", "", NAMES, Absent("@schemeDataURI")),
    fatal("CII-DT-004", "", NAMES, Absent("@schemeURI")),
    fatal("CII-DT-005", "", NAMES, Absent("@schemeID")),
    fatal("CII-DT-006", "", NAMES, Absent("@schemeAgencyID")),
    fatal("CII-DT-007", "", NAMES, Absent("@schemeVersionID")),
    fatal("CII-DT-101", "", "*ID", Holds(|id| lacks(id, "schemeName"), "the scheme is described", "leave @schemeName out")),
    fatal("CII-DT-102", "", "*ID", Holds(|id| lacks(id, "schemeAgencyName"), "the scheme is described", "leave @schemeAgencyName out")),
    fatal("CII-DT-103", "", "*ID", Holds(|id| lacks(id, "schemeDataURI"), "the scheme is described", "leave @schemeDataURI out")),
    fatal("CII-DT-104", "", "*ID", Holds(|id| lacks(id, "schemeURI"), "the scheme is described", "leave @schemeURI out")),
    fatal("CII-DT-008", "", "ram:TypeCode", Absent("@name")),
    fatal("CII-DT-009", "", "ram:TypeCode", Absent("@listURI")),
    fatal("CII-DT-013", "", "/", Absent("@languageID")),
    fatal("CII-DT-014", "", "/", Absent("@languageLocaleID")),
    fatal("CII-DT-016", "", "*ReferencedDocument", Absent("ram:StatusCode")),
    fatal("CII-DT-017", "", "*ReferencedDocument", Absent("ram:CopyIndicator")),
    fatal("CII-DT-019", "", "*ReferencedDocument", Absent("ram:GlobalID")),
    fatal("CII-DT-020", "", "*ReferencedDocument", Absent("ram:RevisionID")),
    fatal("CII-DT-023", "", "*ReferencedDocument", Absent("ram:Information")),
    fatal("CII-DT-025", "", "*ReferencedDocument", Absent("ram:SectionName")),
    fatal("CII-DT-026", "", "*ReferencedDocument", Absent("ram:PreviousRevisionID")),
    fatal("CII-DT-028", "", "*ReferencedDocument", Absent("ram:EffectiveSpecifiedPeriod")),
    fatal("CII-DT-029", "", "*ReferencedDocument", Absent("ram:IssuerTradeParty")),
    fatal("CII-DT-030", "", "*ReferencedDocument", Absent("ram:AttachedSpecifiedBinaryFile")),
    fatal("CII-DT-032", "", "*Amount", Absent("@currencyCodeListVersionID")),
    fatal("CII-DT-034", "", "*Quantity", Absent("@unitCodeListID")),
    fatal("CII-DT-035", "", "*Quantity", Absent("@unitCodeListAgencyID")),
    fatal("CII-DT-036", "", "*Quantity", Absent("@unitCodeListAgencyName")),
    warning("CII-SR-04", "", "*DocumentContextParameter", Absent("ram:Value")),
    warning("CII-SR-05", "", "*DocumentContextParameter", Absent("ram:SpecifiedDocumentVersion")),
    warning("CII-DT-045", "BT-151", "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        Absent("@listID")),
    warning("CII-DT-046", "BT-151", "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        Absent("@listAgencyID")),
    warning("CII-DT-047", "BT-151", "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        Absent("@listVersionID")),
    warning("CII-DT-048", "BT-151", "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/ram:CategoryCode",
        Absent("@listURI")),
    warning("CII-DT-038", "", "*TradeTax", Absent("ram:CalculatedRate")),
    warning("CII-DT-039", "", "*TradeTax", Absent("ram:CalculationSequenceNumeric")),
    warning("CII-DT-040", "", "*TradeTax", Absent("ram:BasisQuantity")),
    warning("CII-DT-042", "", "*TradeTax", Absent("ram:UnitBasisAmount")),
    warning("CII-DT-043", "", "*TradeTax", Absent("ram:LineTotalBasisAmount")),
    warning("CII-DT-044", "", "*TradeTax", Absent("ram:AllowanceChargeBasisAmount")),
    warning("CII-DT-049", "", "*TradeTax", Absent("ram:CurrencyCode")),
    warning("CII-DT-050", "", "*TradeTax", Absent("ram:Jurisdiction")),
    warning("CII-DT-051", "", "*TradeTax", Absent("ram:CustomsDutyIndicator")),
    warning("CII-DT-053", "", "*TradeTax", Absent("ram:TaxBasisAllowanceRate")),
    warning("CII-DT-055", "", "*TradeTax", Absent("ram:Type")),
    warning("CII-DT-056", "", "*TradeTax", Absent("ram:InformationAmount")),
    warning("CII-DT-057", "", "*TradeTax", Absent("ram:CategoryName")),
    warning("CII-DT-060", "", "*TradeTax", Absent("ram:SpecifiedTradeAccountingAccount")),
    warning("CII-DT-061", "", "*TradeTax", Absent("ram:ServiceSupplyTradeCountry")),
    warning("CII-DT-062", "", "*TradeTax",
        Absent("ram:BuyerRepayableTaxSpecifiedTradeAccountingAccount")),
    warning("CII-DT-063", "", "*TradeTax",
        Absent("ram:SellerPayableTaxSpecifiedTradeAccountingAccount")),
    warning("CII-DT-064", "", "*TradeTax",
        Absent("ram:SellerRefundableTaxSpecifiedTradeAccountingAccount")),
    warning("CII-DT-065", "", "*TradeTax",
        Absent("ram:BuyerDeductibleTaxSpecifiedTradeAccountingAccount")),
    warning("CII-DT-066", "", "*TradeTax",
        Absent("ram:BuyerNonDeductibleTaxSpecifiedTradeAccountingAccount")),
    warning("CII-DT-067", "", "*TradeTax", Absent("ram:PlaceApplicableTradeLocation")),
    warning("CII-DT-059", "", "*TradeTax", Absent("ram:RateApplicablePercent/@format")),
    warning("CII-SR-186", "", "ram:IncludedSupplyChainTradeLineItem/ram:SpecifiedLineTradeSettlement",
        Absent("ram:SpecifiedTradeAllowanceCharge/ram:CalculationPercent/@format")),
];

/// The identifiers of [`NAMES`] have rules of their own.
fn lacks(id: Element<'_, '_>, attribute: &str) -> bool {
    let parent = id.parent().map_or("", Element::local);
    let has_its_own = matches!(
        (parent, id.local()),
        ("GuidelineSpecifiedDocumentContextParameter" | "ExchangedDocument", "ID")
            | ("AssociatedDocumentLineDocument", "LineID")
            | ("SpecifiedTradeProduct", "SellerAssignedID")
    );
    has_its_own || !id.has_attribute(attribute)
}

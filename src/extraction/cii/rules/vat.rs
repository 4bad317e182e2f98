//! Where CII has what the rules of the VAT categories ask for.

use crate::extraction::rules::equation::amount;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::vat::{Facts, Ids, Part, Row, Side, Taxed};
use crate::extraction::tree::Element;
use crate::extraction::xsd;

const TRANSACTION: &str = "rsm:SupplyChainTradeTransaction";

/// Collects the facts.
pub(crate) fn facts<'a, 'i: 'a>(root: Element<'a, 'i>) -> Facts<'a, 'i> {
    let mut facts = Facts { ids: ids(root), ..Facts::of(root) };
    for transaction in root.all(TRANSACTION) {
        transaction
            .all("ram:IncludedSupplyChainTradeLineItem")
            .for_each(|item| line(item, &mut facts));
        for settlement in transaction.all("ram:ApplicableHeaderTradeSettlement") {
            header(settlement, &mut facts);
        }
    }
    let has = |path: &'static str| Path::known(path).exists(root);
    facts.has_delivery_date = has(
        "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery/ram:ActualDeliverySupplyChainEvent/ram:OccurrenceDateTime/udt:DateTimeString",
    ) || has(
        "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:StartDateTime",
    ) || has(
        "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:BillingSpecifiedPeriod/ram:EndDateTime",
    );
    facts.has_delivery_country = has(
        "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeDelivery/ram:ShipToTradeParty/ram:PostalTradeAddress/ram:CountryID",
    );
    let split = |tax: &Taxed<'_, '_>| tax.code == "B";
    let is_split = facts.lines.iter().any(split)
        || facts.sides.iter().any(|side| split(&side.tax))
        || facts.rows.iter().any(|row| split(&row.tax));
    // Looked for where it matters alone: it takes the whole document.
    facts.has_foreign_country =
        is_split && root.descendants().any(|at| at.local() == "CountryID" && at.trimmed() != "IT");
    facts
}

fn taxed<'a, 'i: 'a>(tax: Element<'a, 'i>) -> Taxed<'a, 'i> {
    let kind = tax.find("ram:TypeCode").map(Element::trimmed);
    let code = tax.find("ram:CategoryCode");
    Taxed {
        at: tax,
        code: code.map(|code| code.trimmed().into_owned()).unwrap_or_default(),
        is_vat: kind.is_some_and(|kind| kind.eq_ignore_ascii_case("VAT")),
        rate: amount(tax, "ram:RateApplicablePercent"),
        has_rate: tax.find("ram:RateApplicablePercent").is_some(),
    }
}

fn line<'a, 'i: 'a>(item: Element<'a, 'i>, facts: &mut Facts<'a, 'i>) {
    facts.has_lines = true;
    for settlement in item.all("ram:SpecifiedLineTradeSettlement") {
        let net = "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount";
        let net = amount(settlement, net);
        let taxes: Vec<_> = settlement.all("ram:ApplicableTradeTax").map(taxed).collect();
        facts.add(&taxes, Part::Line, net);
        facts.lines.extend(taxes);
        sides(settlement, false, facts);
    }
}

fn header<'a, 'i: 'a>(settlement: Element<'a, 'i>, facts: &mut Facts<'a, 'i>) {
    sides(settlement, true, facts);
    for tax in settlement.all("ram:ApplicableTradeTax") {
        let reasons = ["ram:ExemptionReason", "ram:ExemptionReasonCode"];
        facts.rows.push(Row {
            base: amount(tax, "ram:BasisAmount"),
            amount: amount(tax, "ram:CalculatedAmount"),
            has_reason: reasons.iter().any(|reason| tax.find(reason).is_some()),
            tax: taxed(tax),
        });
    }
}

fn sides<'a, 'i: 'a>(parent: Element<'a, 'i>, of_document: bool, facts: &mut Facts<'a, 'i>) {
    for group in parent.all("ram:SpecifiedTradeAllowanceCharge") {
        let indicator = group.find("ram:ChargeIndicator/udt:Indicator").map(Element::trimmed);
        let is_charge = indicator.and_then(|text| xsd::boolean(&text));
        let net = amount(group, "ram:ActualAmount");
        let part = if is_charge == Some(true) { Part::Charge } else { Part::Allowance };
        let taxes: Vec<_> = group.all("ram:CategoryTradeTax").map(taxed).collect();
        facts.add(&taxes, part, net.filter(|_| of_document && is_charge.is_some()));
        let is_charge = is_charge == Some(true);
        facts.sides.extend(taxes.into_iter().map(|tax| Side { tax, is_charge, of_document }));
    }
}

fn ids(root: Element<'_, '_>) -> Ids {
    let has = |path: &'static str| Path::known(path).exists(root);
    Ids {
        seller_any: has(
            "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA,FC]",
        ),
        seller: has(
            "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]",
        ),
        representative: has(
            "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:SellerTaxRepresentativeTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]",
        ),
        buyer: has(
            "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:SpecifiedTaxRegistration/ram:ID[@schemeID=VA]",
        ),
        buyer_legal: has(
            "rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeAgreement/ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID",
        ),
    }
}

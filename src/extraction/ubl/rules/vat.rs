//! Where UBL has what the rules of the VAT categories ask for.

use crate::extraction::rules::equation::amount;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::vat::{Facts, Ids, Part, Row, Side, Taxed};
use crate::extraction::tree::Element;
use crate::extraction::xsd;

/// Collects the facts.
pub(crate) fn facts<'a, 'i: 'a>(root: Element<'a, 'i>) -> Facts<'a, 'i> {
    let mut facts = Facts { ids: ids(root), ..Facts::of(root) };
    for child in root.elements() {
        match child.local() {
            "InvoiceLine" | "CreditNoteLine" => line(child, &mut facts),
            "AllowanceCharge" => side(child, true, &mut facts),
            "TaxTotal" => rows(child, &mut facts),
            _ => {}
        }
    }
    let date = Path::known("cac:Delivery/cbc:ActualDeliveryDate");
    let period = root.all("cac:InvoicePeriod").any(|period| period.elements().next().is_some());
    facts.has_delivery_date = date.any(root, |date| date.len() > 1) || period;
    let country =
        "cac:Delivery/cac:DeliveryLocation/cac:Address/cac:Country/cbc:IdentificationCode";
    facts.has_delivery_country = Path::known(country).any(root, |code| code.len() > 1);
    let split = |tax: &Taxed<'_, '_>| tax.code == "B";
    let is_split = facts.lines.iter().any(split)
        || facts.sides.iter().any(|side| split(&side.tax))
        || facts.rows.iter().any(|row| split(&row.tax));
    // Looked for where it matters alone: it takes the whole document.
    facts.has_foreign_country = is_split
        && root
            .descendants()
            .any(|at| at.local() == "IdentificationCode" && at.is_basic() && at.trimmed() != "IT");
    facts
}

fn taxed<'a, 'i: 'a>(category: Element<'a, 'i>) -> Taxed<'a, 'i> {
    let scheme = category.find("cac:TaxScheme/cbc:ID").map(Element::trimmed);
    Taxed {
        at: category,
        code: category.find("cbc:ID").map(|id| id.trimmed().into_owned()).unwrap_or_default(),
        is_vat: scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("VAT")),
        rate: amount(category, "cbc:Percent"),
        has_rate: category.find("cbc:Percent").is_some(),
    }
}

fn line<'a, 'i: 'a>(line: Element<'a, 'i>, facts: &mut Facts<'a, 'i>) {
    facts.has_lines = true;
    let net = amount(line, "cbc:LineExtensionAmount");
    let items = line.all("cac:Item");
    let taxes = items.flat_map(|item| item.all("cac:ClassifiedTaxCategory")).map(taxed);
    let taxes: Vec<_> = taxes.collect();
    facts.add(&taxes, Part::Line, net);
    facts.lines.extend(taxes);
    line.all("cac:AllowanceCharge").for_each(|group| side(group, false, facts));
    let prices = line.all("cac:Price");
    for group in prices.flat_map(|price| price.all("cac:AllowanceCharge")) {
        side(group, false, facts);
    }
}

fn side<'a, 'i: 'a>(group: Element<'a, 'i>, of_document: bool, facts: &mut Facts<'a, 'i>) {
    let indicator = group.find("cbc:ChargeIndicator").map(Element::trimmed);
    let is_charge = indicator.and_then(|text| xsd::boolean(&text));
    let net = amount(group, "cbc:Amount");
    let part = if is_charge == Some(true) { Part::Charge } else { Part::Allowance };
    let taxes: Vec<_> = group.all("cac:TaxCategory").map(taxed).collect();
    // What is neither, or on a line, is in no sum; that it stands there counts.
    facts.add(&taxes, part, net.filter(|_| of_document && is_charge.is_some()));
    let is_charge = is_charge == Some(true);
    facts.sides.extend(taxes.into_iter().map(|tax| Side { tax, is_charge, of_document }));
}

fn rows<'a, 'i: 'a>(total: Element<'a, 'i>, facts: &mut Facts<'a, 'i>) {
    for group in total.all("cac:TaxSubtotal") {
        for category in group.all("cac:TaxCategory") {
            let reasons = ["cbc:TaxExemptionReason", "cbc:TaxExemptionReasonCode"];
            facts.rows.push(Row {
                tax: taxed(category),
                base: amount(group, "cbc:TaxableAmount"),
                amount: amount(group, "cbc:TaxAmount"),
                has_reason: reasons.iter().any(|reason| category.find(reason).is_some()),
            });
        }
    }
}

fn ids(root: Element<'_, '_>) -> Ids {
    let has = |path: &'static str| Path::known(path).exists(root);
    Ids {
        seller_any: has("cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID"),
        seller: has(
            "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]/cbc:CompanyID",
        ),
        representative: has(
            "cac:TaxRepresentativeParty/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]/cbc:CompanyID",
        ),
        buyer: has(
            "cac:AccountingCustomerParty/cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID^=VAT]/cbc:CompanyID",
        ),
        buyer_legal: has(
            "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID",
        ),
    }
}

//! Rules of Peppol for sellers of one country (UBL, May 2025). They are looked at where the seller
//! is of the country and the document claims Peppol, or claims nothing; Greece's are left out.

mod danish;
mod dutch;
mod german;
mod others;
mod swedish;

use std::sync::LazyLock;

use crate::extraction::rules::forbidden::Forbidden;
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, RuleSet};
use crate::extraction::tree::Element;
use crate::models::finding::Finding;

/// Who says so.
const SOURCE: &str = "Peppol BIS Billing 3, May 2025";

/// The country of the seller; whether the buyer has to be there too; rules.
type Row = (&'static str, bool, &'static [Rule]);

static SETS: LazyLock<Vec<(&'static str, bool, RuleSet)>> = LazyLock::new(|| {
    let set = |(country, both, rules): Row| {
        (country, both, RuleSet::new(SOURCE, &[rules], Forbidden::default()))
    };
    let rows: [Row; 9] = [
        ("DK", false, danish::SELLER),
        ("DK", true, danish::BOTH),
        ("DE", true, german::BOTH),
        ("NL", false, dutch::SELLER),
        ("NL", true, dutch::BOTH),
        ("SE", false, swedish::SELLER),
        ("SE", true, swedish::BOTH),
        ("IT", false, others::ITALIAN),
        ("NO", false, others::NORWEGIAN),
    ];
    rows.into_iter().map(set).collect()
});

/// Holds a document against the rules of its seller's country.
pub(super) fn check(root: Element<'_, '_>) -> Vec<Finding> {
    let claim = root.find("cbc:CustomizationID").map(Element::trimmed);
    if claim.is_some_and(|claim| !claim.is_empty() && !claim.contains("peppol")) {
        return Vec::new();
    }
    let of_seller = country(root, "cac:AccountingSupplierParty");
    let of_buyer = country(root, "cac:AccountingCustomerParty");
    let of_tax = tax_country(root).or_else(|| of_seller.clone());
    let applies = |country: &str, both: bool| {
        // Where the seller pays VAT decides for Italy and Norway.
        let seller = if matches!(country, "IT" | "NO") { &of_tax } else { &of_seller };
        seller.as_deref() == Some(country) && (!both || of_buyer.as_deref() == Some(country))
    };
    let sets = SETS.iter().filter(|(country, both, _)| applies(country, *both));
    sets.flat_map(|(_, _, set)| set.check(root)).collect()
}

/// Ids of all these rules.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    SETS.iter().flat_map(|(_, _, set)| set.ids.iter().copied())
}

fn country(root: Element<'_, '_>, party: &str) -> Option<String> {
    let address = root.find(party)?.find("cac:Party/cac:PostalAddress")?;
    let code = address.find("cac:Country/cbc:IdentificationCode")?;
    Some(code.trimmed().to_ascii_uppercase())
}

/// The prefix of the seller's VAT id, else that of the tax representative.
fn tax_country(root: Element<'_, '_>) -> Option<String> {
    let of_seller = "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme\
                     [cac:TaxScheme/cbc:ID=VAT]/cbc:CompanyID";
    let of_representative =
        "cac:TaxRepresentativeParty/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=VAT]/cbc:CompanyID";
    let ids = [of_seller, of_representative].into_iter().map(Path::new);
    let id = ids.filter_map(|path| path.first(root)).next()?;
    Some(id.chars().take(2).collect::<String>().to_ascii_uppercase())
}

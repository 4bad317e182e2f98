//! Italy and Norway.

use crate::extraction::rules::Test::{Exists, Holds};
use crate::extraction::rules::path::Path;
use crate::extraction::rules::{Rule, fatal, warning};
use crate::extraction::tree::Element;

const PARTY: &str = "cac:AccountingSupplierParty/cac:Party";

#[rustfmt::skip]
pub(super) static ITALIAN: &[Rule] = &[
    fatal("IT-R-001", "BT-32",
        "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme[cac:TaxScheme/cbc:ID!=VAT]",
        Holds(|scheme| scheme.text_at("cbc:CompanyID").is_some_and(|id| {
            let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
            (11..=16).contains(&id.len()) && id.bytes().all(fits)
        }), "an Italian tax number has 11 to 16 capitals and digits", "correct the number")),
    fatal("IT-R-002", "BT-35", PARTY, Exists("cac:PostalAddress/cbc:StreetName")),
    fatal("IT-R-003", "BT-37", PARTY, Exists("cac:PostalAddress/cbc:CityName")),
    fatal("IT-R-004", "BT-38", PARTY, Exists("cac:PostalAddress/cbc:PostalZone")),
];

#[rustfmt::skip]
pub(super) static NORWEGIAN: &[Rule] = &[
    fatal("NO-R-001", "BT-31", PARTY, Holds(is_registered,
        "a Norwegian VAT id is NO, nine digits with a check digit, and MVA", "correct the id")),
    warning("NO-R-002", "BT-32", PARTY, Holds(
        |party| Path::known("cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=TAX]/cbc:CompanyID")
            .any(party, |text| text == "Foretaksregisteret"),
        "a Norwegian company says that it is in Foretaksregisteret", "state it as tax number")),
];

fn is_registered(party: Element<'_, '_>) -> bool {
    let path = Path::known("cac:PartyTaxScheme[cac:TaxScheme/cbc:ID=VAT]/cbc:CompanyID");
    let id = path.first(party).unwrap_or_default();
    let Some(rest) = id.strip_prefix("NO") else {
        return true;
    };
    let digits = rest.strip_suffix("MVA").unwrap_or_default();
    let fits = digits.len() == 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits && {
        let weights = [3, 2, 7, 6, 5, 4, 3, 2, 1];
        let digits = digits.bytes().map(|byte| u32::from(byte - b'0'));
        digits.zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>().is_multiple_of(11)
    }
}

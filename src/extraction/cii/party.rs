//! CII trade parties: BG-4, BG-7, BG-10 and BG-11.

use crate::extraction::cii::either;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::party::{TAX_REPRESENTATIVE_ADDRESS, Terms};
use crate::models::invoice::{Address, Contact, Identifier, Party, Payee, TaxRepresentative};

/// Reads a seller or buyer; an absent one gives an empty party.
pub(crate) fn read(at: Option<Element<'_, '_>>, terms: &Terms, notes: &mut Notes) -> Party {
    let Some(party) = at else {
        return Party::default();
    };
    let legal =
        |leaf: &str| party.find("ram:SpecifiedLegalOrganization").and_then(|at| at.find(leaf));
    let contact = party.find("ram:DefinedTradeContact");
    let electronic = party.find("ram:URIUniversalCommunication/ram:URIID");
    Party {
        name: notes.word(party.find("ram:Name"), terms.name),
        trading_name: notes.word(legal("ram:TradingBusinessName"), terms.trading_name),
        vat_id: notes.word(tax_id(party, true), terms.vat_id),
        tax_number: notes.word(tax_id(party, false), terms.tax_number),
        legal_id: notes.identifier(legal("ram:ID"), terms.legal_id),
        legal_information: notes.prose(party.find("ram:Description"), terms.legal_information),
        ids: ids(party, terms.ids, notes),
        electronic_address: notes.identifier(electronic, terms.electronic_address),
        address: address(party.find("ram:PostalTradeAddress"), &terms.address, notes),
        contact: contact.map(|at| read_contact(at, &terms.contact, notes)),
    }
}

/// BG-10.
pub(crate) fn payee(at: Element<'_, '_>, notes: &mut Notes) -> Payee {
    let legal = at.find("ram:SpecifiedLegalOrganization/ram:ID");
    Payee {
        name: notes.word(at.find("ram:Name"), "BT-59"),
        id: notes.identifier(single_id(at), "BT-60"),
        legal_id: notes.identifier(legal, "BT-61"),
    }
}

/// BG-11.
pub(crate) fn tax_representative(at: Element<'_, '_>, notes: &mut Notes) -> TaxRepresentative {
    let place = at.find("ram:PostalTradeAddress");
    TaxRepresentative {
        name: notes.word(at.find("ram:Name"), "BT-62"),
        vat_id: notes.word(tax_id(at, true), "BT-63"),
        address: address(place, &TAX_REPRESENTATIVE_ADDRESS, notes),
    }
}

/// A `PostalTradeAddress`; an absent one gives an empty address.
pub(crate) fn address(
    at: Option<Element<'_, '_>>,
    terms: &[&str; 7],
    notes: &mut Notes,
) -> Address {
    let mut word = |path: &str, term: &str| notes.word(at.and_then(|at| at.find(path)), term);
    Address {
        line_1: word("ram:LineOne", terms[0]),
        line_2: word("ram:LineTwo", terms[1]),
        line_3: word("ram:LineThree", terms[2]),
        city: word("ram:CityName", terms[3]),
        post_code: word("ram:PostcodeCode", terms[4]),
        subdivision: word("ram:CountrySubDivisionName", terms[5]),
        country: word("ram:CountryID", terms[6]),
    }
}

/// The one id that EN 16931 has of a payee or a place: the global one, which says its scheme.
pub(crate) fn single_id<'a, 'i: 'a>(party: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    either(party, ["ram:GlobalID", "ram:ID"])
}

/// Where there is no person, a department answers.
fn read_contact(at: Element<'_, '_>, terms: &[&str; 3], notes: &mut Notes) -> Contact {
    let telephone = at.find("ram:TelephoneUniversalCommunication/ram:CompleteNumber");
    let email = at.find("ram:EmailURIUniversalCommunication");
    let email = email.and_then(|at| either(at, ["ram:URIID", "ram:CompleteNumber"]));
    Contact {
        name: notes.word(either(at, ["ram:PersonName", "ram:DepartmentName"]), terms[0]),
        telephone: notes.word(telephone, terms[1]),
        email: notes.word(email, terms[2]),
    }
}

/// BT-31 (scheme VA) is told from BT-32 (FC, or any other) by the scheme, never by position.
fn tax_id<'a, 'i: 'a>(party: Element<'a, 'i>, vat: bool) -> Option<Element<'a, 'i>> {
    let ids = party.all("ram:SpecifiedTaxRegistration").filter_map(|at| at.find("ram:ID"));
    let mut ids = ids.filter(|id| !id.text().is_empty());
    ids.find(|id| {
        let scheme = id.attribute("schemeID").unwrap_or_default();
        scheme.eq_ignore_ascii_case("VA") == vat
    })
}

/// BT-29 or BT-46: ids of our own making and global ones, in the order of the document.
fn ids(party: Element<'_, '_>, term: &str, notes: &mut Notes) -> Vec<Identifier> {
    let is_id = |at: &Element<'_, '_>| matches!(at.local(), "ID" | "GlobalID");
    party.elements().filter(is_id).filter_map(|id| notes.identifier(Some(id), term)).collect()
}

//! Parties: BG-4, BG-7, BG-10 and BG-11 on an invoice, and their like on an order.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Address, Contact, Identifier, Party, Payee, TaxRepresentative};

/// Business terms of a party, by the side it stands on.
pub(crate) struct Terms {
    /// The name.
    pub(crate) name: &'static str,
    /// The name it trades under.
    pub(crate) trading_name: &'static str,
    /// Its own ids.
    pub(crate) ids: &'static str,
    /// Its id in a register.
    pub(crate) legal_id: &'static str,
    /// What the law wants told.
    pub(crate) legal_information: &'static str,
    /// The VAT id.
    pub(crate) vat_id: &'static str,
    /// The tax number.
    pub(crate) tax_number: &'static str,
    /// Where documents are sent to.
    pub(crate) electronic_address: &'static str,
    /// The seven terms of the address.
    pub(crate) address: [&'static str; 7],
    /// Name, telephone and mail of a contact.
    pub(crate) contact: [&'static str; 3],
}

/// BG-4.
pub(crate) const SELLER: Terms = Terms {
    name: "BT-27",
    trading_name: "BT-28",
    ids: "BT-29",
    legal_id: "BT-30",
    legal_information: "BT-33",
    vat_id: "BT-31",
    tax_number: "BT-32",
    electronic_address: "BT-34",
    address: ["BT-35", "BT-36", "BT-162", "BT-37", "BT-38", "BT-39", "BT-40"],
    contact: ["BT-41", "BT-42", "BT-43"],
};

/// BG-7; its tax number and legal form have no term.
pub(crate) const BUYER: Terms = Terms {
    name: "BT-44",
    trading_name: "BT-45",
    ids: "BT-46",
    legal_id: "BT-47",
    legal_information: "BG-7",
    vat_id: "BT-48",
    tax_number: "BG-7",
    electronic_address: "BT-49",
    address: ["BT-50", "BT-51", "BT-163", "BT-52", "BT-53", "BT-54", "BT-55"],
    contact: ["BT-56", "BT-57", "BT-58"],
};

/// BG-12.
pub(crate) const TAX_REPRESENTATIVE_ADDRESS: [&str; 7] =
    ["BT-64", "BT-65", "BT-164", "BT-66", "BT-67", "BT-68", "BT-69"];

/// The scheme of BT-90, which UBL keeps among the ids of the seller or payee.
pub(crate) const SEPA: &str = "SEPA";

/// Reads a `cac:Party`; an absent one gives an empty party.
pub(crate) fn read(at: Option<Element<'_, '_>>, terms: &Terms, notes: &mut Notes) -> Party {
    let Some(party) = at else {
        return Party::default();
    };
    let (vat_id, tax_number) = tax_ids(party, terms, notes);
    let legal = |leaf: &str| first(party, "cac:PartyLegalEntity", leaf);
    let contact = party.find("cac:Contact");
    Party {
        name: notes.word(legal("cbc:RegistrationName"), terms.name),
        trading_name: notes.word(party.find("cac:PartyName/cbc:Name"), terms.trading_name),
        vat_id,
        tax_number,
        legal_id: notes.identifier(legal("cbc:CompanyID"), terms.legal_id),
        legal_information: notes.prose(legal("cbc:CompanyLegalForm"), terms.legal_information),
        ids: ids(party, terms.ids, notes),
        electronic_address: notes
            .identifier(party.find("cbc:EndpointID"), terms.electronic_address),
        address: address(party.find("cac:PostalAddress"), &terms.address, notes),
        contact: contact.map(|at| read_contact(at, &terms.contact, notes)),
    }
}

/// BG-10.
pub(crate) fn payee(at: Element<'_, '_>, notes: &mut Notes) -> Payee {
    Payee {
        name: notes.word(at.find("cac:PartyName/cbc:Name"), "BT-59"),
        id: ids(at, "BT-60", notes).into_iter().next(),
        legal_id: notes.identifier(at.find("cac:PartyLegalEntity/cbc:CompanyID"), "BT-61"),
    }
}

/// BG-11.
pub(crate) fn tax_representative(at: Element<'_, '_>, notes: &mut Notes) -> TaxRepresentative {
    let place = at.find("cac:PostalAddress");
    TaxRepresentative {
        name: notes.word(at.find("cac:PartyName/cbc:Name"), "BT-62"),
        vat_id: notes.word(at.find("cac:PartyTaxScheme/cbc:CompanyID"), "BT-63"),
        address: address(place, &TAX_REPRESENTATIVE_ADDRESS, notes),
    }
}

/// A `cac:PostalAddress` or `cac:Address`; an absent one gives an empty address.
pub(crate) fn address(
    at: Option<Element<'_, '_>>,
    terms: &[&str; 7],
    notes: &mut Notes,
) -> Address {
    let mut word = |path: &str, term: &str| notes.word(at.and_then(|at| at.find(path)), term);
    Address {
        line_1: word("cbc:StreetName", terms[0]),
        line_2: word("cbc:AdditionalStreetName", terms[1]),
        line_3: word("cac:AddressLine/cbc:Line", terms[2]),
        city: word("cbc:CityName", terms[3]),
        post_code: word("cbc:PostalZone", terms[4]),
        subdivision: word("cbc:CountrySubentity", terms[5]),
        country: word("cac:Country/cbc:IdentificationCode", terms[6]),
    }
}

fn read_contact(at: Element<'_, '_>, terms: &[&str; 3], notes: &mut Notes) -> Contact {
    Contact {
        name: notes.word(at.find("cbc:Name"), terms[0]),
        telephone: notes.word(at.find("cbc:Telephone"), terms[1]),
        email: notes.word(at.find("cbc:ElectronicMail"), terms[2]),
    }
}

/// A group may repeat, and the first one that has the value counts.
fn first<'a, 'i: 'a>(party: Element<'a, 'i>, group: &str, leaf: &str) -> Option<Element<'a, 'i>> {
    party.all(group).find_map(|group| group.find(leaf))
}

/// BT-31 is told from BT-32 by the tax scheme, never by position.
fn tax_ids(
    party: Element<'_, '_>,
    terms: &Terms,
    notes: &mut Notes,
) -> (Option<String>, Option<String>) {
    let (mut vat_id, mut tax_number) = (None, None);
    for scheme in party.all("cac:PartyTaxScheme") {
        let name = scheme.text_at("cac:TaxScheme/cbc:ID").unwrap_or_default();
        let (slot, term) = if name.eq_ignore_ascii_case("VAT") {
            (&mut vat_id, terms.vat_id)
        } else {
            (&mut tax_number, terms.tax_number)
        };
        if slot.is_none() {
            *slot = notes.word(scheme.find("cbc:CompanyID"), term);
        }
    }
    (vat_id, tax_number)
}

/// BT-29, BT-46 or BT-60; an id of scheme SEPA is BT-90, the creditor of a direct debit.
fn ids(party: Element<'_, '_>, term: &str, notes: &mut Notes) -> Vec<Identifier> {
    let all = party.all("cac:PartyIdentification");
    all.filter_map(|group| group.find("cbc:ID"))
        .filter(|id| id.attribute("schemeID") != Some(SEPA))
        .filter_map(|id| notes.identifier(Some(id), term))
        .collect()
}

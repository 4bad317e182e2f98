//! Parties: BG-4 and BG-7 on an invoice, and their like on an order.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Address, Identifier, Party};

/// Business terms of a party, by the side it stands on.
pub(crate) struct Terms {
    name: &'static str,
    ids: &'static str,
    legal_id: &'static str,
    vat_id: &'static str,
    tax_number: &'static str,
    electronic_address: &'static str,
    country: &'static str,
}

/// BG-4.
pub(crate) const SELLER: Terms = Terms {
    name: "BT-27",
    ids: "BT-29",
    legal_id: "BT-30",
    vat_id: "BT-31",
    tax_number: "BT-32",
    electronic_address: "BT-34",
    country: "BT-40",
};

/// BG-7; its tax number has no term.
pub(crate) const BUYER: Terms = Terms {
    name: "BT-44",
    ids: "BT-46",
    legal_id: "BT-47",
    vat_id: "BT-48",
    tax_number: "BG-7",
    electronic_address: "BT-49",
    country: "BT-55",
};

/// Reads a `cac:Party`; an absent one gives an empty party.
pub(crate) fn read(at: Option<Element<'_, '_>>, terms: &Terms, notes: &mut Notes) -> Party {
    let Some(party) = at else {
        return Party::default();
    };
    let (vat_id, tax_number) = tax_ids(party, terms, notes);
    let country = party.find("cac:PostalAddress/cac:Country/cbc:IdentificationCode");
    Party {
        name: notes.word(first(party, "cac:PartyLegalEntity", "cbc:RegistrationName"), terms.name),
        vat_id,
        tax_number,
        legal_id: notes
            .word(first(party, "cac:PartyLegalEntity", "cbc:CompanyID"), terms.legal_id)
            .map(|id| id.as_str().into()),
        ids: ids(party, terms, notes),
        electronic_address: notes
            .word(party.find("cbc:EndpointID"), terms.electronic_address)
            .map(|id| id.as_str().into()),
        address: Address { country: notes.word(country, terms.country), ..Address::default() },
        ..Party::default()
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

/// BT-29 or BT-46; an id of scheme SEPA is BT-90, the creditor of a direct debit.
fn ids(party: Element<'_, '_>, terms: &Terms, notes: &mut Notes) -> Vec<Identifier> {
    let all = party.all("cac:PartyIdentification");
    all.filter_map(|group| group.find("cbc:ID"))
        .filter(|id| id.attribute("schemeID") != Some("SEPA"))
        .filter_map(|id| notes.word(Some(id), terms.ids))
        .map(|id| id.as_str().into())
        .collect()
}

//! CII trade parties: BG-4, BG-7, BG-10, BG-11.

use crate::extraction::writer::cii::ids;
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Address, Contact, Identifier, Party, Payee, TaxRepresentative};

/// The scheme of a VAT id (UNTDID 1153).
const VAT_ID: &str = "VA";

/// The scheme of a tax number (UNTDID 1153).
const TAX_NUMBER: &str = "FC";

/// BG-4 or BG-7.
pub(crate) fn party(x: &mut Markup, party: &Party) {
    ids(x, party.ids.iter());
    x.leaf("ram:Name", party.name.as_ref());
    x.leaf("ram:Description", party.legal_information.as_ref());
    legal_organization(x, party.legal_id.as_ref(), party.trading_name.as_ref());
    if let Some(of) = &party.contact {
        x.kept_group("ram:DefinedTradeContact", |x| contact(x, of));
    }
    x.group("ram:PostalTradeAddress", |x| address(x, &party.address));
    x.group("ram:URIUniversalCommunication", |x| {
        x.identifier("ram:URIID", party.electronic_address.as_ref());
    });
    tax_registration(x, party.vat_id.as_ref(), VAT_ID);
    tax_registration(x, party.tax_number.as_ref(), TAX_NUMBER);
}

/// BG-10.
pub(crate) fn payee(x: &mut Markup, payee: &Payee) {
    ids(x, payee.id.iter());
    x.leaf("ram:Name", payee.name.as_ref());
    legal_organization(x, payee.legal_id.as_ref(), None);
}

/// BG-11.
pub(crate) fn tax_representative(x: &mut Markup, representative: &TaxRepresentative) {
    x.leaf("ram:Name", representative.name.as_ref());
    x.group("ram:PostalTradeAddress", |x| address(x, &representative.address));
    tax_registration(x, representative.vat_id.as_ref(), VAT_ID);
}

/// BG-5, BG-8, BG-12 or BG-15.
pub(crate) fn address(x: &mut Markup, address: &Address) {
    x.leaf("ram:PostcodeCode", address.post_code.as_ref());
    x.leaf("ram:LineOne", address.line_1.as_ref());
    x.leaf("ram:LineTwo", address.line_2.as_ref());
    x.leaf("ram:LineThree", address.line_3.as_ref());
    x.leaf("ram:CityName", address.city.as_ref());
    x.leaf("ram:CountryID", address.country.as_ref());
    x.leaf("ram:CountrySubDivisionName", address.subdivision.as_ref());
}

fn legal_organization(x: &mut Markup, id: Option<&Identifier>, trading_name: Option<&String>) {
    x.group("ram:SpecifiedLegalOrganization", |x| {
        x.identifier("ram:ID", id);
        x.leaf("ram:TradingBusinessName", trading_name);
    });
}

fn contact(x: &mut Markup, contact: &Contact) {
    x.leaf("ram:PersonName", contact.name.as_ref());
    x.group("ram:TelephoneUniversalCommunication", |x| {
        x.leaf("ram:CompleteNumber", contact.telephone.as_ref());
    });
    x.group("ram:EmailURIUniversalCommunication", |x| {
        x.leaf("ram:URIID", contact.email.as_ref());
    });
}

fn tax_registration(x: &mut Markup, id: Option<&String>, scheme: &str) {
    x.group("ram:SpecifiedTaxRegistration", |x| {
        x.leaf_with("ram:ID", &[("schemeID", Some(scheme))], id);
    });
}

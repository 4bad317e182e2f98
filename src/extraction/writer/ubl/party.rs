//! Parties of a UBL document: BG-4, BG-7, BG-10, BG-11, and BG-13 that comes after them.

use crate::extraction::ubl::party::SEPA;
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Address, Contact, Delivery, Identifier, Invoice, Party};
use crate::models::invoice::{Payee, TaxRepresentative};

/// The tax scheme of a VAT id.
pub(crate) const VAT: &str = "VAT";

/// The tax scheme of BT-32: the code that UN/EDIFACT has for a tax number (UNTDID 1153).
const TAX_NUMBER: &str = "FC";

/// From `AccountingSupplierParty` to `Delivery`.
pub(crate) fn write_all(x: &mut Markup, invoice: &Invoice) {
    let mut debits = invoice.payments.iter().filter_map(|payment| payment.direct_debit.as_ref());
    // UBL has one creditor id (BT-90), with the payee, or the seller where there is none.
    let creditor = debits.find_map(|debit| debit.creditor.as_deref());
    let (of_payee, of_seller) =
        if invoice.payee.is_some() { (creditor, None) } else { (None, creditor) };
    x.group("cac:AccountingSupplierParty", |x| party(x, &invoice.seller, of_seller));
    x.group("cac:AccountingCustomerParty", |x| party(x, &invoice.buyer, None));
    if let Some(of) = &invoice.payee {
        x.kept_group("cac:PayeeParty", |x| payee(x, of, of_payee));
    }
    if let Some(of) = &invoice.tax_representative {
        x.kept_group("cac:TaxRepresentativeParty", |x| tax_representative(x, of));
    }
    if let Some(of) = &invoice.delivery {
        x.kept_group("cac:Delivery", |x| delivery(x, of));
    }
}

fn party(x: &mut Markup, party: &Party, creditor: Option<&str>) {
    x.group("cac:Party", |x| {
        x.identifier("cbc:EndpointID", party.electronic_address.as_ref());
        party.ids.iter().for_each(|id| identification(x, Some(id)));
        creditor_id(x, creditor);
        name(x, party.trading_name.as_ref());
        x.group("cac:PostalAddress", |x| address(x, &party.address));
        tax_scheme(x, party.vat_id.as_ref(), VAT);
        tax_scheme(x, party.tax_number.as_ref(), TAX_NUMBER);
        x.group("cac:PartyLegalEntity", |x| {
            x.leaf("cbc:RegistrationName", party.name.as_ref());
            x.identifier("cbc:CompanyID", party.legal_id.as_ref());
            x.leaf("cbc:CompanyLegalForm", party.legal_information.as_ref());
        });
        if let Some(of) = &party.contact {
            x.kept_group("cac:Contact", |x| contact(x, of));
        }
    });
}

fn payee(x: &mut Markup, payee: &Payee, creditor: Option<&str>) {
    identification(x, payee.id.as_ref());
    creditor_id(x, creditor);
    name(x, payee.name.as_ref());
    x.group("cac:PartyLegalEntity", |x| x.identifier("cbc:CompanyID", payee.legal_id.as_ref()));
}

fn tax_representative(x: &mut Markup, representative: &TaxRepresentative) {
    name(x, representative.name.as_ref());
    x.group("cac:PostalAddress", |x| address(x, &representative.address));
    tax_scheme(x, representative.vat_id.as_ref(), VAT);
}

fn delivery(x: &mut Markup, delivery: &Delivery) {
    x.leaf("cbc:ActualDeliveryDate", delivery.date);
    x.group("cac:DeliveryLocation", |x| {
        x.identifier("cbc:ID", delivery.location.as_ref());
        if let Some(of) = &delivery.address {
            x.kept_group("cac:Address", |x| address(x, of));
        }
    });
    x.group("cac:DeliveryParty", |x| name(x, delivery.name.as_ref()));
}

fn identification(x: &mut Markup, id: Option<&Identifier>) {
    x.group("cac:PartyIdentification", |x| x.identifier("cbc:ID", id));
}

/// BT-90.
fn creditor_id(x: &mut Markup, creditor: Option<&str>) {
    x.group("cac:PartyIdentification", |x| {
        x.leaf_with("cbc:ID", &[("schemeID", Some(SEPA))], creditor);
    });
}

fn name(x: &mut Markup, name: Option<&String>) {
    x.group("cac:PartyName", |x| x.leaf("cbc:Name", name));
}

fn tax_scheme(x: &mut Markup, id: Option<&String>, scheme: &str) {
    if id.is_some() {
        x.group("cac:PartyTaxScheme", |x| {
            x.leaf("cbc:CompanyID", id);
            x.group("cac:TaxScheme", |x| x.leaf("cbc:ID", Some(scheme)));
        });
    }
}

fn address(x: &mut Markup, address: &Address) {
    x.leaf("cbc:StreetName", address.line_1.as_ref());
    x.leaf("cbc:AdditionalStreetName", address.line_2.as_ref());
    x.leaf("cbc:CityName", address.city.as_ref());
    x.leaf("cbc:PostalZone", address.post_code.as_ref());
    x.leaf("cbc:CountrySubentity", address.subdivision.as_ref());
    x.group("cac:AddressLine", |x| x.leaf("cbc:Line", address.line_3.as_ref()));
    x.group("cac:Country", |x| x.leaf("cbc:IdentificationCode", address.country.as_ref()));
}

fn contact(x: &mut Markup, contact: &Contact) {
    x.leaf("cbc:Name", contact.name.as_ref());
    x.leaf("cbc:Telephone", contact.telephone.as_ref());
    x.leaf("cbc:ElectronicMail", contact.email.as_ref());
}

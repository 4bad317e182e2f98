//! The Peppol Invoice Response (T111): a UBL ApplicationResponse from the buyer to the seller.

use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::ubl::{CAC, CBC, NOT_AVAILABLE};
use crate::models::invoice::{Invoice, InvoiceKind, Party};
use crate::models::invoice_response::{InvoiceResponse, ResponseReason};

const ROOT: &str = "urn:oasis:names:specification:ubl:schema:xsd:ApplicationResponse-2";
const CUSTOMIZATION: &str = "urn:fdc:peppol.eu:poacc:trns:invoice_response:3";
const PROFILE: &str = "urn:fdc:peppol.eu:poacc:bis:invoice_response:3";

/// The response as text; `id` names it.
pub fn write_response(id: &str, response: &InvoiceResponse, invoice: &Invoice) -> String {
    let namespaces = [("xmlns", ROOT), ("xmlns:cac", CAC), ("xmlns:cbc", CBC)];
    let date = response.effective_at.date_naive();
    Markup::document("ApplicationResponse", &namespaces, |x| {
        x.leaf("cbc:CustomizationID", Some(CUSTOMIZATION));
        x.leaf("cbc:ProfileID", Some(PROFILE));
        x.leaf("cbc:ID", Some(id));
        x.leaf("cbc:IssueDate", Some(date));
        x.leaf("cbc:IssueTime", Some(response.effective_at.format("%H:%M:%SZ")));
        x.group("cac:SenderParty", |x| party(x, &invoice.buyer));
        x.group("cac:ReceiverParty", |x| party(x, &invoice.seller));
        x.group("cac:DocumentResponse", |x| {
            x.group("cac:Response", |x| {
                x.leaf_with(
                    "cbc:ResponseCode",
                    &[("listID", Some("UNCL4343OpSubset"))],
                    Some(response.code.as_str()),
                );
                x.leaf("cbc:EffectiveDate", Some(date));
                response.reasons.iter().for_each(|reason| statuses(x, reason));
            });
            x.group("cac:DocumentReference", |x| document(x, invoice));
        });
    })
}

fn party(x: &mut Markup, party: &Party) {
    x.identifier("cbc:EndpointID", party.electronic_address.as_ref());
    if let Some(id) = party.ids.first() {
        x.group("cac:PartyIdentification", |x| x.identifier("cbc:ID", Some(id)));
    }
    x.group("cac:PartyLegalEntity", |x| {
        x.leaf("cbc:RegistrationName", party.name.as_ref());
    });
}

/// The reason with what it is about, then the wish.
fn statuses(x: &mut Markup, reason: &ResponseReason) {
    x.group("cac:Status", |x| {
        let list = [("listID", Some("OPStatusReason"))];
        x.leaf_with("cbc:StatusReasonCode", &list, Some(&reason.reason));
        x.leaf("cbc:StatusReason", reason.text.as_ref());
        if let Some(term) = &reason.term {
            x.group("cac:Condition", |x| x.leaf("cbc:AttributeID", Some(term)));
        }
    });
    x.group("cac:Status", |x| {
        let list = [("listID", Some("OPStatusAction"))];
        x.leaf_with("cbc:StatusReasonCode", &list, Some(&reason.action));
    });
}

fn document(x: &mut Markup, invoice: &Invoice) {
    x.leaf("cbc:ID", Some(invoice.number.as_deref().unwrap_or(NOT_AVAILABLE)));
    x.leaf("cbc:IssueDate", invoice.issue_date);
    let usual = match invoice.kind {
        InvoiceKind::Invoice => "380",
        InvoiceKind::CreditNote => "381",
    };
    let list = [("listID", Some("UNCL1001"))];
    let code = invoice.type_code.as_deref().unwrap_or(usual);
    x.leaf_with("cbc:DocumentTypeCode", &list, Some(code));
}

#[cfg(test)]
mod tests {
    use super::write_response;
    use crate::models::invoice::{Invoice, Party};
    use crate::models::invoice_response::{Moment, respond};
    use crate::models::status::InvoiceStatus;

    #[test]
    fn the_document_says_who_answers_what_about_which_invoice() {
        let at = chrono::DateTime::from_timestamp(1_764_000_000, 0).expect("a time");
        let said = Some((Some("REF".to_owned()), "which order is this? <please>".to_owned()));
        let steps = [Moment { status: InvoiceStatus::Query, at, said }];
        let response = respond(&steps, &[]).expect("an answer");
        let named = |name: &str| Party { name: Some(name.to_owned()), ..Party::default() };
        let invoice = Invoice {
            number: Some("RE-1".to_owned()),
            issue_date: "2026-11-20".parse().ok(),
            seller: named("Seller GmbH"),
            buyer: named("Buyer & Co"),
            ..Invoice::default()
        };
        let xml = write_response("inv_1-5", &response, &invoice);
        let read = roxmltree::Document::parse(&xml).expect("well formed");
        let texts: Vec<&str> = read
            .descendants()
            .filter(|node| node.is_text())
            .filter_map(|node| node.text())
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .collect();
        assert_eq!(
            texts,
            [
                "urn:fdc:peppol.eu:poacc:trns:invoice_response:3",
                "urn:fdc:peppol.eu:poacc:bis:invoice_response:3",
                "inv_1-5",
                "2025-11-24",
                "16:00:00Z",
                "Buyer & Co",
                "Seller GmbH",
                "UQ",
                "2025-11-24",
                "REF",
                "which order is this? <please>",
                "PIN",
                "RE-1",
                "2026-11-20",
                "380",
            ]
        );
    }
}

//! CII `ApplicableHeaderTradeAgreement`: the parties, and what was agreed before.

use crate::extraction::writer::Contents;
use crate::extraction::writer::cii::{DOCUMENT, OBJECT, TENDER, party, reference, typed};
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Identifier, Invoice, SupportingDocument};

/// The whole group; the schema asks for it.
pub(crate) fn write(x: &mut Markup, invoice: &Invoice, contents: Contents<'_>) {
    x.kept_group("ram:ApplicableHeaderTradeAgreement", |x| {
        x.leaf("ram:BuyerReference", invoice.buyer_reference.as_ref());
        x.group("ram:SellerTradeParty", |x| party::party(x, &invoice.seller));
        x.group("ram:BuyerTradeParty", |x| party::party(x, &invoice.buyer));
        if let Some(of) = &invoice.tax_representative {
            x.kept_group("ram:SellerTaxRepresentativeTradeParty", |x| {
                party::tax_representative(x, of);
            });
        }
        let sales_order = invoice.sales_order_reference.as_ref();
        reference(x, "ram:SellerOrderReferencedDocument", sales_order);
        reference(x, "ram:BuyerOrderReferencedDocument", invoice.order_reference.as_ref());
        reference(x, "ram:ContractReferencedDocument", invoice.contract_reference.as_ref());
        for document in &invoice.supporting_documents {
            x.group("ram:AdditionalReferencedDocument", |x| supporting(x, document, contents));
        }
        let tender = invoice.tender_reference.as_deref().map(Identifier::from);
        typed(x, tender.as_ref(), TENDER);
        typed(x, invoice.invoiced_object.as_ref(), OBJECT);
        x.group("ram:SpecifiedProcuringProject", |x| {
            // The schema asks for a name, and EN 16931 has none.
            let project = invoice.project_reference.as_ref();
            x.leaf("ram:ID", project);
            x.leaf("ram:Name", project);
        });
    });
}

fn supporting(x: &mut Markup, document: &SupportingDocument, contents: Contents<'_>) {
    x.leaf("ram:IssuerAssignedID", document.reference.as_ref());
    x.leaf("ram:URIID", document.url.as_ref());
    x.leaf("ram:TypeCode", Some(DOCUMENT));
    x.leaf("ram:Name", document.description.as_ref());
    if let Some(attachment) = &document.attachment {
        x.attachment("ram:AttachmentBinaryObject", attachment, contents);
    }
}

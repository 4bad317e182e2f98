//! What a document is: by namespace and name of its root, never by its file name.

use crate::extraction::tree::Element;
use crate::extraction::unreadable::Unreadable;

/// Where all UBL 2 document types have their namespace.
const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";

/// Namespace of the envelope that GS1 and Peppol put around documents.
const ENVELOPE: &str = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

/// The roots that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// UBL Invoice.
    Invoice,
    /// UBL `CreditNote`.
    CreditNote,
    /// UBL Order.
    Order,
    /// UBL `DespatchAdvice`.
    DespatchAdvice,
    /// UBL `ReceiptAdvice`.
    ReceiptAdvice,
    /// UN/CEFACT Cross Industry Invoice D16B.
    CrossIndustryInvoice,
    /// Anything else.
    Other,
}

/// What the root says; the same local name in another namespace is another thing.
pub(crate) fn kind(root: Element<'_, '_>) -> Root {
    if root.namespace().ends_with(":CrossIndustryInvoice:100") {
        return Root::CrossIndustryInvoice;
    }
    match (root.namespace().strip_prefix(UBL), root.local()) {
        (Some("Invoice-2"), "Invoice") => Root::Invoice,
        (Some("CreditNote-2"), "CreditNote") => Root::CreditNote,
        (Some("Order-2"), "Order") => Root::Order,
        (Some("DespatchAdvice-2"), "DespatchAdvice") => Root::DespatchAdvice,
        (Some("ReceiptAdvice-2"), "ReceiptAdvice") => Root::ReceiptAdvice,
        _ => Root::Other,
    }
}

/// Takes a document out of its envelope, once; an envelope with several documents stays shut.
pub(crate) fn unwrap<'a, 'i: 'a>(root: Element<'a, 'i>) -> Element<'a, 'i> {
    if root.local() != "StandardBusinessDocument" || root.namespace() != ENVELOPE {
        return root;
    }
    let mut inside = root.elements().filter(|child| child.namespace() != ENVELOPE);
    match (inside.next(), inside.next()) {
        (Some(document), None) => document,
        _ => root,
    }
}

/// The refusal of a root, saying what it is.
pub(crate) fn unsupported(root: Element<'_, '_>, wanted: &'static str) -> Unreadable {
    // A root's name comes from a stranger and ends in answers and logs.
    let name = format!("{} {}", root.namespace(), root.local());
    let detected = Some(name.trim().chars().take(200).collect());
    Unreadable::Unsupported { detected, wanted }
}

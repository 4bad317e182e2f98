//! What a document is: by namespace and name of its root, never by its file name.

use crate::extraction::tree::Element;
use crate::extraction::unreadable::Unreadable;

/// Where all UBL 2 document types have their namespace.
const UBL: &str = "urn:oasis:names:specification:ubl:schema:xsd:";

/// Cross Industry Invoice, D16B and D22B alike.
const CII: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";

/// ZUGFeRD 1.0.
const ZUGFERD_1: &str = "urn:ferd:CrossIndustryDocument:invoice:1p0";

/// A draft of ZUGFeRD, whose root is called Invoice too.
const ZUGFERD_DRAFT: &str = "urn:un:unece:uncefact:data:standard:CBFBUY:5";

/// Namespace of the envelope that GS1 and Peppol put around documents.
const STANDARD: &str = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader";

/// Namespaces of SOAP 1.1 and 1.2.
const SOAP: [&str; 2] =
    ["http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"];

/// The roots that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Root {
    /// UBL Invoice.
    Invoice,
    /// UBL `CreditNote`.
    CreditNote,
    /// UN/CEFACT Cross Industry Invoice.
    CrossIndustryInvoice,
    /// ZUGFeRD 1.0 `CrossIndustryDocument`.
    Zugferd1,
    /// UBL Order.
    Order,
    /// UBL `DespatchAdvice`.
    DespatchAdvice,
    /// UBL `ReceiptAdvice`.
    ReceiptAdvice,
    /// Anything else.
    Other,
}

/// What the root says; the same local name in another namespace is another thing.
pub(crate) fn kind(root: Element<'_, '_>) -> Root {
    match (root.namespace(), root.local()) {
        (CII, "CrossIndustryInvoice") => return Root::CrossIndustryInvoice,
        (ZUGFERD_1, "CrossIndustryDocument") => return Root::Zugferd1,
        _ => {}
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

/// Takes a document out of its envelope, once.
///
/// # Errors
/// An envelope with no document, or with several: which one counts nobody says.
pub(crate) fn unwrap<'a, 'i: 'a>(root: Element<'a, 'i>) -> Result<Element<'a, 'i>, Unreadable> {
    let inside: Vec<_> = match (root.namespace(), root.local()) {
        (STANDARD, "StandardBusinessDocument") => {
            root.elements().filter(|child| child.namespace() != STANDARD).collect()
        }
        (soap, "Envelope") if SOAP.contains(&soap) => {
            let is_body =
                |child: &Element<'_, '_>| child.namespace() == soap && child.local() == "Body";
            let bodies = root.elements().filter(is_body);
            bodies.flat_map(|body| body.elements().collect::<Vec<_>>()).collect()
        }
        _ => return Ok(root),
    };
    match inside.as_slice() {
        [document] => Ok(*document),
        _ => Err(Unreadable::Unsupported {
            detected: Some(format!("an envelope with {} documents", inside.len())),
            wanted: "each document by itself",
        }),
    }
}

/// The refusal of a root, saying what it is.
pub(crate) fn unsupported(root: Element<'_, '_>, wanted: &'static str) -> Unreadable {
    // A root's name comes from a stranger and ends in answers and logs.
    let name = format!("{} {}", root.namespace(), root.local());
    let detected = Some(name.trim().chars().take(200).collect());
    let wanted = if root.namespace() == ZUGFERD_DRAFT {
        "ZUGFeRD 1.0 or later (this is a draft of it), Factur-X or XRechnung"
    } else {
        wanted
    };
    Unreadable::Unsupported { detected, wanted }
}

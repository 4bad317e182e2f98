//! The canonical invoice out again: as UBL 2.1, or as UN/CEFACT Cross Industry Invoice D16B.
//!
//! What is absent stays absent: nothing is invented to please a schema, so that an invalid invoice
//! gives an invalid document, and the rules say so; BT-24 alone is added to what goes out, and said.
//! What the syntax has no place for is named:
//! the text is read again by the reader of what strangers send, and every value that does not
//! come back is a loss.

mod cii;
mod discounts;
mod invoice_response;
mod loss;
mod markup;
mod pain001;
mod payments;
mod ubl;

pub use crate::extraction::writer::pain001::pain001;

use crate::extraction::writer::loss::losses;
use crate::models::finding::Finding;
use crate::models::invoice::Invoice;

pub use crate::extraction::writer::invoice_response::write_response;

/// A syntax that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// UBL 2.1: an `Invoice`, or a `CreditNote` when it gives money back.
    Ubl,
    /// UN/CEFACT Cross Industry Invoice D16B.
    Cii,
}

impl Format {
    /// The word of `extract --to`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ubl => "ubl",
            Self::Cii => "cii",
        }
    }

    /// For people.
    fn name(self) -> &'static str {
        match self {
            Self::Ubl => "UBL",
            Self::Cii => "CII",
        }
    }
}

/// An invoice as text, and what the text does not say.
#[derive(Debug, Clone)]
pub struct Written {
    /// The document, in UTF-8.
    pub xml: String,
    /// Each value that is not in it, or reads otherwise there, with the reason.
    pub lost: Vec<Finding>,
}

/// From the SHA-256 of an attachment, in hexadecimal, to its content (BT-125). The invoice itself
/// has only the hash.
pub type Contents<'a> = &'a dyn Fn(&str) -> Option<Vec<u8>>;

/// EN 16931 itself as a specification (BT-24), without any national or industry extension.
const CORE: &str = "urn:cen.eu:en16931:2017";

/// As [`write_with`], for a document that goes out: it has to say which rules it follows (BR-01).
/// An invoice that says nothing, as one read from a page or a table, gets EN 16931 itself, and the
/// addition stands among the losses.
pub fn write_to_send(invoice: &Invoice, to: Format, contents: Contents<'_>) -> Written {
    let says = |text: &String| !text.trim().is_empty();
    if invoice.specification.as_ref().is_some_and(says) {
        return write_with(invoice, to, contents);
    }
    let named = Invoice { specification: Some(CORE.to_owned()), ..invoice.clone() };
    let Written { xml, .. } = write_with(&named, to, contents);
    let lost = losses(invoice, to, &xml);
    Written { xml, lost }
}

/// Writes an invoice without the contents of its attachments: they are losses.
pub fn write(invoice: &Invoice, to: Format) -> Written {
    write_with(invoice, to, &|_| None)
}

/// Writes an invoice with the contents of its attachments, as far as `contents` has them.
pub fn write_with(invoice: &Invoice, to: Format, contents: Contents<'_>) -> Written {
    let xml = match to {
        Format::Ubl => ubl::write(invoice, contents),
        Format::Cii => cii::write(invoice, contents),
    };
    let lost = losses(invoice, to, &xml);
    Written { xml, lost }
}

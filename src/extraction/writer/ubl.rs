//! UBL 2.1: each value where the schema's sequences have it.

mod amounts;
mod header;
mod line;
mod party;
mod payment;

use crate::extraction::ubl::invoice::CREDIT_NOTE_TYPES;
use crate::extraction::writer::Contents;
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Invoice, InvoiceKind};

/// What stands where UBL asks for an id and there is none; our reader takes it for absent.
pub(crate) const NOT_AVAILABLE: &str = "NA";

/// The namespace of aggregates.
pub(crate) const CAC: &str =
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
/// The namespace of single values.
pub(crate) const CBC: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// What an element needs to know of the whole document.
#[derive(Clone, Copy)]
pub(crate) struct Whole<'a> {
    /// The invoice.
    pub(crate) invoice: &'a Invoice,
    /// Whether it is a `CreditNote`.
    pub(crate) credit_note: bool,
    /// Of the attachments.
    pub(crate) contents: Contents<'a>,
}

impl Whole<'_> {
    /// BT-5, for the amounts.
    pub(crate) fn currency(&self) -> Option<&str> {
        self.invoice.currency.as_deref()
    }
}

/// The document as text.
pub(crate) fn write(invoice: &Invoice, contents: Contents<'_>) -> String {
    let code = invoice.type_code.as_deref();
    let credits = code.is_some_and(|code| CREDIT_NOTE_TYPES.contains(&code));
    let credit_note = credits || invoice.kind == InvoiceKind::CreditNote;
    let (root, own) = if credit_note {
        ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2")
    } else {
        ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2")
    };
    let namespaces = [("xmlns", own), ("xmlns:cac", CAC), ("xmlns:cbc", CBC)];
    let whole = Whole { invoice, credit_note, contents };
    Markup::document(root, &namespaces, |x| {
        header::write(x, whole);
        party::write_all(x, invoice);
        payment::write(x, whole);
        amounts::allowances_and_charges(x, &invoice.allowances_and_charges, whole);
        amounts::tax_totals(x, whole);
        amounts::totals(x, whole);
        for line in &invoice.lines {
            line::write(x, line, whole);
        }
    })
}

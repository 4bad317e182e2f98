//! Texts and documents that a UBL invoice refers to: BG-1, BG-3, BG-24, and BT-18.

use crate::extraction::attachments;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Identifier, Note, PrecedingInvoice, SupportingDocument};

/// UNTDID 1001: the reference is to an invoiced object (BT-18, BT-128), not to a document.
pub(crate) const OBJECT: &str = "130";

/// UNTDID 1001: the reference of a credit note is to a project (BT-11).
pub(crate) const PROJECT: &str = "50";

/// BG-1: `#AAI#text` is a subject code (BT-21) and a text (BT-22).
pub(crate) fn notes(root: Element<'_, '_>, notes: &mut Notes) -> Vec<Note> {
    let mut read = Vec::new();
    for (at, number) in root.all("cbc:Note").zip(1..) {
        let text = notes.within(&format!("BG-1[{number}]"), |notes| notes.prose(Some(at), "BT-22"));
        if let Some(text) = text {
            read.push(with_subject(text));
        }
    }
    read
}

fn with_subject(text: String) -> Note {
    let coded = text.strip_prefix('#').and_then(|rest| rest.split_once('#'));
    match coded {
        Some((code, rest)) if code.len() == 3 => {
            Note { subject_code: Some(code.to_owned()), text: Some(rest.to_owned()) }
        }
        _ => Note { subject_code: None, text: Some(text) },
    }
}

/// BG-3.
pub(crate) fn preceding_invoices(
    root: Element<'_, '_>,
    notes: &mut Notes,
) -> Vec<PrecedingInvoice> {
    let groups = root.all("cac:BillingReference");
    let groups = groups.filter_map(|group| group.find("cac:InvoiceDocumentReference")).zip(1..);
    groups
        .map(|(at, number)| {
            notes.within(&format!("BG-3[{number}]"), |notes| PrecedingInvoice {
                number: notes.word(at.find("cbc:ID"), "BT-25"),
                issue_date: notes.date(at.find("cbc:IssueDate"), "BT-26"),
            })
        })
        .collect()
}

/// BT-18 on the document, BT-128 on a line: the reference whose type is 130.
pub(crate) fn object(
    parent: Element<'_, '_>,
    name: &str,
    term: &str,
    notes: &mut Notes,
) -> Option<Identifier> {
    let at = of_type(parent, name, OBJECT)?;
    notes.identifier(at.find("cbc:ID"), term)
}

/// BT-11 of a credit note.
pub(crate) fn project<'a, 'i: 'a>(root: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    of_type(root, "cac:AdditionalDocumentReference", PROJECT)?.find("cbc:ID")
}

fn of_type<'a, 'i: 'a>(parent: Element<'a, 'i>, name: &str, code: &str) -> Option<Element<'a, 'i>> {
    let is = |at: &Element<'_, '_>| at.text_at("cbc:DocumentTypeCode").as_deref() == Some(code);
    parent.all(name).find(is)
}

/// BG-24: every reference that is no object and no project.
pub(crate) fn supporting(root: Element<'_, '_>, notes: &mut Notes) -> Vec<SupportingDocument> {
    let of_credit_note = root.local() == "CreditNote";
    let is_document = |at: &Element<'_, '_>| {
        let code = at.text_at("cbc:DocumentTypeCode");
        let code = code.as_deref();
        code != Some(OBJECT) && !(of_credit_note && code == Some(PROJECT))
    };
    let groups = root.all("cac:AdditionalDocumentReference").filter(is_document).zip(1..);
    groups
        .map(|(at, number)| notes.within(&format!("BG-24[{number}]"), |notes| document(at, notes)))
        .collect()
}

fn document(at: Element<'_, '_>, notes: &mut Notes) -> SupportingDocument {
    let link = at.find("cac:Attachment/cac:ExternalReference/cbc:URI");
    let content = at.find("cac:Attachment/cbc:EmbeddedDocumentBinaryObject");
    SupportingDocument {
        reference: notes.word(at.find("cbc:ID"), "BT-122"),
        description: notes.prose(at.find("cbc:DocumentDescription"), "BT-123"),
        url: notes.prose(link, "BT-124"),
        attachment: content.and_then(|at| attachments::read(at, notes)),
    }
}

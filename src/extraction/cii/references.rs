//! Texts and documents that a CII invoice refers to: BG-1, BG-3, BG-24, BT-17 and BT-18.

use crate::extraction::attachments;
use crate::extraction::cii::{date, either};
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::invoice::{Identifier, Note, PrecedingInvoice, SupportingDocument};

/// One element for three things, told apart by its code (UNTDID 1001).
const ADDITIONAL: &str = "ram:AdditionalReferencedDocument";

/// BT-17: a tender or lot.
const TENDER: &str = "50";

/// BT-18, BT-128: an invoiced object.
const OBJECT: &str = "130";

/// BG-1.
pub(crate) fn notes(header: Element<'_, '_>, notes: &mut Notes) -> Vec<Note> {
    let groups = header.all("ram:IncludedNote").zip(1..);
    let read = groups.map(|(at, number)| {
        notes.within(&format!("BG-1[{number}]"), |notes| Note {
            subject_code: notes.word(at.find("ram:SubjectCode"), "BT-21"),
            text: notes.prose(at.find("ram:Content"), "BT-22"),
        })
    });
    read.filter(|note| *note != Note::default()).collect()
}

/// BG-3.
pub(crate) fn preceding_invoices(
    settlement: Element<'_, '_>,
    notes: &mut Notes,
) -> Vec<PrecedingInvoice> {
    let groups = settlement.all("ram:InvoiceReferencedDocument").zip(1..);
    groups
        .map(|(at, number)| {
            let day = either(at, ["ram:FormattedIssueDateTime", "ram:IssueDateTime"]);
            notes.within(&format!("BG-3[{number}]"), |notes| PrecedingInvoice {
                number: notes.word(number_in(at), "BT-25"),
                issue_date: date::read(day, "BT-26", notes),
            })
        })
        .collect()
}

/// BT-17.
pub(crate) fn tender<'a, 'i: 'a>(agreement: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    let mut all = agreement.all(ADDITIONAL);
    number_in(all.find(|at| code_of(*at).as_deref() == Some(TENDER))?)
}

/// BT-18 on the document, BT-128 on a line; `is` says which codes stand for it.
pub(crate) fn object(
    parent: Element<'_, '_>,
    term: &str,
    is: impl Fn(Option<&str>) -> bool,
    notes: &mut Notes,
) -> Option<Identifier> {
    let at = parent.all(ADDITIONAL).find(|at| is(code_of(*at).as_deref()))?;
    let mut object = notes.identifier(number_in(at), term)?;
    object.scheme = notes.word(at.find("ram:ReferenceTypeCode"), "");
    Some(object)
}

/// On the document: type 130 alone.
pub(crate) fn of_document(code: Option<&str>) -> bool {
    code == Some(OBJECT)
}

/// On a line EN 16931 has nothing else in the element, so that writers leave the code out.
pub(crate) fn of_line(code: Option<&str>) -> bool {
    code.is_none_or(|code| code == OBJECT)
}

/// BG-24: every reference that is no tender and no object.
pub(crate) fn supporting(agreement: Element<'_, '_>, notes: &mut Notes) -> Vec<SupportingDocument> {
    let is_document =
        |at: &Element<'_, '_>| !matches!(code_of(*at).as_deref(), Some(TENDER | OBJECT));
    let groups = agreement.all(ADDITIONAL).filter(is_document).zip(1..);
    groups
        .map(|(at, number)| notes.within(&format!("BG-24[{number}]"), |notes| document(at, notes)))
        .collect()
}

fn document(at: Element<'_, '_>, notes: &mut Notes) -> SupportingDocument {
    let content = at.find("ram:AttachmentBinaryObject");
    SupportingDocument {
        reference: notes.word(number_in(at), "BT-122"),
        description: notes.prose(at.find("ram:Name"), "BT-123"),
        url: notes.prose(at.find("ram:URIID"), "BT-124"),
        attachment: content.and_then(|at| attachments::read(at, notes)),
    }
}

fn number_in<'a, 'i: 'a>(document: Element<'a, 'i>) -> Option<Element<'a, 'i>> {
    either(document, ["ram:IssuerAssignedID", "ram:ID"])
}

fn code_of(document: Element<'_, '_>) -> Option<String> {
    document.text_at("ram:TypeCode")
}

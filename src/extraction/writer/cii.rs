//! UN/CEFACT Cross Industry Invoice D16B: each value where the schema's sequences have it.

mod agreement;
mod delivery;
mod line;
mod party;
mod payment;
mod settlement;

use chrono::NaiveDate;

use crate::extraction::writer::Contents;
use crate::extraction::writer::markup::Markup;
use crate::models::invoice::{Identifier, Invoice};

const RSM: &str = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100";
const RAM: &str =
    "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100";
const UDT: &str = "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100";
const QDT: &str = "urn:un:unece:uncefact:data:standard:QualifiedDataType:100";

/// UNTDID 1001: the reference is to a tender or lot (BT-17).
pub(crate) const TENDER: &str = "50";

/// UNTDID 1001: the reference is to an invoiced object (BT-18, BT-128).
pub(crate) const OBJECT: &str = "130";

/// UNTDID 1001: the reference is to a supporting document (BG-24).
pub(crate) const DOCUMENT: &str = "916";

/// UNTDID 2379: a day as YYYYMMDD, the one form that EN 16931 has in CII.
const DAY: &str = "102";

/// The document as text. Invoices and credit notes have one root; BT-3 tells them apart.
pub(crate) fn write(invoice: &Invoice, contents: Contents<'_>) -> String {
    let namespaces =
        [("xmlns:rsm", RSM), ("xmlns:ram", RAM), ("xmlns:qdt", QDT), ("xmlns:udt", UDT)];
    Markup::document("rsm:CrossIndustryInvoice", &namespaces, |x| {
        x.kept_group("rsm:ExchangedDocumentContext", |x| context(x, invoice));
        x.kept_group("rsm:ExchangedDocument", |x| document(x, invoice));
        x.kept_group("rsm:SupplyChainTradeTransaction", |x| {
            invoice.lines.iter().for_each(|line| line::write(x, line));
            agreement::write(x, invoice, contents);
            delivery::write(x, invoice);
            settlement::write(x, invoice);
        });
    })
}

/// BG-2.
fn context(x: &mut Markup, invoice: &Invoice) {
    x.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |x| {
        x.leaf("ram:ID", invoice.process.as_ref());
    });
    x.group("ram:GuidelineSpecifiedDocumentContextParameter", |x| {
        x.leaf("ram:ID", invoice.specification.as_ref());
    });
}

fn document(x: &mut Markup, invoice: &Invoice) {
    x.leaf("ram:ID", invoice.number.as_ref());
    x.leaf("ram:TypeCode", invoice.type_code.as_ref());
    day(x, "ram:IssueDateTime", "udt:DateTimeString", invoice.issue_date);
    for note in &invoice.notes {
        x.group("ram:IncludedNote", |x| {
            x.leaf("ram:Content", note.text.as_ref());
            x.leaf("ram:SubjectCode", note.subject_code.as_ref());
        });
    }
}

/// A day within an element of its own; the name of the inner one differs by the outer one's type.
pub(crate) fn day(
    x: &mut Markup,
    name: &'static str,
    inner: &'static str,
    value: Option<NaiveDate>,
) {
    let digits = value.map(|day| day.format("%Y%m%d"));
    x.group(name, |x| x.leaf_with(inner, &[("format", Some(DAY))], digits));
}

/// An id: global where its scheme is said. The schema has those without a scheme first.
pub(crate) fn ids<'a>(x: &mut Markup, all: impl Iterator<Item = &'a Identifier> + Clone) {
    let plain = all.clone().filter(|id| id.scheme.is_none());
    plain.for_each(|id| x.identifier("ram:ID", Some(id)));
    let global = all.filter(|id| id.scheme.is_some());
    global.for_each(|id| x.identifier("ram:GlobalID", Some(id)));
}

/// A document by its number.
pub(crate) fn reference(x: &mut Markup, name: &'static str, id: Option<&String>) {
    x.group(name, |x| x.leaf("ram:IssuerAssignedID", id));
}

/// A reference that its type tells from a document: BT-17, BT-18, BT-128.
pub(crate) fn typed(x: &mut Markup, id: Option<&Identifier>, code: &str) {
    if let Some(id) = id {
        x.group("ram:AdditionalReferencedDocument", |x| {
            x.leaf("ram:IssuerAssignedID", Some(&id.value));
            x.leaf("ram:TypeCode", Some(code));
            x.leaf("ram:ReferenceTypeCode", id.scheme.as_ref());
        });
    }
}

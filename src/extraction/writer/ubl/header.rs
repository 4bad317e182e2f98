//! The head of a UBL document: numbers, days, notes, and the documents that it refers to.

use crate::extraction::ubl::references::{OBJECT, PROJECT};
use crate::extraction::writer::Contents;
use crate::extraction::writer::markup::Markup;
use crate::extraction::writer::ubl::{NOT_AVAILABLE, Whole};
use crate::models::invoice::{Identifier, Invoice, Note, Period, SupportingDocument};

/// From `CustomizationID` to the last reference before the parties.
pub(crate) fn write(x: &mut Markup, whole: Whole<'_>) {
    let Whole { invoice, credit_note, .. } = whole;
    x.leaf("cbc:CustomizationID", invoice.specification.as_ref());
    x.leaf("cbc:ProfileID", invoice.process.as_ref());
    x.leaf("cbc:ID", invoice.number.as_ref());
    x.leaf("cbc:IssueDate", invoice.issue_date);
    if credit_note {
        x.leaf("cbc:TaxPointDate", invoice.tax_point_date);
        x.leaf("cbc:CreditNoteTypeCode", invoice.type_code.as_ref());
    } else {
        x.leaf("cbc:DueDate", invoice.due_date);
        x.leaf("cbc:InvoiceTypeCode", invoice.type_code.as_ref());
    }
    invoice.notes.iter().for_each(|note| x.leaf("cbc:Note", note_text(note)));
    if !credit_note {
        x.leaf("cbc:TaxPointDate", invoice.tax_point_date);
    }
    x.leaf("cbc:DocumentCurrencyCode", invoice.currency.as_ref());
    x.leaf("cbc:TaxCurrencyCode", invoice.tax_currency.as_ref());
    x.leaf("cbc:AccountingCost", invoice.booking_reference.as_ref());
    x.leaf("cbc:BuyerReference", invoice.buyer_reference.as_ref());
    period(x, invoice.period.as_ref(), invoice.tax_point_code.as_deref());
    orders(x, invoice);
    preceding_invoices(x, invoice);
    reference(x, "cac:DespatchDocumentReference", invoice.despatch_advice_reference.as_ref());
    reference(x, "cac:ReceiptDocumentReference", invoice.receiving_advice_reference.as_ref());
    // The two roots have the same references, in two orders.
    if credit_note {
        reference(x, "cac:ContractDocumentReference", invoice.contract_reference.as_ref());
        additional(x, whole);
        reference(x, "cac:OriginatorDocumentReference", invoice.tender_reference.as_ref());
    } else {
        reference(x, "cac:OriginatorDocumentReference", invoice.tender_reference.as_ref());
        reference(x, "cac:ContractDocumentReference", invoice.contract_reference.as_ref());
        additional(x, whole);
        reference(x, "cac:ProjectReference", invoice.project_reference.as_ref());
    }
}

/// BG-1: a subject code stands between number signs before the text.
fn note_text(note: &Note) -> Option<String> {
    let text = note.text.as_deref().unwrap_or_default();
    match note.subject_code.as_deref() {
        Some(code) => Some(format!("#{code}#{text}")),
        None => note.text.clone(),
    }
}

/// BG-14 or BG-26, with BT-8 on the document.
pub(crate) fn period(x: &mut Markup, period: Option<&Period>, code: Option<&str>) {
    x.group("cac:InvoicePeriod", |x| {
        x.leaf("cbc:StartDate", period.and_then(|period| period.start));
        x.leaf("cbc:EndDate", period.and_then(|period| period.end));
        x.leaf("cbc:DescriptionCode", code);
    });
}

/// BT-13 and BT-14.
fn orders(x: &mut Markup, invoice: &Invoice) {
    let sales_order = invoice.sales_order_reference.as_deref();
    let order = invoice.order_reference.as_deref();
    x.group("cac:OrderReference", |x| {
        x.leaf("cbc:ID", order.or(sales_order.map(|_| NOT_AVAILABLE)));
        x.leaf("cbc:SalesOrderID", sales_order);
    });
}

/// BG-3.
fn preceding_invoices(x: &mut Markup, invoice: &Invoice) {
    for preceding in &invoice.preceding_invoices {
        x.group("cac:BillingReference", |x| {
            x.kept_group("cac:InvoiceDocumentReference", |x| {
                x.leaf("cbc:ID", preceding.number.as_ref());
                x.leaf("cbc:IssueDate", preceding.issue_date);
            });
        });
    }
}

fn reference(x: &mut Markup, name: &'static str, id: Option<&String>) {
    x.group(name, |x| x.leaf("cbc:ID", id));
}

/// One element for three things: BG-24, BT-18, and BT-11 of a credit note.
fn additional(x: &mut Markup, whole: Whole<'_>) {
    const NAME: &str = "cac:AdditionalDocumentReference";
    for document in &whole.invoice.supporting_documents {
        x.kept_group(NAME, |x| supporting(x, document, whole.contents));
    }
    typed(x, NAME, whole.invoice.invoiced_object.as_ref(), OBJECT);
    if let Some(project) = whole.invoice.project_reference.as_deref().filter(|_| whole.credit_note)
    {
        typed(x, NAME, Some(&Identifier::from(project)), PROJECT);
    }
}

/// A reference that its type tells from a document: BT-18, BT-128, BT-11.
pub(crate) fn typed(x: &mut Markup, name: &'static str, id: Option<&Identifier>, code: &str) {
    if let Some(id) = id {
        x.group(name, |x| {
            x.identifier("cbc:ID", Some(id));
            x.leaf("cbc:DocumentTypeCode", Some(code));
        });
    }
}

fn supporting(x: &mut Markup, document: &SupportingDocument, contents: Contents<'_>) {
    x.leaf("cbc:ID", document.reference.as_ref());
    x.leaf("cbc:DocumentDescription", document.description.as_ref());
    x.group("cac:Attachment", |x| {
        if let Some(attachment) = &document.attachment {
            x.attachment("cbc:EmbeddedDocumentBinaryObject", attachment, contents);
        }
        x.group("cac:ExternalReference", |x| x.leaf("cbc:URI", document.url.as_ref()));
    });
}

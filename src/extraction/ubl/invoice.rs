//! UBL Invoice and `CreditNote` to the canonical invoice.

use crate::extraction::guard;
use crate::extraction::notes::Notes;
use crate::extraction::skonto;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::{self, allowances_and_charges};
use crate::extraction::ubl::{delivery, line, party, payment, references, totals};
use crate::extraction::unreadable::Unreadable;
use crate::models::extraction::Syntax;
use crate::models::invoice::{Invoice, InvoiceKind};

/// UNTDID 1001 codes of credit notes, as EN 16931 sorts them (BR-CL-01).
pub(crate) const CREDIT_NOTE_TYPES: [&str; 12] =
    ["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "502", "532"];

/// Reads the document; what is absent is absent in the result, and judged later.
///
/// # Errors
/// More lines or tax subtotals than the limits allow.
pub(crate) fn read(
    root: Element<'_, '_>,
    syntax: Syntax,
    notes: &mut Notes,
) -> Result<Invoice, Unreadable> {
    let line_name = match syntax {
        Syntax::UblCreditNote => "cac:CreditNoteLine",
        _ => "cac:InvoiceLine",
    };
    guard::lines(root.all(line_name).count())?;
    guard::allowances(root.all("cac:AllowanceCharge").count())?;
    guard::subtotals(root.all("cac:TaxTotal").flat_map(totals::groups).count())?;

    let currency = notes.word(root.find("cbc:DocumentCurrencyCode"), "BT-5");
    notes.set_currency(currency.clone());
    let mut invoice = header(root, syntax, notes);
    invoice.currency = currency;
    parties(root, &mut invoice, notes);
    invoice.payments = payment::read(root, notes);
    invoice.allowances_and_charges = allowances_and_charges(root, &amounts::DOCUMENT, notes);
    invoice.totals = totals::totals(root, notes);
    invoice.tax = totals::subtotals(root, notes);
    invoice.lines = line::read_all(root, line_name, notes);
    Ok(invoice)
}

fn header(root: Element<'_, '_>, syntax: Syntax, notes: &mut Notes) -> Invoice {
    let credit_note = syntax == Syntax::UblCreditNote;
    let (type_path, due_path) = if credit_note {
        ("cbc:CreditNoteTypeCode", "cac:PaymentMeans/cbc:PaymentDueDate")
    } else {
        ("cbc:InvoiceTypeCode", "cbc:DueDate")
    };
    let type_code = notes.word(root.find(type_path), "BT-3");
    let kind = if credit_note { InvoiceKind::CreditNote } else { kind_of(type_code.as_deref()) };
    let project = root.find("cac:ProjectReference/cbc:ID");
    let project = project.or_else(|| references::project(root).filter(|_| credit_note));
    let additional = "cac:AdditionalDocumentReference";
    let mut word = |path: &str, term: &str| notes.word(root.find(path), term);
    Invoice {
        kind,
        number: word("cbc:ID", "BT-1"),
        type_code,
        tax_currency: word("cbc:TaxCurrencyCode", "BT-6"),
        tax_point_code: word("cac:InvoicePeriod/cbc:DescriptionCode", "BT-8"),
        buyer_reference: word("cbc:BuyerReference", "BT-10"),
        contract_reference: word("cac:ContractDocumentReference/cbc:ID", "BT-12"),
        sales_order_reference: word("cac:OrderReference/cbc:SalesOrderID", "BT-14"),
        receiving_advice_reference: word("cac:ReceiptDocumentReference/cbc:ID", "BT-15"),
        despatch_advice_reference: word("cac:DespatchDocumentReference/cbc:ID", "BT-16"),
        tender_reference: word("cac:OriginatorDocumentReference/cbc:ID", "BT-17"),
        booking_reference: word("cbc:AccountingCost", "BT-19"),
        process: word("cbc:ProfileID", "BT-23"),
        specification: word("cbc:CustomizationID", "BT-24"),
        project_reference: notes.word(project, "BT-11"),
        issue_date: notes.date(root.find("cbc:IssueDate"), "BT-2"),
        tax_point_date: notes.date(root.find("cbc:TaxPointDate"), "BT-7"),
        due_date: notes.date(root.find(due_path), "BT-9"),
        order_reference: order_number(root.find("cac:OrderReference/cbc:ID"), "BT-13", notes),
        invoiced_object: references::object(root, additional, "BT-18", notes),
        payment_terms: notes.prose(root.find("cac:PaymentTerms/cbc:Note"), "BT-20"),
        cash_discounts: skonto::read(root.find("cac:PaymentTerms/cbc:Note"), notes),
        notes: references::notes(root, notes),
        preceding_invoices: references::preceding_invoices(root, notes),
        supporting_documents: references::supporting(root, notes),
        period: delivery::period(root.find("cac:InvoicePeriod"), ("BT-73", "BT-74"), notes),
        ..Invoice::default()
    }
}

fn parties(root: Element<'_, '_>, invoice: &mut Invoice, notes: &mut Notes) {
    let seller = root.find("cac:AccountingSupplierParty/cac:Party");
    let buyer = root.find("cac:AccountingCustomerParty/cac:Party");
    let representative = root.find("cac:TaxRepresentativeParty");
    invoice.seller = party::read(seller, &party::SELLER, notes);
    invoice.buyer = party::read(buyer, &party::BUYER, notes);
    invoice.payee = root.find("cac:PayeeParty").map(|at| party::payee(at, notes));
    invoice.tax_representative = representative.map(|at| party::tax_representative(at, notes));
    invoice.delivery = root.find("cac:Delivery").map(|at| delivery::read(at, notes));
}

/// Which way the amounts of a document of this type count.
pub(crate) fn kind_of(type_code: Option<&str>) -> InvoiceKind {
    match type_code {
        Some(code) if CREDIT_NOTE_TYPES.contains(&code) => InvoiceKind::CreditNote,
        _ => InvoiceKind::Invoice,
    }
}

/// "NA" is what writers put where UBL wants the number of an order, or of its line, and there is
/// none.
pub(crate) fn order_number(
    at: Option<Element<'_, '_>>,
    term: &str,
    notes: &mut Notes,
) -> Option<String> {
    let at = at.filter(|at| at.trimmed() != "NA");
    notes.word(at, term)
}

//! UBL Invoice and `CreditNote` to the canonical invoice.

use rust_decimal::Decimal;

use crate::extraction::guard;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::Amounts;
use crate::extraction::ubl::{line, party};
use crate::extraction::unreadable::Unreadable;
use crate::models::extraction::Syntax;
use crate::models::invoice::{
    Account, Invoice, InvoiceKind, Payment, PrecedingInvoice, TaxSubtotal, Totals,
};
use crate::models::order::LINES_MAX;

/// Tax subtotals of a document. Each is compared with each line; real documents have 1 to 10.
const SUBTOTALS_MAX: usize = 200;

/// Allowances and charges of a document. The rules add them up for each tax rate; real documents
/// have 0 to 10.
const ALLOWANCES_MAX: usize = 1_000;

/// UNTDID 1001 codes of credit notes, as EN 16931 sorts them (BR-CL-01).
const CREDIT_NOTE_TYPES: [&str; 12] =
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
    guard::limit("lines", root.all(line_name).count(), LINES_MAX)?;
    let allowances = root.all("cac:AllowanceCharge").count();
    guard::limit("allowances and charges", allowances, ALLOWANCES_MAX)?;
    let of_tax = root.all("cac:TaxTotal").flat_map(subtotals).count();
    guard::limit("tax subtotals", of_tax, SUBTOTALS_MAX)?;

    let currency = notes.word(root.find("cbc:DocumentCurrencyCode"), "BT-5");
    let mut invoice = header(root, syntax, notes);
    invoice.currency.clone_from(&currency);
    let mut amounts = Amounts { notes, currency };
    invoice.allowances_and_charges = amounts.allowances_and_charges(root, ("BT-92", "BT-99"));
    invoice.totals = totals(root, &mut amounts);
    invoice.tax = tax(root, &mut amounts);
    let lines = root.all(line_name);
    invoice.lines = lines.map(|at| line::read(at, &mut amounts)).collect();
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
    let credits = type_code.as_deref().is_some_and(|code| CREDIT_NOTE_TYPES.contains(&code));
    let despatch = root.find("cac:DespatchDocumentReference/cbc:ID");
    let receiving = root.find("cac:ReceiptDocumentReference/cbc:ID");
    let seller = root.find("cac:AccountingSupplierParty/cac:Party");
    let buyer = root.find("cac:AccountingCustomerParty/cac:Party");
    Invoice {
        kind: if credit_note || credits { InvoiceKind::CreditNote } else { InvoiceKind::Invoice },
        number: notes.word(root.find("cbc:ID"), "BT-1"),
        issue_date: notes.date(root.find("cbc:IssueDate"), "BT-2"),
        type_code,
        due_date: notes.date(root.find(due_path), "BT-9"),
        buyer_reference: notes.word(root.find("cbc:BuyerReference"), "BT-10"),
        order_reference: order_number(root.find("cac:OrderReference/cbc:ID"), "BT-13", notes),
        receiving_advice_reference: notes.word(receiving, "BT-15"),
        despatch_advice_reference: notes.word(despatch, "BT-16"),
        specification: notes.word(root.find("cbc:CustomizationID"), "BT-24"),
        preceding_invoices: preceding_invoices(root, notes),
        seller: party::read(seller, &party::SELLER, notes),
        buyer: party::read(buyer, &party::BUYER, notes),
        payments: accounts(root, notes),
        ..Invoice::default()
    }
}

/// "NA" is what writers put where UBL wants an order number and there is none.
pub(crate) fn order_number(
    at: Option<Element<'_, '_>>,
    term: &str,
    notes: &mut Notes,
) -> Option<String> {
    notes.word(at, term).filter(|number| number != "NA")
}

fn preceding_invoices(root: Element<'_, '_>, notes: &mut Notes) -> Vec<PrecedingInvoice> {
    let all = root.all("cac:BillingReference");
    all.filter_map(|group| group.find("cac:InvoiceDocumentReference/cbc:ID"))
        .filter_map(|id| notes.word(Some(id), "BT-25"))
        .map(|number| PrecedingInvoice { number: Some(number), issue_date: None })
        .collect()
}

fn accounts(root: Element<'_, '_>, notes: &mut Notes) -> Vec<Payment> {
    let means = root.all("cac:PaymentMeans");
    let accounts = means.flat_map(|means| means.all("cac:PayeeFinancialAccount"));
    let accounts = accounts.filter_map(|account| notes.word(account.find("cbc:ID"), "BT-84"));
    let account = |id| Account { id: Some(id), ..Account::default() };
    vec![Payment { accounts: accounts.map(account).collect(), ..Payment::default() }]
}

fn totals(root: Element<'_, '_>, amounts: &mut Amounts<'_>) -> Totals {
    let tax = document_tax(root, amounts);
    let Some(group) = root.find("cac:LegalMonetaryTotal") else {
        return Totals { tax, ..Totals::default() };
    };
    let mut amount = |leaf: &str, term: &str| amounts.amount(group.find(leaf), term);
    Totals {
        lines: amount("cbc:LineExtensionAmount", "BT-106"),
        allowances: amount("cbc:AllowanceTotalAmount", "BT-107"),
        charges: amount("cbc:ChargeTotalAmount", "BT-108"),
        net: amount("cbc:TaxExclusiveAmount", "BT-109"),
        tax,
        gross: amount("cbc:TaxInclusiveAmount", "BT-112"),
        paid: amount("cbc:PrepaidAmount", "BT-113"),
        rounding: amount("cbc:PayableRoundingAmount", "BT-114"),
        payable: amount("cbc:PayableAmount", "BT-115"),
        ..Totals::default()
    }
}

/// BT-110: of several tax totals the one in the document currency, whatever their order; BT-111,
/// in the currency of BT-6, is not it.
fn document_tax(root: Element<'_, '_>, amounts: &mut Amounts<'_>) -> Option<Decimal> {
    let all: Vec<_> =
        root.all("cac:TaxTotal").filter_map(|total| total.find("cbc:TaxAmount")).collect();
    let tax_currency = root.text_at("cbc:TaxCurrencyCode");
    let is_document = |amount: &&Element<'_, '_>| {
        amount.attribute("currencyID").is_none_or(|id| Some(id) == amounts.currency.as_deref())
    };
    let is_other = |amount: &&Element<'_, '_>| {
        amount.attribute("currencyID").is_some_and(|id| Some(id) == tax_currency.as_deref())
    };
    let chosen = all.iter().find(is_document);
    if let Some(second) = all.iter().filter(is_document).nth(1) {
        let why = "is a second VAT total in the document currency: which one counts is open";
        amounts.notes.broken_rule(*second, "BR-CO-15", why);
    }
    // One in a third currency is taken with a finding rather than dropped.
    let chosen = chosen.or_else(|| all.iter().find(|amount| !is_other(amount)));
    amounts.amount(chosen.copied(), "BT-110")
}

/// BG-23: the subtotals of the totals in the document currency; those of a total in the currency
/// of BT-6 say the same a second time.
fn tax(root: Element<'_, '_>, amounts: &mut Amounts<'_>) -> Vec<TaxSubtotal> {
    let tax_currency =
        root.text_at("cbc:TaxCurrencyCode").filter(|code| Some(code) != amounts.currency.as_ref());
    let in_tax_currency = |total: &Element<'_, '_>| {
        let amount = total.find("cbc:TaxAmount");
        let id = amount.and_then(|amount| amount.attribute("currencyID"));
        id.is_some() && id == tax_currency.as_deref()
    };
    let totals = root.all("cac:TaxTotal").filter(|total| !in_tax_currency(total));
    let mut chosen: Vec<_> = totals.flat_map(subtotals).collect();
    if chosen.is_empty() {
        chosen = root.all("cac:TaxTotal").flat_map(subtotals).collect();
    }
    let mut read = Vec::new();
    for group in chosen {
        let category = group.find("cac:TaxCategory");
        read.push(TaxSubtotal {
            base: amounts.amount(group.find("cbc:TaxableAmount"), "BT-116"),
            tax: amounts.amount(group.find("cbc:TaxAmount"), "BT-117"),
            category: amounts.notes.word(category.and_then(|at| at.find("cbc:ID")), "BT-118"),
            rate: amounts.notes.decimal(category.and_then(|at| at.find("cbc:Percent")), "BT-119"),
            ..TaxSubtotal::default()
        });
    }
    read
}

fn subtotals<'a, 'i: 'a>(total: Element<'a, 'i>) -> impl Iterator<Item = Element<'a, 'i>> {
    total.all("cac:TaxSubtotal")
}

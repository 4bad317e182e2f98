//! Cross Industry Invoice and ZUGFeRD 1 to the canonical invoice.

use crate::extraction::cii::amounts::{self, allowances_and_charges};
use crate::extraction::cii::{
    date, delivery, either, line, number_of, party, payment, references, terms, totals,
};
use crate::extraction::guard;
use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::extraction::ubl::amounts::DOCUMENT;
use crate::extraction::ubl::invoice::{kind_of, order_number};
use crate::extraction::ubl::party::{BUYER, SELLER};
use crate::extraction::unreadable::Unreadable;
use crate::models::invoice::Invoice;

/// The parts of a document, under their names of today or of ZUGFeRD 1.
struct Parts<'a, 'i> {
    context: Option<Element<'a, 'i>>,
    header: Option<Element<'a, 'i>>,
    transaction: Option<Element<'a, 'i>>,
    agreement: Option<Element<'a, 'i>>,
    delivery: Option<Element<'a, 'i>>,
    settlement: Option<Element<'a, 'i>>,
}

impl<'a, 'i: 'a> Parts<'a, 'i> {
    fn of(root: Element<'a, 'i>) -> Self {
        let transaction = either(
            root,
            ["rsm:SupplyChainTradeTransaction", "rsm:SpecifiedSupplyChainTradeTransaction"],
        );
        let part = |today, before| transaction.and_then(|at| either(at, [today, before]));
        Self {
            context: either(
                root,
                ["rsm:ExchangedDocumentContext", "rsm:SpecifiedExchangedDocumentContext"],
            ),
            header: either(root, ["rsm:ExchangedDocument", "rsm:HeaderExchangedDocument"]),
            transaction,
            agreement: part(
                "ram:ApplicableHeaderTradeAgreement",
                "ram:ApplicableSupplyChainTradeAgreement",
            ),
            delivery: part(
                "ram:ApplicableHeaderTradeDelivery",
                "ram:ApplicableSupplyChainTradeDelivery",
            ),
            settlement: part(
                "ram:ApplicableHeaderTradeSettlement",
                "ram:ApplicableSupplyChainTradeSettlement",
            ),
        }
    }
}

/// Reads the document; what is absent is absent in the result, and judged later.
///
/// # Errors
/// More lines, allowances or tax subtotals than the limits allow.
pub(crate) fn read(root: Element<'_, '_>, notes: &mut Notes) -> Result<Invoice, Unreadable> {
    let parts = Parts::of(root);
    let count = |name: &str| parts.settlement.map_or(0, |at| at.all(name).count());
    guard::lines(parts.transaction.map_or(0, |at| at.all(line::ELEMENT).count()))?;
    guard::allowances(count(amounts::ELEMENT) + count(amounts::LOGISTICS))?;
    guard::subtotals(count("ram:ApplicableTradeTax"))?;

    let currency = parts.settlement.and_then(|at| at.find("ram:InvoiceCurrencyCode"));
    let currency = notes.word(currency, "BT-5");
    notes.set_currency(currency.clone());
    let mut invoice = Invoice { currency, ..Invoice::default() };
    header(&parts, &mut invoice, notes);
    if let Some(at) = parts.agreement {
        agree(at, &mut invoice, notes);
    }
    if let Some(at) = parts.delivery {
        invoice.receiving_advice_reference =
            notes.word(number_of(Some(at), "ram:ReceivingAdviceReferencedDocument"), "BT-15");
        invoice.despatch_advice_reference = notes.word(line::despatch(Some(at)), "BT-16");
        invoice.delivery = delivery::read(at, notes);
    }
    if let Some(at) = parts.settlement {
        settle(at, &mut invoice, notes);
    }
    if let Some(at) = parts.transaction {
        invoice.lines = line::read_all(at, notes);
    }
    Ok(invoice)
}

fn header(parts: &Parts<'_, '_>, invoice: &mut Invoice, notes: &mut Notes) {
    let of_context = |group: &str| parts.context.and_then(|at| at.find(group));
    let process = of_context("ram:BusinessProcessSpecifiedDocumentContextParameter/ram:ID");
    let guideline = of_context("ram:GuidelineSpecifiedDocumentContextParameter/ram:ID");
    invoice.process = notes.word(process, "BT-23");
    invoice.specification = notes.word(guideline, "BT-24");
    let Some(at) = parts.header else {
        return;
    };
    invoice.number = notes.word(at.find("ram:ID"), "BT-1");
    invoice.type_code = notes.word(at.find("ram:TypeCode"), "BT-3");
    invoice.kind = kind_of(invoice.type_code.as_deref());
    invoice.issue_date = date::read(at.find("ram:IssueDateTime"), "BT-2", notes);
    invoice.notes = references::notes(at, notes);
}

/// What was agreed: parties, orders, contracts, documents.
fn agree(at: Element<'_, '_>, invoice: &mut Invoice, notes: &mut Notes) {
    let number = |path: &str| number_of(Some(at), path);
    let representative = at.find("ram:SellerTaxRepresentativeTradeParty");
    let project = at.find("ram:SpecifiedProcuringProject/ram:ID");
    invoice.buyer_reference = notes.word(at.find("ram:BuyerReference"), "BT-10");
    invoice.project_reference = notes.word(project, "BT-11");
    invoice.contract_reference = notes.word(number("ram:ContractReferencedDocument"), "BT-12");
    invoice.order_reference =
        order_number(number("ram:BuyerOrderReferencedDocument"), "BT-13", notes);
    invoice.sales_order_reference =
        notes.word(number("ram:SellerOrderReferencedDocument"), "BT-14");
    invoice.tender_reference = notes.word(references::tender(at), "BT-17");
    invoice.invoiced_object = references::object(at, "BT-18", references::of_document, notes);
    invoice.supporting_documents = references::supporting(at, notes);
    invoice.seller = party::read(at.find("ram:SellerTradeParty"), &SELLER, notes);
    invoice.buyer = party::read(at.find("ram:BuyerTradeParty"), &BUYER, notes);
    invoice.tax_representative = representative.map(|at| party::tax_representative(at, notes));
}

/// What it comes to, and how it is paid.
fn settle(at: Element<'_, '_>, invoice: &mut Invoice, notes: &mut Notes) {
    let tax = |path: &str| at.all("ram:ApplicableTradeTax").find_map(|tax| tax.find(path));
    invoice.tax_currency = notes.word(at.find("ram:TaxCurrencyCode"), "BT-6");
    invoice.tax_point_date = date::read(tax("ram:TaxPointDate"), "BT-7", notes);
    invoice.tax_point_code = tax_point_code(tax("ram:DueDateTypeCode"), notes);
    let booking = at.find("ram:ReceivableSpecifiedTradeAccountingAccount/ram:ID");
    invoice.booking_reference = notes.word(booking, "BT-19");
    invoice.preceding_invoices = references::preceding_invoices(at, notes);
    invoice.payee = at.find("ram:PayeeTradeParty").map(|at| party::payee(at, notes));
    invoice.period = delivery::period(Some(at), ("BT-73", "BT-74"), notes);
    invoice.payments = payment::read(at, notes);
    terms::read(at, invoice, notes);
    invoice.allowances_and_charges = allowances_and_charges(at, &DOCUMENT, notes);
    invoice.totals = totals::totals(at, notes);
    invoice.tax = totals::subtotals(at, notes);
}

/// BT-8: CII has the codes of UNTDID 2475, the canonical invoice those of 2005, as UBL.
fn tax_point_code(at: Option<Element<'_, '_>>, notes: &mut Notes) -> Option<String> {
    let code = |text: &str| match text {
        "5" => Some("3".to_owned()),
        "29" => Some("35".to_owned()),
        "72" => Some("432".to_owned()),
        _ => None,
    };
    notes.value(at, "BT-8", code, "is not a tax point code of CII: 5, 29 or 72")
}

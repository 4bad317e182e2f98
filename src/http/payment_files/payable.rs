//! From invoices of the ledger to transfers: which may be paid, and what keeps the others.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::http::Edge;
use crate::http::error::ApiError;
use crate::http::payment_files::order::PaymentRequest;
use crate::models::fault::Fault;
use crate::models::iban;
use crate::models::invoice::Invoice;
use crate::models::payment::of_invoice::{account, is_held, open_item};
use crate::models::payment::{ItemKind, KeptTransfer, OpenItem, PaymentOrder, Transfer};
use crate::models::policy::Policy;
use crate::models::refs::{InvoiceId, PaymentFileId};
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::situation::Facts;

/// An invoice that may be paid.
struct Payable {
    /// Its place in the request.
    place: usize,
    id: InvoiceId,
    revision: i64,
    item: OpenItem,
    /// What is open of it.
    open: Decimal,
    account: Option<(String, Option<String>)>,
    payee: String,
}

/// What is ordered of the bank.
pub struct Payables {
    /// As it is written.
    pub order: PaymentOrder,
    /// As it is kept.
    pub kept: Vec<KeptTransfer>,
    /// Each invoice with the revision in which it was looked at.
    pub invoices: Vec<(InvoiceId, i64)>,
    /// The place in the request of each transfer's first invoice.
    pub places: Vec<usize>,
}

/// Looks at all invoices that a subject wants to pay.
///
/// # Errors
/// Inside: every fault with its place. Outside: 503 when the ledger is away.
pub async fn gather(
    edge: &Edge,
    (subject, request): (&str, &PaymentRequest),
    (id, now): (&PaymentFileId, DateTime<Utc>),
) -> Result<Result<Payables, Vec<Fault>>, ApiError> {
    let mut faults = Vec::new();
    let mut payables = Vec::new();
    for (place, id) in request.invoices.iter().enumerate() {
        match look(edge, subject, (place, id)).await? {
            Ok(payable) => payables.push(payable),
            Err((code, text)) => {
                faults.push(Fault::at(&format!("/invoices/{place}"), code, &text));
            }
        }
    }
    if !request.net_credit_notes {
        for payable in payables.iter().filter(|one| one.item.kind == ItemKind::CreditNote) {
            let text = "is a credit note: set net_credit_notes to let it lower a transfer";
            faults.push(Fault::at(&format!("/invoices/{}", payable.place), "credit_note", text));
        }
    }
    let invoices = payables.iter().map(|one| (one.id.clone(), one.revision)).collect();
    let (mut transfers, mut kept, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for group in groups(payables, request.net_credit_notes) {
        match transfer(&group) {
            Ok((transfer, keep)) => {
                places.push(group[0].place);
                transfers.push(transfer);
                kept.push(keep);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let order = PaymentOrder {
        message_id: id.as_str().replace('_', "").to_ascii_uppercase(),
        created: now,
        execution: request.execution_date,
        debtor: request.debtor(),
        transfers,
    };
    Ok(Ok(Payables { order, kept, invoices, places }))
}

type Refused = (&'static str, String);

async fn look(
    edge: &Edge,
    subject: &str,
    (place, id): (usize, &InvoiceId),
) -> Result<Result<Payable, Refused>, ApiError> {
    let ledger = &edge.parts.ledger;
    let Some(facts) = ledger.facts(id).await? else {
        return Ok(Err(("unknown", "there is no such invoice".to_owned())));
    };
    if let Err(refused) = may_be_paid(&facts, subject, &edge.parts.policy) {
        return Ok(Err(refused));
    }
    let invoice = ledger.extraction(id).await?.map(|extraction| extraction.invoice);
    let item = invoice.as_ref().and_then(|invoice| open_item(id, invoice));
    let Some((invoice, item)) = invoice.zip(item) else {
        return Ok(Err(("nothing_open", "it states no amount to pay".to_owned())));
    };
    if item.currency.code() != "EUR" {
        let text = format!("is in {}: files of the SEPA scheme are in euro", item.currency.code());
        return Ok(Err(("not_in_euro", text)));
    }
    let mut open = item.amount;
    for row in ledger.rows_of(id).await? {
        open = open.checked_sub(row.falls(item.kind)).unwrap_or_default();
    }
    if open <= Decimal::ZERO {
        return Ok(Err(("nothing_open", "nothing is open of it".to_owned())));
    }
    let account = account(&invoice);
    if account.is_none() && item.kind == ItemKind::Invoice {
        let text = "the document names no IBAN to pay to (BT-84)";
        return Ok(Err(("account_missing", text.to_owned())));
    }
    let payee = payee(&invoice);
    let revision = facts.row.revision;
    Ok(Ok(Payable { place, id: id.clone(), revision, item, open, account, payee }))
}

/// What its standing says, whatever stands in it.
fn may_be_paid(facts: &Facts, subject: &str, policy: &Policy) -> Result<(), Refused> {
    let status = facts.row.status;
    if status != InvoiceStatus::Approved {
        let text = format!("is {}, and only approved invoices are paid", status.as_str());
        return Err(("not_approved", text));
    }
    if is_held(&facts.row.holds) {
        return Err(("pay_hold", "a hold stands on it: settle it first".to_owned()));
    }
    if facts.is_barred_editor(subject, policy) {
        let text = "you changed its supplier's accounts lately: somebody else must pay it";
        return Err(("four_eyes", text.to_owned()));
    }
    Ok(())
}

/// BT-59, else BT-27.
fn payee(invoice: &Invoice) -> String {
    let payee = invoice.payee.as_ref().and_then(|payee| payee.name.clone());
    payee.or_else(|| invoice.seller.name.clone()).unwrap_or_default()
}

/// Each invoice by itself; the invoices of a supplier together where credit notes lower them.
fn groups(payables: Vec<Payable>, net: bool) -> Vec<Vec<Payable>> {
    let mut groups: Vec<Vec<Payable>> = Vec::new();
    let mut of_supplier: BTreeMap<String, usize> = BTreeMap::new();
    let credited: Vec<String> = payables
        .iter()
        .filter(|one| net && one.item.kind == ItemKind::CreditNote)
        .filter_map(|one| one.item.supplier.clone())
        .collect();
    for payable in payables {
        let supplier = payable.item.supplier.clone().filter(|one| credited.contains(one));
        let place = supplier.as_ref().and_then(|supplier| of_supplier.get(supplier)).copied();
        match (place, supplier) {
            (Some(place), _) => groups[place].push(payable),
            (None, supplier) => {
                of_supplier.extend(supplier.map(|supplier| (supplier, groups.len())));
                groups.push(vec![payable]);
            }
        }
    }
    groups
}

fn transfer(group: &[Payable]) -> Result<(Transfer, KeptTransfer), Fault> {
    let at =
        |place: usize, code: &str, text: &str| Fault::at(&format!("/invoices/{place}"), code, text);
    let invoices = || group.iter().filter(|one| one.item.kind == ItemKind::Invoice);
    let Some((first, (iban, bic))) = invoices().find_map(|one| Some((one, one.account.clone()?)))
    else {
        let text = "no invoice of its supplier is in the file: it has nothing to lower";
        return Err(at(group[0].place, "nothing_to_net", text));
    };
    let another = |one: &&Payable| one.account.as_ref().is_some_and(|(other, _)| *other != iban);
    if let Some(other) = invoices().find(another) {
        let text = "names another account than the other invoices of its supplier that a credit \
                    note lowers: order it in a file of its own";
        return Err(at(other.place, "another_account", text));
    }
    let signed = |one: &Payable| match one.item.kind {
        ItemKind::Invoice => one.open,
        ItemKind::CreditNote => -one.open,
    };
    let amount: Option<Decimal> =
        group.iter().try_fold(Decimal::ZERO, |sum, one| sum.checked_add(signed(one)));
    let Some(amount) = amount.filter(|amount| *amount > Decimal::ZERO) else {
        let text = "the credit notes of the supplier are as much as its invoices, or more";
        return Err(at(first.place, "nothing_left", text));
    };
    let alone = group.len() == 1;
    let reference = first.item.references.iter().find(|text| is_reference(text)).cloned();
    let called: Vec<&str> = group.iter().map(|one| one.item.called()).collect();
    let transfer = Transfer {
        creditor: first.payee.clone(),
        iban: iban.clone(),
        bic,
        amount,
        end_to_end_id: first.id.end_to_end_id(),
        reference: reference.filter(|_| alone),
        text: called.join(" "),
    };
    let kept = KeptTransfer {
        creditor: transfer.creditor.clone(),
        iban,
        amount,
        end_to_end_id: transfer.end_to_end_id.clone(),
        invoices: group.iter().map(|one| one.id.clone()).collect(),
    };
    Ok((transfer, kept))
}

/// ISO 11649.
fn is_reference(text: &str) -> bool {
    text.starts_with("RF") && text.len() <= 25 && iban::has_check_digits(text)
}

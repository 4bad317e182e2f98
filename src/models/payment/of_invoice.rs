//! What is to be paid of an invoice: the open item that it makes.

use chrono::Days;

use crate::models::hold::{Hold, HoldSeverity};
use crate::models::iban;
use crate::models::invoice::{Invoice, InvoiceKind, normalised};
use crate::models::money::Currency;
use crate::models::payment::item::{Discount, ItemKind, OpenItem};
use crate::models::refs::InvoiceId;

/// The item of an invoice or credit note before anything was paid of it. None when there is
/// nothing to pay: no known currency, or no positive amount (BT-115, else BT-112).
pub fn open_item(id: &InvoiceId, invoice: &Invoice) -> Option<OpenItem> {
    let currency = Currency::parse(invoice.currency.as_deref()?).ok()?;
    let amount = invoice.totals.payable.or(invoice.totals.gross)?;
    if !amount.is_sign_positive() || amount.is_zero() {
        return None;
    }
    let remittance = invoice.payments.iter().filter_map(|payment| payment.remittance.clone());
    let mut references: Vec<String> = Vec::new();
    for reference in remittance {
        if !references.contains(&reference) {
            references.push(reference);
        }
    }
    Some(OpenItem {
        id: id.to_string(),
        kind: match invoice.kind {
            InvoiceKind::Invoice => ItemKind::Invoice,
            InvoiceKind::CreditNote => ItemKind::CreditNote,
        },
        number: invoice.number.clone(),
        supplier: invoice.seller_key(),
        supplier_name: invoice.seller.name.clone(),
        amount,
        currency,
        date: invoice.issue_date,
        due: invoice.due_date,
        references,
        end_to_end_ids: vec![id.end_to_end_id()],
        verified_ibans: Vec::new(),
        discount: discount(invoice),
        pay_hold: false,
        booked: None,
    })
}

/// The first one with a percentage and a day, where several are offered: the earliest is the
/// highest, and which one a payer meant shows in the amount alone.
fn discount(invoice: &Invoice) -> Option<Discount> {
    invoice.cash_discounts.iter().find_map(|offered| {
        let days = |days: u32| invoice.issue_date?.checked_add_days(Days::new(days.into()));
        let until = offered.until.or_else(|| offered.days.and_then(days))?;
        Some(Discount { percent: offered.percent?, until })
    })
}

/// Whether a hold against paying stands that nobody released.
pub fn is_held(holds: &[Hold]) -> bool {
    let stands = |hold: &Hold| hold.released.is_none() && hold.severity != HoldSeverity::Warn;
    holds.iter().any(stands)
}

/// Where to pay to: the first account of the document (BT-84) that is an IBAN, with its BIC.
pub fn account(invoice: &Invoice) -> Option<(String, Option<String>)> {
    let accounts = invoice.payments.iter().flat_map(|payment| &payment.accounts);
    accounts.into_iter().find_map(|account| {
        let id = normalised(account.id.as_deref()?);
        iban::is_registered(&id).then(|| (id, account.bic.as_deref().map(normalised)))
    })
}

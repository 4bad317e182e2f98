//! Does the money go where it always went?

use chrono::NaiveDate;

use crate::models::invoice::{Invoice, InvoiceKind};
use crate::models::supplier::Supplier;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::identity;
use crate::reconciliation::show;
use crate::reconciliation::vendor::called;

/// Blocks payment when an account that the invoice names (BT-84) is none that was verified on that
/// day. A credit note asks for no money: the account on it may well be ours.
pub(super) fn changed(invoice: &Invoice, supplier: &Supplier, on: NaiveDate) -> Option<Hold> {
    if invoice.kind == InvoiceKind::CreditNote {
        return None;
    }
    let mut named = invoice.accounts().map(|account| (account, identity::id(account)));
    let (account, why) = named.find_map(|(account, wanted)| {
        let mut on_file = supplier.accounts.iter();
        let found = on_file.find(|known| identity::id(&known.id) == wanted);
        match found.map(|known| known.verified_since) {
            _ if wanted.is_empty() => None,
            None => Some((account, "is not in the master record of")),
            Some(since) if since.is_some_and(|since| since <= on) => None,
            Some(_) => Some((account, "is in the master record and not verified yet for")),
        }
    })?;
    let text = format!(
        "account {} (BT-84) {why} supplier {}: call the supplier on a number that is on file, never \
         on one of the invoice; releases when two persons have verified the account",
        show::name(account),
        called(supplier)
    );
    Some(holds::document(HoldCode::BankChanged, &text))
}

//! Ways to pay as both syntaxes have them: one account at most in each.

use crate::models::invoice::{Invoice, Payment};

/// BG-16, one for each account: a schema has one account in a group of payment means, so that
/// several are told by repeating the group. A card or a mandate stays with the first.
pub(crate) fn of_one_account(invoice: &Invoice) -> Vec<Payment> {
    let mut payments = Vec::new();
    for payment in &invoice.payments {
        let mut accounts = payment.accounts.iter().cloned();
        let first = accounts.next().into_iter().collect();
        payments.push(Payment { accounts: first, ..payment.clone() });
        let rest = accounts.map(|account| Payment {
            accounts: vec![account],
            card: None,
            direct_debit: None,
            ..payment.clone()
        });
        payments.extend(rest);
    }
    payments
}

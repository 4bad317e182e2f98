//! What of a payment is compared, made comparable once.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::models::money::Currency;
use crate::models::payment::{Direction, PaymentCase, PaymentPolicy, Transaction};
use crate::reconciliation::pairing::similarity::Name;
use crate::reconciliation::payments::numbers;

/// A payment with what is left of it.
pub(crate) struct Facts<'a> {
    /// The payment.
    pub(crate) transaction: &'a Transaction,
    /// What is left of its amount; positive.
    pub(crate) amount: Decimal,
    /// Of the account.
    pub(crate) currency: Currency,
    /// The counterparty's account, plain.
    pub(crate) iban: Option<String>,
    /// The counterparty's name, as it is compared.
    pub(crate) name: Name,
    /// Under what the counterparty may have been learned: account and name, plain.
    pub(crate) counterparty: Vec<String>,
    /// Limits.
    pub(crate) policy: &'a PaymentPolicy,
    /// Of the books.
    pub(crate) ledger_currency: Option<Currency>,
    /// The day that declines are counted back from.
    pub(crate) today: Option<NaiveDate>,
}

impl<'a> Facts<'a> {
    /// None when the payment has no currency.
    pub(crate) fn new(
        case: &'a PaymentCase,
        transaction: &'a Transaction,
        left: Decimal,
    ) -> Option<Self> {
        let plain = |text: &Option<String>| {
            text.as_deref().map(numbers::plain).filter(|plain| !plain.is_empty())
        };
        let iban = plain(&transaction.counterparty_iban);
        let name = plain(&transaction.counterparty_name);
        Some(Self {
            transaction,
            amount: left,
            currency: transaction.currency?,
            counterparty: iban.iter().cloned().chain(name).collect(),
            iban,
            name: Name::new(transaction.counterparty_name.as_deref()),
            policy: &case.policy,
            ledger_currency: case.ledger_currency,
            today: case.as_of.or(transaction.date),
        })
    }

    /// Which way the money went.
    pub(crate) fn direction(&self) -> Direction {
        self.transaction.direction
    }

    /// What was ordered in a currency, where that can be known: the amount itself, or what the
    /// bank says of a payment of which nothing was allocated yet.
    pub(crate) fn in_currency(&self, currency: Currency) -> Option<Decimal> {
        if currency == self.currency {
            return Some(self.amount);
        }
        let whole = self.amount == self.transaction.amount;
        let instructed = self.transaction.instructed.as_ref().filter(|_| whole)?;
        (instructed.currency == currency).then_some(instructed.amount)
    }

    /// The largest difference that any limit lets pass.
    pub(crate) fn widest(&self) -> Decimal {
        let policy = self.policy;
        let limits = [policy.fee_limit, policy.write_off_limit, self.transaction.charges];
        limits.into_iter().flatten().max().unwrap_or_default().max(Decimal::ZERO)
    }
}

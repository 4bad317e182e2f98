//! Why rows cannot stand in the record.

use rust_decimal::Decimal;

use crate::reconciliation::payments::amount::TooLarge;

/// Why rows cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// A name that nothing has.
    #[error("{0} is not among the open items of the case")]
    NoItem(String),
    /// A name that nothing has.
    #[error("{0} is not among the transactions of the case")]
    NoTransaction(String),
    /// More than there is, or less than nothing.
    #[error("{taken} cannot be taken from item {item}: {open} of {whole} is open")]
    ItemOverdrawn {
        /// Which.
        item: String,
        /// By how much it would fall.
        taken: Decimal,
        /// What is open.
        open: Decimal,
        /// What was open before all rows.
        whole: Decimal,
    },
    /// More than there is, or less than nothing.
    #[error("{paid} cannot be spent of transaction {transaction}: {left} of {whole} is left")]
    TransactionOverdrawn {
        /// Which.
        transaction: String,
        /// What would be spent.
        paid: Decimal,
        /// What is left.
        left: Decimal,
        /// Its amount.
        whole: Decimal,
    },
    /// `paid + discount + fee + write_off + offset` is not what is taken.
    #[error("the row of item {0} does not add up")]
    DoesNotAddUp(String),
    /// A row that is taken back twice, or is not there.
    #[error("row {0} was taken back before, or is not in the record")]
    NotReversible(u64),
    /// Two rows of one number.
    #[error("two rows have the sequence {0}: each row has its own")]
    TwiceNumbered(u64),
    /// Numbers out of range.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

//! Payments and what they settle: open items, transactions, decisions, rows.
//!
//! Amounts are positive; the direction stands beside them. Rows are only ever added: what was
//! wrong is taken back by negative rows.

pub mod book;
pub mod decision;
pub mod file;
pub mod instruction;
pub mod item;
pub mod learning;
pub mod of_invoice;
pub mod policy;
pub mod prepayment;
pub mod progress;
pub mod remittance;
pub mod row;
pub mod settlement;
pub mod supplier_statement;
pub mod transaction;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::money::Currency;

pub use crate::models::payment::book::{
    EntryAction, EntryAnswer, EntryState, StatementContent, StatementFailure, StatementHead,
    StatementStatus,
};
pub use crate::models::payment::decision::{
    Candidate, CandidateItem, Evidence, EvidenceCode, PaymentDecision, PaymentVerdict, Reason,
    Remark, Shape,
};
pub use crate::models::payment::file::{Debtor, KeptTransfer, PaymentOrder, Transfer};
pub use crate::models::payment::instruction::{Instruction, StepResult};
pub use crate::models::payment::item::{Discount, ItemKind, OpenItem};
pub use crate::models::payment::learning::{
    Answer, Band, Judged, LearnedPair, Memory, PrecisionReport,
};
pub use crate::models::payment::policy::PaymentPolicy;
pub use crate::models::payment::prepayment::{
    PrepaidInvoice, Prepayment, PrepaymentCase, PrepaymentUse,
};
pub use crate::models::payment::remittance::{RemittanceAdvice, RemittanceLine};
pub use crate::models::payment::row::{Exchange, Row};
pub use crate::models::payment::settlement::{PaymentFault, Settlement};
pub use crate::models::payment::supplier_statement::{
    ComparedLine, LatePayment, LineClass, StatementComparison, SupplierStatement,
    SupplierStatementCase, SupplierStatementLine,
};
pub use crate::models::payment::transaction::{Direction, Instructed, Transaction};

/// Everything that settling looks at, as one value: same case, same result.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PaymentCase {
    /// The currency of the books; needed only for payments in another currency than the item's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger_currency: Option<Currency>,
    /// The day that "in the last 90 days" counts back from; without it, the day of the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// What may be paid, or may come in.
    pub open_items: Vec<OpenItem>,
    /// What a bank says happened.
    pub transactions: Vec<Transaction>,
    /// Transactions of earlier runs: they are not decided again, and returns look for their
    /// original among them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub known_transactions: Vec<Transaction>,
    /// Rows of earlier runs; the open amounts of `open_items` are those before them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
    /// What a person says is paid with what; carried out first, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instructions: Vec<Instruction>,
    /// Limits.
    pub policy: PaymentPolicy,
    /// What people confirmed and declined before.
    #[serde(skip_serializing_if = "Memory::is_empty")]
    pub memory: Memory,
}

//! Orchestration: the order of things, and waiting. Deterministic: no clock, no I/O, no tokio.
//!
//! Workflows import `models` and their own contract, nothing else: a replay must not change when
//! a rule or a store does.
#![deny(clippy::disallowed_methods)]

pub mod batch;
pub mod contract;
mod failure;
pub mod invoice;
pub mod ping;
pub mod reconciliation;
mod resting;
pub mod statement;
pub mod upkeep;
pub mod webhook;

pub use crate::workflows::batch::BatchWorkflow;
pub use crate::workflows::invoice::InvoiceWorkflow;
pub use crate::workflows::ping::PingWorkflow;
pub use crate::workflows::reconciliation::ReconciliationWorkflow;
pub use crate::workflows::statement::{EntryAnswerWorkflow, StatementWorkflow};
pub use crate::workflows::upkeep::UpkeepWorkflow;
pub use crate::workflows::webhook::WebhookDeliveryWorkflow;

/// Names of our workflow types: what the gateway shows, and nobody else's.
pub const WORKFLOW_TYPES: [&str; 8] = [
    ping::NAME,
    invoice::NAME,
    reconciliation::NAME,
    batch::NAME,
    statement::NAME,
    statement::ANSWER_NAME,
    webhook::NAME,
    upkeep::NAME,
];

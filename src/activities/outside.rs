//! What activities ask of workflows that are not their own: carried out by the gateway's client,
//! which whoever starts the worker hands in.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::models::refs::StatementId;
use crate::workflows::contract::{DecideAnswer, DecideInput};

/// Why a call could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Temporal is away, or does not answer in time: it is tried again.
    #[error("{0}")]
    Away(String),
    /// Anything else: trying again would not help.
    #[error("{0}")]
    Refused(String),
}

/// Carries a decision to the workflow of its invoice, as the invoice's own route does. `None`:
/// accepted, and not done in time.
pub type Carry = Arc<
    dyn Fn(DecideInput) -> BoxFuture<'static, Result<Option<DecideAnswer>, CallError>>
        + Send
        + Sync,
>;

/// Starts the workflow of a bank statement, unless it runs or was done.
pub type StartStatement =
    Arc<dyn Fn(StatementId) -> BoxFuture<'static, Result<(), CallError>> + Send + Sync>;

/// The way to the workflows of others. Cheap to clone.
#[derive(Clone)]
pub struct Outside {
    /// Decides about an invoice.
    pub carry: Carry,
    /// Has a bank statement read.
    pub start_statement: StartStatement,
}

//! What settling came to.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::models::payment::decision::PaymentDecision;
use crate::models::payment::instruction::StepResult;
use crate::models::payment::row::Row;

/// Something of the case that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
pub struct PaymentFault {
    /// JSON pointer (RFC 6901) into the case, or the id of the thing.
    pub place: String,
    /// For machines, snake_case.
    pub code: String,
    /// For people.
    pub detail: String,
}

/// The result of a payment case.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Settlement {
    /// One for each instruction, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepResult>,
    /// One for each transaction that was decided, by day and id.
    pub decisions: Vec<PaymentDecision>,
    /// Transactions that were known before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub already_known: Vec<String>,
    /// The rows to add to the record, in sequence.
    pub rows: Vec<Row>,
    /// What is open of each item that a new row touches.
    #[schema(value_type = BTreeMap<String, String>)]
    pub open: BTreeMap<String, Decimal>,
    /// What is left of each transaction of the case.
    #[schema(value_type = BTreeMap<String, String>)]
    pub unallocated: BTreeMap<String, Decimal>,
    /// What of the case could not be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<PaymentFault>,
}

//! What a person says is paid with what.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;
use utoipa::ToSchema;

use crate::models::decimal;
use crate::models::payment::row::Row;

/// One step: allocate a payment to items in their order, or take an earlier step back.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Instruction {
    /// Its name; unique among the steps of the record.
    pub step: String,
    /// The payment; absent when no money moves: a write-off, an offset.
    pub transaction: Option<String>,
    /// What it pays, in this order.
    pub items: Vec<String>,
    /// Discount taken; it closes its item. Differences go to the last items first.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub discount: Option<Decimal>,
    /// A bank's fee; negative when it came on top.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub fee: Option<Decimal>,
    /// Written off; it closes its item; negative when too much was paid.
    #[serde(with = "decimal::option")]
    #[schema(value_type = Option<String>)]
    pub write_off: Option<Decimal>,
    /// Items of the other direction that are set against `items`, before anything is paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offset_by: Vec<String>,
    /// The step to take back, with all its rows.
    pub undo: Option<String>,
}

/// What a step came to.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StepResult {
    /// Its name.
    pub step: String,
    /// The rows that it added.
    pub rows: Vec<Row>,
    /// What is open of each item that it named, afterwards.
    #[schema(value_type = BTreeMap<String, String>)]
    pub open: BTreeMap<String, Decimal>,
    /// What is left of each payment that it named.
    #[schema(value_type = BTreeMap<String, String>)]
    pub unallocated: BTreeMap<String, Decimal>,
    /// Why nothing was done.
    pub fault: Option<String>,
}

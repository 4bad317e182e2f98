//! A receipt as callers see it.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::http::answer;
use crate::http::error::ApiError;
use crate::http::openapi::SelfLink;
use crate::http::orders::unreadable;
use crate::http::registration::{self, Registered};
use crate::models::fault::Fault;
use crate::models::receipt::Receipt;
use crate::models::refs::ReceiptId;
use crate::storage::ledger::receipts::ReceiptRow;

/// A receipt that is kept.
#[derive(Debug, Serialize)]
pub struct ReceiptResource {
    /// Its id; the same for every revision.
    pub id: ReceiptId,
    /// When this revision came.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// What it says.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// Where it is.
    pub links: SelfLink,
}

/// A page of receipts.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the document; the list writes itself")]
pub struct ReceiptList {
    items: Vec<ReceiptResource>,
    /// Absent on the last page.
    #[schema(nullable = false)]
    next_page_token: Option<String>,
}

/// Where a receipt is.
pub fn path(id: &ReceiptId) -> String {
    format!("/receipts/{id}")
}

impl From<ReceiptRow> for ReceiptResource {
    fn from(row: ReceiptRow) -> Self {
        let links = SelfLink { this: path(&row.id) };
        Self { id: row.id, created_at: row.created_at, receipt: row.receipt, links }
    }
}

impl PartialSchema for ReceiptResource {
    fn schema() -> RefOr<Schema> {
        registration::kept_schema::<Receipt, ReceiptId>("A receipt that is kept.")
    }
}

impl ToSchema for ReceiptResource {
    fn name() -> Cow<'static, str> {
        "KeptReceipt".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        <Receipt as ToSchema>::schemas(schemas);
        schemas.push((ReceiptId::name().into_owned(), ReceiptId::schema()));
        schemas.push((SelfLink::name().into_owned(), SelfLink::schema()));
    }
}

impl Registered for Receipt {
    fn example() -> Value {
        example()
    }

    fn faults(&self) -> Vec<Fault> {
        self.faults()
    }

    fn from_xml(bytes: &[u8]) -> Result<Self, ApiError> {
        crate::extraction::read_receipt(bytes).map_err(unreadable::refuse)
    }

    fn set_revision(&mut self, revision: u32) {
        self.revision = revision;
    }
}

/// A receipt with every member that one can have.
pub fn example() -> Value {
    json!({
        "kind": "receipt", "number": "GR-7", "revision": 1, "purchase_order": "PO-1001",
        "date": "2026-11-12",
        "lines": [
            {
                "id": "1", "order_line": "1", "received": "100", "rejected": "2",
                "accepted": "97", "amount": "1000.00", "returns_receipt": "GR-5",
                "returns_line": "2", "despatch_reference": "DA-17", "last": true, "unit": "C62",
            },
        ],
    })
}

/// The same, kept.
pub fn kept_example() -> Value {
    let mut kept = example();
    kept["id"] = json!("rcp_01kax3v9s8f2m7c4t0q6w5z1re");
    kept["created_at"] = json!("2026-11-12T08:00:00.000Z");
    kept["links"] = json!({"self": "/receipts/rcp_01kax3v9s8f2m7c4t0q6w5z1re"});
    kept
}

#[cfg(test)]
mod tests {
    use super::example;
    use crate::models::receipt::Receipt;

    /// The finding of faults takes the place of a fault from the example: it must have them all.
    #[test]
    fn the_example_has_every_member() {
        let receipt: Receipt = serde_json::from_value(example()).expect("a receipt");
        assert!(receipt.faults().is_empty());
        assert_eq!(serde_json::to_value(&receipt).expect("JSON"), example());
    }
}

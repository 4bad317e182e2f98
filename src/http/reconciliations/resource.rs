//! A reconciliation as its caller sees it.

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::openapi::SelfLink;
use crate::http::workflows::resource::FailureResource;
use crate::models::refs::ReconciliationId;
use crate::models::verdict::Reconciliation;
use crate::temporal::gateway::RunStatus;

/// A comparison of what a caller brought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReconciliationRun)]
pub struct ReconciliationResource {
    /// Its id.
    pub id: ReconciliationId,
    /// How it stands.
    pub status: RunStatus,
    /// The result; absent until it is `completed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub result: Option<Reconciliation>,
    /// Why there will be no result.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<FailureResource>,
    /// Where it can be watched.
    pub links: SelfLink,
}

impl ReconciliationResource {
    /// With the link to itself.
    pub fn new(id: ReconciliationId, status: RunStatus, result: Option<Reconciliation>) -> Self {
        let links = SelfLink { this: location(&id) };
        Self { id, status, result, failure: None, links }
    }
}

/// Where a reconciliation is.
pub fn location(id: &ReconciliationId) -> String {
    format!("/reconciliations/{id}")
}

/// A case for the document.
pub fn case_example() -> Value {
    json!({
        "invoice": {"number": "RE-1", "currency": "EUR", "order_reference": "PO-1001",
            "lines": [{"id": "1", "quantity": "100", "net": "1040.00",
                "order_line_reference": "1"}]},
        "purchase_orders": [{"number": "PO-1001", "currency": "EUR",
            "lines": [{"id": "1", "quantity": "100", "unit_price": "10.00"}]}],
        "receipts": [{"number": "GR-7", "purchase_order": "PO-1001",
            "lines": [{"id": "1", "order_line": "1", "received": "100"}]}],
        "policy": {"match_level": "three_way",
            "tolerances": {"UNIT_PRICE": {"upper": {"percent": "5"}}}},
    })
}

/// What comes of it, shortened.
pub fn result_example() -> Value {
    json!({
        "input_hash": "9f2c", "outcome": "matched", "level": {"1": "three_way"},
        "checks": [{"code": "UNIT_PRICE", "line": "1", "po": "PO-1001", "po_line": "1",
            "actual": "10.4", "expected": "10", "variance": "0.4", "percent": "4.00",
            "tolerance": {"upper": {"percent": "5"}, "lower": {}, "combine": "all"},
            "tolerance_from": "entity", "verdict": "pass_within",
            "text": "price 10.4 for one, ordered at 10: 0.4 too much (4.00 %), within the limits"}],
        "pairing": [{"line": "1", "po": "PO-1001", "po_line": "1", "step": "explicit"}],
        "allocations": [{"line": "1", "po": "PO-1001", "po_line": "1", "receipt": "GR-7",
            "receipt_line": "1", "quantity": "100", "amount": "1040.00"}],
        "po_lines": [{"po": "PO-1001", "po_line": "1", "ordered": "100", "received": "100",
            "billed": "100"}],
        "holds": [],
    })
}

/// One that is done, for the document.
pub fn done_example() -> Value {
    json!({
        "id": "rec_01kax40b2t9v3m8q1d6h5n0ws4", "status": "completed", "result": result_example(),
        "links": {"self": "/reconciliations/rec_01kax40b2t9v3m8q1d6h5n0ws4"},
    })
}

/// One that runs, for the document.
pub fn running_example() -> Value {
    json!({
        "id": "rec_01kax40b2t9v3m8q1d6h5n0ws4", "status": "running",
        "links": {"self": "/reconciliations/rec_01kax40b2t9v3m8q1d6h5n0ws4"},
    })
}

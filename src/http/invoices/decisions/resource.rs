//! A decision as callers see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::models::decision::Action;
use crate::models::refs::DecisionId;
use crate::models::situation::Approvals;
use crate::models::status::InvoiceStatus;

/// What was decided, and where the invoice stands since.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionResource {
    /// The decision.
    pub decision: DecisionFacts,
    /// Where the invoice stands.
    pub status: InvoiceStatus,
    /// Its revision.
    pub revision: i64,
    /// Approvals, while it waits for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub approvals: Option<ApprovalCounts>,
    /// Where to look.
    pub links: DecisionLinks,
}

/// The facts of a decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionFacts {
    /// Its id.
    pub id: DecisionId,
    /// What was done.
    pub action: Action,
    /// By which subject.
    pub by: String,
    /// When; absent while it is accepted and not written down yet.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "answer::optional_time")]
    #[schema(nullable = false)]
    pub at: Option<DateTime<Utc>>,
}

/// Approvals that are needed and given.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct ApprovalCounts {
    /// How many different people.
    pub required: u32,
    /// How many of them have approved.
    pub given: usize,
}

impl From<Approvals> for ApprovalCounts {
    fn from(approvals: Approvals) -> Self {
        Self { required: approvals.required, given: approvals.given.len() }
    }
}

/// Where to look.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DecisionLinks {
    /// The invoice.
    #[schema(example = "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re")]
    pub invoice: String,
}

/// A decision, for the document.
pub fn decision_example() -> Value {
    json!({
        "action": "release", "expected_revision": 5, "reason_code": "PRICE_AGREED",
        "reason": "agreed by phone", "holds": [{"code": "UNIT_PRICE", "line": "2"}],
    })
}

/// One with all its members, for finding faults; no action has all of them.
pub fn whole_decision_example() -> Value {
    let mut example = decision_example();
    example["pairings"] = json!([{"line": "1", "po": "PO-1001", "po_line": "2"}]);
    example["corrections"] = json!([{"pointer": "/number", "value": "RE-1"}]);
    example
}

/// One that was taken.
pub fn decided_example() -> Value {
    json!({
        "decision": {
            "id": "dec_01kax3v9s8f2m7c4t0q6w5z1re", "action": "release", "by": "user:buyer-1",
            "at": "2026-11-23T10:02:11.004Z",
        },
        "status": "approval", "revision": 8, "approvals": {"required": 2, "given": 0},
        "links": {"invoice": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re"},
    })
}

/// One that is not finished.
pub fn waiting_example() -> Value {
    json!({
        "decision": {
            "id": "dec_01kax3v9s8f2m7c4t0q6w5z1re", "action": "retry", "by": "user:operator-1",
        },
        "status": "needs_attention", "revision": 5,
        "links": {"invoice": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re"},
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::whole_decision_example;
    use crate::http::extract::shape::lists_for_objects;

    #[test]
    fn no_list_is_taken_for_a_part_of_a_decision() {
        let mut said = json!({
            "action": "pair", "holds": [["UNIT_PRICE"]], "pairings": [["1", "PO-1001", "2"]],
            "corrections": [["/number", "RE-1"]],
        });
        let faults = lists_for_objects(&mut said, &whole_decision_example(), 9);
        let places: Vec<_> = faults.iter().filter_map(|fault| fault.pointer.as_deref()).collect();
        assert_eq!(places, ["/corrections/0", "/holds/0", "/pairings/0"]);
    }
}

//! What is asked for many invoices, and what it would do, as callers see it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoResponses, ToSchema};

use crate::http::batches::resource::BatchResource;
use crate::http::invoices::resource::path;
use crate::http::openapi::SelfLink;
use crate::models::batch::ItemProblem;
use crate::models::bulk::{BulkFilter, ITEMS_DEFAULT, ITEMS_MAX};
use crate::models::decision::{Action, Correction, Decision};
use crate::models::fault::Fault;
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;

/// Which invoices, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// Which ones; it must not be empty.
    pub filter: BulkFilter,
    /// For people; 1 to 2,000 characters. It is the reason of each decision.
    pub reason: String,
    /// How many at most, 1 to 5,000; the oldest come first.
    #[serde(default = "limit")]
    #[schema(example = 500)]
    pub limit: u32,
    /// Whether nothing is done, and the answer lists what would be.
    #[serde(default = "dry_run")]
    #[schema(example = true)]
    pub dry_run: bool,
}

/// Which invoices, which fields, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkCorrection {
    /// Which ones; it must not be empty.
    pub filter: BulkFilter,
    /// Fields and the values that they should have, in each of them.
    pub corrections: Vec<Correction>,
    /// For people; 1 to 2,000 characters. It is the reason of each decision.
    pub reason: String,
    /// How many at most, 1 to 5,000; the oldest come first.
    #[serde(default = "limit")]
    #[schema(example = 500)]
    pub limit: u32,
    /// Whether nothing is done, and the answer lists what would be.
    #[serde(default = "dry_run")]
    #[schema(example = true)]
    pub dry_run: bool,
}

fn limit() -> u32 {
    ITEMS_DEFAULT
}

fn dry_run() -> bool {
    true
}

impl BulkRequest {
    /// Every fault of the content, with its place.
    pub fn faults(&self, action: Action) -> Vec<Fault> {
        let mut faults = self.filter.faults(action);
        // The text alone is judged: the action is the route's.
        let reason = Some(self.reason.clone());
        faults.extend(Decision { reason, ..Decision::of(Action::Reject) }.faults());
        within(self.limit, &mut faults);
        faults
    }
}

impl BulkCorrection {
    /// The decision about each of them.
    pub fn decision(&self) -> Decision {
        let (reason, corrections) = (Some(self.reason.clone()), self.corrections.clone());
        Decision { reason, corrections, ..Decision::of(Action::Correct) }
    }

    /// Every fault of the content, with its place.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = self.filter.faults(Action::Correct);
        faults.extend(self.decision().faults());
        within(self.limit, &mut faults);
        faults
    }
}

fn within(limit: u32, faults: &mut Vec<Fault>) {
    if !(1..=ITEMS_MAX).contains(&limit) {
        let text = format!("must be 1 to {ITEMS_MAX}");
        faults.push(Fault::at("/limit", "out_of_range", &text));
    }
}

/// For the document: the answer of each of these routes to a real run.
#[derive(IntoResponses)]
#[response(status = 202, description = "Recorded; it will be done with each",
    headers(
        ("Location" = String, description = "The batch"),
        ("Retry-After" = u64, description = "Seconds after which to look"),
        ("Idempotency-Replayed" = bool, description = "`true` when it was there already"),
    ),
    example = json!(promised_example()))]
#[expect(dead_code, reason = "read by the document, not by code")]
pub struct Promised(BatchResource);

/// What would be done.
#[derive(Debug, Serialize, ToSchema)]
pub struct Outlook {
    /// What with each.
    pub action: Action,
    /// How many are found, up to the limit.
    pub matched: usize,
    /// Whether there are more than the limit.
    pub more: bool,
    /// Each of them, the oldest first.
    pub items: Vec<OutlookItem>,
}

/// What would become of one invoice.
#[derive(Debug, Serialize, ToSchema)]
pub struct OutlookItem {
    /// Which one.
    pub id: InvoiceId,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Its revision.
    pub revision: i64,
    /// Where it would go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub becomes: Option<InvoiceStatus>,
    /// Why it would be passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub problem: Option<ItemProblem>,
    /// Where it is.
    pub links: SelfLink,
}

impl OutlookItem {
    /// `led` is where the rules lead.
    pub fn new(
        id: InvoiceId,
        status: InvoiceStatus,
        revision: i64,
        led: Result<Vec<InvoiceStatus>, ItemProblem>,
    ) -> Self {
        let (becomes, problem) = match led {
            Ok(path) => (path.last().copied(), None),
            Err(problem) => (None, Some(problem)),
        };
        let links = SelfLink { this: path(&id) };
        Self { id, status, revision, becomes, problem, links }
    }
}

/// A request with all its members, for the document and for finding faults.
pub fn request_example() -> Value {
    json!({
        "filter": {
            "id": ["inv_01kax3v9s8f2m7c4t0q6w5z1re"],
            "status": ["needs_attention"], "code": ["RETRIES_EXHAUSTED"],
            "supplier": "Schrauben Meier GmbH", "number": "RE-2026-0417",
            "purchase_order": "PO-1001", "currency": "EUR",
            "batch_id": "bat_01kax41c6v0r9m2d8q4t7h3nse",
            "received_after": "2026-11-01T00:00:00Z", "received_before": "2026-12-01T00:00:00Z",
            "updated_before": "2026-11-20T00:00:00Z",
        },
        "reason": "the store is back", "limit": 500, "dry_run": true,
    })
}

/// The same for corrections.
pub fn correction_example() -> Value {
    let mut example = request_example();
    example["reason"] = "the supplier prints an old VAT id".into();
    example["corrections"] = json!([{"pointer": "/seller/vat_id", "value": "DE123456789"}]);
    example
}

/// What would be done, for the document.
pub fn outlook_example() -> Value {
    json!({
        "action": "retry", "matched": 1, "more": false,
        "items": [{
            "id": "inv_01kax3v9s8f2m7c4t0q6w5z1re", "status": "needs_attention", "revision": 5,
            "becomes": "extracting", "links": {"self": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re"},
        }],
    })
}

/// One that is promised, for the document.
pub fn promised_example() -> Value {
    json!({
        "id": "bat_01kax41c6v0r9m2d8q4t7h3nse", "kind": "retry", "status": "accepting",
        "known": "new", "created_at": "2026-11-23T09:14:05.123Z", "items_total": 37,
        "counts": {"pending": 37},
        "links": {
            "self": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse",
            "items": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse/items",
            "invoices": "/invoices?batch_id=bat_01kax41c6v0r9m2d8q4t7h3nse",
            "cancel": "/batches/bat_01kax41c6v0r9m2d8q4t7h3nse/cancel",
        },
    })
}

//! An invoice as callers see it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::invoices::decisions::resource::ApprovalCounts;
use crate::models::attention::Attention;
use crate::models::decision::{Action, legal_actions};
use crate::models::invoice_response::is_told;
use crate::models::media_type::MediaType;
use crate::models::money::{Currency, Money};
use crate::models::refs::{InvoiceId, Sha256, SupplierId};
use crate::models::status::InvoiceStatus;
use crate::models::verdict::Hold;
use crate::storage::ledger::invoices::InvoiceRow;

/// An invoice as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeptInvoice, example = json!(example()))]
pub struct InvoiceResource {
    /// Its id.
    pub id: InvoiceId,
    /// Where it stands.
    pub status: InvoiceStatus,
    /// Grows by one with each event.
    pub revision: i64,
    /// When it came.
    #[serde(serialize_with = "answer::time")]
    pub received_at: DateTime<Utc>,
    /// When it changed last.
    #[serde(serialize_with = "answer::time")]
    pub updated_at: DateTime<Utc>,
    /// The subject that handed it in.
    pub submitted_by: String,
    /// The supplier's number of the invoice (BT-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub number: Option<String>,
    /// The supplier's name (BT-27).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub supplier_name: Option<String>,
    /// The supplier on file whose invoice it is, as of its last comparison; absent where none is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub supplier_id: Option<SupplierId>,
    /// The order that it names (BT-13), else the hint that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub purchase_order: Option<String>,
    /// The sender's own name for it, as it came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reference: Option<String>,
    /// What was handed in.
    pub document: DocumentFacts,
    /// The date of the invoice (BT-2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub issue_date: Option<NaiveDate>,
    /// When it is due (BT-9).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub due_date: Option<NaiveDate>,
    /// With tax (BT-112); positive for credit notes too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub total: Option<Money>,
    /// How many findings the rules made; absent until the document was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub findings: Option<FindingCounts>,
    /// Why it may not be paid.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub holds: Vec<Hold>,
    /// Why a person must look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub attention: Option<Attention>,
    /// Approvals that it waits for; in the answer for one invoice alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub approvals: Option<ApprovalCounts>,
    /// What people may do with it now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub actions: Vec<Action>,
    /// Where its parts are, and where to decide.
    pub links: InvoiceLinks,
}

/// The facts of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct DocumentFacts {
    /// What it was sent as.
    pub media_type: MediaType,
    /// What it is by its content; absent until it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ubl-invoice")]
    pub syntax: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes.
    pub sha256: Sha256,
}

/// How many findings there are.
#[derive(Debug, Serialize, ToSchema)]
pub struct FindingCounts {
    /// Breaches that hold the invoice.
    pub fatal: i64,
    /// Breaches that someone may want to see.
    pub warning: i64,
}

/// Where its parts are; a part that is not made yet has no link.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvoiceLinks {
    /// The invoice itself.
    #[serde(rename = "self")]
    #[schema(example = "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re")]
    pub this: String,
    /// The document as it was received.
    pub document: String,
    /// What happens to it, as it happens.
    #[schema(example = "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/events")]
    pub events: String,
    /// What was read out of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub extraction: Option<String>,
    /// What the comparison with order and receipts concluded.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub reconciliation: Option<String>,
    /// What the supplier is told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub response: Option<String>,
    /// Where to decide about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub decision: Option<String>,
    /// Where to ask for another try.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub retry: Option<String>,
    /// Where to withdraw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel: Option<String>,
}

/// Where an invoice is.
pub fn path(id: &InvoiceId) -> String {
    format!("/invoices/{id}")
}

impl From<InvoiceRow> for InvoiceResource {
    fn from(row: InvoiceRow) -> Self {
        let links = InvoiceLinks::of(&row);
        let currency = row.currency.as_deref().and_then(|code| Currency::parse(code).ok());
        let was_read = row.syntax.is_some();
        let (fatal, warning) = row.findings;
        Self {
            document: DocumentFacts {
                media_type: row.media_type,
                syntax: row.syntax,
                bytes: row.bytes,
                sha256: row.sha256,
            },
            total: row.total.zip(currency).map(|(amount, currency)| Money { amount, currency }),
            findings: was_read.then_some(FindingCounts { fatal, warning }),
            id: row.id,
            status: row.status,
            revision: row.revision,
            received_at: row.received_at,
            updated_at: row.updated_at,
            submitted_by: row.submitted_by,
            number: row.number,
            supplier_name: row.supplier_name,
            supplier_id: row.supplier_id,
            purchase_order: row.purchase_order,
            reference: row.reference,
            issue_date: row.issue_date,
            due_date: row.due_date,
            holds: row.holds,
            attention: row.attention,
            approvals: None,
            actions: legal_actions(row.status),
            links,
        }
    }
}

impl InvoiceLinks {
    fn of(row: &InvoiceRow) -> Self {
        use InvoiceStatus as S;
        let this = path(&row.id);
        let was_matched = matches!(
            row.status,
            S::Held | S::Approval | S::Approved | S::Scheduled | S::PartPaid | S::Paid
        );
        let part = |there: bool, name: &str| there.then(|| format!("{this}/{name}"));
        let actions = legal_actions(row.status);
        let own_route = |action: &Action| matches!(action, Action::Retry | Action::Cancel);
        Self {
            decision: part(actions.iter().any(|action| !own_route(action)), "decision"),
            retry: part(actions.contains(&Action::Retry), "retry"),
            cancel: part(actions.contains(&Action::Cancel), "cancel"),
            document: format!("{this}/document"),
            events: format!("{this}/events"),
            extraction: part(row.syntax.is_some(), "extraction"),
            reconciliation: part(was_matched, "reconciliation"),
            response: part(is_told(row.status), "response"),
            this,
        }
    }
}

/// A held invoice, for the document.
pub fn example() -> Value {
    json!({
        "id": "inv_01kax3v9s8f2m7c4t0q6w5z1re", "status": "held", "revision": 5,
        "received_at": "2026-11-23T09:14:05.123Z", "updated_at": "2026-11-23T09:14:06.310Z",
        "submitted_by": "anonymous", "number": "RE-2026-0417", "supplier_name": "Muster GmbH",
        "supplier_id": "sup_01k8m0q4d7h1n5r9x2v6b3c8te", "purchase_order": "PO-1001",
        "reference": "ERP-000417",
        "document": {
            "media_type": "application/xml", "syntax": "ubl-invoice", "bytes": 18342,
            "sha256": "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9",
        },
        "issue_date": "2026-11-20", "due_date": "2026-12-20",
        "total": {"amount": "1190.00", "currency": "EUR"},
        "findings": {"fatal": 0, "warning": 1},
        "holds": [{
            "code": "UNIT_PRICE", "line": "2", "severity": "stop",
            "text": "line 2 bills 10.80 for each C62, order PO-1001 says 10.00",
            "since": "2026-11-23T09:14:06.310Z",
        }],
        "actions": ["reject", "release", "pair", "request_information", "correct", "cancel"],
        "links": {
            "self": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re",
            "document": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/document",
            "events": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/events",
            "response": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/response",
            "extraction": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/extraction",
            "reconciliation": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/reconciliation",
            "decision": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/decision",
            "cancel": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/cancel",
        },
    })
}

/// An invoice that was just handed in, for the document.
pub fn received_example() -> Value {
    json!({
        "id": "inv_01kax3v9s8f2m7c4t0q6w5z1re", "status": "received", "revision": 1,
        "received_at": "2026-11-23T09:14:05.123Z", "updated_at": "2026-11-23T09:14:05.123Z",
        "submitted_by": "anonymous", "actions": ["cancel"],
        "document": {
            "media_type": "application/xml", "bytes": 18342,
            "sha256": "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9",
        },
        "links": {
            "self": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re",
            "document": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/document",
            "events": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/events",
            "cancel": "/invoices/inv_01kax3v9s8f2m7c4t0q6w5z1re/cancel",
        },
    })
}

//! A payment file as callers see it.

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::models::money::{Currency, Money};
use crate::models::payment::{Debtor, KeptTransfer};
use crate::models::refs::{PaymentFileId, Sha256};
use crate::storage::ledger::payment_files::PaymentFileRow;

/// How a payment file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFileStatus {
    /// Its invoices are scheduled, or what came of them.
    Ordered,
    /// It was withdrawn.
    Cancelled,
}

/// A file of payment orders.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PaymentFile)]
pub struct PaymentFileResource {
    /// Its id.
    pub id: PaymentFileId,
    /// How it stands.
    pub status: PaymentFileStatus,
    /// The subject that ordered it.
    pub submitted_by: String,
    /// When it was made.
    #[serde(serialize_with = "answer::time")]
    pub created_at: DateTime<Utc>,
    /// When it was withdrawn.
    #[serde(serialize_with = "answer::optional_time", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancelled_at: Option<DateTime<Utc>>,
    /// From where.
    pub debtor: Debtor,
    /// When the bank is to pay.
    pub execution_date: NaiveDate,
    /// What goes out in all.
    pub total: Money,
    /// Each transfer with what it pays.
    pub transfers: Vec<KeptTransfer>,
    /// What is handed to the bank.
    pub document: PaymentDocument,
    /// Where its parts are.
    pub links: PaymentFileLinks,
}

/// The facts of the document.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentDocument {
    /// Always XML.
    #[schema(example = "application/xml")]
    pub media_type: &'static str,
    /// The message by its full name.
    #[schema(example = "pain.001.001.09")]
    pub message: &'static str,
    /// Digest of its bytes.
    pub sha256: Sha256,
}

/// Where a payment file is.
#[derive(Debug, Serialize, ToSchema)]
pub struct PaymentFileLinks {
    /// The file itself.
    #[serde(rename = "self")]
    #[schema(example = "/payment-files/pfl_01kax40b2t9v3m8q1d6h5n0ws4")]
    pub this: String,
    /// What is handed to the bank.
    pub document: String,
    /// Where it is withdrawn; absent when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cancel: Option<String>,
}

/// Where a payment file is.
pub fn location(id: &PaymentFileId) -> String {
    format!("/payment-files/{id}")
}

impl From<PaymentFileRow> for PaymentFileResource {
    fn from(row: PaymentFileRow) -> Self {
        let this = location(&row.id);
        let cancelled = row.cancelled_at.is_some();
        let links = PaymentFileLinks {
            document: format!("{this}/document"),
            cancel: (!cancelled).then(|| format!("{this}/cancel")),
            this,
        };
        let transfers = row.content.transfers;
        // Each was below 1,000,000,000 when it was written, and there are some hundreds.
        let amount: Decimal = transfers.iter().map(|transfer| transfer.amount).sum();
        let currency = Currency::parse("EUR").expect("the euro is a currency");
        Self {
            id: row.id,
            status: match cancelled {
                true => PaymentFileStatus::Cancelled,
                false => PaymentFileStatus::Ordered,
            },
            submitted_by: row.submitted_by,
            created_at: row.created_at,
            cancelled_at: row.cancelled_at,
            debtor: row.content.debtor,
            execution_date: row.content.execution_date,
            total: Money { amount, currency },
            transfers,
            document: PaymentDocument {
                media_type: "application/xml",
                message: "pain.001.001.09",
                sha256: row.sha256,
            },
            links,
        }
    }
}

/// One for the document.
pub fn example() -> Value {
    json!({
        "id": "pfl_01kax40b2t9v3m8q1d6h5n0ws4", "status": "ordered", "submitted_by": "anonymous",
        "created_at": "2026-11-26T09:14:05.123Z",
        "debtor": {"name": "Muster AG", "iban": "DE89370400440532013000"},
        "execution_date": "2026-11-27", "total": {"amount": "1190.00", "currency": "EUR"},
        "transfers": [{"creditor": "Schrauben Meier GmbH", "iban": "DE02120300000000202051",
            "amount": "1190.00", "end_to_end_id": "INV01KAX3V9S8F2M7C4T0Q6W5Z1RE",
            "invoices": ["inv_01kax3v9s8f2m7c4t0q6w5z1re"]}],
        "document": {"media_type": "application/xml", "message": "pain.001.001.09",
            "sha256": "9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c"},
        "links": {"self": "/payment-files/pfl_01kax40b2t9v3m8q1d6h5n0ws4",
            "document": "/payment-files/pfl_01kax40b2t9v3m8q1d6h5n0ws4/document",
            "cancel": "/payment-files/pfl_01kax40b2t9v3m8q1d6h5n0ws4/cancel"},
    })
}

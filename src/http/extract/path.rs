//! Ids in paths: what is not an id of ours is 404 before any store is asked.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;

use crate::http::error::ApiError;
use crate::models::refs::{
    BatchId, EntryId, InvoiceId, OrderId, PaymentFileId, ReceiptId, ReconciliationId, Sha256,
    StatementId, SupplierId, WebhookId,
};

/// Bytes of a workflow id; Temporal's own limit.
const WORKFLOW_ID_BYTES_MAX: usize = 1_000;

/// What a path may name.
pub trait ResourceId: Sized {
    /// The kind in one word, for the `resource` member of a 404.
    const RESOURCE: &'static str;

    /// Reads the id; `None` for anything that cannot be one.
    fn read(text: &str) -> Option<Self>;
}

impl ResourceId for InvoiceId {
    const RESOURCE: &'static str = "invoice";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for OrderId {
    const RESOURCE: &'static str = "purchase_order";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for ReceiptId {
    const RESOURCE: &'static str = "receipt";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for SupplierId {
    const RESOURCE: &'static str = "supplier";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for ReconciliationId {
    const RESOURCE: &'static str = "reconciliation";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for BatchId {
    const RESOURCE: &'static str = "batch";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for StatementId {
    const RESOURCE: &'static str = "bank_statement";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for Sha256 {
    const RESOURCE: &'static str = "artifact";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for EntryId {
    const RESOURCE: &'static str = "bank_entry";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for PaymentFileId {
    const RESOURCE: &'static str = "payment_file";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

impl ResourceId for WebhookId {
    const RESOURCE: &'static str = "webhook";
    fn read(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }
}

/// The id of a workflow: up to 1,000 bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowId(pub String);

impl ResourceId for WorkflowId {
    const RESOURCE: &'static str = "workflow";
    fn read(text: &str) -> Option<Self> {
        let fits = (1..=WORKFLOW_ID_BYTES_MAX).contains(&text.len());
        let plain = !text.chars().any(char::is_control);
        (fits && plain).then(|| Self(text.to_owned()))
    }
}

/// The `{id}` of a path.
#[derive(Debug, Clone)]
pub struct Id<T>(pub T);

impl<T: ResourceId, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        // Bytes that are no UTF-8 after decoding cannot be an id either.
        let unknown = || ApiError::not_found(T::RESOURCE);
        let params =
            RawPathParams::from_request_parts(parts, state).await.map_err(|_| unknown())?;
        let id = params.iter().find(|(name, _)| *name == "id");
        id.and_then(|(_, text)| T::read(text)).map(Self).ok_or_else(unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::{ResourceId, WorkflowId};

    #[test]
    fn workflow_ids_are_bounded_text() {
        assert!(WorkflowId::read("ap-invoice-inv_1").is_some());
        assert!(WorkflowId::read(&"a".repeat(1_000)).is_some());
        for bad in ["", "a\0b", "a\nb", &"a".repeat(1_001)] {
            assert!(WorkflowId::read(bad).is_none(), "{bad:?}");
        }
    }
}

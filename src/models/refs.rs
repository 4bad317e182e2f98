//! Typed ids: a prefix that names the resource and 26 characters of a time-ordered UUID.

use serde::{Deserialize, Serialize};
use sha2::Digest;
use ulid::Ulid;
use utoipa::ToSchema;
use uuid::Uuid;

/// The text is not an id of the wanted kind; at the edge this is a 404, never a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind: expected {0} and 26 characters of 0-9a-z")]
pub struct NotAnId(&'static str);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal, $pattern:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $name(String);

        impl $name {
            /// What each id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// Makes the id from a UUID; version 7 keeps ids in order of time.
            pub fn new(uuid: Uuid) -> Self {
                let text = Ulid::from_bytes(*uuid.as_bytes()).to_string().to_ascii_lowercase();
                Self(format!("{}{text}", $prefix))
            }

            /// # Errors
            /// Another prefix, length or alphabet.
            pub fn parse(text: &str) -> Result<Self, NotAnId> {
                let rest = text.strip_prefix($prefix).ok_or(NotAnId($prefix))?;
                let fits = rest.len() == 26
                    && rest.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase());
                if fits { Ok(Self(text.to_owned())) } else { Err(NotAnId($prefix)) }
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = NotAnId;
            fn try_from(text: String) -> Result<Self, NotAnId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// An invoice or credit note that was handed in.
    InvoiceId = "inv_", "^inv_[0-9a-z]{26}$";
    /// A purchase order.
    OrderId = "po_", "^po_[0-9a-z]{26}$";
    /// A goods receipt or a despatch advice.
    ReceiptId = "rcp_", "^rcp_[0-9a-z]{26}$";
    /// A decision of a person about an invoice.
    DecisionId = "dec_", "^dec_[0-9a-z]{26}$";
    /// A supplier's master record.
    SupplierId = "sup_", "^sup_[0-9a-z]{26}$";
    /// A reconciliation of what its caller brought.
    ReconciliationId = "rec_", "^rec_[0-9a-z]{26}$";
    /// Many documents handed in at once.
    BatchId = "bat_", "^bat_[0-9a-z]{26}$";
    /// A file of bank statements that was handed in.
    StatementId = "stm_", "^stm_[0-9a-z]{26}$";
    /// An entry of a bank statement, or one payment of a batch: the same in every statement.
    EntryId = "ent_", "^ent_[0-9a-z]{26}$";
    /// A file of payment orders for the bank.
    PaymentFileId = "pfl_", "^pfl_[0-9a-z]{26}$";
    /// Where somebody is told what happens.
    WebhookId = "whk_", "^whk_[0-9a-z]{26}$";
    /// A message for one webhook: its `webhook-id`, the same on every attempt.
    DeliveryId = "dlv_", "^dlv_[0-9a-z]{26}$";
}

/// What a request makes is named after what tells the request from others, such as route, subject
/// and key: the same request again names the same thing. 128 bits of SHA-256.
pub fn named_after(told: &str) -> Uuid {
    let digest = sha2::Sha256::digest(told);
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

impl InvoiceId {
    /// The id of the workflow that carries this invoice: one for each invoice, for ever.
    pub fn workflow_id(&self) -> String {
        format!("ap-invoice-{self}")
    }

    /// The text of the id that a workflow of an invoice is named after; `None` for others.
    pub fn of_workflow(workflow_id: &str) -> Option<&str> {
        let id = workflow_id.strip_prefix("ap-invoice-")?;
        Self::parse(id).is_ok().then_some(id)
    }
}

impl ReconciliationId {
    /// The id of the workflow that works it out.
    pub fn workflow_id(&self) -> String {
        format!("ap-reconciliation-{self}")
    }
}

impl BatchId {
    /// The id of the workflow that takes its items up.
    pub fn workflow_id(&self) -> String {
        format!("ap-batch-{self}")
    }
}

impl StatementId {
    /// The id of the workflow that reads and matches it.
    pub fn workflow_id(&self) -> String {
        format!("ap-statement-{self}")
    }
}

impl DeliveryId {
    /// The id of the workflow that delivers it; each replay has one of its own.
    pub fn workflow_id(&self, round: i64) -> String {
        match round {
            0 => format!("ap-webhook-{self}"),
            round => format!("ap-webhook-{self}-{round}"),
        }
    }
}

impl InvoiceId {
    /// The id that our own payment orders for this invoice travel under, end to end: 29 of the 35
    /// characters of ISO 20022, in the letters that every bank takes.
    pub fn end_to_end_id(&self) -> String {
        let rest = self.as_str().trim_start_matches(Self::PREFIX);
        format!("INV{}", rest.to_ascii_uppercase())
    }
}

/// The SHA-256 of a document as 64 hexadecimal digits: its address in the artifact store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
pub struct Sha256(String);

impl Sha256 {
    /// Writes the digest out.
    pub fn from_bytes(digest: &[u8; 32]) -> Self {
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The address of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::from_bytes(&sha2::Sha256::digest(bytes).into())
    }

    /// # Errors
    /// Anything but 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        if text.len() == 64 && text.bytes().all(hex) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId("sha256"))
        }
    }

    /// The digest as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Sha256 {
    type Error = NotAnId;
    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::{InvoiceId, named_after};
    use uuid::Uuid;

    #[test]
    fn ids_are_read_back_and_nothing_else_is() {
        let id = InvoiceId::new(Uuid::from_u128(u128::MAX));
        assert_eq!(InvoiceId::parse(id.as_str()), Ok(id));
        for bad in [
            "",
            "inv_",
            "po_00000000000000000000000000",
            "inv_0000000000000000000000000",
            "inv_0000000000000000000000000Z",
            "inv_../../../../../etc/passw0",
        ] {
            assert!(InvoiceId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_same_request_names_the_same_thing() {
        assert_eq!(named_after("/ping\nanna\nk1"), named_after("/ping\nanna\nk1"));
        assert_ne!(named_after("/ping\nanna\nk1"), named_after("/ping\nben\nk1"));
    }

    #[test]
    fn later_uuids_give_later_ids() {
        let ids: Vec<_> = [1, 2, 1 << 64].map(|n| InvoiceId::new(Uuid::from_u128(n))).into();
        assert!(ids.is_sorted());
    }
}

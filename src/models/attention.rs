//! Why an invoice needs a person: the dead-letter queue speaks with these words.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Codes of `needs_attention`. They may grow; a reader takes unknown ones as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttentionCode {
    /// The bytes are no well-formed document of the type they claim to be.
    UnreadableDocument,
    /// Well formed, but no invoice or credit note that can be read.
    UnsupportedDocument,
    /// Behind a password.
    DocumentEncrypted,
    /// Reading it took more memory, time or space than a document may.
    LimitReached,
    /// A scan, and no character recognition is installed: retry once it is.
    OcrUnavailable,
    /// More than one invoice in one file, and it is open which one is meant.
    SeveralInvoices,
    /// The invoice inside a PDF says something else than its pages.
    VisualMismatch,
    /// A value that everything depends on was not found, or is not sure enough.
    UncertainFields,
    /// A table without a mapping profile: how its columns were understood needs a person's word.
    TableGuessed,
    /// No lines: nothing can be matched.
    NoLines,
    /// An amount, quantity or date cannot be read.
    MalformedValue,
    /// The stored bytes are gone or are not those that were received.
    DocumentMissing,
    /// A store or service stayed away longer than the retries lasted.
    RetriesExhausted,
    /// A defect of the gateway.
    InternalError,
    /// The workflow was ended from outside before the invoice was done.
    WorkflowEnded,
}

impl AttentionCode {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::UnreadableDocument,
        Self::UnsupportedDocument,
        Self::DocumentEncrypted,
        Self::LimitReached,
        Self::OcrUnavailable,
        Self::SeveralInvoices,
        Self::VisualMismatch,
        Self::UncertainFields,
        Self::TableGuessed,
        Self::NoLines,
        Self::MalformedValue,
        Self::DocumentMissing,
        Self::RetriesExhausted,
        Self::InternalError,
        Self::WorkflowEnded,
    ];

    /// The code of that word.
    pub fn parse(word: &str) -> Option<Self> {
        serde_json::from_value(word.into()).ok()
    }

    /// Its word.
    pub fn word(self) -> String {
        let word = serde_json::to_value(self).ok();
        word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// Why an invoice needs a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Attention {
    /// For machines.
    pub code: AttentionCode,
    /// For people: what happened, where, and what to do.
    pub text: String,
    /// Whether the same document may pass on a retry.
    pub retryable: bool,
}

//! Many documents handed in at once: how they came, how it stands with them, what was refused.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Documents that one request may carry itself (HTTP handbook §1.13).
pub const INLINE_ITEMS_MAX: usize = 100;

/// Documents of an archive or a manifest: a month of a large company. Its rows take some MiB of
/// the ledger, its answers a page at a time.
pub const ITEMS_MAX: usize = 10_000;

/// Bytes of one document that comes by another way than a request, out of an archive or a folder:
/// as much as `POST /invoices` takes unless it is configured.
pub const DOCUMENT_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// Bytes of an archive. It streams to the store and is read where it lies, so memory does not
/// bound it; the time that an upload takes does.
pub const ARCHIVE_BYTES_MAX: u64 = 1024 * 1024 * 1024;

/// Bytes of all documents of an archive, unpacked: four times the largest archive. Bombs unpack
/// to thousands of times their size.
pub const UNPACKED_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;

/// How the documents of a batch came, or what is decided about many invoices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchKind {
    /// With the request, up to a hundred.
    Inline,
    /// In a ZIP archive.
    Archive,
    /// As a list of documents that are in the store already.
    Manifest,
    /// Invoices that need attention are tried again.
    Retry,
    /// Invoices are withdrawn.
    Cancel,
    /// The same fields of invoices get the same values.
    Correct,
}

impl BatchKind {
    const ALL: [Self; 6] =
        [Self::Inline, Self::Archive, Self::Manifest, Self::Retry, Self::Cancel, Self::Correct];

    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inline => "inline",
            Self::Archive => "archive",
            Self::Manifest => "manifest",
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Correct => "correct",
        }
    }

    /// Whether its items are invoices that are there already, and decided about.
    pub fn decides(self) -> bool {
        matches!(self, Self::Retry | Self::Cancel | Self::Correct)
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Whether the items of a batch are taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BatchStatus {
    /// Still.
    Accepting,
    /// Each was accepted or refused.
    Accepted,
    /// Stopped by its sender: what was accepted stays.
    Cancelled,
    /// Its archive or manifest cannot be read.
    Refused,
}

impl BatchStatus {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Accepting, Self::Accepted, Self::Cancelled, Self::Refused];

    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepting => "accepting",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
            Self::Refused => "refused",
        }
    }

    /// The status of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// What a document of a batch means whose very bytes were handed in before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Known {
    /// A new invoice, for the duplicate check to hold: as a new key with known bytes.
    #[default]
    New,
    /// The invoice that exists: as known bytes without a key.
    Replay,
}

impl Known {
    /// The word on the wire and in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Replay => "replay",
        }
    }

    /// The meaning of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::New, Self::Replay].into_iter().find(|known| known.as_str() == word)
    }
}

/// Whether an item of a batch was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemState {
    /// Not looked at yet.
    Pending,
    /// It is an invoice.
    Accepted,
    /// It is none.
    Refused,
    /// The batch was cancelled before.
    Cancelled,
}

impl ItemState {
    /// The word in the ledger.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Accepted, Self::Refused, Self::Cancelled]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// Why an item was refused: a problem (RFC 9457) without the request's id, for items are refused
/// after their request was answered too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ItemProblem {
    /// Relative reference of the type; it opens a page that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/docs/problems/unsupported-media-type")]
    pub kind: String,
    /// The same for every problem of a type.
    #[schema(example = "Unsupported media type")]
    pub title: String,
    /// The status that the item would have had alone.
    #[schema(example = 415, minimum = 400, maximum = 599)]
    pub status: u16,
    /// This case, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub detail: Option<String>,
    /// Members of the type's own, such as `limit` or `detected`.
    #[serde(flatten)]
    #[schema(value_type = Object, additional_properties)]
    pub members: Map<String, Value>,
}

/// The reasons for which an item is refused when its request is answered already. Types, titles
/// and statuses are those of the gateway's problems; a test compares them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It has no bytes, or cannot be unpacked.
    Malformed,
    /// The store does not have it.
    Missing,
    /// It is larger than a document may be.
    TooLarge,
    /// It is not what it is said to be, or nothing that is read here.
    Unsupported,
    /// What is said of it cannot be right.
    Invalid,
    /// The invoice is in another state.
    Conflict,
    /// The invoice came to its end.
    Closed,
    /// Another person must do it.
    FourEyes,
    /// The rules of the invoice's life say no.
    Rejected,
    /// A defect of the gateway.
    Defect,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Malformed,
        Self::Missing,
        Self::TooLarge,
        Self::Unsupported,
        Self::Invalid,
        Self::Conflict,
        Self::Closed,
        Self::FourEyes,
        Self::Rejected,
        Self::Defect,
    ];

    /// Slug, title and status.
    pub fn words(self) -> (&'static str, &'static str, u16) {
        match self {
            Self::Malformed => ("invalid-request", "The request is malformed", 400),
            Self::Missing => ("not-found", "Not found", 404),
            Self::TooLarge => ("payload-too-large", "The body is too large", 413),
            Self::Unsupported => ("unsupported-media-type", "Unsupported media type", 415),
            Self::Invalid => ("validation-failed", "The content is not acceptable", 422),
            Self::Conflict => ("state-conflict", "Not possible in the present state", 409),
            Self::Closed => ("invoice-closed", "The invoice is closed", 409),
            Self::FourEyes => ("four-eyes", "Another person must do this", 403),
            Self::Rejected => ("decision-rejected", "The decision is not accepted", 422),
            Self::Defect => ("internal", "Internal error", 500),
        }
    }

    /// As a problem.
    pub fn because(self, detail: impl Into<String>) -> ItemProblem {
        let (slug, title, status) = self.words();
        ItemProblem {
            kind: format!("/docs/problems/{slug}"),
            title: title.to_owned(),
            status,
            detail: Some(detail.into()),
            members: Map::new(),
        }
    }
}

impl ItemProblem {
    /// Adds a member of the type's own.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }
}

/// A list of documents that are in the store already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// One for each invoice, 1 to 10,000.
    pub documents: Vec<ManifestDocument>,
}

/// A document of a manifest. What cannot be right about it is the item's result, not the
/// manifest's refusal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// What it is called in this batch; its position, from 1, when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255, example = "a1")]
    pub item_key: Option<String>,
    /// A name for people, such as that of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255, example = "RE-2026-0417.xml")]
    pub name: Option<String>,
    /// The address of its bytes: put there with `PUT /artifacts/{sha256}`.
    #[schema(example = "9f2c4a7be01d5386c9a0f17b62d4e85390ab1c2d3e4f5061728394a5b6c7d8e9")]
    pub sha256: String,
    /// What it is; `application/octet-stream` leaves that to its content.
    #[schema(example = "application/xml")]
    pub media_type: String,
    /// The order that it belongs to, for documents that do not name one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255, example = "PO-1001")]
    pub purchase_order: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::{BatchKind, BatchStatus, ItemState, Known, Refusal};

    #[test]
    fn words_are_read_back() {
        assert!(
            BatchKind::ALL.into_iter().all(|kind| BatchKind::parse(kind.as_str()) == Some(kind))
        );
        let statuses = BatchStatus::ALL;
        assert!(statuses.into_iter().all(|one| BatchStatus::parse(one.as_str()) == Some(one)));
        assert_eq!(Known::parse("replay"), Some(Known::Replay));
        assert_eq!(ItemState::parse("pending"), Some(ItemState::Pending));
        assert_eq!((Known::parse(""), ItemState::parse("lost")), (None, None));
    }

    #[test]
    fn a_kept_problem_is_read_back_with_its_members() {
        let problem = Refusal::TooLarge.because("too much").with("limit", 5).with("unit", "bytes");
        let text = serde_json::to_string(&problem).expect("JSON");
        assert_eq!(serde_json::from_str::<super::ItemProblem>(&text).expect("read"), problem);
        assert!(text.contains(r#""limit":5"#), "{text}");
    }
}

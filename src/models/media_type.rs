//! Media types of documents, and what their first bytes must look like.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A document type that the gateway reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum MediaType {
    /// `application/xml`, also said as `text/xml`.
    #[serde(rename = "application/xml")]
    Xml,
}

impl MediaType {
    /// All of them, for `Accept` headers and problem documents.
    pub const ALL: [Self; 1] = [Self::Xml];

    /// The name that we write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
        }
    }

    /// Reads the essence of a `Content-Type`, without parameters; case does not count.
    pub fn parse(essence: &str) -> Option<Self> {
        match essence.trim().to_ascii_lowercase().as_str() {
            "application/xml" | "text/xml" => Some(Self::Xml),
            _ => None,
        }
    }

    /// What the first bytes say, when it is not this type: for the `detected` of a 415.
    /// Only what is surely something else is named; a damaged document is the reader's matter.
    pub fn contradicted_by(self, first: &[u8]) -> Option<&'static str> {
        const MAGIC: [(&[u8], &str); 8] = [
            (b"%PDF-", "application/pdf"),
            (b"PK\x03\x04", "application/zip"),
            (b"\x89PNG", "image/png"),
            (b"\xff\xd8\xff", "image/jpeg"),
            (b"II*\x00", "image/tiff"),
            (b"MM\x00*", "image/tiff"),
            (b"{", "application/json"),
            (b"\x1f\x8b", "application/gzip"),
        ];
        let start = first.trim_ascii_start();
        MAGIC.iter().find(|(magic, _)| start.starts_with(magic)).map(|(_, name)| *name)
    }
}

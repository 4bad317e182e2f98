//! A file of bank statements as callers see it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::http::answer;
use crate::http::bank_statements::entry::{self, EntryResource};
use crate::http::error::ApiError;
use crate::models::finding::Finding;
use crate::models::payment::{EntryState, StatementFailure, StatementHead, StatementStatus};
use crate::models::refs::{Sha256, StatementId};
use crate::models::statement::StatementSyntax;
use crate::storage::Ledger;
use crate::storage::ledger::statements::StatementRow;

/// Entries that the file itself shows; the rest is a list of its own.
pub const ENTRIES_SHOWN: u32 = 200;

/// A file of bank statements as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BankStatementFile)]
pub struct StatementResource {
    /// Its id.
    pub id: StatementId,
    /// Where it stands.
    pub status: StatementStatus,
    /// When it came.
    #[serde(serialize_with = "answer::time")]
    pub received_at: DateTime<Utc>,
    /// The subject that handed it in.
    pub submitted_by: String,
    /// What was handed in.
    pub document: StatementDocument,
    /// The message by its full name, where it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "camt.053.001.08")]
    pub message: Option<String>,
    /// The statements of the file: account, opening and closing balance.
    pub statements: Vec<StatementHead>,
    /// What could not be read, each with its place; sums that do not agree; a balance that does
    /// not follow the statement before.
    pub findings: Vec<Finding>,
    /// How many entries are in each state.
    pub counts: EntryCounts,
    /// The first entries; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub entries: Option<Vec<EntryResource>>,
    /// Why it could not be taken in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub failure: Option<StatementFailure>,
    /// Where it and all of its entries are.
    pub links: StatementLinks,
}

/// The facts of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementDocument {
    /// What it was sent as.
    #[schema(example = "application/xml")]
    pub media_type: String,
    /// What it is by its content; absent until it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub syntax: Option<StatementSyntax>,
    /// The mapping profile that CSV is read by.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub profile: Option<String>,
    /// Its size.
    pub bytes: u64,
    /// Digest of its bytes.
    pub sha256: Sha256,
}

/// How many entries are in each state.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryCounts {
    /// Not looked at yet.
    pub new: i64,
    /// Not booked yet.
    pub pending: i64,
    /// Nothing explains them well enough.
    pub unmatched: i64,
    /// They wait for a person.
    pub proposed: i64,
    /// What they pay is in the record.
    pub recorded: i64,
    /// They came back.
    pub returned: i64,
}

/// Where a file is.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementLinks {
    /// The file itself.
    #[serde(rename = "self")]
    #[schema(example = "/bank-statements/stm_01kax40b2t9v3m8q1d6h5n0ws4")]
    pub this: String,
    /// All of its entries, page by page.
    #[schema(example = "/bank-entries?statement=stm_01kax40b2t9v3m8q1d6h5n0ws4")]
    pub entries: String,
}

/// Where a file is.
pub fn location(id: &StatementId) -> String {
    format!("/bank-statements/{id}")
}

impl StatementResource {
    /// A file with what the ledger knows of it.
    ///
    /// # Errors
    /// 503 when the ledger is away.
    pub async fn load(ledger: &Ledger, row: StatementRow, entries: bool) -> Result<Self, ApiError> {
        let counted = ledger.count_entries(&row.id).await?;
        let of = |state| counted.iter().find(|(one, _)| *one == state).map_or(0, |(_, n)| *n);
        let counts = EntryCounts {
            new: of(EntryState::New),
            pending: of(EntryState::Pending),
            unmatched: of(EntryState::Unmatched),
            proposed: of(EntryState::Proposed),
            recorded: of(EntryState::Recorded),
            returned: of(EntryState::Returned),
        };
        let gaps = ledger.gaps(&row.id).await?;
        let entries = match entries {
            false => None,
            true => {
                let first = ledger.entries_of(&row.id, &[], 0, ENTRIES_SHOWN).await?;
                Some(first.into_iter().map(|(_, entry)| EntryResource::from(entry)).collect())
            }
        };
        Ok(Self::new(row, gaps, counts, entries))
    }

    fn new(
        row: StatementRow,
        gaps: Vec<Finding>,
        counts: EntryCounts,
        entries: Option<Vec<EntryResource>>,
    ) -> Self {
        let links = StatementLinks {
            this: location(&row.id),
            entries: format!("/bank-entries?statement={}", row.id),
        };
        let syntax = row.content.as_ref().map(|content| content.syntax);
        let (message, statements, mut findings) = match row.content {
            Some(content) => (content.message, content.statements, content.findings),
            None => (None, Vec::new(), Vec::new()),
        };
        findings.extend(gaps);
        let profile = Some(row.profile).filter(|profile| !profile.is_empty());
        let (media_type, bytes, sha256) = (row.media_type, row.bytes, row.sha256);
        let document = StatementDocument { media_type, syntax, profile, bytes, sha256 };
        Self {
            id: row.id,
            status: row.status,
            received_at: row.received_at,
            submitted_by: row.submitted_by,
            document,
            message,
            statements,
            findings,
            counts,
            entries,
            failure: row.failure,
            links,
        }
    }
}

/// One that is done, for the document.
pub fn done_example() -> Value {
    let mut example = received_example();
    example["status"] = json!("done");
    example["document"]["syntax"] = json!("camt.053");
    example["message"] = json!("camt.053.001.08");
    let balance = |kind: &str, code: &str, amount: &str, day: &str| {
        json!({"kind": kind, "code": code, "intermediate": false, "amount": amount,
            "currency": "EUR", "date": day})
    };
    example["statements"] = json!([{"account": "DE89370400440532013000", "owner": "Muster AG",
        "currency": "EUR", "id": "2026-11-27", "entries": 1,
        "opening": balance("opening", "OPBD", "5000.00", "2026-11-26"),
        "closing": balance("closing", "CLBD", "3810.00", "2026-11-27")}]);
    example["counts"]["recorded"] = json!(1);
    example["entries"] = json!([entry::example()]);
    example
}

/// One that was just received, for the document.
pub fn received_example() -> Value {
    json!({
        "id": "stm_01kax40b2t9v3m8q1d6h5n0ws4", "status": "received",
        "received_at": "2026-11-27T09:14:05.123Z", "submitted_by": "anonymous",
        "document": {"media_type": "application/xml", "bytes": 4711,
            "sha256": "9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c9f2c1d6b8e0a4f5c"},
        "statements": [], "findings": [],
        "counts": {"new": 0, "pending": 0, "unmatched": 0, "proposed": 0, "recorded": 0,
            "returned": 0},
        "links": {"self": "/bank-statements/stm_01kax40b2t9v3m8q1d6h5n0ws4",
            "entries": "/bank-entries?statement=stm_01kax40b2t9v3m8q1d6h5n0ws4"},
    })
}

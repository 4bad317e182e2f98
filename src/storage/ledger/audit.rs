//! The audit trail: who changed what. Rows are only ever added, in the transaction of the change
//! that they tell of, so what cannot be recorded is not done.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::any::AnyRow;

use crate::models::access::Author;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// What somebody did, or tried.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'d> {
    /// The operation's id, or the command's.
    pub action: &'d str,
    /// The id of what was touched.
    pub resource: Option<&'d str>,
    /// `done`, `begun`, `refused`, or how it ended.
    pub outcome: &'d str,
    /// In the words of who did it, or why it was refused. Never a secret.
    pub reason: Option<&'d str>,
    /// Of the resource, as the change left it.
    pub revision: Option<i64>,
}

impl<'d> Deed<'d> {
    /// Something that touches no one thing.
    pub fn of(action: &'d str) -> Self {
        Self { action, resource: None, outcome: "done", reason: None, revision: None }
    }

    /// A change that was made.
    pub fn done(action: &'d str, resource: &'d str) -> Self {
        Self { resource: Some(resource), ..Self::of(action) }
    }

    /// A change of a resource that counts its revisions.
    #[must_use]
    pub fn at_revision(self, revision: i64) -> Self {
        Self { revision: Some(revision), ..self }
    }
}

/// A row of the trail.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// Its place.
    pub sequence: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub author: Author,
    /// What was done.
    pub action: String,
    /// To what.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Why.
    pub reason: Option<String>,
    /// As the change left it.
    pub revision: Option<i64>,
    /// Of this row and the one before.
    digest: String,
}

impl Ledger {
    /// The same ledger; what is changed through it is recorded as done by this caller. Without
    /// one it is the gateway's own work, which the events of each invoice tell of.
    #[must_use]
    pub fn acting_for(&self, author: Author) -> Self {
        Self { author: Some(Arc::new(author)), ..self.clone() }
    }

    /// Records what is done elsewhere: in Temporal, or nowhere, because it was refused.
    pub async fn record(&self, deed: &Deed<'_>) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        write.audit(deed).await?;
        write.commit().await
    }

    /// Records what may be met again: one row for each occasion.
    pub async fn record_once(&self, deed: &Deed<'_>, occasion: &str) -> Result<(), LedgerError> {
        let mut write = self.under_key(Some(occasion)).write().await?;
        let words = texts::digest(deed.reason.unwrap_or_default());
        if write.first_claim(deed.action, &words, deed.resource.unwrap_or_default()).await? {
            write.audit(deed).await?;
        }
        write.commit().await
    }

    /// The trail from a place on, oldest first.
    pub async fn audit(&self, after: i64, limit: u32) -> Result<Vec<AuditRow>, LedgerError> {
        let sql = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, subject, credential, \
                   request_id, address, action, resource, outcome, reason, revision, digest \
                   FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2";
        let query = sqlx::query(sql).bind(after).bind(i64::from(limit));
        query.fetch_all(&self.pool).await?.iter().map(audit_row).collect()
    }
}

impl Write {
    /// Adds a row when somebody acts. Last in a transaction: all others wait for the chain.
    pub(super) async fn audit(&mut self, deed: &Deed<'_>) -> Result<(), LedgerError> {
        let Some(author) = self.author() else {
            return Ok(());
        };
        let next = "UPDATE audit_head SET sequence = sequence + 1 WHERE name = 'audit' \
                    RETURNING sequence, digest";
        let next: (i64, String) = sqlx::query_as(next).fetch_one(self.on()).await?;
        let (sequence, before) = next;
        let text = |text: &str| texts::shown(text);
        let at = Utc::now().timestamp_micros();
        let at = DateTime::from_timestamp_micros(at).expect("it was a time");
        let mut row = AuditRow {
            sequence,
            at,
            author: Author {
                subject: texts::key(&author.subject),
                credential: author.credential.as_deref().map(text),
                request_id: author.request_id.as_deref().map(text),
                address: author.address.as_deref().map(text),
            },
            action: text(deed.action),
            resource: deed.resource.map(text),
            outcome: text(deed.outcome),
            reason: deed.reason.map(text),
            revision: deed.revision,
            digest: String::new(),
        };
        row.digest = row.digest_after(&before);
        self.insert_audit(&row).await?;
        let head = "UPDATE audit_head SET digest = $1 WHERE name = 'audit'";
        sqlx::query(head).bind(&row.digest).execute(self.on()).await?;
        Ok(())
    }

    async fn insert_audit(&mut self, row: &AuditRow) -> Result<(), LedgerError> {
        let sql = "INSERT INTO audit (sequence, at, subject, credential, request_id, address, \
                   action, resource, outcome, reason, revision, digest) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let query = sqlx::query(sql)
            .bind(row.sequence)
            .bind(row.at.timestamp_micros())
            .bind(&row.author.subject)
            .bind(&row.author.credential)
            .bind(&row.author.request_id)
            .bind(&row.author.address)
            .bind(&row.action)
            .bind(&row.resource)
            .bind(&row.outcome)
            .bind(&row.reason)
            .bind(row.revision)
            .bind(&row.digest);
        query.execute(self.on()).await?;
        Ok(())
    }
}

impl AuditRow {
    /// Whether this row stands as it was written, right behind the one with that digest.
    pub fn follows(&self, before: Option<&Self>) -> bool {
        let (sequence, digest) = before.map_or((0, ""), |row| (row.sequence, &row.digest));
        self.sequence == sequence + 1 && self.digest == self.digest_after(digest)
    }

    fn digest_after(&self, before: &str) -> String {
        // As JSON, so that no two rows read alike, however their texts are cut.
        let row = json!([
            before,
            self.sequence,
            self.at.timestamp_micros(),
            self.author.subject,
            self.author.credential,
            self.author.request_id,
            self.author.address,
            self.action,
            self.resource,
            self.outcome,
            self.reason,
            self.revision,
        ]);
        texts::digest(&row.to_string())
    }
}

pub(super) fn audit_row(row: &AnyRow) -> Result<AuditRow, LedgerError> {
    let fields = Fields::of("audit", row)?;
    Ok(AuditRow {
        sequence: fields.number("sequence")?,
        at: fields.time("at")?,
        author: Author {
            subject: fields.text("subject")?,
            credential: fields.text_if("credential")?,
            request_id: fields.text_if("request_id")?,
            address: fields.text_if("address")?,
        },
        action: fields.text("action")?,
        resource: fields.text_if("resource")?,
        outcome: fields.text("outcome")?,
        reason: fields.text_if("reason")?,
        revision: fields.number_if("revision")?,
        digest: fields.text("digest")?,
    })
}

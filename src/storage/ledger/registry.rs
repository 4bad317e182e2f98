//! Documents of the buyer under a natural key, every revision of them: what orders and receipts
//! have in common (HTTP handbook §1.11).

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;

use crate::models::refs::NotAnId;
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::orders::Registration;
use crate::storage::ledger::texts;
use crate::storage::ledger::write::Write;

/// The statements of one pair of tables.
pub(super) struct Tables {
    /// For messages.
    pub(super) name: &'static str,
    /// The operation, for the audit trail.
    pub(super) deed: &'static str,
    /// By natural key: `id`, `revision`.
    pub(super) find: &'static str,
    /// Natural key, lookups, id, revision.
    pub(super) insert: &'static str,
    /// id, revision: it is the newest now.
    pub(super) raise: &'static str,
    /// id, revision, time, content.
    pub(super) keep: &'static str,
    /// By id and revision: `id`, `created_at`, `content`.
    pub(super) read: &'static str,
}

/// A document that comes.
pub(super) struct Draft<'d, T> {
    /// In the order of the columns; each fit for a column.
    pub(super) natural_key: Vec<String>,
    /// What else it is found by; in the order of the columns.
    pub(super) lookups: Vec<String>,
    pub(super) id: &'d str,
    pub(super) revision: u32,
    pub(super) document: &'d T,
    pub(super) at: DateTime<Utc>,
}

/// A revision that is kept.
pub(super) struct Kept<T> {
    pub(super) id: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) document: T,
}

impl<T: DeserializeOwned> Kept<T> {
    /// Reads `id`, `created_at`, `content`.
    pub(super) fn read(table: &str, row: &AnyRow) -> Result<Self, LedgerError> {
        let fields = Fields::of(table, row)?;
        Ok(Self {
            id: fields.text("id")?,
            created_at: fields.time("created_at")?,
            document: fields.json("content")?,
        })
    }
}

impl<T> Kept<T> {
    /// The id is not one of ours.
    pub(super) fn unreadable(&self, table: &str, error: &NotAnId) -> LedgerError {
        LedgerError::Unreadable { place: format!("{table} {}", self.id), reason: error.to_string() }
    }
}

impl Write {
    /// Records a registration, last of all in its transaction, and makes it durable.
    pub(super) async fn registered(
        mut self,
        tables: &Tables,
        id: &str,
        revision: u32,
    ) -> Result<(), LedgerError> {
        self.audit(&Deed::done(tables.deed, id).at_revision(revision.into())).await?;
        self.commit().await
    }

    /// Keeps a document as new or as the next revision. A revision that is known and says the
    /// same is a repetition, also when newer ones followed; it is answered with the newest.
    pub(super) async fn register<T>(
        &mut self,
        tables: &Tables,
        draft: Draft<'_, T>,
    ) -> Result<Registration<Kept<T>>, LedgerError>
    where
        T: Serialize + DeserializeOwned + PartialEq,
    {
        let fingerprint = texts::digest(&to_json(draft.document)?);
        self.claim_key(tables.name, &fingerprint, draft.id).await?;
        let mut find = sqlx::query(tables.find);
        for part in &draft.natural_key {
            find = find.bind(part);
        }
        let Some(found) = find.fetch_optional(self.on()).await? else {
            return self.keep_first(tables, draft).await;
        };
        let fields = Fields::of(tables.name, &found)?;
        let (id, newest) = (fields.text("id")?, fields.number("revision")?);
        let wanted = i64::from(draft.revision);
        self.key_belongs_to(tables.name, &id).await?;
        if wanted == newest + 1 {
            let raise = sqlx::query(tables.raise).bind(&id).bind(wanted);
            raise.execute(self.on()).await?;
            return self.keep(tables, &id, &draft).await;
        }
        let same = self.revision::<T>(tables, &id, wanted).await?;
        if same.is_some_and(|kept| kept.document == *draft.document)
            && let Some(kept) = self.revision(tables, &id, newest).await?
        {
            return Ok(Registration::Known(kept));
        }
        let revision = u32::try_from(newest);
        let revision = revision.map_err(|error| fields.unreadable("revision", &error))?;
        Ok(Registration::Conflict { id, revision })
    }

    async fn keep_first<T>(
        &mut self,
        tables: &Tables,
        draft: Draft<'_, T>,
    ) -> Result<Registration<Kept<T>>, LedgerError>
    where
        T: Serialize + DeserializeOwned,
    {
        let mut insert = sqlx::query(tables.insert);
        for part in draft.natural_key.iter().chain(&draft.lookups) {
            insert = insert.bind(part);
        }
        let insert = insert.bind(draft.id).bind(i64::from(draft.revision));
        insert.execute(self.on()).await?;
        self.keep(tables, draft.id, &draft).await
    }

    async fn keep<T>(
        &mut self,
        tables: &Tables,
        id: &str,
        draft: &Draft<'_, T>,
    ) -> Result<Registration<Kept<T>>, LedgerError>
    where
        T: Serialize + DeserializeOwned,
    {
        let revision = i64::from(draft.revision);
        let keep = sqlx::query(tables.keep).bind(id).bind(revision);
        let keep = keep.bind(draft.at.timestamp_micros()).bind(to_json(draft.document)?);
        keep.execute(self.on()).await?;
        let kept = self.revision(tables, id, revision).await?;
        let missing = || LedgerError::Missing(format!("{} {id}", tables.name));
        kept.map(Registration::New).ok_or_else(missing)
    }

    /// A revision, if there is one.
    pub(super) async fn revision<T: DeserializeOwned>(
        &mut self,
        tables: &Tables,
        id: &str,
        revision: i64,
    ) -> Result<Option<Kept<T>>, LedgerError> {
        let read = sqlx::query(tables.read).bind(id).bind(revision);
        let row = read.fetch_optional(self.on()).await?;
        row.map(|row| Kept::read(tables.name, &row)).transpose()
    }
}

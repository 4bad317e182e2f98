//! API keys: their rows, without their secrets.

mod text;

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::models::access::{Author, Roles};
use crate::models::hold::Role as Duty;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::{Ledger, LedgerError};

pub use crate::storage::ledger::keys::text::KeyText;

/// Keys that are valid at once: all of them are held in memory and looked through every 2 s.
pub const KEYS_MAX: i64 = 1_000;

/// Keys that `keys list` shows: revoked ones stay, because the audit trail names them.
const LISTED_MAX: i64 = 10_000;

/// A key that is made.
#[derive(Debug, Clone)]
pub struct NewKey {
    /// The key itself; only its digest is kept.
    pub text: KeyText,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub subject: String,
    /// What it opens.
    pub roles: Roles,
    /// Which holds its bearer may release.
    pub duties: Vec<Duty>,
    /// From when it is good.
    pub not_before: DateTime<Utc>,
    /// Until when; for ever when absent.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key as it is kept.
#[derive(Debug, Clone)]
pub struct KeyRow {
    /// What logs, lists and commands call it.
    pub id: String,
    /// SHA-256 of the secret, as 64 hexadecimal digits.
    pub digest: String,
    /// What people call it.
    pub name: String,
    /// Whose it is.
    pub subject: String,
    /// What it opens.
    pub roles: Roles,
    /// Which holds its bearer may release.
    pub duties: Vec<Duty>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when it is good.
    pub not_before: DateTime<Utc>,
    /// Until when; for ever when absent.
    pub expires_at: Option<DateTime<Utc>>,
    /// Since when it is good no more.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Stands for the end of a key that has none; later than every time that is kept.
const NEVER: i64 = i64::MAX;

const SELECT: &str = "SELECT id, digest, name, subject, roles, duties, created_at, not_before, \
     expires_at, revoked_at, last_used_at FROM api_key";

impl Ledger {
    /// Keeps a new key; false when there are [`KEYS_MAX`] already.
    pub async fn add_key(&self, key: &NewKey, by: &Author) -> Result<bool, LedgerError> {
        let at = Utc::now().timestamp_micros();
        let mut write = self.acting_for(by.clone()).write().await?;
        let live = "SELECT COUNT(*) FROM api_key WHERE revoked_at IS NULL \
                    AND (expires_at IS NULL OR expires_at > $1)";
        let live: i64 = sqlx::query_scalar(live).bind(at).fetch_one(write.on()).await?;
        if live >= KEYS_MAX {
            return Ok(false);
        }
        let insert = "INSERT INTO api_key (id, digest, name, subject, roles, duties, created_at, \
                      not_before, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let insert = sqlx::query(insert)
            .bind(key.text.id())
            .bind(key.text.digest())
            .bind(&key.name)
            .bind(&key.subject)
            .bind(to_json(&key.roles)?)
            .bind(to_json(&key.duties)?)
            .bind(at)
            .bind(key.not_before.timestamp_micros())
            .bind(key.expires_at.map(|at| at.timestamp_micros()));
        insert.execute(write.on()).await?;
        write.audit(&Deed::done("create_key", key.text.id())).await?;
        write.commit().await?;
        Ok(true)
    }

    /// All keys, newest first.
    pub async fn keys(&self) -> Result<Vec<KeyRow>, LedgerError> {
        let sql = format!("{SELECT} ORDER BY created_at DESC, id LIMIT {LISTED_MAX}");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&self.pool).await?;
        rows.iter().map(key_row).collect()
    }

    /// The keys that are not revoked and did not expire before `since`.
    pub async fn live_keys(&self, since: DateTime<Utc>) -> Result<Vec<KeyRow>, LedgerError> {
        let sql = format!(
            "{SELECT} WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) \
             ORDER BY created_at DESC, id LIMIT {KEYS_MAX}"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(since.timestamp_micros());
        query.fetch_all(&self.pool).await?.iter().map(key_row).collect()
    }

    /// When the first caller has no key left that is good at `at`: the end of the last key of each
    /// subject counts, so that a key which has a successor may end. `None` when none does.
    pub async fn next_key_end(
        &self,
        at: DateTime<Utc>,
    ) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = "SELECT MIN(last) FROM (\
                     SELECT MAX(COALESCE(expires_at, $2)) AS last FROM api_key \
                     WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) \
                     GROUP BY subject) AS ends";
        let query = sqlx::query_scalar(sql).bind(at.timestamp_micros()).bind(NEVER);
        let end: Option<i64> = query.fetch_one(&self.pool).await?;
        Ok(end.filter(|end| *end != NEVER).and_then(DateTime::from_timestamp_micros))
    }

    /// Ends a key; false when there is none of this id that is not ended yet.
    pub async fn revoke_key(&self, id: &str, by: &Author) -> Result<bool, LedgerError> {
        let mut write = self.acting_for(by.clone()).write().await?;
        let sql = "UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
        let query = sqlx::query(sql).bind(id).bind(Utc::now().timestamp_micros());
        if query.execute(write.on()).await?.rows_affected() == 0 {
            return Ok(false);
        }
        write.audit(&Deed::done("revoke_key", id)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Notes that a key was used; an older note of another replica does not overwrite a newer.
    pub async fn key_used(&self, id: &str, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let sql = "UPDATE api_key SET last_used_at = $2 \
                   WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)";
        let mut write = self.write().await?;
        sqlx::query(sql).bind(id).bind(at.timestamp_micros()).execute(write.on()).await?;
        write.commit().await
    }
}

fn key_row(row: &AnyRow) -> Result<KeyRow, LedgerError> {
    let fields = Fields::of("api_key", row)?;
    Ok(KeyRow {
        id: fields.text("id")?,
        digest: fields.text("digest")?,
        name: fields.text("name")?,
        subject: fields.text("subject")?,
        roles: fields.json("roles")?,
        duties: fields.json("duties")?,
        created_at: fields.time("created_at")?,
        not_before: fields.time("not_before")?,
        expires_at: fields.time_if("expires_at")?,
        revoked_at: fields.time_if("revoked_at")?,
        last_used_at: fields.time_if("last_used_at")?,
    })
}

//! Files of bank statements: accepted once, read once, shown.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::any::AnyRow;

use crate::models::finding::Finding;
use crate::models::invoice::normalised;
use crate::models::payment::{
    EntryState, StatementContent, StatementFailure, StatementHead, StatementStatus,
};
use crate::models::refs::{Sha256, StatementId};
use crate::models::webhook::Topic;
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// A file about to be accepted.
#[derive(Debug, Clone)]
pub struct NewStatement {
    /// The id it gets, unless it is known already.
    pub id: StatementId,
    /// Digest of the file.
    pub sha256: Sha256,
    /// The mapping profile that CSV is read by; empty for none.
    pub profile: String,
    /// Size of the file.
    pub bytes: u64,
    /// What it was sent as.
    pub media_type: String,
    /// Who sends it.
    pub subject: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// What acceptance came to.
#[derive(Debug, Clone)]
pub enum StatementAcceptance {
    /// A new row.
    New(StatementRow),
    /// The same bytes by the same profile.
    Known(StatementRow),
    /// The same bytes were taken in by another profile, and could be read: entries would come
    /// twice under two readings.
    ReadOtherwise(StatementId),
}

/// A file as lists and screens need it.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementRow {
    /// Its id.
    pub id: StatementId,
    /// Digest of the file.
    pub sha256: Sha256,
    /// The mapping profile; empty for none.
    pub profile: String,
    /// Size of the file.
    pub bytes: u64,
    /// What it was sent as.
    pub media_type: String,
    /// Who sent it.
    pub submitted_by: String,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Where it stands.
    pub status: StatementStatus,
    /// What was read.
    pub content: Option<StatementContent>,
    /// Why it could not be.
    pub failure: Option<StatementFailure>,
}

/// A statement of an account in the order of days, with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbour {
    /// The file.
    pub statement_id: StatementId,
    /// Its place in the file.
    pub position: i64,
    /// What it says.
    pub head: StatementHead,
}

const SELECT: &str = "SELECT id, sha256, profile, bytes, media_type, subject, received_at, \
     status, content, failure FROM bank_statement";

impl Ledger {
    /// Inserts the row that is the promise, or finds the one that was made before.
    pub async fn accept_statement(
        &self,
        new: &NewStatement,
    ) -> Result<StatementAcceptance, LedgerError> {
        let mut write = self.write().await?;
        let fingerprint = format!("{} {}", new.sha256, new.profile);
        write.claim_key("bank_statement", &texts::digest(&fingerprint), new.id.as_str()).await?;
        let sql = "INSERT INTO bank_statement (id, sha256, profile, bytes, media_type, subject, \
                   received_at, status) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
                   ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(new.id.as_str())
            .bind(new.sha256.as_str())
            .bind(&new.profile)
            .bind(i64::try_from(new.bytes).unwrap_or(i64::MAX))
            .bind(&new.media_type)
            .bind(texts::key(&new.subject))
            .bind(new.received_at.timestamp_micros())
            .bind(StatementStatus::Received.as_str());
        let made = query.execute(write.on()).await?.rows_affected() == 1;
        let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE sha256 = $1"));
        let rows = sqlx::query(sql).bind(new.sha256.as_str()).fetch_all(write.on()).await?;
        let rows = rows.iter().map(statement_row).collect::<Result<Vec<_>, _>>()?;
        let (same, others): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|row| row.profile == new.profile);
        if made && let Some(other) = others.iter().find(|row| row.status != StatementStatus::Failed)
        {
            // Dropped, and the new row with it.
            return Ok(StatementAcceptance::ReadOtherwise(other.id.clone()));
        }
        if made && let Some(other) = write.removed_under_another_profile(new).await? {
            return Ok(StatementAcceptance::ReadOtherwise(other));
        }
        if made {
            write.audit(&Deed::done("submit_bank_statement", new.id.as_str())).await?;
        }
        let missing = || LedgerError::Missing(format!("bank statement {}", new.id));
        let row = same.into_iter().next().ok_or_else(missing)?;
        write.key_belongs_to("bank_statement", row.id.as_str()).await?;
        write.commit().await?;
        Ok(if made { StatementAcceptance::New(row) } else { StatementAcceptance::Known(row) })
    }

    /// One file.
    pub async fn statement(&self, id: &StatementId) -> Result<Option<StatementRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(statement_row).transpose()
    }

    /// Newest first, after the last id of the page before; narrowed to an account.
    pub async fn statements(
        &self,
        account: Option<&str>,
        after: Option<&StatementId>,
        limit: u32,
    ) -> Result<Vec<StatementRow>, LedgerError> {
        let of_account = "id IN (SELECT statement_id FROM bank_account_statement \
                          WHERE account_key =";
        let mut select = Select::new(SELECT);
        select.text("id <", after.map(ToString::to_string));
        if let Some(account) = account {
            select.text(of_account, Some(account_key(account))).close();
        }
        let rows = select.fetch("id DESC", limit, &self.pool).await?;
        rows.iter().map(statement_row).collect()
    }

    /// Moves a file on, with what was read or why it could not be.
    pub async fn move_statement(
        &self,
        id: &StatementId,
        status: StatementStatus,
        content: Option<&StatementContent>,
        failure: Option<&StatementFailure>,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE bank_statement SET status = $2, content = COALESCE($3, content), \
                   failure = $4 WHERE id = $1";
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(status.as_str())
            .bind(content.map(to_json).transpose()?)
            .bind(failure.map(to_json).transpose()?);
        query.execute(write.on()).await?;
        if status == StatementStatus::Done {
            let place = (id.as_str(), status.as_str());
            write.announce(Topic::StatementMatched, place, Utc::now()).await?;
        }
        write.commit().await
    }

    /// Keeps where a statement of a file stands among those of its account.
    pub async fn keep_head(
        &self,
        (id, position): (&StatementId, i64),
        (account, last_day): (&str, NaiveDate),
        head: &StatementHead,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "INSERT INTO bank_account_statement \
                   (statement_id, position, account_key, last_day, head) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(id.as_str())
            .bind(position)
            .bind(account_key(account))
            .bind(last_day.to_string())
            .bind(to_json(head)?);
        query.execute(write.on()).await?;
        write.commit().await
    }

    /// The statements right before and right behind a day of an account, each the last or first
    /// of its day. Statements of the day itself are none.
    pub async fn neighbours(
        &self,
        account: &str,
        day: NaiveDate,
    ) -> Result<(Option<Neighbour>, Option<Neighbour>), LedgerError> {
        let select = "SELECT statement_id AS id, position, head FROM bank_account_statement";
        let (account, day) = (Some(account_key(account)), Some(day.to_string()));
        let before = Select::new(select)
            .text("account_key =", account.clone())
            .text("last_day <", day.clone())
            .fetch("last_day DESC, statement_id DESC, position DESC", 1, &self.pool)
            .await?;
        let behind = Select::new(select)
            .text("account_key =", account)
            .text("last_day >", day)
            .fetch("last_day, statement_id, position", 1, &self.pool)
            .await?;
        let read = |row: &AnyRow| {
            let fields = Fields::of("statement of an account", row)?;
            Ok::<_, LedgerError>(Neighbour {
                statement_id: fields.parsed("id", |id| StatementId::parse(id).ok())?,
                position: fields.number("position")?,
                head: fields.json("head")?,
            })
        };
        Ok((before.first().map(read).transpose()?, behind.first().map(read).transpose()?))
    }

    /// Keeps that a statement does not follow the one before it, or that it does now.
    pub async fn keep_gap(
        &self,
        id: &StatementId,
        position: i64,
        gap: Option<&Finding>,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        let sql = "UPDATE bank_account_statement SET gap = $3 \
                   WHERE statement_id = $1 AND position = $2";
        let query = sqlx::query(sql).bind(id.as_str()).bind(position);
        query.bind(gap.map(to_json).transpose()?).execute(write.on()).await?;
        write.commit().await
    }

    /// The statements of a file that do not follow the ones before them.
    pub async fn gaps(&self, id: &StatementId) -> Result<Vec<Finding>, LedgerError> {
        let sql = "SELECT statement_id AS id, gap FROM bank_account_statement \
                   WHERE statement_id = $1 AND gap IS NOT NULL ORDER BY position";
        let rows = sqlx::query(sql).bind(id.as_str()).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Fields::of("statement of an account", row)?.json("gap")).collect()
    }

    /// How many entries of a file are in each state.
    pub async fn count_entries(
        &self,
        id: &StatementId,
    ) -> Result<Vec<(EntryState, i64)>, LedgerError> {
        let sql = "SELECT e.state, COUNT(*) FROM bank_statement_entry s \
                   JOIN bank_entry e ON e.id = s.entry_id WHERE s.statement_id = $1 \
                   GROUP BY e.state";
        let counted: Vec<(String, i64)> =
            sqlx::query_as(sql).bind(id.as_str()).fetch_all(&self.pool).await?;
        let count = |state: EntryState| {
            let of_state = counted.iter().find(|(word, _)| word == state.as_str());
            (state, of_state.map_or(0, |(_, count)| *count))
        };
        Ok(EntryState::ALL.into_iter().map(count).collect())
    }
}

impl Write {
    /// The file with these bytes that another profile read, and that was removed since.
    async fn removed_under_another_profile(
        &mut self,
        new: &NewStatement,
    ) -> Result<Option<StatementId>, LedgerError> {
        let sql = "SELECT id FROM removed_statement WHERE sha256 = $1 AND profile <> $2 LIMIT 1";
        let query = sqlx::query(sql).bind(new.sha256.as_str()).bind(&new.profile);
        let row = query.fetch_optional(self.on()).await?;
        let read = |row: AnyRow| {
            Fields::of("removed statement", &row)?.parsed("id", |id| StatementId::parse(id).ok())
        };
        row.map(read).transpose()
    }
}

fn account_key(account: &str) -> String {
    texts::key(&normalised(account))
}

fn statement_row(row: &AnyRow) -> Result<StatementRow, LedgerError> {
    let fields = Fields::of("bank statement", row)?;
    Ok(StatementRow {
        id: fields.parsed("id", |id| StatementId::parse(id).ok())?,
        sha256: fields.parsed("sha256", |digest| Sha256::parse(digest).ok())?,
        profile: fields.text("profile")?,
        bytes: u64::try_from(fields.number("bytes")?).unwrap_or_default(),
        media_type: fields.text("media_type")?,
        submitted_by: fields.text("subject")?,
        received_at: fields.time("received_at")?,
        status: fields.parsed("status", StatementStatus::parse)?,
        content: fields.json_if("content")?,
        failure: fields.json_if("failure")?,
    })
}

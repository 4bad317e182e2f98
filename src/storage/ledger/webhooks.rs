//! Webhooks: who is told, under which secret, and until when the one before signs too.

mod attempts;
mod deliveries;
mod health;
mod outbox;
mod replays;
mod rotation;

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use sqlx::any::AnyRow;

use crate::models::refs::WebhookId;
use crate::models::webhook::{DisabledReason, Topic};
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::fields::{Fields, to_json};
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError, texts};

pub use attempts::{Attempt, Attempted, Recorded};
pub use deliveries::{DeliveryFilter, DeliveryRow, DueDelivery};
pub use health::WebhookHealth;
pub use replays::{Replay, ReplayKey, Replayed};
pub use rotation::Rotated;

/// Webhooks of a deployment: each event is written once for each.
pub const WEBHOOKS_MAX: i64 = 100;

/// After a rotation the secret before signs this long too.
pub const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// A webhook about to be made.
#[derive(Debug, Clone)]
pub struct NewWebhook {
    /// The id it gets, unless its key is known.
    pub id: WebhookId,
    /// Who makes it; part of the key.
    pub subject: String,
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// What the key stands for.
    pub fingerprint: String,
    /// What it says.
    pub content: WebhookContent,
    /// What signs its messages.
    pub secret: SecretString,
    /// When.
    pub at: DateTime<Utc>,
}

/// What its owner may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookContent {
    /// Where messages go.
    pub url: String,
    /// In words.
    pub description: Option<String>,
    /// What is told.
    pub topics: Vec<Topic>,
    /// Whether nothing is sent.
    pub disabled: Option<DisabledReason>,
}

/// A webhook as it stands, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookRow {
    /// Its id.
    pub id: WebhookId,
    /// What it says.
    pub content: WebhookContent,
    /// What its key stands for.
    pub fingerprint: String,
    /// Counts its changes, from 1.
    pub revision: i64,
    /// Since when nothing is sent.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Until when the secret before signs too.
    pub previous_until: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What making one came to.
#[derive(Debug, Clone)]
pub enum Made {
    /// A new row.
    New(WebhookRow),
    /// The row of that key.
    Known(WebhookRow),
    /// There are [`WEBHOOKS_MAX`].
    TooMany,
}

const SELECT: &str = "SELECT id, fingerprint, url, description, topics, previous_until, revision, \
     disabled_at, disabled_reason, created_at, updated_at FROM webhook";

impl Ledger {
    /// Makes a webhook, or finds the one that the key made.
    pub async fn make_webhook(&self, new: &NewWebhook) -> Result<Made, LedgerError> {
        if let Some(known) = self.webhook_by_key(&new.subject, &new.key).await? {
            return Ok(Made::Known(known));
        }
        let secret = self.seal(new.id.as_str(), &new.secret).await?;
        let mut write = self.write().await?;
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM webhook");
        let count: i64 = count.fetch_one(write.on()).await?;
        if count >= WEBHOOKS_MAX {
            return Ok(Made::TooMany);
        }
        let at = new.at.timestamp_micros();
        let sql = "INSERT INTO webhook (id, subject, key_hash, fingerprint, url, description, \
                   topics, secret, revision, failures, created_at, updated_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, $9, $9) ON CONFLICT DO NOTHING";
        let query = sqlx::query(sql)
            .bind(new.id.as_str())
            .bind(texts::key(&new.subject))
            .bind(texts::digest(&new.key))
            .bind(&new.fingerprint)
            .bind(&new.content.url)
            .bind(new.content.description.as_deref())
            .bind(to_json(&new.content.topics)?)
            .bind(secret)
            .bind(at);
        let first = query.execute(write.on()).await?.rows_affected() == 1;
        if first {
            write.audit(&Deed::done("create_webhook", new.id.as_str()).at_revision(1)).await?;
            write.commit().await?;
        } else {
            // Another request with this key was faster; its row can be seen now.
            drop(write);
        }
        let row = self.webhook_by_key(&new.subject, &new.key).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("webhook {}", new.id)))?;
        Ok(if first { Made::New(row) } else { Made::Known(row) })
    }

    /// The webhook that a key of a subject made.
    pub async fn webhook_by_key(
        &self,
        subject: &str,
        key: &str,
    ) -> Result<Option<WebhookRow>, LedgerError> {
        let rows = Select::new(SELECT)
            .text("subject =", Some(texts::key(subject)))
            .text("key_hash =", Some(texts::digest(key)))
            .fetch("id", 1, &self.pool)
            .await?;
        rows.first().map(webhook_row).transpose()
    }

    /// One webhook.
    pub async fn webhook(&self, id: &WebhookId) -> Result<Option<WebhookRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(webhook_row).transpose()
    }

    /// Newest first, after the last id of the page before.
    pub async fn webhooks(
        &self,
        after: Option<&WebhookId>,
        limit: u32,
    ) -> Result<Vec<WebhookRow>, LedgerError> {
        let rows = Select::new(SELECT)
            .text("id <", after.map(ToString::to_string))
            .fetch("id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(webhook_row).collect()
    }

    /// Changes a webhook as it was read; `None` when it was changed or deleted meanwhile. Enabled
    /// again, it starts without the failures of before.
    pub async fn change_webhook(
        &self,
        read: &WebhookRow,
        content: &WebhookContent,
        at: DateTime<Utc>,
    ) -> Result<Option<WebhookRow>, LedgerError> {
        let mut write = self.write().await?;
        let since = content.disabled.map(|_| read.disabled_at.unwrap_or(at).timestamp_micros());
        let sql = "UPDATE webhook SET url = $3, description = $4, topics = $5, disabled_at = $6, \
                   disabled_reason = $7, updated_at = $8, revision = revision + 1, \
                   failures = CASE WHEN $6 IS NULL THEN 0 ELSE failures END \
                   WHERE id = $1 AND revision = $2";
        let query = sqlx::query(sql)
            .bind(read.id.as_str())
            .bind(read.revision)
            .bind(&content.url)
            .bind(content.description.as_deref())
            .bind(to_json(&content.topics)?)
            .bind(since)
            .bind(content.disabled.map(DisabledReason::as_str))
            .bind(at.timestamp_micros());
        if query.execute(write.on()).await?.rows_affected() == 0 {
            return Ok(None);
        }
        let deed = Deed::done("update_webhook", read.id.as_str());
        write.audit(&deed.at_revision(read.revision + 1)).await?;
        write.commit().await?;
        self.webhook(&read.id).await
    }

    /// Deletes a webhook as it was read, with its log; false when it was changed meanwhile.
    pub async fn delete_webhook(&self, read: &WebhookRow) -> Result<bool, LedgerError> {
        let mut write = self.write().await?;
        let sql = "DELETE FROM webhook WHERE id = $1 AND revision = $2";
        let query = sqlx::query(sql).bind(read.id.as_str()).bind(read.revision);
        if query.execute(write.on()).await?.rows_affected() == 0 {
            return Ok(false);
        }
        for sql in [
            "DELETE FROM webhook_delivery WHERE webhook_id = $1",
            "DELETE FROM webhook_replay WHERE webhook_id = $1",
        ] {
            sqlx::query(sql).bind(read.id.as_str()).execute(write.on()).await?;
        }
        write.audit(&Deed::done("delete_webhook", read.id.as_str())).await?;
        write.commit().await?;
        Ok(true)
    }

    /// What signs now, the newest first.
    pub async fn webhook_secrets(
        &self,
        id: &WebhookId,
        at: DateTime<Utc>,
    ) -> Result<Vec<SecretString>, LedgerError> {
        let sql = "SELECT id, secret, previous_secret, previous_until FROM webhook WHERE id = $1";
        let row = sqlx::query(sql).bind(id.as_str()).fetch_optional(&self.pool).await?;
        let row = row.ok_or_else(|| LedgerError::Missing(format!("webhook {id}")))?;
        let fields = Fields::of("webhook", &row)?;
        let mut secrets = vec![self.unseal(id.as_str(), &fields.text("secret")?).await?];
        let overlaps = fields.time_if("previous_until")?.is_some_and(|until| until > at);
        if let Some(previous) = fields.text_if("previous_secret")?.filter(|_| overlaps) {
            secrets.push(self.unseal(id.as_str(), &previous).await?);
        }
        Ok(secrets)
    }
}

fn webhook_row(row: &AnyRow) -> Result<WebhookRow, LedgerError> {
    let fields = Fields::of("webhook", row)?;
    let disabled = match fields.text_if("disabled_reason")? {
        None => None,
        Some(_) => Some(fields.parsed("disabled_reason", DisabledReason::parse)?),
    };
    Ok(WebhookRow {
        id: fields.parsed("id", |id| WebhookId::parse(id).ok())?,
        content: WebhookContent {
            url: fields.text("url")?,
            description: fields.text_if("description")?,
            topics: fields.json("topics")?,
            disabled,
        },
        fingerprint: fields.text("fingerprint")?,
        revision: fields.number("revision")?,
        disabled_at: fields.time_if("disabled_at")?,
        previous_until: fields.time_if("previous_until")?,
        created_at: fields.time("created_at")?,
        updated_at: fields.time("updated_at")?,
    })
}

//! Messages that are sent again, under the ids that they had.

use chrono::{DateTime, Utc};

use crate::models::refs::{DeliveryId, WebhookId};
use crate::storage::ledger::audit::Deed;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// Which messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replay {
    /// These.
    Deliveries(Vec<DeliveryId>),
    /// Those that happened from the first time on and before the second.
    Range(DateTime<Utc>, DateTime<Utc>),
}

/// The key of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayKey {
    /// Who asks.
    pub subject: String,
    /// The caller's `Idempotency-Key`.
    pub key: String,
    /// What the key stands for.
    pub fingerprint: String,
}

/// What it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replayed {
    /// So many messages are sent again; those that were pending anyway are among them.
    Done(i64),
    /// The same request was done before.
    Known(i64),
    /// The key belongs to another replay.
    KeyReused,
    /// These are no messages of this webhook.
    Unknown(Vec<DeliveryId>),
    /// There are more than may be replayed at once.
    TooMany(i64),
}

impl Ledger {
    /// Makes settled messages pending again, `limit` at most.
    pub async fn replay(
        &self,
        webhook: &WebhookId,
        replay: &Replay,
        key: Option<&ReplayKey>,
        (at, limit): (DateTime<Utc>, i64),
    ) -> Result<Replayed, LedgerError> {
        let mut write = self.write().await?;
        if let Some(key) = key
            && let Some(known) = write.known_replay(webhook, key).await?
        {
            return Ok(known);
        }
        let count = match replay {
            Replay::Deliveries(ids) => {
                let mut unknown = Vec::new();
                for id in ids {
                    if !write.is_of(id, webhook).await? {
                        unknown.push(id.clone());
                    }
                }
                if !unknown.is_empty() {
                    return Ok(Replayed::Unknown(unknown));
                }
                for id in ids {
                    write.again(id, at).await?;
                }
                i64::try_from(ids.len()).unwrap_or(i64::MAX)
            }
            Replay::Range(since, until) => {
                let found = write.within(webhook, (*since, *until)).await?;
                if found > limit {
                    return Ok(Replayed::TooMany(found));
                }
                write.range_again(webhook, (*since, *until), at).await?;
                found
            }
        };
        if let Some(key) = key {
            write.keep_replay(webhook, key, count, at).await?;
        }
        write.audit(&Deed::done("replay_webhook", webhook.as_str())).await?;
        write.commit().await?;
        Ok(Replayed::Done(count))
    }
}

/// What makes a settled message pending: its next round begins.
macro_rules! again {
    ($condition:literal) => {
        concat!(
            "UPDATE webhook_delivery SET state = 'pending', round = round + 1, pending_since = $1, \
             due_at = $1, next_attempt_at = NULL WHERE state <> 'pending' AND ",
            $condition
        )
    };
}

impl Write {
    async fn known_replay(
        &mut self,
        webhook: &WebhookId,
        key: &ReplayKey,
    ) -> Result<Option<Replayed>, LedgerError> {
        let sql = "SELECT fingerprint, deliveries FROM webhook_replay \
                   WHERE webhook_id = $1 AND subject = $2 AND key_hash = $3";
        let query = sqlx::query_as(sql)
            .bind(webhook.as_str())
            .bind(texts::key(&key.subject))
            .bind(texts::digest(&key.key));
        let known: Option<(String, i64)> = query.fetch_optional(self.on()).await?;
        Ok(known.map(|(fingerprint, count)| match fingerprint == key.fingerprint {
            true => Replayed::Known(count),
            false => Replayed::KeyReused,
        }))
    }

    async fn keep_replay(
        &mut self,
        webhook: &WebhookId,
        key: &ReplayKey,
        count: i64,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        // Of two at once the second fails here, changes nothing, and finds the first when it is
        // sent again.
        let sql = "INSERT INTO webhook_replay (webhook_id, subject, key_hash, fingerprint, \
                   deliveries, created_at) VALUES ($1, $2, $3, $4, $5, $6)";
        let query = sqlx::query(sql)
            .bind(webhook.as_str())
            .bind(texts::key(&key.subject))
            .bind(texts::digest(&key.key))
            .bind(&key.fingerprint)
            .bind(count)
            .bind(at.timestamp_micros());
        query.execute(self.on()).await?;
        Ok(())
    }

    async fn is_of(&mut self, id: &DeliveryId, webhook: &WebhookId) -> Result<bool, LedgerError> {
        let sql = "SELECT COUNT(*) FROM webhook_delivery WHERE id = $1 AND webhook_id = $2";
        let query = sqlx::query_scalar(sql).bind(id.as_str()).bind(webhook.as_str());
        let found: i64 = query.fetch_one(self.on()).await?;
        Ok(found == 1)
    }

    async fn again(&mut self, id: &DeliveryId, at: DateTime<Utc>) -> Result<(), LedgerError> {
        let query = sqlx::query(again!("id = $2")).bind(at.timestamp_micros()).bind(id.as_str());
        query.execute(self.on()).await?;
        Ok(())
    }

    async fn within(
        &mut self,
        webhook: &WebhookId,
        (since, until): (DateTime<Utc>, DateTime<Utc>),
    ) -> Result<i64, LedgerError> {
        let sql = "SELECT COUNT(*) FROM webhook_delivery \
                   WHERE webhook_id = $1 AND created_at >= $2 AND created_at < $3";
        let query = sqlx::query_scalar(sql)
            .bind(webhook.as_str())
            .bind(since.timestamp_micros())
            .bind(until.timestamp_micros());
        Ok(query.fetch_one(self.on()).await?)
    }

    async fn range_again(
        &mut self,
        webhook: &WebhookId,
        (since, until): (DateTime<Utc>, DateTime<Utc>),
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let query = sqlx::query(again!("webhook_id = $2 AND created_at >= $3 AND created_at < $4"))
            .bind(at.timestamp_micros())
            .bind(webhook.as_str())
            .bind(since.timestamp_micros())
            .bind(until.timestamp_micros());
        query.execute(self.on()).await?;
        Ok(())
    }
}

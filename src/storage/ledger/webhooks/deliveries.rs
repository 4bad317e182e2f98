//! The log of what was sent, and what the dispatcher has to start.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;

use crate::models::refs::{DeliveryId, WebhookId};
use crate::models::webhook::{DeliveryState, Failure, Topic};
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::{Ledger, LedgerError};
use crate::trace::Trace;

/// A delivery whose next attempt is late by this much is looked after: its workflow may have been
/// ended from outside.
pub(super) const LATE: TimeDelta = TimeDelta::minutes(15);

/// Messages are kept this long for replays.
const KEPT: TimeDelta = TimeDelta::days(30);

/// Messages that one look forgets at most: the next one forgets the next.
const FORGOTTEN_MAX: i64 = 1_000;

/// A message for one webhook as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its `webhook-id`.
    pub id: DeliveryId,
    /// For whom.
    pub webhook: WebhookId,
    /// What it tells.
    pub topic: Topic,
    /// The bytes that are signed and sent.
    pub body: String,
    /// How it stands.
    pub state: DeliveryState,
    /// How often it was replayed.
    pub round: i64,
    /// Attempts in all.
    pub attempts: i64,
    /// The last answer's status.
    pub status_code: Option<i64>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
    /// When the last attempt was made.
    pub attempted_at: Option<DateTime<Utc>>,
    /// When the next one is due.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
}

/// A message whose workflow is to be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its id.
    pub id: DeliveryId,
    /// How often it was replayed.
    pub round: i64,
    /// What it belongs to.
    pub trace: Option<Trace>,
}

/// What a list of deliveries may ask for; every member narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryFilter {
    /// Any of these; empty is all.
    pub states: Vec<DeliveryState>,
    /// Any of these; empty is all.
    pub topics: Vec<Topic>,
}

const SELECT: &str = "SELECT id, webhook_id, topic, body, state, round, attempts, status_code, \
     failure, attempted_at, next_attempt_at, created_at FROM webhook_delivery";

impl Ledger {
    /// One message.
    pub async fn delivery(&self, id: &DeliveryId) -> Result<Option<DeliveryRow>, LedgerError> {
        let id = Some(id.to_string());
        let rows = Select::new(SELECT).text("id =", id).fetch("id", 1, &self.pool).await?;
        rows.first().map(delivery_row).transpose()
    }

    /// The log of a webhook, newest first, after the last id of the page before.
    pub async fn deliveries(
        &self,
        webhook: &WebhookId,
        filter: &DeliveryFilter,
        after: Option<&DeliveryId>,
        limit: u32,
    ) -> Result<Vec<DeliveryRow>, LedgerError> {
        let states = filter.states.iter().map(|state| state.as_str().to_owned()).collect();
        let topics = filter.topics.iter().map(|topic| topic.as_str().to_owned()).collect();
        let rows = Select::new(SELECT)
            .text("webhook_id =", Some(webhook.to_string()))
            .any("state", states)
            .any("topic", topics)
            .text("id <", after.map(ToString::to_string))
            .fetch("id DESC", limit, &self.pool)
            .await?;
        rows.iter().map(delivery_row).collect()
    }

    /// Messages whose workflows are to be started, the longest due first.
    pub async fn due_deliveries(
        &self,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<DueDelivery>, LedgerError> {
        let sql = "SELECT id, round, trace FROM webhook_delivery WHERE state = 'pending' AND due_at <= $1 \
                   ORDER BY due_at LIMIT $2";
        let query = sqlx::query(sql).bind(now.timestamp_micros()).bind(i64::from(limit));
        let rows = query.fetch_all(&self.pool).await?;
        let read = |row| {
            let fields = Fields::of("webhook_delivery", row)?;
            let id = fields.parsed("id", |id| DeliveryId::parse(id).ok())?;
            let trace = fields.text_if("trace")?;
            let trace = trace.and_then(|trace| Trace::of_json(trace.as_bytes()));
            Ok(DueDelivery { id, round: fields.number("round")?, trace })
        };
        rows.iter().map(read).collect()
    }

    /// Its workflow runs: it is looked after again when it is late.
    pub async fn delivery_started(
        &self,
        due: &DueDelivery,
        at: DateTime<Utc>,
    ) -> Result<(), LedgerError> {
        let mut write = self.write().await?;
        // An attempt may have been recorded already, and knows better when the next one is due.
        let sql = "UPDATE webhook_delivery SET due_at = $3 \
                   WHERE id = $1 AND round = $2 AND state = 'pending' AND due_at <= $4";
        let query = sqlx::query(sql).bind(due.id.as_str()).bind(due.round);
        let query = query.bind((at + LATE).timestamp_micros()).bind(at.timestamp_micros());
        query.execute(write.on()).await?;
        write.commit().await
    }

    /// Since when the oldest message waits; `None` when none does.
    pub async fn oldest_delivery(&self) -> Result<Option<DateTime<Utc>>, LedgerError> {
        let sql = "SELECT MIN(pending_since) FROM webhook_delivery WHERE state = 'pending'";
        let oldest: Option<i64> = sqlx::query_scalar(sql).fetch_one(&self.pool).await?;
        Ok(oldest.and_then(DateTime::from_timestamp_micros))
    }

    /// Forgets messages that were settled long ago; answers how many.
    pub async fn forget_deliveries(&self, now: DateTime<Utc>) -> Result<u64, LedgerError> {
        let before = (now - KEPT).timestamp_micros();
        let sql = "SELECT COUNT(*) FROM webhook_delivery \
                   WHERE created_at < $1 AND state <> 'pending'";
        let old: i64 = sqlx::query_scalar(sql).bind(before).fetch_one(&self.pool).await?;
        if old == 0 {
            return Ok(0);
        }
        let mut write = self.write().await?;
        let sql = "DELETE FROM webhook_delivery WHERE id IN (SELECT id FROM webhook_delivery \
                   WHERE created_at < $1 AND state <> 'pending' ORDER BY created_at LIMIT $2)";
        let query = sqlx::query(sql).bind(before).bind(FORGOTTEN_MAX);
        let forgotten = query.execute(write.on()).await?.rows_affected();
        write.commit().await?;
        Ok(forgotten)
    }
}

pub(super) fn delivery_row(row: &AnyRow) -> Result<DeliveryRow, LedgerError> {
    let fields = Fields::of("webhook_delivery", row)?;
    let failure = match fields.text_if("failure")? {
        None => None,
        Some(_) => Some(fields.parsed("failure", Failure::parse)?),
    };
    Ok(DeliveryRow {
        id: fields.parsed("id", |id| DeliveryId::parse(id).ok())?,
        webhook: fields.parsed("webhook_id", |id| WebhookId::parse(id).ok())?,
        topic: fields.parsed("topic", Topic::parse)?,
        body: fields.text("body")?,
        state: fields.parsed("state", DeliveryState::parse)?,
        round: fields.number("round")?,
        attempts: fields.number("attempts")?,
        status_code: fields.number_if("status_code")?,
        failure,
        attempted_at: fields.time_if("attempted_at")?,
        next_attempt_at: fields.time_if("next_attempt_at")?,
        created_at: fields.time("created_at")?,
    })
}

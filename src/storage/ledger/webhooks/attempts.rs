//! What attempts came to, and the webhooks that are disabled for it.

use chrono::{DateTime, Utc};

use crate::models::refs::{DeliveryId, WebhookId};
use crate::models::webhook::{DeliveryState, DisabledReason, Failure};
use crate::storage::ledger::webhooks::deliveries::LATE;
use crate::storage::ledger::write::Write;
use crate::storage::ledger::{Ledger, LedgerError};

/// Messages in a row that are given up before nothing more is sent.
const GIVEN_UP_MAX: i64 = 5;

/// An attempt that was made, or that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Of which message.
    pub delivery: DeliveryId,
    /// In which round: the attempt of an earlier one says nothing of this.
    pub round: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What it came to.
    pub outcome: Attempted,
}

/// What an attempt came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempted {
    /// The receiver took it.
    Delivered {
        /// Its answer.
        status_code: u16,
    },
    /// It will be tried again.
    Again {
        /// The answer, if one came.
        status_code: Option<u16>,
        /// Why it failed.
        failure: Failure,
        /// When it is tried again.
        next: DateTime<Utc>,
    },
    /// It is given up.
    Failed {
        /// The answer, if one came.
        status_code: Option<u16>,
        /// Why it failed.
        failure: Failure,
    },
}

/// What recording it changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recorded {
    /// The webhook was disabled for it.
    pub disabled: Option<DisabledReason>,
}

impl Ledger {
    /// Records an attempt; one of a message that is settled changes nothing.
    pub async fn record_attempt(&self, attempt: &Attempt) -> Result<Recorded, LedgerError> {
        let mut write = self.write().await?;
        let Some(webhook) = write.settle(attempt).await? else {
            return Ok(Recorded::default());
        };
        let disabled = match attempt.outcome {
            Attempted::Again { .. } => None,
            Attempted::Delivered { .. } => {
                let sql = "UPDATE webhook SET failures = 0 WHERE id = $1 AND failures > 0";
                sqlx::query(sql).bind(webhook.as_str()).execute(write.on()).await?;
                None
            }
            // Nothing was sent: it says nothing of the receiver.
            Attempted::Failed { failure: Failure::Disabled, .. } => None,
            Attempted::Failed { failure, .. } => {
                write.given_up(&webhook, failure, attempt.at).await?
            }
        };
        write.commit().await?;
        Ok(Recorded { disabled })
    }
}

impl Write {
    /// Writes the outcome to the message; answers whose it is, unless it is settled already.
    async fn settle(&mut self, attempt: &Attempt) -> Result<Option<WebhookId>, LedgerError> {
        let (state, status_code, failure, next) = match attempt.outcome {
            Attempted::Delivered { status_code } => {
                (DeliveryState::Delivered, Some(status_code), None, None)
            }
            Attempted::Again { status_code, failure, next } => {
                (DeliveryState::Pending, status_code, Some(failure), Some(next))
            }
            Attempted::Failed { status_code, failure } => {
                (DeliveryState::Failed, status_code, Some(failure), None)
            }
        };
        let made = i64::from(failure != Some(Failure::Disabled));
        let at = attempt.at.timestamp_micros();
        let due = next.map_or(at, |next| (next + LATE).timestamp_micros());
        let sql = "UPDATE webhook_delivery SET state = $3, attempts = attempts + $4, \
                   status_code = $5, failure = $6, attempted_at = $7, next_attempt_at = $8, \
                   due_at = $9 WHERE id = $1 AND round = $2 AND state = 'pending' \
                   RETURNING webhook_id";
        let query = sqlx::query_scalar(sql)
            .bind(attempt.delivery.as_str())
            .bind(attempt.round)
            .bind(state.as_str())
            .bind(made)
            .bind(status_code.map(i64::from))
            .bind(failure.map(Failure::as_str))
            .bind(at)
            .bind(next.map(|next| next.timestamp_micros()))
            .bind(due);
        let webhook: Option<String> = query.fetch_optional(self.on()).await?;
        Ok(webhook.and_then(|id| WebhookId::parse(&id).ok()))
    }

    /// Counts a message that was given up; answers why its webhook is disabled for it, if it is.
    async fn given_up(
        &mut self,
        webhook: &WebhookId,
        failure: Failure,
        at: DateTime<Utc>,
    ) -> Result<Option<DisabledReason>, LedgerError> {
        let sql = "UPDATE webhook SET failures = failures + 1 WHERE id = $1 RETURNING failures";
        let query = sqlx::query_scalar(sql).bind(webhook.as_str());
        let failures: Option<i64> = query.fetch_optional(self.on()).await?;
        let reason = match failure {
            Failure::Gone => DisabledReason::Gone,
            _ if failures.is_some_and(|failures| failures >= GIVEN_UP_MAX) => {
                DisabledReason::Failing
            }
            _ => return Ok(None),
        };
        let sql = "UPDATE webhook SET disabled_at = $2, disabled_reason = $3, updated_at = $2, \
                   revision = revision + 1 WHERE id = $1 AND disabled_at IS NULL";
        let query = sqlx::query(sql).bind(webhook.as_str()).bind(at.timestamp_micros());
        let first = query.bind(reason.as_str()).execute(self.on()).await?.rows_affected() == 1;
        Ok(first.then_some(reason))
    }
}

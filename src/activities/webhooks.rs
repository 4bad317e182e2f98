//! Messages to receivers: one attempt, recorded.
#![expect(missing_docs, reason = "the macro of the activities writes items of its own")]

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use temporalio_macros::activities;
use temporalio_sdk::activities::{ActivityContext, ActivityError};

use crate::activities::attended;
use crate::activities::trouble::Trouble;
use crate::metrics::Metrics;
use crate::models::refs::{DeliveryId, WebhookId};
use crate::models::webhook::{DeliveryState, Failure};
use crate::storage::ledger::Ledger;
use crate::storage::ledger::webhooks::{Attempt, Attempted, DeliveryRow, WebhookRow};
use crate::webhooks::{Message, Sender, Sent};
use crate::workflows::webhook::contract::{self, AttemptEnd, AttemptInput, GiveUpInput};

/// Sends messages. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    ledger: Ledger,
    sender: Sender,
    metrics: Arc<Metrics>,
}

#[activities]
impl Webhooks {
    /// Sends the message once, and records what came of it. Done twice, the receiver hears it
    /// twice under one `webhook-id`.
    #[activity(definition = contract::AttemptDelivery)]
    pub async fn attempt_delivery(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: AttemptInput,
    ) -> Result<AttemptEnd, ActivityError> {
        attended(&ctx, self.attempt(&input)).await
    }

    /// Records that the message is given up, unless it is settled.
    #[activity(definition = contract::GiveUpDelivery)]
    pub async fn give_up_delivery(
        self: Arc<Self>,
        ctx: ActivityContext,
        input: GiveUpInput,
    ) -> Result<(), ActivityError> {
        let outcome = Attempted::Failed { status_code: None, failure: Failure::Internal };
        attended(&ctx, self.record(&input.delivery, input.round, (Utc::now(), outcome))).await
    }
}

impl Webhooks {
    /// Over this ledger; `sender` knows where messages may go.
    pub(crate) fn new(ledger: Ledger, sender: Sender, metrics: Arc<Metrics>) -> Self {
        Self { ledger, sender, metrics }
    }

    /// The same with another sender.
    pub(crate) fn with(self, sender: Sender, metrics: Arc<Metrics>) -> Self {
        Self { sender, metrics, ..self }
    }

    async fn attempt(&self, input: &AttemptInput) -> Result<AttemptEnd, Trouble> {
        let delivery = self.ledger.delivery(&input.delivery).await?;
        let open =
            |row: &DeliveryRow| row.state == DeliveryState::Pending && row.round == input.round;
        let Some(delivery) = delivery.filter(open) else {
            return Ok(AttemptEnd::Settled);
        };
        // Deleted with its log, but for what was written at the same moment.
        let Some(webhook) = self.ledger.webhook(&delivery.webhook).await? else {
            return Ok(AttemptEnd::Settled);
        };
        let at = Utc::now();
        if webhook.content.disabled.is_some() {
            let outcome = Attempted::Failed { status_code: None, failure: Failure::Disabled };
            self.record(&delivery.id, delivery.round, (at, outcome)).await?;
            return Ok(AttemptEnd::Settled);
        }
        let Some(place) = self.sender.place(webhook.id.as_str()) else {
            return Ok(AttemptEnd::Busy);
        };
        let sent = self.send(&webhook, &delivery, at).await?;
        drop(place);
        self.told(&webhook.id, &delivery, &sent);
        self.settle(input, at, &sent).await
    }

    async fn send(
        &self,
        webhook: &WebhookRow,
        delivery: &DeliveryRow,
        at: DateTime<Utc>,
    ) -> Result<Sent, Trouble> {
        let secrets = self.ledger.webhook_secrets(&webhook.id, at).await?;
        let id = delivery.id.as_str();
        let message = Message { id, body: &delivery.body, secrets: &secrets, at };
        Ok(self.sender.send(&webhook.content.url, &message).await)
    }

    /// What an attempt means for the message.
    async fn settle(
        &self,
        input: &AttemptInput,
        at: DateTime<Utc>,
        sent: &Sent,
    ) -> Result<AttemptEnd, Trouble> {
        let status_code = sent.status_code;
        let (outcome, end) = match (sent.failure, input.gap_seconds) {
            (None, _) => {
                let status_code = status_code.unwrap_or_default();
                (Attempted::Delivered { status_code }, AttemptEnd::Settled)
            }
            (Some(failure), Some(gap)) if failure != Failure::Gone => {
                let pause = pause(gap, sent.retry_after);
                let next = at + sent.took + pause;
                let milliseconds = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
                let outcome = Attempted::Again { status_code, failure, next };
                (outcome, AttemptEnd::Again { milliseconds })
            }
            (Some(failure), _) => (Attempted::Failed { status_code, failure }, AttemptEnd::Settled),
        };
        self.record(&input.delivery, input.round, (at, outcome)).await?;
        Ok(end)
    }

    async fn record(
        &self,
        delivery: &DeliveryId,
        round: i64,
        (at, outcome): (DateTime<Utc>, Attempted),
    ) -> Result<(), Trouble> {
        let attempt = Attempt { delivery: delivery.clone(), round, at, outcome };
        let recorded = self.ledger.record_attempt(&attempt).await?;
        if let Some(reason) = recorded.disabled {
            let reason = reason.as_str();
            self.metrics.webhooks_disabled.with_label_values(&[reason]).inc();
            tracing::warn!(delivery.id = %delivery, reason, "a webhook was disabled");
        }
        Ok(())
    }

    fn told(&self, webhook: &WebhookId, delivery: &DeliveryRow, sent: &Sent) {
        let result = sent.failure.map_or("delivered", Failure::as_str);
        self.metrics.webhook_attempts.with_label_values(&[result]).inc();
        tracing::info!(
            webhook.id = %webhook,
            delivery.id = %delivery.id,
            topic = delivery.topic.as_str(),
            status_code = sent.status_code,
            duration_ms = u64::try_from(sent.took.as_millis()).unwrap_or(u64::MAX),
            result,
            "webhook attempt"
        );
    }
}

/// The gap with a jitter of a tenth, so that what failed together does not come back together; a
/// longer pause that the receiver asked for is kept.
fn pause(gap_seconds: u64, asked: Option<Duration>) -> Duration {
    let jitter = i64::from(uuid::Uuid::now_v7().as_bytes()[15]) - 128;
    let tenth = gap_seconds.saturating_mul(100);
    let milliseconds = gap_seconds
        .saturating_mul(1_000)
        .saturating_add_signed(jitter.saturating_mul(i64::try_from(tenth).unwrap_or(0)) / 128);
    Duration::from_millis(milliseconds).max(asked.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::pause;

    #[test]
    fn gaps_vary_by_a_tenth_and_receivers_may_ask_for_more() {
        for _ in 0..200 {
            let gap = pause(100, None).as_millis();
            assert!((90_000..=110_000).contains(&gap), "{gap}");
        }
        let hour = Duration::from_secs(3_600);
        assert_eq!(pause(5, Some(hour)), hour);
        assert!(pause(5, Some(Duration::ZERO)) > Duration::from_secs(4));
        assert_eq!(pause(0, None), Duration::ZERO);
    }
}

//! Webhooks: messages of the outbox get their workflows; old ones are forgotten.

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::app::dispatcher::{Dispatcher, ROWS_MAX};
use crate::storage::LedgerError;
use crate::storage::ledger::webhooks::DueDelivery;
use crate::trace;

impl Dispatcher {
    pub(super) async fn look_at_webhooks(
        &self,
        stop: &CancellationToken,
    ) -> Result<(), LedgerError> {
        let due = self.ledger.due_deliveries(Utc::now(), ROWS_MAX).await?;
        self.each(due, stop, |due| self.start_delivery(due)).await
    }

    async fn start_delivery(&self, due: DueDelivery) -> Result<(), LedgerError> {
        let starting = self.gateway.start_delivery(&due.id, due.round, &self.gaps_seconds);
        match trace::within(due.trace.clone(), starting).await {
            Ok(_) => {}
            Err(error) if error.is_of_one() => {
                tracing::warn!(delivery.id = %due.id, %error, "not dispatched; it is tried again");
            }
            Err(error) => return Err(LedgerError::Unavailable(error.to_string())),
        }
        self.ledger.delivery_started(&due, Utc::now()).await
    }

    pub(super) async fn forget_deliveries(&self) -> Result<(), LedgerError> {
        let forgotten = self.ledger.forget_deliveries(Utc::now()).await?;
        if forgotten > 0 {
            tracing::info!(forgotten, "old webhook deliveries are forgotten");
        }
        Ok(())
    }
}

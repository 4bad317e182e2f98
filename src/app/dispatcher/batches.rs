//! Batches: started when their request could not, and finished when their invoices rest.

use chrono::Utc;
use tokio_util::sync::CancellationToken;

use crate::app::dispatcher::{Dispatcher, REQUEST_GRACE, ROWS_MAX};
use crate::models::refs::BatchId;
use crate::storage::LedgerError;
use crate::temporal::gateway::Start;
use crate::trace;

impl Dispatcher {
    pub(super) async fn look_at_batches(
        &self,
        stop: &CancellationToken,
    ) -> Result<(), LedgerError> {
        for id in self.ledger.finish_batches(Utc::now()).await? {
            tracing::info!(batch.id = %id, "batch finished");
        }
        let due = self.ledger.unstarted_batches(Utc::now() - REQUEST_GRACE, ROWS_MAX).await?;
        self.each(due, stop, |id| self.start_batch(id)).await
    }

    async fn start_batch(&self, id: BatchId) -> Result<(), LedgerError> {
        let trace = self.ledger.batch_trace(&id).await?;
        match trace::within(trace, self.gateway.start_batch(&id)).await {
            Ok(Start::Started) => {
                tracing::info!(batch.id = %id, "started a batch that was left over")
            }
            Ok(Start::Known) => {}
            Err(error) if error.is_of_one() => {
                tracing::warn!(batch.id = %id, %error, "batch not started; it is tried again");
            }
            Err(error) => return Err(LedgerError::Unavailable(error.to_string())),
        }
        self.ledger.batch_started(&id, Utc::now()).await
    }
}

//! Starts what was received and not started yet, and wakes what an order or receipt may free.
//!
//! A 202 promises that the row in the ledger will be worked on. This loop keeps the promise when
//! the request could not: Temporal was away, or the process died between commit and start. It is
//! safe in every replica, because an invoice's workflow id can be started once and never again.

mod batches;
mod webhooks;

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures::{StreamExt, stream};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::models::attention::{Attention, AttentionCode};
use crate::models::refs::InvoiceId;
use crate::models::status::InvoiceStatus;
use crate::storage::ledger::dispatch::Wake;
use crate::storage::{Ledger, LedgerError};
use crate::temporal::gateway::{Gateway, GatewayError, RunStatus, Start, WorkflowRow};
use crate::trace;

/// How often the ledger is asked. An index over waiting rows answers, so an idle look is cheap.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Rows of one look; the next look takes the next ones.
const ROWS_MAX: u32 = 200;

/// Calls to Temporal at once: enough to catch up after an outage, too few to crowd out requests.
const PARALLEL: usize = 8;

/// How often rows are looked after that should have moved.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// The retries of a step last some ten minutes; who has not moved for longer may have nobody.
const STALLED_AFTER: TimeDelta = TimeDelta::minutes(15);

/// A request gets this long to start its own invoice before the dispatcher does.
const REQUEST_GRACE: TimeDelta = TimeDelta::seconds(5);

/// The loop.
pub(super) struct Dispatcher {
    ledger: Ledger,
    gateway: Gateway,
    /// The schedule of messages to receivers.
    gaps_seconds: Vec<u64>,
}

impl Dispatcher {
    pub(super) fn new(ledger: &Ledger, gateway: &Gateway, gaps_seconds: &[u64]) -> Self {
        let gaps_seconds = gaps_seconds.to_vec();
        Self { ledger: ledger.clone(), gateway: gateway.clone(), gaps_seconds }
    }

    /// Works until `stop` is cancelled; takes no more rows after that.
    pub(super) async fn run(self, stop: CancellationToken) {
        let mut ticks = interval(LOOK_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut sweeps = interval(SWEEP_EVERY);
        loop {
            let work = tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => self.look(&stop).await,
                _ = sweeps.tick() => self.sweep(&stop).await,
            };
            if let Err(error) = work {
                // Readiness says it too; the next look tries again.
                tracing::debug!(%error, "dispatcher could not read the ledger");
            }
        }
    }

    async fn look(&self, stop: &CancellationToken) -> Result<(), LedgerError> {
        let due = self.ledger.unstarted(Utc::now() - REQUEST_GRACE, ROWS_MAX).await?;
        self.each(due, stop, |id| self.start(id)).await?;
        let woken = self.ledger.to_wake(ROWS_MAX).await?;
        self.each(woken, stop, |wake| self.wake(wake)).await?;
        self.look_at_batches(stop).await?;
        self.look_at_webhooks(stop).await
    }

    /// Runs one call for each row, a few at once, until one fails or the process stops: when
    /// Temporal is away, the rows behind would fail too, and each would cost its deadline.
    async fn each<Row, F: Future<Output = Result<(), LedgerError>>>(
        &self,
        rows: Vec<Row>,
        stop: &CancellationToken,
        call: impl Fn(Row) -> F,
    ) -> Result<(), LedgerError> {
        let mut calls = stream::iter(rows).map(call).buffer_unordered(PARALLEL);
        while let Some(Some(outcome)) = stop.run_until_cancelled(calls.next()).await {
            outcome?;
        }
        Ok(())
    }

    async fn start(&self, id: InvoiceId) -> Result<(), LedgerError> {
        let trace = self.ledger.invoice_trace(&id).await?;
        match trace::within(trace, self.gateway.start_invoice(&id)).await {
            Ok(start) => {
                if start == Start::Started {
                    tracing::info!(invoice.id = %id, "started an invoice that was left over");
                }
                self.ledger.started(&id, Utc::now()).await
            }
            Err(error) => {
                later(&id, &error)?;
                // Its own trouble: it is tried again, and lets the rows behind it pass.
                self.ledger.started(&id, Utc::now()).await
            }
        }
    }

    async fn wake(&self, wake: Wake) -> Result<(), LedgerError> {
        match self.gateway.wake_invoice(&wake.id).await {
            Ok(()) => self.ledger.woken(&wake).await,
            Err(GatewayError::NotFound) => self.take_up(&wake).await,
            Err(error) => later(&wake.id, &error),
        }
    }

    /// Its workflow has ended, and something came for the invoice. One that was carried to its end,
    /// such as a paid one whose payment came back, is taken up again; one that was ended from
    /// outside is handed to a person.
    async fn take_up(&self, wake: &Wake) -> Result<(), LedgerError> {
        let id = &wake.id;
        let goes_on = |status: InvoiceStatus| status != InvoiceStatus::Paid && !status.is_final();
        let row = self.ledger.invoice(id).await?;
        if !row.is_some_and(|row| goes_on(row.status)) {
            return self.ledger.woken(wake).await;
        }
        match self.gateway.workflow(&id.workflow_id()).await {
            // Temporal forgets a run some time after it is over.
            Ok(WorkflowRow { status: RunStatus::Completed, .. }) | Err(GatewayError::NotFound) => {
                if let Err(error) = self.gateway.resume_invoice(id).await {
                    return later(id, &error);
                }
            }
            Ok(run) if run.status == RunStatus::Running => return Ok(()),
            Ok(_) => self.without_workflow(id, goes_on).await?,
            Err(error) => return later(id, &error),
        }
        self.ledger.woken(wake).await
    }

    /// Looks after rows that should have moved long ago.
    async fn sweep(&self, stop: &CancellationToken) -> Result<(), LedgerError> {
        self.forget_deliveries().await?;
        let stalled = self.ledger.stalled(Utc::now() - STALLED_AFTER, ROWS_MAX).await?;
        self.each(stalled, stop, |id| self.look_after(id)).await
    }

    async fn look_after(&self, id: InvoiceId) -> Result<(), LedgerError> {
        match self.gateway.workflow(&id.workflow_id()).await {
            Ok(run) if run.status == RunStatus::Running => Ok(()),
            // A row that was never started is the next look's work.
            Err(GatewayError::NotFound) => Ok(()),
            Ok(_) => self.without_workflow(&id, InvoiceStatus::moves).await,
            Err(error) => later(&id, &error),
        }
    }

    /// The workflow is over. An invoice that it left where it cannot stay is handed to a person;
    /// the state is read after the workflow was seen to be over, so it is the last one.
    async fn without_workflow(
        &self,
        id: &InvoiceId,
        left: impl Fn(InvoiceStatus) -> bool,
    ) -> Result<(), LedgerError> {
        let row = self.ledger.invoice(id).await?;
        if !row.is_some_and(|row| left(row.status)) {
            return Ok(());
        }
        tracing::warn!(invoice.id = %id, "the workflow of an invoice was ended from outside");
        let attention = Attention {
            code: AttentionCode::WorkflowEnded,
            text: "the workflow of this invoice was ended from outside before it was done; tell \
                   whoever runs Temporal, then retry"
                .to_owned(),
            retryable: true,
        };
        self.ledger.record_attention(id, &attention, Utc::now()).await.map(drop)
    }
}

/// A row's own trouble is logged and passed over; when Temporal itself is away or refuses
/// everything, the look ends, for the rows behind would fail too.
fn later(id: &InvoiceId, error: &GatewayError) -> Result<(), LedgerError> {
    if error.is_of_one() {
        tracing::warn!(invoice.id = %id, %error, "not dispatched; it is tried again");
        return Ok(());
    }
    tracing::debug!(invoice.id = %id, %error, "not dispatched yet");
    Err(LedgerError::Unavailable(error.to_string()))
}

//! A few connections that requests share. Each is made when it is first needed, and tried again
//! with each call while Temporal is away; once made, it heals by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use temporalio_client::Client;
use temporalio_common::telemetry::metrics::TemporalMeter;
use tokio::sync::OnceCell;

use crate::config;
use crate::temporal::connect::{ConnectError, connect};

/// An attempt that is awaited longer than a request has patience with is of no use to it.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The pool. It has no `Debug`: the settings hold the API key.
pub(crate) struct Pool {
    settings: config::Temporal,
    meter: Option<TemporalMeter>,
    slots: Vec<Arc<OnceCell<Client>>>,
    turn: AtomicUsize,
}

impl Pool {
    pub(crate) fn new(settings: config::Temporal, meter: Option<TemporalMeter>) -> Self {
        let slots = (0..settings.connections.max(1)).map(|_| Arc::default());
        Self { slots: slots.collect(), settings, meter, turn: AtomicUsize::new(0) }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.settings.namespace
    }

    /// The next connection in turn; made, if it was not. Of several callers that need the same
    /// one, one makes it and the others wait; whoever gives up first passes the task on.
    pub(crate) async fn client(&self) -> Result<Client, ConnectError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = &self.slots[turn % self.slots.len()];
        let made = slot.get_or_try_init(|| async {
            let client = connect(&self.settings, self.meter.clone(), CONNECT_LIMIT).await?;
            tracing::info!(address = self.settings.address(), "connected to temporal");
            Ok(client)
        });
        made.await.cloned()
    }
}

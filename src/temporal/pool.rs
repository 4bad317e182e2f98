//! A few connections that requests share. Each is made when it is first needed, and tried again
//! with each call while Temporal is away; once made, it heals by itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use temporalio_client::Client;
use temporalio_common::telemetry::metrics::TemporalMeter;
use tokio::sync::OnceCell;

use crate::temporal::connect::ConnectError;
use crate::temporal::credentials::{Access, Shown};

/// An attempt that is awaited longer than a request has patience with is of no use to it.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The pool. It has no `Debug`: the access holds the API key.
pub(crate) struct Pool {
    access: Access,
    meter: Option<TemporalMeter>,
    slots: Vec<Slot>,
    turn: AtomicUsize,
}

/// One connection, and which of our keys it shows.
struct Slot {
    client: OnceCell<Client>,
    shown: Shown,
}

impl Pool {
    pub(crate) fn new(access: Access, meter: Option<TemporalMeter>) -> Self {
        let slot = |_| Slot { client: OnceCell::new(), shown: access.shown() };
        let slots = (0..access.settings().connections.max(1)).map(slot).collect();
        Self { slots, access, meter, turn: AtomicUsize::new(0) }
    }

    pub(crate) fn namespace(&self) -> &str {
        &self.access.settings().namespace
    }

    /// The next connection in turn; made, if it was not. Of several callers that need the same
    /// one, one makes it and the others wait; whoever gives up first passes the task on.
    pub(crate) async fn client(&self) -> Result<Client, ConnectError> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let slot = &self.slots[turn % self.slots.len()];
        let made = slot.client.get_or_try_init(|| async {
            let client = self.access.connect(None, self.meter.clone(), CONNECT_LIMIT).await?;
            tracing::info!(address = self.access.settings().address(), "connected to temporal");
            Ok(client)
        });
        let client = made.await?;
        slot.shown.renew(client);
        Ok(client.clone())
    }
}

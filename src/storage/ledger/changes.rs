//! Who waits for an invoice to change: in-process notices, and a look once a second for what
//! other replicas did.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::models::refs::InvoiceId;
use crate::storage::ledger::Ledger;
use crate::storage::ledger::feed::Feed;

/// What another replica changed is noticed after this long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The invoices that are followed right now; as many as there are followers, at most.
#[derive(Clone, Default)]
pub(super) struct Notices {
    followed: Arc<Mutex<HashMap<InvoiceId, watch::Sender<()>>>>,
    feed: Feed,
}

impl Notices {
    /// Wakes who follows this invoice, or listens to its events.
    pub(super) fn tell(&self, id: &InvoiceId) {
        if let Some(followed) = self.followed().get(id) {
            followed.send_replace(());
        }
        self.feed.tell(id);
    }

    /// Who listens to events.
    pub(super) fn feed(&self) -> &Feed {
        &self.feed
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<InvoiceId, watch::Sender<()>>> {
        // A panic while the lock was held leaves a map behind that is still whole.
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears of each change of one invoice made by this process.
pub struct Changes {
    id: InvoiceId,
    notices: Notices,
    /// `None` only while it is dropped.
    heard: Option<watch::Receiver<()>>,
}

impl Changes {
    /// Returns when the invoice may have changed, at the latest after a second.
    pub async fn changed(&mut self) {
        if let Some(heard) = &mut self.heard {
            // Time over is an answer like any other: look again.
            let _ = tokio::time::timeout(LOOK_EVERY, heard.changed()).await;
        }
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        let mut followed = self.notices.followed();
        self.heard = None;
        let last = followed.get(&self.id).is_some_and(|sender| sender.receiver_count() == 0);
        if last {
            followed.remove(&self.id);
        }
    }
}

impl Ledger {
    /// Follows one invoice; subscribe first, then read, or a change slips between.
    pub fn follow(&self, id: &InvoiceId) -> Changes {
        let mut followed = self.notices.followed();
        let sender = followed.entry(id.clone()).or_insert_with(|| watch::channel(()).0);
        let heard = Some(sender.subscribe());
        drop(followed);
        Changes { id: id.clone(), notices: self.notices.clone(), heard }
    }
}

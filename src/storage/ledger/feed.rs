//! The events of invoices as they come, for any number of listeners.
//!
//! One task of the process reads them: at once when this process commits, and once a second for
//! what other replicas did, all followed invoices in a few queries. A listener costs no query
//! while its invoice stands still, and events are read once however many listen.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};

use crate::models::refs::InvoiceId;
use crate::storage::ledger::fields::Fields;
use crate::storage::ledger::select::Select;
use crate::storage::ledger::timeline::EventRow;
use crate::storage::ledger::{Ledger, LedgerError};

/// What another replica did is noticed after this long.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Events that a listener may be behind before it is cut off (HTTP handbook §1.6).
const BEHIND_MAX: usize = 64;

/// Events of one invoice in one look, half of what a listener may be behind; the next look takes
/// the rest.
const EVENTS_MAX: u32 = 32;

/// Invoices of one query: well below the places that a statement of either database may have.
const INVOICES_MAX: usize = 500;

/// What is followed. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Feed(Arc<Shared>);

#[derive(Default)]
struct Shared {
    topics: Mutex<Topics>,
    told: Notify,
}

#[derive(Default)]
struct Topics {
    by_invoice: HashMap<InvoiceId, Topic>,
    reader: Option<JoinHandle<()>>,
}

struct Topic {
    events: broadcast::Sender<Arc<EventRow>>,
    /// The revision up to which everything was passed on; `None` until a listener has begun.
    reached: Option<i64>,
    /// A commit of this process was told of, and not looked at yet.
    told: bool,
}

/// Hears each event of one invoice.
pub struct Listener {
    id: InvoiceId,
    feed: Feed,
    /// `None` only while it is dropped.
    events: Option<broadcast::Receiver<Arc<EventRow>>>,
}

impl Feed {
    /// A commit of this process changed the invoice.
    pub(super) fn tell(&self, id: &InvoiceId) {
        if let Some(topic) = self.topics().by_invoice.get_mut(id) {
            topic.told = true;
            self.0.told.notify_one();
        }
    }

    fn topics(&self) -> MutexGuard<'_, Topics> {
        // A panic while the lock was held leaves a map behind that is still whole.
        self.0.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to look at; `None` when nobody listens any more.
    fn due(&self, all: bool) -> Option<Vec<(InvoiceId, i64)>> {
        let mut topics = self.topics();
        if topics.by_invoice.is_empty() {
            topics.reader = None;
            return None;
        }
        let wanted = topics.by_invoice.iter_mut().filter_map(|(id, topic)| {
            let told = std::mem::take(&mut topic.told);
            let reached = topic.reached.filter(|_| all || told)?;
            Some((id.clone(), reached))
        });
        Some(wanted.collect())
    }

    /// Passes events on, in their order and once each.
    fn send(&self, id: &InvoiceId, events: Vec<EventRow>) {
        let more = events.len() >= EVENTS_MAX as usize;
        if let Some(topic) = self.topics().by_invoice.get_mut(id) {
            for event in events {
                topic.reached = topic.reached.max(Some(event.revision));
                // Nobody may listen at this moment; the topic is then removed.
                let _ = topic.events.send(Arc::new(event));
            }
        }
        if more {
            self.tell(id);
        }
    }
}

impl Listener {
    /// Says what is known already, once the invoice was read: events up to this revision need not
    /// be passed on.
    pub fn begin(&self, revision: i64) {
        if let Some(topic) = self.feed.topics().by_invoice.get_mut(&self.id) {
            topic.reached.get_or_insert(revision);
        }
    }

    /// The next event. `None` when too many came while nobody asked.
    pub async fn next(&mut self) -> Option<Arc<EventRow>> {
        self.events.as_mut()?.recv().await.ok()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut topics = self.feed.topics();
        self.events = None;
        let topic = topics.by_invoice.get(&self.id);
        if topic.is_some_and(|topic| topic.events.receiver_count() == 0) {
            topics.by_invoice.remove(&self.id);
        }
    }
}

impl Ledger {
    /// Listens to one invoice; listen first, then read the invoice and [`Listener::begin`], or an
    /// event slips between.
    pub fn listen(&self, id: &InvoiceId) -> Listener {
        let feed = self.notices.feed().clone();
        let mut topics = feed.topics();
        let topic = topics.by_invoice.entry(id.clone()).or_insert_with(|| Topic {
            events: broadcast::channel(BEHIND_MAX).0,
            reached: None,
            told: false,
        });
        let events = Some(topic.events.subscribe());
        if topics.reader.as_ref().is_none_or(JoinHandle::is_finished) {
            topics.reader = Some(tokio::spawn(read_on(self.clone())));
        }
        drop(topics);
        Listener { id: id.clone(), feed, events }
    }

    async fn pass_on(&self, due: Vec<(InvoiceId, i64)>, all: bool) -> Result<(), LedgerError> {
        for some in due.chunks(INVOICES_MAX) {
            let behind = if all { self.moved_on(some).await? } else { some.to_vec() };
            for (id, reached) in behind {
                let events = self.events_after(&id, reached, EVENTS_MAX).await?;
                self.notices.feed().send(&id, events);
            }
        }
        Ok(())
    }

    /// Those of the invoices that have events behind what was reached.
    async fn moved_on(
        &self,
        known: &[(InvoiceId, i64)],
    ) -> Result<Vec<(InvoiceId, i64)>, LedgerError> {
        if known.is_empty() {
            return Ok(Vec::new());
        }
        let ids = known.iter().map(|(id, _)| id.to_string()).collect();
        let rows = Select::new("SELECT id, revision FROM invoice")
            .any("id", ids)
            .fetch("id", INVOICES_MAX as u32, &self.pool)
            .await?;
        let mut revisions = HashMap::with_capacity(rows.len());
        for row in &rows {
            let fields = Fields::of("invoice", row)?;
            revisions.insert(fields.text("id")?, fields.number("revision")?);
        }
        let moved = |(id, reached): &&(InvoiceId, i64)| {
            revisions.get(id.as_str()).is_some_and(|revision| revision > reached)
        };
        Ok(known.iter().filter(moved).cloned().collect())
    }
}

/// Reads until nobody listens any more.
async fn read_on(ledger: Ledger) {
    let mut ticks = interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let all = tokio::select! {
            () = ledger.notices.feed().0.told.notified() => false,
            _ = ticks.tick() => true,
        };
        let Some(due) = ledger.notices.feed().due(all) else {
            return;
        };
        if let Err(error) = ledger.pass_on(due, all).await {
            // Readiness says it too; the next look finds what this one missed.
            tracing::debug!(%error, "events cannot be read");
        }
    }
}

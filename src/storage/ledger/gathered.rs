//! Reads of single invoices, gathered: those that come while others are read go together.
//!
//! The read itself costs little and the way to the database much: two threads are woken for each
//! (measured in `docs/cost.md`). Nobody waits so that there is something to gather: whoever finds
//! a free place reads at once. A read begins after it was asked for, so it sees every change that
//! was made before.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::{AnyPool, Row};
use tokio::sync::{Semaphore, oneshot};

use crate::models::refs::InvoiceId;
use crate::storage::ledger::LedgerError;
use crate::storage::ledger::invoices::{InvoiceRow, SELECT, invoice_row};
use crate::storage::ledger::select::Select;

/// Reads under way at a time.
const PLACES: usize = 2;

/// Different invoices of one read.
const MOST: usize = 64;

type Read = Result<InvoiceRow, LedgerError>;
type Found = Result<Option<InvoiceRow>, LedgerError>;

/// Who asks for one invoice.
struct Asking {
    id: InvoiceId,
    answer: oneshot::Sender<Found>,
}

/// Those that wait for their invoice.
pub(super) struct Gathered {
    waiting: Mutex<Vec<Asking>>,
    places: Semaphore,
}

impl Default for Gathered {
    fn default() -> Self {
        Self { waiting: Mutex::default(), places: Semaphore::new(PLACES) }
    }
}

impl Gathered {
    /// One invoice, read by the caller for itself and others, or by another for it.
    pub(super) async fn invoice(&self, id: &InvoiceId, pool: &AnyPool) -> Found {
        let mut answered = self.ask(id);
        loop {
            tokio::select! {
                biased;
                found = &mut answered => match found {
                    Ok(found) => return found,
                    // Who read it for us has gone away in the middle.
                    Err(_) => answered = self.ask(id),
                },
                place = self.places.acquire() => {
                    let _place = place.expect("never closed");
                    self.read(pool).await;
                }
            }
        }
    }

    fn ask(&self, id: &InvoiceId) -> oneshot::Receiver<Found> {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.waiting();
        if waiting.len() >= MOST {
            // Callers that went away are not kept while the database hangs.
            waiting.retain(|asking| !asking.answer.is_closed());
        }
        waiting.push(Asking { id: id.clone(), answer });
        answered
    }

    /// Reads what is asked for now, and tells those who asked.
    async fn read(&self, pool: &AnyPool) {
        let asked = self.take();
        if asked.is_empty() {
            return;
        }
        let read = fetch(asked.keys().collect(), pool).await;
        for (id, answers) in asked {
            let found = match &read {
                Ok(rows) => rows.get(id.as_str()).cloned().transpose(),
                Err(error) => Err(error.clone()),
            };
            for answer in answers {
                // A caller that has gone away has no use for it.
                let _ = answer.send(found.clone());
            }
        }
    }

    fn take(&self) -> BTreeMap<InvoiceId, Vec<oneshot::Sender<Found>>> {
        let mut asked = BTreeMap::<_, Vec<_>>::new();
        let mut left = Vec::new();
        let mut waiting = self.waiting();
        for Asking { id, answer } in waiting.drain(..).filter(|asking| !asking.answer.is_closed()) {
            if asked.len() < MOST || asked.contains_key(&id) {
                asked.entry(id).or_default().push(answer);
            } else {
                left.push(Asking { id, answer });
            }
        }
        *waiting = left;
        asked
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Asking>> {
        // Nothing that is done under it can leave it half done.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The rows by id. One that cannot be read is an error of its own.
async fn fetch(ids: Vec<&InvoiceId>, pool: &AnyPool) -> Result<HashMap<String, Read>, LedgerError> {
    // Statements are kept by their text: seven texts, not sixty-four.
    let places = ids.len().next_power_of_two();
    let padded = ids.iter().cycle().take(places).map(ToString::to_string).collect();
    let limit = u32::try_from(places).expect("few");
    let rows = Select::new(SELECT).any("id", padded).fetch("id", limit, pool).await?;
    rows.iter().map(|row| Ok((row.try_get("id")?, invoice_row(row)))).collect()
}

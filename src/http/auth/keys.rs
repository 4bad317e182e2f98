//! The API keys that open something, held in memory and read again from the ledger: a revoked
//! key ends within seconds on every replica, and a new one works at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::constant_time;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::time::{Instant, sleep_until, timeout};

use crate::http::auth::{Denied, Refusal};
use crate::http::error::ApiError;
use crate::models::access::{Credential, Principal};
use crate::storage::ledger::keys::{KeyRow, KeyText};
use crate::storage::{Ledger, LedgerError};

/// The keys are read again when a request finds them older than this. With [`LOOK_AT_MOST`] it
/// is how long a revoked key lives: 5 s at most (HTTP handbook §5.1).
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A ledger that answers later counts as away: the keys that are known go on.
const LOOK_AT_MOST: Duration = Duration::from_secs(1);

/// An unknown key may be a new one, so it is looked for, but not more often than this.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// The use of a key is noted once in this time.
const NOTE_EVERY: Duration = Duration::from_mins(1);

/// A key that expired is known for this many days more: its owner is told apart from a guesser.
const EXPIRED_DAYS: i64 = 30;

/// A digest of nothing: an unknown key takes as long as a known one with another secret.
const NOBODY: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The keys of the ledger.
pub(super) struct KeyRing {
    ledger: Ledger,
    held: Mutex<Arc<Held>>,
    /// Who reads them again; the others go on with what is there.
    turn: tokio::sync::Mutex<()>,
}

/// As they were when they were last read.
struct Held {
    /// When somebody last tried to read them; `None` before the first success.
    looked_at: Option<Instant>,
    keys: HashMap<String, Arc<Key>>,
}

struct Key {
    digest: String,
    not_before: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    principal: Arc<Principal>,
    /// Microseconds since 1970: when its use was last noted.
    noted_at: AtomicI64,
}

impl KeyRing {
    pub(super) fn new(ledger: Ledger) -> Self {
        let held = Held { looked_at: None, keys: HashMap::new() };
        Self { ledger, held: Mutex::new(Arc::new(held)), turn: tokio::sync::Mutex::default() }
    }

    /// Whose key it is.
    pub(super) async fn open(&self, text: &KeyText) -> Result<Arc<Principal>, Denied> {
        let mut found = self.recent().await?.keys.get(text.id()).cloned();
        if found.is_none() {
            found = self.newest().await?.keys.get(text.id()).cloned();
        }
        let digest = found.as_ref().map_or(NOBODY, |key| key.digest.as_str());
        let same = same(digest, &text.digest());
        let key = found.filter(|_| same).ok_or(Refusal::Unknown)?;
        self.principal(text.id(), &key)
    }

    /// Whose key has this id: for who showed the key before, and holds our word for it.
    pub(super) async fn holder(&self, id: &str) -> Result<Arc<Principal>, Denied> {
        let key = self.recent().await?.keys.get(id).cloned().ok_or(Refusal::Unknown)?;
        self.principal(id, &key)
    }

    /// Of a key that was proved, if its time is now.
    fn principal(&self, id: &str, key: &Key) -> Result<Arc<Principal>, Denied> {
        let now = Utc::now();
        if now < key.not_before {
            return Err(Refusal::NotYet.into());
        }
        if key.expires_at.is_some_and(|end| now >= end) {
            return Err(Refusal::Expired.into());
        }
        self.note(id, key, now);
        Ok(Arc::clone(&key.principal))
    }

    /// The keys, not older than [`LOOK_EVERY`] unless somebody reads them just now.
    async fn recent(&self) -> Result<Arc<Held>, ApiError> {
        let held = self.held();
        match held.looked_at {
            Some(at) if at.elapsed() < LOOK_EVERY => Ok(held),
            Some(_) => match self.turn.try_lock() {
                Ok(_turn) => Ok(self.look().await?),
                Err(_) => Ok(held),
            },
            None => self.newest().await,
        }
    }

    /// The keys as they are now.
    async fn newest(&self) -> Result<Arc<Held>, ApiError> {
        let asked = Instant::now();
        let _turn = self.turn.lock().await;
        let held = self.held();
        if let Some(at) = held.looked_at {
            if at > asked {
                return Ok(held);
            }
            sleep_until(at + LOOK_AGAIN).await;
        }
        Ok(self.look().await?)
    }

    /// Reads them; only for who has the turn.
    async fn look(&self) -> Result<Arc<Held>, LedgerError> {
        let looked_at = Some(Instant::now());
        let since = Utc::now() - TimeDelta::days(EXPIRED_DAYS);
        let read = timeout(LOOK_AT_MOST, self.ledger.live_keys(since)).await;
        let late = |_| LedgerError::Unavailable("the keys are not read in time".to_owned());
        let before = self.held();
        let keys = match read.map_err(late).and_then(|rows| rows) {
            Ok(rows) => {
                let key = |row: KeyRow| (row.id.clone(), Arc::new(Key::new(row, &before)));
                rows.into_iter().map(key).collect()
            }
            Err(error) if before.looked_at.is_none() => return Err(error),
            Err(error) => {
                tracing::warn!(%error, "the API keys cannot be read again: the known ones go on");
                before.keys.clone()
            }
        };
        let held = Arc::new(Held { looked_at, keys });
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&held);
        Ok(held)
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes the use of a key, beside the request: of all uses in a minute the first.
    fn note(&self, id: &str, key: &Key, now: DateTime<Utc>) {
        let (micros, last) = (now.timestamp_micros(), key.noted_at.load(Ordering::Relaxed));
        let every = i64::try_from(NOTE_EVERY.as_micros()).unwrap_or(i64::MAX);
        let swap = |order| key.noted_at.compare_exchange(last, micros, order, order);
        if micros - last < every || swap(Ordering::Relaxed).is_err() {
            return;
        }
        let (ledger, id) = (self.ledger.clone(), id.to_owned());
        tokio::spawn(async move {
            if let Err(error) = ledger.key_used(&id, now).await {
                tracing::warn!(%error, key.id = id, "the use of an API key is not noted");
            }
        });
    }
}

impl Key {
    fn new(row: KeyRow, before: &Held) -> Self {
        let written = row.last_used_at.map_or(0, |at| at.timestamp_micros());
        let known = before.keys.get(&row.id);
        let noted = known.map_or(0, |key| key.noted_at.load(Ordering::Relaxed));
        Self {
            digest: row.digest,
            not_before: row.not_before,
            expires_at: row.expires_at,
            noted_at: AtomicI64::new(written.max(noted)),
            principal: Arc::new(Principal {
                subject: row.subject,
                roles: row.roles,
                duties: row.duties,
                credential: Credential::Key(row.id),
            }),
        }
    }
}

/// Compares two digests in a time that tells nothing of where they differ.
fn same(kept: &str, shown: &str) -> bool {
    constant_time::verify_slices_are_equal(kept.as_bytes(), shown.as_bytes()).is_ok()
}

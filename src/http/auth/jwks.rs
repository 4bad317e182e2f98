//! The keys of the identity provider (RFC 7517), kept and read again: they rotate without a
//! restart, and a provider that is away does not stop who has a token already.

mod fetch;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::time::Instant;

use crate::http::auth::fetch::Fault;
use crate::http::auth::jwks::fetch::Source;
use crate::http::error::{ApiError, Slug};

/// Keys are read again in the background when they are older than this: what the provider took
/// back ends then.
const REFRESH_EVERY: Duration = Duration::from_mins(5);

/// After a failure it is tried again after this long.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// A token may name any key it likes, so unknown ones make us ask at most once in this time
/// (HTTP handbook §5.2).
const UNKNOWN_EVERY: Duration = Duration::from_mins(1);

/// Keys go on while the provider is away, for this long.
const GOOD_FOR: Duration = Duration::from_hours(24);

/// The provider's keys.
pub(super) struct Jwks {
    source: Source,
    held: Mutex<Arc<Held>>,
    /// Who reads them again; inside, when an unknown key last made somebody do it.
    turn: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Default)]
struct Held {
    keys: Vec<Key>,
    /// When they were last read.
    read_at: Option<Instant>,
    /// When somebody last tried.
    tried_at: Option<Instant>,
}

/// A key that checks signatures.
#[derive(Clone)]
struct Key {
    id: Option<String>,
    /// The one algorithm that it is for, when the provider says so.
    algorithm: Option<Algorithm>,
    key: DecodingKey,
}

impl Jwks {
    pub(super) fn new(issuer: &str, url: Option<&str>) -> Self {
        Self {
            source: Source::new(issuer, url),
            held: Mutex::default(),
            turn: tokio::sync::Mutex::new(None),
        }
    }

    /// The key that a token names; without a name the only one that fits.
    ///
    /// # Errors
    /// 503 while the provider is away and none of its keys is known.
    pub(super) async fn key(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<DecodingKey>, ApiError> {
        let held = self.recent().await?;
        if let Some(key) = held.find(id, algorithm) {
            return Ok(Some(key));
        }
        let held = self.after_unknown(&held).await;
        Ok(held.find(id, algorithm))
    }

    async fn recent(self: &Arc<Self>) -> Result<Arc<Held>, ApiError> {
        let held = self.held();
        if held.is_good() {
            if held.is_old() {
                let jwks = Arc::clone(self);
                tokio::spawn(async move {
                    // Somebody who reads them already does it for us.
                    if let Ok(_turn) = jwks.turn.try_lock()
                        && jwks.held().is_old()
                    {
                        jwks.read().await;
                    }
                });
            }
            return Ok(held);
        }
        let _turn = self.turn.lock().await;
        let held = self.held();
        let held = if held.is_good() || held.tried_lately() { held } else { self.read().await };
        if held.is_good() {
            return Ok(held);
        }
        let detail =
            "The keys of the identity provider cannot be read. Send the same request again.";
        let away = Slug::StorageUnavailable.error().detail(detail);
        Err(away.member("store", "identity_provider").retry_after(RETRY_AFTER))
    }

    /// The keys after an unknown one was named: maybe it is new.
    async fn after_unknown(&self, before: &Arc<Held>) -> Arc<Held> {
        let mut asked_at = self.turn.lock().await;
        let held = self.held();
        let newer = held.read_at > before.read_at;
        if newer || asked_at.is_some_and(|at| at.elapsed() < UNKNOWN_EVERY) {
            return held;
        }
        *asked_at = Some(Instant::now());
        self.read().await
    }

    /// Reads them; only for who has the turn. What cannot be read keeps the old ones.
    async fn read(&self) -> Arc<Held> {
        let now = Some(Instant::now());
        let before = self.held();
        let held = match self.read_now().await {
            Ok(keys) => Held { keys, read_at: now, tried_at: now },
            Err(error) => {
                tracing::warn!(%error, "the keys of the identity provider cannot be read");
                Held { keys: before.keys.clone(), read_at: before.read_at, tried_at: now }
            }
        };
        let held = Arc::new(held);
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&held);
        held
    }

    async fn read_now(&self) -> Result<Vec<Key>, Fault> {
        let keys = usable(&self.source.read().await?);
        let none = || Fault::Failed("it has no key that checks signatures".to_owned());
        if keys.is_empty() { Err(none()) } else { Ok(keys) }
    }

    /// How many keys check signatures, as the provider says now.
    pub(super) async fn count(&self) -> Result<usize, Fault> {
        self.read_now().await.map(|keys| keys.len())
    }

    fn held(&self) -> Arc<Held> {
        Arc::clone(&self.held.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Held {
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
        let fits = |key: &&Key| {
            key.algorithm.is_none_or(|only| only == algorithm)
                && key.key.family() == algorithm.family()
                && (id.is_none() || key.id.as_deref() == id)
        };
        let mut fitting = self.keys.iter().filter(fits);
        let key = fitting.next()?;
        // Of two that fit, a token without a name says nothing.
        (id.is_some() || fitting.next().is_none()).then(|| key.key.clone())
    }

    fn is_good(&self) -> bool {
        self.read_at.is_some_and(|at| at.elapsed() < GOOD_FOR)
    }

    fn is_old(&self) -> bool {
        self.read_at.is_none_or(|at| at.elapsed() >= REFRESH_EVERY) && !self.tried_lately()
    }

    fn tried_lately(&self) -> bool {
        self.tried_at.is_some_and(|at| at.elapsed() < RETRY_AFTER)
    }
}

/// Those that check signatures, with two halves: a secret that signs is no key of ours.
fn usable(keys: &[Jwk]) -> Vec<Key> {
    use jsonwebtoken::AlgorithmFamily::Hmac;
    use jsonwebtoken::jwk::PublicKeyUse::Signature;
    let key = |jwk: &Jwk| {
        let common = &jwk.common;
        let algorithm = match &common.key_algorithm {
            Some(algorithm) => Some(algorithm.to_string().parse().ok()?),
            None => None,
        };
        let for_us = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == Signature);
        let key = DecodingKey::from_jwk(jwk).ok().filter(|key| for_us && key.family() != Hmac)?;
        Some(Key { id: common.key_id.clone(), algorithm, key })
    };
    keys.iter().filter_map(key).collect()
}

//! Login: from a credential to a caller.
//!
//! A good credential always passes. A bad one is 401, with one text for all reasons, and counts
//! against its address: too many, and it is 429. Why stands in the log and the metrics.

mod bearer;
mod client;
mod description;
mod failures;
mod fetch;
mod jwks;
mod keys;
mod person;
mod probe;
mod refusal;
mod sign_in;
mod tokens;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue};

use secrecy::ExposeSecret;

use crate::config;
use crate::http::auth::bearer::Bearer;
use crate::http::auth::failures::Failures;
use crate::http::auth::keys::KeyRing;
use crate::http::auth::tokens::Tokens;
use crate::http::error::{ApiError, Slug};
use crate::metrics::Metrics;
use crate::models::access::{Author, Principal, Role};
use crate::storage::Ledger;
use crate::storage::ledger::audit::Deed;

pub use crate::http::auth::client::{Begun, CALLBACK, Client};
pub use crate::http::auth::person::Person;
pub use crate::http::auth::probe::probe_provider;
pub use crate::http::auth::refusal::Refusal;

/// Failed logins a minute that are recorded: the trail is no place to pour things into.
const RECORDED_MAX: u32 = 60;

/// Who may come in. Cheap to clone.
#[derive(Clone)]
pub struct Auth {
    mode: Arc<Mode>,
    /// What signs people in at the identity provider.
    client: Option<Arc<Client>>,
}

enum Mode {
    /// Nobody is asked: everybody is the same local caller.
    Open(Arc<Principal>),
    Required(Box<Login>),
}

struct Login {
    ring: KeyRing,
    tokens: Option<Tokens>,
    failures: Failures,
    /// Those that the audit trail takes, of all addresses.
    recorded: Failures,
    ledger: Ledger,
    metrics: Arc<Metrics>,
}

/// What a login came to, if not to a principal.
enum Denied {
    Refused(Refusal),
    Broken(ApiError),
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<ApiError> for Denied {
    fn from(error: ApiError) -> Self {
        Self::Broken(error)
    }
}

impl Auth {
    /// Asks nobody. Only for gateways that this machine alone can reach.
    pub fn open() -> Self {
        Self::of(Mode::Open(Arc::new(Principal::anonymous())))
    }

    /// Asks for an API key of the ledger, or for a token if there is an identity provider.
    pub fn required(
        ledger: &Ledger,
        auth: &config::Auth,
        jwt: &config::Jwt,
        metrics: &Arc<Metrics>,
    ) -> Self {
        let words = Refusal::ALL.iter().map(|refusal| refusal.as_str());
        for reason in words.chain(["limited", "role"]) {
            metrics.auth_failures.with_label_values(&[reason]);
        }
        Self::of(Mode::Required(Box::new(Login {
            ring: KeyRing::new(ledger.clone()),
            tokens: Tokens::new(jwt),
            failures: Failures::up_to(auth.failed_logins_max),
            recorded: Failures::up_to(RECORDED_MAX),
            ledger: ledger.clone(),
            metrics: Arc::clone(metrics),
        })))
    }

    fn of(mode: Mode) -> Self {
        Self { mode: Arc::new(mode), client: None }
    }

    /// Whose request it is.
    ///
    /// # Errors
    /// 401, 429 after too many of them, 503 when the keys were never read.
    pub async fn login(
        &self,
        headers: &HeaderMap,
        address: Option<IpAddr>,
    ) -> Result<Arc<Principal>, ApiError> {
        let login = match &*self.mode {
            Mode::Open(local) => return Ok(Arc::clone(local)),
            Mode::Required(login) => login,
        };
        match login.principal(headers).await {
            Ok(principal) => Ok(principal),
            Err(Denied::Broken(error)) => Err(error),
            Err(Denied::Refused(refusal)) => Err(login.refuse(refusal, address)),
        }
    }
}

impl Auth {
    /// Whether a credential that was good still is, for answers that last. Nothing is counted or
    /// recorded; a store that is away takes nobody's right.
    pub async fn still_admits(&self, headers: &HeaderMap) -> bool {
        match &*self.mode {
            Mode::Open(_) => true,
            Mode::Required(login) => match login.principal(headers).await {
                Ok(principal) => principal.roles.any_of(&[Role::Viewer]),
                Err(Denied::Broken(_)) => true,
                Err(Denied::Refused(_)) => false,
            },
        }
    }

    /// Everybody, where nobody is asked.
    pub fn local(&self) -> Option<Arc<Principal>> {
        match &*self.mode {
            Mode::Open(local) => Some(Arc::clone(local)),
            Mode::Required(_) => None,
        }
    }

    /// Whoever holds the API key of this id, which it showed when its session began; `None` once
    /// the key is revoked or its time is over.
    ///
    /// # Errors
    /// 503 when the keys were never read.
    pub async fn holder(&self, key: &str) -> Result<Option<Arc<Principal>>, ApiError> {
        match &*self.mode {
            Mode::Open(local) => Ok(Some(Arc::clone(local))),
            Mode::Required(login) => match login.ring.holder(key).await {
                Ok(principal) => Ok(Some(principal)),
                Err(Denied::Refused(_)) => Ok(None),
                Err(Denied::Broken(error)) => Err(error),
            },
        }
    }

    /// Counts a caller whose role opens another route.
    pub fn count_missing_role(&self) {
        if let Mode::Required(login) = &*self.mode {
            login.metrics.auth_failures.with_label_values(&["role"]).inc();
        }
    }
}

impl Login {
    async fn principal(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Denied> {
        match Bearer::of(headers)? {
            Bearer::Key(key) => self.ring.open(&key).await,
            Bearer::Token(token) => match &self.tokens {
                Some(tokens) => tokens.open(token.expose_secret()).await,
                None => Err(Refusal::Malformed.into()),
            },
        }
    }

    fn refuse(&self, refusal: Refusal, address: Option<IpAddr>) -> ApiError {
        let bearer = HeaderValue::from_static("Bearer");
        let error = Slug::Unauthenticated.error().header(WWW_AUTHENTICATE, bearer);
        let cause = format!("login refused: {}", refusal.as_str());
        self.fail(refusal, address, error.caused_by(cause))
    }

    /// Counts a failure, and says it unless there were too many.
    fn fail(&self, refusal: Refusal, address: Option<IpAddr>, error: ApiError) -> ApiError {
        let count = |reason| self.metrics.auth_failures.with_label_values(&[reason]).inc();
        count(refusal.as_str());
        // Who sends nothing guesses nothing.
        if refusal == Refusal::Missing {
            return error;
        }
        if let Err(wait) = self.failures.note(address, Instant::now()) {
            count("limited");
            self.metrics.rate_limited.with_label_values(&["failed-logins"]).inc();
            return limited(wait).caused_by(error.0.cause.unwrap_or_default());
        }
        self.record(refusal, address);
        error
    }
}

impl Login {
    /// Records a failed login, beside the request.
    fn record(&self, refusal: Refusal, address: Option<IpAddr>) {
        if self.recorded.note(None, Instant::now()).is_err() {
            return;
        }
        let author = Author {
            subject: "unknown".to_owned(),
            address: address.map(|address| address.to_string()),
            ..Author::default()
        };
        let ledger = self.ledger.acting_for(author);
        tokio::spawn(async move {
            let reason = Some(refusal.as_str());
            let deed = Deed { outcome: "refused", reason, ..Deed::of("login") };
            if let Err(error) = ledger.record(&deed).await {
                tracing::warn!(%error, "a failed login is not recorded");
            }
        });
    }
}

/// 429: whose quota, and when it is filled again.
fn limited(wait: Duration) -> ApiError {
    Slug::QuotaExceeded
        .error()
        .detail("Too many failed logins from this address.")
        .member("violated_policies", vec!["failed-logins"])
        .retry_after(wait)
}

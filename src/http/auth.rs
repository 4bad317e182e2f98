//! Login: from a credential to a caller.
//!
//! A good credential always passes. A bad one is 401, with one text for all reasons, and counts
//! against its address: too many, and it is 429. Why stands in the log and the metrics.

mod bearer;
mod failures;
mod keys;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, HeaderValue};

use crate::http::auth::bearer::Bearer;
use crate::http::auth::failures::Failures;
use crate::http::auth::keys::KeyRing;
use crate::http::error::{ApiError, Slug};
use crate::metrics::Metrics;
use crate::models::access::Principal;
use crate::storage::Ledger;

/// Why nobody is logged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// No `Authorization` header.
    Missing,
    /// A header that is no bearer, or a bearer that is neither key nor token.
    Malformed,
    /// No such key: never made, revoked, or with another secret.
    Unknown,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYet,
}

impl Refusal {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Missing, Self::Malformed, Self::Unknown, Self::Expired, Self::NotYet];

    /// The word in logs and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Expired => "expired",
            Self::NotYet => "not_yet",
        }
    }
}

/// Who may come in. Cheap to clone.
#[derive(Clone)]
pub struct Auth(Arc<Mode>);

enum Mode {
    /// Nobody is asked: everybody is the same local caller.
    Open(Arc<Principal>),
    Required(Login),
}

struct Login {
    ring: KeyRing,
    failures: Failures,
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
        Self(Arc::new(Mode::Open(Arc::new(Principal::anonymous()))))
    }

    /// Asks for an API key of the ledger.
    pub fn required(ledger: &Ledger, metrics: &Arc<Metrics>) -> Self {
        for reason in Refusal::ALL.map(Refusal::as_str).into_iter().chain(["limited", "role"]) {
            metrics.auth_failures.with_label_values(&[reason]);
        }
        Self(Arc::new(Mode::Required(Login {
            ring: KeyRing::new(ledger.clone()),
            failures: Failures::default(),
            metrics: Arc::clone(metrics),
        })))
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
        let login = match &*self.0 {
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
    /// Counts a caller whose role opens another route.
    pub fn count_missing_role(&self) {
        if let Mode::Required(login) = &*self.0 {
            login.metrics.auth_failures.with_label_values(&["role"]).inc();
        }
    }
}

impl Login {
    async fn principal(&self, headers: &HeaderMap) -> Result<Arc<Principal>, Denied> {
        match Bearer::of(headers)? {
            Bearer::Key(key) => self.ring.open(&key).await,
        }
    }

    fn refuse(&self, refusal: Refusal, address: Option<IpAddr>) -> ApiError {
        let count = |reason| self.metrics.auth_failures.with_label_values(&[reason]).inc();
        count(refusal.as_str());
        let cause = format!("login refused: {}", refusal.as_str());
        // Who sends nothing guesses nothing.
        if refusal != Refusal::Missing {
            if let Err(wait) = self.failures.note(address, Instant::now()) {
                count("limited");
                return limited(wait).caused_by(cause);
            }
        }
        let bearer = HeaderValue::from_static("Bearer");
        Slug::Unauthenticated.error().header(WWW_AUTHENTICATE, bearer).caused_by(cause)
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

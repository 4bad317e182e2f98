//! A sign-in that was begun and waits for the provider's answer, in a cookie of its own.

use axum::http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::http::auth::Begun;
use crate::http::dashboard::cookie::{Kind, Sealed};
use crate::storage::Ledger;

/// Seconds that people have at the provider.
const WAITS: i64 = 10 * 60;

/// `Lax`, because it comes back by a link of another site. `__Host-` keeps neighbours in the same
/// domain from putting a sign-in of theirs here, and asks for the whole path.
static KIND: Kind = Kind {
    secure: "__Host-apg-sign-in",
    local: "apg-sign-in",
    same_site: "Lax",
    purpose: "dashboard sign-in 1",
};

/// What waits.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BegunSignIn {
    /// What the answer is checked with.
    pub(super) begun: Begun,
    /// Where its person wanted to go.
    pub(super) next: String,
    /// Seconds since 1970.
    ends: i64,
}

impl BegunSignIn {
    /// Begun now.
    pub(super) fn of(begun: Begun, next: &str, now: i64) -> Self {
        Self { begun, next: next.to_owned(), ends: now + WAITS }
    }

    /// Whether an answer with this state is meant.
    pub(super) fn waits_for(&self, state: &str) -> bool {
        self.begun.state == state
    }
}

/// What seals them.
pub(super) struct Cookies(Sealed);

impl Cookies {
    /// With the secret that all replicas share.
    pub(super) fn new(ledger: &Ledger) -> Self {
        Self(Sealed::new(&KIND, ledger.signing_key()))
    }

    /// The header that lets a browser wait.
    pub(super) fn set(&self, begun: &BegunSignIn, local: bool) -> HeaderValue {
        self.0.set(begun, WAITS, local)
    }

    /// What the browser of a request waits for.
    pub(super) fn begun(&self, headers: &HeaderMap, local: bool, now: i64) -> Option<BegunSignIn> {
        self.0.read(headers, local).filter(|begun: &BegunSignIn| now < begun.ends)
    }
}

/// The header that ends the wait.
pub(super) fn cleared(local: bool) -> HeaderValue {
    KIND.cleared(local)
}

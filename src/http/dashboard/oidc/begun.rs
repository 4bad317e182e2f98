//! A sign-in that was begun and waits for the provider's answer, in a cookie of its own.

use aws_lc_rs::constant_time;
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
        let expected = self.begun.state.as_bytes();
        constant_time::verify_slices_are_equal(expected, state.as_bytes()).is_ok()
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

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::COOKIE;
    use serde_json::json;

    use super::{BegunSignIn, Cookies, KIND, Sealed, WAITS};

    const NOW: i64 = 1_800_000_000;

    #[test]
    fn a_sign_in_is_waited_for_ten_minutes_whatever_the_browser_keeps() {
        let cookies = Cookies(Sealed::new(&KIND, &[7; 32]));
        let begun = json!({"state": "s", "nonce": "n", "verifier": "v"});
        let begun = serde_json::from_value(begun).expect("what was begun");
        let cookie = cookies.set(&BegunSignIn::of(begun, "/dashboard/invoices", NOW), false);
        let headers = HeaderMap::from_iter([(COOKIE, cookie)]);
        let at = |now| cookies.begun(&headers, false, now);
        let begun = at(NOW + WAITS - 1).expect("it is waited for");
        assert!(begun.waits_for("s") && !begun.waits_for("n") && !begun.waits_for(""));
        assert_eq!(begun.next, "/dashboard/invoices");
        assert!(at(NOW + WAITS).is_none(), "too late");
        assert!(cookies.begun(&headers, true, NOW).is_none(), "not the name for this host");
    }
}

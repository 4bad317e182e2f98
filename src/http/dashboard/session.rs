//! Who is signed in: a sealed cookie that names an API key and never holds its secret, or says what
//! the identity provider said of a person.
//!
//! The key set is asked on each request, so a revoked key ends its sessions. The provider is not
//! asked again: a person's session has an end of its own.

use aws_lc_rs::{constant_time, hmac, rand};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use crate::http::auth::Person;
use crate::http::dashboard::cookie::{Kind, Sealed, derive};

/// Seconds after which everybody signs in again: a working day.
pub const LIFETIME: i64 = 8 * 60 * 60;

/// Seconds that a browser may be left alone.
const IDLE: i64 = 30 * 60;

/// Seconds after which a use is written into the cookie.
const RENEW: i64 = 60;

static KIND: Kind = Kind {
    secure: "__Host-apg",
    local: "apg",
    same_site: "Strict",
    purpose: "dashboard session 1",
};

/// What seals sessions and signs the tokens of forms.
#[derive(Clone)]
pub struct Sealer {
    sealed: Sealed,
    forms: hmac::Key,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Whose it is.
    pub who: Who,
    /// Seconds since 1970: the end, whatever is done until then.
    ends: i64,
    /// Seconds since 1970: the last use, about.
    seen: i64,
    /// Tells this sign-in from all others.
    pub name: String,
}

/// What somebody signed in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// The id of an API key.
    Key(String),
    /// A token of the identity provider, which said all this.
    Person(Person),
}

impl Session {
    /// A new one, for so many seconds.
    pub fn of(who: Who, now: i64, seconds: i64) -> Self {
        let mut name = [0; 16];
        rand::fill(&mut name).expect("the system's random numbers, which made the keys too");
        Self { who, ends: now + seconds.min(LIFETIME), seen: now, name: BASE64.encode(name) }
    }

    /// The same, used now; `None` while the cookie need not be written again.
    pub fn renewed(&self, now: i64) -> Option<Self> {
        (now - self.seen >= RENEW).then(|| Self { seen: now, ..self.clone() })
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: i64) -> bool {
        now >= self.ends
    }

    fn lives(&self, now: i64) -> bool {
        !self.is_over(now) && now - self.seen < IDLE
    }
}

impl Sealer {
    /// `secret` is the one that all replicas share.
    pub fn new(secret: &[u8; 32]) -> Self {
        let forms = hmac::Key::new(hmac::HMAC_SHA256, &derive(secret, "dashboard forms 1"));
        Self { sealed: Sealed::new(&KIND, secret), forms }
    }

    /// What a form of this session must bring back.
    pub fn form_token(&self, session: &str) -> String {
        BASE64.encode(hmac::sign(&self.forms, session.as_bytes()))
    }

    /// Whether a form brought back what its page had.
    pub fn is_form_token(&self, session: &str, token: &str) -> bool {
        let expected = self.form_token(session);
        constant_time::verify_slices_are_equal(expected.as_bytes(), token.as_bytes()).is_ok()
    }

    /// The header that gives a browser its session.
    pub fn cookie(&self, session: &Session, local: bool) -> HeaderValue {
        self.sealed.set(session, session.ends - session.seen, local)
    }

    /// The session of a request, if it has one that lives.
    pub fn session(&self, headers: &HeaderMap, local: bool, now: i64) -> Option<Session> {
        self.sealed.read(headers, local).filter(|session: &Session| session.lives(now))
    }
}

/// The header that ends a session in the browser.
pub fn no_cookie(local: bool) -> HeaderValue {
    KIND.cleared(local)
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{IDLE, LIFETIME, Sealer, Session, Who};

    const NOW: i64 = 1_800_000_000;

    fn key() -> Who {
        Who::Key("0123456789ab".to_owned())
    }

    fn sent(sealer: &Sealer, session: &Session) -> HeaderMap {
        let cookie = sealer.cookie(session, true);
        let pair = cookie.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        let pair = HeaderValue::from_str(&format!("other=1; {pair}")).expect("ASCII");
        HeaderMap::from_iter([(COOKIE, pair)])
    }

    #[test]
    fn a_session_lives_a_working_day_and_no_half_hour_alone() {
        let sealer = Sealer::new(&[7; 32]);
        let session = Session::of(key(), NOW, LIFETIME);
        let headers = sent(&sealer, &session);
        let at = |headers: &HeaderMap, now| sealer.session(headers, true, now);
        assert_eq!(at(&headers, NOW + IDLE - 1), Some(session.clone()));
        assert_eq!(at(&headers, NOW + IDLE), None, "left alone");
        assert_eq!(session.renewed(NOW + 59), None);
        let used = session.renewed(NOW + LIFETIME - 10).expect("written again");
        assert!(at(&sent(&sealer, &used), NOW + LIFETIME - 1).is_some());
        assert_eq!(at(&sent(&sealer, &used), NOW + LIFETIME), None, "the day is over");
        assert_eq!(sealer.session(&headers, false, NOW), None, "not the name for this host");
    }

    #[test]
    fn a_session_may_be_shorter_and_never_longer() {
        let sealer = Sealer::new(&[7; 32]);
        for (seconds, end) in [(300, 300), (LIFETIME + 1, LIFETIME)] {
            let session = Session::of(key(), NOW, seconds);
            let cookie = sealer.cookie(&session, true);
            let age = format!("Max-Age={end};");
            assert!(cookie.to_str().expect("ASCII").contains(&age), "{cookie:?}");
            assert!(!session.is_over(NOW + end - 1) && session.is_over(NOW + end), "{end}");
        }
    }

    #[test]
    fn a_form_belongs_to_its_session() {
        let sealer = Sealer::new(&[7; 32]);
        let token = sealer.form_token("one");
        assert!(sealer.is_form_token("one", &token));
        assert!(!sealer.is_form_token("two", &token) && !sealer.is_form_token("one", ""));
    }
}

//! Who is signed in: a sealed cookie that names an API key and never holds its secret.
//!
//! The key set is asked on each request, so a revoked key ends its sessions; nothing is stored, so
//! every replica reads the cookie of every other.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{constant_time, hmac, rand};
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

/// Seconds after which everybody signs in again: a working day.
const LIFETIME: i64 = 8 * 60 * 60;

/// Seconds that a browser may be left alone.
const IDLE: i64 = 30 * 60;

/// Seconds after which a use is written into the cookie.
const RENEW: i64 = 60;

/// Characters of a cookie that is looked at; ours have some 200.
const CHARACTERS_MAX: usize = 1_000;

/// The cookie over TLS: the prefix lets a browser take it from this host alone.
const SECURE: &str = "__Host-apg";
/// The cookie on this machine, where there is no TLS.
const LOCAL: &str = "apg";

/// What seals cookies and signs the tokens of forms.
#[derive(Clone)]
pub struct Sealer {
    seal: [u8; 32],
    forms: hmac::Key,
}

/// One session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The id of the API key.
    pub key: String,
    /// Seconds since 1970: the sign-in.
    began: i64,
    /// Seconds since 1970: the last use, about.
    seen: i64,
    /// Tells this sign-in from all others.
    pub name: String,
}

impl Session {
    /// A new one.
    pub fn of(key: &str, now: i64) -> Self {
        let mut name = [0; 16];
        rand::fill(&mut name).expect("the system's random numbers, which made the keys too");
        Self { key: key.to_owned(), began: now, seen: now, name: BASE64.encode(name) }
    }

    /// The same, used now; `None` while the cookie need not be written again.
    pub fn renewed(&self, now: i64) -> Option<Self> {
        (now - self.seen >= RENEW).then(|| Self { seen: now, ..self.clone() })
    }

    fn lives(&self, now: i64) -> bool {
        now - self.began < LIFETIME && now - self.seen < IDLE
    }
}

impl Sealer {
    /// `secret` is the one that all replicas share.
    pub fn new(secret: &[u8; 32]) -> Self {
        let derive = |purpose: &str| -> [u8; 32] {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let tag = hmac::sign(&key, purpose.as_bytes());
            tag.as_ref().try_into().expect("SHA-256 has 32 bytes")
        };
        let forms = hmac::Key::new(hmac::HMAC_SHA256, &derive("dashboard forms 1"));
        Self { seal: derive("dashboard session 1"), forms }
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
        set_cookie(&self.sealed(session), LIFETIME, local)
    }

    /// The session of a request, if it has one that lives.
    pub fn session(&self, headers: &HeaderMap, local: bool, now: i64) -> Option<Session> {
        let name = if local { LOCAL } else { SECURE };
        let sent = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = sent.flat_map(|value| value.split(';'));
        let text = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
        self.opened(text).filter(|session| session.lives(now))
    }

    fn sealed(&self, session: &Session) -> String {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.seal).expect("32 bytes");
        let mut text = serde_json::to_vec(session).expect("texts and numbers");
        let nonce = key.seal_in_place_append_tag(Aad::empty(), &mut text);
        let nonce = nonce.expect("a short text can be sealed");
        BASE64.encode([nonce.as_ref().as_slice(), &text].concat())
    }

    fn opened(&self, text: &str) -> Option<Session> {
        let sealed = Some(text).filter(|text| text.len() <= CHARACTERS_MAX)?;
        let mut sealed = BASE64.decode(sealed).ok()?;
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.seal).ok()?;
        let text = key.open_in_place(nonce, Aad::empty(), text).ok()?;
        serde_json::from_slice(text).ok()
    }
}

/// The header that ends a session in the browser.
pub fn no_cookie(local: bool) -> HeaderValue {
    set_cookie("", 0, local)
}

fn set_cookie(value: &str, seconds: i64, local: bool) -> HeaderValue {
    let (name, secure) = if local { (LOCAL, "") } else { (SECURE, "; Secure") };
    let text =
        format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).expect("base64url is visible ASCII")
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{IDLE, LIFETIME, Sealer, Session};

    const NOW: i64 = 1_800_000_000;

    fn sent(sealer: &Sealer, session: &Session) -> HeaderMap {
        let cookie = sealer.cookie(session, true);
        let pair = cookie.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned();
        let pair = HeaderValue::from_str(&format!("other=1; {pair}")).expect("ASCII");
        HeaderMap::from_iter([(COOKIE, pair)])
    }

    #[test]
    fn a_session_lives_a_working_day_and_no_half_hour_alone() {
        let sealer = Sealer::new(&[7; 32]);
        let session = Session::of("0123456789ab", NOW);
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
    fn what_was_altered_or_sealed_elsewhere_is_no_session() {
        let sealer = Sealer::new(&[7; 32]);
        let text = sealer.sealed(&Session::of("0123456789ab", NOW));
        assert!(!text.contains("0123456789ab"));
        assert!(sealer.opened(&text).is_some());
        assert!(Sealer::new(&[8; 32]).opened(&text).is_none());
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            // The last character of base64 may carry bits that nobody reads.
            let same = at + 1 == text.len();
            assert!(same || sealer.opened(&altered).is_none(), "{at}");
        }
        for bad in ["", "AAAA", &"A".repeat(2_000), "a=b"] {
            assert!(sealer.opened(bad).is_none(), "{bad}");
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

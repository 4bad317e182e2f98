//! Cookies that a browser keeps and cannot read: sealed, so every replica opens those of every
//! other and nothing is stored.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Characters of a cookie that is looked at; browsers keep 4,096.
const CHARACTERS_MAX: usize = 3_000;

/// What a cookie is called, and which requests bring it.
pub struct Kind {
    /// Over TLS: the prefix `__Host-` lets a browser take it from this host alone.
    pub secure: &'static str,
    /// On this machine, where there is no TLS.
    pub local: &'static str,
    /// `Strict`, or `Lax` for what must come back from another site.
    pub same_site: &'static str,
    /// What its key is for: no cookie is taken for another.
    pub purpose: &'static str,
}

/// A kind of cookie with its key.
#[derive(Clone)]
pub struct Sealed {
    kind: &'static Kind,
    key: [u8; 32],
}

impl Sealed {
    /// `secret` is the one that all replicas share.
    pub fn new(kind: &'static Kind, secret: &[u8; 32]) -> Self {
        Self { kind, key: derive(secret, kind.purpose) }
    }

    /// The header that gives a browser this value for some seconds.
    pub fn set(&self, value: &impl Serialize, seconds: i64, local: bool) -> HeaderValue {
        self.kind.written(&self.close(value), seconds, local)
    }

    /// What a request brought, if it was sealed here.
    pub fn read<T: DeserializeOwned>(&self, headers: &HeaderMap, local: bool) -> Option<T> {
        let name = if local { self.kind.local } else { self.kind.secure };
        let sent = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = sent.flat_map(|value| value.split(';'));
        let text = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
        self.open(text)
    }

    fn close(&self, value: &impl Serialize) -> String {
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key).expect("32 bytes");
        let mut text = serde_json::to_vec(value).expect("texts and numbers");
        let nonce = key.seal_in_place_append_tag(Aad::empty(), &mut text);
        let nonce = nonce.expect("a short text can be sealed");
        BASE64.encode([nonce.as_ref().as_slice(), &text].concat())
    }

    fn open<T: DeserializeOwned>(&self, text: &str) -> Option<T> {
        let sealed = Some(text).filter(|text| text.len() <= CHARACTERS_MAX)?;
        let mut sealed = BASE64.decode(sealed).ok()?;
        let (nonce, text) = sealed.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = RandomizedNonceKey::new(&AES_256_GCM, &self.key).ok()?;
        let text = key.open_in_place(nonce, Aad::empty(), text).ok()?;
        serde_json::from_slice(text).ok()
    }
}

impl Kind {
    /// The header that ends it in the browser.
    pub fn cleared(&self, local: bool) -> HeaderValue {
        self.written("", 0, local)
    }

    fn written(&self, value: &str, seconds: i64, local: bool) -> HeaderValue {
        let (name, secure) = if local { (self.local, "") } else { (self.secure, "; Secure") };
        let same_site = self.same_site;
        let text = format!(
            "{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite={same_site}{secure}"
        );
        HeaderValue::from_str(&text).expect("base64url is visible ASCII")
    }
}

/// A key for one purpose.
pub fn derive(secret: &[u8; 32], purpose: &str) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let tag = hmac::sign(&key, purpose.as_bytes());
    tag.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::{CHARACTERS_MAX, Kind, Sealed};

    static ONE: Kind =
        Kind { secure: "__Host-one", local: "one", same_site: "Strict", purpose: "one" };
    static TWO: Kind = Kind { purpose: "two", ..ONE };

    #[test]
    fn what_was_altered_or_sealed_elsewhere_is_not_opened() {
        let sealed = Sealed::new(&ONE, &[7; 32]);
        let opened = |sealed: &Sealed, text: &str| sealed.open::<String>(text);
        let text = sealed.close(&"0123456789ab");
        assert!(!text.contains("0123456789ab"));
        assert_eq!(opened(&sealed, &text).as_deref(), Some("0123456789ab"));
        assert!(opened(&Sealed::new(&ONE, &[8; 32]), &text).is_none(), "of another gateway");
        assert!(opened(&Sealed::new(&TWO, &[7; 32]), &text).is_none(), "of another purpose");
        for at in 0..text.len() {
            let mut altered = text.clone().into_bytes();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).expect("ASCII");
            // The last character of base64 may carry bits that nobody reads.
            let same = at + 1 == text.len();
            assert!(same || opened(&sealed, &altered).is_none(), "{at}");
        }
        for bad in ["", "AAAA", &"A".repeat(2_000), "a=b"] {
            assert!(opened(&sealed, bad).is_none(), "{bad}");
        }
        let long = sealed.close(&"x".repeat(CHARACTERS_MAX));
        assert!(opened(&sealed, &long).is_none(), "longer than any of ours");
    }
}

//! The cursor of a list: opaque, signed, bound to its filters, good for a day.
//!
//! Layout: version (1 byte), issue time (8, seconds), hash of list and filters (16), last key,
//! HMAC-SHA-256 over all that cut to 128 bits (16); base64url without padding.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::http::error::{ApiError, Slug};

const VERSION: u8 = 1;
const HEAD: usize = 1 + 8 + 16;
const MAC: usize = 16;

/// Seconds that a token is good for.
const LIFETIME: i64 = 24 * 60 * 60;

/// Longest token that is looked at; ours have about 100 characters, and 500 where they carry one
/// of Temporal.
const CHARACTERS_MAX: usize = 1_024;

/// What signs and binds the tokens of one list with one set of filters.
pub struct Signer {
    key: hmac::Key,
    filters: [u8; 16],
}

impl Signer {
    /// `secret` is shared by all replicas; `filters` names the list and what narrows it.
    pub fn new(secret: &[u8; 32], filters: &str) -> Self {
        let digest = Sha256::digest(filters);
        let mut bound = [0; 16];
        bound.copy_from_slice(&digest[..16]);
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret), filters: bound }
    }

    /// A token that goes on after `last`.
    pub fn sign(&self, last: &str, now: DateTime<Utc>) -> String {
        let mut token = vec![VERSION];
        token.extend(now.timestamp().to_be_bytes());
        token.extend(self.filters);
        token.extend(last.as_bytes());
        let mac = hmac::sign(&self.key, &token);
        token.extend(&mac.as_ref()[..MAC]);
        BASE64_URL_SAFE_NO_PAD.encode(token)
    }

    /// The last key of a token of this list.
    ///
    /// # Errors
    /// 400 for one that was altered, is foreign, too old, or of other filters: one text for all,
    /// because the remedy is one.
    pub fn open(&self, token: &str, now: DateTime<Utc>) -> Result<String, ApiError> {
        self.read(token, now).ok_or_else(|| {
            let detail = "Start the list again without page_token.";
            Slug::InvalidPageToken.error().detail(detail)
        })
    }

    fn read(&self, token: &str, now: DateTime<Utc>) -> Option<String> {
        if token.len() > CHARACTERS_MAX {
            return None;
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (signed, mac) = bytes.split_at_checked(bytes.len().checked_sub(MAC)?)?;
        let expected = hmac::sign(&self.key, signed);
        constant_time::verify_slices_are_equal(&expected.as_ref()[..MAC], mac).ok()?;
        let (head, last) = signed.split_at_checked(HEAD)?;
        let issued = i64::from_be_bytes(head[1..9].try_into().ok()?);
        let age = now.timestamp() - issued;
        let fits = head[0] == VERSION && head[9..] == self.filters && age <= LIFETIME;
        fits.then(|| String::from_utf8(last.to_vec()).ok())?
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};
    use proptest::prelude::{any, proptest};

    use super::Signer;

    const SECRET: [u8; 32] = [7; 32];

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    fn opened(signer: &Signer, token: &str, at: DateTime<Utc>) -> Option<String> {
        signer.open(token, at).ok()
    }

    #[test]
    fn a_token_is_good_for_its_list_and_a_day() {
        let signer = Signer::new(&SECRET, "/invoices?status=held");
        let token = signer.sign("inv_1", now());
        let day = now() + TimeDelta::days(1);
        assert_eq!(opened(&signer, &token, day).as_deref(), Some("inv_1"));
        assert_eq!(opened(&signer, &token, day + TimeDelta::seconds(1)), None);
        let other = Signer::new(&SECRET, "/invoices?status=paid");
        assert_eq!(opened(&other, &token, now()), None);
        let foreign = Signer::new(&[8; 32], "/invoices?status=held");
        assert_eq!(opened(&foreign, &token, now()), None);
    }

    proptest! {
        #[test]
        fn whatever_is_changed_the_token_is_refused(at in 0..90_usize, to in any::<u8>()) {
            let signer = Signer::new(&SECRET, "/invoices");
            let token = signer.sign("inv_01kax3v9s8f2m7c4t0q6w5z1re", now());
            let mut bytes = token.clone().into_bytes();
            let at = at % bytes.len();
            bytes[at] = to;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            assert_eq!(opened(&signer, &changed, now()).is_some(), changed == token);
        }

        #[test]
        fn any_text_is_refused_without_harm(text in ".{0,600}") {
            assert_eq!(opened(&Signer::new(&SECRET, ""), &text, now()), None);
        }
    }
}

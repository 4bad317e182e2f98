//! The text of an API key: `apg_<id>_<secret>`.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::storage::ledger::{LedgerError, texts};

/// What each key starts with, so that scanners of repositories and logs can know one.
const PREFIX: &str = "apg_";

/// Characters of an id: 60 random bits, so that two keys never share one.
const ID_CHARACTERS: usize = 12;

/// Letters and digits that nobody mistakes for each other; 32, so that a byte gives five bits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of 256 bits in base64url.
const SECRET_CHARACTERS: usize = 43;

/// An API key. Its `Debug` shows the id alone.
#[derive(Debug, Clone)]
pub struct KeyText {
    id: String,
    secret: SecretString,
}

impl KeyText {
    /// A new key from the system's random numbers.
    ///
    /// # Errors
    /// The system gives none.
    pub fn draw() -> Result<Self, LedgerError> {
        let mut id = [0; ID_CHARACTERS];
        let mut secret = [0; 32];
        for bytes in [&mut id[..], &mut secret[..]] {
            aws_lc_rs::rand::fill(bytes).map_err(|_| {
                LedgerError::Unavailable("the system gives no random numbers".to_owned())
            })?;
        }
        let letter = |byte: u8| char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]);
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        Ok(Self { id: id.into_iter().map(letter).collect(), secret: secret.into() })
    }

    /// Reads what a caller sent; `None` for what cannot be a key of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let in_id = |byte| ALPHABET.contains(&byte);
        let in_secret = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let fits = id.len() == ID_CHARACTERS
            && id.bytes().all(in_id)
            && secret.len() == SECRET_CHARACTERS
            && secret.bytes().all(in_secret);
        fits.then(|| Self { id: id.to_owned(), secret: secret.into() })
    }

    /// Whether a bearer's text claims to be a key, well formed or not.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// What may be shown.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// SHA-256 of the secret, as 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        texts::digest(self.secret.expose_secret())
    }

    /// The whole key, for its owner, once.
    pub fn expose(&self) -> SecretString {
        format!("{PREFIX}{}_{}", self.id, self.secret.expose_secret()).into()
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::KeyText;

    #[test]
    fn keys_are_read_back_and_do_not_show_their_secret() {
        let (key, other) = (KeyText::draw().expect("random"), KeyText::draw().expect("random"));
        let text = key.expose();
        let read = KeyText::parse(text.expose_secret()).expect("a key of ours");
        assert_eq!((read.id(), read.digest()), (key.id(), key.digest()));
        assert_ne!(key.id(), other.id());
        assert_ne!(key.digest(), other.digest());
        let secret = text.expose_secret().rsplit('_').next().expect("a secret").to_owned();
        assert!(!format!("{key:?} {read:#?}").contains(&secret));
    }

    #[test]
    fn nothing_else_is_a_key() {
        let good = format!("apg_0123456789ab_{}", "s".repeat(43));
        assert!(KeyText::parse(&good).is_some());
        for bad in [
            "",
            "apg_",
            "apg__",
            &good[1..],
            &good[..good.len() - 1],
            &format!("{good}s"),
            &good.replace('0', "O"),
            &good.replace("ss", "s="),
            &good.replace("apg_", "APG_"),
        ] {
            assert!(KeyText::parse(bad).is_none(), "{bad}");
        }
    }
}

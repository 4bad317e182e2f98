//! Secrets that must be read again, sealed: who has the database or its backup alone cannot.
//!
//! The key is in a file of its own. The database knows its digest, so a replica with another key,
//! or one that lost it, says so instead of sealing what the others cannot read.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::storage::folder;
use crate::storage::ledger::{Ledger, LedgerError, texts};

/// What a sealed text starts with: the way it was sealed.
const SEALED: &str = "a256gcm:";

/// Bytes of the key.
const KEY_BYTES: usize = 32;

/// Where the database keeps the digest of the key.
const SETTING: &str = "secret_key_digest";

impl Ledger {
    /// Seals a secret that belongs to the row of this id, and opens in no other.
    pub(super) async fn seal(
        &self,
        id: &str,
        secret: &SecretString,
    ) -> Result<String, LedgerError> {
        let key = self.secret_key().await?;
        let mut bytes = secret.expose_secret().as_bytes().to_vec();
        let nonce = key.seal_in_place_append_tag(Aad::from(id.as_bytes()), &mut bytes);
        let nonce = nonce.map_err(|_| unavailable("a secret cannot be sealed"))?;
        let mut sealed = nonce.as_ref().to_vec();
        sealed.append(&mut bytes);
        Ok(format!("{SEALED}{}", BASE64_STANDARD.encode(sealed)))
    }

    /// Opens what was sealed for the row of this id.
    pub(super) async fn unseal(&self, id: &str, sealed: &str) -> Result<SecretString, LedgerError> {
        let key = self.secret_key().await?;
        let open = || {
            let mut bytes = BASE64_STANDARD.decode(sealed.strip_prefix(SEALED)?).ok()?;
            let (nonce, rest) = bytes.split_at_mut_checked(NONCE_LEN)?;
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let opened = key.open_in_place(nonce, Aad::from(id.as_bytes()), rest).ok()?;
            Some(SecretString::from(String::from_utf8(opened.to_vec()).ok()?))
        };
        open().ok_or_else(|| LedgerError::Unreadable {
            place: id.to_owned(),
            reason: "its secret was sealed with another key, or altered; rotate it".to_owned(),
        })
    }

    async fn secret_key(&self) -> Result<&RandomizedNonceKey, LedgerError> {
        self.secret_key.get_or_try_init(|| self.open_secret_key()).await
    }

    async fn open_secret_key(&self) -> Result<RandomizedNonceKey, LedgerError> {
        let path = self.secret_key_file.as_deref().ok_or_else(|| {
            unavailable("set AP_GATEWAY_LEDGER_KEY_FILE: secrets of webhooks are kept sealed")
        })?;
        let mut write = self.write().await?;
        let known = sqlx::query_scalar("SELECT value FROM setting WHERE name = $1").bind(SETTING);
        let known: Option<String> = known.fetch_optional(write.on()).await?;
        let key = match read(path)? {
            Some(key) => key,
            None if known.is_none() => make(path)?,
            None => {
                let text = "is missing, and the database holds secrets that it sealed; bring the \
                            file of another replica or of a backup";
                return Err(unavailable(&format!("{}: {text}", path.display())));
            }
        };
        let digest = texts::digest(&BASE64_STANDARD.encode(key));
        if known.as_ref().is_some_and(|known| *known != digest) {
            let text = "holds another key than the one that sealed the secrets of this database";
            return Err(unavailable(&format!("{}: {text}", path.display())));
        }
        if known.is_none() {
            // Of two replicas that make a key at once, the second finds the first one's digest.
            let insert = "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let inserted = sqlx::query(insert).bind(SETTING).bind(&digest);
            if inserted.execute(write.on()).await?.rows_affected() == 0 {
                let text = "another replica made a key at the same time; give both one file";
                return Err(unavailable(text));
            }
            write.commit().await?;
        }
        RandomizedNonceKey::new(&AES_256_GCM, &key)
            .map_err(|_| unavailable("the key of the key file cannot be used"))
    }
}

/// The key in a file; `None` when there is no file.
fn read(path: &Path) -> Result<Option<[u8; KEY_BYTES]>, LedgerError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => SecretString::from(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unavailable(&format!("{}: {error}", path.display()))),
    };
    let bytes = BASE64_STANDARD.decode(text.expose_secret().trim()).ok();
    let key = bytes.and_then(|bytes| <[u8; KEY_BYTES]>::try_from(bytes).ok());
    let refuse = || unavailable(&format!("{}: is no key: 32 bytes in base64", path.display()));
    key.map(Some).ok_or_else(refuse)
}

/// A new key, readable for its owner alone, on the disk before anything is sealed with it.
fn make(path: &Path) -> Result<[u8; KEY_BYTES], LedgerError> {
    let mut key = [0; KEY_BYTES];
    aws_lc_rs::rand::fill(&mut key)
        .map_err(|_| unavailable("the system gives no random numbers"))?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    folder::make(parent).map_err(|text| unavailable(&text))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        writeln!(file, "{}", BASE64_STANDARD.encode(key))?;
        file.sync_all()?;
        folder::sync(parent)
    });
    written.map_err(|error| unavailable(&format!("cannot make {}: {error}", path.display())))?;
    Ok(key)
}

/// The file beside a SQLite database.
pub(super) fn beside(database: &Path) -> PathBuf {
    database.with_extension("key")
}

fn unavailable(text: &str) -> LedgerError {
    LedgerError::Unavailable(text.to_owned())
}

//! Where rows and documents are kept.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// The ledger database.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ledger {
    /// `AP_GATEWAY_LEDGER_URL`: `sqlite:PATH` or `postgres://USER:PASSWORD@HOST/NAME`.
    pub url: SecretString,
    /// `AP_GATEWAY_LEDGER_CONNECTIONS`: size of the pool.
    pub connections: u32,
    /// How long a call waits for a connection, or for another writer.
    pub busy_seconds: u64,
    /// `AP_GATEWAY_LEDGER_KEY_FILE`: the key that seals the secrets of webhooks, 32 bytes in
    /// base64, made when it is not there; the same for all replicas. Beside a SQLite file by
    /// default, with the ending `.key`; PostgreSQL has no default.
    pub key_file: Option<PathBuf>,
}

impl Ledger {
    /// Whether it is a file that one process has to itself.
    pub fn is_sqlite(&self) -> bool {
        self.url.expose_secret().starts_with("sqlite:")
    }
}

impl Default for Ledger {
    fn default() -> Self {
        let url = SecretString::from("sqlite:ap-gateway-data/ledger.db");
        Self { url, connections: 8, busy_seconds: 10, key_file: None }
    }
}

/// Where documents are kept.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Artifacts {
    /// `AP_GATEWAY_ARTIFACTS`: a folder, made when it is not there.
    pub folder: PathBuf,
}

impl Default for Artifacts {
    fn default() -> Self {
        Self { folder: PathBuf::from("ap-gateway-data/artifacts") }
    }
}

#[cfg(test)]
mod tests {
    use super::Ledger;

    #[test]
    fn a_file_is_told_from_a_database() {
        assert!(Ledger::default().is_sqlite());
        let url = "postgres://gateway:sqlite:@127.0.0.1/gateway".into();
        assert!(!Ledger { url, ..Ledger::default() }.is_sqlite());
    }
}

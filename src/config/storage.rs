//! Where rows and documents are kept.

use std::path::PathBuf;

use secrecy::SecretString;
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
}

impl Default for Ledger {
    fn default() -> Self {
        let url = SecretString::from("sqlite:ap-gateway-data/ledger.db");
        Self { url, connections: 8, busy_seconds: 10 }
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

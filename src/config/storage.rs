//! Where rows and documents are kept.

use std::fmt;
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

    /// Where it is.
    ///
    /// # Errors
    /// An address of no database that we have, in words that do not repeat it: it may hold a
    /// password.
    pub fn place(&self) -> Result<LedgerPlace, String> {
        let url = self.url.expose_secret();
        match url.strip_prefix("sqlite:") {
            Some(rest) => file_of(rest).map(LedgerPlace::File),
            None => server_of(url).map(LedgerPlace::Server),
        }
    }
}

/// Where a ledger is, for messages: without user, password and parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerPlace {
    /// A SQLite file, by its absolute path.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(String),
}

impl fmt::Display for LedgerPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Server(name) => f.write_str(name),
        }
    }
}

/// The path behind `sqlite:`, absolute.
fn file_of(rest: &str) -> Result<PathBuf, String> {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    let path = rest.strip_suffix("?mode=rwc").unwrap_or(rest);
    if path.is_empty() || path == ":memory:" || path.contains('?') {
        let text = "AP_GATEWAY_LEDGER_URL must name a file: write sqlite:PATH, without parameters";
        return Err(text.to_owned());
    }
    std::path::absolute(path).map_err(|error| format!("{path}: {error}"))
}

/// Host, port and database; neither user nor password nor parameters.
fn server_of(url: &str) -> Result<String, String> {
    let refuse = || {
        "AP_GATEWAY_LEDGER_URL is no database address: write sqlite:PATH or \
         postgres://USER:PASSWORD@HOST/NAME, with special characters percent-encoded"
            .to_owned()
    };
    let url = url::Url::parse(url).map_err(|_| refuse())?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(refuse());
    }
    let host = url.host_str().unwrap_or("local");
    let port = url.port().map_or(String::new(), |port| format!(":{port}"));
    Ok(format!("PostgreSQL at {host}{port}{}", url.path()))
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

    fn place(url: &str) -> Result<String, String> {
        Ledger { url: url.into(), ..Ledger::default() }.place().map(|place| place.to_string())
    }

    #[test]
    fn addresses_are_told_apart_and_named_without_credentials() {
        for (url, name) in [
            ("sqlite:/a/b.db", "/a/b.db"),
            ("sqlite:///a/b.db?mode=rwc", "/a/b.db"),
            (
                "postgres://me:s%40crt@db.example:5433/ap?sslmode=require&password=s3",
                "PostgreSQL at db.example:5433/ap",
            ),
            ("postgresql:///ap?host=/run/pg", "PostgreSQL at local/ap"),
        ] {
            assert_eq!(place(url).as_deref(), Ok(name));
        }
    }

    #[test]
    fn other_addresses_are_refused_without_being_repeated() {
        for url in [
            "",
            "mysql://me:s3cret@host/ap",
            "sqlite:",
            "sqlite::memory:",
            "sqlite:a.db?key=s3cret",
            "postgres://me:s3c#ret@[::/ap",
        ] {
            let error = place(url).expect_err(url);
            assert!(error.contains("AP_GATEWAY_LEDGER_URL"), "{error}");
            assert!(!error.contains("s3c"), "{error}");
        }
    }

    #[test]
    fn a_file_is_told_from_a_database() {
        assert!(Ledger::default().is_sqlite());
        let url = "postgres://gateway:sqlite:@127.0.0.1/gateway".into();
        assert!(!Ledger { url, ..Ledger::default() }.is_sqlite());
    }
}

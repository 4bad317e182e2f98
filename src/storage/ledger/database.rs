//! Where the ledger is, and how a connection to it must be set.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, AssertSqlSafe, ConnectOptions, Connection};

use crate::config;
use crate::config::LedgerPlace;
use crate::storage::folder;
use crate::storage::ledger::error::{LedgerError, describe};
use crate::storage::ledger::{schema, vault};

/// Longest time for the checks and migrations of a start, with waiting for another replica's.
const PREPARE: Duration = Duration::from_mins(5);

/// The two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

/// A database that is configured, and maybe not there yet.
pub(super) struct Database {
    engine: Engine,
    /// For messages: a path, or host and database without credentials.
    name: String,
    file: Option<PathBuf>,
    options: AnyConnectOptions,
    connections: u32,
    busy: Duration,
}

impl Database {
    pub(super) fn from_settings(settings: &config::Ledger) -> Result<Self, LedgerError> {
        sqlx::any::install_default_drivers();
        let url = settings.url.expose_secret();
        let place = settings.place().map_err(LedgerError::Unavailable)?;
        let name = place.to_string();
        let (engine, file, target) = match place {
            LedgerPlace::File(path) => (Engine::Sqlite, Some(path.clone()), sqlite_url(&path)),
            LedgerPlace::Server(_) => (Engine::Postgres, None, url.to_owned()),
        };
        let refuse = |error: sqlx::Error| unavailable(&name, &error.to_string());
        let options = target.parse().map_err(refuse)?;
        Ok(Self {
            engine,
            name,
            file,
            options,
            connections: settings.connections.max(1),
            busy: Duration::from_secs(settings.busy_seconds.max(1)),
        })
    }

    pub(super) fn engine(&self) -> Engine {
        self.engine
    }

    /// Where the key of its secrets is unless that is said: beside a file.
    pub(super) fn key_file(&self) -> Option<PathBuf> {
        self.file.as_deref().map(vault::beside)
    }

    /// How long a call waits for a connection, or for another writer.
    pub(super) fn busy(&self) -> Duration {
        self.busy
    }

    /// Makes, checks and migrates the database on a connection of its own: the pool would repeat
    /// what fails here until its deadline and then only say that time is over.
    pub(super) async fn prepare(&self) -> Result<(), LedgerError> {
        if let Some(file) = &self.file {
            make_file(file).map_err(|text| unavailable(&self.name, &text))?;
        }
        let connecting = tokio::time::timeout(self.busy, self.options.connect()).await;
        let mut connection = match connecting {
            Ok(connected) => connected.map_err(|error| self.unconnected(&error))?,
            Err(_) => return Err(self.away("no answer in time; is the address right?")),
        };
        let preparing = schema::prepare(&mut connection, self.engine, self.busy);
        let prepared = tokio::time::timeout(PREPARE, preparing).await;
        let late = |_| unavailable(&self.name, "another replica migrates, and takes too long");
        prepared.map_err(late)?.map_err(|error| self.named(error))?;
        let closed = connection.close().await;
        closed.map_err(|error| unavailable(&self.name, &describe(&error)))
    }

    /// Why there is no connection: a server that does not answer is told from one that refuses.
    fn unconnected(&self, error: &sqlx::Error) -> LedgerError {
        match error {
            sqlx::Error::Io(_) => self.away(&describe(error)),
            _ => unavailable(&self.name, &describe(error)),
        }
    }

    fn away(&self, text: &str) -> LedgerError {
        LedgerError::Unreachable(format!("{}: {text}", self.name))
    }

    /// Says in an error which database it is about.
    pub(super) fn named(&self, error: LedgerError) -> LedgerError {
        match error {
            LedgerError::Unavailable(text) => unavailable(&self.name, &text),
            other => other,
        }
    }

    /// Connects as it is used.
    pub(super) fn pool(&self) -> AnyPool {
        let (engine, busy) = (self.engine, self.busy);
        AnyPoolOptions::new()
            .max_connections(self.connections)
            .acquire_timeout(busy)
            .after_connect(move |connection, _| Box::pin(settle(connection, engine, busy)))
            .connect_lazy_with(self.options.clone())
    }
}

/// What each connection must be told.
pub(super) async fn settle(
    connection: &mut AnyConnection,
    engine: Engine,
    busy: Duration,
) -> Result<(), sqlx::Error> {
    let milliseconds = busy.as_millis();
    let sql = match engine {
        // FULL, not NORMAL: with the write-ahead log NORMAL may lose the last commits when the
        // power fails, and a 202 is a promise. macOS needs fullfsync for the same.
        Engine::Sqlite => format!(
            "PRAGMA busy_timeout = {milliseconds}; PRAGMA foreign_keys = ON; \
             PRAGMA synchronous = FULL; PRAGMA fullfsync = ON"
        ),
        // A replica that hangs must not keep the locks of an order for ever.
        Engine::Postgres => format!(
            "SET lock_timeout = {milliseconds}; SET statement_timeout = {}; \
             SET idle_in_transaction_session_timeout = {}",
            milliseconds * 2,
            milliseconds * 4
        ),
    };
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

fn unavailable(name: &str, text: &str) -> LedgerError {
    LedgerError::Unavailable(format!("{name}: {text}"))
}

/// The driver reads a URL, and takes percent signs and question marks of a path for its own.
fn sqlite_url(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let mut url = "sqlite:".to_owned();
    for byte in path.to_string_lossy().bytes() {
        if plain(byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
    url
}

/// Makes the file, readable for its owner alone: it holds what was bought, and the signing key.
fn make_file(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err("is a folder; name a file in AP_GATEWAY_LEDGER_URL".to_owned());
    }
    let parent = path.parent().unwrap_or(Path::new("/"));
    folder::make(parent)?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => folder::sync(parent).map_err(|error| error.to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(format!("cannot make the file: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::sqlite_url;

    #[test]
    fn every_path_survives_the_url() {
        let url = sqlite_url("/a b/50%?#ü.db".as_ref());
        assert_eq!(url, "sqlite:/a%20b/50%25%3F%23%C3%BC.db");
    }
}

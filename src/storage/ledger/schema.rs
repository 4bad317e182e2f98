//! The database as this version needs it: checked, then migrated.

use std::time::{Duration, Instant};

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AnyConnection, Connection};

use crate::storage::ledger::database::{self, Engine};
use crate::storage::ledger::error::{LedgerError, describe};

/// All migrations, in the binary.
static MIGRATIONS: Migrator = sqlx::migrate!();

/// A SQLite file up to this size is read through at the start, at most a second's work; in a
/// larger one damage shows when a query meets it.
const CHECKED_BYTES_MAX: i64 = 256 * 1024 * 1024;

/// Checks and migrates; safe while other processes do the same.
pub(super) async fn prepare(
    connection: &mut AnyConnection,
    engine: Engine,
    busy: Duration,
) -> Result<(), LedgerError> {
    if engine == Engine::Postgres {
        // The migrator waits for an advisory lock of the server.
        return migrate(connection).await.map_err(refused);
    }
    database::settle(connection, engine, busy).await?;
    write_ahead(connection, busy).await?;
    check(connection).await?;
    // SQLite's migrator takes no lock; the write lock of the file is one.
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    migrate(&mut transaction).await.map_err(refused)?;
    transaction.commit().await?;
    Ok(())
}

/// `Migrator::run` with the same effect gives a future that no thread pool takes: its bounds ask
/// for more lifetimes than a connection has. The library's way around that is this method.
async fn migrate(connection: &mut AnyConnection) -> Result<(), MigrateError> {
    MIGRATIONS.run_direct(None, connection, false).await
}

/// Switches to the write-ahead log; the file remembers it. The switch does not wait by itself
/// for other connections, so it is repeated.
async fn write_ahead(connection: &mut AnyConnection, busy: Duration) -> Result<(), LedgerError> {
    let deadline = Instant::now() + busy;
    loop {
        let switched = sqlx::query_scalar::<_, String>("PRAGMA journal_mode = WAL");
        match switched.fetch_one(&mut *connection).await {
            Ok(mode) if mode.eq_ignore_ascii_case("wal") => return Ok(()),
            Ok(mode) => {
                return Err(LedgerError::Unavailable(format!(
                    "this file system allows no write-ahead log (the file stays in mode {mode}); \
                     put the ledger on a local disk"
                )));
            }
            Err(error) if locked(&error) && Instant::now() < deadline => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    let code = code.and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

/// A sound file, and ours.
async fn check(connection: &mut AnyConnection) -> Result<(), LedgerError> {
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut *connection).await?;
    if !tables.is_empty() && !tables.iter().any(|name| name == "_sqlx_migrations") {
        return Err(LedgerError::Unavailable(
            "is the database of another program; set AP_GATEWAY_LEDGER_URL to another file"
                .to_owned(),
        ));
    }
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *connection).await?;
    let page: i64 = sqlx::query_scalar("PRAGMA page_size").fetch_one(&mut *connection).await?;
    if pages.saturating_mul(page) > CHECKED_BYTES_MAX {
        return Ok(());
    }
    let verdict = sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)");
    let verdict = verdict.fetch_one(connection).await?;
    if verdict == "ok" {
        return Ok(());
    }
    Err(LedgerError::Unavailable(format!(
        "the file is damaged ({verdict}); restore it from a backup, or move it away with its \
         -wal and -shm files to start empty"
    )))
}

fn refused(error: MigrateError) -> LedgerError {
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    LedgerError::Unavailable(match error {
        MigrateError::VersionMissing(version) if Some(version) > newest => format!(
            "was migrated by a newer version of ap-gateway (migration {version}); start that \
             version, or one that is newer still"
        ),
        MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => format!(
            "migration {version} is not ours: the database belongs to another program or to \
             another build; set AP_GATEWAY_LEDGER_URL to another database"
        ),
        MigrateError::Execute(error) => format!("cannot migrate: {}", describe(&error)),
        MigrateError::ExecuteMigration(error, version) => {
            format!("cannot run migration {version}: {}", describe(&error))
        }
        other => format!("cannot migrate: {other}"),
    })
}

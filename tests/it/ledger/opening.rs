//! Opening: once or again, alone or with others, and what is said when it cannot be done.

use std::path::Path;

use ap_gateway::config;
use ap_gateway::storage::Ledger;
use rstest::rstest;
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};
use tokio::task::JoinSet;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::new_invoice;

fn settings(url: &str) -> config::Ledger {
    config::Ledger { url: SecretString::from(url), connections: 2, busy_seconds: 2, key_file: None }
}

async fn refusal(url: &str) -> String {
    let opened = Ledger::open(&settings(url)).await;
    opened.err().expect(url).to_string()
}

fn sqlite(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

#[rstest]
#[tokio::test]
async fn what_was_kept_is_there_after_opening_again(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.accepted().await;
    let key = *fixture.ledger.signing_key();
    assert_ne!(key, [0; 32]);
    fixture.ledger.close().await;
    let again = Ledger::open(&fixture.settings).await.expect("the same ledger");
    assert_eq!(*again.signing_key(), key);
    assert!(again.invoice(&id).await.expect("an answer").is_some());
    again.probe().await.expect("a working ledger");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_agree(#[values(Sqlite, Postgres)] database: Database) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = match database {
        Sqlite => sqlite(&folder.path().join("ledger.db")),
        Postgres => crate::postgres::fresh_database().await,
    };
    let mut tasks = JoinSet::new();
    for _ in 0..8 {
        let settings = config::Ledger { busy_seconds: 30, ..settings(&url) };
        tasks.spawn(async move {
            let ledger = Ledger::open(&settings).await.expect("a ledger");
            ledger.accept_invoice(new_invoice("one")).await.expect("an answer");
            *ledger.signing_key()
        });
    }
    let keys = tasks.join_all().await;
    assert!(keys.iter().all(|key| *key == keys[0]));
}

#[rstest]
#[tokio::test]
async fn a_newer_database_is_left_alone(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    fixture.ledger.close().await;
    let insert = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                  execution_time) SELECT 9000, 'later', success, checksum, 0 FROM _sqlx_migrations \
                  WHERE version = 1";
    sqlx::query(insert).execute(&fixture.rows().await).await.expect("a row");
    let error = Ledger::open(&fixture.settings).await.err().expect("a refusal").to_string();
    assert!(error.contains("newer version") && error.contains("9000"), "{error}");
}

#[tokio::test]
async fn files_that_are_no_ledger_are_named_with_the_remedy() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = folder.path().join("text.db");
    std::fs::write(&text, "this is no database, and long enough to have a header ".repeat(40))
        .expect("a file");
    let foreign = folder.path().join("foreign.db");
    let mut connection = SqliteConnection::connect(&format!("{}?mode=rwc", sqlite(&foreign)))
        .await
        .expect("a database");
    sqlx::query("CREATE TABLE theirs (x)").execute(&mut connection).await.expect("a table");
    connection.close().await.expect("an end");
    let below = text.join("ledger.db");
    for (path, words) in [
        (text.as_path(), "move the file away"),
        (folder.path(), "is a folder"),
        (foreign.as_path(), "another program"),
        (below.as_path(), "text.db"),
    ] {
        let error = refusal(&sqlite(path)).await;
        assert!(error.contains(words), "{error}");
        assert!(error.contains(path.to_str().expect("UTF-8")), "{error}");
    }
    let kept = std::fs::read(&text).expect("a file");
    assert!(kept.starts_with(b"this is no database"));
}

#[tokio::test]
async fn a_damaged_file_is_found_at_the_start() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::open(&settings(&sqlite(&path))).await.expect("a ledger");
    for document in 0..200 {
        let new = new_invoice(&document.to_string());
        ledger.accept_invoice(new).await.expect("an answer");
    }
    ledger.close().await;
    let sound = std::fs::read(&path).expect("a file");
    let mut torn = sound.clone();
    let middle = sound.len() / 2;
    torn[middle..middle + 8192].fill(0xa5);
    for (bytes, what) in [(&torn[..], "overwritten"), (&sound[..middle], "cut off")] {
        std::fs::write(&path, bytes).expect("a file");
        let error = refusal(&sqlite(&path)).await;
        assert!(error.contains("restore it from a backup"), "{what}: {error}");
        assert!(error.contains("ledger.db"), "{what}: {error}");
    }
    std::fs::write(&path, &sound).expect("a file");
    Ledger::open(&settings(&sqlite(&path))).await.expect("the sound file");
}

#[tokio::test]
async fn every_connection_writes_through_to_the_disk() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a b%20ü?.db".replace('?', "#"));
    let ledger = Ledger::open(&settings(&sqlite(&path))).await.expect("a ledger");
    ledger.probe().await.expect("a working ledger");
    assert!(path.is_file(), "the file has the name that was asked for");
    assert!(folder.path().join("a b%20ü#.db-wal").is_file(), "it has a write-ahead log");
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&path).expect("a file").permissions(),
    );
    assert_eq!(mode & 0o777, 0o600, "it holds the signing key");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let error = refusal("postgres://ap:s3cret@127.0.0.1:9/ap").await;
    assert!(error.contains("127.0.0.1:9/ap"), "{error}");
    assert!(!error.contains("s3cret"), "{error}");
    let url = crate::postgres::fresh_database().await;
    let missing = url.replacen("postgres:///", "postgres:///no_such_", 1);
    let error = refusal(&missing).await;
    assert!(error.contains("make the database first"), "{error}");
}

#[rstest]
#[tokio::test]
async fn what_this_version_cannot_read_is_named(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let pool = fixture.rows().await;
    for (column, value) in [
        ("status", "melting"),
        ("holds", "x"),
        ("sha256", "short"),
        ("due_date", "soon"),
        ("total_digits", "much"),
    ] {
        let id = fixture.accepted().await;
        let sql = AssertSqlSafe(format!("UPDATE invoice SET {column} = $2 WHERE id = $1"));
        let change = sqlx::query(sql).bind(id.as_str()).bind(value);
        change.execute(&pool).await.expect("a change");
        let read = fixture.ledger.invoice(&id).await;
        let error = read.expect_err(column).to_string();
        assert!(error.contains(id.as_str()) && error.contains(column), "{error}");
    }
}

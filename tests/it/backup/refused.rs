//! What is not restored, and that nothing is touched then.

use std::path::Path;

use tempfile::TempDir;

use crate::backup::{Stores, well};
use crate::commands::err;
use crate::ledger::Database::{Postgres, Sqlite};
use crate::postgres;

/// Spoils a backup, or the place that it is to be restored to.
type Spoil = fn(backup: &Path, target: &Path);

#[rustfmt::skip]
const SPOILT: &[(&str, Spoil)] = &[
    ("ledger.db: FAILED", |backup, _| flip(&backup.join("ledger.db"))),
    ("it has no manifest", |backup, _| remove(&backup.join("manifest.sha256"))),
    ("about: FAILED open or read", |backup, _| remove(&backup.join("about"))),
    ("that its manifest does not name", |backup, _| write(&backup.join("artifacts/more"))),
    ("ledger.db is there", |_, target| write(&target.join("ledger.db"))),
    ("ledger.db-wal is there", |_, target| write(&target.join("ledger.db-wal"))),
    ("documents is not empty", |_, target| write(&target.join("documents/sha256/00/0"))),
];

fn flip(file: &Path) {
    let mut bytes = std::fs::read(file).expect("it is there");
    *bytes.last_mut().expect("it has bytes") ^= 1;
    std::fs::write(file, bytes).expect("writable");
}

fn remove(file: &Path) {
    std::fs::remove_file(file).expect("it was there");
}

fn write(file: &Path) {
    std::fs::create_dir_all(file.parent().expect("a folder")).expect("writable");
    std::fs::write(file, "x").expect("writable");
}

fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_or_a_target_that_is_not_empty_is_refused_and_nothing_is_touched() {
    let stores = Stores::open(Sqlite).await;
    stores.accept().await;
    for (number, (refusal, spoil)) in SPOILT.iter().enumerate() {
        let (name, target) = (format!("backup-{number}"), TempDir::new().expect("a folder"));
        well(&stores.back_up(&name).await);
        let ledger = format!("sqlite:{}", target.path().join("ledger.db").display());
        spoil(&stores.at(&name), target.path());
        let there = files(target.path());
        let documents = target.path().join("documents");
        let refused = stores.restore(&name, &ledger, &documents).await;
        assert_eq!(refused.status.code(), Some(1), "{refusal}");
        assert!(err(&refused).contains(refusal), "{refusal}: {}", err(&refused));
        assert_eq!(files(target.path()), there, "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_tables_and_one_of_the_other_kind_are_refused() {
    let (postgres, sqlite) = (Stores::open(Postgres).await, Stores::open(Sqlite).await);
    postgres.accept().await;
    sqlite.accept().await;
    well(&postgres.back_up("backup").await);
    well(&sqlite.back_up("backup").await);
    let documents = postgres.at("documents");
    for (stores, url, refusal) in [
        (&postgres, postgres.url(), "tables: restore into an empty one"),
        (&sqlite, &postgres::fresh_database().await, "is not of postgres"),
    ] {
        let refused = stores.restore("backup", url, &documents).await;
        assert!(err(&refused).contains(refusal), "{}", err(&refused));
        assert_eq!((refused.status.code(), files(&documents)), (Some(1), 0), "{refusal}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_into_a_new_folder_and_leaves_none_when_it_fails() {
    let stores = Stores::open(Sqlite).await;
    stores.accept().await;
    well(&stores.back_up("backup").await);
    let again = stores.back_up("backup").await;
    assert!(err(&again).contains("is there already"), "{}", err(&again));

    let (nothing, documents) = ("sqlite:/nowhere/ledger.db", stores.at("artifacts"));
    let failed = crate::backup::script("backup", &stores.at("none"), nothing, &documents).await;
    assert!(err(&failed).contains("/nowhere/ledger.db is not there"), "{}", err(&failed));
    assert!(!stores.at("none").exists() && !stores.at("none.part").exists());
}

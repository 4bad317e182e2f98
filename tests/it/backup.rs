//! `deploy/backup` and `deploy/restore`, run as an operator runs them.

mod beside_temporal;
mod refused;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use ap_gateway::config;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceFilter, InvoiceRow};
use ap_gateway::storage::{Artifacts, Ledger};
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::commands::{err, out};
use crate::harness::{PATIENCE, within};
use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, new_invoice, unique};
use crate::postgres;

/// A ledger, its documents, and a place for backups of them.
struct Stores {
    source: Fixture,
    artifacts: Artifacts,
    folder: TempDir,
}

impl Stores {
    async fn open(database: Database) -> Self {
        let (source, folder) = (database.open().await, TempDir::new().expect("a folder"));
        let artifacts = artifacts(&folder.path().join("artifacts")).await;
        Self { source, artifacts, folder }
    }

    fn url(&self) -> &str {
        self.source.settings.url.expose_secret()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An invoice as it is accepted: first the document, then the row.
    async fn accept(&self) -> InvoiceId {
        let document = unique();
        self.artifacts.put(document.clone()).await.expect("kept");
        let accepted = self.source.ledger.accept_invoice(new_invoice(&document)).await;
        let Acceptance::New(row) = accepted.expect("accepted") else { panic!("a new document") };
        row.id
    }

    async fn back_up(&self, name: &str) -> Output {
        script("backup", &self.at(name), self.url(), &self.at("artifacts")).await
    }

    async fn restore(&self, name: &str, ledger: &str, artifacts: &Path) -> Output {
        script("restore", &self.at(name), ledger, artifacts).await
    }
}

async fn artifacts(folder: &Path) -> Artifacts {
    let settings = config::Artifacts { folder: folder.to_owned() };
    Artifacts::open(&settings).await.expect("a folder of documents")
}

async fn script(name: &str, folder: &Path, ledger: &str, artifacts: &Path) -> Output {
    let mut command = Command::new(format!("{}/deploy/{name}", env!("CARGO_MANIFEST_DIR")));
    command.arg(folder).env("AP_GATEWAY_LEDGER_URL", ledger).env("AP_GATEWAY_ARTIFACTS", artifacts);
    let ran = tokio::time::timeout(PATIENCE, command.kill_on_drop(true).output()).await;
    ran.expect("the script ends").expect("the script starts")
}

fn well(output: &Output) {
    assert!(output.status.success(), "{}{}", out(output), err(output));
}

async fn all_invoices(ledger: &Ledger) -> Vec<InvoiceRow> {
    let mut all: Vec<InvoiceRow> = Vec::new();
    loop {
        let after = all.last().map(|row| row.id.clone());
        let page = ledger.invoices(&InvoiceFilter::default(), after.as_ref(), 200).await;
        let page = page.expect("a page");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_while_the_ledger_is_written_to_has_all_rows_and_each_document(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let stores = Stores::open(database).await;
    let mut before = Vec::new();
    for _ in 0..100 {
        before.push(stores.accept().await);
    }
    let (written, stop) = (AtomicUsize::new(0), CancellationToken::new());
    let writing = async {
        while !stop.is_cancelled() {
            stores.accept().await;
            written.fetch_add(1, Relaxed);
        }
    };
    let backing_up = async {
        let goes_on = async || (written.load(Relaxed) > 0).then_some(());
        within(PATIENCE, "it is written to", goes_on).await;
        let at_first = written.load(Relaxed);
        let backup = stores.back_up("backup").await;
        stop.cancel();
        assert!(written.load(Relaxed) > at_first, "nothing was written meanwhile");
        backup
    };
    let ((), backup) = tokio::join!(writing, backing_up);
    well(&backup);

    let url = match database {
        Sqlite => format!("sqlite:{}", stores.at("new/ledger.db").display()),
        Postgres => postgres::fresh_database().await,
    };
    well(&stores.restore("backup", &url, &stores.at("new/documents")).await);
    let settings =
        config::Ledger { url: SecretString::from(url), ..stores.source.settings.clone() };
    let ledger = Ledger::open(&settings).await.expect("the restored ledger opens");
    let documents = artifacts(&stores.at("new/documents")).await;
    let rows = all_invoices(&ledger).await;
    for id in before {
        assert!(rows.iter().any(|row| row.id == id), "{id} is not there");
    }
    for row in rows {
        let bytes = documents.get(&row.sha256).await;
        assert_eq!(bytes.expect("its document").len() as u64, row.bytes);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_missing_or_altered_is_told_and_the_rest_is_kept(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let stores = Stores::open(database).await;
    let (lost, altered, given_up) =
        (stores.accept().await, stores.accept().await, stores.accept().await);
    let mut digests = Vec::new();
    for id in [&lost, &altered, &given_up] {
        digests.push(stores.source.row(id).await.sha256.as_str().to_owned());
    }
    let file = |digest: &str| stores.at("artifacts/sha256").join(&digest[..2]).join(digest);
    std::fs::remove_file(file(&digests[0])).expect("it was there");
    std::fs::write(file(&digests[1]), "something else").expect("writable");
    std::fs::remove_file(file(&digests[2])).expect("it was there");
    let sql = format!("UPDATE invoice SET document_removed_at = 1 WHERE id = '{given_up}'");
    let given_up = sqlx::query(AssertSqlSafe(sql)).execute(&stores.source.rows().await).await;
    given_up.expect("marked");

    let backup = stores.back_up("backup").await;
    assert_eq!(backup.status.code(), Some(3), "{}{}", out(&backup), err(&backup));
    assert!(err(&backup).contains("2 of them"), "{}", err(&backup));
    let named = std::fs::read_to_string(stores.at("backup/missing")).expect("a list");
    let mut expected = [digests[0].as_str(), digests[1].as_str()];
    expected.sort_unstable();
    assert_eq!(named.lines().collect::<Vec<_>>(), expected, "{database:?}");
}

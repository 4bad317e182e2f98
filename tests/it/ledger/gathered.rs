//! Reads of single invoices that go together: nobody notices.

use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::LedgerError;
use futures::future::join_all;
use rstest::rstest;
use tokio::task::{JoinHandle, JoinSet};
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, now};

/// The id of what was found.
type Found = Result<Option<InvoiceId>, LedgerError>;

async fn accepted(fixture: &Fixture, number: usize) -> Vec<InvoiceId> {
    let mut ids = Vec::new();
    for _ in 0..number {
        ids.push(fixture.accepted().await);
    }
    ids
}

fn ask(fixture: &Fixture, id: &InvoiceId) -> JoinHandle<Found> {
    let (ledger, id) = (fixture.ledger.clone(), id.clone());
    tokio::spawn(async move { Ok(ledger.invoice_gathered(&id).await?.map(|row| row.id)) })
}

async fn ask_all<'a>(
    fixture: &Fixture,
    ids: impl IntoIterator<Item = &'a InvoiceId>,
) -> Vec<(InvoiceId, Found)> {
    let asked: Vec<_> = ids.into_iter().map(|id| (id.clone(), ask(fixture, id))).collect();
    join_all(asked.into_iter().map(async |(id, found)| (id, found.await.expect("no panic")))).await
}

/// More than one read holds, some of them asked for often, some not there.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_caller_gets_its_own(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ids = accepted(&fixture, 150).await;
    let strangers: Vec<_> = (0..20).map(|_| InvoiceId::new(Uuid::now_v7())).collect();
    let asked = ids.iter().chain(&strangers).chain(&ids[..40]).chain(&ids);
    for (id, found) in ask_all(&fixture, asked).await {
        let there = ids.contains(&id).then_some(id);
        assert_eq!(found.expect("an answer"), there);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_takes_nobody_along(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ids = accepted(&fixture, 40).await;
    for round in 0..20 {
        let asked: Vec<_> = ids.iter().map(|id| (id.clone(), ask(&fixture, id))).collect();
        for (id, found) in asked.into_iter().skip(round % 4) {
            // Whoever reads for all is among those that go.
            if id.as_str().bytes().map(usize::from).sum::<usize>() % 2 == round % 2 {
                found.abort();
                continue;
            }
            assert_eq!(found.await.expect("no panic").expect("an answer"), Some(id));
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_read_is_an_error_of_its_own(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ids = accepted(&fixture, 30).await;
    let sql = "UPDATE invoice SET status = 'nonsense' WHERE id = $1";
    let altered = sqlx::query(sql).bind(ids[7].as_str()).execute(&fixture.rows().await).await;
    altered.expect("an altered row");
    for (id, found) in ask_all(&fixture, ids.iter().chain(&ids)).await {
        match found {
            Ok(found) => assert_eq!((found.as_ref(), id == ids[7]), (Some(&id), false)),
            Err(error) => {
                assert_eq!(id, ids[7]);
                assert!(matches!(error, LedgerError::Unreadable { .. }), "{error}");
            }
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_before_is_seen(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ids = accepted(&fixture, 25).await;
    let mut readers = JoinSet::new();
    for id in ids.iter().cycle().take(50) {
        let (ledger, id) = (fixture.ledger.clone(), id.clone());
        readers.spawn(async move {
            loop {
                ledger.invoice_gathered(&id).await.expect("an answer");
            }
        });
    }
    for id in &ids {
        let entered = fixture.ledger.enter(id, S::Extracting, now()).await;
        assert_eq!(entered.expect("an answer"), S::Extracting);
        let row = fixture.ledger.invoice_gathered(id).await.expect("an answer");
        assert_eq!(row.expect("an invoice").status, S::Extracting);
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failed_read_is_told_to_all(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ids = accepted(&fixture, 30).await;
    let rows = fixture.rows().await;
    let renamed = sqlx::query("ALTER TABLE invoice RENAME TO elsewhere").execute(&rows).await;
    renamed.expect("a table with another name");
    for (id, found) in ask_all(&fixture, &ids).await {
        assert!(matches!(found, Err(LedgerError::Unavailable(_))), "{id}: {found:?}");
    }
    let renamed = sqlx::query("ALTER TABLE elsewhere RENAME TO invoice").execute(&rows).await;
    renamed.expect("the name it had");
    for (id, found) in ask_all(&fixture, &ids).await {
        assert_eq!(found.expect("an answer"), Some(id));
    }
}

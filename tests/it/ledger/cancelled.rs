//! Callers that go away in the middle: nothing is left half, and nobody waits for them.

use std::time::Duration;

use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::invoices::InvoiceFilter;
use ap_gateway::storage::ledger::matching::Concerns;
use rstest::rstest;
use tokio::task::JoinSet;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{extraction, new_invoice, now, takes};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn callers_that_go_away_leave_nothing_half(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut tasks = JoinSet::new();
    for number in 0..200_u64 {
        let ledger = fixture.ledger.clone();
        let life = async move {
            let new = new_invoice(&number.to_string());
            let id = new.id.clone();
            ledger.accept_invoice(new).await?;
            ledger.enter(&id, S::Extracting, now()).await?;
            let read = extraction(&format!("RE-{number}"), "PO-1");
            ledger.record_extraction(&id, &read, now()).await?;
            let (matching, _) = ledger.matching(&id, Concerns::orders(&["PO-1"])).await?;
            matching.record(&takes("h", "PO-1", "1"), S::Approved, now()).await
        };
        // Every fourth stays; the others go sooner or later.
        let patience = match number % 4 {
            3 => Duration::from_mins(1),
            _ => Duration::from_millis(number * 5),
        };
        tasks.spawn(tokio::time::timeout(patience, life));
    }
    let outcomes = tasks.join_all().await;
    let cut = outcomes.iter().filter(|outcome| outcome.is_err()).count();
    assert!((1..=150).contains(&cut), "{cut} of 200 were cut off");
    assert!(outcomes.into_iter().flatten().all(|outcome| matches!(outcome, Ok(S::Approved))));
    let rows = fixture.ledger.invoices(&InvoiceFilter::default(), None, 500).await;
    let pool = fixture.rows().await;
    for row in rows.expect("a list") {
        let revisions: Vec<_> = fixture.events(&row.id).await.iter().map(|event| event.0).collect();
        assert_eq!(revisions, (1..=row.revision).collect::<Vec<_>>());
        let sql = "SELECT COUNT(*) FROM allocation WHERE invoice_id = $1";
        let taken: i64 =
            sqlx::query_scalar(sql).bind(row.id.as_str()).fetch_one(&pool).await.expect("a count");
        assert_eq!(taken, i64::from(row.status == S::Approved), "{:?}", row.status);
    }
    let writing = tokio::time::timeout(Duration::from_secs(5), fixture.ledger.probe()).await;
    writing.expect("nobody holds the ledger").expect("a working ledger");
}

//! What is past its period goes; what is not, or is still needed, stays.

use ap_gateway::models::access::Author;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceFilter};
use ap_gateway::storage::ledger::matching::Concerns;
use ap_gateway::storage::ledger::retention::Part;
use chrono::TimeDelta;
use rstest::rstest;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{extraction, new_invoice, now, takes};

#[rstest]
#[tokio::test]
async fn only_what_is_past_and_finished_is_removed(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let by = Author { subject: "schedule:test".to_owned(), ..Author::default() };
    let ledger = fixture.ledger.acting_for(by);
    let open = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let gone = fixture.validated(&extraction("RE-2", "PO-1")).await;
    let (matching, _) = ledger.matching(&gone, Concerns::orders(&["PO-1"])).await.expect("a turn");
    matching.record(&takes("h", "PO-1", "1"), S::Held, now()).await.expect("recorded");
    ledger.enter(&gone, S::Rejected, now()).await.expect("rejected");
    let past = now() - TimeDelta::days(1);
    let soon = now() + TimeDelta::seconds(1);
    for part in [Part::Document, Part::Rows] {
        assert!(ledger.expired(part, past, None, 10).await.expect("a list").is_empty());
        assert!(!ledger.remove(part, &gone, past, now()).await.expect("an answer"), "not yet");
        let found = ledger.expired(part, soon, None, 10).await.expect("a list");
        let found: Vec<_> = found.into_iter().map(|(id, _)| id).collect();
        assert_eq!(found, std::slice::from_ref(&gone), "{part:?}");
        assert!(!ledger.remove(part, &open, soon, now()).await.expect("an answer"), "not over");
        assert!(ledger.remove(part, &gone, soon, now()).await.expect("an answer"));
        assert!(!ledger.remove(part, &gone, soon, now()).await.expect("an answer"), "once");
        assert!(ledger.expired(part, soon, None, 10).await.expect("a list").is_empty());
    }
    let removed = ledger.removed(&gone).await.expect("an answer");
    assert!(removed.document.is_some() && removed.rows.is_some(), "{removed:?}");
    assert_eq!(ledger.removed(&open).await.expect("an answer"), Default::default());
    assert!(ledger.extraction(&gone).await.expect("an answer").is_none());
    assert!(ledger.reconciliation(&gone).await.expect("an answer").is_none());
    assert!(fixture.events(&gone).await.is_empty());
    assert!(ledger.extraction(&open).await.expect("an answer").is_some());
    // That it was here, and what it took from its order, goes on to count.
    assert_eq!(fixture.row(&gone).await.number.as_deref(), Some("RE-2"));
    let sql = "SELECT COUNT(*) FROM allocation WHERE invoice_id = $1";
    let count = sqlx::query_scalar(sql).bind(gone.as_str()).fetch_one(&fixture.rows().await).await;
    assert!(count.is_ok_and(|rows: i64| rows > 0));
    let trail = ledger.audit(0, 100).await.expect("a trail");
    let words = trail.iter().filter(|row| row.resource.as_deref() == Some(gone.as_str()));
    let words: Vec<_> = words.map(|row| row.action.as_str()).collect();
    assert_eq!(words, ["remove_document", "remove_rows"]);
}

#[rstest]
#[tokio::test]
async fn bytes_that_others_need_are_known_and_sent_again_they_are_another_invoice(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let accept = async |key: Option<&str>| {
        let mut new = new_invoice("the same");
        new.key = key.map(str::to_owned);
        match ledger.accept_invoice(new).await.expect("an answer") {
            Acceptance::New(row) => (true, row),
            Acceptance::Known(row) => (false, row),
            other => panic!("{other:?}"),
        }
    };
    let (_, first) = accept(None).await;
    let (_, second) = accept(Some("k")).await;
    assert!(ledger.needed_elsewhere(&first.sha256, first.id.as_str()).await.expect("an answer"));
    let soon = now() + TimeDelta::seconds(1);
    for id in [&first.id, &second.id] {
        ledger.enter(id, S::Cancelled, now()).await.expect("withdrawn");
        assert!(ledger.remove(Part::Document, id, soon, now()).await.expect("an answer"));
    }
    assert!(!ledger.needed_elsewhere(&first.sha256, first.id.as_str()).await.expect("an answer"));
    let (is_new, again) = accept(None).await;
    assert!(is_new, "what was removed years ago is no answer to who sends it now");
    assert_ne!(again.id, first.id);
    let (is_new, known) = accept(None).await;
    assert!(!is_new);
    assert_eq!(known.id, again.id);
    let all = ledger.invoices(&InvoiceFilter::default(), None, 10).await.expect("a list");
    assert_eq!(all.len(), 3);
}

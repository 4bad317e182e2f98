//! Acceptance: each document once, whatever is repeated, and by however many at once.

use ap_gateway::models::status::InvoiceStatus;
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceFilter, NewInvoice};
use rstest::rstest;
use tokio::task::JoinSet;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, new_invoice};

fn keyed(content: &str, key: &str) -> NewInvoice {
    NewInvoice { key: Some(key.to_owned()), ..new_invoice(content) }
}

async fn accept(fixture: &Fixture, new: NewInvoice) -> String {
    let ids = match fixture.ledger.accept_invoice(new).await.expect("an answer") {
        Acceptance::New(row) => ("new", row.id),
        Acceptance::Known(row) => ("known", row.id),
        Acceptance::KeyReused(id) => ("reused", id),
    };
    format!("{} {}", ids.0, ids.1)
}

#[rstest]
#[tokio::test]
async fn a_new_row_is_what_was_sent(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let new = NewInvoice { purchase_order: Some("PO-7".to_owned()), ..keyed("a", "k") };
    let Acceptance::New(row) = fixture.ledger.accept_invoice(new.clone()).await.expect("an answer")
    else {
        panic!("not new");
    };
    assert_eq!((row.id.clone(), row.status, row.revision), (new.id, InvoiceStatus::Received, 1));
    assert_eq!((row.sha256.clone(), row.bytes), (new.sha256, 1));
    assert_eq!(row.submitted_by, "key:erp");
    assert_eq!(row.purchase_order.as_deref(), Some("PO-7"));
    assert_eq!(row.received_at.timestamp_micros(), new.received_at.timestamp_micros());
    assert_eq!(fixture.row(&row.id).await, row);
    let events = fixture.events(&row.id).await;
    assert_eq!(events, [(1, "status".to_owned(), serde_json::json!({ "to": "received" }))]);
}

#[rstest]
#[tokio::test]
async fn repeats_find_the_first(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let first = keyed("a", "k1");
    let id = first.id.clone();
    let hint = NewInvoice { purchase_order: Some("PO-1".to_owned()), ..keyed("a", "k1") };
    let elsewhere = |new: NewInvoice| NewInvoice { subject: "key:other".to_owned(), ..new };
    let new_key = keyed("a", "k2");
    let other_subject = elsewhere(keyed("a", "k1"));
    let steps = [
        (first, format!("new {id}")),
        (keyed("a", "k1"), format!("known {id}")),
        (keyed("b", "k1"), format!("reused {id}")),
        (hint, format!("reused {id}")),
        (new_invoice("a"), format!("known {id}")),
        (elsewhere(new_invoice("a")), format!("known {id}")),
        (new_key.clone(), format!("new {}", new_key.id)),
        (other_subject.clone(), format!("new {}", other_subject.id)),
        (new_invoice("a"), format!("known {id}")),
    ];
    for (index, (new, expected)) in steps.into_iter().enumerate() {
        assert_eq!(accept(&fixture, new).await, expected, "step {index}");
    }
}

#[rstest]
#[case::with_one_key(Some("k"))]
#[case::without_a_key(None)]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_one_wins(
    #[values(Sqlite, Postgres)] database: Database,
    #[case] key: Option<&str>,
) {
    let fixture = database.open().await;
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let ledger = fixture.ledger.clone();
        let new = NewInvoice { key: key.map(str::to_owned), ..new_invoice("a") };
        tasks.spawn(async move { ledger.accept_invoice(new).await.expect("an answer") });
    }
    let mut won = Vec::new();
    let mut found = Vec::new();
    for answer in tasks.join_all().await {
        match answer {
            Acceptance::New(row) => won.push(row.id),
            Acceptance::Known(row) => found.push(row.id),
            Acceptance::KeyReused(id) => panic!("{id}: the bytes are the same"),
        }
    }
    assert_eq!((won.len(), found.len()), (1, 99));
    assert!(found.iter().all(|id| *id == won[0]));
    let all = fixture.ledger.invoices(&InvoiceFilter::default(), None, 10).await;
    assert_eq!(all.expect("a list").len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_documents_at_once_are_all_kept(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut tasks = JoinSet::new();
    for document in 0..100 {
        let ledger = fixture.ledger.clone();
        let new = new_invoice(&document.to_string());
        tasks.spawn(async move { ledger.accept_invoice(new).await.expect("an answer") });
    }
    let answers = tasks.join_all().await;
    assert!(answers.iter().all(|answer| matches!(answer, Acceptance::New(_))));
    let all = fixture.ledger.invoices(&InvoiceFilter::default(), None, 200).await;
    assert_eq!(all.expect("a list").len(), 100);
}

#[rstest]
#[tokio::test]
async fn odd_texts_are_kept_and_not_run(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let odd = ["'; DROP TABLE invoice; --", "nul\0nul", "$1", "", "ü🦀"];
    for (index, text) in odd.into_iter().chain([&*"x".repeat(100_000)]).enumerate() {
        let new = NewInvoice {
            subject: text.to_owned(),
            key: Some(text.to_owned()),
            purchase_order: Some(text.to_owned()),
            ..new_invoice(&index.to_string())
        };
        let id = new.id.clone();
        assert_eq!(accept(&fixture, new.clone()).await, format!("new {id}"));
        assert_eq!(accept(&fixture, new).await, format!("known {id}"));
        let filter =
            InvoiceFilter { purchase_order: Some(text.to_owned()), ..InvoiceFilter::default() };
        let found = fixture.ledger.invoices(&filter, None, 10).await.expect("a list");
        assert_eq!(found.into_iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    }
}

#[rstest]
#[tokio::test]
async fn an_id_is_never_used_twice(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let first = new_invoice("a");
    let second = NewInvoice { id: first.id.clone(), ..new_invoice("b") };
    accept(&fixture, first.clone()).await;
    let error = fixture.ledger.accept_invoice(second).await.expect_err("a taken id");
    assert!(error.to_string().contains(first.id.as_str()), "{error}");
}

//! Batches: one row for each key, one invoice for each item, and an end for each.

use ap_gateway::models::batch::{BatchKind, BatchStatus, ItemState, Known, Refusal};
use ap_gateway::models::refs::{BatchId, InvoiceId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::batches::{
    BatchAcceptance, BatchFilter, ItemResult, NewBatch, NewDocument, NewItem,
};
use ap_gateway::storage::ledger::invoices::InvoiceFilter;
use ap_gateway::trace::{Trace, within};
use rstest::rstest;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, new_invoice, now, unique};

fn new_batch(key: &str, kind: BatchKind, known: Known) -> NewBatch {
    NewBatch {
        id: BatchId::new(Uuid::now_v7()),
        kind,
        subject: "key:erp".to_owned(),
        key: key.to_owned(),
        known,
        source: (kind != BatchKind::Inline).then(|| Sha256::from_bytes(&[7; 32])),
        created_at: now(),
    }
}

pub(crate) fn item(key: &str, content: &str) -> NewItem {
    let new = new_invoice(content);
    let document = NewDocument {
        sha256: new.sha256,
        bytes: new.bytes,
        media_type: new.media_type,
        purchase_order: None,
    };
    NewItem { item_key: key.to_owned(), name: Some(format!("{key}.xml")), document: Ok(document) }
}

fn bad(key: &str) -> NewItem {
    let problem = Refusal::Malformed.because("The document is empty.").with("n", 1);
    NewItem { item_key: key.to_owned(), name: None, document: Err(problem) }
}

pub(crate) async fn inline(
    fixture: &Fixture,
    key: &str,
    items: &[NewItem],
) -> BatchAcceptance<Vec<ItemResult>> {
    let new = new_batch(key, BatchKind::Inline, Known::New);
    fixture.ledger.accept_batch(new, items).await.expect("an answer")
}

pub(crate) fn id(result: &ItemResult) -> InvoiceId {
    let ItemResult::Accepted(row) = result else { panic!("{result:?}") };
    row.id.clone()
}

async fn invoices(fixture: &Fixture) -> usize {
    let all = fixture.ledger.invoices(&InvoiceFilter::default(), None, 500).await;
    all.expect("a list").len()
}

#[rstest]
#[tokio::test]
async fn the_same_key_replays_and_takes_corrections(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let items = [item("a", "one"), bad("b"), item("c", "three")];
    let BatchAcceptance::New(batch, first) = inline(&fixture, "k", &items).await else { panic!() };
    assert_eq!((batch.status, batch.items), (BatchStatus::Accepted, Some(3)));
    assert!(matches!(&first[1], ItemResult::Refused(problem) if problem.status == 400));
    let again = inline(&fixture, "k", &items).await;
    let BatchAcceptance::Known(same, again) = again else { panic!("{again:?}") };
    assert_eq!((&same, id(&again[0]), id(&again[2])), (&batch, id(&first[0]), id(&first[2])));
    let corrected = inline(&fixture, "k", &[item("b", "two"), item("a", "other")]).await;
    let BatchAcceptance::Known(_, corrected) = corrected else { panic!("{corrected:?}") };
    assert!(matches!(&corrected[1], ItemResult::KeyReused(known) if *known == id(&first[0])));
    let rows = fixture.ledger.batch_items(&batch.id, None, 0, 10).await.expect("items");
    assert_eq!(rows[1].invoice, Some((id(&corrected[0]), S::Received)));
    assert_eq!((rows[1].state, &rows[1].problem), (ItemState::Accepted, &None));
    let unknown = inline(&fixture, "k", &[item("d", "four")]).await;
    assert!(matches!(unknown, BatchAcceptance::KeyReused(known) if known == batch.id));
    assert_eq!(invoices(&fixture).await, 3);
    // Another subject has its own keys.
    let other = NewBatch {
        subject: "key:other".to_owned(),
        ..new_batch("k", BatchKind::Inline, Known::New)
    };
    let other = fixture.ledger.accept_batch(other, &items).await.expect("an answer");
    assert!(matches!(other, BatchAcceptance::New(..)), "{other:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_at_once_one_makes_the_batch(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut posts = JoinSet::new();
    for turn in 0..100 {
        let ledger = fixture.ledger.clone();
        posts.spawn(async move {
            // Half of them bring the same documents in the other order, as another batch, and mean
            // those that are known: they wait for each other, and not for ever.
            let mut items = vec![item("a", "one"), item("b", "two"), bad("c")];
            let (key, known) = if turn % 2 == 0 { ("k", Known::New) } else { ("l", Known::Replay) };
            if turn % 4 == 1 {
                items.reverse();
            }
            let new = new_batch(key, BatchKind::Inline, known);
            matches!(
                ledger.accept_batch(new, &items).await.expect("an answer"),
                BatchAcceptance::New(..)
            )
        });
    }
    let made = posts.join_all().await.into_iter().filter(|made| *made).count();
    assert_eq!(made, 2);
    // Replays find what is there: two of the one batch, and of the other at most two more.
    assert!((2..=4).contains(&invoices(&fixture).await));
    let batches = fixture.ledger.batches(&BatchFilter::default(), None, 10).await.expect("a list");
    assert_eq!(batches.len(), 2);
}

#[rstest]
#[tokio::test]
async fn items_are_taken_once_and_never_after_the_end(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let new = new_batch(&unique(), BatchKind::Archive, Known::New);
    let again = NewBatch { id: BatchId::new(Uuid::now_v7()), ..new.clone() };
    let other = NewBatch { source: Some(Sha256::from_bytes(&[8; 32])), ..again.clone() };
    let opened = ledger.open_batch(new).await.expect("opened");
    let BatchAcceptance::New(batch, ()) = opened else { panic!("{opened:?}") };
    let known = ledger.open_batch(again).await.expect("opened");
    assert!(matches!(known, BatchAcceptance::Known(same, ()) if same == batch));
    let reused = ledger.open_batch(other).await.expect("opened");
    assert!(matches!(reused, BatchAcceptance::KeyReused(same) if same == batch.id));

    let name = Some("a\u{0}b".to_owned());
    let keys = ["1", "2", "3", "4"];
    let listed: Vec<_> = keys.iter().map(|key| (*key, &name)).collect();
    for _ in 0..2 {
        let status = ledger.list_batch_items(&batch.id, 0, &listed).await.expect("listed");
        assert_eq!(status, BatchStatus::Accepting);
    }
    ledger.batch_listed(&batch.id, 4).await.expect("counted");
    for _ in 0..2 {
        let taken = [item("1", "one"), bad("2")];
        let status = ledger.take_batch_items(&batch.id, &taken, now()).await.expect("taken");
        assert_eq!(status, BatchStatus::Accepting);
    }
    assert_eq!(invoices(&fixture).await, 1);
    let problem = Refusal::Defect.because("a defect");
    ledger.refuse_batch_items(&batch.id, (1, 4), &problem).await.expect("refused");
    for _ in 0..2 {
        let ended = ledger.end_batch(&batch.id, BatchStatus::Cancelled, None, now()).await;
        assert_eq!(ended.expect("ended").1.status, BatchStatus::Cancelled);
    }
    let late = ledger.take_batch_items(&batch.id, &[item("4", "four")], now()).await;
    assert_eq!(late.expect("an answer"), BatchStatus::Cancelled);
    let states: Vec<_> = ledger
        .batch_items(&batch.id, None, 0, 10)
        .await
        .expect("items")
        .into_iter()
        .map(|row| (row.state, row.problem.map(|problem| problem.status)))
        .collect();
    let expected = [
        (ItemState::Accepted, None),
        (ItemState::Refused, Some(400)),
        (ItemState::Refused, Some(500)),
        (ItemState::Cancelled, None),
    ];
    assert_eq!(states, expected);
    assert_eq!(invoices(&fixture).await, 1);
    let counts = ledger.batch_counts(&batch.id).await.expect("counted");
    let expected = [("cancelled", 1), ("received", 1), ("refused", 2)];
    assert_eq!(counts, expected.map(|(word, count)| (word.to_owned(), count)).into());
}

#[rstest]
#[tokio::test]
async fn a_batch_has_finished_when_its_invoices_rest_and_not_when_one_comes_later(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let accepted = inline(&fixture, "k", &[item("a", "one"), bad("b")]).await;
    let BatchAcceptance::New(batch, results) = accepted else { panic!("{accepted:?}") };
    assert!(ledger.finish_batches(now()).await.expect("looked").is_empty());
    ledger.enter(&id(&results[0]), S::Cancelled, now()).await.expect("entered");
    assert_eq!(
        ledger.finish_batches(now()).await.expect("looked"),
        std::slice::from_ref(&batch.id)
    );
    assert!(ledger.finish_batches(now()).await.expect("looked").is_empty());
    let finished = ledger.batch(&batch.id).await.expect("read").expect("a batch").finished_at;
    assert!(finished.is_some());
    inline(&fixture, "k", &[item("b", "two")]).await;
    let reopened = ledger.batch(&batch.id).await.expect("read").expect("a batch");
    assert_eq!(reopened.finished_at, None);
    assert!(ledger.finish_batches(now()).await.expect("looked").is_empty());
}

#[rstest]
#[tokio::test]
async fn known_bytes_are_the_invoice_that_exists_when_that_is_wished(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let first = fixture.ledger.accept_invoice(new_invoice("one")).await.expect("accepted");
    let ap_gateway::storage::ledger::invoices::Acceptance::New(first) = first else { panic!() };
    for (key, known, same) in [("k", Known::Replay, true), ("l", Known::New, false)] {
        let new = new_batch(key, BatchKind::Inline, known);
        let accepted = fixture.ledger.accept_batch(new, &[item("a", "one")]).await;
        let BatchAcceptance::New(batch, results) = accepted.expect("an answer") else { panic!() };
        assert_eq!(id(&results[0]) == first.id, same, "{key}");
        let filter = InvoiceFilter { batch: Some(batch.id), ..InvoiceFilter::default() };
        let listed = fixture.ledger.invoices(&filter, None, 10).await.expect("a list");
        assert_eq!(listed.iter().map(|row| row.id.clone()).collect::<Vec<_>>(), [id(&results[0])]);
    }
}

#[rstest]
#[tokio::test]
async fn the_trace_of_a_request_is_kept_with_its_batch(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let (traced, plain) = (
        new_batch("traced", BatchKind::Inline, Known::New),
        new_batch("plain", BatchKind::Inline, Known::New),
    );
    let ids = [traced.id.clone(), plain.id.clone()];
    let trace = Trace::new();
    let accepting = fixture.ledger.accept_batch(traced, &[]);
    within(Some(trace.clone()), accepting).await.expect("an answer");
    fixture.ledger.accept_batch(plain, &[]).await.expect("an answer");
    for (id, kept) in ids.iter().zip([Some(trace), None]) {
        assert_eq!(fixture.ledger.batch_trace(id).await.expect("an answer"), kept);
    }
}

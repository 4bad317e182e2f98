//! What payments take from invoices: never more than is open, whoever comes at once.

use std::collections::{BTreeMap, BTreeSet};

use ap_gateway::models::payment::of_invoice::open_item;
use ap_gateway::models::payment::{Direction, Row, Transaction};
use ap_gateway::models::refs::{EntryId, InvoiceId, Sha256};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::dispatch::Wake;
use ap_gateway::storage::ledger::entries::NewEntry;
use ap_gateway::storage::ledger::open_items::ListedItem;
use ap_gateway::storage::ledger::payments::NotPosted;
use ap_gateway::storage::ledger::statements::StatementAcceptance;
use rstest::rstest;
use rust_decimal::Decimal;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, new_statement, now, unique};

/// An approved invoice over 1190.00 with its item.
pub(crate) async fn approved(fixture: &Fixture) -> InvoiceId {
    let id = fixture.validated(&extraction(&unique(), "PO-1")).await;
    for next in [S::Matching, S::Approved] {
        fixture.ledger.enter(&id, next, now()).await.expect("a step");
    }
    let unlisted = fixture.ledger.unlisted(10).await.expect("a list");
    let mut listed = Vec::new();
    for (id, revision) in unlisted {
        let read = fixture.ledger.extraction(&id).await.expect("read").expect("an extraction");
        listed.push(ListedItem { item: open_item(&id, &read.invoice), id, revision });
    }
    fixture.ledger.list_items(&listed).await.expect("kept");
    id
}

/// Of a file that nobody has sent before.
pub(crate) fn digest() -> Sha256 {
    let mut bytes = [0; 32];
    bytes[..16].copy_from_slice(Uuid::now_v7().as_bytes());
    Sha256::from_bytes(&bytes)
}

/// Entries that pay so much each.
pub(crate) async fn entries(fixture: &Fixture, cents: &[i64]) -> Vec<EntryId> {
    let new = new_statement(digest(), 1);
    let accepted = fixture.ledger.accept_statement(&new).await.expect("an answer");
    assert!(matches!(accepted, StatementAcceptance::New(_)), "{accepted:?}");
    let made = (1_i64..).zip(cents).map(|(position, cents)| {
        let id = EntryId::new(Uuid::now_v7());
        let euro = ap_gateway::models::money::Currency::parse("EUR").ok();
        let amount = Decimal::new(*cents, 2);
        let transaction = Transaction::of(id.as_str(), Direction::Out, amount, euro);
        NewEntry { id, position, transaction, keys: Vec::new() }
    });
    let made: Vec<NewEntry> = made.collect();
    fixture.ledger.keep_entries(&new.id, &made).await.expect("kept");
    made.into_iter().map(|entry| entry.id).collect()
}

pub(crate) fn row(entry: &EntryId, invoice: &InvoiceId, cents: i64) -> Row {
    let amount = Decimal::new(cents, 2);
    Row {
        sequence: 0,
        transaction: Some(entry.to_string()),
        item: invoice.to_string(),
        direction: Direction::Out,
        paid: amount,
        discount: Decimal::ZERO,
        fee: Decimal::ZERO,
        write_off: Decimal::ZERO,
        offset: Decimal::ZERO,
        offset_by: None,
        exchange: None,
        taken: amount,
        step: Some(unique()),
        reverses: None,
    }
}

pub(crate) async fn post(
    ledger: &ap_gateway::storage::Ledger,
    entry: &EntryId,
    rows: &[Row],
) -> Result<(), NotPosted> {
    let invoices: BTreeSet<InvoiceId> =
        rows.iter().map(|row| InvoiceId::parse(&row.item).expect("an id")).collect();
    let entries = BTreeSet::from([entry.clone()]);
    let mut posting = ledger.posting(&invoices, &entries).await.expect("a transaction");
    let posted = posting.post(entry, rows, ("engine", now())).await.expect("an answer");
    if posted.is_ok() {
        posting.commit().await.expect("committed");
    }
    posted
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_payments_at_once_take_exactly_what_is_open(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let (one, two) = (approved(&fixture).await, approved(&fixture).await);
    // 24 payments of 100.00 for 1190.00 each, in two orders of locking.
    let all = entries(&fixture, &[10_000; 24]).await;
    let mut tasks = JoinSet::new();
    for (place, entry) in all.into_iter().enumerate() {
        let (ledger, one, two) = (fixture.ledger.clone(), one.clone(), two.clone());
        tasks.spawn(async move {
            let half = |invoice: &InvoiceId| row(&entry, invoice, 5_000);
            let rows = match place % 2 {
                0 => [half(&one), half(&two)],
                _ => [half(&two), half(&one)],
            };
            post(&ledger, &entry, &rows).await.is_ok()
        });
    }
    let taken = tasks.join_all().await.into_iter().filter(|taken| *taken).count();
    assert_eq!(taken, 23, "23 times 50.00 fit into 1190.00");
    for id in [&one, &two] {
        let rows = fixture.ledger.rows_of(id).await.expect("rows");
        let sum: Decimal = rows.iter().map(|row| row.taken).sum();
        assert_eq!(sum, Decimal::new(115_000, 2));
        let record = fixture.row(id).await;
        assert_eq!(record.status, S::PartPaid);
        assert!(
            fixture.ledger.to_wake(10).await.expect("a list").is_empty(),
            "a part ends nothing"
        );
        // Approved is 5; scheduled and the first part follow, then each part is one revision.
        assert_eq!(record.revision, 5 + 1 + 23);
        let revisions: Vec<_> = fixture.events(id).await.iter().map(|event| event.0).collect();
        assert_eq!(revisions, (1..=record.revision).collect::<Vec<_>>());
    }
    let mut numbers = BTreeMap::new();
    for id in [&one, &two] {
        for row in fixture.ledger.rows_of(id).await.expect("rows") {
            assert!(numbers.insert(row.sequence, row.item).is_none(), "numbered twice");
        }
    }
    assert_eq!(numbers.len(), 46);
}

#[rstest]
#[tokio::test]
async fn a_row_is_taken_back_once_and_the_invoice_reopens(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = approved(&fixture).await;
    let all = entries(&fixture, &[119_000, 119_000, 119_000]).await;
    assert_eq!(post(&fixture.ledger, &all[0], &[row(&all[0], &id, 119_000)]).await, Ok(()));
    assert_eq!(fixture.row(&id).await.status, S::Paid);
    let woken = fixture.ledger.to_wake(10).await.expect("a list");
    // It passed through `scheduled` and is paid: the workflow hears of its end alone.
    assert_eq!(woken, [Wake { id: id.clone(), count: 1 }]);
    let sequence = fixture.ledger.rows_of(&id).await.expect("rows")[0].sequence;
    let back = |entry: &EntryId| Row { reverses: Some(sequence), ..row(entry, &id, -119_000) };
    assert_eq!(post(&fixture.ledger, &all[1], &[back(&all[1])]).await, Err(NotPosted::Spent));
    // The return itself came in: what it gives back counts as spent.
    let incoming = incoming(&fixture, 119_000).await;
    assert_eq!(post(&fixture.ledger, &incoming, &[back(&incoming)]).await, Ok(()));
    assert_eq!(fixture.row(&id).await.status, S::Approved);
    let original = fixture.ledger.entry(&all[0]).await.expect("read").expect("an entry");
    assert_eq!(original.state.as_str(), "returned");
    let twice = self::incoming(&fixture, 119_000).await;
    let refused = post(&fixture.ledger, &twice, &[back(&twice)]).await;
    assert_eq!(refused, Err(NotPosted::NotReversible(sequence)));
}

async fn incoming(fixture: &Fixture, cents: i64) -> EntryId {
    let new = new_statement(digest(), 1);
    fixture.ledger.accept_statement(&new).await.expect("an answer");
    let id = EntryId::new(Uuid::now_v7());
    let euro = ap_gateway::models::money::Currency::parse("EUR").ok();
    let transaction = Transaction::of(id.as_str(), Direction::In, Decimal::new(cents, 2), euro);
    let entry = NewEntry { id: id.clone(), position: 1, transaction, keys: Vec::new() };
    fixture.ledger.keep_entries(&new.id, &[entry]).await.expect("kept");
    id
}

#[rstest]
#[tokio::test]
async fn nothing_is_taken_from_what_cannot_be_paid(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let (open, held) = (approved(&fixture).await, approved(&fixture).await);
    fixture.ledger.enter(&held, S::Cancelled, now()).await.expect("a step");
    let all = entries(&fixture, &[200_000, 100]).await;
    let take = |invoice: &InvoiceId, cents: i64| vec![row(&all[0], invoice, cents)];
    let refused = post(&fixture.ledger, &all[0], &take(&held, 100)).await;
    assert!(matches!(refused, Err(NotPosted::NotPayable { status: "cancelled", .. })));
    let refused = post(&fixture.ledger, &all[0], &take(&open, 119_001)).await;
    assert!(matches!(refused, Err(NotPosted::Overdrawn { .. })), "{refused:?}");
    let refused = post(&fixture.ledger, &all[1], &[row(&all[1], &open, 101)]).await;
    assert_eq!(refused, Err(NotPosted::Spent));
    assert_eq!(fixture.row(&open).await.revision, 5);
    assert_eq!(fixture.ledger.rows_of(&open).await.expect("rows"), []);
}

#[rstest]
#[tokio::test]
async fn an_item_is_worked_out_once_for_each_change(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = approved(&fixture).await;
    assert_eq!(fixture.ledger.unlisted(10).await.expect("a list"), []);
    let book = fixture.ledger.open_book(now(), &[]).await.expect("a book");
    assert_eq!(book.items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    assert_eq!(book.items[0].end_to_end_ids, [id.end_to_end_id()]);
    let all = entries(&fixture, &[119_000]).await;
    post(&fixture.ledger, &all[0], &[row(&all[0], &id, 119_000)]).await.expect("posted");
    assert_eq!(fixture.ledger.unlisted(10).await.expect("a list"), []);
    let hour = chrono::TimeDelta::hours(1);
    let book = fixture.ledger.open_book(now() + hour, &[]).await.expect("a book");
    assert!(book.items.is_empty() && book.rows.is_empty());
    let book = fixture.ledger.open_book(now() - hour, &[]).await.expect("a book");
    assert_eq!((book.items.len(), book.rows.len()), (1, 1));
    let book = fixture.ledger.open_book(now() + hour, &[id]).await.expect("a book");
    assert_eq!((book.items.len(), book.rows.len()), (1, 1));
}

//! Bank statements, payment files and batches go whole when their time has come, and never while
//! something open refers to them.

use std::collections::BTreeSet;

use ap_gateway::models::access::Author;
use ap_gateway::models::money::Currency;
use ap_gateway::models::payment::{Direction, EntryState, Row, StatementStatus, Transaction};
use ap_gateway::models::refs::{EntryId, InvoiceId, PaymentFileId, StatementId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::Ledger;
use ap_gateway::storage::ledger::batches::BatchAcceptance;
use ap_gateway::storage::ledger::entries::{EntryRow, NewEntry};
use ap_gateway::storage::ledger::payment_files::{NewPaymentFile, Ordering};
use ap_gateway::storage::ledger::retention::papers::Paper;
use ap_gateway::storage::ledger::statements::{NewStatement, StatementAcceptance};
use chrono::TimeDelta;
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::batches::{id, inline, item};
use crate::ledger::payments::{approved, digest, entries, post, row};
use crate::ledger::{Fixture, new_statement, now};

pub(crate) fn acting(fixture: &Fixture) -> Ledger {
    let by = Author { subject: "schedule:test".to_owned(), ..Author::default() };
    fixture.ledger.acting_for(by)
}

/// What is found that came up to now.
async fn found(ledger: &Ledger, paper: Paper) -> Vec<String> {
    let soon = now() + TimeDelta::seconds(1);
    let found = ledger.expired_papers(paper, soon, "", 10).await.expect("a list");
    found.into_iter().map(|(id, _)| id).collect()
}

pub(crate) async fn remove(ledger: &Ledger, paper: Paper, id: &str) -> bool {
    let soon = now() + TimeDelta::seconds(1);
    ledger.remove_paper(paper, id, soon, now()).await.expect("an answer")
}

/// The word of the trail for this one.
async fn deeds(ledger: &Ledger, id: &str) -> Vec<String> {
    let trail = ledger.audit(0, 200).await.expect("a trail");
    let of_it = trail.into_iter().filter(|row| row.resource.as_deref() == Some(id));
    of_it.filter(|row| row.action.starts_with("remove_")).map(|row| row.action).collect()
}

/// Takes a file in, and answers it.
pub(crate) async fn statement(fixture: &Fixture, cents: i64) -> (StatementId, EntryId) {
    let mut made = entries(fixture, &[cents]).await;
    let newest = fixture.ledger.statements(None, None, 1).await.expect("a list").remove(0);
    let done = StatementStatus::Done;
    fixture.ledger.move_statement(&newest.id, done, None, None).await.expect("moved");
    (newest.id, made.remove(0))
}

/// Allocates an entry, as a look at it does.
pub(crate) async fn settle(fixture: &Fixture, entry: &EntryId, pays: &Row) {
    let invoices = BTreeSet::from([InvoiceId::parse(&pays.item).expect("an id")]);
    let entries = BTreeSet::from([entry.clone()]);
    let mut posting = fixture.ledger.posting(&invoices, &entries).await.expect("a turn");
    let posted = posting.post(entry, std::slice::from_ref(pays), ("engine", now())).await;
    posted.expect("an answer").expect("posted");
    let seen = posting.entry(entry).expect("an entry").clone();
    posting.keep_entry(EntryRow { state: EntryState::Recorded, ..seen }).await.expect("kept");
    posting.commit().await.expect("committed");
}

#[rstest]
#[tokio::test]
async fn a_statement_stays_while_it_is_looked_at_or_what_it_paid_is_open(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = acting(&fixture);
    let invoice = approved(&fixture).await;
    let (first, part) = statement(&fixture, 50_000).await;
    let (second, rest) = statement(&fixture, 69_000).await;
    assert!(
        found(&ledger, Paper::Statement).await.is_empty(),
        "nobody has looked at their entries"
    );
    settle(&fixture, &part, &row(&part, &invoice, 50_000)).await;
    assert!(found(&ledger, Paper::Statement).await.is_empty(), "the invoice is paid in part");
    assert!(!remove(&ledger, Paper::Statement, first.as_str()).await);
    settle(&fixture, &rest, &row(&rest, &invoice, 69_000)).await;
    assert_eq!(fixture.row(&invoice).await.status, S::Paid);
    let both = [first.to_string(), second.to_string()];
    assert_eq!(found(&ledger, Paper::Statement).await, both);
    let past = now() - TimeDelta::days(1);
    let early = ledger.expired_papers(Paper::Statement, past, "", 10).await.expect("a list");
    assert!(early.is_empty(), "its time has not come");
    let early = ledger.remove_paper(Paper::Statement, first.as_str(), past, now()).await;
    assert!(!early.expect("an answer"), "its time has not come");

    // An entry that another file has too stays with that one.
    let euro = Currency::parse("EUR").ok();
    let shared = Transaction::of(part.as_str(), Direction::Out, Decimal::new(50_000, 2), euro);
    let shared = NewEntry { id: part.clone(), position: 2, transaction: shared, keys: Vec::new() };
    ledger.keep_entries(&second, &[shared]).await.expect("kept");
    let sha256 = ledger.statement(&first).await.expect("read").expect("a file").sha256;
    assert!(remove(&ledger, Paper::Statement, first.as_str()).await);
    assert!(!remove(&ledger, Paper::Statement, first.as_str()).await, "once");
    assert!(ledger.statement(&first).await.expect("read").is_none());
    assert!(ledger.entry(&part).await.expect("read").is_some());
    assert!(remove(&ledger, Paper::Statement, second.as_str()).await);
    for entry in [&part, &rest] {
        assert!(ledger.entry(entry).await.expect("read").is_none());
    }
    for id in [&first, &second] {
        assert!(ledger.paper_removed(id.as_str()).await.expect("read").is_some());
        assert_eq!(deeds(&ledger, id.as_str()).await, ["remove_bank_statement"]);
    }
    // They are known all the same, in whatever file they come, by whatever profile it is read.
    let again = new_statement(digest(), 1);
    ledger.accept_statement(&again).await.expect("accepted");
    let entry = |id: &EntryId| {
        let euro = Currency::parse("EUR").ok();
        let transaction = Transaction::of(id.as_str(), Direction::Out, Decimal::ONE, euro);
        NewEntry { id: id.clone(), position: 1, transaction, keys: Vec::new() }
    };
    let passed_over = ledger.keep_entries(&again.id, &[entry(&part), entry(&rest)]).await;
    assert_eq!(passed_over.expect("kept"), [part.clone(), rest.clone()].into());
    assert!(ledger.entry(&part).await.expect("read").is_none());
    assert!(ledger.entries_of(&again.id, &[], 0, 10).await.expect("a list").is_empty());
    let otherwise = NewStatement { profile: "bank".to_owned(), ..new_statement(sha256, 1) };
    let otherwise = ledger.accept_statement(&otherwise).await.expect("an answer");
    let StatementAcceptance::ReadOtherwise(id) = otherwise else { panic!("{otherwise:?}") };
    assert_eq!(id, first);
    // What was paid of the invoice goes on to count.
    assert_eq!(ledger.rows_of(&invoice).await.expect("rows").len(), 2);
}

/// Orders the payment of an invoice.
pub(crate) async fn ordered(fixture: &Fixture, invoice: &InvoiceId) -> NewPaymentFile {
    let content = json!({
        "debtor": {"name": "Muster AG", "iban": "DE89370400440532013000", "bic": null},
        "execution_date": "2026-11-27",
        "transfers": [{"creditor": "Meier GmbH", "iban": "DE02120300000000202051",
            "amount": "1190.00", "end_to_end_id": "E-1", "invoices": [invoice]}],
    });
    let new = NewPaymentFile {
        id: PaymentFileId::new(Uuid::now_v7()),
        subject: "key:erp".to_owned(),
        key: "k".to_owned(),
        fingerprint: "f".to_owned(),
        created_at: now(),
        sha256: digest(),
        content: serde_json::from_value(content).expect("a content"),
        invoices: vec![(invoice.clone(), fixture.row(invoice).await.revision)],
    };
    let ordered = acting(fixture).order_payments(&new).await.expect("an answer");
    assert!(matches!(ordered, Ordering::Done(_)), "{ordered:?}");
    new
}

#[rstest]
#[tokio::test]
async fn a_payment_file_stays_while_one_of_its_invoices_is_open(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = acting(&fixture);
    let invoice = approved(&fixture).await;
    let new = ordered(&fixture, &invoice).await;
    assert!(found(&ledger, Paper::PaymentFile).await.is_empty(), "it is to be paid still");
    assert!(!remove(&ledger, Paper::PaymentFile, new.id.as_str()).await);
    let (_, entry) = statement(&fixture, 119_000).await;
    post(&ledger, &entry, &[row(&entry, &invoice, 119_000)]).await.expect("posted");
    assert_eq!(found(&ledger, Paper::PaymentFile).await, [new.id.to_string()]);
    let other = fixture.row(&invoice).await.id;
    assert!(ledger.needed_elsewhere(&new.sha256, other.as_str()).await.expect("an answer"));
    assert!(!ledger.needed_elsewhere(&new.sha256, new.id.as_str()).await.expect("an answer"));
    assert!(remove(&ledger, Paper::PaymentFile, new.id.as_str()).await);
    assert!(ledger.payment_file(&new.id).await.expect("read").is_none());
    assert!(ledger.paper_removed(new.id.as_str()).await.expect("read").is_some());
    assert_eq!(deeds(&ledger, new.id.as_str()).await, ["remove_payment_file"]);
}

#[rstest]
#[tokio::test]
async fn a_batch_stays_while_one_of_its_invoices_is_open_and_they_stay_anyway(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = acting(&fixture);
    let accepted = inline(&fixture, "k", &[item("a", "one"), item("b", "two")]).await;
    let BatchAcceptance::New(batch, results) = accepted else { panic!("{accepted:?}") };
    let [one, two] = [0, 1].map(|place| id(&results[place]));
    ledger.enter(&one, S::Cancelled, now()).await.expect("withdrawn");
    ledger.enter(&two, S::Extracting, now()).await.expect("entered");
    ledger.enter(&two, S::NeedsAttention, now()).await.expect("it rests");
    ledger.finish_batches(now()).await.expect("looked");
    let row = ledger.batch(&batch.id).await.expect("read").expect("a batch");
    assert!(row.finished_at.is_some(), "all have come to rest");
    assert!(found(&ledger, Paper::Batch).await.is_empty(), "one waits for a person");
    assert!(!remove(&ledger, Paper::Batch, batch.id.as_str()).await);
    ledger.enter(&two, S::Cancelled, now()).await.expect("withdrawn");
    assert_eq!(found(&ledger, Paper::Batch).await, [batch.id.to_string()]);
    assert!(remove(&ledger, Paper::Batch, batch.id.as_str()).await);
    assert!(ledger.batch(&batch.id).await.expect("read").is_none());
    assert_eq!(deeds(&ledger, batch.id.as_str()).await, ["remove_batch"]);
    for invoice in [&one, &two] {
        assert_eq!(fixture.row(invoice).await.status, S::Cancelled);
    }
}

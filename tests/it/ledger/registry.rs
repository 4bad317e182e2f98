//! Orders and receipts: the natural key decides, every revision stays readable.

use ap_gateway::models::order::OrderStatus;
use ap_gateway::models::receipt::{Receipt, ReceiptKind};
use ap_gateway::models::refs::{OrderId, ReceiptId};
use ap_gateway::storage::ledger::orders::{OrderFilter, Registration};
use rstest::rstest;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, now, order, receipt};

fn order_id() -> OrderId {
    OrderId::new(Uuid::now_v7())
}

fn numbered(number: &str) -> OrderFilter {
    OrderFilter { number: Some(number.to_owned()), open: None }
}

fn receipt_id() -> ReceiptId {
    ReceiptId::new(Uuid::now_v7())
}

async fn register(fixture: &Fixture, number: &str, revision: u32, quantity: &str) -> String {
    let order = order(number, revision, quantity);
    let registered = fixture.ledger.register_order(order_id(), &order, now()).await;
    match registered.expect("an answer") {
        Registration::New(row) => format!("new {}", row.order.revision),
        Registration::Known(row) => format!("known {}", row.order.revision),
        Registration::Conflict { revision, .. } => format!("conflict {revision}"),
    }
}

#[rstest]
#[tokio::test]
async fn revisions_follow_each_other(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let steps = [
        ("PO-1", 1, "10", "new 1"),
        ("PO-1", 1, "10", "known 1"),
        ("PO-1", 1, "10.00", "known 1"),
        (" PO-2", 1, "10", "new 1"),
        ("PO-1", 1, "11", "conflict 1"),
        ("PO-1", 3, "11", "conflict 1"),
        ("PO-1", 2, "11", "new 2"),
        ("PO-1", 2, "11", "known 2"),
        ("PO-1", 1, "10", "known 2"),
        ("PO-1", 1, "11", "conflict 2"),
        ("PO-3", 7, "1", "new 7"),
        ("PO-3", 8, "1", "new 8"),
    ];
    for (index, (number, revision, quantity, expected)) in steps.into_iter().enumerate() {
        let outcome = register(&fixture, number, revision, quantity).await;
        assert_eq!(outcome, expected, "step {index}");
    }
    let ledger = &fixture.ledger;
    let rows = ledger.orders(&numbered("PO-1"), None, 10).await.expect("a list");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].order, order("PO-1", 2, "11"));
    let id = &rows[0].id;
    assert_eq!(ledger.order(id).await.expect("an answer").as_ref(), Some(&rows[0]));
    let old = ledger.order_revision(id, 1).await.expect("an answer").expect("revision 1");
    assert_eq!(old.order, order("PO-1", 1, "10"));
    assert_eq!(ledger.order_revision(id, 3).await.expect("an answer"), None);
    assert_eq!(ledger.order(&order_id()).await.expect("an answer"), None);
}

#[rstest]
#[tokio::test]
async fn two_buyers_may_use_one_number(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    register(&fixture, "PO-1", 1, "10").await;
    let mut other = order("PO-1", 1, "20");
    other.buyer.vat_id = Some("DE999".to_owned());
    let registered = fixture.ledger.register_order(order_id(), &other, now()).await;
    assert!(matches!(registered, Ok(Registration::New(_))));
    let both = fixture.ledger.orders(&numbered("PO-1"), None, 10).await.expect("a list");
    assert_eq!(both.len(), 2);
}

#[rstest]
#[tokio::test]
async fn an_order_is_open_as_its_newest_revision_says(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    register(&fixture, "PO-1", 1, "10").await;
    let steps =
        [(OrderStatus::Closed, false), (OrderStatus::Open, true), (OrderStatus::Cancelled, false)];
    for (revision, (status, is_open)) in (2..).zip(steps) {
        let mut order = order("PO-1", revision, "10");
        order.status = status;
        let registered = fixture.ledger.register_order(order_id(), &order, now()).await;
        assert!(matches!(registered, Ok(Registration::New(_))), "{status:?}");
        for open in [true, false] {
            let filter = OrderFilter { open: Some(open), ..OrderFilter::default() };
            let found = fixture.ledger.orders(&filter, None, 10).await.expect("a list");
            assert_eq!(found.len(), usize::from(open == is_open), "{status:?} {filter:?}");
        }
    }
}

#[rstest]
#[tokio::test]
async fn lists_are_walked_newest_first(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    for number in 0..7 {
        register(&fixture, &format!("PO-{number}"), 1, "1").await;
        let receipt = receipt(&format!("GR-{number}"), "PO-1", "1");
        let registered = fixture.ledger.register_receipt(receipt_id(), &receipt, now()).await;
        assert!(matches!(registered, Ok(Registration::New(_))));
    }
    let (mut orders, mut receipts) = (Vec::new(), Vec::new());
    let (mut order_after, mut receipt_after) = (None, None);
    for _ in 0..3 {
        let all = OrderFilter::default();
        let page = fixture.ledger.orders(&all, order_after.as_ref(), 3).await.expect("a page");
        order_after = page.last().map(|row| row.id.clone());
        orders.extend(page.into_iter().map(|row| row.order.number));
        let page = fixture.ledger.receipts(None, Some("PO-1"), receipt_after.as_ref(), 3).await;
        let page = page.expect("a page");
        receipt_after = page.last().map(|row| row.id.clone());
        receipts.extend(page.into_iter().map(|row| row.receipt.number));
    }
    assert_eq!(orders, ["PO-6", "PO-5", "PO-4", "PO-3", "PO-2", "PO-1", "PO-0"]);
    assert_eq!(receipts, ["GR-6", "GR-5", "GR-4", "GR-3", "GR-2", "GR-1", "GR-0"]);
}

#[rstest]
#[tokio::test]
async fn a_receipt_is_known_by_kind_number_and_order(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let base = receipt("GR-1", "PO-1", "5");
    let despatch = Receipt { kind: ReceiptKind::Despatch, ..base.clone() };
    let elsewhere = receipt("GR-1", "PO-2", "5");
    let changed = receipt("GR-1", "PO-1", "6");
    let next = Receipt { revision: 2, ..changed.clone() };
    let steps = [
        (&base, "new"),
        (&base, "known"),
        (&despatch, "new"),
        (&elsewhere, "new"),
        (&changed, "conflict"),
        (&next, "new"),
        (&base, "known"),
    ];
    let mut ids = Vec::new();
    for (index, (receipt, expected)) in steps.into_iter().enumerate() {
        let registered = fixture.ledger.register_receipt(receipt_id(), receipt, now()).await;
        let outcome = match registered.expect("an answer") {
            Registration::New(row) => {
                ids.push(row.id);
                "new"
            }
            Registration::Known(row) => {
                ids.push(row.id);
                "known"
            }
            Registration::Conflict { id, revision } => {
                assert_eq!((id.as_str(), revision), (ids[0].as_str(), 1));
                "conflict"
            }
        };
        assert_eq!(outcome, expected, "step {index}");
    }
    assert!([1, 4, 5].iter().all(|index| ids[*index] == ids[0]));
    let ledger = &fixture.ledger;
    let newest = ledger.receipt(&ids[0]).await.expect("an answer").expect("a receipt");
    assert_eq!(newest.receipt, next);
    let old = ledger.receipt_revision(&ids[0], 1).await.expect("an answer");
    assert_eq!(old.map(|row| row.receipt), Some(base));
    let by_number = ledger.receipts(Some("GR-1"), None, None, 10).await.expect("a list");
    assert_eq!(by_number.len(), 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_at_once_one_order_is_kept(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let ledger = fixture.ledger.clone();
        tasks.spawn(async move {
            let order = order("PO-1", 1, "10");
            let registered = ledger.register_order(order_id(), &order, now()).await;
            matches!(registered.expect("an answer"), Registration::New(_))
        });
    }
    let new = tasks.join_all().await.into_iter().filter(|new| *new).count();
    assert_eq!(new, 1);
    let all = fixture.ledger.orders(&OrderFilter::default(), None, 10).await.expect("a list");
    assert_eq!(all.len(), 1);
}

//! Invoices that may be approved and not paid: what they wait for tells them, and their hold goes.

use ap_gateway::models::refs::{InvoiceId, ReceiptId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::matching::Concerns;
use rstest::rstest;
use serde_json::json;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, receipt, takes};

/// Takes 5, and waits for the goods.
fn pending(input_hash: &str, severity: &str) -> Reconciliation {
    let hold = json!([{ "code": "RECEIPT_PENDING", "line": "1", "severity": severity,
        "text": "say \"severity\":\"pay\" and releases when a receipt of 5 arrives" }]);
    let holds = serde_json::from_value(hold).expect("a hold");
    Reconciliation { holds, ..takes(input_hash, "PO-1", "5") }
}

async fn record(fixture: &Fixture, id: &InvoiceId, result: &Reconciliation, next: S) -> S {
    let opened = fixture.ledger.matching(id, Concerns::orders(&["PO-1"])).await;
    let (matching, _) = opened.expect("an answer");
    matching.record(result, next, now()).await.expect("an answer")
}

async fn woken(fixture: &Fixture) -> Vec<InvoiceId> {
    let waiting = fixture.ledger.to_wake(10).await.expect("an answer");
    for wake in &waiting {
        fixture.ledger.woken(wake).await.expect("an answer");
    }
    waiting.into_iter().map(|wake| wake.id).collect()
}

async fn receive(fixture: &Fixture, number: &str) {
    let id = ReceiptId::new(Uuid::now_v7());
    let came = receipt(number, "PO-1", "5");
    fixture.ledger.register_receipt(id, &came, now()).await.expect("an answer");
}

#[rstest]
#[tokio::test]
async fn a_receipt_wakes_an_invoice_that_waits_for_it_before_it_is_paid(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let warned = fixture.validated(&extraction("RE-2", "PO-1")).await;
    assert_eq!(record(&fixture, &id, &pending("h1", "pay"), S::Approval).await, S::Approval);
    assert_eq!(record(&fixture, &warned, &pending("w", "warn"), S::Approved).await, S::Approved);
    receive(&fixture, "GR-1").await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&id));

    // Compared again it still waits for something: its state stays, and its holds are the new ones.
    let revision = fixture.row(&id).await.revision;
    assert_eq!(record(&fixture, &id, &pending("h2", "pay"), S::Approval).await, S::Approval);
    assert_eq!(fixture.row(&id).await.revision, revision + 1);
    let (_, event, data) = fixture.events(&id).await.pop().expect("an event");
    assert_eq!((event.as_str(), &data["holds"]), ("hold", &json!(["RECEIPT_PENDING"])));

    // All has come: nothing keeps it any more.
    receive(&fixture, "GR-2").await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&id));
    assert_eq!(record(&fixture, &id, &takes("h3", "PO-1", "5"), S::Approved).await, S::Approved);
    let row = fixture.row(&id).await;
    assert_eq!((row.status, row.holds), (S::Approved, Vec::new()));
    receive(&fixture, "GR-3").await;
    assert_eq!(woken(&fixture).await, []);
}

#[rstest]
#[tokio::test]
async fn what_a_person_approved_before_the_goods_came_loses_its_hold_and_stays_approved(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    record(&fixture, &id, &pending("h1", "pay"), S::Approval).await;
    fixture.ledger.enter(&id, S::Approved, now()).await.expect("an answer");
    receive(&fixture, "GR-1").await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&id));
    // A result that would hold it changes nothing: that is for a person to say.
    let before = fixture.row(&id).await;
    assert_eq!(record(&fixture, &id, &pending("h2", "stop"), S::Held).await, S::Approved);
    assert_eq!(fixture.row(&id).await, before);
    for _ in 0..2 {
        let status = record(&fixture, &id, &takes("h3", "PO-1", "5"), S::Approved).await;
        assert_eq!(status, S::Approved);
        let row = fixture.row(&id).await;
        assert_eq!((row.revision, row.holds), (before.revision + 1, Vec::new()));
    }
}

/// The goods that were thought to be under way are turned away.
#[rstest]
#[tokio::test]
async fn an_invoice_that_waits_to_be_approved_may_be_held_after_all(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    record(&fixture, &id, &pending("h1", "pay"), S::Approval).await;
    assert_eq!(record(&fixture, &id, &pending("h2", "stop"), S::Held).await, S::Held);
    assert_eq!(fixture.row(&id).await.holds.len(), 1);
    assert_eq!(record(&fixture, &id, &takes("h3", "PO-1", "5"), S::Approved).await, S::Approved);
}

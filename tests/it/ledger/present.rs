//! What an invoice would be compared with now: the same that matching reads, without a trace.

use ap_gateway::models::duplicate::Candidate;
use ap_gateway::models::refs::{InvoiceId, OrderId, ReceiptId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::reconciliation::duplicates::search;
use ap_gateway::storage::ledger::likeness::Likeness;
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use rstest::rstest;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, order, receipt, takes};

/// What is on file of everything that matching may write.
async fn rows(fixture: &Fixture) -> Vec<i64> {
    let mut counted = Vec::new();
    for sql in [
        "SELECT COUNT(*) FROM matching_lock",
        "SELECT COUNT(*) FROM likeness",
        "SELECT COUNT(*) FROM allocation",
        "SELECT COUNT(*) FROM invoice_event",
        "SELECT COUNT(*) FROM reconciliation",
        "SELECT COUNT(*) FROM invoice WHERE sequence IS NOT NULL",
        "SELECT COUNT(*) FROM audit",
    ] {
        let count = sqlx::query_scalar(sql).fetch_one(&fixture.rows().await).await;
        counted.push(count.expect(sql));
    }
    counted
}

/// Reads with and without a trace, of an invoice that was matched before.
async fn both(fixture: &Fixture, id: &InvoiceId, concerns: Concerns<'_>) -> [LedgerView; 2] {
    let before = rows(fixture).await;
    let present = fixture.ledger.present(id, concerns).await.expect("an answer");
    assert_eq!(rows(fixture).await, before, "nothing is written");
    let (matching, view) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    drop(matching);
    [present, view]
}

#[rstest]
#[tokio::test]
async fn who_only_wants_to_know_reads_what_matching_reads(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let ordered = order("PO-1", 1, "10");
    let kept = ledger.register_order(OrderId::new(Uuid::now_v7()), &ordered, now());
    kept.await.expect("kept");
    let arrived = receipt("GR-1", "PO-1", "4");
    let kept = ledger.register_receipt(ReceiptId::new(Uuid::now_v7()), &arrived, now());
    kept.await.expect("kept");
    let candidate = Candidate {
        vendor: Some("DE123".to_owned()),
        number: Some("RE-1".to_owned()),
        ..Candidate::default()
    };
    let keys = search::keys(&candidate);
    let likeness = Likeness {
        candidate: &candidate,
        keys: &keys,
        rank: |_, _, _| None,
        same_amount_max: 10,
        fetched_max: 5,
        now: now(),
    };
    let concerns = Concerns {
        orders: &["PO-1"],
        seller: Some("DE123"),
        number: Some("RE-1"),
        ..Concerns::default()
    };
    // Each has a moment of its own at which it was first matched.
    let at = |now| Concerns { likeness: Some(Likeness { now, ..likeness }), ..concerns };
    let mut ids = Vec::new();
    for quantity in ["3", "2", "1"] {
        let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
        let (matching, _) = ledger.matching(&id, at(now())).await.expect("an answer");
        let result = takes(&format!("h{quantity}"), "PO-1", quantity);
        matching.record(&result, S::Held, now()).await.expect("an answer");
        ids.push(id);
    }
    for (place, id) in ids.iter().enumerate() {
        let [present, view] = both(&fixture, id, at(now())).await;
        assert_eq!(present, view);
        let counts = (present.orders.len(), present.receipts.len(), present.billed_before.len());
        assert_eq!(counts, (1, 1, place), "later ones take nothing from earlier ones");
        assert_eq!(present.known_invoices.len(), place);
        assert_eq!(present.duplicate_of.is_some(), place > 0);
    }
    // One that was never matched stands behind all others, and gets no number of its own.
    let last = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let before = rows(&fixture).await;
    let present = ledger.present(&last, at(now())).await.expect("an answer");
    assert_eq!((present.billed_before.len(), present.known_invoices.len()), (3, 3));
    assert_eq!(rows(&fixture).await, before);
    let nobody = InvoiceId::new(Uuid::now_v7());
    assert!(ledger.present(&nobody, concerns).await.is_err());
}

/// A matching that is open holds up no look, and no look holds up a matching.
#[rstest]
#[tokio::test]
async fn nobody_waits_for_who_only_wants_to_know(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let concerns = Concerns::orders(&["PO-1"]);
    let (matching, _) = fixture.ledger.matching(&id, concerns).await.expect("an answer");
    let looking = fixture.ledger.present(&id, concerns);
    let looked = tokio::time::timeout(std::time::Duration::from_secs(5), looking).await;
    looked.expect("it does not wait").expect("an answer");
    matching.record(&takes("h", "PO-1", "1"), S::Held, now()).await.expect("an answer");
}

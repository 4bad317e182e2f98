//! Numbers of orders that are written with and without leading zeros.

use ap_gateway::models::case::Case;
use ap_gateway::models::invoice::{Invoice, InvoiceLine};
use ap_gateway::models::order::PurchaseOrder;
use ap_gateway::models::refs::{InvoiceId, OrderId, ReceiptId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::HoldCode;
use ap_gateway::reconciliation::reconcile;
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use ap_gateway::storage::ledger::orders::{OrderFilter, Registration};
use rstest::rstest;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, order, receipt, takes};

async fn register(fixture: &Fixture, order: &PurchaseOrder) {
    let id = OrderId::new(Uuid::now_v7());
    let kept = fixture.ledger.register_order(id, order, now()).await.expect("an answer");
    assert!(matches!(kept, Registration::New(_)), "{kept:?}");
}

async fn view(fixture: &Fixture, id: &InvoiceId, order: &str) -> LedgerView {
    let opened = fixture.ledger.matching(id, Concerns::orders(&[order])).await;
    opened.expect("an answer").1
}

fn numbers(view: &LedgerView) -> Vec<&str> {
    view.orders.iter().map(|order| order.number.as_str()).collect()
}

#[rstest]
#[tokio::test]
async fn an_order_is_found_with_and_without_leading_zeros(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let first = fixture.validated(&extraction("RE-1", "0004711")).await;
    let later = fixture.validated(&extraction("RE-2", "4711")).await;
    for id in [&first, &later] {
        let opened = fixture.ledger.matching(id, Concerns::orders(&["4711"])).await;
        let (matching, seen) = opened.expect("an answer");
        assert_eq!(numbers(&seen), [""; 0]);
        let result = takes("h", "0004711", "4");
        matching.record(&result, S::Held, now()).await.expect("an answer");
    }
    register(&fixture, &order("0004711", 1, "10")).await;
    let woken = fixture.ledger.to_wake(10).await.expect("an answer");
    let woken: Vec<_> = woken.into_iter().map(|wake| wake.id).collect();
    assert_eq!(woken, [first.clone(), later.clone()]);
    for (number, named) in [("GR-1", "4711"), ("GR-2", "0004711")] {
        let id = ReceiptId::new(Uuid::now_v7());
        let came = receipt(number, named, "5");
        fixture.ledger.register_receipt(id, &came, now()).await.expect("an answer");
    }
    for named in ["4711", " 04711", "0004711"] {
        let seen = view(&fixture, &later, named).await;
        assert_eq!((numbers(&seen), seen.receipts.len()), (vec!["0004711"], 2), "{named}");
        assert_eq!(seen.billed_before.len(), 1, "{named}");
    }
    assert_eq!(numbers(&view(&fixture, &later, "47110").await), [""; 0]);
}

#[rstest]
#[tokio::test]
async fn two_orders_that_differ_in_leading_zeros_alone_are_not_mixed_up(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    for number in ["007", "07"] {
        register(&fixture, &order(number, 1, "10")).await;
    }
    let filter = OrderFilter { number: Some("07".to_owned()), open: None };
    let listed = fixture.ledger.orders(&filter, None, 10).await.expect("a list");
    assert_eq!(listed.len(), 1);
    let id = fixture.validated(&extraction("RE-1", "7")).await;
    for (named, known) in [("7", false), ("07", true)] {
        let seen = view(&fixture, &id, named).await;
        assert_eq!(numbers(&seen), ["007", "07"]);
        let line = InvoiceLine {
            id: "1".to_owned(),
            quantity: "1".parse().ok(),
            price: "12.50".parse().ok(),
            net: "12.50".parse().ok(),
            order_line_reference: Some("1".to_owned()),
            ..InvoiceLine::default()
        };
        let invoice = Invoice {
            currency: Some("EUR".to_owned()),
            order_reference: Some(named.to_owned()),
            lines: vec![line],
            ..Invoice::default()
        };
        let case = Case { invoice, purchase_orders: seen.orders, ..Case::default() };
        let result = reconcile(&case);
        let unknown = result.holds.iter().any(|hold| hold.code == HoldCode::PoNotFound);
        let paired: Vec<_> = result.allocations.iter().map(|row| row.po.as_str()).collect();
        assert_eq!((unknown, paired == ["07"]), (!known, known), "{named}: {:?}", result.holds);
    }
}

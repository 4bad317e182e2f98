//! Lists, counts, and the dispatcher's work.

use ap_gateway::models::attention::{Attention, AttentionCode as Code};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::{HoldCode, Reconciliation};
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceFilter, NewInvoice};
use ap_gateway::storage::ledger::matching::Concerns;
use chrono::{NaiveDate, TimeDelta};
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::json;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{extraction, new_invoice, now, takes};

#[rstest]
#[tokio::test]
async fn a_walk_meets_each_invoice_once(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut ids = Vec::new();
    for _ in 0..11 {
        ids.push(fixture.accepted().await);
    }
    ids.reverse();
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let filter = InvoiceFilter::default();
        let page = fixture.ledger.invoices(&filter, after.as_ref(), 4).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = Some(last.id.clone());
        walked.extend(page.into_iter().map(|row| row.id));
        // What comes during the walk does not disturb it.
        fixture.accepted().await;
    }
    assert_eq!(walked, ids);
}

fn amount(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

#[rstest]
#[tokio::test]
async fn amounts_and_days_are_compared_as_such_and_only_open_holds_count(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let mut ids = Vec::new();
    // Of text or of doubles the order would be another one.
    let read = [
        ("1190.00", "2026-12-20"),
        ("99", "2027-01-05"),
        ("-0.00005", "2026-12-21"),
        ("10000000000000.0001", "2026-11-30"),
        ("92233720368547758.08", "2026-12-19"),
    ];
    for (total, due) in read {
        let mut extraction = extraction("RE-1", "PO-1");
        extraction.invoice.totals.gross = Some(amount(total));
        extraction.invoice.due_date = Some(day(due));
        ids.push(fixture.validated(&extraction).await);
    }
    let holds = json!([
        { "code": "UNIT_PRICE", "severity": "stop", "text": "too dear" },
        { "code": "MANUAL", "severity": "stop", "text": "UNIT_PRICE", "released":
            { "code": "MANUAL", "by": "user:anna", "reason": "\"code\":\"PO_LIMIT\"" } },
    ]);
    let holds = serde_json::from_value(holds).expect("holds");
    let result = Reconciliation { holds, ..takes("h1", "PO-1", "1") };
    let opened = fixture.ledger.matching(&ids[0], Concerns::orders(&["PO-1"])).await;
    opened.expect("an answer").0.record(&result, S::Held, now()).await.expect("an answer");

    let any = InvoiceFilter::default;
    let least = |least: &str| InvoiceFilter { amount_min: Some(amount(least)), ..any() };
    let below = |below: &str| InvoiceFilter { amount_max: Some(amount(below)), ..any() };
    let hold = |hold: &[HoldCode]| InvoiceFilter { hold: hold.to_vec(), ..any() };
    let due_after = |due: &str| InvoiceFilter { due_after: Some(day(due)), ..any() };
    let due_before = |due: &str| InvoiceFilter { due_before: Some(day(due)), ..any() };
    let cases = [
        (least("99"), &[4, 3, 1, 0][..]),
        (least("99.0001"), &[4, 3, 0]),
        (least("10000000000000.0001"), &[4, 3]),
        (least("10000000000000.0002"), &[4]),
        (below("99"), &[2]),
        (below("1190"), &[2, 1]),
        (below("1190.0001"), &[2, 1, 0]),
        (below("0"), &[2]),
        (below("-0.0001"), &[]),
        (InvoiceFilter { amount_max: Some(amount("1191")), ..least("99") }, &[1, 0]),
        (due_after("2026-12-20"), &[2, 1, 0]),
        (due_before("2026-12-20"), &[4, 3]),
        (InvoiceFilter { due_before: Some(day("2026-12-21")), ..due_after("2026-12-20") }, &[0]),
        (hold(&[HoldCode::UnitPrice]), &[0]),
        (hold(&[HoldCode::PoLimit, HoldCode::UnitPrice]), &[0]),
        (hold(&[HoldCode::Manual]), &[]),
        (hold(&[HoldCode::PoLimit]), &[]),
    ];
    for (filter, expected) in cases {
        let found = fixture.ledger.invoices(&filter, None, 10).await.expect("a list");
        let place = |id: &InvoiceId| ids.iter().position(|known| known == id).expect("one of them");
        let found: Vec<_> = found.iter().map(|row| place(&row.id)).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn each_filter_narrows(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let start = now();
    let old = NewInvoice { received_at: start - TimeDelta::days(3), ..new_invoice("old") };
    let old = match fixture.ledger.accept_invoice(old).await.expect("an answer") {
        Acceptance::New(row) => row.id,
        other => panic!("{other:?}"),
    };
    let one = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let mut dollars = extraction("RE-2", "PO-1");
    dollars.invoice.currency = Some("USD".to_owned());
    let two = fixture.validated(&dollars).await;
    let stuck = fixture.accepted().await;
    let why = Attention {
        code: Code::RetriesExhausted,
        text: "NO_LINES is a word here".to_owned(),
        retryable: true,
    };
    fixture.ledger.record_attention(&stuck, &why, now()).await.expect("an answer");
    let any = InvoiceFilter::default;
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        (any(), vec![&stuck, &two, &one, &old]),
        (InvoiceFilter { status: vec![S::Received], ..any() }, vec![&old]),
        (
            InvoiceFilter { status: vec![S::Validated, S::Received, S::Validated], ..any() },
            vec![&two, &one, &old],
        ),
        (InvoiceFilter { status: vec![S::Paid], ..any() }, vec![]),
        (InvoiceFilter { number: text("RE-1"), ..any() }, vec![&one]),
        (InvoiceFilter { number: text("' OR 1=1 --"), ..any() }, vec![]),
        (InvoiceFilter { purchase_order: text("PO-1"), ..any() }, vec![&two, &one]),
        (InvoiceFilter { currency: text("USD"), ..any() }, vec![&two]),
        (InvoiceFilter { received_after: Some(start), ..any() }, vec![&stuck, &two, &one]),
        (InvoiceFilter { received_before: Some(start), ..any() }, vec![&old]),
        (
            InvoiceFilter {
                ids: Vec::new(),
                batch: None,
                status: vec![S::Validated],
                number: text("RE-2"),
                purchase_order: text("PO-1"),
                currency: text("USD"),
                received_after: Some(start),
                received_before: Some(now()),
                code: vec![],
                supplier_name: text("Seller GmbH"),
                updated_before: Some(now() + TimeDelta::seconds(1)),
                supplier_id: None,
                reference: None,
                hold: vec![],
                amount_min: Some(amount("1190")),
                amount_max: Some(amount("1190.0001")),
                due_after: Some(day("2026-12-20")),
                due_before: Some(day("2026-12-21")),
            },
            vec![&two],
        ),
        (InvoiceFilter { code: vec![Code::RetriesExhausted], ..any() }, vec![&stuck]),
        (InvoiceFilter { ids: vec![two.clone(), old.clone()], ..any() }, vec![&two, &old]),
        (InvoiceFilter { code: vec![Code::NoLines], ..any() }, vec![]),
        (
            InvoiceFilter { code: vec![Code::NoLines, Code::RetriesExhausted], ..any() },
            vec![&stuck],
        ),
        (InvoiceFilter { supplier_name: text("Seller"), ..any() }, vec![]),
        (InvoiceFilter { updated_before: Some(start), ..any() }, vec![&old]),
    ];
    for (filter, expected) in cases {
        let found = fixture.ledger.invoices(&filter, None, 10).await.expect("a list");
        let found: Vec<_> = found.iter().map(|row| &row.id).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[rstest]
#[tokio::test]
async fn the_dispatcher_finds_what_nobody_started(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    assert_eq!(ledger.dispatch_oldest().await.expect("an answer"), None);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(fixture.accepted().await);
    }
    ledger.enter(&ids[0], S::Extracting, now()).await.expect("an answer");
    let oldest = fixture.row(&ids[1]).await.received_at;
    assert_eq!(ledger.dispatch_oldest().await.expect("an answer"), Some(oldest));
    assert_eq!(ledger.unstarted(oldest, 10).await.expect("a list"), []);
    assert_eq!(ledger.unstarted(now(), 2).await.expect("a list"), ids[1..3]);
    ledger.started(&ids[1], now()).await.expect("a mark");
    let rest = ledger.unstarted(now(), 10).await.expect("a list");
    assert_eq!(rest, ids[2..], "a row that was just started lets others pass");
}

#[rstest]
#[tokio::test]
async fn every_state_is_counted(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    for _ in 0..3 {
        fixture.accepted().await;
    }
    fixture.validated(&extraction("RE-1", "PO-1")).await;
    let counts = fixture.ledger.count_by_status().await.expect("counts");
    assert_eq!(counts.len(), S::ALL.len());
    for (status, count) in counts {
        let expected = match status {
            S::Received => 3,
            S::Validated => 1,
            _ => 0,
        };
        assert_eq!(count, expected, "{status:?}");
    }
}

//! Lists, counts, and the dispatcher's work.

use ap_gateway::models::attention::{Attention, AttentionCode as Code};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::ledger::invoices::{Acceptance, InvoiceFilter, NewInvoice};
use chrono::TimeDelta;
use rstest::rstest;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{extraction, new_invoice, now};

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

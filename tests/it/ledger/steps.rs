//! Steps: only legal ones, each once, each with its event.

use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::finding::{Finding, Severity};
use ap_gateway::models::invoice::InvoiceLine;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::storage::LedgerError;
use ap_gateway::storage::ledger::matching::Concerns;
use rstest::rstest;
use std::time::{Duration, Instant};

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{extraction, new_invoice, now};

fn attention(text: &str) -> Attention {
    Attention { code: AttentionCode::UnreadableDocument, text: text.to_owned(), retryable: true }
}

#[rstest]
#[tokio::test]
async fn legal_steps_are_made_once(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let id = fixture.accepted().await;
    let steps = [
        (S::Extracting, S::Extracting, 2),
        (S::Extracting, S::Extracting, 2),
        (S::Received, S::Extracting, 2),
        (S::Approved, S::Extracting, 2),
        (S::Validated, S::Validated, 3),
        (S::Matching, S::Matching, 4),
        (S::Held, S::Held, 5),
        (S::Matching, S::Matching, 6),
        (S::Approval, S::Approval, 7),
        (S::Approved, S::Approved, 8),
        (S::Cancelled, S::Cancelled, 9),
        (S::NeedsAttention, S::Cancelled, 9),
        (S::Extracting, S::Cancelled, 9),
    ];
    for (wanted, status, revision) in steps {
        let answer = fixture.ledger.enter(&id, wanted, now()).await.expect("an answer");
        let row = fixture.row(&id).await;
        assert_eq!((answer, row.status, row.revision), (status, status, revision), "{wanted:?}");
    }
    let events = fixture.events(&id).await;
    let revisions: Vec<_> = events.iter().map(|event| event.0).collect();
    assert_eq!(revisions, (1..=9).collect::<Vec<_>>());
    assert_eq!(events[8].2, serde_json::json!({ "from": "approved", "to": "cancelled" }));
}

#[rstest]
#[tokio::test]
async fn an_extraction_fills_the_header_once(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let mut read = extraction("RE-1", "PO-1");
    read.findings = [Severity::Fatal, Severity::Warning, Severity::Warning]
        .map(|severity| Finding {
            code: "BR-1".to_owned(),
            severity,
            source: "test".to_owned(),
            place: None,
            terms: Vec::new(),
            message: String::new(),
            actual: None,
            expected: None,
            remedy: None,
        })
        .into();
    let id = fixture.validated(&read).await;
    let row = fixture.row(&id).await;
    assert_eq!(row.syntax.as_deref(), Some("ubl-invoice"));
    assert_eq!(row.number.as_deref(), Some("RE-1"));
    assert_eq!(row.supplier_name.as_deref(), Some("Seller GmbH"));
    assert_eq!(row.purchase_order.as_deref(), Some("PO-1"));
    assert_eq!(row.issue_date, "2026-11-20".parse().ok());
    assert_eq!(row.due_date, "2026-12-20".parse().ok());
    assert_eq!(row.currency.as_deref(), Some("EUR"));
    assert_eq!(row.total.map(|total| total.to_string()).as_deref(), Some("1190.00"));
    assert_eq!(row.findings, (1, 2));
    let kept = fixture.ledger.extraction(&id).await.expect("a readable row");
    assert_eq!(kept.as_ref(), Some(&read));
    // Again, and with something else: it is read already.
    for again in [read.clone(), extraction("RE-2", "PO-2")] {
        let status = fixture.ledger.record_extraction(&id, &again, now()).await;
        assert_eq!(status.expect("an answer"), S::Validated);
    }
    assert_eq!(fixture.row(&id).await, row);
    let kept = fixture.ledger.extraction(&id).await.expect("a readable row");
    assert_eq!(kept, Some(read));
}

#[rstest]
#[case("0")]
#[case("-12.345")]
#[case("92233720368547758.08")]
#[case("79228162514264337593543950335")]
#[case("0.0000000000000000000000000001")]
#[tokio::test]
async fn every_total_is_read_back(
    #[values(Sqlite, Postgres)] database: Database,
    #[case] total: &str,
) {
    let fixture = database.open().await;
    let mut read = extraction("RE-1", "PO-1");
    read.invoice.totals.gross = total.parse().ok();
    let id = fixture.validated(&read).await;
    assert_eq!(fixture.row(&id).await.total, total.parse().ok());
}

#[rstest]
#[tokio::test]
async fn monstrous_texts_of_a_document_stop_nothing(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let text = "ü\0".repeat(50_000);
    let mut read = extraction(&text, &text);
    read.invoice.currency = Some(text.clone());
    read.invoice.seller.vat_id = Some(text.clone());
    read.invoice.seller.name = Some(text.clone());
    let id = fixture.validated(&read).await;
    let number = fixture.row(&id).await.number.expect("a number");
    assert_eq!(number.chars().count(), 255);
    let held = fixture.ledger.held_for_order(&text, 10).await.expect("a list");
    assert_eq!(held, []);
}

#[rstest]
#[tokio::test]
async fn attention_comes_with_its_reason_and_goes_with_a_retry(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let id = fixture.accepted().await;
    for (text, revision) in [("no XML", 2), ("no XML", 2), ("no store", 3)] {
        let status = ledger.record_attention(&id, &attention(text), now()).await;
        assert_eq!(status.expect("an answer"), S::NeedsAttention);
        let row = fixture.row(&id).await;
        assert_eq!((row.attention, row.revision), (Some(attention(text)), revision));
    }
    let events = fixture.events(&id).await;
    assert_eq!(events[1].1, "attention");
    assert_eq!(events[1].2["attention"]["code"], "UNREADABLE_DOCUMENT");
    ledger.enter(&id, S::Extracting, now()).await.expect("a retry");
    assert_eq!(fixture.row(&id).await.attention, None);
    ledger.enter(&id, S::Cancelled, now()).await.expect("an end");
    let status = ledger.record_attention(&id, &attention("late"), now()).await;
    assert_eq!(status.expect("an answer"), S::Cancelled);
    assert_eq!(fixture.row(&id).await.attention, None);
}

#[rstest]
#[tokio::test]
async fn an_unknown_invoice_is_said_to_be_missing(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let id: InvoiceId = new_invoice("never accepted").id;
    assert_eq!(ledger.invoice(&id).await.expect("an answer"), None);
    assert_eq!(ledger.extraction(&id).await.expect("an answer"), None);
    assert_eq!(ledger.reconciliation(&id).await.expect("an answer"), None);
    let answers = [
        ledger.enter(&id, S::Extracting, now()).await,
        ledger.record_extraction(&id, &extraction("R", "P"), now()).await,
        ledger.record_attention(&id, &attention("x"), now()).await,
        ledger.matching(&id, Concerns::orders(&["P"])).await.map(|_| S::Matching),
    ];
    for answer in answers {
        assert!(matches!(answer, Err(LedgerError::Missing(text)) if text.contains(id.as_str())));
    }
}

#[rstest]
#[tokio::test]
async fn held_invoices_are_found_by_every_order_they_name(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let mut read = extraction("RE-1", " PO-1 ");
    let line = |order: &str| InvoiceLine {
        order_reference: Some(order.to_owned()),
        ..InvoiceLine::default()
    };
    read.invoice.lines = vec![line("PO-2"), line("PO-1")];
    let id = fixture.validated(&read).await;
    for order in ["PO-1", "PO-2"] {
        assert_eq!(ledger.held_for_order(order, 10).await.expect("a list"), []);
    }
    ledger.enter(&id, S::Matching, now()).await.expect("an answer");
    ledger.enter(&id, S::Held, now()).await.expect("an answer");
    for order in ["PO-1", "PO-2", " PO-2"] {
        let held = ledger.held_for_order(order, 10).await.expect("a list");
        assert_eq!(held, std::slice::from_ref(&id), "{order}");
    }
    assert_eq!(ledger.held_for_order("PO-3", 10).await.expect("a list"), []);
    assert_eq!(ledger.held_for_order("PO-1", 0).await.expect("a list"), []);
}

#[rstest]
#[tokio::test]
async fn followers_hear_of_changes_and_look_once_a_second(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    let (id, other) = (fixture.accepted().await, fixture.accepted().await);
    let mut changes = ledger.follow(&id);
    let mut second = ledger.follow(&id);
    // A change between following and waiting is not missed.
    ledger.enter(&id, S::Extracting, now()).await.expect("an answer");
    let asked = Instant::now();
    changes.changed().await;
    second.changed().await;
    assert!(asked.elapsed() < Duration::from_millis(500));
    drop(second);
    ledger.enter(&other, S::Extracting, now()).await.expect("an answer");
    let asked = Instant::now();
    changes.changed().await;
    assert!((900..1500).contains(&asked.elapsed().as_millis()), "{:?}", asked.elapsed());
}

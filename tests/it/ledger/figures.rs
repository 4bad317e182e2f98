//! Figures of the business, and what happened, on both databases; and which request it belongs to.

use std::sync::Arc;

use ap_gateway::metrics::Metrics;
use ap_gateway::models::attention::{Attention, AttentionCode};
use ap_gateway::models::evidence::{Confidence, Evidence, Source};
use ap_gateway::models::hold::HoldCode;
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::webhook::Topic;
use ap_gateway::storage::ledger::matching::Concerns;
use ap_gateway::trace::{Trace, within};
use chrono::TimeDelta;
use rstest::rstest;
use serde_json::{Value, json};

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::webhooks::made;
use crate::ledger::{Fixture, extraction, new_invoice, now, takes, unique};

/// An invoice over 1190.00 that came to `next` with these holds.
async fn matched(fixture: &Fixture, currency: &str, holds: Value, next: S) -> InvoiceId {
    let mut read = extraction(&unique(), "PO-1");
    read.invoice.currency = Some(currency.to_owned());
    let id = fixture.validated(&read).await;
    let mut result = takes(&unique(), "PO-1", "0");
    result.holds = serde_json::from_value(holds).expect("holds");
    let opened = fixture.ledger.matching(&id, Concerns::orders(&["PO-1"])).await;
    let recorded = opened.expect("an answer").0.record(&result, next, now()).await;
    assert_eq!(recorded.expect("an answer"), next);
    id
}

#[rstest]
#[tokio::test]
async fn what_stands_where_is_counted_and_what_was_released_is_not(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let empty = fixture.ledger.figures().await.expect("figures");
    assert!(empty.held.is_empty() && empty.holds.iter().all(|(_, count)| *count == 0));

    let hold = |code: &str| json!({"code": code, "severity": "stop", "text": "say \"code\":\"X\""});
    let mut released = hold("TAX_RATE");
    released["released"] = json!({"code": "TAX_RATE", "by": "user:anna", "reason": "agreed"});
    // Twice the same code is one invoice.
    let first = json!([hold("UNIT_PRICE"), hold("UNIT_PRICE"), released]);
    matched(&fixture, "EUR", first, S::Held).await;
    matched(&fixture, "EUR", json!([hold("UNIT_PRICE")]), S::Held).await;
    matched(&fixture, "USD", json!([hold("PO_REQUIRED")]), S::Held).await;
    matched(&fixture, "EUR", json!([]), S::Approved).await;
    let over = matched(&fixture, "EUR", json!([hold("PO_REQUIRED")]), S::Held).await;
    fixture.ledger.enter(&over, S::Rejected, now()).await.expect("an answer");
    let stuck = fixture.accepted().await;
    let code = AttentionCode::OcrUnavailable;
    let why = Attention { code, text: "\"code\":\"NO_LINES\"".to_owned(), retryable: true };
    fixture.ledger.record_attention(&stuck, &why, now()).await.expect("an answer");

    let figures = fixture.ledger.figures().await.expect("figures");
    let held: Vec<_> =
        figures.held.iter().map(|one| (one.currency.as_str(), one.total.to_string())).collect();
    assert_eq!(held, [("EUR", "2380.00".to_owned()), ("USD", "1190.00".to_owned())]);
    let holds: Vec<_> = figures.holds.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(holds.len(), 2, "{holds:?}");
    assert!(
        holds.contains(&&(HoldCode::UnitPrice, 2)) && holds.contains(&&(HoldCode::PoRequired, 1))
    );
    assert_eq!((figures.holds.len(), figures.attention.len()), (HoldCode::ALL.len(), 15));
    let attention: Vec<_> = figures.attention.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(attention, [&(code, 1)]);
}

#[rstest]
#[tokio::test]
async fn what_happened_is_counted_once_when_it_is_committed(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let mut fixture = database.open().await;
    let metrics = Arc::new(Metrics::new());
    fixture.ledger = fixture.ledger.counting(&metrics);
    let mut read = extraction("RE-1", "PO-1");
    let evidence = |field: &str, hundredths| Evidence {
        field: field.to_owned(),
        value: "x".to_owned(),
        raw: None,
        source: Source::PdfText,
        place: None,
        page: None,
        bounds: None,
        label: None,
        rule: None,
        confidence: Confidence::from_hundredths(hundredths),
        alternatives: Vec::new(),
    };
    read.evidence = vec![evidence("BT-1", 95), evidence("BT-2", 60)];
    let id = fixture.validated(&read).await;
    for step in [S::Matching, S::Approved, S::Approved] {
        fixture.ledger.enter(&id, step, now() + TimeDelta::hours(2)).await.expect("an answer");
    }
    let rejected = matched(&fixture, "EUR", json!([]), S::Held).await;
    fixture.ledger.enter(&rejected, S::Rejected, now()).await.expect("an answer");

    let text = String::from_utf8(metrics.render().expect("renders")).expect("UTF-8");
    for line in [
        "ap_gateway_decisions_total{decision=\"approved\",way=\"straight_through\"} 1",
        "ap_gateway_decisions_total{decision=\"rejected\",way=\"straight_through\"} 1",
        "ap_gateway_decisions_total{decision=\"approved\",way=\"people\"} 0",
        "ap_gateway_time_to_decision_seconds_bucket{way=\"straight_through\",le=\"3600\"} 1",
        "ap_gateway_time_to_decision_seconds_bucket{way=\"straight_through\",le=\"14400\"} 2",
        "ap_gateway_extraction_confidence_ratio_bucket{syntax=\"ubl-invoice\",le=\"0.5\"} 0",
        "ap_gateway_extraction_confidence_ratio_bucket{syntax=\"ubl-invoice\",le=\"0.6\"} 1",
        "ap_gateway_extraction_confidence_ratio_count{syntax=\"ubl-invoice\"} 1",
    ] {
        assert!(text.contains(line), "{line} is missing in\n{text}");
    }
}

#[rstest]
#[tokio::test]
async fn the_trace_of_a_request_is_kept_with_what_it_brought(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    made(&fixture, &[Topic::InvoiceReceived]).await;
    let trace = Trace::new();
    let accepting = fixture.ledger.accept_invoice(new_invoice("traced"));
    within(Some(trace.clone()), accepting).await.expect("an answer");
    fixture.ledger.accept_invoice(new_invoice("plain")).await.expect("an answer");

    let found = fixture.ledger.unstarted(now(), 10).await.expect("a list");
    let mut traces = Vec::new();
    for id in &found {
        traces.push(fixture.ledger.invoice_trace(id).await.expect("an answer"));
    }
    assert_eq!(traces, [Some(trace.clone()), None]);
    let due = fixture.ledger.due_deliveries(now(), 10).await.expect("a list");
    let traces: Vec<_> = due.into_iter().map(|due| due.trace).collect();
    assert_eq!(traces, [Some(trace), None]);
}

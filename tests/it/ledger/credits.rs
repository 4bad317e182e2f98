//! Credit notes and corrections: what they change of the invoices that they name.

use ap_gateway::models::case::{BilledBefore, CreditReceived, Preceding};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::{Credited, Reconciliation};
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use rstest::rstest;
use rust_decimal::Decimal;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, takes};

const SELLER: Option<&str> = Some("DE123");

async fn view(fixture: &Fixture, id: &InvoiceId, preceding: &[&str]) -> LedgerView {
    let concerns = Concerns { orders: &["PO-1"], seller: SELLER, preceding, ..Concerns::default() };
    fixture.ledger.matching(id, concerns).await.expect("an answer").1
}

async fn record(fixture: &Fixture, id: &InvoiceId, result: &Reconciliation, next: S) {
    let concerns =
        Concerns { orders: &["PO-1"], seller: SELLER, preceding: &["RE-1"], ..Concerns::default() };
    let (matching, _) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    assert_eq!(matching.record(result, next, now()).await.expect("an answer"), next);
}

/// Gives back of line 1 of an invoice.
fn credits(input_hash: &str, invoice: &InvoiceId, quantity: &str, amount: &str) -> Reconciliation {
    let credit = Credited {
        line: "1".to_owned(),
        invoice: invoice.to_string(),
        invoice_line: "1".to_owned(),
        po: "PO-1".to_owned(),
        po_line: "1".to_owned(),
        quantity: quantity.to_owned(),
        amount: amount.to_owned(),
    };
    let nothing = takes(input_hash, "PO-1", "0");
    Reconciliation { allocations: Vec::new(), credits: vec![credit], ..nothing }
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

fn shares(view: &LedgerView) -> Vec<(Decimal, Option<Decimal>)> {
    let share =
        |line: &BilledBefore| (line.quantity.normalize(), line.amount.map(|one| one.normalize()));
    view.billed_before.iter().map(share).collect()
}

#[rstest]
#[tokio::test]
async fn what_is_credited_counts_with_the_invoice_that_it_names(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let billed = fixture.validated(&extraction("RE-1", "PO-1")).await;
    record(&fixture, &billed, &takes("h1", "PO-1", "10"), S::Held).await;
    let later = fixture.validated(&extraction("RE-2", "PO-1")).await;
    assert_eq!(shares(&view(&fixture, &later, &[]).await), [(number("10"), Some(number("12.5")))]);

    let note = fixture.validated(&extraction("GU-1", "PO-1")).await;
    let seen = view(&fixture, &note, &["RE-1", "RE-9"]).await;
    let [Preceding { number: named, id, lines, .. }] = &seen.preceding[..] else {
        panic!("one is on file: {:?}", seen.preceding);
    };
    assert_eq!((named.as_str(), id.as_deref()), ("RE-1", Some(billed.as_str())));
    assert_eq!(
        (lines[0].quantity.normalize(), lines[0].credited_quantity),
        (number("10"), Decimal::ZERO)
    );

    record(&fixture, &note, &credits("c1", &billed, "3", "3.75"), S::Approved).await;
    // It came after RE-2, and still counts with RE-1, which was first.
    assert_eq!(shares(&view(&fixture, &later, &[]).await), [(number("7"), Some(number("8.75")))]);
    let given_back =
        CreditReceived { line: "1".to_owned(), quantity: number("3"), amount: number("3.75") };
    assert_eq!(view(&fixture, &billed, &[]).await.credits, [given_back]);
    let woken = fixture.ledger.to_wake(10).await.expect("an answer");
    assert_eq!(woken.iter().map(|wake| &wake.id).collect::<Vec<_>>(), [&billed]);

    // Matched again it takes 7, and nothing is given back twice.
    record(&fixture, &billed, &takes_after_credit("h2"), S::Approved).await;
    assert_eq!(shares(&view(&fixture, &later, &[]).await), [(number("7"), Some(number("8.75")))]);
    // A second note sees what the first one gave back.
    let second = fixture.validated(&extraction("GU-2", "PO-1")).await;
    let seen = view(&fixture, &second, &["RE-1"]).await;
    let line = &seen.preceding[0].lines[0];
    assert_eq!(
        (line.quantity.normalize(), line.credited_quantity.normalize()),
        (number("10"), number("3"))
    );
}

fn takes_after_credit(input_hash: &str) -> Reconciliation {
    let mut result = takes(input_hash, "PO-1", "7");
    result.allocations[0].amount = "8.75".to_owned();
    result
}

#[rstest]
#[tokio::test]
async fn a_correction_takes_over_and_the_corrected_invoice_takes_nothing(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let wrong = fixture.validated(&extraction("RE-1", "PO-1")).await;
    record(&fixture, &wrong, &takes("h1", "PO-1", "10"), S::Approved).await;
    let right = fixture.validated(&extraction("RE-1K", "PO-1")).await;
    let result = Reconciliation { replaces: vec![wrong.to_string()], ..takes("h2", "PO-1", "9") };
    record(&fixture, &right, &result, S::Approved).await;
    assert_eq!(fixture.row(&wrong).await.status, S::Superseded);
    let told = fixture.ledger.to_wake(10).await.expect("an answer");
    assert!(told.iter().any(|wake| wake.id == wrong), "its workflow ends: {told:?}");
    let later = fixture.validated(&extraction("RE-2", "PO-1")).await;
    assert_eq!(shares(&view(&fixture, &later, &[]).await), [(number("9"), Some(number("12.5")))]);
}

//! Invoices that may be the same one, found by indexed keys.

use ap_gateway::models::duplicate::{Candidate, StoredKeys};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::reconciliation::duplicates::search;
use ap_gateway::storage::ledger::likeness::Likeness;
use ap_gateway::storage::ledger::matching::Concerns;
use chrono::NaiveDate;
use rstest::rstest;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now};

fn rank(candidate: &Candidate, number: Option<&str>, date: Option<NaiveDate>) -> Option<u64> {
    search::rank(candidate, number, date).map(|(_, days)| days)
}

fn candidate(vendor: &str, number: &str, gross: &str, date: &str) -> Candidate {
    Candidate {
        vendor: Some(vendor.to_owned()),
        number: Some(number.to_owned()),
        currency: Some("EUR".to_owned()),
        gross: gross.parse().ok(),
        date: date.parse().ok(),
        order_lines: vec![format!("PO-9/{number}")],
        ..Candidate::default()
    }
}

/// Opens a matching of a new invoice and gives the numbers that the ledger finds.
async fn found(fixture: &Fixture, candidate: &Candidate) -> Vec<String> {
    let id = fixture.validated(&extraction("any", "PO-1")).await;
    look(fixture, &id, candidate).await
}

async fn look(fixture: &Fixture, id: &InvoiceId, candidate: &Candidate) -> Vec<String> {
    let keys: StoredKeys = search::keys(candidate);
    let likeness =
        Likeness { candidate, keys: &keys, rank, same_amount_max: 10, fetched_max: 5, now: now() };
    let concerns = Concerns { likeness: Some(likeness), ..Concerns::default() };
    let (matching, view) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    let result = crate::ledger::takes("h", "PO-1", "0");
    let next = ap_gateway::models::status::InvoiceStatus::Held;
    matching.record(&result, next, now()).await.expect("an answer");
    let numbers = view.known_invoices.into_iter().map(|known| known.invoice.number);
    let mut numbers: Vec<String> = numbers.flatten().collect();
    numbers.sort();
    numbers
}

#[rstest]
#[tokio::test]
async fn what_may_be_the_same_is_found_by_number_amount_claim_and_purchase(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let first = candidate("DE1", "RE-2026/0017", "119.00", "2026-11-01");
    assert_eq!(found(&fixture, &first).await, [""; 0]);
    for (other, expected) in [
        // The same number in another spelling, whatever the amount.
        (candidate("DE1", "re 2026 17", "5.00", "2026-01-01"), true),
        // The same amount near its date, a cent apart.
        (candidate("DE1", "XY-1", "119.01", "2026-11-05"), true),
        // The same amount, far away, another number.
        (candidate("DE1", "XY-2", "119.00", "2026-03-05"), false),
        // Another supplier with this very number and date.
        (candidate("DE2", "RE-2026/0017", "7.00", "2026-11-01"), true),
        // Another supplier, another date.
        (candidate("DE3", "RE-2026/0017", "119.00", "2026-11-02"), false),
        // A credit note over the amount is no copy.
        (candidate("DE1", "XY-3", "-119.00", "2026-11-01"), false),
    ] {
        let numbers = found(&fixture, &other).await;
        let hit = numbers.iter().any(|number| number == "RE-2026/0017");
        assert_eq!(hit, expected, "{other:?} finds {numbers:?}");
    }
    let part = Candidate {
        order_lines: first.order_lines.clone(),
        ..candidate("DE1", "XY-4", "80.00", "2026-11-08")
    };
    assert!(found(&fixture, &part).await.contains(&"RE-2026/0017".to_owned()));
}

#[rstest]
#[tokio::test]
async fn who_was_matched_first_stays_the_original(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let first = fixture.validated(&extraction("any", "PO-1")).await;
    let one = candidate("DE1", "RE-1", "10.00", "2026-11-01");
    assert_eq!(look(&fixture, &first, &one).await, [""; 0]);
    let second = fixture.validated(&extraction("any", "PO-1")).await;
    assert_eq!(look(&fixture, &second, &one).await, ["RE-1"]);
    // Matched again, the first one still finds nothing that came before it.
    assert_eq!(look(&fixture, &first, &one).await, [""; 0]);
    assert_eq!(look(&fixture, &second, &one).await, ["RE-1"]);
}

#[rstest]
#[tokio::test]
async fn a_price_that_is_billed_often_is_bounded(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    for day in 1..=28 {
        let toll = candidate("DE1", &format!("T-{day}00"), "9.90", &format!("2026-10-{day:02}"));
        found(&fixture, &toll).await;
    }
    let toll = candidate("DE1", "T-9999", "9.90", "2026-10-29");
    assert!(found(&fixture, &toll).await.len() <= 5);
}

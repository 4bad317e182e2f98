//! Documents that name invoices (BG-3) that are not here yet: they are told when one comes.

use ap_gateway::models::extraction::Extraction;
use ap_gateway::models::invoice::{InvoiceKind, PrecedingInvoice};
use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use rstest::rstest;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, takes};

const SELLER: Option<&str> = Some("DE123");

/// A credit note of this number that names an invoice.
fn credit_note(number: &str, named: &str) -> Extraction {
    let mut read = extraction(number, "PO-1");
    read.invoice.kind = InvoiceKind::CreditNote;
    let named = PrecedingInvoice { number: Some(named.to_owned()), ..PrecedingInvoice::default() };
    read.invoice.preceding_invoices = vec![named];
    read
}

async fn compare(
    fixture: &Fixture,
    id: &InvoiceId,
    (number, preceding): (&str, &[&str]),
    result: &Reconciliation,
) -> LedgerView {
    let concerns =
        Concerns { seller: SELLER, number: Some(number), preceding, ..Concerns::default() };
    let (matching, view) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    matching.record(result, S::Held, now()).await.expect("an answer");
    view
}

fn nothing(input_hash: &str) -> Reconciliation {
    Reconciliation { allocations: Vec::new(), ..takes(input_hash, "PO-1", "0") }
}

async fn woken(fixture: &Fixture) -> Vec<InvoiceId> {
    let waiting = fixture.ledger.to_wake(10).await.expect("an answer");
    for wake in &waiting {
        fixture.ledger.woken(wake).await.expect("an answer");
    }
    waiting.into_iter().map(|wake| wake.id).collect()
}

#[rstest]
#[tokio::test]
async fn an_invoice_wakes_exactly_those_that_name_it(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let note = fixture.validated(&credit_note("GU-1", " re-1 ")).await;
    let seen = compare(&fixture, &note, ("GU-1", &[" re-1 "]), &nothing("c1")).await;
    assert_eq!(seen.preceding, []);
    let other = fixture.validated(&credit_note("GU-2", "RE-2")).await;
    compare(&fixture, &other, ("GU-2", &["RE-2"]), &nothing("c2")).await;
    assert_eq!(woken(&fixture).await, []);

    // Another supplier's invoice of that number is another invoice.
    let mut foreign = extraction("RE-1", "PO-9");
    foreign.invoice.seller.vat_id = Some("FR9".to_owned());
    let foreign = fixture.validated(&foreign).await;
    compare(&fixture, &foreign, ("RE-1", &[]), &nothing("h0")).await;
    assert_eq!(woken(&fixture).await, []);

    let invoice = fixture.validated(&extraction("RE-1", "PO-1")).await;
    compare(&fixture, &invoice, ("RE-1", &[]), &takes("h1", "PO-1", "10")).await;
    assert_eq!(woken(&fixture).await, std::slice::from_ref(&note));
    let seen = compare(&fixture, &note, ("GU-1", &[" re-1 "]), &nothing("c3")).await;
    assert_eq!(seen.preceding[0].id.as_deref(), Some(invoice.as_str()));
    // Compared again it takes the same: nothing came for those that name it.
    let mut same = takes("h2", "PO-1", "10");
    compare(&fixture, &invoice, ("RE-1", &[]), &same).await;
    assert_eq!(woken(&fixture).await, []);
    // It takes something else: what may be credited of it is another amount.
    same = takes("h3", "PO-1", "8");
    compare(&fixture, &invoice, ("RE-1", &[]), &same).await;
    assert_eq!(woken(&fixture).await, [note]);
}

/// An invoice and the note that names it are matched at once, in either order: the note sees the
/// invoice, or is told of it.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_note_that_is_matched_beside_its_invoice_is_not_forgotten(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    for round in 0..20 {
        let (number, named) = (format!("GU-{round}"), format!("RE-{round}"));
        let note = fixture.validated(&credit_note(&number, &named)).await;
        let invoice = fixture.accepted().await;
        fixture.ledger.enter(&invoice, S::Extracting, now()).await.expect("an answer");
        let named: &[&str] = &[&named];
        let empty = nothing("c");
        let credited = compare(&fixture, &note, (&number, named), &empty);
        let billed = async {
            let read = extraction(named[0], "PO-1");
            let kept = fixture.ledger.record_extraction(&invoice, &read, now()).await;
            assert_eq!(kept.expect("an answer"), S::Validated);
            let takes = takes("h", "PO-1", "10");
            compare(&fixture, &invoice, (named[0], &[]), &takes).await;
        };
        let (seen, ()) = tokio::join!(credited, billed);
        let lines = seen.preceding.first().map_or(0, |one| one.lines.len());
        let told = woken(&fixture).await.contains(&note);
        assert!(lines == 1 || told, "round {round}: {lines} lines seen, told: {told}");
    }
}

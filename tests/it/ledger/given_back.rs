//! What credit notes give back: of what is still taken, and never more than was.

use ap_gateway::models::refs::InvoiceId;
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::{Charged, Credited, Reconciliation};
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use rstest::rstest;
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, takes};

const NOTES: usize = 12;

fn concerns<'a>(orders: &'a [&'a str], number: &'a str, preceding: &'a [&'a str]) -> Concerns<'a> {
    Concerns {
        orders,
        seller: Some("DE123"),
        number: Some(number),
        preceding,
        ..Concerns::default()
    }
}

async fn record(
    fixture: &Fixture,
    id: &InvoiceId,
    concerns: Concerns<'_>,
    result: &Reconciliation,
) -> LedgerView {
    let (matching, view) = fixture.ledger.matching(id, concerns).await.expect("an answer");
    matching.record(result, S::Held, now()).await.expect("an answer");
    view
}

/// Gives back of line 1 of an invoice, which was taken from line 1 of PO-1.
fn credits(input_hash: &str, invoice: &str, quantity: Decimal) -> Reconciliation {
    let credit = Credited {
        line: "1".to_owned(),
        invoice: invoice.to_owned(),
        invoice_line: "1".to_owned(),
        po: "PO-1".to_owned(),
        po_line: "1".to_owned(),
        quantity: quantity.to_string(),
        amount: quantity.to_string(),
    };
    Reconciliation { credits: vec![credit], ..nothing(input_hash) }
}

fn nothing(input_hash: &str) -> Reconciliation {
    Reconciliation { allocations: Vec::new(), ..takes(input_hash, "PO-1", "0") }
}

/// Order, quantity and amount of what a later invoice sees taken before it.
async fn taken(fixture: &Fixture, later: &InvoiceId) -> Vec<(String, Decimal, Option<Decimal>)> {
    let concerns = Concerns::orders(&["PO-1", "PO-2"]);
    let view = fixture.ledger.matching(later, concerns).await.expect("an answer").1;
    let share = |line: ap_gateway::models::case::BilledBefore| {
        (line.po, line.quantity.normalize(), line.amount.map(|amount| amount.normalize()))
    };
    view.billed_before.into_iter().map(share).collect()
}

fn number(text: &str) -> Decimal {
    text.parse().expect("a decimal")
}

#[rstest]
#[tokio::test]
async fn an_invoice_that_takes_nothing_any_more_gives_nothing_back(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let billed = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let again = async |hash: &str, order: &str, quantity: &str| {
        let result = if quantity == "0" { nothing(hash) } else { takes(hash, order, quantity) };
        record(&fixture, &billed, concerns(&["PO-1", "PO-2"], "RE-1", &[]), &result).await
    };
    again("h1", "PO-1", "10").await;
    let note = fixture.validated(&extraction("GU-1", "PO-1")).await;
    let result = credits("c1", billed.as_str(), number("3"));
    record(&fixture, &note, concerns(&["PO-1"], "GU-1", &["RE-1"]), &result).await;
    let other = fixture.validated(&extraction("RE-2", "PO-1")).await;
    record(&fixture, &other, concerns(&["PO-1"], "RE-2", &[]), &takes("h2", "PO-1", "2")).await;
    let later = fixture.validated(&extraction("RE-3", "PO-1")).await;
    let both = |of_billed: (&str, &str, &str)| {
        let (order, quantity, amount) = of_billed;
        let other = ("PO-1".to_owned(), number("2"), Some(number("12.5")));
        [(order.to_owned(), number(quantity), Some(number(amount))), other]
    };
    assert_eq!(taken(&fixture, &later).await, both(("PO-1", "7", "9.5")));

    // Its lines cannot be paired any more, so nothing is taken and nothing is less than nothing.
    again("h3", "PO-1", "0").await;
    assert_eq!(taken(&fixture, &later).await, both(("PO-1", "7", "9.5"))[1..]);
    // A person paired the line with another order: what was given back goes along.
    again("h4", "PO-2", "8").await;
    assert_eq!(taken(&fixture, &later).await, both(("PO-2", "8", "12.5")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn credit_notes_at_once_never_give_back_more_than_was_taken(
    #[values(Sqlite, Postgres)] database: Database,
    // An invoice that is compared again meanwhile moves its line to another order and back.
    #[values(false, true)] moving: bool,
) {
    let fixture = database.open().await;
    let billed = fixture.validated(&extraction("RE-1", "PO-1")).await;
    record(&fixture, &billed, concerns(&["PO-1"], "RE-1", &[]), &takes("h", "PO-1", "10")).await;
    let mut tasks = JoinSet::new();
    for note in 0..NOTES {
        let id = fixture.validated(&extraction(&format!("GU-{note}"), "PO-1")).await;
        let (ledger, name) = (fixture.ledger.clone(), format!("GU-{note}"));
        tasks.spawn(async move {
            let opened = ledger.matching(&id, concerns(&[], &name, &["RE-1"])).await;
            let (matching, view) = opened.expect("an answer");
            let line = &view.preceding[0].lines[0];
            let left = line.quantity - line.credited_quantity;
            let given = left.min(number("3"));
            let credited = view.preceding[0].id.clone().expect("an id");
            let result =
                if given.is_zero() { nothing(&name) } else { credits(&name, &credited, given) };
            matching.record(&result, S::Held, now()).await.expect("an answer");
            given
        });
    }
    if moving {
        let (ledger, id) = (fixture.ledger.clone(), billed.clone());
        tasks.spawn(async move {
            for round in 0..NOTES {
                let orders: &[&str] = if round % 2 == 0 { &["PO-1", "PO-2"] } else { &["PO-2"] };
                let opened = ledger.matching(&id, concerns(orders, "RE-1", &[])).await;
                let (matching, view) = opened.expect("an answer");
                let given: Decimal = view.credits.iter().map(|credit| credit.quantity).sum();
                // As the engine says it: less what was credited.
                let left = (number("10") - given).to_string();
                let result = takes(&format!("m{round}"), orders[orders.len() - 1], &left);
                matching.record(&result, S::Held, now()).await.expect("an answer");
            }
            Decimal::ZERO
        });
    }
    let given: Decimal = tasks.join_all().await.into_iter().sum();
    assert_eq!(given, number("10"));
    let sql = "SELECT quantity FROM allocation";
    let rows: Vec<String> =
        sqlx::query_scalar(sql).fetch_all(&fixture.rows().await).await.expect("rows");
    let sum: Decimal = rows.iter().map(|row| number(row)).sum();
    assert_eq!(sum.normalize(), Decimal::ZERO, "{rows:?}");
}

#[rstest]
#[tokio::test]
async fn charges_of_a_corrected_invoice_are_told_apart_and_go_with_it(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let charged = |hash: &str, amounts: &[(&str, bool)]| {
        let freight = |(amount, allowance): &(&str, bool)| Charged {
            po: "PO-1".to_owned(),
            code: "FC".to_owned(),
            allowance: *allowance,
            amount: (*amount).to_owned(),
        };
        let charges = amounts.iter().map(freight).collect();
        Reconciliation { charges, ..takes(hash, "PO-1", "1") }
    };
    let before = |view: LedgerView| -> Vec<(String, Option<bool>, String)> {
        let charges = view.charged_before.into_iter();
        let told = charges.map(|charge| {
            (charge.invoice.expect("an invoice"), charge.allowance, charge.amount.to_string())
        });
        told.collect()
    };
    let wrong = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let both = charged("h1", &[("90", false), ("-5", true)]);
    record(&fixture, &wrong, concerns(&["PO-1"], "RE-1", &[]), &both).await;
    let right = fixture.validated(&extraction("RE-1K", "PO-1")).await;
    let names = concerns(&["PO-1"], "RE-1K", &["RE-1"]);
    let result =
        Reconciliation { replaces: vec![wrong.to_string()], ..charged("h2", &[("80", false)]) };
    // The engine leaves out what this document replaces: the ledger says whose each charge is.
    let charge = |invoice: &InvoiceId, allowance: bool, amount: &str| {
        (invoice.to_string(), Some(allowance), amount.to_owned())
    };
    assert_eq!(
        before(record(&fixture, &right, names, &result).await),
        [charge(&wrong, false, "90"), charge(&wrong, true, "-5")]
    );
    assert_eq!(before(record(&fixture, &right, names, &result).await), []);
    let later = fixture.validated(&extraction("RE-2", "PO-1")).await;
    let seen = fixture.ledger.matching(&later, concerns(&["PO-1"], "RE-2", &[])).await;
    assert_eq!(before(seen.expect("an answer").1), [charge(&right, false, "80")]);
}

//! Matching: one at a time for each order, nothing taken twice, nothing lost.

use std::collections::BTreeMap;
use std::time::Duration;

use ap_gateway::models::refs::{InvoiceId, OrderId, ReceiptId};
use ap_gateway::models::status::InvoiceStatus as S;
use ap_gateway::models::verdict::{Hold, HoldCode, HoldSeverity, Reconciliation};
use ap_gateway::storage::ledger::matching::{Concerns, LedgerView};
use ap_gateway::storage::ledger::orders::Registration;
use chrono::{DateTime, SubsecRound};
use rstest::rstest;
use rust_decimal::Decimal;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::timeout;
use uuid::Uuid;

use crate::ledger::Database::{self, Postgres, Sqlite};
use crate::ledger::{Fixture, extraction, now, order, receipt, takes, unique};

/// What the orders' lines were billed before, as text.
fn billed(view: &LedgerView) -> Vec<String> {
    let mut sums: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for line in &view.billed_before {
        *sums.entry((line.po.clone(), line.po_line.clone())).or_default() += line.quantity;
    }
    let lines = sums.into_iter();
    lines.map(|((po, line), sum)| format!("{po} {line} {}", sum.normalize())).collect()
}

async fn view(fixture: &Fixture, id: &InvoiceId, order: &str) -> LedgerView {
    let opened = fixture.ledger.matching(id, Concerns::orders(&[order])).await;
    opened.expect("an answer").1
}

async fn record(fixture: &Fixture, id: &InvoiceId, result: &Reconciliation, next: S) -> S {
    let order = result.allocations.first().map_or("PO-1", |allocation| allocation.po.as_str());
    let opened = fixture.ledger.matching(id, Concerns::orders(&[order])).await;
    let (matching, _) = opened.expect("an answer");
    matching.record(result, next, now()).await.expect("an answer")
}

async fn rows(fixture: &Fixture, id: &InvoiceId) -> Vec<(String, String, String)> {
    let sql = "SELECT quantity, amount, state FROM allocation WHERE invoice_id = $1 ORDER BY entry";
    let rows = sqlx::query_as(sql).bind(id.as_str());
    rows.fetch_all(&fixture.rows().await).await.expect("rows")
}

#[rstest]
#[tokio::test]
async fn the_view_has_the_newest_of_what_was_asked_for(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let ledger = &fixture.ledger;
    for (number, revision) in [("PO-1", 1), ("PO-1", 2), ("PO-2", 1), ("PO-3", 1)] {
        let order = order(number, revision, "10");
        let id = OrderId::new(Uuid::now_v7());
        ledger.register_order(id, &order, now()).await.expect("an answer");
    }
    for (number, order) in [("GR-2", "PO-1"), ("GR-1", "PO-1"), ("GR-3", "PO-3")] {
        let receipt = receipt(number, order, "5");
        let id = ReceiptId::new(Uuid::now_v7());
        ledger.register_receipt(id, &receipt, now()).await.expect("an answer");
    }
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let asked = ["PO-2", " PO-1 ", "PO-9", "PO-1", ""];
    let opened = ledger.matching(&id, Concerns::orders(&asked)).await.expect("an answer");
    let view = opened.1;
    let orders: Vec<_> = view.orders.iter().map(|o| (o.number.as_str(), o.revision)).collect();
    assert_eq!(orders, [("PO-1", 2), ("PO-2", 1)]);
    let receipts: Vec<_> = view.receipts.iter().map(|r| r.number.as_str()).collect();
    assert_eq!(receipts, ["GR-1", "GR-2"]);
    assert_eq!((view.billed_before, view.duplicate_of), (Vec::new(), None));
}

#[rstest]
#[tokio::test]
async fn a_result_is_recorded_once(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let mut result = takes("h1", "PO-1", "4.5");
    result.holds = vec![Hold {
        code: HoldCode::UnitPrice,
        line: Some("1".to_owned()),
        charge: None,
        po: None,
        severity: HoldSeverity::Stop,
        text: "too dear".to_owned(),
        since: None,
        released: None,
    }];
    for _ in 0..2 {
        assert_eq!(record(&fixture, &id, &result, S::Held).await, S::Held);
        let row = fixture.row(&id).await;
        assert_eq!((row.status, row.revision), (S::Held, 5));
        assert!(row.holds[0].since.is_some_and(|since| since <= now()), "{:?}", row.holds);
        let undated = row.holds.into_iter().map(|hold| Hold { since: None, ..hold });
        assert_eq!(undated.collect::<Vec<_>>(), result.holds);
        let kept = fixture.ledger.reconciliation(&id).await.expect("an answer");
        assert_eq!(kept.as_ref(), Some(&result));
        assert_eq!(rows(&fixture, &id).await.len(), 1);
    }
    let events = fixture.events(&id).await;
    assert_eq!(events[4].2["holds"], serde_json::json!(["UNIT_PRICE"]));
    // A later run takes less: the first rows stay, and are reversed.
    assert_eq!(record(&fixture, &id, &takes("h2", "PO-1", "4"), S::Approved).await, S::Approved);
    let states: Vec<_> = rows(&fixture, &id).await;
    let states: Vec<_> = states.iter().map(|row| (row.0.as_str(), row.2.as_str())).collect();
    assert_eq!(states, [("4.5", "reserved"), ("-4.5", "reversed"), ("4", "reserved")]);
    let row = fixture.row(&id).await;
    assert_eq!((row.status, row.revision, row.holds), (S::Approved, 7, Vec::new()));
    // It is approved: nothing may change it any more.
    assert_eq!(record(&fixture, &id, &takes("h3", "PO-1", "9"), S::Held).await, S::Approved);
    assert_eq!(rows(&fixture, &id).await.len(), 3);
}

#[rstest]
#[tokio::test]
async fn a_hold_is_as_old_as_the_first_comparison_since_which_each_found_it(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let at = |minute: i64| {
        DateTime::from_timestamp(1_795_000_000 + 60 * minute, 123_456_789).expect("a time")
    };
    // Lines that are held in each comparison, and since which of them.
    let comparisons = [
        (vec!["1"], vec![0]),
        (vec!["1", "2"], vec![0, 1]),
        (vec!["2"], vec![1]),
        (vec!["1", "2"], vec![3, 1]),
    ];
    for (minute, (lines, since)) in (0..).zip(comparisons) {
        let hold = |line: &&str| json!({ "code": "UNIT_PRICE", "line": line, "severity": "stop", "text": "too dear" });
        let holds: Vec<_> = lines.iter().map(hold).collect();
        let holds = serde_json::from_value(json!(holds)).expect("holds");
        let result = Reconciliation { holds, ..takes(&unique(), "PO-1", "1") };
        let opened = fixture.ledger.matching(&id, Concerns::orders(&["PO-1"])).await;
        let recorded = opened.expect("an answer").0.record(&result, S::Held, at(minute)).await;
        assert_eq!(recorded.expect("an answer"), S::Held);
        let row = fixture.row(&id).await;
        let told: Vec<_> = row.holds.iter().map(|hold| hold.since).collect();
        let since: Vec<_> = since.into_iter().map(|m| Some(at(m).trunc_subsecs(3))).collect();
        assert_eq!(told, since, "minute {minute}");
    }
    let kept = fixture.ledger.reconciliation(&id).await.expect("an answer").expect("a result");
    assert!(kept.holds.iter().all(|hold| hold.since.is_none()), "a result knows no times");
}

#[rstest]
#[tokio::test]
async fn only_earlier_invoices_that_count_are_billed_before(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let mut ids = Vec::new();
    for (number, quantity) in [("RE-1", "1"), ("RE-2", "2"), ("RE-3", "4")] {
        let id = fixture.validated(&extraction(number, "PO-1")).await;
        record(&fixture, &id, &takes(number, "PO-1", quantity), S::Held).await;
        ids.push(id);
    }
    assert_eq!(billed(&view(&fixture, &ids[0], "PO-1").await), [""; 0]);
    assert_eq!(billed(&view(&fixture, &ids[1], "PO-1").await), ["PO-1 1 1"]);
    assert_eq!(billed(&view(&fixture, &ids[2], "PO-1").await), ["PO-1 1 3"]);
    assert_eq!(billed(&view(&fixture, &ids[2], "PO-2").await), [""; 0]);
    record(&fixture, &ids[0], &takes("less", "PO-1", "0.5"), S::Held).await;
    assert_eq!(billed(&view(&fixture, &ids[2], "PO-1").await), ["PO-1 1 2.5"]);
    fixture.ledger.enter(&ids[1], S::Cancelled, now()).await.expect("an answer");
    assert_eq!(billed(&view(&fixture, &ids[2], "PO-1").await), ["PO-1 1 0.5"]);
    let status = record(&fixture, &ids[1], &takes("late", "PO-1", "9"), S::Held).await;
    assert_eq!(status, S::Cancelled);
    let mut nothing = takes("nothing", "PO-1", "0");
    nothing.allocations.clear();
    record(&fixture, &ids[0], &nothing, S::Held).await;
    assert_eq!(billed(&view(&fixture, &ids[2], "PO-1").await), [""; 0]);
}

#[rstest]
#[tokio::test]
async fn the_later_of_two_claims_is_the_duplicate(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let first = fixture.validated(&extraction("re-1 ", "PO-1")).await;
    let second = fixture.validated(&extraction("RE-1", "PO-2")).await;
    let duplicate_of = async |id: &InvoiceId, number: &str, next: S| {
        let seller = extraction(number, "").invoice.seller_key();
        let opened = fixture
            .ledger
            .matching(
                id,
                Concerns {
                    orders: &["PO"],
                    seller: seller.as_deref(),
                    number: Some(number),
                    preceding: &[],
                    ..Concerns::default()
                },
            )
            .await;
        let (matching, view) = opened.expect("an answer");
        let mut result = takes(&unique(), "PO", "1");
        result.allocations.clear();
        matching.record(&result, next, now()).await.expect("an answer");
        view.duplicate_of.map(|earlier| earlier.id)
    };
    // The one that is matched first is the original, and stays it.
    assert_eq!(duplicate_of(&second, "RE-1", S::Held).await, None);
    assert_eq!(duplicate_of(&first, "re-1 ", S::Held).await, Some(second.clone()));
    assert_eq!(duplicate_of(&second, "RE-1", S::Held).await, None);
    let other = fixture.validated(&extraction("RE-2", "PO-1")).await;
    assert_eq!(duplicate_of(&other, "RE-2", S::Held).await, None);
    let mut credit = extraction("RE-1", "PO-1");
    credit.invoice.kind = ap_gateway::models::invoice::InvoiceKind::CreditNote;
    let credit = fixture.validated(&credit).await;
    assert_eq!(duplicate_of(&credit, "RE-1", S::Held).await, None);
    fixture.ledger.enter(&second, S::Rejected, now()).await.expect("an answer");
    assert_eq!(duplicate_of(&first, "RE-1", S::Held).await, None);
}

#[rstest]
#[tokio::test]
async fn a_dropped_matching_leaves_nothing(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    drop(fixture.ledger.matching(&id, Concerns::orders(&["PO-1"])).await.expect("an answer"));
    let sql = "SELECT sequence FROM invoice WHERE id = $1";
    let sequence = sqlx::query_scalar::<_, Option<i64>>(sql).bind(id.as_str());
    let sequence = sequence.fetch_one(&fixture.rows().await).await.expect("a row");
    assert_eq!(sequence, None);
    assert_eq!(fixture.row(&id).await.revision, 3);
    // The next one does not wait for it.
    assert_eq!(record(&fixture, &id, &takes("h", "PO-1", "1"), S::Approved).await, S::Approved);
}

#[rstest]
#[tokio::test]
async fn amounts_that_no_decimal_holds_are_errors(#[values(Sqlite, Postgres)] database: Database) {
    let fixture = database.open().await;
    let most = "79228162514264337593543950335";
    let first = fixture.validated(&extraction("RE-1", "PO-1")).await;
    for bad in ["1e5", "", "NaN", "1,0"] {
        let opened = fixture.ledger.matching(&first, Concerns::orders(&["PO-1"])).await;
        let (matching, _) = opened.expect("an answer");
        let recorded = matching.record(&takes("h", "PO-1", bad), S::Held, now()).await;
        assert!(recorded.is_err(), "{bad}");
    }
    assert_eq!(fixture.row(&first).await.status, S::Validated);
    record(&fixture, &first, &takes("h", "PO-1", most), S::Held).await;
    let second = fixture.validated(&extraction("RE-2", "PO-1")).await;
    record(&fixture, &second, &takes("h", "PO-1", most), S::Held).await;
    let third = fixture.validated(&extraction("RE-3", "PO-1")).await;
    let opened = fixture.ledger.matching(&third, Concerns::orders(&["PO-1"])).await;
    // Each row is read; whether they have a sum is the engine's to say.
    assert_eq!(opened.expect("an answer").1.billed_before.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_invoices_fight_for_one_order(
    #[values(Sqlite, Postgres)] database: Database,
    #[values(true, false)] order_exists: bool,
) {
    let fixture = database.open().await;
    if order_exists {
        let id = OrderId::new(Uuid::now_v7());
        let order = order("PO-1", 1, "20");
        fixture.ledger.register_order(id, &order, now()).await.expect("an answer");
    }
    let mut ids = Vec::new();
    for number in 0..64 {
        ids.push(fixture.validated(&extraction(&format!("RE-{number}"), "PO-1")).await);
    }
    let mut tasks = JoinSet::new();
    for (index, id) in ids.into_iter().enumerate() {
        let ledger = fixture.ledger.clone();
        // Each names a second order too, in an order that would deadlock unsorted locks.
        let others = [format!("PO-{}", index % 4), format!("PO-{}", (index + 1) % 4)];
        let orders = match index % 2 {
            0 => ["PO-1", others[0].as_str(), others[1].as_str()].map(str::to_owned),
            _ => [others[1].as_str(), others[0].as_str(), "PO-1"].map(str::to_owned),
        };
        tasks.spawn(async move {
            let orders: Vec<_> = orders.iter().map(String::as_str).collect();
            let number = format!("RE-{}", index / 2);
            let opened = ledger
                .matching(
                    &id,
                    Concerns {
                        orders: &orders,
                        seller: Some("DE123"),
                        number: Some(&number),
                        preceding: &[],
                        ..Concerns::default()
                    },
                )
                .await;
            let (matching, view) = opened.expect("an answer");
            let before: Decimal = view.billed_before.iter().map(|line| line.quantity).sum();
            let limit = Decimal::from(20);
            let mut result = takes(id.as_str(), "PO-1", "0.75");
            let fits = before + Decimal::new(75, 2) <= limit;
            if !fits {
                result.allocations.clear();
            }
            let next = if fits { S::Approved } else { S::Held };
            let status = matching.record(&result, next, now()).await.expect("an answer");
            assert_eq!(status, next);
            (before, fits)
        });
    }
    let outcomes = tasks.join_all().await;
    let mut taken: Vec<_> = outcomes.iter().filter(|(_, fits)| *fits).map(|o| o.0).collect();
    taken.sort();
    // 26 × 0.75 = 19.50: each saw exactly what those before it took.
    let expected: Vec<_> = (0..26).map(|n| Decimal::new(75, 2) * Decimal::from(n)).collect();
    assert_eq!(taken, expected);
    let pool = fixture.rows().await;
    let sequences: Vec<i64> = sqlx::query_scalar("SELECT sequence FROM invoice ORDER BY sequence")
        .fetch_all(&pool)
        .await
        .expect("sequences");
    assert_eq!(sequences, (1..=64).collect::<Vec<_>>());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_comes_during_matching_is_seen_or_finds_the_invoice_held(
    #[values(Sqlite, Postgres)] database: Database,
) {
    let fixture = database.open().await;
    let id = fixture.validated(&extraction("RE-1", "PO-1")).await;
    let opened = fixture.ledger.matching(&id, Concerns::orders(&["PO-1"])).await;
    let (matching, view) = opened.expect("an answer");
    assert_eq!(view.orders, []);
    let ledger = fixture.ledger.clone();
    let mut arriving = tokio::spawn(async move {
        let order = order("PO-1", 1, "10");
        let registered = ledger.register_order(OrderId::new(Uuid::now_v7()), &order, now()).await;
        assert!(matches!(registered, Ok(Registration::New(_))));
        ledger.held_for_order("PO-1", 10).await.expect("a list")
    });
    // The order has every chance to overtake; it must not.
    let overtakes = timeout(Duration::from_millis(200), &mut arriving).await;
    assert!(overtakes.is_err(), "the order came in during matching: {overtakes:?}");
    let mut result = takes("h", "PO-1", "1");
    result.allocations.clear();
    matching.record(&result, S::Held, now()).await.expect("an answer");
    assert_eq!(arriving.await.expect("a list"), [id]);
}

//! What holds for every case, not only for those somebody thought of.

use std::collections::BTreeMap;

use ap_gateway::models::payment::{ItemKind, PaymentCase, PaymentVerdict, Row, Settlement};
use ap_gateway::reconciliation::payments::{explain, remittance_advices, settle};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Few numbers, amounts and suppliers, so that they meet.
fn item() -> impl Strategy<Value = Value> {
    let facts = (0..4_u32, 1..8_i64, 0..3_u32, prop::bool::weighted(0.2), 0..40_i64);
    (facts, prop::bool::ANY, prop::bool::weighted(0.1)).prop_map(
        |((number, hundreds, supplier, credit, day), discount, hold)| {
            let due = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).expect("a day");
            let due = due + chrono::TimeDelta::days(day);
            let discount = discount.then(|| json!({"percent": "3", "until": "2026-06-10"}));
            json!({"number": format!("R-10{number}"), "supplier": format!("V{supplier}"),
                "supplier_name": format!("Supplier number {supplier}"),
                "kind": if credit { "credit_note" } else { "invoice" },
                "amount": format!("{hundreds}00.00"), "currency": "EUR", "date": "2026-05-02",
                "due": due, "discount": discount, "pay_hold": hold,
                "end_to_end_ids": [format!("PAY-{number}")],
                "verified_ibans": [format!("DE0{supplier}")]})
        },
    )
}

fn payment() -> impl Strategy<Value = Value> {
    let amount = prop_oneof![
        (1..16_i64).prop_map(|hundreds| hundreds * 10_000),
        (1..8_i64).prop_map(|hundreds| hundreds * 9_700),
        (1..8_i64, -600..600_i64).prop_map(|(hundreds, off)| hundreds * 10_000 + off),
    ];
    let names = prop::collection::vec(0..4_u32, 0..3);
    let facts = (amount, names, 0..4_u32, 0..40_u32, prop::option::weighted(0.2, 0..4_u32));
    (facts, prop::bool::weighted(0.8), prop::bool::weighted(0.1), prop::bool::weighted(0.1))
        .prop_map(|((cents, names, iban, day, order), out, reversal, pending)| {
            let text: Vec<String> = names.iter().map(|one| format!("R-10{one}")).collect();
            json!({"direction": if out { "out" } else { "in" },
                "amount": Decimal::new(cents, 2).to_string(), "currency": "EUR",
                "date": format!("2026-06-{:02}", 1 + day % 28), "text": text.join(" "),
                "counterparty_iban": format!("DE0{iban}"),
                "counterparty_name": format!("Supplier number {iban}"),
                "end_to_end_id": order.map(|order| format!("PAY-{order}")),
                "reversal": reversal, "pending": pending})
        })
}

fn numbered(mut values: Vec<Value>, prefix: &str) -> Vec<Value> {
    for (at, value) in values.iter_mut().enumerate() {
        value["id"] = json!(format!("{prefix}{at}"));
    }
    values
}

prop_compose! {
    fn cases()(
        items in prop::collection::vec(item(), 1..12),
        payments in prop::collection::vec(payment(), 1..8),
        confirmed in 0..3_u32,
        fee in 0..6_u32,
    ) -> PaymentCase {
        serde_json::from_value(json!({
            "open_items": numbered(items, "I"),
            "transactions": numbered(payments, "T"),
            "policy": {"fee_limit": fee.to_string(), "write_off_limit": "3",
                "auto_write_off": "1", "discount_grace_days": 3, "fx_percent": "2"},
            "memory": {"version": 1, "pairs":
                [{"counterparty": "DE01", "supplier": "V1", "confirmed": confirmed}]},
        }))
        .expect("a case")
    }
}

/// What is open of each item after rows, computed from nothing but the rows.
fn open_after(case: &PaymentCase, rows: &[Row]) -> BTreeMap<String, Decimal> {
    let items = case.open_items.iter();
    let mut open: BTreeMap<String, Decimal> =
        items.map(|item| (item.id.clone(), item.amount)).collect();
    let kinds: BTreeMap<&str, ItemKind> =
        case.open_items.iter().map(|item| (item.id.as_str(), item.kind)).collect();
    for row in rows {
        let with = kinds[row.item.as_str()].direction() == row.direction;
        *open.get_mut(&row.item).expect("an item") -= if with { row.taken } else { -row.taken };
    }
    open
}

fn spent(case: &PaymentCase, rows: &[Row]) -> BTreeMap<String, Decimal> {
    let mut spent = BTreeMap::new();
    for transaction in &case.transactions {
        let rows = rows.iter().filter(|row| row.transaction.as_ref() == Some(&transaction.id));
        let paid = rows
            .map(|row| if row.direction == transaction.direction { row.paid } else { -row.paid });
        spent.insert(transaction.id.clone(), paid.sum());
    }
    spent
}

/// What happened to each payment, without the order of anything.
fn gist(settlement: &Settlement) -> BTreeMap<String, (String, u16, Vec<String>)> {
    let of = |one: &ap_gateway::models::payment::PaymentDecision| {
        let mut rows: Vec<String> = one
            .rows
            .iter()
            .map(|row| format!("{} {} {} {}", row.item, row.paid, row.discount, row.taken))
            .collect();
        rows.sort();
        (one.transaction.clone(), (format!("{:?}", one.verdict), one.score, rows))
    };
    settlement.decisions.iter().map(of).collect()
}

/// The same case after its rows became history.
fn later(case: &PaymentCase, settlement: &Settlement) -> PaymentCase {
    let mut later = case.clone();
    later.known_transactions.extend(case.transactions.iter().cloned());
    later.rows.extend(settlement.rows.iter().cloned());
    later
}

proptest! {
    #[test]
    fn rows_add_up_and_nothing_is_taken_or_spent_twice(case in cases()) {
        let settlement = settle(&case);
        prop_assert!(settlement.faults.is_empty());
        prop_assert!(settlement.rows.iter().all(Row::adds_up));
        for (id, open) in open_after(&case, &settlement.rows) {
            let item = case.open_items.iter().find(|item| item.id == id).expect("an item");
            prop_assert!((Decimal::ZERO..=item.amount).contains(&open), "{id} {open}");
            prop_assert!(settlement.open.get(&id).is_none_or(|said| *said == open));
        }
        for (id, spent) in spent(&case, &settlement.rows) {
            let one = case.transactions.iter().find(|one| one.id == id).expect("a transaction");
            prop_assert!((Decimal::ZERO..=one.amount).contains(&spent), "{id} {spent}");
            prop_assert_eq!(settlement.unallocated[&id], one.amount - spent);
            prop_assert!(!one.pending || spent.is_zero());
        }
    }

    #[test]
    fn only_what_is_automatic_makes_rows(case in cases()) {
        let settlement = settle(&case);
        for decision in &settlement.decisions {
            let made = settlement.rows.iter().filter(|row| {
                row.transaction.as_ref() == Some(&decision.transaction)
            });
            let automatic = decision.verdict == PaymentVerdict::Automatic;
            prop_assert_eq!(made.count(), if automatic { decision.rows.len() } else { 0 });
            prop_assert!(!automatic || decision.score >= case.policy.automatic_score);
        }
    }

    #[test]
    fn the_order_of_items_and_transactions_changes_nothing(case in cases(), turn in 0..12_usize) {
        let mut turned = case.clone();
        turned.open_items.reverse();
        let (items, payments) = (turned.open_items.len(), turned.transactions.len());
        turned.open_items.rotate_left(turn % items);
        turned.transactions.rotate_left(turn % payments);
        let (one, other) = (settle(&case), settle(&turned));
        prop_assert_eq!(gist(&one), gist(&other));
        prop_assert_eq!(&one, &other);
        let text = |case: &PaymentCase, one: &Settlement| explain(case, one);
        prop_assert_eq!(text(&case, &one), text(&turned, &other));
    }

    #[test]
    fn importing_twice_changes_nothing(case in cases()) {
        let first = settle(&case);
        let second = settle(&later(&case, &first));
        prop_assert!(second.faults.is_empty(), "{:?}", second.faults);
        prop_assert!(second.rows.is_empty() && second.decisions.is_empty());
        prop_assert_eq!(second.already_known.len(), case.transactions.len());
        prop_assert_eq!(first.unallocated, second.unallocated);
    }

    #[test]
    fn allocating_and_taking_back_restores(case in cases(), picks in prop::collection::vec((0..8_usize, 0..12_usize), 1..4)) {
        let mut case = case;
        let (payments, items) = (case.transactions.len(), case.open_items.len());
        let name = |at: usize| Some(case.transactions[at % payments].id.clone());
        let mut steps = Vec::new();
        for (at, (payment, item)) in picks.iter().enumerate() {
            let item = case.open_items[item % items].id.clone();
            steps.push(json!({"step": format!("do {at}"), "transaction": name(*payment),
                "items": [item]}));
        }
        for at in (0..picks.len()).rev() {
            steps.push(json!({"step": format!("undo {at}"), "undo": format!("do {at}")}));
        }
        case.instructions = serde_json::from_value(json!(steps)).expect("instructions");
        let settlement = settle(&case);
        let rows: Vec<Row> =
            settlement.rows.iter().filter(|row| row.step.is_some()).cloned().collect();
        let untouched: BTreeMap<String, Decimal> =
            case.open_items.iter().map(|item| (item.id.clone(), item.amount)).collect();
        prop_assert_eq!(open_after(&case, &rows), untouched);
        prop_assert!(spent(&case, &rows).values().all(Decimal::is_zero));
    }

    #[test]
    fn a_case_survives_the_wire(case in cases()) {
        let text = serde_json::to_string(&case).expect("a case is JSON");
        let again: PaymentCase = serde_json::from_str(&text).expect("a case is read back");
        let (one, other) = (settle(&case), settle(&again));
        prop_assert_eq!(
            serde_json::to_string(&one).expect("JSON"),
            serde_json::to_string(&other).expect("JSON")
        );
    }

    #[test]
    fn numbers_of_any_size_are_answered(case in cases(), picks in prop::collection::vec(0..9_usize, 24)) {
        let sizes = ["0", "0.01", "-1", "250.005", "9999999999999999999999999999",
            "0.000000000000000000000000001", "99999999999999.99999999999999",
            "7922816251426433759354395033", "1"];
        let size = |at: usize| sizes[picks[at % picks.len()]].parse::<Decimal>().expect("a number");
        let mut case = case;
        case.ledger_currency = "USD".to_owned().try_into().ok();
        for (at, item) in case.open_items.iter_mut().enumerate() {
            item.amount = size(at);
            item.booked = Some(size(at + 1));
        }
        for (at, one) in case.transactions.iter_mut().enumerate() {
            one.amount = size(at + 2);
            one.charges = Some(size(at + 3));
            one.currency = if at % 3 == 0 { case.ledger_currency } else { one.currency };
        }
        case.policy.fee_limit = Some(size(4));
        case.policy.write_off_limit = Some(size(5));
        case.policy.fx_percent = Some(size(6));
        let items: Vec<String> = case.open_items.iter().map(|item| item.id.clone()).collect();
        let steps = json!([{"step": "1", "transaction": "T0", "items": items,
            "discount": size(7).to_string(), "fee": size(8).to_string()}]);
        for instructed in [false, true] {
            if instructed {
                case.instructions = serde_json::from_value(steps.clone()).expect("instructions");
            }
            let settlement = settle(&case);
            prop_assert!(settlement.rows.iter().all(Row::adds_up));
            prop_assert!(!explain(&case, &settlement).is_empty());
            prop_assert!(remittance_advices(&case, &settlement).len() <= case.transactions.len());
        }
    }
}

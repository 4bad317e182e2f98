//! The record: rows of earlier runs that cannot stand, and discounts, which are taken once.

use ap_gateway::models::payment::EvidenceCode::{AmountDiscount, AmountPartial};
use ap_gateway::models::payment::Settlement;
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, codes, item, payment, settled, with};

/// A row of an earlier run: so much paid, and taken, of item 4711 by payment T1.
fn row(sequence: u64, amount: &str, other: Value) -> Value {
    let row = json!({"sequence": sequence, "transaction": "T1", "item": "4711",
        "direction": "out", "paid": amount, "taken": amount});
    with(row, other)
}

#[test]
fn rows_of_earlier_runs_stand_as_far_as_items_and_payments_go() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let known = [payment("T1", json!({})), payment("T2", json!({"amount": "1000.00"}))];
    let plain = json!({});
    let back = |of: u64| json!({"reverses": of});
    for (rows, stands) in [
        (vec![row(1, "250.00", plain.clone())], true),
        (vec![row(1, "250.00", plain.clone()), row(2, "-250.00", back(1))], true),
        // More than the item, and less than nothing of it.
        (vec![row(1, "250.01", json!({"transaction": "T2"}))], false),
        (vec![row(1, "-0.01", plain.clone())], false),
        // More than the payment, and less than nothing of it.
        (vec![row(1, "250.00", plain.clone()), row(2, "0.01", json!({"item": "4712"}))], false),
        (vec![row(1, "250.00", json!({"transaction": "T2"})), row(2, "-250.00", back(1))], false),
        // One number twice.
        (vec![row(1, "100.00", plain.clone()), row(1, "50.00", plain.clone())], false),
        // What is not there, and what was taken back, is not taken back.
        (vec![row(1, "250.00", plain.clone()), row(2, "-250.00", back(7))], false),
        (
            vec![
                row(1, "100.00", plain.clone()),
                row(2, "-100.00", back(1)),
                row(3, "100.00", plain),
                row(4, "-100.00", back(1)),
            ],
            false,
        ),
    ] {
        let other = json!({"known_transactions": known, "rows": rows});
        let settlement = settled(&case(&items, &[], other));
        let faults: Vec<_> = settlement.faults.iter().map(|fault| fault.code.as_str()).collect();
        assert_eq!(faults.is_empty(), stands, "{rows:?}: {:?}", settlement.faults);
        assert!(faults.iter().all(|code| *code == "rows"), "{faults:?}");
    }
}

/// 1,000.00 with ten percent off until June.
fn discounted(payments: &[Value]) -> Settlement {
    let discount = json!({"amount": "1000.00", "end_to_end_ids": ["P0"],
        "discount": {"percent": "10", "until": "2026-06-01"}});
    settled(&case(&[item("4711", discount)], payments, json!({})))
}

fn paid(id: &str, amount: &str, day: u32, other: Value) -> Value {
    payment(id, with(json!({"amount": amount, "date": format!("2026-05-{day}")}), other))
}

fn back(amount: &str, day: u32, end_to_end_id: &str) -> Value {
    let other = json!({"direction": "in", "reversal": true, "text": "",
        "end_to_end_id": end_to_end_id});
    paid("T9", amount, day, other)
}

/// A part that is paid without it, the rest with it, the part again.
#[test]
fn a_discount_that_stands_is_not_taken_again() {
    let own = json!({"end_to_end_id": "P0"});
    let settlement = discounted(&[
        paid("T0", "500.00", 20, own),
        paid("T1", "450.00", 21, json!({})),
        back("500.00", 22, "P0"),
        paid("T3", "450.00", 23, json!({})),
    ]);
    let of = |id: &str| {
        let mut decisions = settlement.decisions.iter();
        codes(decisions.find(|one| one.transaction == id).expect("decided"))
    };
    assert!(of("T1").contains(&AmountDiscount), "{:?}", of("T1"));
    assert!(of("T3").contains(&AmountPartial), "{:?}", of("T3"));
    assert_eq!(settlement.open["4711"].to_string(), "500.00");
}

#[test]
fn a_discount_that_was_taken_back_may_be_taken_again() {
    let settlement = discounted(&[
        paid("T1", "900.00", 20, json!({"end_to_end_id": "P1"})),
        back("900.00", 21, "P1"),
        paid("T3", "900.00", 22, json!({})),
    ]);
    let discounts: Vec<_> = settlement.rows.iter().map(|row| row.discount.to_string()).collect();
    assert_eq!(discounts, ["100.00", "-100.00", "100.00"]);
    assert_eq!(settlement.open["4711"].to_string(), "0.00");
}

//! What came back, and what comes again.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Suggestion, Unmatched};
use ap_gateway::models::payment::{PaymentCase, Reason};
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, item, payment, reasons, settled, with};

fn back(change: Value) -> Value {
    let back = json!({"direction": "in", "date": "2026-06-02", "reversal": true,
        "return_reason": "AC04", "end_to_end_id": "PAY-1", "text": ""});
    payment("T9", with(back, change))
}

fn paid() -> Value {
    payment("T1", json!({"end_to_end_id": "PAY-1", "references": ["KREF-5"]}))
}

#[test]
fn a_return_adds_negative_rows_and_the_item_reopens() {
    for how in [json!({}), json!({"end_to_end_id": null, "references": ["KREF-5"]})] {
        let items = [item("4711", json!({"end_to_end_ids": ["PAY-1"]}))];
        let settlement = settled(&case(&items, &[back(how), paid()], json!({})));
        let rows = settlement.rows.iter().map(|row| (row.taken.to_string(), row.reverses));
        let rows: Vec<_> = rows.collect();
        assert_eq!(rows, [("250.00".to_owned(), None), ("-250.00".to_owned(), Some(1))]);
        assert_eq!(settlement.open["4711"].to_string(), "250.00");
        assert_eq!(settlement.unallocated["T9"].to_string(), "0.00");
    }
}

#[test]
fn a_return_without_its_original_reopens_nothing() {
    let items = [item("4711", json!({}))];
    for (change, reason) in [
        (json!({"end_to_end_id": "PAY-2"}), Reason::OriginalMissing),
        (json!({"amount": "249.00"}), Reason::OriginalDiffers),
    ] {
        let settlement = settled(&case(&items, &[paid(), back(change)], json!({})));
        let made = settlement.decisions.last().expect("a decision");
        assert_eq!((made.verdict, reasons(made)), (Unmatched, vec![reason]));
        assert_eq!(settlement.open["4711"].to_string(), "0.00");
    }
}

#[test]
fn two_possible_originals_are_a_suggestion() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let again = payment("T2", json!({"end_to_end_id": "PAY-1", "text": "4712"}));
    let settlement = settled(&case(&items, &[paid(), again, back(json!({}))], json!({})));
    let made = settlement.decisions.last().expect("a decision");
    assert_eq!((made.verdict, made.candidates.len()), (Suggestion, 2));
    assert_eq!(settlement.rows.len(), 2);
}

#[test]
fn what_came_back_before_it_was_allocated_is_not_allocated_any_more() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let vague = with(paid(), json!({"text": ""}));
    let settlement = settled(&case(&items, &[vague, back(json!({}))], json!({})));
    let reasons: Vec<_> = settlement.decisions.iter().flat_map(reasons).collect();
    assert!(reasons.contains(&Reason::Returned) && reasons.contains(&Reason::NothingToReopen));
    assert!(settlement.rows.is_empty());
}

#[test]
fn the_original_may_be_one_of_an_earlier_run() {
    let items = [item("4711", json!({}))];
    let first = case(&items, &[paid()], json!({}));
    let rows = settled(&first).rows;
    let known = json!({"known_transactions": [paid()], "rows": rows});
    let second = settled(&case(&items, &[back(json!({}))], known.clone()));
    assert_eq!(second.decisions[0].verdict, Automatic);
    assert_eq!((second.rows[0].sequence, second.rows[0].reverses), (2, Some(1)));
    // Importing both again: nothing.
    let known = json!({"known_transactions": [paid(), back(json!({}))],
        "rows": rows.iter().chain(&second.rows).collect::<Vec<_>>()});
    let third = settled(&case(&items, &[paid(), back(json!({}))], known));
    assert!(third.rows.is_empty() && third.decisions.is_empty());
    assert_eq!(third.already_known, ["T1", "T9"]);
}

#[test]
fn two_transactions_of_one_id_count_once_when_equal_and_never_when_different() {
    let items = [item("4711", json!({}))];
    let once = settled(&case(&items, &[paid(), paid()], json!({})));
    assert_eq!((once.decisions.len(), once.rows.len()), (1, 1));
    let other = with(paid(), json!({"amount": "1.00"}));
    let none = settled(&case(&items, &[paid(), other], json!({})));
    assert_eq!((none.decisions.len(), none.faults[0].code.as_str()), (0, "twice"));
}

#[test]
fn rows_that_do_not_fit_stop_everything() {
    let items = [item("4711", json!({}))];
    let mut rows = settled(&case(&items, &[paid()], json!({}))).rows;
    rows[0].paid += rust_decimal::Decimal::ONE;
    let case: PaymentCase = case(
        &items,
        &[payment("T2", json!({}))],
        json!({"known_transactions": [paid()], "rows": rows}),
    );
    let settlement = settled(&case);
    assert_eq!(settlement.faults[0].code, "rows");
    assert!(settlement.rows.is_empty() && settlement.decisions.is_empty());
}

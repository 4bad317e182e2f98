//! Explanations beside each other: which comes first, which is a rival, and what is too unsure.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Suggestion};
use ap_gateway::models::payment::Reason;
use serde_json::{Value, json};

use crate::reconciliation::payments::{IBAN, decided, item, items_of, payment, reasons};

fn two(one: Value, other: Value) -> [Value; 2] {
    [item("4711", one), item("4712", other)]
}

#[test]
fn of_two_equal_explanations_the_one_that_nothing_speaks_against_comes_first() {
    let unnamed = [payment("T1", json!({"text": "Zahlung"}))];
    let made = decided(&two(json!({"pay_hold": true}), json!({})), &unnamed, json!({}));
    assert_eq!(items_of(&made), [["4712"], ["4711"]], "{made:?}");
}

/// Both have all points there are; the first is named by its reference too.
#[test]
fn of_two_named_items_neither_is_ahead_by_points_beyond_the_highest_score() {
    let named = json!({"text": "4711 4712", "references": ["4711"]});
    let made = decided(&two(json!({}), json!({})), &[payment("T1", named)], json!({}));
    assert_eq!((made.verdict, made.candidates.len()), (Suggestion, 2), "{made:?}");
    assert!(reasons(&made).contains(&Reason::Rival));
}

#[test]
fn what_is_far_behind_is_no_rival() {
    let stranger = json!({"supplier": "S", "supplier_name": "Firma S", "verified_ibans": null});
    let learned = json!({"memory": {"version": 1, "pairs":
        [{"counterparty": IBAN, "supplier": "V1", "confirmed": 2}]}});
    let known = json!({"text": "Zahlung", "counterparty_name": "Muster Maschinenbau GmbH"});
    let made = decided(&two(json!({}), stranger), &[payment("T1", known)], learned);
    // 300 + 250 + 120 + 50 + 50 + 150 against 250 + 50 + 50.
    assert_eq!((made.verdict, made.score), (Automatic, 920), "{made:?}");
    assert_eq!(items_of(&made), [["4711"]]);
}

/// The reference names one item, and the number in the text 65 others.
#[test]
fn a_search_that_was_given_up_is_never_allocated() {
    let strangers = (0..65).map(|at| {
        item(
            &format!("X-{at:02}"),
            json!({"number": "4711", "amount": "7.00", "supplier": format!("S{at}"),
                "supplier_name": format!("Firma {at}"), "verified_ibans": null}),
        )
    });
    let own = item("A-1", json!({"references": ["RF18539007547034"]}));
    let referred = [payment("T1", json!({"references": ["RF18 5390 0754 7034"]}))];
    let alone = decided(std::slice::from_ref(&own), &referred, json!({}));
    assert_eq!(alone.verdict, Automatic, "{alone:?}");
    let items: Vec<Value> = strangers.chain([own]).collect();
    let made = decided(&items, &referred, json!({}));
    assert_eq!((made.verdict, made.score), (Suggestion, 1000), "{made:?}");
    assert_eq!(items_of(&made), [["A-1"]]);
    assert!(reasons(&made).contains(&Reason::TooManyAlike));
}

/// It names an invoice of one supplier and a credit note of another.
#[test]
fn what_is_named_and_fits_is_paid_though_something_else_is_named() {
    let credit = json!({"kind": "credit_note", "supplier": "V2", "verified_ibans": null});
    let named = [payment("T1", json!({"text": "4711 4712"}))];
    let made = decided(&two(json!({}), credit), &named, json!({}));
    assert_eq!((made.verdict, items_of(&made)), (Automatic, vec![vec!["4711"]]), "{made:?}");
    assert_eq!(reasons(&made), [Reason::WrongDirection]);
}

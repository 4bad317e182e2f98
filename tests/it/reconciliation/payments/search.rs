//! What leads from a payment to items: account, amount, what was learned, what changed since.

use ap_gateway::models::payment::EvidenceCode::{AmountDiscount, AmountExact, AmountFee};
use ap_gateway::models::payment::PaymentVerdict::Suggestion;
use ap_gateway::models::payment::Reason;
use serde_json::{Value, json};

use crate::reconciliation::payments::{
    case, codes, decided, item, items_of, payment, policy, reasons, settled, with,
};

fn unnamed(other: Value) -> [Value; 1] {
    [with(payment("T1", json!({"text": "Zahlung"})), other)]
}

fn two(one: &str, other: &str) -> [Value; 2] {
    [item("4711", json!({"amount": one})), item("4712", json!({"amount": other}))]
}

#[test]
fn an_item_of_the_supplier_is_found_by_what_may_be_missing_of_it() {
    let discount = json!({"discount": {"percent": "10", "until": "2026-06-01"}});
    for (of_item, amount, code) in [
        (json!({"amount": "254.99"}), "250.00", AmountFee),
        (json!({"amount": "245.01"}), "250.00", AmountFee),
        (discount, "225.00", AmountDiscount),
    ] {
        let items = [item("4711", of_item.clone())];
        let made = decided(&items, &unnamed(json!({"amount": amount})), json!({}));
        assert!(codes(&made).contains(&code), "{of_item}: {made:?}");
    }
}

#[test]
fn an_item_in_the_ordered_currency_is_found_by_the_ordered_amount() {
    let abroad = json!({"currency": "USD", "amount": "270.00", "booked": "250.00"});
    let ordered =
        json!({"amount": "252.50", "instructed": {"amount": "270.00", "currency": "USD"}});
    let ledger = json!({"ledger_currency": "EUR"});
    let made = decided(&[item("4711", abroad)], &unnamed(ordered), ledger);
    assert_eq!(items_of(&made), [["4711"]], "{made:?}");
}

#[test]
fn the_supplier_of_a_payer_is_known_by_what_people_confirmed() {
    for (confirmed, expected) in [(1, vec![vec!["4711", "4712"]]), (0, vec![])] {
        let payer = json!({"counterparty_iban": null, "counterparty_name": "Inkasso Nord"});
        let pair = json!({"counterparty": "Inkasso Nord", "supplier": "V1",
            "confirmed": confirmed, "declined": "2026-01-01"});
        let memory = json!({"memory": {"version": 1, "pairs": [pair]}});
        let made = decided(&two("100.00", "150.00"), &unnamed(payer), memory);
        assert_eq!(items_of(&made), expected, "{confirmed}");
    }
}

/// 4700 is paid; the payment names it, and comes to two others.
#[test]
fn a_payment_that_names_what_is_closed_may_still_be_a_sum() {
    let [first, second] = two("100.00", "150.00");
    let items = [item("4700", json!({"amount": "0"})), first, second];
    let made = decided(&items, &unnamed(json!({"text": "4700"})), json!({}));
    assert_eq!((made.verdict, items_of(&made)), (Suggestion, vec![vec!["4711", "4712"]]));
    assert!(reasons(&made).contains(&Reason::Closed), "{made:?}");
}

/// A stranger's item has the very amount, and the account is that of a supplier with another one.
#[test]
fn a_weak_explanation_does_not_hide_the_oldest_item_of_the_supplier() {
    let stranger = json!({"supplier": "S", "supplier_name": "Firma S", "verified_ibans": null});
    let items = [item("4711", json!({"amount": "400.00"})), item("X-1", stranger)];
    let made = decided(&items, &unnamed(json!({})), json!({}));
    assert_eq!(items_of(&made), [["4711"], ["X-1"]], "{made:?}");
}

#[test]
fn what_is_left_of_an_item_is_found_by_its_amount() {
    let own = json!({"end_to_end_ids": ["PAY-1"]});
    let part = payment("T1", json!({"amount": "100.00", "end_to_end_id": "PAY-1"}));
    let rest = payment("T2", json!({"amount": "150.00", "text": "Zahlung", "date": "2026-05-29"}));
    let settlement = settled(&case(&[item("4711", own)], &[part, rest], json!({})));
    let rest = &settlement.decisions[1];
    assert_eq!((rest.transaction.as_str(), items_of(rest)), ("T2", vec![vec!["4711"]]));
    assert!(codes(rest).contains(&AmountExact), "{rest:?}");
}

/// The second payment names another item; the first one, of its very amount, comes back later.
#[test]
fn what_was_suggested_is_looked_at_again_when_an_item_was_reopened_since() {
    let other = json!({"supplier": "V2", "supplier_name": "Zwei AG", "verified_ibans": null,
        "amount": "999.00"});
    let items = [item("4711", json!({})), item("4712", other)];
    let payments = [
        payment("T1", json!({"date": "2026-05-20", "end_to_end_id": "PAY-1"})),
        payment("T2", json!({"date": "2026-05-21", "text": "4712", "counterparty_iban": null})),
        payment(
            "T9",
            json!({"date": "2026-05-22", "direction": "in", "reversal": true, "text": "",
                "end_to_end_id": "PAY-1"}),
        ),
    ];
    let wide = json!({"policy": with(policy(), json!({"lead": 200}))});
    let settlement = settled(&case(&items, &payments, wide.clone()));
    let second = settlement.decisions.iter().find(|one| one.transaction == "T2").expect("decided");
    assert_eq!(items_of(second), [["4712"], ["4711"]], "{second:?}");
    // Without the return it is closed.
    let settlement = settled(&case(&items, &payments[..2], wide));
    assert_eq!(items_of(&settlement.decisions[1]), [["4712"]]);
}

//! One payment and many items, many payments and one item, parts, payments on account.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Suggestion, Unmatched};
use ap_gateway::models::payment::{Reason, Shape};
use serde_json::json;

use crate::reconciliation::payments::{
    IBAN, case, decided, item, items_of, payment, reasons, settled,
};

#[test]
fn several_named_items_are_paid_together_and_a_credit_note_lowers_the_sum() {
    let items = [
        item("4711", json!({"amount": "100.00"})),
        item("4712", json!({"amount": "200.00"})),
        item("C-4713", json!({"amount": "50.00", "kind": "credit_note"})),
    ];
    let text = "4711, 4712 abzgl. C-4713";
    let settlement = settled(&case(&items, &[payment("T1", json!({"text": text}))], json!({})));
    let made = &settlement.decisions[0];
    assert_eq!((made.verdict, made.score), (Automatic, 1000), "{made:?}");
    assert_eq!(made.candidates[0].shape, Shape::Several);
    let rows = settlement.rows.iter().map(|row| (row.item.as_str(), row.paid.to_string()));
    let rows: Vec<_> = rows.collect();
    let wanted = [("4711", "100.00"), ("4712", "200.00"), ("C-4713", "-50.00")];
    assert_eq!(rows, wanted.map(|(item, paid)| (item, paid.to_owned())));
    assert!(settlement.open.values().all(|open| open.is_zero()));
    assert_eq!(settlement.unallocated["T1"].to_string(), "0.00");
}

#[test]
fn without_a_name_exactly_one_sum_is_a_suggestion_and_two_are_both_shown() {
    let amounts = |amounts: &[&str]| -> Vec<_> {
        let items = (1..).zip(amounts);
        items.map(|(at, amount)| item(&format!("480{at}"), json!({"amount": amount}))).collect()
    };
    let unnamed = [payment("T1", json!({"text": "Zahlung"}))];
    let made = decided(&amounts(&["100.00", "150.00", "90.00"]), &unnamed, json!({}));
    assert_eq!((made.verdict, made.score), (Suggestion, 650));
    assert_eq!(items_of(&made), [["4801", "4802"]]);
    let made = decided(&amounts(&["100.00", "150.00", "100.00"]), &unnamed, json!({}));
    assert_eq!(items_of(&made), [["4801", "4802"], ["4802", "4803"]]);
    assert!(made.rows.is_empty() && reasons(&made).contains(&Reason::Rival));
    let many = vec!["7.00"; 41];
    let made = decided(&amounts(&many), &unnamed, json!({}));
    assert!(reasons(&made).contains(&Reason::SearchLimit), "{made:?}");
    assert_ne!(made.verdict, Automatic);
}

#[test]
fn named_items_that_are_not_the_sum_are_never_paid_by_themselves() {
    let items =
        [item("4711", json!({"amount": "100.00"})), item("4712", json!({"amount": "500.00"}))];
    let payments = [payment("T1", json!({"text": "4711 und 4712"}))];
    let made = decided(&items, &payments, json!({}));
    assert_eq!(made.candidates[0].shape, Shape::SumDiffers);
    assert!(made.verdict != Automatic && reasons(&made).contains(&Reason::SumDiffers));
    let paid: Vec<String> = made.rows.iter().map(|row| row.paid.to_string()).collect();
    assert_eq!(paid, ["100.00", "150.00"]);
}

#[test]
fn several_payments_pay_one_item_and_never_more_than_is_open() {
    let own = json!({"end_to_end_ids": ["PAY-1"]});
    let part =
        |id: &str, amount: &str| payment(id, json!({"amount": amount, "end_to_end_id": "PAY-1"}));
    let payments = [part("T1", "100.00"), part("T2", "150.00"), part("T3", "40.00")];
    let settlement = settled(&case(&[item("4711", own)], &payments, json!({})));
    let verdicts: Vec<_> = settlement.decisions.iter().map(|one| one.verdict).collect();
    assert_eq!(verdicts, [Automatic, Automatic, Unmatched]);
    assert!(reasons(&settlement.decisions[2]).contains(&Reason::Closed));
    assert_eq!(settlement.open["4711"].to_string(), "0.00");
    assert_eq!(settlement.unallocated["T3"].to_string(), "40.00");
}

#[test]
fn what_is_more_than_open_stays_on_the_payment() {
    let made = decided(
        &[item("4711", json!({"end_to_end_ids": ["PAY-1"]}))],
        &[payment("T1", json!({"amount": "300.00", "end_to_end_id": "PAY-1"}))],
        json!({}),
    );
    assert_eq!(made.verdict, Automatic);
    assert_eq!(made.rows[0].taken.to_string(), "250.00");
    assert_eq!(made.unallocated.map(|left| left.to_string()).as_deref(), Some("50.00"));
}

#[test]
fn on_account_is_at_most_a_suggestion_oldest_due_first() {
    let items = [
        item("4712", json!({"due": "2026-06-03", "amount": "400.00"})),
        item("4711", json!({"due": "2026-05-20", "amount": "70.00"})),
    ];
    let named = json!({"text": "a conto", "counterparty_name": "Muster Maschinenbau GmbH"});
    let made = decided(&items, &[payment("T1", named)], json!({}));
    assert_eq!((made.verdict, made.candidates[0].shape), (Suggestion, Shape::OnAccount));
    assert_eq!(items_of(&made), [["4711", "4712"]]);
    let made = decided(&items, &[payment("T1", json!({"text": "a conto"}))], json!({}));
    assert_eq!(made.verdict, Unmatched);
    assert!(made.rows.is_empty() && reasons(&made).contains(&Reason::OnAccount));
}

#[test]
fn what_speaks_against_it_keeps_it_a_suggestion() {
    let other = "DE89370400440532013000";
    for (of_item, of_payment, reason) in [
        (json!({"pay_hold": true}), json!({}), Reason::PayHold),
        (
            json!({"end_to_end_ids": ["P1"]}),
            json!({"counterparty_iban": other, "end_to_end_id": "P1"}),
            Reason::IbanConflict,
        ),
    ] {
        let made = decided(&[item("4711", of_item)], &[payment("T1", of_payment)], json!({}));
        assert_eq!(made.verdict, Suggestion, "{made:?}");
        assert!(reasons(&made).contains(&reason), "{made:?}");
    }
}

#[test]
fn pending_and_wrong_ways_are_never_allocated() {
    for (change, reason) in [
        (json!({"pending": true}), Reason::Pending),
        (json!({"direction": "in"}), Reason::WrongDirection),
    ] {
        let made = decided(&[item("4711", json!({}))], &[payment("T1", change)], json!({}));
        assert_eq!((made.verdict, reasons(&made)), (Unmatched, vec![reason]));
        assert!(made.rows.is_empty());
    }
    let credit = item("4711", json!({"kind": "credit_note"}));
    let made = decided(&[credit], &[payment("T1", json!({"direction": "in"}))], json!({}));
    assert_eq!(made.verdict, Automatic, "a credit note comes in");
}

#[test]
fn what_one_payment_names_no_other_takes() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let learned = json!({"version": 1, "pairs":
        [{"counterparty": IBAN, "supplier": "V1", "confirmed": 2}]});
    // Without a number: 300 + 250 + 120 + 50 + 50 + 150 = 920 for each of the two items.
    let vague = json!({"text": "Zahlung", "date": "2026-05-20",
        "counterparty_name": "Muster Maschinenbau GmbH"});
    let payments = [payment("T1", vague), payment("T2", json!({"date": "2026-05-28"}))];
    let settlement = settled(&case(&items, &payments, json!({"memory": learned})));
    let rows: Vec<_> =
        settlement.rows.iter().map(|row| (row.transaction.as_deref(), row.item.as_str())).collect();
    assert_eq!(rows, [(Some("T2"), "4711"), (Some("T1"), "4712")]);
}

#[test]
fn both_amounts_of_an_exchange_are_kept() {
    let abroad = json!({"currency": "USD", "amount": "270.00", "booked": "250.00"});
    let settlement = settled(&case(
        &[item("4711", abroad)],
        &[payment("T1", json!({"amount": "252.50"}))],
        json!({"ledger_currency": "EUR"}),
    ));
    assert_eq!(settlement.decisions[0].verdict, Automatic);
    let row = &settlement.rows[0];
    let exchange = row.exchange.as_ref().expect("another currency");
    let amounts = [row.paid, row.taken, exchange.settles, exchange.booked, exchange.difference];
    let amounts = amounts.map(|amount| amount.to_string());
    assert_eq!(amounts, ["252.50", "270.00", "270.00", "250.00", "-2.50"]);
    assert_eq!(settlement.open["4711"].to_string(), "0.00");
}

#[test]
fn a_discount_is_taken_once() {
    let discount = json!({"amount": "1000.00", "end_to_end_ids": ["P"],
        "discount": {"percent": "10", "until": "2026-06-01"}});
    let first = json!({"amount": "900.00"});
    let settlement = settled(&case(&[item("4711", discount)], &[payment("T1", first)], json!({})));
    let row = &settlement.rows[0];
    assert_eq!(
        (row.paid.to_string(), row.discount.to_string()),
        ("900.00".into(), "100.00".into())
    );
}

#[test]
fn what_is_paid_twice_does_not_go_to_another_item_by_itself() {
    let items = [item("4711", json!({})), item("4712", json!({}))];
    let learned = json!({"version": 1, "pairs":
        [{"counterparty": IBAN, "supplier": "V1", "confirmed": 2}]});
    let named = json!({"counterparty_name": "Muster Maschinenbau GmbH"});
    let payments = [payment("T1", named.clone()), payment("T2", named)];
    let settlement = settled(&case(&items, &payments, json!({"memory": learned})));
    let again = &settlement.decisions[1];
    assert_eq!((again.verdict, again.score), (Suggestion, 920), "{again:?}");
    assert!(reasons(again).contains(&Reason::Closed));
}

#[test]
fn a_difference_as_large_as_the_payment_is_no_fee() {
    for (open, paid, verdict) in [("9.99", "5.00", Automatic), ("10.00", "5.00", Suggestion)] {
        let items = [item("4711", json!({"amount": open}))];
        let made = decided(&items, &[payment("T1", json!({"amount": paid}))], json!({}));
        assert_eq!(made.verdict, verdict, "{made:?}");
    }
}

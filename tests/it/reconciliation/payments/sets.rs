//! Several named items that are not the sum, some of them that are, credit notes among them.

use ap_gateway::models::payment::PaymentVerdict::{Automatic, Suggestion};
use ap_gateway::models::payment::{PaymentDecision, Reason, Shape};
use serde_json::{Value, json};

use crate::reconciliation::payments::{decided, item, items_of, payment, policy, reasons, with};

const CREDIT: &str = "credit_note";

/// A payment of 250.00 that names all of these: id, amount, kind.
fn named(items: &[(&str, &str, &str)], other: Value) -> PaymentDecision {
    let names: Vec<&str> = items.iter().map(|(id, ..)| *id).collect();
    let items = items
        .iter()
        .map(|(id, amount, kind)| item(id, json!({"amount": amount, "kind": kind})))
        .collect::<Vec<_>>();
    decided(&items, &[payment("T1", json!({"text": names.join(", ")}))], other)
}

fn paid(decision: &PaymentDecision) -> Vec<(&str, String)> {
    decision.rows.iter().map(|row| (row.item.as_str(), row.paid.to_string())).collect()
}

#[test]
fn of_named_items_those_that_are_the_sum_are_paid() {
    for (items, expected) in [
        (
            [
                ("4711", "100.00", "invoice"),
                ("4712", "150.00", "invoice"),
                ("4713", "999.00", "invoice"),
            ],
            ["4711", "4712"],
        ),
        (
            [
                ("4711", "300.00", "invoice"),
                ("4712", "999.00", "invoice"),
                ("4713", "50.00", CREDIT),
            ],
            ["4711", "4713"],
        ),
    ] {
        let made = named(&items, json!({}));
        assert_eq!(made.candidates[0].shape, Shape::Several, "{made:?}");
        assert_eq!((made.verdict, items_of(&made)), (Automatic, vec![expected.to_vec()]));
    }
}

/// Seen even by a policy that shows what is far behind.
#[test]
fn one_of_the_named_items_that_is_the_sum_is_all_that_is_explained() {
    let items = [("4711", "600.00", "invoice"), ("4712", "250.00", "invoice")];
    let made = named(&items, json!({"policy": with(policy(), json!({"lead": 300}))}));
    assert_eq!((made.verdict, items_of(&made)), (Automatic, vec![vec!["4712"]]), "{made:?}");
}

#[test]
fn where_no_sum_fits_credit_notes_go_first_and_add_to_what_is_paid() {
    let items =
        [("4711", "100.00", "invoice"), ("4712", "500.00", "invoice"), ("4713", "50.00", CREDIT)];
    let made = named(&items, json!({}));
    assert_eq!((made.verdict, made.candidates[0].shape), (Suggestion, Shape::SumDiffers));
    let rows = [("4713", "-50.00"), ("4711", "100.00"), ("4712", "200.00")];
    assert_eq!(paid(&made), rows.map(|(item, paid)| (item, paid.to_owned())));
}

#[test]
fn named_items_that_come_to_less_are_shown_and_those_that_come_to_less_than_nothing_are_not() {
    for (second, kind, shown) in
        [("50.00", "invoice", true), ("100.00", CREDIT, true), ("400.00", CREDIT, false)]
    {
        let made = named(&[("4711", "100.00", "invoice"), ("4712", second, kind)], json!({}));
        assert_eq!(!made.candidates.is_empty(), shown, "{second} {kind}: {made:?}");
        assert_eq!(reasons(&made).contains(&Reason::SumDiffers), shown, "{second} {kind}");
    }
}

#[test]
fn on_account_of_one_currency_and_of_one_direction() {
    let items = [
        item("4711", json!({"due": "2026-06-03", "amount": "400.00"})),
        item("4712", json!({"due": "2026-05-20", "amount": "50.00", "kind": CREDIT})),
        item("4713", json!({"due": "2026-05-19", "amount": "70.00", "currency": "USD"})),
    ];
    let made = decided(&items, &[payment("T1", json!({"text": "a conto"}))], json!({}));
    assert_eq!((made.candidates[0].shape, items_of(&made)), (Shape::OnAccount, vec![vec!["4711"]]));
}

#[test]
fn a_charge_that_the_bank_names_is_the_fee_of_the_row() {
    let charged = json!({"amount": "262.50", "charges": "12.50"});
    let made = decided(&[item("4711", json!({}))], &[payment("T1", charged)], json!({}));
    let row = &made.rows[0];
    let amounts = [row.paid, row.fee, row.taken].map(|amount| amount.to_string());
    assert_eq!(amounts, ["262.50", "-12.50", "250.00"]);
    assert_eq!(made.unallocated.map(|left| left.to_string()).as_deref(), Some("0.00"));
}

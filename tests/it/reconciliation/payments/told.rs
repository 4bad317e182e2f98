//! What a clerk reads of payments of every shape. Words are the product here: a change of one shows.

use ap_gateway::models::payment::PaymentCase;
use ap_gateway::reconciliation::payments::explain;
use serde_json::{Value, json};

use crate::reconciliation::payments::{case, item, payment, settled};

fn two(one: Value, other: Value) -> [Value; 2] {
    [item("4711", one), item("4712", other)]
}

/// Each shape that an explanation has, and what is set off, kept back or lost.
fn shapes() -> Vec<(&'static str, PaymentCase)> {
    let amount = |amount: &str| json!({"amount": amount});
    let one = |of_item: Value, of_payment: Value| {
        case(&[item("4711", of_item)], &[payment("T1", of_payment)], json!({}))
    };
    let credit = item("C-4713", json!({"amount": "50.00", "kind": "credit_note"}));
    let [first, second] = two(amount("100.00"), amount("200.00"));
    let text = |text: &str| payment("T1", json!({"text": text}));
    let unnamed = [payment("T1", json!({"text": "Zahlung"}))];
    let three = |last: &str| {
        let [first, second] = two(amount("100.00"), amount("150.00"));
        [first, second, item("4713", amount(last))]
    };
    let of_name = json!({"text": "a conto", "counterparty_name": "Muster Maschinenbau GmbH"});
    let dues = two(
        json!({"due": "2026-06-03", "amount": "400.00"}),
        json!({"due": "2026-05-20", "amount": "70.00"}),
    );
    let abroad = json!({"currency": "USD", "amount": "270.00", "booked": "250.00"});
    let ledger = json!({"ledger_currency": "EUR"});
    let discount = json!({"discount": {"percent": "2", "until": "2026-05-25"}});
    vec![
        ("one item", one(json!({}), json!({}))),
        ("a part", one(json!({}), amount("100.00"))),
        ("more than is open", one(json!({}), amount("300.00"))),
        ("the discount", one(discount, amount("245.00"))),
        ("a fee", one(json!({}), amount("246.00"))),
        ("cents", one(json!({}), amount("249.60"))),
        ("together", case(&[first, second, credit], &[text("4711, 4712, C-4713")], json!({}))),
        ("no such sum", case(&dues, &[text("4711 und 4712")], json!({}))),
        ("a sum", case(&three("90.00"), &unnamed, json!({}))),
        ("two sums", case(&three("100.00"), &unnamed, json!({}))),
        ("on account", case(&dues, &[payment("T1", of_name)], json!({}))),
        (
            "another currency",
            case(&[item("4711", abroad)], &[payment("T1", amount("252.50"))], ledger),
        ),
    ]
}

/// What is in the way, what people say, and what comes back.
fn rest() -> Vec<(&'static str, PaymentCase)> {
    let one = |of_item: Value, of_payment: Value| {
        case(&[item("4711", of_item)], &[payment("T1", of_payment)], json!({}))
    };
    let own = json!({"end_to_end_ids": ["P1"]});
    let foreign = json!({"counterparty_iban": "DE89370400440532013000", "end_to_end_id": "P1"});
    let part =
        |id: &str, amount: &str| payment(id, json!({"amount": amount, "end_to_end_id": "P1"}));
    let parts = [part("T1", "100.00"), part("T2", "150.00"), part("T3", "40.00")];
    let credit = item("C", json!({"amount": "50.00", "kind": "credit_note"}));
    let [first, second] = two(json!({"amount": "100.00"}), json!({"amount": "200.00"}));
    let steps = json!({"instructions": [
        {"step": "1", "transaction": "T1", "items": ["4711", "4712"],
         "discount": "4.00", "fee": "1.50", "offset_by": ["C"]},
        {"step": "2", "undo": "1"},
        {"step": "3", "items": ["X"]},
    ]});
    let back = json!({"direction": "in", "date": "2026-06-02", "reversal": true,
        "return_reason": "AC04", "end_to_end_id": "P1", "text": ""});
    let known = json!({"known_transactions": [payment("T1", json!({}))]});
    vec![
        ("nobody's", one(json!({}), json!({"text": "", "counterparty_iban": null, "amount": "9"}))),
        ("a pay hold", one(json!({"pay_hold": true}), json!({}))),
        ("another account", one(own.clone(), foreign)),
        ("pending", one(json!({}), json!({"pending": true}))),
        ("the wrong way", one(json!({}), json!({"direction": "in"}))),
        ("parts and more", case(&[item("4711", own.clone())], &parts, json!({}))),
        ("steps", case(&[first, second, credit], &[payment("T1", json!({}))], steps)),
        (
            "a return",
            case(&[item("4711", own)], &[part("T1", "250.00"), payment("T9", back)], json!({})),
        ),
        ("known before", case(&[item("4711", json!({}))], &[payment("T1", json!({}))], known)),
        ("an item twice", case(&two(json!({}), json!({"id": "4711"})), &[], json!({}))),
    ]
}

#[test]
fn a_clerk_reads_of_each_payment_what_was_agreed() {
    let mut told = String::new();
    for (title, case) in shapes().into_iter().chain(rest()) {
        told.extend(["[", title, "]\n", &explain(&case, &settled(&case))]);
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("told_of_payments", told);
    });
}

//! Order lines that are alike: which of them an invoice line is, and when nobody can say.

use ap_gateway::models::verdict::{HoldCode, Outcome, PairingStep};
use ap_gateway::reconciliation::reconcile;
use serde_json::{Value, json};

use crate::reconciliation::causes::with;
use crate::reconciliation::pairing::{pairs, run};
use crate::reconciliation::sample::codes;

/// Names of one word in which one letter of ten differs are alike by 900, of eleven by 909.
#[test]
fn the_best_name_pairs_when_it_is_a_tenth_ahead_of_the_next() {
    let by_name = |name: &str, ordered: [&str; 2]| {
        let ordered = ordered.map(|name| json!({"description": name}));
        let result = run(&[json!({"name": name})], &ordered);
        let found = pairs(&result).first().map(|(_, line, _)| (*line).to_owned());
        (found, codes(&result))
    };
    let found = |line: &str| (Some(line.to_owned()), vec![]);
    let unpaired = (None, vec![HoldCode::UnpairedLine]);
    for (name, ordered, expected) in [
        ("abcdefghij", ["abcdefghij", "abcdefghix"], found("1")),
        ("abcdefghijk", ["abcdefghijk", "abcdefghijx"], unpaired.clone()),
        // Whichever stands first, and further behind.
        ("abcdefghij", ["abcdefghix", "abcdefghij"], found("2")),
        ("abcdefghij", ["abcdefghxy", "abcdefghij"], found("2")),
        // 800 is alike enough, and 789 is not.
        ("abcdefghij", ["abcdefghxy", "xyz"], found("1")),
        ("abcdefghijabcdefghi", ["abcdefghijabcdexxxx", "xyz"], unpaired),
    ] {
        assert_eq!(by_name(name, ordered), expected, "{name} {ordered:?}");
    }
}

/// One item at one price, taxed in two ways: three and seven are open.
#[test]
fn one_item_at_one_price_is_told_apart_by_what_is_open() {
    let ordered = [
        json!({"buyer_item_id": "B", "quantity": "3", "tax_rate": "7"}),
        json!({"buyer_item_id": "B", "quantity": "7", "tax_rate": "19"}),
    ];
    for (quantity, net, expected) in [
        ("3.01", "12.64", Some("2")),
        ("7", "29.40", Some("2")),
        ("3", "12.60", None),
        ("8", "33.60", None),
    ] {
        let line = json!({"buyer_item_id": "B", "quantity": quantity, "net": net});
        let result = run(&[line], &ordered);
        let found: Vec<_> = pairs(&result).iter().map(|(_, line, step)| (*line, *step)).collect();
        let step = PairingStep::PriceQuantityName;
        assert_eq!(found, expected.map(|line| (line, step)).into_iter().collect::<Vec<_>>());
        assert_eq!(codes(&result).contains(&HoldCode::AmbiguousPairing), expected.is_none());
    }
}

#[test]
fn equal_lines_take_equal_order_lines_one_each() {
    let three = |price: &str| json!({"buyer_item_id": "B", "quantity": "3", "net": price});
    let ordered: [Value; 2] =
        std::array::from_fn(|_| json!({"buyer_item_id": "B", "quantity": "3"}));
    let result = run(&[three("12.60"), three("12.60")], &ordered);
    let found: Vec<_> = pairs(&result).iter().map(|(line, at, _)| (*line, *at)).collect();
    assert_eq!((found, result.outcome), (vec![("1", "1"), ("2", "2")], Outcome::Matched));
}

#[test]
fn two_order_lines_of_one_id_are_both_told() {
    let second = r#"{"number":"PO-2","currency":"EUR","lines":[
        {"id":"1","quantity":"5","unit_price":"4.20"}, {"id":"1","quantity":"7","unit_price":"4.20"}]}"#;
    let line = r#"{"id":"3","quantity":"5","net":"21.00","order_reference":"PO-2",
        "order_line_reference":"1"}"#;
    let result = reconcile(&with(&[("purchase_orders/-", second), ("invoice/lines/-", line)]));
    let mut held = result.holds.iter().filter(|hold| hold.code == HoldCode::AmbiguousPairing);
    let text = held.next().map(|hold| hold.text.as_str()).unwrap_or_default();
    assert!(text.contains("order PO-2 line 1 and order PO-2 line 1 fit equally well"), "{text}");
}

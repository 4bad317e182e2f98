use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::models::duplicate::DuplicateCode;
use crate::models::verdict::HoldSeverity;
use crate::reconciliation::duplicates::tests::{invoice, known};
use crate::reconciliation::duplicates::{hold, judge};

/// Invoices of one order line that do not repeat each other, so each has an amount of its own.
fn part(number: &str, date: &str, gross: &str) -> Value {
    json!({"id": number, "number": number, "date": date, "gross": gross, "order_lines": ["P1/10"]})
}

fn with(mut part: Value, member: &str, value: Value) -> Value {
    part[member] = value;
    part
}

fn suspected(others: &[Value], own: Value, limits: &[&str]) -> Option<Vec<String>> {
    let others: Vec<_> = others.iter().map(|other| known(other.clone(), "approved")).collect();
    let limits: Vec<Decimal> = limits.iter().map(|limit| limit.parse().expect("one")).collect();
    let findings = judge(&invoice(own), &others, &limits);
    let mut splits = findings.into_iter().filter(|one| one.code == DuplicateCode::SplitSuspected);
    let split = splits.next()?;
    assert_eq!(splits.next(), None, "one limit is enough to be told");
    assert_eq!(hold(&split).map(|hold| hold.severity), Some(HoldSeverity::Warn));
    Some(split.against)
}

#[test]
fn parts_of_one_purchase_within_ten_days_are_told() {
    let first = part("A-11", "2024-06-01", "600");
    for (others, own, limits, against) in [
        (vec![first.clone()], part("B-22", "2024-06-11", "500"), vec!["1000"], Some(vec!["A-11"])),
        (vec![first.clone()], part("B-22", "2024-05-22", "500"), vec!["1000"], Some(vec!["A-11"])),
        (vec![first.clone()], part("B-22", "2024-06-12", "500"), vec!["1000"], None),
        // Exactly the limit together; one above it alone; no limit at all.
        (vec![first.clone()], part("B-22", "2024-06-02", "400"), vec!["1000"], None),
        (
            vec![first.clone()],
            part("B-22", "2024-06-02", "400.01"),
            vec!["1000"],
            Some(vec!["A-11"]),
        ),
        (vec![first.clone()], part("B-22", "2024-06-02", "1000"), vec!["1000"], Some(vec!["A-11"])),
        (vec![first.clone()], part("B-22", "2024-06-02", "1000.01"), vec!["1000"], None),
        (vec![first.clone()], part("B-22", "2024-06-02", "500"), vec![], None),
        (
            vec![first.clone()],
            part("B-22", "2024-06-02", "500"),
            vec!["550", "5000", "700"],
            Some(vec!["A-11"]),
        ),
        (vec![first.clone()], part("B-22", "2024-06-02", "500"), vec!["550", "5000"], None),
        // Three over twenty days: never more than ten of them count.
        (
            vec![first.clone(), part("C-33", "2024-06-17", "450")],
            part("B-22", "2024-06-09", "390"),
            vec!["1000"],
            None,
        ),
        (
            vec![first.clone(), part("C-33", "2024-06-10", "450")],
            part("B-22", "2024-06-09", "390"),
            vec!["1000"],
            Some(vec!["A-11", "C-33"]),
        ),
        (
            vec![with(first.clone(), "vendor", json!("V2"))],
            part("B-22", "2024-06-02", "500"),
            vec!["1000"],
            None,
        ),
        (
            vec![with(first.clone(), "order_lines", json!(["P1/20"]))],
            part("B-22", "2024-06-02", "500"),
            vec!["1000"],
            None,
        ),
        (
            vec![with(first.clone(), "kind", json!("credit_note"))],
            part("B-22", "2024-06-02", "500"),
            vec!["1000"],
            None,
        ),
        (
            vec![with(first.clone(), "currency", json!("USD"))],
            part("B-22", "2024-06-02", "500"),
            vec!["1000"],
            None,
        ),
        // What repeats another is told as that.
        (vec![first.clone()], part("A 11", "2024-06-02", "500"), vec!["1000"], None),
    ] {
        let found = suspected(&others, own.clone(), &limits);
        let against = against.map(|ids| ids.into_iter().map(str::to_owned).collect());
        assert_eq!(found, against, "{others:?} {own} {limits:?}");
    }
}

#[test]
fn the_ten_days_in_which_most_is_billed_are_told() {
    let first = part("A-11", "2024-06-01", "600");
    for (others, own, limits, against) in [
        // The ten days in which most is billed are not always the first ten.
        (
            vec![part("A-11", "2024-06-01", "10"), part("C-33", "2024-06-15", "450")],
            part("B-22", "2024-06-09", "500"),
            vec!["900"],
            Some(vec!["C-33"]),
        ),
        // What asks for nothing is no part of it.
        (
            vec![first.clone(), part("C-33", "2024-06-03", "450")],
            part("B-22", "2024-06-02", "0"),
            vec!["1000"],
            None,
        ),
    ] {
        let found = suspected(&others, own.clone(), &limits);
        let against = against.map(|ids: Vec<&str>| ids.into_iter().map(str::to_owned).collect());
        assert_eq!(found, against, "{others:?} {own} {limits:?}");
    }
}

#[test]
fn twenty_parts_are_named_and_the_others_counted() {
    for (count, more) in [(20, None), (22, Some(", 2 more are"))] {
        let others = (0..count).map(|at| {
            let number = format!("A-{at:02}-{}", "XYZ".repeat(at + 1));
            known(part(&number, "2024-06-01", &format!("{}", 60 + at)), "approved")
        });
        let others: Vec<_> = others.collect();
        let limit = Decimal::from(500);
        let findings = judge(&invoice(part("B-22", "2024-06-02", "100")), &others, &[limit]);
        let split = findings.iter().find(|one| one.code == DuplicateCode::SplitSuspected);
        let split = split.expect("they come to more together");
        assert_eq!(split.against.len(), 20);
        let told = [" more", " more are"].iter().any(|word| split.text.contains(word));
        assert_eq!(told, more.is_some(), "{}", split.text);
        assert!(more.is_none_or(|more| split.text.contains(more)), "{}", split.text);
    }
}

#[test]
fn the_same_text_is_the_same_purchase_and_ledger_amounts_count_when_known() {
    let text = |part: Value| {
        let part = with(part, "order_lines", json!([]));
        with(part, "texts", json!(["nuts"]))
    };
    let (one, two) = (part("A-11", "2024-06-01", "600"), part("B-22", "2024-06-02", "500"));
    let found = suspected(&[text(one.clone())], text(two.clone()), &["1000"]);
    assert_eq!(found, Some(vec!["A-11".to_owned()]));
    let ledger = |part: Value, amount: &str| with(part, "ledger_gross", json!(amount));
    let foreign = with(ledger(one.clone(), "900"), "currency", json!("USD"));
    let found = suspected(&[foreign], ledger(two.clone(), "500"), &["1000"]);
    assert_eq!(found, Some(vec!["A-11".to_owned()]));
    assert_eq!(suspected(&[one], ledger(two, "500"), &["1000"]), None);
}

//! `docs/payments.md` says the numbers that the engine uses.

use ap_gateway::models::payment::PaymentPolicy;
use ap_gateway::models::payment::policy::{AUTOMATIC_SCORE, LEAD, SUGGESTION_SCORE};
use ap_gateway::reconciliation::payments::{
    CONFIRMED_TIMES, DATE_FITS_DAYS, DATE_LATE_DAYS, DECLINED_DAYS, ITEMS_MAX, NAME_ALIKE,
    NAME_EQUAL, POINTS, STATES_MAX, STATES_OF_CASE_MAX,
};

const TEXT: &str = include_str!("../../../../docs/payments.md");

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn each_kind_of_evidence_stands_in_the_table_with_its_points() {
    for (code, points) in POINTS {
        let code = serde_json::to_value(code).expect("a word");
        let row = format!("| `{}` | {points} |", code.as_str().expect("a word"));
        assert!(TEXT.contains(&row), "docs/payments.md has no row that begins with {row}");
    }
}

#[test]
fn each_limit_stands_in_the_text() {
    let policy = PaymentPolicy::default();
    assert_eq!(
        (policy.automatic_score, policy.suggestion_score, policy.lead),
        (AUTOMATIC_SCORE, SUGGESTION_SCORE, LEAD)
    );
    for said in [
        format!("{AUTOMATIC_SCORE} points or more, and {LEAD} ahead"),
        format!("a suggestion (from {SUGGESTION_SCORE} points)"),
        format!("to {DATE_FITS_DAYS} days after BT-9"),
        format!("more than {DATE_LATE_DAYS} days after BT-9"),
        format!("by {NAME_EQUAL} of 1000 or more"),
        format!("by {NAME_ALIKE} or more"),
        format!("{CONFIRMED_TIMES} times or more"),
        format!("in the last {DECLINED_DAYS} days"),
        format!("at most {ITEMS_MAX} open items and {} combinations", thousands(STATES_MAX)),
        format!("{} in one run", thousands(STATES_OF_CASE_MAX)),
    ] {
        assert!(TEXT.contains(&said), "docs/payments.md does not say: {said}");
    }
}

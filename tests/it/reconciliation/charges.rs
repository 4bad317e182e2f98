//! Charges that earlier invoices billed or took back, and the order that each counts on.

use ap_gateway::models::verdict::{CheckCode, HoldCode};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::with;

/// What is told of charges of earlier invoices, where none is billed or planned now.
fn told(before: &[(&str, &str)]) -> Vec<String> {
    let rows = before
        .iter()
        .map(|(amount, more)| format!(r#"{{"po":"PO-1","code":"FC","amount":"{amount}"{more}}}"#));
    let rows = format!("[{}]", rows.collect::<Vec<_>>().join(","));
    let checks = reconcile(&with(&[("charged_before", &rows)])).checks.into_iter();
    checks.filter(|check| check.code == CheckCode::Charge).map(|check| check.text).collect()
}

#[test]
fn less_than_nothing_takes_back_a_known_charge_and_is_an_allowance_where_none_is_known() {
    let (charge, allowance) = (r#","allowance":false"#, r#","allowance":true"#);
    for (before, expected) in [
        (&[("5", ""), ("-5", "")][..], &[][..]),
        (&[("-5", ""), ("5", "")], &[]),
        (&[("-4", "")], &["allowance (BG-20) FC 4.00"]),
        // Where both are known, nothing says that it is the charge.
        (
            &[("20", charge), ("-3", allowance), ("-5", "")],
            &["charge (BG-21) FC 20.00", "allowance (BG-20) FC 8.00"],
        ),
    ] {
        let found = told(before);
        assert_eq!(found.len(), expected.len(), "{before:?}: {found:?}");
        let same = found.iter().zip(expected).all(|(text, start)| text.starts_with(start));
        assert!(same, "{before:?}: {found:?}");
    }
}

#[test]
fn a_charge_counts_on_the_order_that_plans_it_and_else_on_the_first() {
    let second = r#"{"number":"PO-2","currency":"EUR","charges":[{"code":"FC","amount":"20"}],
        "lines":[{"id":"1","quantity":"5","unit_price":"44.30"}]}"#;
    let line = r#"{"id":"3","quantity":"5","net":"221.50","order_reference":"PO-2",
        "order_line_reference":"1"}"#;
    let result = reconcile(&with(&[
        ("purchase_orders/-", second),
        ("invoice/lines/-", line),
        (
            "invoice/allowances_and_charges",
            r#"[{"charge":true,"amount":"20","reason_code":"FC"},
                {"charge":true,"amount":"3","reason_code":"PC"}]"#,
        ),
    ]));
    let charged = result.charges.iter().map(|one| (&*one.code, &*one.po));
    assert_eq!(charged.collect::<Vec<_>>(), [("FC", "PO-2"), ("PC", "PO-1")]);
}

#[test]
fn a_charge_is_released_by_itself() {
    let release = r#"{"code":"CHARGE","charge":"FC","actual":"20.00","expected":"0.00",
        "by":"b. uyer","reason":"agreed by mail"}"#;
    let result = reconcile(&with(&[
        (
            "invoice/allowances_and_charges",
            r#"[{"charge":true,"amount":"20","reason_code":"FC"},
                {"charge":true,"amount":"20","reason_code":"PC"}]"#,
        ),
        ("decisions", &format!(r#"{{"releases":[{release}]}}"#)),
    ]));
    let held = result.holds.iter().filter(|hold| hold.code == HoldCode::Charge);
    let held: Vec<_> = held.map(|hold| (hold.charge.as_deref(), hold.released.is_some())).collect();
    assert_eq!(held, [(Some("FC"), true), (Some("PC"), false)]);
}

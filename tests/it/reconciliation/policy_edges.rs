//! Policies at their limits, and what a dry run says where nothing of them decided.

use ap_gateway::models::verdict::CheckCode;
use ap_gateway::reconciliation::policy::document::{
    POLICY_BYTES_MAX, PolicyDocument, PolicyFault, PolicyFaults,
};
use ap_gateway::reconciliation::policy::explained::{explain_policy, text};
use ap_gateway::reconciliation::reconcile;
use serde_json::json;

use crate::reconciliation::sample;

fn faults(text: &str) -> Vec<PolicyFault> {
    PolicyDocument::parse(text).err().map(|PolicyFaults(faults)| faults).unwrap_or_default()
}

#[test]
fn a_policy_may_have_a_mebibyte_and_not_a_byte_more() {
    let mut text = "version = \"1\"\n# ".to_owned();
    text.extend(std::iter::repeat_n('x', POLICY_BYTES_MAX - text.len()));
    assert_eq!(faults(&text), []);
    text.push('x');
    let codes: Vec<_> = faults(&text).into_iter().map(|fault| fault.code).collect();
    assert_eq!(codes, ["too_large"]);
}

#[test]
fn what_is_nested_more_than_sixteen_deep_is_refused_as_that() {
    for (open, close) in [("[", "]"), (r#"{"x":"#, "}")] {
        let nested = |levels: usize| {
            let inside = if open == "[" { "" } else { "1" };
            let (open, close) = (open.repeat(levels), close.repeat(levels));
            let text = format!(r#"{{"version":"1","charge_words":{open}{inside}{close}}}"#);
            faults(&text).iter().any(|fault| fault.code == "too_deep")
        };
        // An object of sixteen levels has a member below the last.
        let most = if open == "[" { 16 } else { 15 };
        assert!(!nested(most), "{open}");
        assert!(nested(most + 1), "{open}");
    }
}

#[test]
fn a_flaw_of_the_notation_is_told_without_its_place_twice() {
    let [fault] = &faults(r#"{"version": "1""#)[..] else { panic!("one flaw") };
    assert_eq!(fault.detail, "EOF while parsing an object");
}

/// No goods are booked in, so that the policy decides.
#[test]
fn a_dry_run_names_the_word_or_the_table_that_set_the_level() {
    for (level, from) in [
        (r#"match_level = "two_way""#, "match_level"),
        ("[match_level]\nentity = \"two_way\"\noverride = \"any\"", "match_level.entity"),
        (
            "[match_level]\nentity = \"three_way\"\n\
             rules = [{ vendor = \"V9\", level = \"four_way\" }]",
            "match_level.entity",
        ),
    ] {
        let document = PolicyDocument::parse(&format!("version = \"1\"\n{level}\n"));
        let document = document.unwrap_or_else(|faults| panic!("{level}: {faults}"));
        let mut case = sample::case();
        case.receipts.clear();
        case.policy = document.policy.clone();
        let explained = explain_policy(&case, &reconcile(&case), Some(&document));
        let levels: Vec<_> = explained.levels.iter().map(|row| row.from.as_str()).collect();
        assert_eq!(levels, [from, from], "{level}");
        assert!(explained.levels.iter().all(|row| row.policy_line.is_some()), "{level}");
    }
}

/// The same limit stands under three keys; freight is planned, packing is not.
#[test]
fn a_dry_run_names_the_limits_of_a_charge_by_whether_it_was_planned() {
    let document = PolicyDocument::parse(
        "version = \"1\"\n[tolerances]\n\
         CHARGE = { upper = { amount = \"5\" } }\n\
         \"CHARGE:FC\" = { upper = { amount = \"5\" } }\n\
         \"CHARGE:unplanned\" = { upper = { amount = \"5\" } }\n",
    )
    .expect("a policy");
    let mut case = sample::case();
    case.policy = document.policy.clone();
    let charges = json!([
        {"charge": true, "amount": "4", "reason_code": "FC"},
        {"charge": true, "amount": "4", "reason_code": "PC"},
    ]);
    case.invoice.allowances_and_charges = serde_json::from_value(charges).expect("charges");
    let planned = json!([{"code": "FC", "amount": "4"}]);
    case.purchase_orders[0].charges = serde_json::from_value(planned).expect("charges");
    let explained = explain_policy(&case, &reconcile(&case), Some(&document));
    let rows = explained.checks.iter().filter(|row| row.code == CheckCode::Charge);
    let rows: Vec<_> = rows.map(|row| (row.charge.as_deref(), row.from.as_deref())).collect();
    let expected = [("FC", "tolerances.CHARGE:FC"), ("PC", "tolerances.CHARGE:unplanned")];
    assert_eq!(rows, expected.map(|(charge, from)| (Some(charge), Some(from))));
}

#[test]
fn a_dry_run_says_why_no_limit_counts() {
    let mut case = sample::case();
    case.receipts.clear();
    let text = text(&explain_policy(&case, &reconcile(&case), None));
    for line in [
        "  pass           CURRENCY: no limit helps",
        "  not_checked    LIST_PRICE: the policy sets no limit",
        "  not_applicable QTY_RECEIVED: a two-way line is not compared with receipts",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
}

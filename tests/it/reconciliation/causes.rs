//! Every hold and every check of the engine, each from the smallest change of a case that matches.

mod arrival;
mod documents;
mod lines;
mod orders;

use std::collections::BTreeSet;

use ap_gateway::models::case::Case;
use ap_gateway::models::invoice::InvoiceKind;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome};
use ap_gateway::reconciliation::{explain, reconcile, verdicts};
use serde_json::{Value, json};

use crate::reconciliation::{holds, sample};

/// A hold, words of its text, and what is put where into the sample to raise it.
type Cause = (HoldCode, &'static str, &'static [(&'static str, &'static str)]);

/// Upper limit of nothing, under each check that the default policy does not test.
macro_rules! nothing_more {
    ($code:literal) => {
        (concat!("policy/tolerances/", $code), r#"{"upper":{"amount":"0"}}"#)
    };
}

pub(crate) use nothing_more;

const ENTITY: (&str, &str) = ("entity", r#"{"id":"E","vat_ids":["DE999999999"]}"#);
const TODAY: (&str, &str) = ("as_of", r#""2026-03-01""#);
const ISSUED: (&str, &str) = ("invoice/issue_date", r#""2026-03-01""#);
const SUPPLIER: (&str, &str) = ("suppliers", r#"[{"id":"V1","vat_ids":["DE111111111"]}]"#);
const GROSS: (&str, &str) = ("invoice/totals/gross", r#""221.50""#);
const CREDIT: (&str, &str) = ("invoice/kind", r#""credit_note""#);
const NAMES_R0: (&str, &str) = ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#);
const R0: (&str, &str) = (
    "preceding",
    r#"[{"number":"R-0","lines":[
        {"line":"1","quantity":"50","net":"62.50","po":"PO-1","po_line":"10"},
        {"line":"2","quantity":"2","net":"96.50","po":"PO-1","po_line":"20"}]}]"#,
);

/// All of them, by what they are about.
fn causes() -> impl Iterator<Item = &'static Cause> {
    [arrival::CAUSES, orders::CAUSES, lines::CAUSES, documents::CAUSES].into_iter().flatten()
}

/// The sample with each value put where its path leads; `-` is the end of a list.
pub(super) fn with(changes: &[(&str, &str)]) -> Case {
    let mut case = serde_json::to_value(sample::case()).expect("a case is JSON");
    for (path, text) in changes {
        let value: Value = serde_json::from_str(text).expect("JSON");
        match *path {
            "many" => repeat_unnamed(&mut case, value.as_u64().expect("a count")),
            path => put(&mut case, path, value),
        }
    }
    serde_json::from_value(case).unwrap_or_else(|error| panic!("{changes:?}: {error}"))
}

fn put(case: &mut Value, path: &str, value: Value) {
    let (parents, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = case;
    for step in parents.split('/').filter(|step| !step.is_empty()) {
        at = match step.parse::<usize>() {
            Ok(place) => &mut at[place],
            Err(_) => &mut at[step],
        };
    }
    match (last, last.parse::<usize>()) {
        ("-", _) => at.as_array_mut().expect("a list").push(value),
        (_, Ok(place)) => at[place] = value,
        (member, Err(_)) => at[member] = value,
    }
}

/// So many lines of one price on both sides, which only their names could tell apart.
fn repeat_unnamed(case: &mut Value, count: u64) {
    let invoiced = (0..count).map(|place| {
        json!({"id": place.to_string(), "quantity": "1", "price": "1", "net": "1", "name": "x"})
    });
    case["invoice"]["lines"] = invoiced.collect();
    let ordered = (0..count).map(|place| {
        json!({"id": place.to_string(), "quantity": "1", "unit_price": "1", "description": "x"})
    });
    case["purchase_orders"][0]["lines"] = ordered.collect();
}

#[test]
fn each_cause_raises_its_hold_and_says_what_is_wrong() {
    for (code, words, changes) in causes() {
        let result = reconcile(&with(changes));
        let told = result.holds.iter().filter(|hold| hold.code == *code);
        let told: Vec<&str> = told.map(|hold| hold.text.as_str()).collect();
        assert!(told.iter().any(|text| text.contains(words)), "{code:?}: {:?}", result.holds);
        let ends = ["eleases when", "goes when", "is paid when"];
        assert!(told.iter().all(|text| ends.iter().any(|end| text.contains(end))), "{told:?}");
    }
}

#[test]
fn what_only_informs_is_in_nobodys_way() {
    for (code, _, changes) in causes() {
        if matches!(
            code,
            HoldCode::SplitSuspected | HoldCode::OverReceipt | HoldCode::CreditExpected
        ) {
            assert_eq!(reconcile(&with(changes)).outcome, Outcome::Matched, "{code:?}");
        }
    }
}

#[test]
fn every_hold_and_every_check_of_the_engine_is_raised_by_a_case() {
    let own = causes().map(|(_, _, changes)| with(changes));
    let results = own.chain(holds::cases()).map(|case| reconcile(&case));
    let (mut raised, mut failed) = (BTreeSet::new(), BTreeSet::new());
    for result in results {
        raised.extend(result.holds.iter().map(|hold| hold.code));
        let failing = result.checks.iter().filter(|check| check.verdict == CheckVerdict::Fail);
        failed.extend(failing.map(|check| check.code));
    }
    let all = |code: &HoldCode| !raised.contains(code);
    assert_eq!(HoldCode::ALL.into_iter().filter(all).collect::<Vec<_>>(), []);
    let all = |code: &CheckCode| !failed.contains(code);
    assert_eq!(CheckCode::ALL.into_iter().filter(all).collect::<Vec<_>>(), []);
}

/// Who counts comparisons counts those that are told.
#[test]
fn every_comparison_is_handed_out_as_it_is_told() {
    let mut compared = 0;
    for (code, _, changes) in causes() {
        let case = with(changes);
        let result = reconcile(&case);
        // Credits and payments in advance have comparisons of their own; some have none.
        let other =
            case.invoice.kind == InvoiceKind::CreditNote || case.invoice.type_code.is_some();
        if other || result.checks.is_empty() {
            continue;
        }
        let mut counted = Vec::new();
        verdicts(&case, |code, verdict| counted.push((code, verdict)));
        let mut told: Vec<_> = result.checks.iter().map(|one| (one.code, one.verdict)).collect();
        let by_name = |one: &(CheckCode, CheckVerdict)| format!("{one:?}");
        counted.sort_by_key(by_name);
        told.sort_by_key(by_name);
        assert_eq!(counted, told, "{code:?}");
        compared += told.len();
    }
    assert!(compared > 100, "{compared}");
}

/// Everything that a clerk reads of the causes, but what is in order and what repeats. Words are the
/// product here: a change of one shows.
#[test]
fn a_clerk_reads_of_each_cause_what_was_agreed() {
    let own = causes().map(|(_, _, changes)| with(changes));
    let mut told = String::new();
    for (place, case) in own.chain(holds::cases()).enumerate() {
        let text = explain(&case, &reconcile(&case));
        let lines = text.lines().filter(|line| !line.starts_with("  ok ")).take(16);
        told.extend([format!("[{}]\n", place + 1)]);
        told.extend(lines.flat_map(|line| [line, "\n"]));
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("told_of_causes", told);
    });
}

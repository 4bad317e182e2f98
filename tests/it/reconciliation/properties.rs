//! What holds for every case, not only for those somebody thought of.

mod anything;
mod laws;
mod plausible;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rust_decimal::Decimal;

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{Check, CheckCode, Outcome, Reconciliation};
use ap_gateway::reconciliation::{explain, reconcile};

/// What may not depend on the order in which anything stands.
#[derive(Debug, PartialEq)]
struct Gist {
    outcome: Outcome,
    codes: BTreeSet<String>,
    levels: String,
    pairs: BTreeSet<String>,
    taken: BTreeMap<(String, String), Decimal>,
    total: Option<Check>,
}

fn gist(result: &Reconciliation) -> Gist {
    let codes = result.holds.iter().map(|hold| format!("{:?}", hold.code));
    let pairs = result.pairing.iter().map(|pair| format!("{pair:?}"));
    let mut checks = result.checks.iter();
    Gist {
        outcome: result.outcome,
        codes: codes.collect(),
        levels: format!("{:?}", result.level),
        pairs: pairs.collect(),
        taken: taken(result),
        total: checks.find(|check| check.code == CheckCode::TotalLines).cloned(),
    }
}

fn taken(result: &Reconciliation) -> BTreeMap<(String, String), Decimal> {
    let mut sums = BTreeMap::new();
    for row in &result.allocations {
        let sum = sums.entry((row.po.clone(), row.po_line.clone())).or_insert(Decimal::ZERO);
        *sum += row.quantity.parse::<Decimal>().expect("a decimal");
    }
    sums
}

proptest! {
    #[test]
    fn billing_exactly_what_was_ordered_and_received_matches(case in plausible::exact()) {
        let result = reconcile(&case);
        prop_assert_eq!(result.outcome, Outcome::Matched, "{}", explain(&case, &result));
        prop_assert!(result.holds.is_empty());
        let sums = taken(&result);
        for order in &case.purchase_orders {
            for line in &order.lines {
                let key = (order.number.clone(), line.id.clone());
                prop_assert_eq!(sums.get(&key), Some(&line.quantity));
            }
        }
    }

    #[test]
    fn the_order_of_things_decides_nothing((case, shuffled) in plausible::shuffled()) {
        prop_assert_eq!(gist(&reconcile(&case)), gist(&reconcile(&shuffled)));
    }

    #[test]
    fn a_receipt_in_two_parts_counts_like_one(case in plausible::case(), part in 0u32..=100) {
        let whole = reconcile(&case);
        let split = reconcile(&plausible::split_receipts(case, Decimal::new(part.into(), 2)));
        // Only which receipt line each row is bound to differs.
        let apart = |result: Reconciliation| Reconciliation {
            input_hash: String::new(),
            allocations: Vec::new(),
            ..result
        };
        prop_assert_eq!(taken(&split), taken(&whole));
        prop_assert_eq!(apart(split), apart(whole));
    }

    #[test]
    fn what_is_taken_is_what_was_paired(case in plausible::case()) {
        let result = reconcile(&case);
        if result.outcome == Outcome::Refused {
            prop_assert!(result.allocations.is_empty());
            return Ok(());
        }
        let quantities = case.invoice.lines.iter().map(|line| (line.id.as_str(), line.quantity));
        let quantities: BTreeMap<&str, Option<Decimal>> = quantities.collect();
        let mut paired: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        for pair in &result.pairing {
            let quantity = quantities[pair.line.as_str()].expect("plausible lines have a quantity");
            if result.outcome == Outcome::Held && quantity < Decimal::ZERO {
                continue; // a held invoice gives nothing back
            }
            *paired.entry((pair.po.clone(), pair.po_line.clone())).or_default() += quantity;
        }
        prop_assert_eq!(taken(&result), paired);
    }

    #[test]
    fn one_case_has_one_result(case in plausible::case()) {
        let text = |result: &Reconciliation| serde_json::to_string(result).expect("JSON");
        let result = reconcile(&case);
        let json = serde_json::to_string(&case).expect("a case is JSON");
        let again: Case = serde_json::from_str(&json).expect("a case is read back");
        prop_assert_eq!(text(&result), text(&reconcile(&again)));
        prop_assert_eq!(explain(&case, &result), explain(&again, &result));
    }

    #[test]
    fn nothing_makes_it_panic(case in anything::case()) {
        let result = reconcile(&case);
        let text = explain(&case, &result);
        prop_assert!(text.lines().count() > case.invoice.lines.len());
        prop_assert_eq!(result, reconcile(&case));
    }
}

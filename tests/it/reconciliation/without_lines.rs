//! An invoice without lines is for the order lines or receipts that alone come to its total.

use ap_gateway::models::case::Case;
use ap_gateway::models::invoice::InvoiceKind;
use ap_gateway::models::policy::MatchLevel;
use ap_gateway::models::verdict::{HoldCode, Outcome, PairingStep, Reconciliation};
use ap_gateway::reconciliation::{explain, reconcile};
use serde_json::{Value, json};

use crate::reconciliation::sample::{self, codes, number};

/// An invoice over a net total against order lines of one piece at these prices.
fn case(total: &str, prices: &[&str]) -> Case {
    let lines = prices.iter().enumerate().map(|(place, price)| {
        json!({"id": (place + 1).to_string(), "quantity": "1", "unit_price": price,
               "description": format!("item {place}")})
    });
    let lines: Vec<Value> = lines.collect();
    serde_json::from_value(json!({
        "invoice": {"number": "R-1", "currency": "EUR", "order_reference": "P",
                    "totals": {"net": total}},
        "purchase_orders": [{"number": "P", "currency": "EUR", "lines": lines}],
    }))
    .expect("a case")
}

fn paired(result: &Reconciliation) -> Vec<&str> {
    assert!(result.pairing.iter().all(|pair| pair.step == PairingStep::Sum));
    result.pairing.iter().map(|pair| pair.po_line.as_str()).collect()
}

#[test]
fn exactly_one_subset_pairs_and_two_are_refused() {
    for (total, prices, lines, hold) in [
        ("30", &["10", "20", "50"][..], &["1", "2"][..], None),
        ("50.02", &["10", "20", "50"], &["3"], None),
        ("50.03", &["10", "20", "50"], &[], Some(HoldCode::MissingData)),
        ("49.98", &["10", "20", "50"], &["3"], None),
        ("49.97", &["10", "20", "50"], &[], Some(HoldCode::MissingData)),
        ("30", &["10", "20", "30"], &[], Some(HoldCode::AmbiguousPairing)),
        ("80", &["10", "20", "50"], &["1", "2", "3"], None),
        ("0", &["10"], &[], Some(HoldCode::MissingData)),
        ("0", &["0.01"], &[], Some(HoldCode::MissingData)),
        ("10", &["10", "0"], &["1"], None),
    ] {
        let result = reconcile(&case(total, prices));
        assert_eq!(paired(&result), lines, "{total} {prices:?}");
        let found = codes(&result);
        match hold {
            None => assert_eq!((found, result.outcome), (vec![], Outcome::Matched), "{total}"),
            Some(hold) => assert!(found.contains(&hold), "{total} {prices:?}: {found:?}"),
        }
        let taken = result.allocations.iter().map(|row| row.po_line.as_str());
        assert!(taken.eq(lines.iter().copied()));
        assert_eq!(result.input_hash, reconcile(&case(total, prices)).input_hash);
    }
}

#[test]
fn lines_that_may_stand_for_each_other_are_one_answer() {
    let mut case = case("20", &["10", "10", "10"]);
    for line in &mut case.purchase_orders[0].lines {
        line.description = Some("Cable".to_owned());
    }
    let result = reconcile(&case);
    assert_eq!((paired(&result), result.outcome), (vec!["1", "2"], Outcome::Matched));
}

#[test]
fn charges_of_the_document_are_no_part_of_the_sum() {
    let mut case = case("35", &["10", "20", "50"]);
    case.invoice.totals.charges = Some(number("5"));
    assert_eq!(paired(&reconcile(&case)), ["1", "2"]);
}

#[test]
fn three_way_the_receipts_are_summed_and_what_was_billed_is_no_more_open() {
    let mut case = sample::case();
    case.invoice.lines.clear();
    case.receipts
        .push(serde_json::from_value(sample::receipt("GR-3", "10", "20")).expect("a receipt"));
    // GR-1: 100 × 1.25, GR-2: 2 × 48.25, GR-3: 20 × 1.25.
    for (total, receipts) in [("96.50", &["GR-2"][..]), ("121.50", &["GR-2", "GR-3"])] {
        case.invoice.totals.lines = Some(number(total));
        let result = reconcile(&case);
        let mut found: Vec<_> =
            result.allocations.iter().map(|row| row.receipt.as_deref().unwrap_or("-")).collect();
        found.sort_unstable();
        assert_eq!(found, receipts, "{total}: {:?}", result.holds);
    }
    let before = json!([{"po": "PO-1", "po_line": "20", "quantity": "2"}]);
    case.billed_before = serde_json::from_value(before).expect("claims");
    case.invoice.totals.lines = Some(number("96.50"));
    assert_eq!(codes(&reconcile(&case)), [HoldCode::MissingData]);
}

/// Nothing but the reference of the order line says which one is meant.
#[test]
fn order_lines_that_have_no_name_are_found_by_their_sum() {
    for (named, hold) in [(Some("P"), None), (Some("P9"), Some(HoldCode::PoNotFound))] {
        let mut case = case("30", &["10", "20", "50"]);
        case.invoice.order_reference = named.map(str::to_owned);
        for line in &mut case.purchase_orders[0].lines {
            line.description = None;
        }
        let result = reconcile(&case);
        assert_eq!(paired(&result), ["1", "2"], "{named:?}");
        assert_eq!(codes(&result), hold.into_iter().collect::<Vec<_>>(), "{named:?}");
    }
}

#[test]
fn where_no_order_is_asked_for_or_named_none_is_looked_for() {
    let mut unnamed = case("30", &["10", "20", "50"]);
    unnamed.invoice.order_reference = None;
    let result = reconcile(&unnamed);
    assert_eq!(paired(&result), Vec::<&str>::new());
    assert!(codes(&result).contains(&HoldCode::PoRequired), "{:?}", result.holds);
    let mut uncompared = case("30", &["10", "20", "50"]);
    uncompared.policy.match_level = MatchLevel::None.into();
    assert_eq!(paired(&reconcile(&uncompared)), Vec::<&str>::new());
}

/// Two order lines cost as much as is asked in advance, or given back.
#[test]
fn what_is_asked_in_advance_or_given_back_is_for_no_order_line() {
    let mut advance = case("25", &["25", "25", "50"]);
    advance.invoice.type_code = Some("386".to_owned());
    advance.purchase_orders[0].prepayment_percent = Some(number("25"));
    let result = reconcile(&advance);
    assert_eq!((codes(&result), result.outcome), (vec![], Outcome::Matched), "{result:?}");
    let mut credit = sample::case();
    credit.invoice.kind = InvoiceKind::CreditNote;
    credit.invoice.lines.clear();
    credit.invoice.totals.lines = Some(number("96.50"));
    let named = json!([{"number": "R-0"}]);
    credit.invoice.preceding_invoices = serde_json::from_value(named).expect("a reference");
    let billed = json!([{"number": "R-0", "lines": [{"line": "1", "quantity": "2", "net": "96.50",
        "po": "PO-1", "po_line": "20"}]}]);
    credit.preceding = serde_json::from_value(billed).expect("an invoice");
    assert!(reconcile(&credit).credits.is_empty());
}

#[test]
fn forty_order_lines_may_be_meant_and_no_more() {
    let prices: Vec<String> = (0..40).map(|place| format!("{}", 1_000 + place)).collect();
    let prices: Vec<&str> = prices.iter().map(String::as_str).collect();
    let result = reconcile(&case("1000", &prices));
    assert_eq!((paired(&result), result.outcome), (vec!["1"], Outcome::Matched));
}

#[test]
fn a_search_that_is_too_long_is_refused() {
    let prices: Vec<String> = (0..41).map(|place| format!("{}", 1_000 + place)).collect();
    let prices: Vec<&str> = prices.iter().map(String::as_str).collect();
    let many = reconcile(&case("2001", &prices));
    assert!(codes(&many).contains(&HoldCode::PairingLimit));
    assert_eq!((many.outcome, many.allocations.len()), (Outcome::Refused, 0));
    // Powers of two: every subset has a sum of its own.
    let powers: Vec<String> = (0..38).map(|place| (1_u64 << place).to_string()).collect();
    let powers: Vec<&str> = powers.iter().map(String::as_str).collect();
    let long = reconcile(&case("274877906943.5", &powers));
    assert!(codes(&long).contains(&HoldCode::PairingLimit), "{:?}", long.holds);
}

#[test]
fn a_clerk_reads_what_the_total_is_for() {
    let case = case("30", &["10", "20", "50"]);
    let text = explain(&case, &reconcile(&case));
    assert!(text.contains("part 1: order P line 1, by the sum of the invoice"), "{text}");
    let two = self::case("30", &["10", "20", "30"]);
    let text = explain(&two, &reconcile(&two));
    assert!(
        text.contains("order P line 3 and also that of order P line 1 + order P line 2")
            || text.contains("order P line 1 + order P line 2 and also that of order P line 3"),
        "{text}"
    );
}

/// One to seven are 28, and so is the last one alone.
#[test]
fn a_long_sum_is_told_by_its_first_parts_and_how_many_more() {
    let case = case("28", &["1", "2", "3", "4", "5", "6", "7", "28"]);
    let text = explain(&case, &reconcile(&case));
    assert!(text.contains("+ order P line 5 and 2 more"), "{text}");
}

//! Payments in advance: asked for by plan, used to the last unit.

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome};
use ap_gateway::reconciliation::reconcile;
use serde_json::json;

use crate::reconciliation::sample::{self, check, codes, number};

/// An order over 1,000.00 that plans a quarter in advance, and 250.00 paid of which 100.00 are used.
fn case(type_code: &str, gross: &str, deducted: &str) -> Case {
    serde_json::from_value(json!({
        "invoice": {
            "number": "R-1", "currency": "EUR", "order_reference": "P", "type_code": type_code,
            "totals": {"gross": gross, "paid": deducted},
            "lines": [{"id": "1", "quantity": "1", "net": "100", "order_line_reference": "1"}],
        },
        "purchase_orders": [{
            "number": "P", "currency": "EUR", "prepayment_percent": "25",
            "lines": [{"id": "1", "quantity": "10", "unit_price": "100"}],
        }],
        "prepayments": [{"po": "P", "paid": "250", "used": "100"}],
    }))
    .expect("a case")
}

#[test]
fn a_partial_invoice_uses_its_share_and_the_final_one_all_that_remains() {
    for (type_code, gross, deducted, variance) in [
        ("380", "400", "100", "0.00"),
        ("380", "400", "90", "10.00"),
        ("380", "400", "110", "-10.00"),
        ("380", "800", "150", "0.00"),
        ("877", "400", "150", "0.00"),
        ("877", "400", "100", "50.00"),
        ("877", "120", "120", "0.00"),
    ] {
        let result = reconcile(&case(type_code, gross, deducted));
        let found = check(&result, CheckCode::Prepaid, None);
        assert_eq!(found.variance.as_deref(), Some(variance), "{type_code} {gross} {deducted}");
        let held = codes(&result).contains(&HoldCode::Prepaid);
        assert_eq!(held, variance != "0.00", "{type_code} {gross} {deducted}");
    }
}

#[test]
fn without_a_plan_a_partial_invoice_uses_what_it_wants_of_what_was_paid() {
    for (deducted, held) in [("0", false), ("120", false), ("150", false), ("150.01", true)] {
        let mut case = case("380", "400", deducted);
        case.purchase_orders[0].prepayment_percent = None;
        let held_by = codes(&reconcile(&case));
        assert_eq!(held_by.contains(&HoldCode::Prepaid), held, "{deducted}: {held_by:?}");
    }
}

#[test]
fn what_somebody_else_paid_is_shown_and_held_by_policy_alone() {
    let mut case = sample::case();
    case.invoice.totals.paid = Some(number("20"));
    let result = reconcile(&case);
    assert_eq!(check(&result, CheckCode::Prepaid, None).verdict, CheckVerdict::NotChecked);
    case.invoice.totals.paid = None;
    assert!(reconcile(&case).checks.iter().all(|check| check.code != CheckCode::Prepaid));
}

#[test]
fn an_invoice_in_advance_is_compared_with_the_plan_and_takes_nothing() {
    for (net, paid, hold) in [
        ("250", "0", None),
        ("250.01", "0", Some(HoldCode::Prepaid)),
        ("50", "200", None),
        ("250", "200", Some(HoldCode::Prepaid)),
    ] {
        let mut case = case("386", "0", "0");
        case.invoice.lines.clear();
        case.invoice.totals.net = Some(number(net));
        case.prepayments[0].paid = number(paid);
        let result = reconcile(&case);
        assert_eq!(codes(&result), hold.into_iter().collect::<Vec<_>>(), "{net} {paid}");
        assert!(result.allocations.is_empty() && result.pairing.is_empty());
    }
    let mut unplanned = case("386", "0", "0");
    unplanned.purchase_orders[0].prepayment_percent = None;
    let result = reconcile(&unplanned);
    assert_eq!((codes(&result), result.outcome), (vec![HoldCode::Manual], Outcome::Held));
}

#[test]
fn tax_in_its_own_currency_may_differ_by_rounding_alone() {
    for (stated, verdict) in [
        ("92.00", CheckVerdict::Pass),
        ("92.02", CheckVerdict::PassWithin),
        ("92.03", CheckVerdict::Fail),
        ("91.97", CheckVerdict::Fail),
    ] {
        let mut case = sample::case();
        let usd = || Some("USD".to_owned());
        (case.invoice.currency, case.invoice.tax_currency) = (usd(), Some("EUR".to_owned()));
        case.invoice.totals.tax = Some(number("100"));
        case.invoice.totals.tax_in_tax_currency = Some(number(stated));
        case.invoice.tax = vec![Default::default(); 2];
        case.purchase_orders[0].currency = "USD".to_owned().try_into().expect("a currency");
        let rates = json!([{"from": "USD", "to": "EUR", "rate": "0.92"}]);
        case.rates = serde_json::from_value(rates).expect("rates");
        let result = reconcile(&case);
        assert_eq!(check(&result, CheckCode::FxRate, None).verdict, verdict, "{stated}");
        let held = codes(&result).contains(&HoldCode::FxRate);
        assert_eq!(held, verdict == CheckVerdict::Fail, "{stated}");
        case.rates.clear();
        let unknown = reconcile(&case);
        let found = check(&unknown, CheckCode::FxRate, None);
        assert_eq!(found.verdict, CheckVerdict::NotApplicable);
    }
}

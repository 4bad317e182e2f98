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

/// A quarter of 221.50 is 55.375, and nobody can ask for half a cent.
#[test]
fn what_is_planned_is_rounded_to_the_minor_unit() {
    for (asked, held) in [("55.38", false), ("55.39", true)] {
        let mut case = sample::case();
        case.invoice.type_code = Some("386".to_owned());
        case.invoice.lines.clear();
        case.invoice.totals.lines = Some(number(asked));
        case.purchase_orders[0].prepayment_percent = Some(number("25"));
        let result = reconcile(&case);
        let held_by = codes(&result).contains(&HoldCode::Prepaid);
        assert_eq!(held_by, held, "{asked}: {:?}", result.holds);
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
        let found = check(&result, CheckCode::FxRate, None);
        assert_eq!(found.verdict, verdict, "{stated}");
        let numbers = [found.actual.as_deref(), found.expected.as_deref()];
        assert_eq!(numbers, [Some(stated), Some("92.00")]);
        let told = format!("tax in its own currency (BT-111) {stated}, 92.00 at the rate");
        assert!(found.text.starts_with(&told), "{}", found.text);
        let held = codes(&result).contains(&HoldCode::FxRate);
        assert_eq!(held, verdict == CheckVerdict::Fail, "{stated}");
        case.rates.clear();
        let unknown = reconcile(&case);
        let found = check(&unknown, CheckCode::FxRate, None);
        assert_eq!(found.verdict, CheckVerdict::NotApplicable);
    }
}

/// The first order plans a tenth, the second a quarter; both are over 100.00.
#[test]
fn the_plan_of_the_order_that_is_named_counts() {
    let order = |number: &str, percent: &str| {
        json!({"number": number, "currency": "EUR", "prepayment_percent": percent,
            "lines": [{"id": "1", "quantity": "1", "unit_price": "100"}]})
    };
    for (named, planned) in [("P1", "10.00"), ("P2", "25.00")] {
        let case = json!({
            "invoice": {"number": "R-1", "currency": "EUR", "order_reference": named,
                "type_code": "386", "totals": {"net": planned}},
            "purchase_orders": [order("P1", "10"), order("P2", "25")],
        });
        let result = reconcile(&serde_json::from_value::<Case>(case).expect("a case"));
        let asked = check(&result, CheckCode::Prepaid, None);
        assert_eq!(asked.expected.as_deref(), Some(planned), "{named}");
        assert_eq!(result.outcome, Outcome::Matched, "{named}: {:?}", result.holds);
    }
}

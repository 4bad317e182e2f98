//! Credit notes against the invoices that they name.

use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::{check, codes};

const CREDIT: (&str, &str) = ("invoice/kind", r#""credit_note""#);
const NAMES_R0: (&str, &str) = ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#);

/// A credit note of both lines of the sample, each as it was billed.
fn credited(more: &[(&str, &str)]) -> Vec<HoldCode> {
    let billed = (
        "preceding",
        r#"[{"number":"R-0","lines":[
            {"line":"1","quantity":"100","net":"125.00","po":"PO-1","po_line":"10"},
            {"line":"2","quantity":"2","net":"96.50","po":"PO-1","po_line":"20","unit":"KGM"}]}]"#,
    );
    let mut changes = vec![CREDIT, NAMES_R0, billed];
    changes.extend(more);
    codes(&reconcile(&with(&changes)))
}

#[test]
fn what_was_billed_may_be_credited_in_full() {
    assert_eq!(credited(&[]), []);
}

#[test]
fn lines_that_give_and_lines_that_ask_are_a_matter_for_a_person() {
    for (first, second, held) in [
        ("125.00", "96.50", false),
        ("-125.00", "-96.50", false),
        ("125.00", "-96.50", true),
        ("-125.00", "96.50", true),
        ("0", "-96.50", false),
        ("125.00", "0", false),
    ] {
        let (first, second) = (format!("{first:?}"), format!("{second:?}"));
        let nets = [
            ("invoice/lines/0/net", first.as_str()),
            ("invoice/lines/1/net", second.as_str()),
            ("invoice/totals/lines", "null"),
        ];
        assert_eq!(credited(&nets).contains(&HoldCode::Manual), held, "{first} {second}");
    }
}

#[test]
fn a_price_is_no_less_than_half_where_no_quantity_says_what_it_was() {
    let unclear =
        |changes: &[(&str, &str)]| credited(changes).contains(&HoldCode::CreditKindUnclear);
    let cheap = ("invoice/lines/1/net", r#""48.24""#);
    assert!(unclear(&[cheap]));
    assert!(!unclear(&[("invoice/lines/1/net", r#""48.25""#)]));
    assert!(!unclear(&[cheap, ("invoice/lines/1/quantity", r#""0""#)]));
    assert!(!unclear(&[cheap, ("preceding/0/lines/1/quantity", r#""0""#)]));
}

#[test]
fn a_line_is_found_by_its_item_where_items_are_known_and_by_its_id_where_not() {
    let unnamed = ("invoice/lines/1/order_line_reference", "null");
    let item = ("invoice/lines/1/buyer_item_id", r#""GREASE""#);
    let known = ("preceding/0/lines/1/items", r#"["GREASE"]"#);
    let other = ("preceding/0/lines/0/items", r#"["GREASE"]"#);
    let strange = ("preceding/0/lines/1/items", r#"["PAINT"]"#);
    assert_eq!(credited(&[unnamed]), []);
    assert_eq!(credited(&[unnamed, item]), []);
    assert_eq!(credited(&[unnamed, item, known]), []);
    assert_eq!(credited(&[unnamed, known]), []);
    assert_eq!(credited(&[unnamed, item, strange]), [HoldCode::ItemMismatch]);
    // Both lines would give back the first one.
    assert!(credited(&[unnamed, item, other]).contains(&HoldCode::CreditQty));
}

#[test]
fn quantities_are_credited_in_the_unit_that_was_billed() {
    for (unit, quantity, expected) in [
        (r#""KGM""#, r#""2""#, &[][..]),
        (r#"" KGM ""#, r#""2""#, &[]),
        (r#""""#, r#""2""#, &[]),
        ("null", r#""2""#, &[]),
        (r#""GRM""#, r#""2000""#, &[]),
        (r#""GRM""#, r#""2001""#, &[HoldCode::UnitPrice, HoldCode::CreditQty]),
        (r#""XBX""#, r#""2""#, &[HoldCode::UomMismatch]),
    ] {
        let found =
            credited(&[("invoice/lines/1/unit", unit), ("invoice/lines/1/quantity", quantity)]);
        assert_eq!(found, expected, "{quantity} {unit}");
    }
    // Where the billed line says nothing, its unit is the one of the credit.
    for unit in ["null", r#""""#, r#"" ""#] {
        let said = [("preceding/0/lines/1/unit", unit), ("invoice/lines/1/unit", r#""XBX""#)];
        assert_eq!(credited(&said), [], "{unit}");
    }
}

#[test]
fn what_names_no_invoice_is_called_what_it_is() {
    for (kind, type_code, total, name) in [
        (r#""credit_note""#, "null", r#""221.50""#, "this credit note names no invoice"),
        (r#""invoice""#, r#""384""#, r#""221.50""#, "this correction names no invoice"),
        (r#""invoice""#, r#""380""#, r#""-1""#, "this negative invoice names no invoice"),
    ] {
        let result = reconcile(&with(&[
            ("invoice/kind", kind),
            ("invoice/type_code", type_code),
            ("invoice/order_reference", "null"),
            ("invoice/totals/payable", total),
        ]));
        let told = result.holds.iter().map(|hold| hold.text.as_str());
        let told: Vec<&str> = told.filter(|text| text.contains("names no invoice")).collect();
        assert!(told.iter().any(|text| text.starts_with(name)), "{told:?} for {name}");
    }
}

/// A credit note of a paid invoice is ordinary; a correction of one is not.
#[test]
fn only_what_replaces_an_invoice_minds_that_it_is_paid() {
    let run = |kind: &str, type_code: &str, payable: &str| {
        let result = reconcile(&with(&[
            ("invoice/kind", kind),
            ("invoice/type_code", type_code),
            ("invoice/totals/payable", payable),
            NAMES_R0,
            ("preceding", r#"[{"number":"R-0","paid":true}]"#),
        ]));
        let mut told = result.holds.iter().map(|hold| hold.text.as_str());
        told.any(|text| text.contains("scheduled or paid"))
    };
    assert!(run(r#""invoice""#, r#""384""#, r#""221.50""#));
    assert!(!run(r#""invoice""#, r#""384""#, r#""-221.50""#));
    assert!(!run(r#""credit_note""#, "null", r#""221.50""#));
}

/// Dollars, of which two are a euro: limits of quantities are no money.
#[test]
fn limits_of_money_are_of_the_ledger_and_those_of_quantities_are_not() {
    let run = |quantity: &str, net: &str| {
        let [quantity, net] = [quantity, net].map(|text| format!("{text:?}"));
        let result = reconcile(&with(&[
            CREDIT,
            NAMES_R0,
            (
                "preceding",
                r#"[{"number":"R-0","lines":[{"line":"2","quantity":"2","net":"96.50","po":"PO-1",
                    "po_line":"20"}]}]"#,
            ),
            ("invoice/currency", r#""USD""#),
            ("policy/ledger_currency", r#""EUR""#),
            ("rates", r#"[{"from":"USD","to":"EUR","rate":"0.5"}]"#),
            ("policy/tolerances/CREDIT_QTY", r#"{"upper":{"amount":"1"}}"#),
            ("policy/tolerances/CREDIT_AMOUNT", r#"{"upper":{"amount":"5"}}"#),
            ("invoice/lines/1/quantity", &quantity),
            ("invoice/lines/1/net", &net),
        ]));
        [CheckCode::CreditQty, CheckCode::CreditAmount]
            .map(|code| check(&result, code, Some("2")).verdict)
    };
    assert_eq!(run("3", "106.50"), [CheckVerdict::PassWithin; 2]);
    assert_eq!(run("3.01", "106.51"), [CheckVerdict::Fail; 2]);
}

/// One of two that were billed at 96.51 is worth 48.255.
#[test]
fn half_a_cent_less_than_was_billed_is_less() {
    for (net, held) in [("48.25", true), ("48.2501", false), ("48.26", false)] {
        let net = format!("{net:?}");
        let found = credited(&[
            ("preceding/0/lines/1/net", r#""96.51""#),
            ("invoice/lines/1/quantity", r#""1""#),
            ("invoice/lines/1/net", &net),
            ("invoice/totals/lines", "null"),
        ]);
        assert_eq!(found.contains(&HoldCode::UnitPrice), held, "{net}: {found:?}");
    }
}

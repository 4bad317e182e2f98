//! Kinds of documents, charges over several invoices, other currencies, receipts that are named.

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{
    CheckCode, CheckVerdict, HoldCode, HoldSeverity, Outcome, PairingStep,
};
use ap_gateway::reconciliation::reconcile;
use rust_decimal::Decimal;

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::{check, codes};

const BILLED: (&str, &str) = (
    "billed_before",
    r#"[{"invoice":"inv_0","line":"1","po":"PO-1","po_line":"10","quantity":"100"},
        {"invoice":"inv_0","line":"2","po":"PO-1","po_line":"20","quantity":"2"}]"#,
);

#[test]
fn a_correction_takes_the_place_of_the_invoice_it_names() {
    let corrected = |code: &str, preceding: &str| {
        let named = ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#);
        let code = format!("{code:?}");
        reconcile(&with(&[BILLED, named, ("invoice/type_code", &code), ("preceding", preceding)]))
    };
    let known = r#"[{"number":"R-0","id":"inv_0"}]"#;
    let result = corrected("384", known);
    assert_eq!((codes(&result), result.outcome), (vec![], Outcome::Matched));
    assert_eq!(result.replaces, ["inv_0"]);
    assert_eq!(result.allocations.len(), 2);
    // An ordinary invoice replaces nothing, and a stranger's is not replaced.
    assert!(codes(&corrected("380", known)).contains(&HoldCode::QtyOrdered));
    let strange = corrected("384", r#"[{"number":"R-0","id":"inv_0","same_vendor":false}]"#);
    assert!(codes(&strange).contains(&HoldCode::CreditRefMissing));
    assert!(codes(&strange).contains(&HoldCode::QtyOrdered) && strange.replaces.is_empty());
}

#[test]
fn a_circle_of_corrections_is_held() {
    let result = reconcile(&with(&[
        ("invoice/type_code", r#""384""#),
        ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#),
        ("preceding", r#"[{"number":"R-0","corrects":["R-9"," R-1 "]}]"#),
    ]));
    assert_eq!(codes(&result), [HoldCode::CreditRefMissing]);
    assert!(result.holds[0].text.contains("circle"), "{}", result.holds[0].text);
}

#[test]
fn a_debit_note_adds_money_and_no_quantity() {
    let result = reconcile(&with(&[BILLED, ("invoice/type_code", r#""383""#)]));
    let ordered = check(&result, CheckCode::QtyOrdered, Some("1"));
    assert_eq!((ordered.actual.as_deref(), ordered.verdict), (Some("100"), CheckVerdict::Pass));
    assert!(result.allocations.iter().all(|row| row.quantity == "0"), "{:?}", result.allocations);
    // What is asked for beyond the order needs a person.
    assert_eq!(result.outcome, Outcome::Held);
    assert!(codes(&result).contains(&HoldCode::LineNet));
}

#[test]
fn freight_as_a_line_is_a_charge_of_the_order() {
    let freight = r#"{"id":"3","quantity":"1","net":"20.00","name":"Freight costs"}"#;
    let run = |planned: &str, before: &str| {
        let planned = format!(r#"[{{"code":"FC","amount":"{planned}"}}]"#);
        let before = format!(r#"[{{"po":"PO-1","code":"FC","amount":"{before}"}}]"#);
        reconcile(&with(&[
            ("invoice/lines/-", freight),
            ("invoice/totals/lines", r#""241.50""#),
            ("purchase_orders/0/charges", &planned),
            ("charged_before", &before),
        ]))
    };
    for (planned, before, holds) in [
        ("20", "0", vec![]),
        ("30", "10", vec![]),
        ("20", "10", vec![HoldCode::Charge]),
        ("19.99", "0", vec![HoldCode::Charge]),
    ] {
        let result = run(planned, before);
        assert_eq!(codes(&result), holds, "{planned} {before}: {:?}", result.holds);
        let charged = result.charges.iter().map(|one| (&*one.po, &*one.code, &*one.amount));
        assert!(charged.eq([("PO-1", "FC", "20.00")]), "{:?}", result.charges);
    }
}

/// Freight of 20.00 is billed, and as much is planned for the whole order.
#[test]
fn what_was_taken_back_of_a_charge_may_be_charged_again() {
    let freight = r#"{"id":"3","quantity":"1","net":"20.00","name":"Freight costs"}"#;
    let run = |before: &str| {
        reconcile(&with(&[
            ("invoice/lines/-", freight),
            ("invoice/totals/lines", r#""241.50""#),
            ("purchase_orders/0/charges", r#"[{"code":"FC","amount":"20"}]"#),
            ("charged_before", before),
        ]))
    };
    let row = |amount: &str, more: &str| {
        format!(r#"{{"po":"PO-1","code":"FC","amount":"{amount}"{more}}}"#)
    };
    let (charge, allowance) = (r#","allowance":false"#, r#","allowance":true"#);
    for (before, held) in [
        (vec![row("20", "")], true),
        (vec![row("20", ""), row("-20", "")], false),
        (vec![row("-20", ""), row("20", "")], false),
        (vec![row("20", ""), row("-19.99", "")], true),
        (vec![row("20", charge), row("-20", charge)], false),
        // An allowance of the same code takes nothing back of the charge.
        (vec![row("20", charge), row("-20", allowance)], true),
        (vec![row("-5", allowance), row("20", ""), row("-20", charge)], false),
        (vec![row("-5", ""), row("5", "")], false),
    ] {
        let result = run(&format!("[{}]", before.join(",")));
        let found = codes(&result).contains(&HoldCode::Charge);
        assert_eq!(found, held, "{before:?}: {:?}", result.holds);
    }
}

#[test]
fn the_charges_of_a_corrected_invoice_do_not_count_again() {
    let run = |type_code: &str, invoice: &str| {
        let before =
            format!(r#"[{{"invoice":{invoice:?},"po":"PO-1","code":"FC","amount":"20"}}]"#);
        let result = reconcile(&with(&[
            ("invoice/type_code", type_code),
            ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#),
            ("preceding", r#"[{"number":"R-0","id":"inv_0"}]"#),
            (
                "invoice/allowances_and_charges",
                r#"[{"charge":true,"amount":"20","reason_code":"FC"}]"#,
            ),
            ("purchase_orders/0/charges", r#"[{"code":"FC","amount":"20"}]"#),
            ("charged_before", &before),
        ]));
        codes(&result)
    };
    assert_eq!(run(r#""384""#, "inv_0"), []);
    assert_eq!(run(r#""384""#, "R-0"), []);
    assert_eq!(run(r#""384""#, "inv_1"), [HoldCode::Charge]);
    assert_eq!(run(r#""380""#, "inv_0"), [HoldCode::Charge]);
}

/// Two kilograms are billed at 50.00, and were ordered at 48.25.
#[test]
fn a_credit_of_the_difference_releases_the_hold_of_the_price() {
    let price = vec![HoldCode::UnitPrice, HoldCode::LineNet, HoldCode::TotalLines];
    for (quantity, amount, holds) in [
        ("0", "0", price.clone()),
        ("0", "3.50", vec![]),
        ("0", "3.49", vec![HoldCode::UnitPrice]),
        // Less than ordered is as good as an invoice that asks for less: the total is told.
        ("0", "4.00", vec![HoldCode::TotalLines]),
        // Goods that came back at the billed price leave it as it is.
        ("1", "50.00", price.clone()),
        ("1", "48.25", price.clone()),
        ("1", "51.75", vec![]),
        ("2", "100.00", price),
    ] {
        let credits = format!(r#"[{{"line":"2","quantity":"{quantity}","amount":"{amount}"}}]"#);
        let mut result = reconcile(&with(&[
            ("invoice/lines/1/price", r#""50.00""#),
            ("invoice/lines/1/net", r#""100.00""#),
            ("invoice/totals/lines", r#""225.00""#),
            ("credits", &credits),
        ]));
        result.holds.retain(|hold| hold.severity == HoldSeverity::Stop);
        assert_eq!(codes(&result), holds, "{quantity} {amount}: {:?}", result.holds);
    }
}

#[test]
fn a_planned_charge_per_quantity_grows_with_what_is_billed() {
    let half: &[(&str, &str)] = &[
        ("invoice/lines/0/quantity", r#""40""#),
        ("invoice/lines/0/net", r#""50.00""#),
        ("invoice/totals/lines", r#""50.00""#),
        ("purchase_orders/0/charges", r#"[{"code":"PC","amount":"90","basis":"per_quantity"}]"#),
        ("purchase_orders/0/lines/1/quantity", r#""0.0000001""#),
    ];
    for (billed, held) in [("36", false), ("36.01", true)] {
        let charges = format!(r#"[{{"charge":true,"amount":"{billed}","reason_code":"PC"}}]"#);
        let mut case = with(half);
        case.invoice.lines.truncate(1);
        case.purchase_orders[0].lines.truncate(1);
        case.invoice.allowances_and_charges = serde_json::from_str(&charges).expect("charges");
        let result = reconcile(&case);
        assert_eq!(codes(&result).contains(&HoldCode::Charge), held, "{billed}");
    }
}

/// Ordered in US dollars, billed in euros at 0.80.
fn converted(more: &[(&str, &str)]) -> Case {
    let mut changes = vec![
        ("purchase_orders/0/currency", r#""USD""#),
        ("rates", r#"[{"from":"USD","to":"EUR","rate":"0.8"}]"#),
        ("invoice/lines/0/price", r#""1.00""#),
        ("invoice/lines/0/net", r#""100.00""#),
        ("invoice/lines/1/price", r#""38.60""#),
        ("invoice/lines/1/net", r#""77.20""#),
        ("invoice/totals/lines", r#""177.20""#),
    ];
    changes.extend(more);
    with(&changes)
}

/// 221.50 dollars are billed of 200, and 177.20 euros are asked for.
#[test]
fn the_limit_of_an_order_is_exceeded_in_its_own_currency_and_tolerated_in_the_ledgers() {
    let rates = |more: &str| {
        format!(
            r#"[{{"from":"USD","to":"EUR","rate":"0.8"}},
                {{"from":"EUR","to":"GBP","rate":"0.9"}},{{"from":"EUR","to":"USD","rate":"1.2"}}{more}]"#
        )
    };
    let direct = rates(r#",{"from":"USD","to":"GBP","rate":"0.5"}"#);
    let two_legs = rates("");
    for (ledger, rates, over) in [
        (r#""GBP""#, &direct, "10.75"),
        (r#""GBP""#, &two_legs, "15.48"),
        (r#""USD""#, &two_legs, "21.50"),
        // Without a ledger currency amount limits are in the document's.
        ("null", &two_legs, "17.20"),
    ] {
        let within = |limit: &str| {
            let limit = format!(r#"{{"upper":{{"amount":"{limit}"}}}}"#);
            let result = reconcile(&converted(&[
                ("policy/currency_conversion", "true"),
                ("policy/ledger_currency", ledger),
                ("policy/tolerances/PO_LIMIT", &limit),
                ("purchase_orders/0/limit", r#""200""#),
                ("rates", rates),
            ]));
            let check = check(&result, CheckCode::PoLimit, None);
            assert_eq!(check.variance.as_deref(), Some("21.50"), "{check:?}");
            check.verdict
        };
        let less = (over.parse::<Decimal>().expect("a decimal") - Decimal::new(1, 2)).to_string();
        assert_eq!(within(over), CheckVerdict::PassWithin, "{ledger} {over}");
        assert_eq!(within(&less), CheckVerdict::Fail, "{ledger} {less}");
    }
}

#[test]
fn another_currency_is_converted_where_the_policy_allows_it() {
    let conversion = ("policy/currency_conversion", "true");
    let supplier = ("policy/currency_conversion_suppliers", r#"["de 111111111"]"#);
    let stranger = ("policy/currency_conversion_suppliers", r#"["DE2"]"#);
    let inverse = ("rates", r#"[{"from":"EUR","to":"USD","rate":"1.25"}]"#);
    let turned = ("policy/inverse_rates", "true");
    for (more, holds) in [
        (&[conversion][..], vec![]),
        (&[supplier], vec![]),
        (&[stranger], vec![HoldCode::Currency]),
        (&[], vec![HoldCode::Currency]),
        (&[conversion, inverse], vec![HoldCode::FxRateMissing]),
        (&[conversion, inverse, turned], vec![]),
    ] {
        let result = reconcile(&converted(more));
        assert_eq!(codes(&result), holds, "{more:?}: {:?}", result.holds);
    }
    let dear = reconcile(&converted(&[conversion, ("invoice/lines/1/net", r#""77.30""#)]));
    let price = check(&dear, CheckCode::UnitPrice, Some("2"));
    assert_eq!((price.expected.as_deref(), price.verdict), (Some("38.6"), CheckVerdict::Fail));
}

#[test]
fn a_receipt_that_is_named_narrows_the_order_lines() {
    let unnamed = [
        ("invoice/lines/0/order_line_reference", "null"),
        ("invoice/lines/0/buyer_item_id", r#""B""#),
        ("purchase_orders/0/lines/0/buyer_item_id", r#""B""#),
        (
            "purchase_orders/0/lines/-",
            r#"{"id":"30","quantity":"100","unit_price":"2",
            "unit":"C62","buyer_item_id":"B"}"#,
        ),
        ("invoice/lines/0/price", r#""9""#),
        ("receipts/0/lines/0/despatch_reference", r#""D-1""#),
    ];
    // Neither price fits, so that only the receipt says which line is meant.
    assert_eq!(codes(&reconcile(&with(&unnamed))), [HoldCode::AmbiguousPairing]);
    for reference in [
        ("invoice/lines/0/receiving_advice_reference", r#"" GR-1 ""#),
        ("invoice/lines/0/despatch_advice_reference", r#""D-1""#),
        ("invoice/receiving_advice_reference", r#""GR-1""#),
        ("invoice/despatch_advice_reference", r#""D-1""#),
    ] {
        let mut changes = unnamed.to_vec();
        changes.push(reference);
        let result = reconcile(&with(&changes));
        let pair = result.pairing.iter().find(|pair| pair.line == "1");
        let pair = pair.map(|pair| (pair.po_line.as_str(), pair.step));
        assert_eq!(pair, Some(("10", PairingStep::Receipt)), "{reference:?}");
        let row = result.allocations.iter().find(|row| row.line == "1");
        assert_eq!(row.and_then(|row| row.receipt.as_deref()), Some("GR-1"), "{reference:?}");
    }
}

/// What is wrong stands at its line, and never passes in silence.
#[test]
fn what_cannot_be_right_is_held_with_its_place() {
    const LONG: &str = r#""9999999999999999999999999999""#;
    for (line, changes, expected) in [
        (Some("2"), &[("invoice/lines/1/quantity", r#""0""#)][..], HoldCode::LineNet),
        (Some("2"), &[("invoice/lines/1/quantity", LONG)], HoldCode::QtyOrdered),
        (Some("2"), &[("invoice/lines/1/net", LONG)], HoldCode::LineNet),
        (Some("2"), &[("invoice/lines/1/quantity", r#""-2""#)], HoldCode::LineNet),
        (Some("2"), &[("invoice/lines/1/unit", r#""FATHOM""#)], HoldCode::UomMismatch),
        (None, &[("invoice/currency", r#""XXL""#)], HoldCode::Currency),
        (None, &[("invoice/currency", r#""CHF""#)], HoldCode::Currency),
        (None, &[("purchase_orders/0/status", r#""closed""#)], HoldCode::PoClosed),
        (None, &[("purchase_orders/0/supplier/vat_id", r#""FR1""#)], HoldCode::VendorMismatch),
        (Some("2"), &[("receipts/1/purchase_order", r#""PO-2""#)], HoldCode::ReceiptMissing),
        (Some("2"), &[("purchase_orders/0/lines/1/quantity", r#""0""#)], HoldCode::QtyOrdered),
        (Some("2"), &[("purchase_orders/0/lines/1/quantity", r#""-1""#)], HoldCode::QtyOrdered),
        (Some("2"), &[("receipts/1/lines/0/received", r#""-2""#)], HoldCode::ReceiptMissing),
        (Some("2"), &[("receipts/1/lines/0/rejected", LONG)], HoldCode::ReceiptMissing),
    ] {
        let result = reconcile(&with(changes));
        let found = result.holds.iter().find(|hold| hold.code == expected);
        let found = found.unwrap_or_else(|| panic!("{changes:?}: {:?}", result.holds));
        assert_eq!(found.line.as_deref(), line, "{changes:?}");
        assert_eq!(result.outcome, Outcome::Held, "{changes:?}");
    }
}

#[test]
fn a_credit_is_expected_once_for_all_lines_of_an_order_line() {
    let returned = r#"{"number":"GR-3","purchase_order":"PO-1",
        "lines":[{"id":"1","order_line":"10","received":"-10"}]}"#;
    let half = |id: &str, quantity: &str, net: &str| {
        format!(
            r#"{{"id":"{id}","quantity":"{quantity}","unit":"C62","net":"{net}",
                "order_line_reference":"10"}}"#
        )
    };
    // 95 + 5 of 90: within the limits after the larger line, and over them after both.
    let (larger, smaller) = (half("1", "95", "118.75"), half("3", "5", "6.25"));
    for (first, second) in [(&larger, &smaller), (&smaller, &larger)] {
        let lines = |limit: &str| {
            let limit = format!(r#"{{"upper":{{"amount":"{limit}"}}}}"#);
            let result = reconcile(&with(&[
                ("receipts/-", returned),
                ("invoice/lines/0", first),
                ("invoice/lines/-", second),
                ("policy/tolerances/QTY_RECEIVED", &limit),
            ]));
            codes(&result)
        };
        assert_eq!(lines("9"), [HoldCode::QtyReceived]);
        assert_eq!(lines("10"), [HoldCode::CreditExpected]);
    }
}

#[test]
fn a_service_is_compared_by_money_alone() {
    let service = [
        ("purchase_orders/0/lines/1/match_basis", r#""amount""#),
        ("purchase_orders/0/lines/1/unit", r#""LS""#),
        ("purchase_orders/0/lines/1/quantity", r#""1""#),
        ("purchase_orders/0/lines/1/unit_price", r#""96.50""#),
        ("receipts/1/lines/0/amount", r#""96.50""#),
        ("receipts/1/lines/0/unit", r#""LS""#),
        ("invoice/lines/1/unit", r#""HUR""#),
    ];
    assert_eq!(codes(&reconcile(&with(&service))), []);
    let mut dear = service.to_vec();
    dear.push(("invoice/lines/1/net", r#""97.50""#));
    dear.push(("invoice/totals/lines", r#""222.50""#));
    let result = reconcile(&with(&dear));
    assert_eq!(codes(&result), [HoldCode::AmtOrdered, HoldCode::AmtReceived]);
}

#[test]
fn a_receipt_counts_once_and_in_its_newest_revision() {
    let case = with(&[]);
    let again = case.receipts[0].clone();
    let mut newer = again.clone();
    newer.revision += 1;
    newer.lines[0].received += rust_decimal::Decimal::ONE;
    let received = |more: Vec<ap_gateway::models::receipt::Receipt>| {
        let mut case = case.clone();
        case.receipts.extend(more);
        reconcile(&case).po_lines[0].received.clone()
    };
    assert_eq!(received(vec![again.clone()]), received(Vec::new()));
    assert_eq!(received(vec![newer, again]), "101");
}

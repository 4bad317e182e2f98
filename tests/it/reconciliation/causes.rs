//! Every hold and every check of the engine, each from the smallest change of a case that matches.
// long because it is one table: every hold and check, and what raises it

use std::collections::BTreeSet;

use ap_gateway::models::case::Case;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome};
use ap_gateway::reconciliation::reconcile;
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

const CAUSES: &[Cause] = &[
    (
        HoldCode::DupNormalised,
        "inv_9",
        &[(
            "known_invoices",
            r#"[{"status":"approved","invoice":{"id":"inv_9","number":"r 1","vendor":"DE111111111"}}]"#,
        )],
    ),
    (
        HoldCode::DupFuzzy,
        "inv_9",
        &[
            GROSS,
            ISSUED,
            (
                "known_invoices",
                r#"[{"status":"approved","invoice":{"id":"inv_9","number":"X-77","vendor":"DE111111111",
             "gross":"221.50","currency":"EUR","date":"2026-03-03"}}]"#,
            ),
        ],
    ),
    (
        HoldCode::DupOtherVendor,
        "inv_9",
        &[
            GROSS,
            ISSUED,
            (
                "known_invoices",
                r#"[{"status":"approved","invoice":{"id":"inv_9","number":"R-1","vendor":"V9",
             "gross":"221.50","currency":"EUR","date":"2026-03-01",
             "identities":["vat:DE111111111"]}}]"#,
            ),
        ],
    ),
    (
        HoldCode::SplitSuspected,
        "300",
        &[
            GROSS,
            ISSUED,
            ("policy/approval_limits", r#"["300"]"#),
            (
                "known_invoices",
                r#"[{"status":"approved","invoice":{"id":"inv_9","number":"X-77","vendor":"DE111111111",
             "gross":"200","ledger_gross":"200","currency":"EUR","date":"2026-03-03",
             "order_lines":["PO-1/10"]}}]"#,
            ),
        ],
    ),
    (HoldCode::VendorUnknown, "no supplier on file", &[ENTITY, TODAY]),
    (
        HoldCode::VendorAmbiguous,
        "V1, V2",
        &[
            ENTITY,
            TODAY,
            (
                "suppliers",
                r#"[{"id":"V1","vat_ids":["DE111111111"]},{"id":"V2","vat_ids":["DE111111111"]}]"#,
            ),
        ],
    ),
    (
        HoldCode::VendorBlocked,
        "blocked for posting",
        &[ENTITY, TODAY, SUPPLIER, ("suppliers/0/blocked_for_posting", "true")],
    ),
    (
        HoldCode::BankChanged,
        "",
        &[
            ENTITY,
            TODAY,
            SUPPLIER,
            ("invoice/payments", r#"[{"accounts":[{"id":"DE89370400440532013000"}]}]"#),
        ],
    ),
    (
        HoldCode::SenderUnverified,
        "a@example.org",
        &[ENTITY, TODAY, SUPPLIER, ("sender", r#""a@example.org""#)],
    ),
    (
        HoldCode::OwnVat,
        "",
        &[TODAY, SUPPLIER, ("entity", r#"{"id":"E","vat_ids":["DE111111111"]}"#)],
    ),
    (
        HoldCode::NotAddressedToUs,
        "",
        &[ENTITY, TODAY, SUPPLIER, ("invoice/buyer/vat_id", r#""DE888888888""#)],
    ),
    (
        HoldCode::Sampled,
        "",
        &[GROSS, ("id", r#""inv_1""#), ("policy/sampling", r#"{"threshold":"1","percent":"100"}"#)],
    ),
    (HoldCode::PoClosed, "order PO-1 is closed", &[("purchase_orders/0/status", r#""closed""#)]),
    (HoldCode::PoClosed, "is cancelled", &[("purchase_orders/0/status", r#""cancelled""#)]),
    (
        HoldCode::InvoiceNotExpected,
        "settled by consumption",
        &[("purchase_orders/0/kind", r#""consignment""#)],
    ),
    (
        HoldCode::InvoiceNotExpected,
        "settled by receipt",
        &[("purchase_orders/0/kind", r#""evaluated_receipt""#)],
    ),
    (
        HoldCode::UnpairedLine,
        "no line of order PO-1 fits",
        &[("invoice/lines/1/order_line_reference", "null"), ("invoice/lines/1/name", r#""Paint""#)],
    ),
    (
        HoldCode::AmbiguousPairing,
        "fit equally well",
        &[
            ("invoice/lines/0/order_line_reference", "null"),
            ("invoice/lines/0/buyer_item_id", r#""B""#),
            ("invoice/lines/0/price", r#""9""#),
            ("purchase_orders/0/lines/0/buyer_item_id", r#""B""#),
            ("purchase_orders/0/lines/1/buyer_item_id", r#""B""#),
        ],
    ),
    (HoldCode::PoInconsistent, "disagree", &[("purchase_orders/0/lines/1/net", r#""96.52""#)]),
    (
        HoldCode::ShortShipment,
        "90 came of 100",
        &[
            ("purchase_orders/0/lines/0/under_delivery_percent", r#""9""#),
            ("receipts/0/lines/0/received", r#""90""#),
            ("receipts/0/lines/0/last", "true"),
        ],
    ),
    (
        HoldCode::OverReceipt,
        "received 111, ordered 100, which allows 110",
        &[
            ("purchase_orders/0/lines/0/over_delivery_percent", r#""10""#),
            ("receipts/0/lines/0/received", r#""111""#),
        ],
    ),
    (
        HoldCode::CreditExpected,
        "a credit note over 10 is expected",
        &[
            ("policy/tolerances/QTY_RECEIVED", r#"{"upper":{"amount":"50"}}"#),
            (
                "receipts/-",
                r#"{"number":"GR-3","purchase_order":"PO-1",
            "lines":[{"id":"1","order_line":"10","received":"-10"}]}"#,
            ),
        ],
    ),
    (
        HoldCode::AmtOrdered,
        "billed 97.00 in all, ordered 96.50",
        &[
            ("purchase_orders/0/lines/1/match_basis", r#""amount""#),
            ("invoice/lines/1/net", r#""97.00""#),
        ],
    ),
    (
        HoldCode::AmtReceived,
        "received for 50.00",
        &[
            ("purchase_orders/0/lines/1/match_basis", r#""amount""#),
            ("receipts/1/lines/0/amount", r#""50""#),
        ],
    ),
    (
        HoldCode::QtyAccepted,
        "when 1 more are accepted",
        &[
            ("policy/match_level", r#""four_way""#),
            ("receipts/0/lines/0/accepted", r#""100""#),
            ("receipts/1/lines/0/accepted", r#""1""#),
        ],
    ),
    (
        HoldCode::QtyValue,
        "worth 193.00, expected 96.50",
        &[
            ("policy/tolerances/QTY_VALUE", r#"{"upper":{"amount":"96.49"}}"#),
            ("invoice/lines/1/quantity", r#""4""#),
        ],
    ),
    (
        HoldCode::ReceiptPending,
        "may be approved",
        &[
            ("purchase_orders/0/lines/1/receipt_rule", r#""invoice_first""#),
            ("receipts/1/lines/0/received", r#""1""#),
        ],
    ),
    (
        HoldCode::ListPrice,
        "list price 50, ordered at 48.25",
        &[nothing_more!("LIST_PRICE"), ("invoice/lines/1/price", r#""50""#)],
    ),
    (
        HoldCode::PriceBase,
        "price is for 2, ordered for 1",
        &[nothing_more!("PRICE_BASE"), ("invoice/lines/1/price_base_quantity", r#""2""#)],
    ),
    (
        HoldCode::PriceUomRatio,
        "1.26 price units in one order unit, ordered with 1.2",
        &[
            nothing_more!("PRICE_UOM_RATIO"),
            ("purchase_orders/0/lines/0/price_quantity", r#""120""#),
            ("purchase_orders/0/lines/0/price_unit", r#""KGM""#),
            ("invoice/lines/0/price_base_unit", r#""KGM""#),
            ("invoice/lines/0/net", r#""157.50""#),
        ],
    ),
    (HoldCode::LineNet, "net 96.52", &[("invoice/lines/1/net", r#""96.52""#)]),
    (
        HoldCode::LineTotal,
        "billed 97.50 of the order line in all",
        &[
            nothing_more!("LINE_TOTAL"),
            ("billed_before", r#"[{"po":"PO-1","po_line":"20","quantity":"0","amount":"1"}]"#),
        ],
    ),
    (
        HoldCode::LineCharges,
        "charges of the line 5.00, ordered 0.00",
        &[
            nothing_more!("LINE_CHARGES"),
            ("invoice/lines/1/allowances_and_charges", r#"[{"charge":true,"amount":"5"}]"#),
        ],
    ),
    (
        HoldCode::LineDiscount,
        "discount of the line 0.00, agreed 5.00",
        &[nothing_more!("LINE_DISCOUNT"), ("purchase_orders/0/lines/1/discount", r#""5""#)],
    ),
    (
        HoldCode::ItemAmount,
        "line 1: net 125.00",
        &[("policy/tolerances/ITEM_AMOUNT", r#"{"upper":{"amount":"124.99"}}"#)],
    ),
    (
        HoldCode::DateVariance,
        "289.50 (net × days)",
        &[
            ISSUED,
            nothing_more!("DATE_VARIANCE"),
            ("purchase_orders/0/lines/1/promised_date", r#""2026-03-04""#),
        ],
    ),
    (
        HoldCode::Charge,
        "(BG-21) FC 30.00, ordered 20.00",
        &[
            ("purchase_orders/0/charges", r#"[{"code":"FC","amount":"20"}]"#),
            (
                "invoice/allowances_and_charges",
                r#"[{"charge":true,"amount":"30","reason_code":"FC"}]"#,
            ),
        ],
    ),
    (
        HoldCode::TotalAllowances,
        "(BT-107) 0.00, expected 9.90",
        &[nothing_more!("TOTAL_ALLOWANCES"), ("expected_totals", r#"{"allowances":"9.90"}"#)],
    ),
    (
        HoldCode::TotalCharges,
        "(BT-108) 5.00, expected 0.00",
        &[nothing_more!("TOTAL_CHARGES"), ("invoice/totals/charges", r#""5""#)],
    ),
    (
        HoldCode::TotalRounding,
        "(BT-114) 0.05, expected 0.00",
        &[nothing_more!("TOTAL_ROUNDING"), ("invoice/totals/rounding", r#""0.05""#)],
    ),
    (
        HoldCode::TotalPayable,
        "(BT-115) 221.56, expected 221.50",
        &[nothing_more!("TOTAL_PAYABLE"), ("invoice/totals/payable", r#""221.56""#)],
    ),
    (
        HoldCode::TotalTax,
        "(BT-110) 50.00, expected 42.09",
        &[
            ("invoice/totals/tax", r#""50""#),
            ("purchase_orders/0/lines/0/tax_rate", r#""19""#),
            ("purchase_orders/0/lines/1/tax_rate", r#""19.0""#),
        ],
    ),
    (
        HoldCode::TaxRate,
        "tax 7 %, ordered with 19 %",
        &[
            ("invoice/lines/1/tax_rate", r#""7""#),
            ("purchase_orders/0/lines/1/tax_rate", r#""19""#),
        ],
    ),
    (
        HoldCode::TaxLine,
        "tax 19.30, 18.34 at the order's rate",
        &[
            nothing_more!("TAX_LINE"),
            ("invoice/lines/1/tax_rate", r#""20""#),
            ("purchase_orders/0/lines/1/tax_rate", r#""19""#),
        ],
    ),
    (
        HoldCode::PoLimit,
        "billed 221.50 on order PO-1 in all, its limit is 221.49",
        &[("purchase_orders/0/limit", r#""221.49""#)],
    ),
    (
        HoldCode::PoValidity,
        "2 days outside the validity of order PO-1",
        &[ISSUED, ("purchase_orders/0/valid_to", r#""2026-02-27""#)],
    ),
    (
        HoldCode::FxRate,
        "118.75 in the ledger currency, 115.00 at the order's rate",
        &[
            nothing_more!("FX_RATE"),
            ("policy/ledger_currency", r#""EUR""#),
            ("rates", r#"[{"from":"USD","to":"EUR","rate":"0.95"}]"#),
            ("invoice/currency", r#""USD""#),
            ("purchase_orders/0/currency", r#""USD""#),
            ("purchase_orders/0/rate_to_ledger", r#""0.92""#),
        ],
    ),
    (
        HoldCode::FxTotal,
        "118.75 in the ledger currency, ordered for 115.00",
        &[
            nothing_more!("FX_TOTAL"),
            ("policy/ledger_currency", r#""EUR""#),
            ("rates", r#"[{"from":"USD","to":"EUR","rate":"0.95"}]"#),
            ("invoice/currency", r#""USD""#),
            ("purchase_orders/0/currency", r#""USD""#),
            ("purchase_orders/0/rate_to_ledger", r#""0.92""#),
        ],
    ),
    (HoldCode::FxRateMissing, "ledger currency USD", &[("policy/ledger_currency", r#""USD""#)]),
    (
        HoldCode::FxRateMissing,
        "from EUR (order PO-1) to USD",
        &[("policy/currency_conversion", "true"), ("invoice/currency", r#""USD""#)],
    ),
    (HoldCode::CreditRefMissing, "names no invoice", &[CREDIT]),
    (HoldCode::CreditQty, "credited 100 in all, billed 50", &[CREDIT, NAMES_R0, R0]),
    (HoldCode::CreditAmount, "credited 125.00 in all, billed 62.50", &[CREDIT, NAMES_R0, R0]),
    (
        HoldCode::CreditKindUnclear,
        "less than half",
        &[CREDIT, NAMES_R0, R0, ("invoice/lines/1/net", r#""48.24""#)],
    ),
    (
        HoldCode::Prepaid,
        "(BT-113) 0.00, expected 50.00",
        &[("invoice/type_code", r#""877""#), ("prepayments", r#"[{"po":"PO-1","paid":"50"}]"#)],
    ),
    (HoldCode::Manual, "names order PO-1 and no invoice", &[("invoice/totals/payable", r#""-1""#)]),
    (HoldCode::PairingLimit, "comparisons", &[("many", "1001")]),
];

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
    for (code, words, changes) in CAUSES {
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
    for (code, _, changes) in CAUSES {
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
    let own = CAUSES.iter().map(|(_, _, changes)| with(changes));
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

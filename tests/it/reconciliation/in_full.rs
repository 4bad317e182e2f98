//! Every comparison of some telling cases with all its numbers and words, and every row and hold.

use std::fmt::Write;

use ap_gateway::models::verdict::Reconciliation;
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::with;

/// What is compared by default and what is not, so that each number is worked out.
const ALL_LIMITS: (&str, &str) = (
    "policy/tolerances",
    r#"{"QTY_ORDERED":{"upper":{"percent":"5"}},"QTY_RECEIVED":{"upper":{"percent":"5"}},
        "QTY_VALUE":{"upper":{"amount":"1"}},"UNIT_PRICE":{"upper":{"percent":"2"}},
        "LINE_TOTAL":{"upper":{"amount":"1"}},"ITEM_AMOUNT":{"upper":{"amount":"1"}},
        "PRICE_BASE":{"upper":{"amount":"0"}},"LIST_PRICE":{"upper":{"amount":"0"}},
        "TAX_LINE":{"upper":{"amount":"0"}},"TOTAL_ALLOWANCES":{"upper":{"amount":"0"}},
        "TOTAL_CHARGES":{"upper":{"amount":"0"}},"TOTAL_ROUNDING":{"upper":{"amount":"0.01"}},
        "TOTAL_PAYABLE":{"upper":{"amount":"0"}}}"#,
);

const CREDIT: (&str, &str) = ("invoice/kind", r#""credit_note""#);
const NAMES_R0: (&str, &str) = ("invoice/preceding_invoices", r#"[{"number":"R-0"}]"#);
const BILLED: (&str, &str) = (
    "preceding",
    r#"[{"number":"R-0","lines":[
        {"line":"1","quantity":"100","net":"125.00","po":"PO-1","po_line":"10"},
        {"line":"2","quantity":"3","net":"100.00","po":"PO-1","po_line":"20"}]}]"#,
);

type Case = (&'static str, &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    ("in order", &[ALL_LIMITS]),
    (
        "more and dearer, within the limits and over them",
        &[
            ALL_LIMITS,
            ("invoice/lines/0/quantity", r#""104""#),
            ("invoice/lines/0/net", r#""130.00""#),
            ("invoice/lines/1/net", r#""98.43""#),
            ("invoice/lines/1/price", r#""49.215""#),
            ("invoice/totals/lines", r#""228.43""#),
        ],
    ),
    (
        "less than ordered, and billed before",
        &[
            ALL_LIMITS,
            (
                "billed_before",
                r#"[{"invoice":"inv_0","line":"1","po":"PO-1","po_line":"10","quantity":"40"}]"#,
            ),
            ("invoice/lines/0/quantity", r#""30""#),
            ("invoice/lines/0/net", r#""37.50""#),
            ("invoice/totals/lines", r#""134.00""#),
            ("purchase_orders/0/lines/1/closed_quantity", r#""1""#),
            ("invoice/lines/1/quantity", r#""1""#),
            ("invoice/lines/1/net", r#""48.25""#),
        ],
    ),
    (
        "a price for a hundred, rounded",
        &[
            ALL_LIMITS,
            ("invoice/lines/0/price", r#""1.333""#),
            ("invoice/lines/0/price_base_quantity", r#""3""#),
            ("invoice/lines/0/net", r#""44.43""#),
            ("purchase_orders/0/lines/0/unit_price", r#""44.43""#),
            ("purchase_orders/0/lines/0/price_base_quantity", r#""100""#),
            ("invoice/totals/lines", r#""140.93""#),
        ],
    ),
    (
        "taxed, charged and reduced",
        &[
            ALL_LIMITS,
            ("invoice/lines/0/tax_rate", r#""19""#),
            ("invoice/lines/1/tax_rate", r#""7""#),
            ("purchase_orders/0/lines/0/tax_rate", r#""19""#),
            ("purchase_orders/0/lines/1/tax_rate", r#""19""#),
            (
                "purchase_orders/0/charges",
                r#"[{"code":"FC","amount":"20"},{"code":"95","amount":"10","allowance":true}]"#,
            ),
            (
                "charged_before",
                r#"[{"po":"PO-1","code":"FC","amount":"5"},
                                   {"po":"PO-1","code":"95","amount":"-4"},
                                   {"po":"PO-1","code":"PC","amount":"0"}]"#,
            ),
            (
                "invoice/allowances_and_charges",
                r#"[{"charge":true,"amount":"15","reason_code":"FC"},
                 {"charge":false,"amount":"2","reason_code":"95"},
                 {"charge":true,"amount":"3","reason_code":"PC"}]"#,
            ),
            ("invoice/totals/tax", r#""30.51""#),
            ("invoice/totals/charges", r#""18""#),
            ("invoice/totals/allowances", r#""2""#),
            ("invoice/totals/rounding", r#""0.01""#),
        ],
    ),
    (
        "another currency, converted",
        &[
            ALL_LIMITS,
            ("purchase_orders/0/currency", r#""USD""#),
            ("policy/currency_conversion", "true"),
            ("policy/ledger_currency", r#""EUR""#),
            ("rates", r#"[{"from":"USD","to":"EUR","rate":"0.8"}]"#),
            ("invoice/lines/0/price", r#""1.00""#),
            ("invoice/lines/0/net", r#""100.00""#),
            ("invoice/lines/1/price", r#""38.61""#),
            ("invoice/lines/1/net", r#""77.22""#),
            ("invoice/totals/lines", r#""177.22""#),
        ],
    ),
    ("no currency", &[ALL_LIMITS, ("invoice/currency", "null")]),
    ("goods that did not come", &[ALL_LIMITS, ("receipts", "[]")]),
    (
        "a credit note, rounded and dearer",
        &[
            CREDIT,
            NAMES_R0,
            BILLED,
            ("invoice/lines/1/quantity", r#""1""#),
            ("invoice/lines/1/net", r#""33.33""#),
            ("invoice/lines/0/quantity", r#""10""#),
            ("invoice/lines/0/net", r#""12.60""#),
            ("invoice/totals/lines", r#""45.93""#),
        ],
    ),
    (
        "a credit note of less, and of a price alone",
        &[
            CREDIT,
            NAMES_R0,
            BILLED,
            ("invoice/lines/1/quantity", r#""0""#),
            ("invoice/lines/1/net", r#""5.00""#),
            ("invoice/lines/0/quantity", r#""10""#),
            ("invoice/lines/0/net", r#""12.00""#),
            ("invoice/totals/lines", r#""17.00""#),
        ],
    ),
    (
        "asked for in advance",
        &[
            ("invoice/type_code", r#""386""#),
            ("invoice/lines", "[]"),
            ("invoice/totals/lines", r#""55.39""#),
            ("purchase_orders/0/prepayment_percent", r#""25""#),
        ],
    ),
];

fn told(result: &Reconciliation) -> String {
    let mut text = String::new();
    for check in &result.checks {
        let place = [&check.line, &check.charge, &check.po, &check.po_line]
            .map(|one| one.as_deref().unwrap_or("-"));
        let numbers = [&check.actual, &check.expected, &check.variance, &check.percent]
            .map(|one| one.as_deref().unwrap_or("-"));
        writeln!(
            text,
            "{:?} {:?} at {}: {}: {}",
            check.code,
            check.verdict,
            place.join(" "),
            numbers.join(" "),
            check.text
        )
        .expect("a string takes everything");
    }
    for hold in &result.holds {
        writeln!(text, "hold {:?} {:?} {:?}: {}", hold.code, hold.line, hold.charge, hold.text)
            .expect("a string takes everything");
    }
    for row in &result.allocations {
        let row = (&row.line, &row.po_line, &row.receipt, &row.quantity, &row.amount);
        writeln!(text, "takes {row:?}").expect("a string takes everything");
    }
    for row in &result.charges {
        writeln!(text, "charges {} {} {} {}", row.po, row.code, row.allowance, row.amount)
            .expect("a string takes everything");
    }
    text
}

#[test]
fn what_is_compared_is_told_in_full_as_agreed() {
    let mut all = String::new();
    for (name, changes) in CASES {
        let result = reconcile(&with(changes));
        writeln!(all, "[{name}] {:?}\n{}", result.outcome, told(&result)).expect("a string");
    }
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("told_in_full", all);
    });
}

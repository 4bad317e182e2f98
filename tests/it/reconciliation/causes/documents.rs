//! Charges, totals, tax, currencies, credit notes and payments in advance.

use ap_gateway::models::verdict::HoldCode;

use crate::reconciliation::causes::nothing_more;
use crate::reconciliation::causes::{CREDIT, Cause, ISSUED, NAMES_R0, R0};

pub(super) const CAUSES: &[Cause] = &[
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
    (
        HoldCode::FxRateMissing,
        "ledger currency: no exchange rate from EUR to USD",
        &[("policy/ledger_currency", r#""USD""#)],
    ),
    (
        HoldCode::FxRateMissing,
        "order PO-1: no exchange rate from EUR to USD",
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

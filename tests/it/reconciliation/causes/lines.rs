//! Quantities, prices and amounts of a line.

use ap_gateway::models::verdict::HoldCode;

use crate::reconciliation::causes::nothing_more;
use crate::reconciliation::causes::{Cause, ISSUED};

pub(super) const CAUSES: &[Cause] = &[
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
];

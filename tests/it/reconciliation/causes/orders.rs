//! Orders that take no invoice, lines that find none, and goods that came otherwise.

use ap_gateway::models::verdict::HoldCode;

use crate::reconciliation::causes::Cause;

pub(super) const CAUSES: &[Cause] = &[
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
];

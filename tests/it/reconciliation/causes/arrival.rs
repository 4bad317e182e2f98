//! What is known before any order is looked at: copies, suppliers, samples.

use ap_gateway::models::verdict::HoldCode;

use crate::reconciliation::causes::{Cause, ENTITY, GROSS, ISSUED, SUPPLIER, TODAY};

pub(super) const CAUSES: &[Cause] = &[
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
];

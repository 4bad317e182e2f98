//! What is kept for an item holds whichever of its ids order, invoice and policy carry.

use ap_gateway::models::policy::MatchLevel;
use ap_gateway::models::verdict::{CheckCode, CheckVerdict, HoldCode, Outcome};
use ap_gateway::reconciliation::reconcile;

use crate::reconciliation::causes::with;
use crate::reconciliation::sample::{check, codes};

/// Members of an order line, and the ids of one item.
const IDS: [(&str, &str); 3] = [
    ("standard_item_id", "4012345678901"),
    ("buyer_item_id", "GREASE-2"),
    ("seller_item_id", "S-77"),
];

/// The ids as an invoice line has them.
const INVOICED: [(&str, &str); 3] = [
    ("invoice/lines/1/standard_item_id", r#"{"value":"04012345678901"}"#),
    ("invoice/lines/1/buyer_item_id", r#""GREASE-2""#),
    ("invoice/lines/1/seller_item_id", r#""S-77""#),
];

/// Each id that the order carries alone, with each that something is kept for.
fn each_pair(mut then: impl FnMut((&str, String), &str)) {
    for (member, ordered) in IDS {
        for kept in IDS.map(|(_, id)| id).into_iter().chain(["04012345678901"]) {
            then((&format!("purchase_orders/0/lines/1/{member}"), format!("{ordered:?}")), kept);
        }
    }
}

#[test]
fn a_conversion_of_an_item_holds_under_each_of_its_ids() {
    each_pair(|(member, ordered), kept| {
        let conversions = format!(r#"[{{"item":{kept:?},"from":"XBX","to":"KGM","factor":"2"}}]"#);
        let mut changes = INVOICED.to_vec();
        changes.extend([
            ("conversions", conversions.as_str()),
            ("invoice/lines/1/unit", r#""XBX""#),
            ("invoice/lines/1/quantity", r#""1""#),
            ("invoice/lines/1/price", r#""96.50""#),
            ("receipts/1/lines/0/unit", r#""XBX""#),
            ("receipts/1/lines/0/received", r#""1""#),
            (member, ordered.as_str()),
        ]);
        let result = reconcile(&with(&changes));
        assert_eq!(codes(&result), [], "{member} {kept}: {:?}", result.holds);
        assert_eq!(result.outcome, Outcome::Matched);
        // Without a line reference the two are found to be one item by the id that both have.
        changes.push(("invoice/lines/1/order_line_reference", "null"));
        let result = reconcile(&with(&changes));
        assert_eq!(codes(&result), [], "{member} {kept}: {:?}", result.holds);
    });
}

#[test]
fn limits_and_levels_of_an_item_hold_under_each_of_its_ids() {
    each_pair(|(member, ordered), kept| {
        let limits = format!(
            r#"[{{"item":{kept:?},"tolerances":{{"UNIT_PRICE":{{"upper":{{"percent":"5"}}}}}}}}]"#
        );
        let levels =
            format!(r#"{{"entity":"two_way","rules":[{{"item":{kept:?},"level":"four_way"}}]}}"#);
        let mut changes = INVOICED.to_vec();
        changes.extend([
            ("policy/tolerance_rules", limits.as_str()),
            ("policy/match_level", levels.as_str()),
            ("receipts", "[]"),
            ("invoice/lines/1/net", r#""97.50""#),
            (member, ordered.as_str()),
        ]);
        let result = reconcile(&with(&changes));
        let price = check(&result, CheckCode::UnitPrice, Some("2"));
        assert_eq!(price.verdict, CheckVerdict::PassWithin, "{member} {kept}");
        assert_eq!(result.level["2"], MatchLevel::FourWay, "{member} {kept}");
        assert_eq!(result.level["1"], MatchLevel::TwoWay, "{member} {kept}");
    });
}

#[test]
fn ids_of_another_item_are_not_taken_over() {
    let result = reconcile(&with(&[
        ("conversions", r#"[{"item":"S-77","from":"XBX","to":"KGM","factor":"2"}]"#),
        ("invoice/lines/1/unit", r#""XBX""#),
        ("invoice/lines/1/buyer_item_id", r#""PAINT-1""#),
        ("invoice/lines/1/seller_item_id", r#""S-77""#),
        ("purchase_orders/0/lines/1/buyer_item_id", r#""GREASE-2""#),
    ]));
    let held = codes(&result);
    assert!(held.contains(&HoldCode::ItemMismatch), "{held:?}");
    assert!(held.contains(&HoldCode::UomMismatch), "{held:?}");
}

/// The order line says nothing of its item; the invoice line names the order line and says it.
#[test]
fn an_order_line_is_known_by_what_the_invoice_line_that_names_it_says() {
    let limits = r#"[{"item":"GREASE-2","tolerances":{"UNIT_PRICE":{"upper":{"percent":"5"}}}}]"#;
    for (header, own) in [(r#""PO-1""#, "null"), ("null", r#""PO-1""#), (r#""PO-9""#, r#""PO-1""#)]
    {
        let result = reconcile(&with(&[
            ("policy/tolerance_rules", limits),
            ("invoice/order_reference", header),
            ("invoice/lines/0/order_reference", own),
            ("invoice/lines/1/order_reference", own),
            ("invoice/lines/1/buyer_item_id", r#""GREASE-2""#),
            ("invoice/lines/1/net", r#""97.50""#),
        ]));
        let price = check(&result, CheckCode::UnitPrice, Some("2"));
        assert_eq!(price.verdict, CheckVerdict::PassWithin, "{header} {own}");
    }
}

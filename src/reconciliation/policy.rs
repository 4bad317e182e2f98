//! The match level of an order line, and where it comes from (handbook §2).

use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::{MatchLevel, Policy};

/// Levels are only raised: the highest of entity, order and order line counts. Goods that are
/// booked in are compared, so a receipt raises the lines of its order to three-way.
pub(crate) fn level(
    policy: &Policy,
    order: &PurchaseOrder,
    line: &OrderLine,
    booked_in: bool,
) -> MatchLevel {
    let receipts = booked_in.then_some(MatchLevel::ThreeWay);
    let raises = [order.match_level, line.match_level, receipts];
    let highest = raises.into_iter().flatten().max();
    highest.map_or(policy.match_level, |level| level.max(policy.match_level))
}

#[cfg(test)]
mod tests {
    use super::level;
    use crate::models::case::Case;
    use crate::models::policy::MatchLevel;
    use MatchLevel::{ThreeWay, TwoWay};

    #[test]
    fn levels_are_only_raised() {
        for (entity, order, line, booked_in, expected) in [
            (TwoWay, None, None, false, TwoWay),
            (TwoWay, Some(ThreeWay), None, false, ThreeWay),
            (TwoWay, None, Some(ThreeWay), false, ThreeWay),
            (ThreeWay, Some(TwoWay), Some(TwoWay), false, ThreeWay),
            (TwoWay, Some(TwoWay), None, true, ThreeWay),
        ] {
            let case = r#"{"invoice":{},"purchase_orders":[{"number":"P","currency":"EUR",
                "lines":[{"id":"1","quantity":"1","unit_price":"1"}]}]}"#;
            let mut case: Case = serde_json::from_str(case).expect("a case");
            case.policy.match_level = entity;
            let mut purchase_order = case.purchase_orders.remove(0);
            purchase_order.match_level = order;
            purchase_order.lines[0].match_level = line;
            let line = &purchase_order.lines[0];
            let found = level(&case.policy, &purchase_order, line, booked_in);
            assert_eq!(found, expected);
        }
    }
}

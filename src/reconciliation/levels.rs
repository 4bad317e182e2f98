//! The match level of an order line, and where it comes from (handbook §2).

use crate::models::case::Case;
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::{MatchLevel, Override};
use crate::reconciliation::place::Said;

/// Who set a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The entity's own level.
    Entity,
    /// A rule of the policy, by its place.
    Rule(usize),
    /// The order.
    Order,
    /// The order line.
    OrderLine,
    /// Goods are booked in for the order.
    Receipt,
    /// A person, for this invoice.
    Person,
}

/// The level of an order line.
///
/// `raise_only`: the highest of entity, rules, order and order line; goods that are booked in are
/// compared, so a receipt raises the lines of its order to three-way. `any`: the narrowest place
/// that is set. What a person says about this invoice only raises, in both.
pub(crate) fn level(
    case: &Case,
    order: &PurchaseOrder,
    line: &OrderLine,
    booked_in: bool,
) -> MatchLevel {
    found(case, order, line, booked_in).0
}

/// The level of an order line, and who set it: the first who did, where several agree.
pub(crate) fn found(
    case: &Case,
    order: &PurchaseOrder,
    line: &OrderLine,
    booked_in: bool,
) -> (MatchLevel, Origin) {
    let levels = &case.policy.match_level;
    let seller = &case.invoice.seller;
    let rules = levels.rules.iter().enumerate().filter_map(|(place, rule)| {
        let said = Said::from(rule);
        said.covers(seller, order, line).then(|| (said.strength(), rule.level, Origin::Rule(place)))
    });
    let entity = (levels.entity, Origin::Entity);
    let of_order = order.match_level.map(|level| (level, Origin::Order));
    let of_line = line.match_level.map(|level| (level, Origin::OrderLine));
    let set = match levels.overriding {
        Override::RaiseOnly => {
            let receipts = booked_in.then_some((MatchLevel::ThreeWay, Origin::Receipt));
            let rules = rules.map(|(_, level, origin)| (level, origin));
            rules.chain(of_order).chain(of_line).chain(receipts).fold(entity, higher)
        }
        Override::Any => {
            let narrowest = rules.max_by_key(|&(strength, level, _)| (strength, level));
            let narrowest = narrowest.map(|(_, level, origin)| (level, origin));
            of_line.or(of_order).or(narrowest).unwrap_or(entity)
        }
    };
    let raised = case.decisions.match_level.map(|level| (level, Origin::Person));
    raised.into_iter().fold(set, higher)
}

/// The higher level; the one that came first when they are equal.
fn higher(one: (MatchLevel, Origin), other: (MatchLevel, Origin)) -> (MatchLevel, Origin) {
    if other.0 > one.0 { other } else { one }
}

/// The level of what belongs to no order line: the entity's, and what a person says.
pub(crate) fn of_document(case: &Case) -> MatchLevel {
    let entity = case.policy.match_level.entity;
    case.decisions.match_level.map_or(entity, |raised| raised.max(entity))
}

#[cfg(test)]
mod tests {
    use super::level;
    use crate::models::case::Case;
    use crate::models::policy::MatchLevel;
    use MatchLevel::{FourWay, None as NoLevel, ThreeWay, TwoWay};

    /// Policy, order's own level, line's own level, receipts, the level that comes of it.
    type Row = (&'static str, Option<MatchLevel>, Option<MatchLevel>, bool, MatchLevel);

    const ROWS: &[Row] = &[
        (r#""two_way""#, None, None, false, TwoWay),
        (r#""two_way""#, Some(ThreeWay), None, false, ThreeWay),
        (r#""two_way""#, None, Some(FourWay), false, FourWay),
        (r#""three_way""#, Some(TwoWay), Some(TwoWay), false, ThreeWay),
        (r#""two_way""#, Some(TwoWay), None, true, ThreeWay),
        (r#""none""#, None, None, false, NoLevel),
        (
            r#"{"entity":"two_way","rules":[{"item":"A","level":"three_way"}]}"#,
            None,
            None,
            false,
            ThreeWay,
        ),
        (
            r#"{"entity":"two_way","rules":[{"item":"B","level":"three_way"}]}"#,
            None,
            None,
            false,
            TwoWay,
        ),
        (
            r#"{"entity":"two_way","rules":[{"vendor":"v","item":"A","level":"four_way"}]}"#,
            None,
            None,
            false,
            FourWay,
        ),
        (
            r#"{"entity":"three_way","override":"any","rules":[{"vendor":"V","level":"none"},{"item":"A","level":"two_way"}]}"#,
            None,
            None,
            true,
            TwoWay,
        ),
        (
            r#"{"entity":"three_way","override":"any","rules":[{"item":"A","level":"two_way"}]}"#,
            None,
            Some(FourWay),
            false,
            FourWay,
        ),
        (r#"{"entity":"three_way","override":"any"}"#, None, None, false, ThreeWay),
    ];

    #[test]
    fn levels_follow_the_policy() {
        for &(policy, of_order, of_line, booked_in, expected) in ROWS {
            let case = format!(
                r#"{{"invoice":{{"seller":{{"ids":["V"]}}}},"policy":{{"match_level":{policy}}},
                "purchase_orders":[{{"number":"P","currency":"EUR",
                "lines":[{{"id":"1","quantity":"1","unit_price":"1","buyer_item_id":"A"}}]}}]}}"#
            );
            let mut case: Case = serde_json::from_str(&case).expect("a case");
            let mut order = case.purchase_orders.remove(0);
            order.match_level = of_order;
            order.lines[0].match_level = of_line;
            let found = level(&case, &order, &order.lines[0], booked_in);
            assert_eq!(found, expected, "{policy} {of_order:?} {of_line:?} {booked_in}");
        }
    }

    #[test]
    fn a_person_raises_and_never_lowers() {
        let case = r#"{"invoice":{},"decisions":{"match_level":"three_way"},"purchase_orders":[
            {"number":"P","currency":"EUR","lines":[{"id":"1","quantity":"1","unit_price":"1"}]}]}"#;
        let mut case: Case = serde_json::from_str(case).expect("a case");
        let order = case.purchase_orders.remove(0);
        assert_eq!(level(&case, &order, &order.lines[0], false), ThreeWay);
        case.policy.match_level = FourWay.into();
        assert_eq!(level(&case, &order, &order.lines[0], false), FourWay);
    }
}

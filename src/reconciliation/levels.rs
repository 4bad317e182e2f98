//! The match level of an order line, and where it comes from (handbook §2).

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::models::case::Case;
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::{MatchLevel, Override};
use crate::reconciliation::place::{Covering, Places, Said};

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

/// The levels that a policy and the orders of a case ask for.
pub(crate) struct Levels<'a> {
    case: &'a Case,
    places: Places<'a>,
    /// The rule for whole orders that decides.
    of_orders: HashMap<Covering, Option<usize>>,
}

/// What the lines of an order have in common.
pub(crate) struct OfOrder<'o> {
    order: &'o PurchaseOrder,
    booked_in: bool,
    covering: Covering,
    rule: Option<usize>,
}

impl<'a> Levels<'a> {
    /// Sorts the rules of the policy.
    pub(crate) fn new(case: &'a Case) -> Self {
        let places = Places::new(case.policy.match_level.rules.iter().map(Said::from));
        Self { case, places, of_orders: HashMap::new() }
    }

    /// An order, and whether goods are booked in for it.
    pub(crate) fn of_order<'o>(
        &mut self,
        order: &'o PurchaseOrder,
        booked_in: bool,
    ) -> OfOrder<'o> {
        let covering = self.places.of_order(&self.case.invoice.seller, order);
        let rule = match self.of_orders.get(&covering) {
            Some(&known) => known,
            None => {
                let rule = self.deciding(self.places.whole(&covering));
                self.of_orders.insert(covering.clone(), rule);
                rule
            }
        };
        OfOrder { order, booked_in, covering, rule }
    }

    /// The level of a line of the order, and who set it: the first who did, where several agree.
    /// `items` are all ids of its item.
    ///
    /// `raise_only`: the highest of entity, rules, order and order line; goods that are booked in
    /// are compared, so a receipt raises the lines of its order to three-way. `any`: the narrowest
    /// place that is set. What a person says about this invoice only raises, in both.
    pub(crate) fn found(
        &self,
        of: &OfOrder<'_>,
        line: &OrderLine,
        items: &[&str],
    ) -> (MatchLevel, Origin) {
        let levels = &self.case.policy.match_level;
        let narrower = self.places.narrower(&of.covering, line, items);
        let rule = self.deciding(of.rule.into_iter().chain(narrower));
        let rule = rule.map(|rule| (levels.rules[rule].level, Origin::Rule(rule)));
        let entity = (levels.entity, Origin::Entity);
        let of_order = of.order.match_level.map(|level| (level, Origin::Order));
        let of_line = line.match_level.map(|level| (level, Origin::OrderLine));
        let set = match levels.overriding {
            Override::RaiseOnly => {
                let receipts = of.booked_in.then_some((MatchLevel::ThreeWay, Origin::Receipt));
                [rule, of_order, of_line, receipts].into_iter().flatten().fold(entity, higher)
            }
            Override::Any => of_line.or(of_order).or(rule).unwrap_or(entity),
        };
        let raised = self.case.decisions.match_level.map(|level| (level, Origin::Person));
        raised.into_iter().fold(set, higher)
    }

    /// The rule that counts among those that apply: the highest, or the narrowest and then the
    /// highest; the first of equal ones.
    fn deciding(&self, rules: impl Iterator<Item = usize>) -> Option<usize> {
        let levels = &self.case.policy.match_level;
        rules.max_by_key(|&rule| {
            let said = &levels.rules[rule];
            let strength = match levels.overriding {
                Override::RaiseOnly => 0,
                Override::Any => Said::from(said).strength(),
            };
            (strength, said.level, Reverse(rule))
        })
    }
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
    use super::Levels;
    use crate::models::case::Case;
    use crate::models::order::PurchaseOrder;
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

    fn level(case: &Case, order: &PurchaseOrder, booked_in: bool) -> MatchLevel {
        let mut levels = Levels::new(case);
        let of = levels.of_order(order, booked_in);
        let line = &order.lines[0];
        let items: Vec<&str> = line.buyer_item_id.as_deref().into_iter().collect();
        levels.found(&of, line, &items).0
    }

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
            let found = level(&case, &order, booked_in);
            assert_eq!(found, expected, "{policy} {of_order:?} {of_line:?} {booked_in}");
        }
    }

    #[test]
    fn a_person_raises_and_never_lowers() {
        let case = r#"{"invoice":{},"decisions":{"match_level":"three_way"},"purchase_orders":[
            {"number":"P","currency":"EUR","lines":[{"id":"1","quantity":"1","unit_price":"1"}]}]}"#;
        let mut case: Case = serde_json::from_str(case).expect("a case");
        let order = case.purchase_orders.remove(0);
        assert_eq!(level(&case, &order, false), ThreeWay);
        case.policy.match_level = FourWay.into();
        assert_eq!(level(&case, &order, false), FourWay);
    }
}

//! Which limits a check has, and where in the policy they stand (handbook §5.1).

use crate::models::case::Case;
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::{LimitKey, Policy, Tolerance, UNPLANNED};
use crate::models::verdict::CheckCode;
use crate::reconciliation::place::Said;

/// Where a limit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// `tolerances`.
    Entity,
    /// `tolerance_rules`, by its place.
    Rule(usize),
    /// The handbook's own default, where the policy says nothing: §10, a credit may not exceed
    /// what was billed.
    Default,
}

impl Source {
    /// As the result names it.
    pub(crate) fn text(self) -> String {
        match self {
            Self::Entity => "entity".to_owned(),
            Self::Rule(place) => format!("tolerance_rules[{place}]"),
            Self::Default => "default".to_owned(),
        }
    }
}

/// Limits and their place.
pub(crate) type Found<'a> = (&'a Tolerance, Source);

/// The limits of a policy, sorted for many look-ups.
pub(crate) struct Limits<'a> {
    policy: &'a Policy,
    entity: [Option<&'a Tolerance>; CheckCode::ALL.len()],
    /// Rules, the narrowest first.
    ranked: Vec<usize>,
}

/// The rules that apply to an order line, the narrowest first.
pub(crate) type Rules = Vec<usize>;

impl<'a> Limits<'a> {
    /// Sorts the limits of the policy.
    pub(crate) fn new(policy: &'a Policy) -> Self {
        let entity = CheckCode::ALL.map(|code| policy.tolerances.get(&LimitKey::from(code)));
        let mut ranked: Vec<usize> = (0..policy.tolerance_rules.len()).collect();
        ranked.sort_by_key(|&rule| {
            std::cmp::Reverse(Said::from(&policy.tolerance_rules[rule]).strength())
        });
        Self { policy, entity, ranked }
    }

    /// The rules for an order line.
    pub(crate) fn rules(&self, case: &Case, order: &PurchaseOrder, line: &OrderLine) -> Rules {
        let rules = self.ranked.iter().copied();
        let seller = &case.invoice.seller;
        let covers = |&rule: &usize| {
            Said::from(&self.policy.tolerance_rules[rule]).covers(seller, order, line)
        };
        rules.filter(covers).collect()
    }

    /// The rules for what belongs to no order line: those of the supplier alone.
    pub(crate) fn document_rules(&self, case: &Case) -> Rules {
        let rules = self.ranked.iter().copied();
        let seller = &case.invoice.seller;
        let covers =
            |&rule: &usize| Said::from(&self.policy.tolerance_rules[rule]).covers_document(seller);
        rules.filter(covers).collect()
    }

    /// The limits of a check: those of the narrowest place that sets them, taken whole.
    pub(crate) fn of(&self, code: CheckCode, rules: &Rules) -> Option<Found<'a>> {
        if !rules.is_empty()
            && let Some(found) = self.in_rules(&LimitKey::from(code), rules)
        {
            return Some(found);
        }
        self.entity[code as usize].map(|tolerance| (tolerance, Source::Entity))
    }

    /// The limits of a charge: unplanned ones have their own where the policy says so; else those
    /// of the code, else those of all charges.
    pub(crate) fn of_charge(
        &self,
        charge: &str,
        unplanned: bool,
        rules: &Rules,
    ) -> Option<Found<'a>> {
        let code = CheckCode::Charge;
        let named = |charge: &str| LimitKey { code, charge: Some(charge.to_owned()) };
        let keys =
            [unplanned.then(|| named(UNPLANNED)), Some(named(charge)), Some(LimitKey::from(code))];
        let mut keys = keys.into_iter().flatten();
        keys.find_map(|key| {
            let entity = self.policy.tolerances.get(&key).map(|found| (found, Source::Entity));
            self.in_rules(&key, rules).or(entity)
        })
    }

    fn in_rules(&self, key: &LimitKey, rules: &Rules) -> Option<Found<'a>> {
        rules.iter().find_map(|&rule| {
            let tolerance = self.policy.tolerance_rules[rule].tolerances.get(key)?;
            Some((tolerance, Source::Rule(rule)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Source};
    use crate::models::case::Case;
    use crate::models::verdict::CheckCode;

    #[test]
    fn the_narrowest_place_decides_and_is_taken_whole() {
        let case = r#"{"invoice":{"seller":{"vat_id":"DE1"}},"policy":{
            "tolerances":{"UNIT_PRICE":{"upper":{"percent":"1"}},"LINE_NET":{"upper":{"percent":"1"}},
                "CHARGE":{"upper":{"percent":"2"}}, "CHARGE:FC":{"upper":{"percent":"3"}},
                "CHARGE:unplanned":{"upper":{"amount":"5"}}},
            "tolerance_rules":[
                {"vendor":"de 1","tolerances":{"UNIT_PRICE":{"upper":{"percent":"5"}}}},
                {"item":"A","tolerances":{"UNIT_PRICE":{"lower":{"percent":"7"}}}},
                {"po":"P","po_line":"2","tolerances":{"UNIT_PRICE":{"upper":{"percent":"9"}}}}]},
            "purchase_orders":[{"number":"P","currency":"EUR","lines":[
                {"id":"1","quantity":"1","unit_price":"1","buyer_item_id":"A"},
                {"id":"2","quantity":"1","unit_price":"1","buyer_item_id":"A"},
                {"id":"3","quantity":"1","unit_price":"1"}]}]}"#;
        let case: Case = serde_json::from_str(case).expect("a case");
        let limits = Limits::new(&case.policy);
        let order = &case.purchase_orders[0];
        for (line, code, source) in [
            (0, CheckCode::UnitPrice, Some(Source::Rule(1))),
            (1, CheckCode::UnitPrice, Some(Source::Rule(2))),
            (2, CheckCode::UnitPrice, Some(Source::Rule(0))),
            (0, CheckCode::LineNet, Some(Source::Entity)),
            (0, CheckCode::LineTotal, None),
        ] {
            let rules = limits.rules(&case, order, &order.lines[line]);
            let found = limits.of(code, &rules).map(|(_, source)| source);
            assert_eq!(found, source, "line {line} {code:?}");
        }
        let rules = limits.document_rules(&case);
        assert_eq!(rules, [0], "only the supplier's rule is for the whole document");
        for (charge, unplanned, upper) in
            [("FC", false, "3"), ("PC", false, "2"), ("PC", true, "5")]
        {
            let (found, _) = limits.of_charge(charge, unplanned, &rules).expect("limits");
            let limit = found.upper.percent.or(found.upper.amount);
            assert_eq!(limit, upper.parse().ok(), "{charge} {unplanned}");
        }
    }
}

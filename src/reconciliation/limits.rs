//! Which limits a check has, and where in the policy they stand (handbook §5.1).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::rc::Rc;

use crate::models::case::Case;
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::models::policy::{LimitKey, Tolerance, UNPLANNED};
use crate::models::verdict::CheckCode;
use crate::reconciliation::place::{Covering, Places, Said};

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

/// The limits of one place, by check.
#[derive(Debug, Clone)]
pub(crate) struct LineLimits<'a>([Option<Found<'a>>; CheckCode::ALL.len()]);

impl<'a> LineLimits<'a> {
    /// The limits of a check: those of the narrowest place that sets them, taken whole.
    pub(crate) fn of(&self, code: CheckCode) -> Option<Found<'a>> {
        self.0[code as usize]
    }
}

/// The limits of a policy for the invoices of one supplier.
pub(crate) struct Limits<'a> {
    case: &'a Case,
    places: Places<'a>,
    /// How narrow each rule is among all: the narrowest is the first.
    rank: Vec<usize>,
    /// The rules for what belongs to no order line, those of the supplier alone; the narrowest
    /// first.
    document_rules: Vec<usize>,
    document: LineLimits<'a>,
    entity: LineLimits<'a>,
}

impl<'a> Limits<'a> {
    /// Sorts the limits of the policy.
    pub(crate) fn new(case: &'a Case) -> Self {
        let policy = &case.policy;
        let rules = &policy.tolerance_rules;
        let entity = |code| Some((policy.tolerances.get(&LimitKey::from(code))?, Source::Entity));
        let entity = LineLimits(CheckCode::ALL.map(entity));
        let mut ranked: Vec<usize> = (0..rules.len()).collect();
        ranked.sort_by_key(|&rule| Reverse(Said::from(&rules[rule]).strength()));
        let mut rank = vec![0; rules.len()];
        for (at, &rule) in ranked.iter().enumerate() {
            rank[rule] = at;
        }
        let places = Places::new(rules.iter().map(Said::from));
        let covering = places.of_document(&case.invoice.seller);
        let mut document_rules: Vec<usize> = places.whole(&covering).collect();
        document_rules.sort_by_key(|&rule| rank[rule]);
        let document = entity.clone();
        let mut limits = Self { case, places, rank, document_rules, document, entity };
        limits.document = limits.narrowed(&limits.entity, limits.document_rules.iter().copied());
        limits
    }

    /// The limits of a check for what belongs to no order line.
    pub(crate) fn of_document(&self, code: CheckCode) -> Option<Found<'a>> {
        self.document.of(code)
    }

    /// The limits of a charge: unplanned ones have their own where the policy says so; else those
    /// of the code, else those of all charges.
    pub(crate) fn of_charge(&self, charge: &str, unplanned: bool) -> Option<Found<'a>> {
        let code = CheckCode::Charge;
        let policy = &self.case.policy;
        let named = |charge: &str| LimitKey { code, charge: Some(charge.to_owned()) };
        let keys =
            [unplanned.then(|| named(UNPLANNED)), Some(named(charge)), Some(LimitKey::from(code))];
        let mut keys = keys.into_iter().flatten();
        keys.find_map(|key| {
            let entity = || policy.tolerances.get(&key).map(|found| (found, Source::Entity));
            let in_rules = self.document_rules.iter().find_map(|&rule| {
                let tolerance = policy.tolerance_rules[rule].tolerances.get(&key)?;
                Some((tolerance, Source::Rule(rule)))
            });
            in_rules.or_else(entity)
        })
    }

    /// The limits of order lines.
    pub(crate) fn by_line(&self) -> ByLine<'_, 'a> {
        ByLine {
            limits: self,
            of_orders: HashMap::new(),
            sets: Vec::new(),
            narrower: HashMap::new(),
        }
    }

    /// Those limits with the rules, as far as these are narrower.
    fn narrowed(
        &self,
        limits: &LineLimits<'a>,
        rules: impl Iterator<Item = usize>,
    ) -> LineLimits<'a> {
        let rank = |source| match source {
            Source::Rule(rule) => self.rank[rule],
            Source::Entity | Source::Default => usize::MAX,
        };
        let mut narrowed = limits.clone();
        for rule in rules {
            let said = self.case.policy.tolerance_rules[rule].tolerances.iter();
            for (key, tolerance) in said.filter(|(key, _)| key.charge.is_none()) {
                let place = &mut narrowed.0[key.code as usize];
                if place.is_none_or(|(_, source)| self.rank[rule] < rank(source)) {
                    *place = Some((tolerance, Source::Rule(rule)));
                }
            }
        }
        narrowed
    }
}

/// The limits of order lines, worked out once for all lines that the same rules cover.
pub(crate) struct ByLine<'l, 'a> {
    limits: &'l Limits<'a>,
    of_orders: HashMap<Covering, usize>,
    /// For whole orders.
    sets: Vec<Rc<LineLimits<'a>>>,
    /// By the set of the order, and the rules for the line.
    narrower: HashMap<(usize, Vec<usize>), Rc<LineLimits<'a>>>,
}

/// What the lines of an order have in common.
pub(crate) struct OfOrder {
    covering: Covering,
    set: usize,
}

impl<'a> ByLine<'_, 'a> {
    /// The limits of an order.
    pub(crate) fn of_order(&mut self, order: &PurchaseOrder) -> OfOrder {
        let limits = self.limits;
        let covering = limits.places.of_order(&limits.case.invoice.seller, order);
        let next = self.sets.len();
        let set = *self.of_orders.entry(covering.clone()).or_insert(next);
        if set == next {
            let whole = limits.places.whole(&covering);
            self.sets.push(Rc::new(limits.narrowed(&limits.entity, whole)));
        }
        OfOrder { covering, set }
    }

    /// The limits of a line of it; `items` are all ids of its item.
    pub(crate) fn of_line(
        &mut self,
        order: &OfOrder,
        line: &OrderLine,
        items: &[&str],
    ) -> Rc<LineLimits<'a>> {
        let limits = self.limits;
        let narrower = limits.places.narrower(&order.covering, line, items);
        let of_order = &self.sets[order.set];
        if narrower.is_empty() {
            return Rc::clone(of_order);
        }
        let found = self.narrower.entry((order.set, narrower));
        let found = found.or_insert_with_key(|(_, rules)| {
            Rc::new(limits.narrowed(of_order, rules.iter().copied()))
        });
        Rc::clone(found)
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
        let limits = Limits::new(&case);
        let mut by_line = limits.by_line();
        let order = &case.purchase_orders[0];
        let of_order = by_line.of_order(order);
        for (line, code, source) in [
            (0, CheckCode::UnitPrice, Some(Source::Rule(1))),
            (1, CheckCode::UnitPrice, Some(Source::Rule(2))),
            (2, CheckCode::UnitPrice, Some(Source::Rule(0))),
            (0, CheckCode::LineNet, Some(Source::Entity)),
            (0, CheckCode::LineTotal, None),
        ] {
            let line_of = &order.lines[line];
            let items: Vec<&str> = line_of.buyer_item_id.as_deref().into_iter().collect();
            let found = by_line.of_line(&of_order, line_of, &items).of(code);
            let found = found.map(|(_, source)| source);
            assert_eq!(found, source, "line {line} {code:?}");
        }
        let found = limits.of_document(CheckCode::UnitPrice).map(|(_, source)| source);
        assert_eq!(found, Some(Source::Rule(0)), "only the supplier's is for the whole document");
        for (charge, unplanned, upper) in
            [("FC", false, "3"), ("PC", false, "2"), ("PC", true, "5")]
        {
            let (found, _) = limits.of_charge(charge, unplanned).expect("limits");
            let limit = found.upper.percent.or(found.upper.amount);
            assert_eq!(limit, upper.parse().ok(), "{charge} {unplanned}");
        }
    }
}

//! The rules that apply to an order line, found by what they say of their place: a policy may have
//! thousands, and an invoice a million lines.

use std::collections::HashMap;

use crate::models::invoice::{Party, normalised};
use crate::models::order::{OrderLine, PurchaseOrder};
use crate::reconciliation::item;
use crate::reconciliation::place::{Said, names};

/// Rules by where they apply; each is told by its place in the policy.
pub(crate) struct Places<'a> {
    groups: Vec<Group<'a>>,
    /// By supplier, as it is compared, and order.
    of: HashMap<(Option<String>, Option<&'a str>), usize>,
}

/// Rules that say the same of supplier and order.
#[derive(Default)]
struct Group<'a> {
    /// For all items and lines.
    whole: Vec<usize>,
    items: HashMap<&'a str, Vec<usize>>,
    /// By order line, with the item that they ask for.
    lines: HashMap<&'a str, Vec<(usize, Option<&'a str>)>>,
}

/// The groups that an order is in: equal ones cover equal lines alike.
pub(crate) type Covering = Vec<usize>;

impl<'a> Places<'a> {
    /// Sorts the rules.
    pub(crate) fn new(rules: impl Iterator<Item = Said<'a>>) -> Self {
        let mut places = Self { groups: Vec::new(), of: HashMap::new() };
        for (rule, said) in rules.enumerate() {
            let next = places.groups.len();
            let group = *places.of.entry((said.vendor.map(normalised), said.po)).or_insert(next);
            if group == next {
                places.groups.push(Group::default());
            }
            let group = &mut places.groups[group];
            match (said.po_line, said.item) {
                (Some(line), item) => group.lines.entry(line).or_default().push((rule, item)),
                (None, Some(item)) => {
                    for item in [Some(item), item::unpadded(item)].into_iter().flatten() {
                        group.items.entry(item).or_default().push(rule);
                    }
                }
                (None, None) => group.whole.push(rule),
            }
        }
        places
    }

    /// The groups for an order of its supplier or of who bills it.
    pub(crate) fn of_order(&self, seller: &Party, order: &PurchaseOrder) -> Covering {
        if self.groups.is_empty() {
            return Covering::new();
        }
        let vendors = names(seller).chain(names(&order.supplier)).map(Some).chain([None]);
        let number = order.number.trim();
        let keys = vendors.flat_map(|vendor| [(vendor.clone(), None), (vendor, Some(number))]);
        let mut covering: Covering = keys.filter_map(|key| self.of.get(&key).copied()).collect();
        covering.sort_unstable();
        covering.dedup();
        covering
    }

    /// The groups for what belongs to no order.
    pub(crate) fn of_document(&self, seller: &Party) -> Covering {
        let vendors = names(seller).map(Some).chain([None]);
        let found = vendors.filter_map(|vendor| self.of.get(&(vendor, None)).copied());
        let mut covering: Covering = found.collect();
        covering.sort_unstable();
        covering.dedup();
        covering
    }

    /// The rules for all lines.
    pub(crate) fn whole(&self, covering: &[usize]) -> impl Iterator<Item = usize> {
        covering.iter().flat_map(|&group| self.groups[group].whole.iter().copied())
    }

    /// The rules for this line or its item, in the order of the policy; `items` are all its ids.
    pub(crate) fn narrower(
        &self,
        covering: &[usize],
        line: &OrderLine,
        items: &[&str],
    ) -> Vec<usize> {
        let mut rules = Vec::new();
        for group in covering.iter().map(|&group| &self.groups[group]) {
            for item in items {
                rules.extend(group.items.get(item).into_iter().flatten());
            }
            let is_one = |item| {
                let spellings = [Some(item), item::unpadded(item)];
                spellings.into_iter().flatten().any(|item| items.contains(&item))
            };
            let of_line = group.lines.get(line.id.trim()).into_iter().flatten();
            let of_line = of_line.filter(|(_, item)| item.is_none_or(is_one));
            rules.extend(of_line.map(|(rule, _)| rule));
        }
        rules.sort_unstable();
        rules.dedup();
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use crate::models::case::Case;
    use crate::reconciliation::place::Said;

    #[test]
    fn rules_are_found_by_supplier_order_line_and_item() {
        let case = r#"{"invoice":{"seller":{"vat_id":"DE 1"}},"policy":{"tolerance_rules":[
                {"tolerances":{}},
                {"vendor":"de1","tolerances":{}},
                {"vendor":"Meier","tolerances":{}},
                {"vendor":"Other","tolerances":{}},
                {"po":"P","tolerances":{}},
                {"po":"Q","tolerances":{}},
                {"item":"04012345678901","tolerances":{}},
                {"vendor":"DE1","item":"A","tolerances":{}},
                {"po":"P","po_line":"10","tolerances":{}},
                {"po":"P","po_line":"10","item":"B","tolerances":{}}]},
            "purchase_orders":[{"number":" P","currency":"EUR","supplier":{"name":"MEIER"},
                "lines":[{"id":"10","quantity":"1","unit_price":"1"}]}]}"#;
        let case: Case = serde_json::from_str(case).expect("a case");
        let places = Places::new(case.policy.tolerance_rules.iter().map(Said::from));
        let (seller, order) = (&case.invoice.seller, &case.purchase_orders[0]);
        let covering = places.of_order(seller, order);
        let mut whole: Vec<usize> = places.whole(&covering).collect();
        whole.sort_unstable();
        assert_eq!(whole, [0, 1, 2, 4]);
        for (items, rules) in [
            (&[][..], &[8][..]),
            (&["A"], &[7, 8]),
            (&["4012345678901"], &[6, 8]),
            (&["B", "A"], &[7, 8, 9]),
        ] {
            let found = places.narrower(&covering, &order.lines[0], items);
            assert_eq!(found, rules, "{items:?}");
        }
        let document = places.of_document(seller);
        assert!(places.whole(&document).eq([0, 1]), "an order's own supplier is not asked");
    }
}

//! Order lines that are interchangeable: same item, price, unit, currency and tax.

use std::collections::BTreeMap;

use crate::reconciliation::item;
use crate::reconciliation::pairing::similarity::Name;
use crate::reconciliation::positions::Position;
use crate::reconciliation::units::Units;

/// The class of each order line; lines of one class may stand for each other.
pub(super) struct Classes {
    of: Vec<usize>,
    names: Vec<Name>,
}

impl Classes {
    /// Sorts the positions into classes.
    pub(super) fn new(positions: &[Position<'_>], units: &Units) -> Self {
        let mut known = BTreeMap::new();
        let mut classes = Self { of: Vec::with_capacity(positions.len()), names: Vec::new() };
        for position in positions {
            let name = Name::new(position.line.description.as_deref());
            let key = (
                item::ordered(position.line),
                name.clone(),
                position.price.and_then(|price| price.each()),
                position.line.unit.as_deref().map(|unit| units.code(unit)),
                position.order.currency.code(),
                (position.line.tax_category.as_deref(), position.line.tax_rate),
            );
            let next = classes.names.len();
            let class = *known.entry(key).or_insert(next);
            if class == next {
                classes.names.push(name);
            }
            classes.of.push(class);
        }
        classes
    }

    /// The class of an order line.
    pub(super) fn of(&self, position: usize) -> usize {
        self.of[position]
    }

    /// How many classes there are.
    pub(super) fn count(&self) -> usize {
        self.names.len()
    }

    /// What the lines of a class are called.
    pub(super) fn name(&self, class: usize) -> &Name {
        &self.names[class]
    }

    /// At least one candidate, and all of one class.
    pub(super) fn all_one(&self, candidates: &[usize]) -> bool {
        let first = candidates.first().map(|&first| self.of[first]);
        first.is_some_and(|class| candidates.iter().all(|&other| self.of[other] == class))
    }
}

//! Step 3: GTIN, else the buyer's id, else the seller's id.

use std::collections::BTreeMap;

use crate::reconciliation::item;
use crate::reconciliation::pairing::Search;
use crate::reconciliation::positions::Positions;

/// Order lines by kind and item id.
pub(super) struct ItemIndex<'a> {
    places: BTreeMap<(usize, &'a str), Vec<usize>>,
}

impl<'a> ItemIndex<'a> {
    /// Remembers where each item id was ordered.
    pub(super) fn new(positions: &'a Positions<'a>) -> Self {
        let mut places: BTreeMap<(usize, &str), Vec<usize>> = BTreeMap::new();
        for (place, position) in positions.all.iter().enumerate() {
            for (kind, id) in item::ordered(position.line).into_iter().enumerate() {
                if let Some(id) = id {
                    places.entry((kind, id)).or_default().push(place);
                }
            }
        }
        Self { places }
    }

    /// The order lines of the strongest kind of id that leads anywhere.
    pub(super) fn candidates(&self, search: &Search<'_>, line: usize) -> Vec<usize> {
        let ids = item::invoiced(&search.lines[line]);
        let known = ids.into_iter().enumerate().filter_map(|(kind, id)| Some((kind, id?)));
        known
            .filter_map(|key| self.places.get(&key))
            .map(|places| search.within(line, places))
            .find(|candidates| !candidates.is_empty())
            .unwrap_or_default()
    }
}

//! Before all steps: what a person paired.

use crate::models::verdict::PairingStep;
use crate::reconciliation::pairing::{Fate, Search};

/// Pairs the lines that a person chose an order line for, where that line is still there and no
/// other may be meant.
pub(super) fn pair(search: &Search<'_>, fates: &mut [Option<Fate<'_>>]) {
    for chosen in &search.scene.case.decisions.pairings {
        let is_line = |line: &usize| search.lines[*line].id == chosen.line;
        let Some(line) = (0..fates.len()).find(is_line) else {
            continue;
        };
        let orders = search.orders.by_number(&chosen.po).iter();
        let places = orders.flat_map(|&order| {
            let start = search.positions.of_order(order).start;
            let named = search.positions.named(order, &chosen.po_line).iter();
            named.map(move |place| start + place)
        });
        if let [position] = places.collect::<Vec<_>>()[..] {
            fates[line] = Some(Fate::Paired { position, step: PairingStep::Decision });
        }
    }
}

//! Before all steps: what a person paired.

use crate::models::verdict::PairingStep;
use crate::reconciliation::pairing::{Fate, Search};
use crate::reconciliation::reference::without_zeros;

/// Pairs the lines that a person chose an order line for, where that line is still there.
pub(super) fn pair(search: &Search<'_>, fates: &mut [Option<Fate<'_>>]) {
    for chosen in &search.scene.case.decisions.pairings {
        let is_line = |line: &usize| search.lines[*line].id == chosen.line;
        let Some(line) = (0..fates.len()).find(is_line) else {
            continue;
        };
        let mut places = search.positions.all.iter().enumerate();
        let found = places.find(|(_, position)| {
            without_zeros(&position.order.number) == without_zeros(&chosen.po)
                && without_zeros(&position.line.id) == without_zeros(&chosen.po_line)
        });
        if let Some((position, _)) = found {
            fates[line] = Some(Fate::Paired { position, step: PairingStep::Decision });
        }
    }
}

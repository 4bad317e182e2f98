//! Step 2: the invoice names receipts or despatch advices; their order lines are the only
//! candidates.

use crate::models::case::NamedReceipt;
use crate::reconciliation::allocation::{named_by, names};
use crate::reconciliation::pairing::{Fate, Search, open};

/// The order lines of the receipts that each open line names; empty where it names none that is
/// known.
pub(super) fn candidates(search: &Search<'_>, fates: &[Option<Fate<'_>>]) -> Vec<Vec<usize>> {
    let mut narrowed: Vec<Vec<usize>> = vec![Vec::new(); fates.len()];
    let lines = open(fates);
    let invoice = &search.scene.case.invoice;
    let header: Vec<NamedReceipt> = named_by(invoice, None);
    let mut of_header: Option<Vec<usize>> = None;
    for line in lines {
        let own = named_by(invoice, Some(&search.lines[line]));
        if own.is_empty() {
            continue;
        }
        let places = match own == header {
            true => of_header.get_or_insert_with(|| places(search, &header)).clone(),
            false => places(search, &own),
        };
        narrowed[line] = search.within(line, &places);
    }
    narrowed
}

fn places(search: &Search<'_>, named: &[NamedReceipt]) -> Vec<usize> {
    let positions = search.positions.all.iter().enumerate();
    let named = positions.filter(|(_, position)| {
        let mut came = position.received().lines.iter();
        came.any(|came| named.iter().any(|named| names(named, came)))
    });
    named.map(|(place, _)| place).collect()
}

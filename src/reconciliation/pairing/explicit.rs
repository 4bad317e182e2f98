//! Step 1: order and order line are named.

use crate::models::verdict::{Hold, HoldCode, PairingStep};
use crate::reconciliation::holds;
use crate::reconciliation::orders::Scope;
use crate::reconciliation::pairing::{Fate, Search};
use crate::reconciliation::reference::meaningful;
use crate::reconciliation::show;

/// None when the line names nothing that could be looked up.
///
/// # Errors
/// The named line is not there: a hold, and the search goes on without the reference.
pub(super) fn find(search: &Search<'_>, line: usize) -> Result<Option<Fate<'static>>, Box<Hold>> {
    let invoiced = &search.lines[line];
    let reference = meaningful(invoiced.order_line_reference.as_deref());
    let (Some(reference), Scope::One(order)) = (reference, search.scopes.lines[line]) else {
        return Ok(None);
    };
    let start = search.positions.of_order(order).start;
    let step = PairingStep::Explicit;
    match *search.positions.named(order, reference) {
        [place] => Ok(Some(Fate::Paired { position: start + place, step })),
        [] => {
            let number = show::name(&search.orders.all[order].number);
            let text = format!(
                "order {number} has no line {}; releases when the order gets that line or a \
                 corrected invoice names another",
                show::name(reference)
            );
            Err(Box::new(holds::line(HoldCode::PoLineNotFound, &invoiced.id, &text)))
        }
        ref places => {
            let candidates = places.iter().map(|place| start + place).collect();
            Ok(Some(Fate::Ambiguous { candidates }))
        }
    }
}

//! Step 1: order and order line are named.

use std::collections::BTreeMap;

use crate::models::verdict::{Hold, HoldCode, PairingStep};
use crate::reconciliation::holds;
use crate::reconciliation::orders::Scope;
use crate::reconciliation::pairing::{Fate, Search};
use crate::reconciliation::reference::{Names, meaningful};
use crate::reconciliation::show;

/// The line ids of each order, gathered when first asked for.
#[derive(Default)]
pub(super) struct Explicit<'a> {
    names: BTreeMap<usize, Names<'a>>,
}

impl<'a> Explicit<'a> {
    /// None when the line names nothing that could be looked up.
    ///
    /// # Errors
    /// The named line is not there: a hold, and the search goes on without the reference.
    pub(super) fn find(
        &mut self,
        search: &Search<'a>,
        line: usize,
    ) -> Result<Option<Fate<'static>>, Hold> {
        let invoiced = &search.lines[line];
        let reference = meaningful(invoiced.order_line_reference.as_deref());
        let (Some(reference), Scope::One(order)) = (reference, search.scopes.lines[line]) else {
            return Ok(None);
        };
        let range = search.positions.of_order(order);
        let names = self.names.entry(order).or_insert_with(|| {
            let lines = search.positions.all[range.clone()].iter();
            Names::new(lines.map(|position| position.line.id.as_str()))
        });
        let found: Vec<usize> = names.find(reference).iter().map(|at| range.start + at).collect();
        let step = PairingStep::Explicit;
        match found[..] {
            [position] => Ok(Some(Fate::Paired { position, step })),
            [] => {
                let number = show::name(&search.orders.all[order].number);
                let text = format!(
                    "order {number} has no line {}; releases when the order gets that line or a \
                     corrected invoice names another",
                    show::name(reference)
                );
                Err(holds::line(HoldCode::PoLineNotFound, &invoiced.id, &text))
            }
            _ => Ok(Some(Fate::Ambiguous { candidates: found })),
        }
    }
}

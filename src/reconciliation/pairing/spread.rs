//! Several equal candidates: invoice lines are spread over them, whole line by whole line.

use std::cmp::Reverse;

use rust_decimal::Decimal;

use crate::models::verdict::PairingStep;
use crate::reconciliation::pairing::{Fate, Search};
use crate::reconciliation::reference::rank;

/// An invoice line, and the order lines that may stand for each other.
pub(super) struct Claim {
    pub(super) line: usize,
    pub(super) candidates: Vec<usize>,
}

/// What the paired lines of this invoice took so far from each order line.
pub(super) struct Taken {
    sums: Vec<Option<Decimal>>,
}

impl Taken {
    /// Starts with the lines that are paired already.
    pub(super) fn new(search: &Search<'_>, fates: &[Option<Fate<'_>>]) -> Self {
        let mut taken = Self { sums: vec![Some(Decimal::ZERO); search.positions.all.len()] };
        for (line, fate) in fates.iter().enumerate() {
            if let Some(Fate::Paired { position, .. }) = fate {
                taken.take(search, line, *position);
            }
        }
        taken
    }

    /// What is left of an order line; none when it cannot be worked out.
    pub(super) fn room(
        &self,
        search: &Search<'_>,
        place: usize,
        received: bool,
    ) -> Option<Decimal> {
        let room = search.positions.all[place].room(received)?;
        room.checked_sub(self.sums[place]?)
    }

    /// Gives each claim an order line. Large quantities choose first, so that lines which fill
    /// the order exactly find their place whatever order they stand in; goods that came are
    /// preferred to goods that did not, then the earlier order line.
    pub(super) fn spread(
        &mut self,
        search: &Search<'_>,
        mut claims: Vec<Claim>,
        step: PairingStep,
        fates: &mut [Option<Fate<'_>>],
    ) {
        claims.sort_by_cached_key(|claim| {
            let id = &search.lines[claim.line].id;
            let (width, id) = rank(id);
            (Reverse(search.figures[claim.line].quantity), width, id.to_owned(), claim.line)
        });
        for claim in claims {
            if let Some(position) = self.choose(search, &claim) {
                self.take(search, claim.line, position);
                fates[claim.line] = Some(Fate::Paired { position, step });
            }
        }
    }

    fn choose(&self, search: &Search<'_>, claim: &Claim) -> Option<usize> {
        let first = claim.candidates.first().copied()?;
        let fitting = |received: bool| {
            let fits = |&place: &usize| {
                let quantity = search.quantity(claim.line, place);
                let room = self.room(search, place, received);
                quantity.zip(room).is_some_and(|(quantity, room)| quantity <= room)
            };
            claim.candidates.iter().copied().find(fits)
        };
        if claim.candidates.len() == 1 {
            return Some(first);
        }
        fitting(true).or_else(|| fitting(false)).or(Some(first))
    }

    fn take(&mut self, search: &Search<'_>, line: usize, place: usize) {
        if let Some(quantity) = search.quantity(line, place) {
            let sum = &mut self.sums[place];
            *sum = sum.and_then(|sum| sum.checked_add(quantity));
        }
    }
}

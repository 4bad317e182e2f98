//! Step 4: equal net price, quantity that is still open, and a name that is alike.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::reconciliation::pairing::similarity::{Likeness, Name};
use crate::reconciliation::pairing::spread::Taken;
use crate::reconciliation::pairing::{Fate, Search};
use crate::reconciliation::unit;

/// A name that is less alike than this, in thousandths, does not pair (handbook §3).
const ALIKE_LEAST: usize = 800;

/// The best name has to be this far above the second.
const LEAD_LEAST: usize = 100;

/// How alike a class of order lines is to the invoice line that was compared with it last. One list
/// serves all lines: a list for each would cost lines × classes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Score {
    line: Option<usize>,
    thousandths: Option<usize>,
}

/// Order lines by price, and what is open on each once earlier steps have taken theirs.
pub(super) struct NameStep<'a> {
    search: &'a Search<'a>,
    prices: BTreeMap<Decimal, Vec<usize>>,
    open: Vec<Option<Decimal>>,
    // Prepared once: the steps look at each of these hundreds of thousands of times.
    units: Vec<Option<String>>,
}

impl<'a> NameStep<'a> {
    /// Sorts the order lines by price.
    pub(super) fn new(search: &'a Search<'a>, taken: &Taken) -> Self {
        let mut prices: BTreeMap<Decimal, Vec<usize>> = BTreeMap::new();
        let mut open = Vec::new();
        let mut units = Vec::new();
        for (place, position) in search.positions.all.iter().enumerate() {
            if let Some(price) = position.price.and_then(|price| price.each()) {
                prices.entry(price).or_default().push(place);
            }
            open.push(taken.room(search, place, false));
            units.push(unit::canonical(position.line.unit.as_deref()));
        }
        Self { search, prices, open, units }
    }

    /// Order lines of equal price and unit where the quantity is still open.
    pub(super) fn candidates(&self, line: usize) -> Vec<usize> {
        let places = self.search.figures[line].price.and_then(|price| self.prices.get(&price));
        let places = places.map_or(&[][..], |places| places);
        let unit = unit::canonical(self.search.lines[line].unit.as_deref());
        let same_unit = |place: usize| match (&unit, &self.units[place]) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        let mut candidates = self.search.within(line, places);
        candidates.retain(|&place| same_unit(place) && self.fits(line, place));
        candidates
    }

    /// The order lines whose name is clearly the most alike.
    ///
    /// # Errors
    /// None is, or several are.
    pub(super) fn by_name(
        &self,
        line: usize,
        candidates: &[usize],
        scores: &mut [Score],
    ) -> Result<Vec<usize>, Fate> {
        let classes = &self.search.classes;
        let invoiced = &self.search.lines[line];
        let name = invoiced.name.as_deref().or(invoiced.description.as_deref());
        let likeness = Likeness::new(&Name::new(name));
        // What cannot come near the best any more is not worked out to the end.
        let (mut best, mut least) = (None, ALIKE_LEAST - LEAD_LEAST);
        for &place in candidates {
            let class = classes.of(place);
            if scores[class].line != Some(line) {
                let thousandths = likeness.to(classes.name(class), least);
                let line = Some(line);
                scores[class] = Score { line, thousandths };
                best = best.max(thousandths);
                least = best.map_or(least, |best| least.max(best - LEAD_LEAST + 1));
            }
        }
        let Some(best) = best.filter(|&best| best >= ALIKE_LEAST) else {
            return Err(Fate::Unpaired { near: Vec::new() });
        };
        let at_least = |least: usize| -> Vec<usize> {
            let alike = |place: &usize| scores[classes.of(*place)].thousandths >= Some(least);
            candidates.iter().copied().filter(alike).collect()
        };
        let (first, near) = (at_least(best), at_least(best - LEAD_LEAST + 1));
        if !classes.all_one(&first) {
            return Err(Fate::Ambiguous { candidates: first });
        }
        if first.len() < near.len() {
            return Err(Fate::Unpaired { near });
        }
        Ok(first)
    }

    /// Order lines of the same item, told apart by price, then by quantity.
    ///
    /// # Errors
    /// Neither tells them apart.
    pub(super) fn by_price(&self, line: usize, same_item: &[usize]) -> Result<Vec<usize>, Fate> {
        let asked = self.search.figures[line].price;
        let priced = |place: &usize| {
            let price = self.search.positions.all[*place].price;
            asked.is_some() && price.and_then(|price| price.each()) == asked
        };
        let priced: Vec<usize> = same_item.iter().copied().filter(priced).collect();
        let fitting: Vec<usize> =
            priced.iter().copied().filter(|&at| self.fits(line, at)).collect();
        let one_class = |places: &Vec<usize>| self.search.classes.all_one(places);
        let mut rest = [fitting, priced, same_item.to_vec()].into_iter();
        match rest.clone().take(2).find(one_class) {
            Some(told_apart) => Ok(told_apart),
            None => Err(Fate::Ambiguous {
                candidates: rest.find(|places| !places.is_empty()).unwrap_or_default(),
            }),
        }
    }

    fn fits(&self, line: usize, place: usize) -> bool {
        let quantity = self.search.figures[line].quantity;
        quantity.zip(self.open[place]).is_some_and(|(quantity, open)| quantity <= open)
    }
}

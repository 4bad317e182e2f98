//! Step 4: equal net price, quantity that is still open, and a name that is alike.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use crate::reconciliation::pairing::similarity::{Likeness, Name};
use crate::reconciliation::pairing::spread::Taken;
use crate::reconciliation::pairing::{Fate, Search};

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

/// Order lines by unit and price, and what is open on each once earlier steps have taken theirs.
pub(super) struct NameStep<'s, 'a> {
    search: &'s Search<'a>,
    /// The distinct units, each with an order line that stands for it.
    units: BTreeMap<Option<String>, usize>,
    prices: BTreeMap<(Option<String>, Decimal), Vec<usize>>,
    open: Vec<Option<Decimal>>,
}

impl<'s, 'a> NameStep<'s, 'a> {
    /// Sorts the order lines.
    pub(super) fn new(search: &'s Search<'a>, taken: &Taken) -> Self {
        let mut step =
            Self { search, units: BTreeMap::new(), prices: BTreeMap::new(), open: Vec::new() };
        for (place, position) in search.positions.all.iter().enumerate() {
            let unit = position.line.unit.as_deref().filter(|unit| !unit.trim().is_empty());
            let unit = unit.map(|unit| search.scene.units.code(unit).into_owned());
            if let Some(price) = position.price.and_then(|price| price.each()) {
                step.prices.entry((unit.clone(), price)).or_default().push(place);
            }
            step.units.entry(unit).or_insert(place);
            step.open.push(taken.room(search, place, false));
        }
        step
    }

    /// Order lines of equal price, after conversion, where the quantity is still open.
    pub(super) fn candidates(&self, line: usize) -> Vec<usize> {
        let mut candidates = Vec::new();
        for (unit, &place) in &self.units {
            let price = self.search.price(line, place).map(|price| (unit.clone(), price));
            let places = price.and_then(|price| self.prices.get(&price));
            let Some((places, asked)) = places.zip(self.search.quantity(line, place)) else {
                continue;
            };
            let fits = |place: &usize| self.open[*place].is_some_and(|open| asked <= open);
            candidates.extend(places.iter().copied().filter(fits));
        }
        candidates.sort_unstable();
        self.search.within(line, &candidates)
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
    ) -> Result<Vec<usize>, Fate<'static>> {
        let classes = self.search.classes();
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
    pub(super) fn by_price(
        &self,
        line: usize,
        same_item: &[usize],
    ) -> Result<Vec<usize>, Fate<'static>> {
        let priced = |place: &usize| {
            let asked = self.search.price(line, *place);
            let price = self.search.positions.all[*place].price;
            asked.is_some() && price.and_then(|price| price.each()) == asked
        };
        let priced: Vec<usize> = same_item.iter().copied().filter(priced).collect();
        let fitting: Vec<usize> =
            priced.iter().copied().filter(|&at| self.fits(line, at)).collect();
        let one_class = |places: &Vec<usize>| self.search.classes().all_one(places);
        let mut rest = [fitting, priced, same_item.to_vec()].into_iter();
        match rest.clone().take(2).find(one_class) {
            Some(told_apart) => Ok(told_apart),
            None => Err(Fate::Ambiguous {
                candidates: rest.find(|places| !places.is_empty()).unwrap_or_default(),
            }),
        }
    }

    /// Order lines of the asked price that a name tells apart, where quantity did not.
    ///
    /// # Errors
    /// It does not, or their price is another one.
    pub(super) fn told_apart(
        &self,
        line: usize,
        fate: Fate<'static>,
        scores: &mut [Score],
    ) -> Result<Vec<usize>, Fate<'static>> {
        let Fate::Ambiguous { candidates } = &fate else {
            return Err(fate);
        };
        let priced = |place: &usize| {
            let asked = self.search.price(line, *place);
            let price = self.search.positions.all[*place].price;
            asked.is_some() && price.and_then(|price| price.each()) == asked
        };
        match candidates.iter().all(priced) {
            true => self.by_name(line, candidates, scores).map_err(|_| fate),
            false => Err(fate),
        }
    }

    fn fits(&self, line: usize, place: usize) -> bool {
        let quantity = self.search.quantity(line, place);
        quantity.zip(self.open[place]).is_some_and(|(quantity, open)| quantity <= open)
    }
}

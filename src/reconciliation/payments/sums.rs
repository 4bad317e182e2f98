//! Which items sum to a payment: exactly one set of them, two, none, or a search given up.

use std::cell::Cell;
use std::collections::HashSet;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// Items that are looked at (handbook §17): beyond it sums agree by chance.
pub const ITEMS_MAX: usize = 40;

/// Places of the search that are looked at (handbook §17): some milliseconds.
pub const STATES_MAX: usize = 200_000;

/// Places of all searches of one case: what is beyond it is given up and said, so that a
/// statement full of riddles is answered in seconds.
pub const STATES_OF_CASE_MAX: usize = 20_000_000;

/// Below so many items a search is cheaper than remembering where it failed.
const REMEMBERED_FROM: usize = 6;

/// What is left of [`STATES_OF_CASE_MAX`]. Payments are searched for in an order of their own, so
/// it does not matter how they were handed in.
#[derive(Debug)]
pub(crate) struct Budget(Cell<usize>);

impl Budget {
    /// All of it.
    pub(crate) fn new() -> Self {
        Self(Cell::new(STATES_OF_CASE_MAX))
    }
}

/// What the search found. Sets are lists of places in the amounts, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// No set of two or more.
    None,
    /// This one alone.
    One(Vec<usize>),
    /// These, and perhaps more.
    Two(Vec<usize>, Vec<usize>),
    /// More items than are looked at, more places, or amounts below the minor unit.
    GaveUp,
}

/// Finds sets of at least two amounts that sum to the target. Negative amounts are credits.
pub(crate) fn find(
    amounts: &[Decimal],
    (target, digits): (Decimal, u32),
    budget: &Budget,
) -> Found {
    if amounts.len() > ITEMS_MAX {
        return Found::GaveUp;
    }
    let minor: Option<Vec<i64>> = amounts.iter().map(|one| minor_units(*one, digits)).collect();
    let (Some(minor), Some(target)) = (minor, minor_units(target, digits)) else {
        return Found::GaveUp;
    };
    let mut order: Vec<usize> = (0..minor.len()).collect();
    // Large ones first: what does not fit shows early. Equal ones keep their places.
    order.sort_by_key(|place| std::cmp::Reverse(minor[*place].abs()));
    let sorted: Vec<i128> = order.iter().map(|place| i128::from(minor[*place])).collect();
    let mut bounds = vec![(0, 0)];
    for amount in sorted.iter().rev() {
        let (low, high) = bounds[bounds.len() - 1];
        bounds.push((low + (*amount).min(0), high + (*amount).max(0)));
    }
    bounds.reverse();
    let mut search = Search {
        amounts: &sorted,
        bounds: &bounds,
        dead: HashSet::new(),
        chosen: Vec::new(),
        found: Vec::new(),
        states: 0,
        states_max: STATES_MAX.min(budget.0.get()),
    };
    search.go(0, i128::from(target));
    budget.0.set(budget.0.get().saturating_sub(search.states));
    if search.states > search.states_max {
        return Found::GaveUp;
    }
    let mut sets = search.found.into_iter().map(|set| {
        let mut places: Vec<usize> = set.into_iter().map(|place| order[place]).collect();
        places.sort_unstable();
        places
    });
    match (sets.next(), sets.next()) {
        (None, _) => Found::None,
        (Some(one), None) => Found::One(one),
        (Some(one), Some(other)) => Found::Two(one, other),
    }
}

/// In cents, or whatever the smallest unit is; none when there is something below it.
fn minor_units(amount: Decimal, digits: u32) -> Option<i64> {
    let factor = Decimal::from(10_u64.checked_pow(digits)?);
    let units = amount.checked_mul(factor)?;
    units.fract().is_zero().then(|| units.to_i64()).flatten()
}

struct Search<'a> {
    amounts: &'a [i128],
    /// The least and the most that the amounts from a place on can sum to.
    bounds: &'a [(i128, i128)],
    /// Places and remainders from which no set was found.
    dead: HashSet<(usize, i128)>,
    chosen: Vec<usize>,
    found: Vec<Vec<usize>>,
    states: usize,
    states_max: usize,
}

impl Search<'_> {
    /// Looks on from a place; whether a set was found from there, or the search is over.
    fn go(&mut self, place: usize, rest: i128) -> bool {
        let (low, high) = self.bounds[place];
        if rest < low || rest > high {
            return false;
        }
        self.states += 1;
        if self.states > self.states_max {
            return true;
        }
        if place == self.amounts.len() {
            // The bounds there are zero, so the rest is.
            let set = self.chosen.len() > 1;
            if set {
                self.found.push(self.chosen.clone());
            }
            // A set of one is no dead end for sets that hold more.
            return true;
        }
        let remembered = self.amounts.len() - place >= REMEMBERED_FROM;
        if remembered && self.dead.contains(&(place, rest)) {
            return false;
        }
        self.chosen.push(place);
        let with = self.go(place + 1, rest - self.amounts[place]);
        self.chosen.pop();
        if self.found.len() > 1 || self.states > self.states_max {
            return true;
        }
        let without = self.go(place + 1, rest);
        if remembered && !with && !without {
            self.dead.insert((place, rest));
        }
        with || without
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Found, find};
    use rust_decimal::Decimal;

    fn of(amounts: &[i64], target: i64) -> Found {
        let amounts: Vec<Decimal> = amounts.iter().map(|cents| Decimal::new(*cents, 2)).collect();
        find(&amounts, (Decimal::new(target, 2), 2), &Budget::new())
    }

    #[test]
    fn one_set_two_sets_and_none_are_told_apart() {
        assert_eq!(of(&[100, 250, 400], 350), Found::One(vec![0, 1]));
        assert_eq!(of(&[100, 250, -50], 300), Found::One(vec![0, 1, 2]));
        assert_eq!(of(&[100, 250, -50], 200), Found::One(vec![1, 2]));
        assert_eq!(of(&[100, 100, 200], 300), Found::Two(vec![0, 2], vec![1, 2]));
        assert_eq!(of(&[100, 250, 400], 351), Found::None);
        assert_eq!(of(&[100, 250, 400], 250), Found::None);
        assert_eq!(of(&[], 0), Found::None);
        assert_eq!(of(&[7], 7), Found::None);
    }

    #[test]
    fn a_set_of_one_hides_no_set_of_more() {
        assert_eq!(of(&[300, 100, 200], 300), Found::One(vec![1, 2]));
    }

    #[test]
    fn an_item_is_paid_once() {
        assert_eq!(of(&[100, 999], 200), Found::None);
        assert_eq!(of(&[100, 100, 999], 200), Found::One(vec![0, 1]));
    }

    /// Seven of the small ones is a sum under two heads: what led nowhere is remembered, what led
    /// to a set is not.
    #[test]
    fn what_two_ways_lead_to_is_found_by_both() {
        let amounts = [500, 300, 200, 60, 50, 40, 30, 10, 7];
        assert_eq!(of(&amounts, 507), Found::Two(vec![0, 8], vec![1, 2, 8]));
    }

    /// There are 155 million sets of fifteen among thirty; two of them are enough to know.
    #[test]
    fn nothing_is_looked_for_beyond_two_sets() {
        assert!(matches!(of(&[100; 30], 1_500), Found::Two(..)));
    }

    #[test]
    fn equal_amounts_without_a_sum_are_no_endless_search() {
        assert_eq!(of(&[1_000; 40], 12_345), Found::None);
    }

    #[test]
    fn what_is_too_much_is_given_up_and_said() {
        assert_eq!(of(&[1; 41], 2), Found::GaveUp);
        // Large and unlike: a trillion sets, and hardly one for each sum.
        let unlike = |place: i64| place.pow(3) * 7_919_003 % 999_999_999_989 + 100_000_000_000;
        let unlike: Vec<i64> = (1..=40).map(unlike).collect();
        assert_eq!(of(&unlike, unlike.iter().sum::<i64>() / 2 + 1), Found::GaveUp);
        assert_eq!(
            find(&[Decimal::MAX, Decimal::ONE], (Decimal::ONE, 2), &Budget::new()),
            Found::GaveUp
        );
        assert_eq!(
            find(&[Decimal::new(1, 3); 3], (Decimal::ONE, 2), &Budget::new()),
            Found::GaveUp
        );
    }

    /// As many places as the search needs are enough, and one less is not.
    #[test]
    fn a_search_is_given_up_when_its_places_are_used_up_and_not_before() {
        let amounts = [100, 250, 400, 777].map(|cents| Decimal::new(cents, 2));
        let search = |budget: &Budget| find(&amounts, (Decimal::new(350, 2), 2), budget);
        let whole = Budget::new();
        assert_eq!(search(&whole), Found::One(vec![0, 1]));
        let needed = super::STATES_OF_CASE_MAX - whole.0.get();
        let exact = Budget(std::cell::Cell::new(needed));
        assert_eq!((search(&exact), exact.0.get()), (Found::One(vec![0, 1]), 0));
        for places in 0..needed {
            assert_eq!(search(&Budget(std::cell::Cell::new(places))), Found::GaveUp, "{places}");
        }
    }

    #[test]
    fn a_case_that_has_searched_enough_searches_no_more() {
        let budget = Budget(std::cell::Cell::new(3));
        let amounts = [Decimal::new(100, 2), Decimal::new(250, 2), Decimal::new(400, 2)];
        assert_eq!(find(&amounts, (Decimal::new(751, 2), 2), &budget), Found::None);
        assert_eq!(find(&amounts, (Decimal::new(350, 2), 2), &budget), Found::GaveUp);
    }
}

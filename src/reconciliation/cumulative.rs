//! What is billed of an order line once an invoice line is added: C = B + q (handbook §1).
//!
//! Several lines of one invoice may bill one order line. Each line's own figure runs up to and
//! including that line, so one sees where the order was used up. Lines that give back (negative
//! quantities) count before all others, wherever they stand: else the order of the lines would
//! decide.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

/// The cumulative quantity of one order line, as one invoice line leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cumulative {
    /// C.
    pub(crate) total: Decimal,
    /// No later line of this invoice bills the same order line.
    pub(crate) last: bool,
}

/// One invoice line's share of an order line.
pub(crate) struct Share {
    /// The order line.
    pub(crate) position: usize,
    /// B; none when the sum does not fit.
    pub(crate) billed: Option<Decimal>,
    /// q; none when it does not count.
    pub(crate) quantity: Option<Decimal>,
}

/// What the lines of an invoice do to one order line.
struct Running {
    sum: Option<Decimal>,
    last: usize,
    asks: bool,
}

/// C for each share, in their order; none where nothing is billed or a sum does not fit.
pub(crate) fn cumulate(shares: &[Option<Share>]) -> Vec<Option<Cumulative>> {
    let mut all: BTreeMap<usize, Running> = BTreeMap::new();
    for (place, share) in shares.iter().enumerate() {
        let Some((share, quantity)) = counted(share) else {
            continue;
        };
        let running = all.entry(share.position).or_insert(Running {
            sum: share.billed,
            last: place,
            asks: false,
        });
        let given_back = quantity.min(Decimal::ZERO);
        running.sum = running.sum.and_then(|sum| sum.checked_add(given_back));
        // Lines that give back are counted already, so the last line that asks has the total.
        let asks = quantity > Decimal::ZERO;
        if asks || !running.asks {
            running.last = place;
        }
        running.asks |= asks;
    }
    let before: BTreeMap<usize, Option<Decimal>> =
        all.iter().map(|(&position, running)| (position, running.sum)).collect();
    let cumulative = shares.iter().enumerate().map(|(place, share)| {
        let (share, quantity) = counted(share)?;
        let running = all.get_mut(&share.position)?;
        let total = if quantity > Decimal::ZERO {
            running.sum = running.sum.and_then(|sum| sum.checked_add(quantity));
            running.sum?
        } else {
            before[&share.position]?
        };
        let last = running.last == place;
        Some(Cumulative { total, last })
    });
    cumulative.collect()
}

fn counted(share: &Option<Share>) -> Option<(&Share, Decimal)> {
    let share = share.as_ref()?;
    Some((share, share.quantity?))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Share, cumulate};

    #[test]
    fn lines_of_one_invoice_add_up_in_their_order() {
        let share = |position, billed: i64, quantity: i64| {
            Some(Share { position, billed: Some(billed.into()), quantity: Some(quantity.into()) })
        };
        let shares = [share(1, 60, 30), share(2, 0, 5), None, share(1, 60, -5), share(1, 60, 10)];
        let totals: Vec<_> = cumulate(&shares)
            .into_iter()
            .map(|found| found.map(|found| (found.total, found.last)))
            .collect();
        let expected =
            [Some((85, false)), Some((5, true)), None, Some((55, false)), Some((95, true))];
        let expected = expected.map(|one| one.map(|(total, last)| (Decimal::from(total), last)));
        assert_eq!(totals, expected);
    }

    #[test]
    fn a_sum_that_does_not_fit_is_nothing() {
        let share = Share { position: 0, billed: Some(Decimal::MAX), quantity: Some(Decimal::MAX) };
        assert_eq!(cumulate(&[Some(share)]), [None]);
    }
}

//! What is billed of an order line once an invoice line is added: C = B + q (handbook §1).
//!
//! Several lines of one invoice may bill one order line. Each line's own figure runs up to and
//! including that line, so one sees where the order was used up. Lines that give back (negative
//! quantities) count before all others, wherever they stand: else the order of the lines would
//! decide.

use rust_decimal::Decimal;

/// C of an order line as an invoice line leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cumulative {
    /// Quantity, in the order's unit.
    pub(crate) total: Decimal,
    /// Net, in the order's currency; none when a net is missing or it does not fit.
    pub(crate) net: Option<Decimal>,
    /// No later line of this invoice asks for the same order line.
    pub(crate) last: bool,
}

/// What an invoice line adds to an order line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Share {
    /// The order line, by its place.
    pub(crate) position: usize,
    /// In the order's unit; none when it does not count.
    pub(crate) quantity: Option<Decimal>,
    /// In the order's currency.
    pub(crate) net: Option<Decimal>,
}

/// Quantity and net; each none once it does not fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sum {
    pub(crate) quantity: Option<Decimal>,
    pub(crate) net: Option<Decimal>,
}

impl Sum {
    fn add(&mut self, quantity: Decimal, net: Option<Decimal>) {
        self.quantity = self.quantity.and_then(|sum| sum.checked_add(quantity));
        self.net = self.net.zip(net).and_then(|(sum, net)| sum.checked_add(net));
    }
}

struct Running {
    sum: Sum,
    given_back: Sum,
    last: usize,
    asks: bool,
}

/// C for each share; `before` gives what is billed of an order line without this invoice.
pub(crate) fn cumulate(
    shares: &[Option<Share>],
    before: impl Iterator<Item = Sum>,
) -> Vec<Option<Cumulative>> {
    let mut all: Vec<Running> =
        before.map(|sum| Running { sum, given_back: sum, last: 0, asks: false }).collect();
    for (place, share, quantity) in counted(shares) {
        let running = &mut all[share.position];
        // Lines that give back are counted already, so the last line that asks has the total.
        let asks = quantity > Decimal::ZERO;
        if !asks {
            running.sum.add(quantity, share.net);
            running.given_back = running.sum;
        }
        if asks || !running.asks {
            running.last = place;
        }
        running.asks |= asks;
    }
    let mut cumulative = vec![None; shares.len()];
    for (place, share, quantity) in counted(shares) {
        let running = &mut all[share.position];
        let sum = match quantity > Decimal::ZERO {
            true => {
                running.sum.add(quantity, share.net);
                running.sum
            }
            false => running.given_back,
        };
        let last = running.last == place;
        cumulative[place] = sum.quantity.map(|total| Cumulative { total, net: sum.net, last });
    }
    cumulative
}

fn counted(shares: &[Option<Share>]) -> impl Iterator<Item = (usize, Share, Decimal)> {
    let shares = shares.iter().enumerate();
    shares.filter_map(|(place, share)| {
        let share = (*share)?;
        Some((place, share, share.quantity?))
    })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Share, Sum, cumulate};

    fn sum(quantity: i64) -> Sum {
        let amount = Some(Decimal::from(quantity));
        Sum { quantity: amount, net: amount }
    }

    #[test]
    fn lines_of_one_invoice_add_up_in_their_order() {
        let share = |position, quantity: i64| {
            let quantity = Some(quantity.into());
            Some(Share { position, quantity, net: quantity })
        };
        let shares = [share(1, 30), share(0, 5), None, share(1, -5), share(1, 10)];
        let totals: Vec<_> = cumulate(&shares, [sum(0), sum(60)].into_iter())
            .into_iter()
            .map(|found| found.map(|found| (found.total, found.net, found.last)))
            .collect();
        let expected =
            [Some((85, false)), Some((5, true)), None, Some((55, false)), Some((95, true))];
        let expected = expected.map(|one| {
            one.map(|(total, last)| (Decimal::from(total), Some(Decimal::from(total)), last))
        });
        assert_eq!(totals, expected);
    }

    #[test]
    fn the_last_line_that_asks_has_all_and_else_the_last_that_gives_back() {
        for (quantities, last) in [
            (&[10, -5][..], 0),
            (&[-5, 10, -1], 1),
            (&[10, 20, -5], 1),
            (&[-5, -1], 1),
            (&[0, -1], 1),
        ] {
            let share = |quantity: &i64| {
                let quantity = Some(Decimal::from(*quantity));
                Some(Share { position: 0, quantity, net: quantity })
            };
            let shares: Vec<_> = quantities.iter().map(share).collect();
            let found = cumulate(&shares, [sum(0)].into_iter()).into_iter().flatten();
            let places = found.enumerate().filter(|(_, found)| found.last);
            let places: Vec<usize> = places.map(|(place, _)| place).collect();
            assert_eq!(places, [last], "{quantities:?}");
        }
    }

    #[test]
    fn a_sum_that_does_not_fit_is_nothing() {
        let most = Some(Decimal::MAX);
        let share = Share { position: 0, quantity: most, net: most };
        let before = Sum { quantity: most, net: most };
        assert_eq!(cumulate(&[Some(share)], [before].into_iter()), [None]);
    }
}

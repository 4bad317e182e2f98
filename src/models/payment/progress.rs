//! How far an invoice is paid, and the states that follow from it.

use rust_decimal::Decimal;

use crate::models::status::InvoiceStatus;

use InvoiceStatus as S;

/// States in which money may be taken from an invoice, or given back to it.
pub const PAYABLE: [InvoiceStatus; 4] = [S::Approved, S::Scheduled, S::PartPaid, S::Paid];

/// The steps to take when so much of `whole` is open now; each is legal behind the one before
/// it. An invoice that was paid in part and is again is told so by a step to where it stands.
pub fn steps(from: InvoiceStatus, open: Decimal, whole: Decimal) -> &'static [InvoiceStatus] {
    let (paid, untouched) = (open <= Decimal::ZERO, open >= whole);
    match from {
        S::Approved if untouched => &[],
        // Paid without a payment file of ours: it passes through `scheduled` all the same.
        S::Approved if paid => &[S::Scheduled, S::Paid],
        S::Approved => &[S::Scheduled, S::PartPaid],
        S::Scheduled if untouched => &[],
        S::Scheduled | S::PartPaid if paid => &[S::Paid],
        S::Scheduled => &[S::PartPaid],
        S::PartPaid | S::Paid if untouched => &[S::Approved],
        S::PartPaid => &[S::PartPaid],
        S::Paid if !paid => &[S::Approved, S::Scheduled, S::PartPaid],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{PAYABLE, steps};
    use crate::models::status::InvoiceStatus as S;
    use rust_decimal::Decimal;

    #[test]
    fn every_step_is_legal_and_ends_where_the_money_is() {
        let whole = Decimal::from(100);
        for from in PAYABLE {
            for (open, ends) in [
                (Decimal::ZERO, &[S::Paid][..]),
                (Decimal::from(40), &[S::PartPaid]),
                (whole, &[S::Approved, S::Scheduled]),
            ] {
                let mut now = from;
                for next in steps(from, open, whole) {
                    assert!(now == *next || now.may_become(*next), "{now:?} to {next:?}");
                    now = *next;
                }
                assert!(ends.contains(&now), "{from:?} with {open} open ends at {now:?}");
            }
        }
        for resting in [S::Held, S::Cancelled, S::Matching] {
            assert!(steps(resting, Decimal::ZERO, whole).is_empty());
        }
    }
}

//! Which invoices a person looks at although nothing is wrong (handbook §12). The draw is made of
//! the input: the same invoice in the same period is always or never drawn.

use rust_decimal::Decimal;
use sha2::Digest;

use crate::models::sampling::Sampling;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::show;
use crate::reconciliation::units::fraction::Fraction;

/// The chance that an invoice is drawn, from 0 to 1, as an exact fraction: the policy's percentage
/// at or above the threshold, else in proportion to the amount (in the ledger currency). Amounts
/// below zero are never drawn. None when the numbers do not fit.
pub fn probability(policy: &Sampling, amount: Decimal) -> Option<Fraction> {
    let whole = Fraction::new(policy.percent, Decimal::ONE_HUNDRED)?;
    let whole = whole.clamp(Fraction::ZERO, Fraction::ONE);
    if amount >= policy.threshold {
        return Some(if amount.is_sign_negative() { Fraction::ZERO } else { whole });
    }
    // The amount is less than the threshold: a threshold of zero or less is not reached here by an
    // amount that counts.
    let amount = Fraction::of(amount).max(Fraction::ZERO);
    if amount.is_zero() {
        return Some(Fraction::ZERO);
    }
    whole.checked_mul(amount)?.checked_div(Fraction::of(policy.threshold))
}

/// Where the invoice falls between 0 and 1: the first eight bytes of SHA-256 over period and id,
/// over 2^64. The period (such as `2026-11`) makes every period's draw another one.
pub fn draw(period: &str, invoice_id: &str) -> Fraction {
    let digest = sha2::Sha256::new().chain_update(period).chain_update(invoice_id).finalize();
    let first = digest.iter().take(8).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let all = Decimal::from(u64::MAX) + Decimal::ONE;
    Fraction::new(Decimal::from(first), all).expect("both have at most 20 digits")
}

/// The hold of an invoice that is drawn. A probability that cannot be worked out draws: nobody
/// escapes by the size of a number.
pub fn hold(policy: &Sampling, amount: Decimal, period: &str, invoice_id: &str) -> Option<Hold> {
    let probability = probability(policy, amount);
    if probability.is_some_and(|probability| draw(period, invoice_id) >= probability) {
        return None;
    }
    let percent = probability.and_then(|one| one.apply(Decimal::ONE_HUNDRED));
    let text = format!(
        "drawn for a look by a person: {} % of such invoices are; releases when a lead who did not \
         place the hold has looked",
        percent.map_or("some".to_owned(), show::percent)
    );
    Some(holds::document(HoldCode::Sampled, &text))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{draw, hold, probability};
    use crate::models::decimal;
    use crate::models::sampling::Sampling;
    use crate::reconciliation::units::fraction::Fraction;

    fn decimal(text: &str) -> Decimal {
        decimal::parse(text).expect("a decimal")
    }

    fn policy(threshold: &str, percent: &str) -> Sampling {
        Sampling { threshold: decimal(threshold), percent: decimal(percent) }
    }

    #[test]
    fn the_chance_grows_with_the_amount_up_to_the_threshold() {
        for (threshold, percent, amount, expected) in [
            ("2000", "40", "500", "0.1"),
            ("2000", "40", "2000", "0.4"),
            ("2000", "40", "1999.99", "0.399998"),
            ("2000", "40", "9000", "0.4"),
            ("3", "100", "1", "0.333333"),
            ("2000", "40", "0", "0"),
            ("2000", "40", "-500", "0"),
            ("0", "40", "0", "0.4"),
            ("0", "40", "-1", "0"),
            ("-5", "40", "-1", "0"),
            ("2000", "140", "2000", "1"),
            ("2000", "-1", "2000", "0"),
        ] {
            let chance = probability(&policy(threshold, percent), decimal(amount));
            let chance = chance.and_then(|chance| chance.round(6));
            assert_eq!(chance, Some(decimal(expected)), "{threshold} {percent} {amount}");
        }
    }

    #[test]
    fn everyone_or_no_one_at_the_ends() {
        for id in ["inv_1", "inv_2", "inv_3"] {
            assert!(hold(&policy("1", "100"), decimal("1"), "2026-11", id).is_some());
            assert!(hold(&policy("1", "0"), decimal("1"), "2026-11", id).is_none());
        }
    }

    #[test]
    fn a_chance_that_cannot_be_worked_out_draws() {
        let policy = policy("9999999999999999999999999999", "33.33333333333333333333333333");
        let amount = decimal("7777777777777777777777777771");
        assert_eq!(probability(&policy, amount), None);
        assert!(hold(&policy, amount, "2026-11", "inv_1").is_some());
    }

    #[test]
    fn the_same_invoice_is_drawn_the_same_way_and_periods_differ() {
        // SHA-256 of "2026-11inv_1" begins with these bytes.
        let expected = "2c351538017d8930";
        let number = u64::from_str_radix(expected, 16).expect("hexadecimal");
        let all = Decimal::from(u64::MAX) + Decimal::ONE;
        assert_eq!(Some(draw("2026-11", "inv_1")), Fraction::new(Decimal::from(number), all));
        assert_ne!(draw("2026-11", "inv_1"), draw("2026-12", "inv_1"));
    }

    #[test]
    fn as_many_are_drawn_as_the_policy_says() {
        let policy = policy("2000", "40");
        for (amount, least, most) in [("500", 950, 1_050), ("9000", 3_900, 4_100)] {
            let amount = decimal(amount);
            let drawn =
                |number: &u32| hold(&policy, amount, "2026-11", &format!("inv_{number}")).is_some();
            let count = (0..10_000_u32).filter(drawn).count();
            assert!((least..=most).contains(&count), "{count} of 10,000 at {amount}");
        }
    }
}

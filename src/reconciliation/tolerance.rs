//! Is a variance inside the limits? (Handbook §5.1.)

use rust_decimal::Decimal;

use crate::models::policy::{Combine, Limit, Tolerance};
use crate::models::verdict::CheckVerdict;
use crate::reconciliation::comparison::Comparison;

/// Does a variance on the lower side count?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lower {
    /// It is tested against the lower limits.
    Counts,
    /// A part delivery is no variance: more may follow.
    PartDelivery,
}

/// How a comparison ends within these limits; none when a number does not fit. `rate` turns the
/// money of the document into that of amount limits; it is 1 for everything else.
pub(crate) fn judge(
    comparison: &Comparison,
    tolerance: Option<&Tolerance>,
    lower: Lower,
    rate: Decimal,
) -> Option<CheckVerdict> {
    let variance = comparison.variance()?;
    let Some(tolerance) = tolerance.filter(|tolerance| is_set(tolerance)) else {
        return Some(CheckVerdict::NotChecked);
    };
    if variance.is_zero() || (variance.is_sign_negative() && lower == Lower::PartDelivery) {
        return Some(CheckVerdict::Pass);
    }
    let side = match variance.is_sign_negative() {
        true => &tolerance.lower,
        false => &tolerance.upper,
    };
    Some(match within(comparison, variance.abs(), side, tolerance.combine, rate)? {
        true => CheckVerdict::PassWithin,
        false => CheckVerdict::Fail,
    })
}

fn is_set(tolerance: &Tolerance) -> bool {
    let limits = [&tolerance.upper, &tolerance.lower];
    limits.iter().any(|limit| limit.percent.is_some() || limit.amount.is_some())
}

/// A limit is inclusive; a side without limits is not tested.
fn within(
    comparison: &Comparison,
    variance: Decimal,
    side: &Limit,
    combine: Combine,
    rate: Decimal,
) -> Option<bool> {
    let percent = match side.percent {
        None => None,
        // Unbounded: above every percentage.
        Some(_) if comparison.expected.is_zero() => Some(false),
        Some(limit) => {
            let allowed = limit.checked_mul(comparison.expected.abs())?;
            Some(variance.checked_mul(Decimal::ONE_HUNDRED)? <= allowed)
        }
    };
    let amount = match side.amount {
        None => None,
        Some(limit) => Some(variance.checked_mul(rate)? <= limit.checked_mul(comparison.per)?),
    };
    Some(match (percent, amount, combine) {
        (None, None, _) => true,
        (Some(percent), Some(amount), Combine::All) => percent && amount,
        (Some(percent), Some(amount), Combine::Any) => percent || amount,
        (Some(one), None, _) | (None, Some(one), _) => one,
    })
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Lower, judge};
    use crate::models::policy::{Combine, Limit, Tolerance};
    use crate::models::verdict::CheckVerdict;
    use crate::models::verdict::CheckVerdict::{Fail, NotChecked, Pass, PassWithin};
    use crate::reconciliation::comparison::Comparison;

    fn verdict(actual: &str, expected: &str, limits: &str, lower: Lower) -> CheckVerdict {
        let number = |text: &str| text.parse::<Decimal>().expect("a decimal");
        let limit = |percent: &str, amount: &str| Limit {
            percent: (percent != "-").then(|| number(percent)),
            amount: (amount != "-").then(|| number(amount)),
        };
        let words: Vec<&str> = limits.split(' ').collect();
        let tolerance = Tolerance {
            upper: limit(words[0], words[1]),
            lower: limit(words[2], words[3]),
            combine: match words[4] {
                "any" => Combine::Any,
                _ => Combine::All,
            },
        };
        let comparison = Comparison::plain(number(actual), number(expected));
        judge(&comparison, Some(&tolerance), lower, Decimal::ONE).expect("it fits")
    }

    #[test]
    fn limits_are_inclusive_and_sides_are_apart() {
        // Limits: upper percent, upper amount, lower percent, lower amount, combine.
        for (actual, expected, limits, result) in [
            ("103", "100", "3 - - - all", PassWithin),
            ("103.01", "100", "3 - - - all", Fail),
            ("30601", "30000", "2 - - - all", Fail),
            ("107.5", "100", "- 7.5 - - all", PassWithin),
            ("107.51", "100", "- 7.5 - - all", Fail),
            ("100", "100", "0 0 0 0 all", Pass),
            ("100.01", "100", "0 - - - all", Fail),
            ("900", "100", "- - - - all", NotChecked),
            ("100", "100", "- - - - all", NotChecked),
            ("40", "100", "0 - - - all", PassWithin),
            ("96", "100", "- - 4 - all", PassWithin),
            ("95.99", "100", "- - 4 - all", Fail),
            ("104", "100", "5 3 - - all", Fail),
            ("104", "100", "3 5 - - all", Fail),
            ("104", "100", "3 5 - - any", PassWithin),
            ("104", "100", "3 3 - - any", Fail),
            ("0.01", "0", "1000 - - - all", Fail),
            ("0.01", "0", "- 0.01 - - all", PassWithin),
            ("0.01", "0", "5 0.01 - - any", PassWithin),
            ("0", "0", "0 - - - all", Pass),
        ] {
            let found = verdict(actual, expected, limits, Lower::Counts);
            assert_eq!(found, result, "{actual} against {expected} within {limits}");
        }
    }

    #[test]
    fn a_part_delivery_is_no_variance() {
        assert_eq!(verdict("20", "200", "0 - 0 - all", Lower::PartDelivery), Pass);
        assert_eq!(verdict("20", "200", "0 - 0 - all", Lower::Counts), Fail);
        assert_eq!(verdict("201", "200", "0 - 0 - all", Lower::PartDelivery), Fail);
    }

    #[test]
    fn what_does_not_fit_is_nothing() {
        let comparison = Comparison::plain(Decimal::MAX, Decimal::MIN);
        let tolerance = Tolerance::default();
        assert_eq!(judge(&comparison, Some(&tolerance), Lower::Counts, Decimal::ONE), None);
    }
}

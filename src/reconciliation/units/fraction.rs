//! Numbers that are never rounded: a third of a dozen is one third, not 0.3333.

use std::cmp::Ordering;

use rust_decimal::Decimal;

/// Decimal places that a [`Decimal`] can have.
const SCALE_MAX: u32 = 28;

/// Numerator and denominator, reduced; the denominator is more than zero. What does not fit
/// 127 bits is none, never an approximation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// One.
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// None when the denominator is zero or the quotient does not fit.
    pub fn new(numerator: Decimal, denominator: Decimal) -> Option<Self> {
        Self::of(numerator).checked_div(Self::of(denominator))
    }

    /// Each decimal is a fraction.
    pub fn of(value: Decimal) -> Self {
        let value = value.normalize();
        // 28 digits at most, of either: both fit.
        Self::reduced(value.mantissa(), 10_i128.pow(value.scale()))
    }

    /// The denominator is more than zero.
    fn reduced(numerator: i128, denominator: i128) -> Self {
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        let divisor = i128::try_from(divisor).expect("it divides a positive i128");
        Self { numerator: numerator / divisor, denominator: denominator / divisor }
    }

    /// The product, or none when it does not fit.
    pub fn checked_mul(self, other: Self) -> Option<Self> {
        // Reduced crosswise first, so that only a product too large for the type overflows.
        let one = Self::reduced(self.numerator, other.denominator);
        let two = Self::reduced(other.numerator, self.denominator);
        Some(Self {
            numerator: one.numerator.checked_mul(two.numerator)?,
            denominator: one.denominator.checked_mul(two.denominator)?,
        })
    }

    /// The quotient; none when it does not fit or the divisor is zero.
    pub fn checked_div(self, other: Self) -> Option<Self> {
        self.checked_mul(other.inverse()?)
    }

    /// The sum, or none when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let common = Self::reduced(self.denominator, other.denominator);
        let one = self.numerator.checked_mul(common.denominator)?;
        let two = other.numerator.checked_mul(common.numerator)?;
        let denominator = self.denominator.checked_mul(common.denominator)?;
        Some(Self::reduced(one.checked_add(two)?, denominator))
    }

    /// The difference, or none when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self { numerator: other.numerator.checked_neg()?, ..other })
    }

    /// One divided by it; none for zero.
    pub fn inverse(self) -> Option<Self> {
        let sign = self.numerator.signum();
        (sign != 0).then_some(())?;
        Some(Self {
            numerator: self.denominator.checked_mul(sign)?,
            denominator: self.numerator.checked_abs()?,
        })
    }

    /// The amount without its sign; none when it does not fit.
    pub fn checked_abs(self) -> Option<Self> {
        Some(Self { numerator: self.numerator.checked_abs()?, ..self })
    }

    /// It is nothing.
    pub fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// It is less than nothing.
    pub fn is_negative(self) -> bool {
        self.numerator < 0
    }

    /// The value times the fraction, as the nearest decimal: the product itself whenever it has no
    /// more than 28 decimal places. None when it does not fit. To decide on a product, compare
    /// fractions.
    pub fn apply(self, value: Decimal) -> Option<Decimal> {
        self.checked_mul(Self::of(value))?.to_decimal()
    }

    /// The nearest decimal; none when it does not fit.
    pub fn to_decimal(self) -> Option<Decimal> {
        self.round(SCALE_MAX)
    }

    /// The very decimal; none when there is none, as for one third.
    pub fn to_exact_decimal(self) -> Option<Decimal> {
        self.to_decimal().filter(|&decimal| Self::of(decimal) == self)
    }

    /// With at most so many decimal places, half away from zero. It rounds once, from the fraction
    /// itself: rounding the nearest decimal again could round twice. None when it does not fit.
    pub fn round(self, decimal_places: u32) -> Option<Decimal> {
        let denominator = self.denominator.unsigned_abs();
        let numerator = self.numerator.unsigned_abs();
        let mut mantissa = numerator / denominator;
        let mut rest = numerator % denominator;
        let mut scale = 0;
        while rest != 0 && scale < decimal_places.min(SCALE_MAX) {
            let (digit, next) = times_ten(rest, denominator);
            let Some(longer) =
                mantissa.checked_mul(10).and_then(|longer| longer.checked_add(digit))
            else {
                break;
            };
            // One less than the largest, for rounding up.
            if longer >= Decimal::MAX.mantissa().unsigned_abs() {
                break;
            }
            (mantissa, rest, scale) = (longer, next, scale + 1);
        }
        // A half or more, said without doubling.
        let up = u128::from(rest >= denominator - rest && rest != 0);
        let mantissa = i128::try_from(mantissa.checked_add(up)?).ok()?;
        let value = Decimal::try_from_i128_with_scale(mantissa * self.sign(), scale).ok()?;
        Some(value.normalize())
    }

    /// Numerator and denominator; none when one is too long for a decimal.
    pub fn parts(self) -> Option<(Decimal, Decimal)> {
        let decimal = |value| Decimal::try_from_i128_with_scale(value, 0).ok();
        decimal(self.numerator).zip(decimal(self.denominator))
    }

    fn sign(self) -> i128 {
        if self.is_negative() { -1 } else { 1 }
    }
}

impl Ord for Fraction {
    /// Exact for all values: whole parts first, then the reciprocals of what is left, as Euclid
    /// did; crosswise products would not fit.
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (*self, *other);
        loop {
            let whole = |of: Self| of.numerator.div_euclid(of.denominator);
            let rest = |of: Self| of.numerator.rem_euclid(of.denominator);
            let (rest_one, rest_two) = (rest(one), rest(two));
            let order = whole(one).cmp(&whole(two));
            if order.is_ne() || rest_one == 0 || rest_two == 0 {
                return order.then(rest_one.cmp(&rest_two));
            }
            let turned = |of: Self, rest| Self { numerator: of.denominator, denominator: rest };
            (one, two) = (turned(two, rest_two), turned(one, rest_one));
        }
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn greatest_common_divisor(mut one: u128, mut other: u128) -> u128 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

/// Ten times the rest, divided: the next digit and the rest after it. The rest is less than the
/// denominator, which is less than 2^127, so that doubling fits where ten times would not.
fn times_ten(rest: u128, denominator: u128) -> (u128, u128) {
    let divided = |value: u128| (value / denominator, value % denominator);
    let (twice, rest_twice) = divided(2 * rest);
    let (more, rest_four) = divided(2 * rest_twice);
    let four = 2 * twice + more;
    let (more, rest_five) = divided(rest_four + rest);
    let five = four + more;
    let (more, rest_ten) = divided(2 * rest_five);
    (2 * five + more, rest_ten)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use rust_decimal::Decimal;

    use super::Fraction;

    fn decimal(text: &str) -> Decimal {
        text.parse().expect("a decimal")
    }

    fn fraction(numerator: &str, denominator: &str) -> Fraction {
        Fraction::new(decimal(numerator), decimal(denominator)).expect("it fits")
    }

    #[test]
    fn nothing_is_lost_on_the_way_there_and_back() {
        let third = fraction("1", "3");
        let back = third.apply(decimal("3"));
        assert_eq!(back, Some(Decimal::ONE));
        assert_eq!(
            third.checked_add(third).and_then(|two| two.checked_add(third)),
            Some(Fraction::ONE)
        );
        assert_eq!(third.checked_sub(third), Some(Fraction::ZERO));
        assert_eq!(third.to_exact_decimal(), None);
        assert_eq!(fraction("1", "8").to_exact_decimal(), Some(decimal("0.125")));
        assert_eq!(fraction("-1", "8").inverse(), Some(Fraction::of(decimal("-8"))));
        assert_eq!(Fraction::ZERO.inverse(), None);
    }

    #[test]
    fn rounds_once_and_half_away_from_zero() {
        for (numerator, denominator, places, expected) in [
            ("1", "3", 6, "0.333333"),
            ("2", "3", 6, "0.666667"),
            ("-2", "3", 6, "-0.666667"),
            ("1", "2000000", 6, "0.000001"),
            ("-1", "2000000", 6, "-0.000001"),
            ("1", "2000001", 6, "0"),
            ("1005", "1000", 2, "1.01"),
            ("-1005", "1000", 2, "-1.01"),
            ("5", "2", 0, "3"),
            ("7", "1", 6, "7"),
            ("0", "9", 6, "0"),
            ("1", "3", 28, "0.3333333333333333333333333333"),
            ("2", "3", 99, "0.6666666666666666666666666667"),
            ("9999999999999999999999999999", "3", 6, "3333333333333333333333333333"),
            ("9999999999999999999999999999", "7", 2, "1428571428571428571428571428.4"),
        ] {
            let rounded = fraction(numerator, denominator).round(places);
            assert_eq!(rounded, Some(decimal(expected)), "{numerator}/{denominator} to {places}");
        }
    }

    #[test]
    fn compares_exactly_what_would_overflow_crosswise() {
        let most = "9999999999999999999999999999";
        let less = "9999999999999999999999999998";
        for (one, other) in [
            (fraction(less, most), Fraction::ONE),
            (fraction("1", most), fraction("1", less)),
            (fraction("-1", "3"), fraction("-1", "4")),
            (fraction("-1", "3"), Fraction::ZERO),
            (fraction("1", "3"), fraction("0.3333333333333333333333333334", "1")),
            (fraction("0.3333333333333333333333333333", "1"), fraction("1", "3")),
            (fraction("4", "3"), fraction("3", "2")),
        ] {
            assert_eq!(one.cmp(&other), Ordering::Less, "{one:?} {other:?}");
            assert_eq!(other.cmp(&one), Ordering::Greater, "{other:?} {one:?}");
            assert_eq!(one.cmp(&{ one }), Ordering::Equal, "{one:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_none() {
        let most = Fraction::of(Decimal::MAX);
        assert_eq!(most.checked_mul(most), None);
        assert_eq!(most.apply(decimal("2")), None);
        assert_eq!(most.to_decimal(), Some(Decimal::MAX));
        assert_eq!(fraction("1", "7").checked_div(Fraction::ZERO), None);
        // Ten times its whole part and the next digit would pass 128 bits.
        let long = Fraction {
            numerator: 102_084_710_076_281_539_039_012_382_229_530_463_437,
            denominator: 3,
        };
        assert_eq!(long.to_decimal(), None);
        let tiny = fraction("1", "9999999999999999999999999999");
        assert_eq!(tiny.checked_mul(tiny), None);
    }
}

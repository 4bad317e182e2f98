//! Amounts of the official equations, as XPath computes them: an absent amount equals nothing.

use rust_decimal::Decimal;

use crate::extraction::rules::Equation;
use crate::extraction::rules::path::Path;
use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::decimal::round_like_xpath;

/// The first number at a path; one that is no number is reported elsewhere, and is absent here.
pub(crate) fn amount(at: Element<'_, '_>, path: &'static str) -> Option<Decimal> {
    // Most paths have no conditions, and then need not be taken apart.
    if path.contains(['[', '.', '@']) {
        return xsd::decimal(&Path::known(path).first(at)?);
    }
    xsd::decimal(&at.find(path)?.trimmed())
}

/// The sum of all numbers at a path; none when it is too large.
pub(crate) fn sum(at: Element<'_, '_>, path: &'static str) -> Option<Decimal> {
    let mut sum = Some(Decimal::ZERO);
    Path::known(path).any(at, |text| {
        let next = xsd::decimal(text).unwrap_or_default();
        sum = sum.and_then(|sum| sum.checked_add(next));
        sum.is_none()
    });
    sum
}

/// To cents.
pub(crate) fn cents(value: Option<Decimal>) -> Option<Decimal> {
    value.and_then(|value| round_like_xpath(value, 2))
}

/// Compares what a document says with what follows; `computed` is none when it is too large.
pub(crate) fn equal(actual: Option<Decimal>, computed: Option<Decimal>) -> Equation {
    match (actual, computed) {
        (_, None) => Equation::TooLarge,
        (Some(actual), Some(expected)) if actual == expected => Equation::Holds,
        (actual, expected) => Equation::Breaks { actual, expected },
    }
}

/// An amount is missing that the others follow from.
pub(crate) fn incomplete(actual: Option<Decimal>) -> Equation {
    Equation::Breaks { actual, expected: None }
}

/// A + b − c, of which `b` and `c` may be absent.
pub(crate) fn plus_minus(a: Decimal, b: Option<Decimal>, c: Option<Decimal>) -> Option<Decimal> {
    a.checked_add(b.unwrap_or_default())?.checked_sub(c.unwrap_or_default())
}

/// BR-CO-17: the VAT of a subtotal is its base × its rate. The artefacts allow less than one unit
/// of currency (`slack_included`: or just one) between them.
pub(crate) fn subtotal(
    tax: Option<Decimal>,
    base: Option<Decimal>,
    rate: Option<Decimal>,
    slack_included: bool,
) -> Equation {
    let whole = |value: Decimal| round_like_xpath(value, 0);
    let no_tax = tax.and_then(whole) == Some(Decimal::ZERO);
    let Some(rate) = rate else {
        return if no_tax { Equation::Holds } else { incomplete(tax) };
    };
    if whole(rate) == Some(Decimal::ZERO) {
        let zero = Some(Decimal::ZERO);
        return if no_tax {
            Equation::Holds
        } else {
            Equation::Breaks { actual: tax, expected: zero }
        };
    }
    let (Some(actual), Some(base)) = (tax, base) else {
        return incomplete(tax);
    };
    let computed = base.abs().checked_mul(rate);
    let computed = cents(computed.and_then(|tax| tax.checked_div(Decimal::ONE_HUNDRED)));
    let Some(expected) = computed else {
        return Equation::TooLarge;
    };
    let apart = (actual.abs() - expected).abs();
    if apart < Decimal::ONE || (slack_included && apart == Decimal::ONE) {
        return Equation::Holds;
    }
    Equation::Breaks { actual: tax, expected: Some(expected) }
}

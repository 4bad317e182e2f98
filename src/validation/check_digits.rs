//! Sums that identifiers carry with them, for `validation::vat_id`.

/// Luhn over all digits, the last one being the check digit.
pub(crate) fn luhn(digits: &[u32]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| if at % 2 == 1 { cross_sum(digit * 2) } else { *digit })
        .sum();
    sum.is_multiple_of(10)
}

/// The sum of the digits of a number below 100.
pub(crate) fn cross_sum(number: u32) -> u32 {
    number / 10 + number % 10
}

/// Digits with their weights, added up.
pub(crate) fn weighted(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// ISO 7064 mod 11,10 over all digits, the last one being the check digit.
pub(crate) fn iso_7064_mod_11_10(digits: &[u32]) -> bool {
    let Some((check, body)) = digits.split_last() else {
        return false;
    };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        let sum = if sum == 0 { 10 } else { sum };
        sum * 2 % 11
    });
    (product + check) % 10 == 1
}

/// The number that digits form.
pub(crate) fn number(digits: &[u32]) -> u32 {
    digits.iter().fold(0, |number, digit| number * 10 + digit)
}

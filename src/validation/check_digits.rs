//! Sums that identifiers carry with them, for `validation::iban` and `validation::vat_id`.

/// The number modulo 97, letters as A = 10 … Z = 35; anything else is left out.
pub(crate) fn mod_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        b'A'..=b'Z' => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
        _ => rest,
    })
}

/// ISO 11649 and ISO 13616: the first four characters behind the others give 1 modulo 97.
pub(crate) fn is_iso_7064(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() > 4 && mod_97(bytes[4..].iter().chain(&bytes[..4]).copied()) == 1
}

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

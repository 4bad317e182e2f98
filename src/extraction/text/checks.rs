//! VAT ids, told by their form and check digits.

use crate::extraction::lexicon::Language;
use crate::models::iban;

/// What a text is as a VAT id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vat {
    /// The form of its country, and its check digit holds.
    Checked,
    /// The form of its country; the check digit fails or is not known to us.
    Formed,
    /// The form, and the check digit fails.
    Failed,
}

/// Whether a text without blanks and dots has the form of a VAT id of its country.
pub(super) fn vat_id(text: &str) -> Option<Vat> {
    let (country, body) = text.split_at_checked(if text.starts_with("CHE") { 3 } else { 2 })?;
    let digits: Vec<u32> = body.chars().filter_map(|c| c.to_digit(10)).collect();
    let all = digits.len() == body.len();
    let plain = |count: usize| all && digits.len() == count;
    let form = match country {
        "DE" | "EE" | "EL" | "GR" | "PT" | "NO" => plain(9),
        "AT" => body.len() == 9 && body.starts_with('U') && digits.len() == 8,
        "BE" => plain(10) && digits[0] < 2,
        "FR" => {
            body.len() == 11
                && body.is_char_boundary(2)
                && digits.len() >= 9
                && body[2..].bytes().all(|byte| byte.is_ascii_digit())
        }
        "IT" | "HR" | "LV" => plain(11),
        "NL" => body.len() == 12 && body.as_bytes()[9] == b'B' && digits.len() == 11,
        "ES" => body.len() == 9 && digits.len() >= 7 && body.is_ascii(),
        "PL" | "SK" => plain(10),
        "DK" | "FI" | "LU" | "HU" | "SI" | "MT" => plain(8),
        "SE" => plain(12),
        "IE" => (8..=9).contains(&body.len()) && digits.len() >= 6 && !all,
        "GB" | "XI" => plain(9) || plain(12),
        "CZ" => all && (8..=10).contains(&digits.len()),
        "BG" => plain(9) || plain(10),
        "LT" => plain(9) || plain(12),
        "CY" => body.len() == 9 && digits.len() == 8 && !all,
        "CHE" => {
            digits.len() == 9 && ["", "MWST", "TVA", "IVA"].contains(&&body[9.min(body.len())..])
        }
        _ => false,
    };
    form.then(|| match checked(country, body, &digits) {
        Some(true) => Vat::Checked,
        Some(false) => Vat::Failed,
        None => Vat::Formed,
    })
}

/// Whether the check digit holds, for the countries whose rule is known to us.
fn checked(country: &str, body: &str, digits: &[u32]) -> Option<bool> {
    let last = *digits.last()?;
    let sum = |weights: &[u32]| -> u32 { digits.iter().zip(weights).map(|(d, w)| d * w).sum() };
    Some(match country {
        "DE" | "HR" => {
            let product = digits[..digits.len() - 1].iter().fold(10, |product, digit| {
                let sum = (digit + product) % 10;
                (if sum == 0 { 10 } else { sum }) * 2 % 11
            });
            (11 - product) % 10 == last
        }
        "AT" => {
            let doubled = |at: usize, d: u32| if at % 2 == 1 { d / 5 + d * 2 % 10 } else { d };
            let sum: u32 = digits[..7].iter().enumerate().map(|(at, d)| doubled(at, *d)).sum();
            (10 - (sum + 4) % 10) % 10 == last
        }
        "BE" => {
            let number: u32 = digits[..8].iter().fold(0, |number, digit| number * 10 + digit);
            97 - number % 97 == digits[8] * 10 + last
        }
        "FR" => {
            let key: u32 = body[..2].parse().ok()?;
            let siren: u32 = body[2..].parse().ok()?;
            (12 + 3 * (siren % 97)) % 97 == key
        }
        "IT" => luhn(digits),
        "NL" => {
            iban::has_check_digits(&format!("0000NL{body}")[..]) || {
                let sum = sum(&[9, 8, 7, 6, 5, 4, 3, 2]);
                sum % 11 == digits[8]
            }
        }
        "PL" => sum(&[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == last,
        "PT" => {
            let rest = sum(&[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (if rest < 2 { 0 } else { 11 - rest }) == last
        }
        "DK" => sum(&[2, 7, 6, 5, 4, 3, 2, 1]) % 11 == 0,
        "FI" => {
            let rest = sum(&[7, 9, 10, 5, 8, 4, 2]) % 11;
            (if rest == 0 { 0 } else { 11 - rest }) == last
        }
        "LU" => {
            let number: u32 = digits[..6].iter().fold(0, |number, digit| number * 10 + digit);
            number % 89 == digits[6] * 10 + last
        }
        "SE" => luhn(&digits[..10]),
        "GB" if digits.len() == 9 => {
            let sum = sum(&[8, 7, 6, 5, 4, 3, 2]) + digits[7] * 10 + digits[8];
            sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
        }
        _ => return None,
    })
}

fn luhn(digits: &[u32]) -> bool {
    let doubled = |(at, d): (usize, &u32)| if at % 2 == 1 { d / 5 + d * 2 % 10 } else { *d };
    digits.iter().rev().enumerate().map(doubled).sum::<u32>() % 10 == 0
}

/// The prefix that a VAT id is given when its label is of this language and it has the national
/// form: `P.IVA 01234567890` is `IT01234567890`.
pub(super) fn national(language: Language, body: &str) -> Option<String> {
    let countries: &[&str] = match language {
        Language::German => &["DE"],
        Language::English => &["GB"],
        Language::French => &["FR"],
        Language::Italian => &["IT"],
        Language::Spanish => &["ES"],
        Language::Dutch => &["NL", "BE"],
        Language::Portuguese => &["PT"],
        Language::Polish => &["PL"],
    };
    let prefixed = countries.iter().map(|country| format!("{country}{body}"));
    prefixed.into_iter().find(|id| match vat_id(id) {
        Some(Vat::Checked) => true,
        // Spanish ids are not checked; their letter tells them.
        Some(Vat::Formed) => id.starts_with("ES") && body.chars().any(|c| c.is_ascii_uppercase()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Vat, national, vat_id};
    use crate::extraction::lexicon::Language;

    #[test]
    fn check_digits_tell_ids_from_other_numbers() {
        for (id, wanted) in [
            ("DE136695976", Some(Vat::Checked)),
            ("DE123456789", Some(Vat::Failed)),
            ("ATU10223006", Some(Vat::Checked)),
            ("BE0428759497", Some(Vat::Checked)),
            ("FR83404833048", Some(Vat::Checked)),
            ("IT00743110157", Some(Vat::Checked)),
            ("NL004495445B01", Some(Vat::Checked)),
            ("PL8567346215", Some(Vat::Checked)),
            ("PT501964843", Some(Vat::Checked)),
            ("ESB58378431", Some(Vat::Formed)),
            ("GB980780684", Some(Vat::Checked)),
            ("DE80333", None),
            ("FR69001", None),
            ("DEUTSCHLAND", None),
            ("CHE123456788MWST", Some(Vat::Formed)),
        ] {
            assert_eq!(vat_id(id), wanted, "{id}");
        }
    }

    #[test]
    fn a_national_number_gets_the_prefix_of_its_label() {
        assert_eq!(national(Language::Italian, "00743110157").as_deref(), Some("IT00743110157"));
        assert_eq!(national(Language::Spanish, "B58378431").as_deref(), Some("ESB58378431"));
        assert_eq!(national(Language::Italian, "00743110158"), None);
    }
}

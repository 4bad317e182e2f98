//! VAT ids: their form and check digits by country (extraction handbook §9).
//!
//! A failed check is a warning and no more: public samples are full of `DE123456789`.

use crate::models::iban;
use crate::validation::check_digits::{cross_sum, iso_7064_mod_11_10, luhn, number, weighted};

/// Checks the body of an id, which is without prefix, blanks and punctuation.
type Check = fn(&str) -> bool;

/// Prefix, form in words, check.
#[rustfmt::skip]
const COUNTRIES: [(&str, &str, Check); 33] = [
    ("AT", "U and 8 digits", austria),
    ("BE", "10 digits", belgium),
    ("BG", "9 or 10 digits", |body| all_digits(body, &[9, 10])),
    ("CHE", "9 digits", switzerland),
    ("CY", "8 digits and a letter", cyprus),
    ("CZ", "8 to 10 digits", |body| all_digits(body, &[8, 9, 10])),
    ("DE", "9 digits", |body| digits(body, 9).is_some_and(|all| iso_7064_mod_11_10(&all))),
    ("DK", "8 digits", |body| {
        digits(body, 8).is_some_and(|all| weighted(&all, &[2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11))
    }),
    ("EE", "9 digits", |body| mod_10(body, 9, &[3, 7, 1, 3, 7, 1, 3, 7])),
    ("EL", "9 digits", greece),
    ("ES", "9 characters", spain),
    ("FI", "8 digits", |body| mod_11(body, 8, &[7, 9, 10, 5, 8, 4, 2], &[(11, 0)])),
    ("FR", "2 characters and 9 digits", france),
    ("GB", "9 or 12 digits", britain),
    ("GR", "9 digits", greece),
    ("HR", "11 digits", |body| digits(body, 11).is_some_and(|all| iso_7064_mod_11_10(&all))),
    ("HU", "8 digits", |body| mod_10(body, 8, &[9, 7, 3, 1, 9, 7, 3])),
    ("IE", "7 digits and 1 or 2 letters", ireland),
    ("IT", "11 digits", |body| digits(body, 11).is_some_and(|all| luhn(&all))),
    ("LT", "9 or 12 digits", |body| all_digits(body, &[9, 12])),
    ("LU", "8 digits", |body| {
        digits(body, 8).is_some_and(|all| number(&all[..6]) % 89 == number(&all[6..]))
    }),
    ("LV", "11 digits", |body| all_digits(body, &[11])),
    ("MT", "8 digits", |body| all_digits(body, &[8])),
    ("NL", "9 digits, B and 2 digits", netherlands),
    ("NO", "9 digits", norway),
    ("PL", "10 digits", |body| {
        digits(body, 10).is_some_and(|all| {
            weighted(&all, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == all[9]
        })
    }),
    ("PT", "9 digits", |body| mod_11(body, 9, &[9, 8, 7, 6, 5, 4, 3, 2], &[(10, 0), (11, 0)])),
    ("RO", "2 to 10 digits", romania),
    ("SE", "12 digits", |body| digits(body, 12).is_some_and(|all| luhn(&all[..10]))),
    ("SI", "8 digits", |body| mod_11(body, 8, &[8, 7, 6, 5, 4, 3, 2], &[(10, 0)])),
    ("SK", "10 digits", |body| {
        digits(body, 10).is_some_and(|all| all.iter().fold(0, |rest, d| (rest * 10 + d) % 11) == 0)
    }),
    ("SM", "3 to 5 digits", |body| all_digits(body, &[3, 4, 5])),
    ("XI", "9 or 12 digits", britain),
];

/// What is wrong with a VAT id; nothing where its country is not known here.
pub(crate) fn fault(id: &str) -> Option<String> {
    let id = normalised(id);
    let of_country = COUNTRIES.iter().find(|(prefix, ..)| id.starts_with(prefix));
    let (prefix, form, check) = of_country?;
    let body = &id[prefix.len()..];
    (!check(body))
        .then(|| format!("is no VAT id of {prefix}: {form} with check digits follow the prefix"))
}

/// Capitals and digits alone: blanks, dots and hyphens are how people write, not what they mean.
pub(crate) fn normalised(id: &str) -> String {
    let kept = id.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '*'));
    kept.map(|c| c.to_ascii_uppercase()).collect()
}

/// So many digits and nothing else.
fn digits(body: &str, count: usize) -> Option<Vec<u32>> {
    let all: Option<Vec<_>> = body.chars().map(|c| c.to_digit(10)).collect();
    all.filter(|all| all.len() == count)
}

fn all_digits(body: &str, lengths: &[usize]) -> bool {
    lengths.contains(&body.len()) && body.bytes().all(|byte| byte.is_ascii_digit())
}

/// The check digit is 11 less the rest; `instead` says what stands for a check of two digits, and
/// one that is not there has no valid id.
fn mod_11(body: &str, count: usize, weights: &[u32], instead: &[(u32, u32)]) -> bool {
    digits(body, count).is_some_and(|all| {
        let check = 11 - weighted(&all, weights) % 11;
        let other = instead.iter().find(|(of, _)| *of == check).map(|(_, check)| *check);
        other.unwrap_or(check) == all[count - 1]
    })
}

fn mod_10(body: &str, count: usize, weights: &[u32]) -> bool {
    digits(body, count)
        .is_some_and(|all| (10 - weighted(&all, weights) % 10) % 10 == all[count - 1])
}

fn austria(body: &str) -> bool {
    let all = body.strip_prefix('U').and_then(|body| digits(body, 8));
    all.is_some_and(|all| {
        let doubled = |(at, digit): (usize, &u32)| {
            if at % 2 == 1 { cross_sum(digit * 2) } else { *digit }
        };
        let sum: u32 = all[..7].iter().enumerate().map(doubled).sum();
        (10 - (sum + 4) % 10) % 10 == all[7]
    })
}

/// Nine digits are an id of before 2008, which has a zero in front today.
fn belgium(body: &str) -> bool {
    let body = if body.len() == 9 { format!("0{body}") } else { body.to_owned() };
    digits(&body, 10)
        .is_some_and(|all| all[0] <= 1 && 97 - number(&all[..8]) % 97 == number(&all[8..]))
}

fn switzerland(body: &str) -> bool {
    let body = ["MWST", "TVA", "IVA"].iter().find_map(|end| body.strip_suffix(end)).unwrap_or(body);
    mod_11(body, 9, &[5, 4, 3, 2, 7, 6, 5, 4], &[(11, 0)])
}

fn norway(body: &str) -> bool {
    let body = body.strip_suffix("MVA").unwrap_or(body);
    mod_11(body, 9, &[3, 2, 7, 6, 5, 4, 3, 2], &[(11, 0)])
}

fn cyprus(body: &str) -> bool {
    body.len() == 9
        && all_digits(&body[..8], &[8])
        && body.ends_with(|c: char| c.is_ascii_uppercase())
}

/// A letter at one end at least, and digits between.
fn spain(body: &str) -> bool {
    let bytes = body.as_bytes();
    bytes.len() == 9
        && bytes[1..8].iter().all(u8::is_ascii_digit)
        && (bytes[0].is_ascii_uppercase() || bytes[8].is_ascii_uppercase())
}

fn greece(body: &str) -> bool {
    digits(body, 9)
        .is_some_and(|all| weighted(&all, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10 == all[8])
}

/// The key is a number in old ids and has letters in new ones, which are not computed.
fn france(body: &str) -> bool {
    if body.len() != 11 {
        return false;
    }
    let (key, siren) = body.split_at(2);
    let Some(siren) = digits(siren, 9) else {
        return false;
    };
    let key_fits = match key.parse::<u32>() {
        Ok(key) => key == (12 + 3 * (number(&siren) % 97)) % 97,
        Err(_) => key.bytes().all(|byte| byte.is_ascii_alphanumeric()),
    };
    // Monaco's ids have no SIREN of their own: 000 in front.
    key_fits && (luhn(&siren) || siren.starts_with(&[0, 0, 0]))
}

fn britain(body: &str) -> bool {
    if !all_digits(body, &[9, 12]) {
        return false;
    }
    digits(&body[..9], 9).is_some_and(|all| {
        let sum = weighted(&all[..7], &[8, 7, 6, 5, 4, 3, 2]) + number(&all[7..]);
        sum.is_multiple_of(97) || (sum + 55).is_multiple_of(97)
    })
}

/// Ids of before 2013 with a letter or sign at the second place are taken by their form.
fn ireland(body: &str) -> bool {
    let bytes = body.as_bytes();
    if !(8..=9).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii) {
        return false;
    }
    let Some(all) = digits(&body[..7], 7) else {
        return bytes[0].is_ascii_digit() && all_digits(&body[2..7], &[5]);
    };
    let second = bytes.get(8).map_or(0, |letter| letter_number(*letter));
    let rest = (weighted(&all, &[8, 7, 6, 5, 4, 3, 2]) + 9 * second) % 23;
    let wanted = if rest == 0 { u32::from(b'W' - b'A') + 1 } else { rest };
    letter_number(bytes[7]) == wanted
}

/// A is 1; W as the second letter of an id counts nothing.
fn letter_number(letter: u8) -> u32 {
    if letter.is_ascii_uppercase() { u32::from(letter - b'A') + 1 } else { 0 }
}

fn netherlands(body: &str) -> bool {
    let (Some(first), Some(last)) = (body.get(..9), body.get(10..)) else {
        return false;
    };
    let formed = body.get(9..10) == Some("B") && all_digits(last, &[2]);
    let Some(all) = digits(first, 9).filter(|_| formed) else {
        return false;
    };
    let by_letters = iban::mod_97(b"NL".iter().copied().chain(body.bytes())) == 1;
    by_letters || weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 == all[8]
}

fn romania(body: &str) -> bool {
    if !(2..=10).contains(&body.len()) {
        return false;
    }
    let padded = format!("{body:0>10}");
    digits(&padded, 10)
        .is_some_and(|all| weighted(&all, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10 == all[9])
}

#[cfg(test)]
mod tests {
    use super::fault;

    #[test]
    fn ids_with_right_check_digits_pass_however_they_are_written() {
        for id in [
            "DE136695976",
            "DE 136 695 976",
            "ATU13585627",
            "BE0428759497",
            "BE 0428.759.497",
            "FR40303265045",
            "FRK7399859412",
            "IT00743110157",
            "NL004495445B01",
            "NL123456789B13",
            "PL8567346215",
            "PT501964843",
            "DK13585628",
            "FI20774740",
            "NO995525828MVA",
            "LU15027442",
            "SI50223054",
            "SK2022749619",
            "EE100931558",
            "HU12892312",
            "SE123456789701",
            "EL094259216",
            "IE6433435F",
            "IE6433435OA",
            "IE8D79739I",
            "RO18547290",
            "GB980780684",
            "CHE-116.281.710 MWST",
            "HR33392005961",
            "BG175074752",
            "CY10259033P",
            "CZ25123891",
            "ESA13585625",
            "LT119511515",
            "LV40003521600",
            "MT11679112",
            "XI980780684",
            "US123",
            "",
            "é",
        ] {
            assert_eq!(fault(id), None, "{id}");
        }
    }

    #[test]
    fn a_digit_that_is_off_is_found() {
        for id in [
            "DE123456789",
            "DE13669597",
            "ATU13585626",
            "BE0428759496",
            "FR41303265045",
            "FR40303265046",
            "IT00743110156",
            "NL004495446B01",
            "PL8567346216",
            "PT501964842",
            "DK13585629",
            "FI20774741",
            "NO995525829",
            "LU15027443",
            "SI50223055",
            "SK2022749610",
            "EE100931557",
            "HU12892313",
            "SE123456789801",
            "EL094259217",
            "IE6433435G",
            "RO18547291",
            "GB980780685",
            "CHE116281711",
            "HR33392005962",
            "CY1025903P",
            "ES12345678",
        ] {
            assert!(fault(id).is_some(), "{id}");
        }
    }
}

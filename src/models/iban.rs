//! Numbers of accounts: what makes an IBAN (ISO 13616), and the check digits that it has in common
//! with creditor references (ISO 11649).

use std::ops::RangeInclusive;

/// Characters of an IBAN of a country that the registry does not have yet.
const LENGTHS_ANY: RangeInclusive<usize> = 15..=34;

/// Lengths by country, as the registry of ISO 13616 has them.
#[rustfmt::skip]
const LENGTHS: [(&str, usize); 89] = [
    ("AD", 24), ("AE", 23), ("AL", 28), ("AT", 20), ("AZ", 28), ("BA", 20), ("BE", 16), ("BG",
    22), ("BH", 22), ("BI", 27), ("BR", 29), ("BY", 28), ("CH", 21), ("CR", 22), ("CY", 28),
    ("CZ", 24), ("DE", 22), ("DJ", 27), ("DK", 18), ("DO", 28), ("EE", 20), ("EG", 29), ("ES",
    24), ("FI", 18), ("FK", 18), ("FO", 18), ("FR", 27), ("GB", 22), ("GE", 22), ("GI", 23),
    ("GL", 18), ("GR", 27), ("GT", 28), ("HN", 28), ("HR", 21), ("HU", 28), ("IE", 22), ("IL",
    23), ("IQ", 23), ("IS", 26), ("IT", 27), ("JO", 30), ("KW", 30), ("KZ", 20), ("LB", 28),
    ("LC", 32), ("LI", 21), ("LT", 20), ("LU", 20), ("LV", 21), ("LY", 25), ("MC", 27), ("MD",
    24), ("ME", 22), ("MK", 19), ("MN", 20), ("MR", 27), ("MT", 31), ("MU", 30), ("NI", 28),
    ("NL", 18), ("NO", 15), ("OM", 23), ("PK", 24), ("PL", 28), ("PS", 29), ("PT", 25), ("QA",
    29), ("RO", 24), ("RS", 22), ("RU", 33), ("SA", 24), ("SC", 31), ("SD", 18), ("SE", 24),
    ("SI", 19), ("SK", 24), ("SM", 27), ("SO", 23), ("ST", 25), ("SV", 28), ("TL", 23), ("TN",
    24), ("TR", 26), ("UA", 29), ("VA", 22), ("VG", 24), ("XK", 20), ("YE", 30),
];

/// How many characters an IBAN has that begins so; none for what begins otherwise than one of the
/// registry: with two letters of a country and two digits.
pub fn length(iban: &str) -> Option<usize> {
    let country = iban.get(..2)?;
    let digits = iban.as_bytes().get(2..4)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let at = LENGTHS.binary_search_by(|(known, _)| (*known).cmp(country)).ok()?;
    Some(LENGTHS[at].1)
}

/// Whether a text has the form of an IBAN: two capital letters, two digits, and no other than
/// letters and digits behind them. Its length and check digits may be wrong.
pub fn looks_like_one(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= *LENGTHS_ANY.start()
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
}

/// Whether a text without blanks is an IBAN: its form, the length of its country, its check digits.
pub fn is_iban(text: &str) -> bool {
    let fits = |length: usize| text.len() == length;
    looks_like_one(text)
        && length(text).map_or(LENGTHS_ANY.contains(&text.len()), fits)
        && has_check_digits(text)
}

/// As [`is_iban`], for the countries of the registry alone: where a text could be anything.
pub fn is_registered(text: &str) -> bool {
    length(text).is_some() && is_iban(text)
}

/// ISO 7064 mod 97-10: the first four characters behind the others, letters as 10 to 35, give 1.
pub fn has_check_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() <= 4 || !bytes.iter().all(u8::is_ascii_alphanumeric) {
        return false;
    }
    mod_97(bytes[4..].iter().chain(&bytes[..4]).copied()) == 1
}

/// The number modulo 97, letters as A = 10 … Z = 35; anything else is left out.
pub fn mod_97(characters: impl Iterator<Item = u8>) -> u32 {
    characters.fold(0, |rest, byte| match byte.to_ascii_uppercase() {
        digit @ b'0'..=b'9' => (rest * 10 + u32::from(digit - b'0')) % 97,
        letter @ b'A'..=b'Z' => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
        _ => rest,
    })
}

#[cfg(test)]
mod tests {
    use super::{LENGTHS, has_check_digits, is_iban, is_registered, length};

    #[test]
    fn the_registry_is_in_order() {
        assert!(LENGTHS.is_sorted_by(|one, next| one.0 < next.0));
        assert_eq!(length("DE02"), Some(22));
        assert_eq!((length("XX02"), length("DEUT"), length("DE")), (None, None, None));
    }

    #[test]
    fn form_length_and_check_digits_make_an_iban() {
        for good in [
            "DE02120300000000202051",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "GB29NWBK60161331926819",
            "QA58DOHB00001234567890ABCDEFG",
        ] {
            assert!(is_registered(good), "{good}");
        }
        for bad in [
            "DE02120300000000202052",
            "DE0212030000000020205",
            "de02120300000000202051",
            "DE02 1203 0000 0000 2020 51",
            "120300000000202051DE02",
            "DE98ZZZ09999999999",
            "XX12",
            "",
        ] {
            assert!(!is_iban(bad), "{bad}");
        }
    }

    #[test]
    fn a_country_that_the_registry_does_not_have_may_have_ibans() {
        let unknown = "ZZ32120300000000202051";
        assert!(is_iban(unknown) && !is_registered(unknown));
    }

    #[test]
    fn references_of_iso_11649_have_the_same_check_digits() {
        assert!(has_check_digits("RF18539007547034") && has_check_digits("rf18539007547034"));
        assert!(!has_check_digits("RF19539007547034") && !has_check_digits("RF18"));
    }
}

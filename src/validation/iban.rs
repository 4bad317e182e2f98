//! IBAN: length of its country and check digits (ISO 13616, ISO 7064 mod 97-10).

use crate::validation::check_digits::is_iso_7064;

/// Lengths by country, as the registry of ISO 13616 has them; others have 15 to 34 characters.
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

/// What is wrong with an account that looks like an IBAN; nothing for any other account number.
pub(crate) fn fault(account: &str) -> Option<String> {
    let text: String = account.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.to_ascii_uppercase();
    let bytes = text.as_bytes();
    let looks_like_iban = bytes.len() >= 15
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    if !looks_like_iban {
        return None;
    }
    let country = LENGTHS.iter().find(|(country, _)| text.starts_with(country));
    match country {
        Some((country, length)) if text.len() != *length => {
            let found = text.len();
            Some(format!("has {found} characters, and an IBAN of {country} has {length}"))
        }
        None if text.len() > 34 => Some("has more than 34 characters".to_owned()),
        _ if !is_iso_7064(&text) => Some("has wrong check digits".to_owned()),
        _ => None,
    }
}

/// What is wrong with a payment reference that says that it is one of ISO 11649 (`RF18…`).
pub(crate) fn reference_fault(reference: &str) -> Option<String> {
    let text: String = reference.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = text.as_bytes();
    let says_so = bytes.starts_with(b"RF")
        && (5..=25).contains(&bytes.len())
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes.iter().all(u8::is_ascii_alphanumeric);
    let text = text.to_ascii_uppercase();
    (says_so && !is_iso_7064(&text)).then(|| "has wrong check digits".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{fault, reference_fault};

    #[test]
    fn good_ones_and_other_account_numbers_pass() {
        for account in [
            "DE02120300000000202051",
            "de02 1203 0000 0000 2020 51",
            "FR1420041010050500013M02606",
            "NO9386011117947",
            "GB29NWBK60161331926819",
            "QA58DOHB00001234567890ABCDEFG",
            "12345678",
            "",
            "PL",
            "RE-2026-0417-00000",
            "é".repeat(20).as_str(),
        ] {
            assert_eq!(fault(account), None, "{account}");
        }
    }

    #[test]
    fn wrong_digits_and_lengths_are_found() {
        for account in [
            "DE02120300000000202052",
            "DE0212030000000020205",
            "FR1420041010050500013M02607",
            "NO93860111179470",
        ] {
            assert!(fault(account).is_some(), "{account}");
        }
    }

    #[test]
    fn references_of_iso_11649_carry_check_digits() {
        for good in ["RF18539007547034", "RF18 5390 0754 7034", "RF-4711", "RFQ 2026", "4711", ""] {
            assert_eq!(reference_fault(good), None, "{good}");
        }
        assert!(reference_fault("RF19539007547034").is_some());
    }
}

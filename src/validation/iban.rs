//! IBAN: length of its country and check digits (ISO 13616, ISO 7064 mod 97-10).

/// Lengths by country, for those that trade with us most; others have 15 to 34 characters.
const LENGTHS: [(&str, usize); 42] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("CH", 21),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DK", 18),
    ("EE", 20),
    ("ES", 24),
    ("FI", 18),
    ("FR", 27),
    ("GB", 22),
    ("GI", 23),
    ("GR", 27),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IS", 26),
    ("IT", 27),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("MC", 27),
    ("MT", 31),
    ("NL", 18),
    ("NO", 15),
    ("PL", 28),
    ("PT", 25),
    ("RO", 24),
    ("RS", 22),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("TR", 26),
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
        _ if remainder(bytes) != 1 => Some("has wrong check digits".to_owned()),
        _ => None,
    }
}

/// The number modulo 97, with the first four characters behind the others and A = 10 … Z = 35.
fn remainder(text: &[u8]) -> u32 {
    text[4..].iter().chain(&text[..4]).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use super::fault;

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
}

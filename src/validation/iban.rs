//! What is wrong with an account or a creditor reference (ISO 13616, ISO 11649).

use crate::models::iban;

/// What is wrong with an account that looks like an IBAN; nothing for any other account number.
pub(crate) fn fault(account: &str) -> Option<String> {
    let text: String = account.chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.to_ascii_uppercase();
    if !iban::looks_like_one(&text) {
        return None;
    }
    match iban::length(&text) {
        Some(length) if text.len() != length => {
            let (country, found) = (&text[..2], text.len());
            Some(format!("has {found} characters, and an IBAN of {country} has {length}"))
        }
        None if text.len() > 34 => Some("has more than 34 characters".to_owned()),
        _ if !iban::has_check_digits(&text) => Some("has wrong check digits".to_owned()),
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
    (says_so && !iban::has_check_digits(&text)).then(|| "has wrong check digits".to_owned())
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

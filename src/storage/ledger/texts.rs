//! Texts from outside, made fit for a column.
//!
//! PostgreSQL takes no NUL character and no index entry above some 2,700 bytes. A document may
//! hold both, and must be kept and shown all the same.

use std::fmt::Write as _;

use sha2::Digest;

/// Characters of a text in a column; at four bytes each, two of them fit into an index entry.
const CHARACTERS_MAX: usize = 255;

/// For showing and filtering: cut off. The document itself has the whole.
pub(super) fn shown(text: &str) -> String {
    let clean = text.chars().take(CHARACTERS_MAX);
    clean.map(|c| if c == '\0' { '\u{fffd}' } else { c }).collect()
}

/// For looking up: two different texts stay different, however long they are.
pub(super) fn key(text: &str) -> String {
    if text.chars().nth(CHARACTERS_MAX).is_none() && !text.contains('\0') {
        return text.to_owned();
    }
    let mut key: String = shown(text).chars().take(CHARACTERS_MAX - 65).collect();
    key.push('#');
    key.push_str(&digest(text));
    key
}

/// The number of an order as it is compared: without blanks around it.
pub(super) fn order_key(number: &str) -> String {
    key(number.trim())
}

/// The number of an order as it is looked up: also without leading zeros, because the engine takes
/// `4711` for `0004711` where only one order is meant (reconciliation handbook §3). Orders that
/// differ in nothing else are all found, and the engine says which is meant.
pub(super) fn order_lookup(number: &str) -> String {
    let key = order_key(number);
    match key.trim_start_matches('0') {
        "" if !key.is_empty() => "0".to_owned(),
        bare => bare.to_owned(),
    }
}

/// A supplier's invoice number as it is compared: also without regard to case
/// (reconciliation handbook §11, `DUP_EXACT`).
pub(super) fn claim_number(number: &str) -> String {
    key(&number.trim().to_uppercase())
}

/// SHA-256 as 64 hexadecimal digits.
pub(super) fn digest(text: &str) -> String {
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes everything");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{claim_number, key, order_key, order_lookup, shown};

    #[test]
    fn ordinary_texts_stay_as_they_are() {
        for text in ["", "PO-1", "Müller & Söhne", &"x".repeat(255)] {
            assert_eq!(key(text), text);
            assert_eq!(shown(text), text);
        }
    }

    #[test]
    fn long_and_odd_texts_are_bounded_and_stay_apart() {
        let long = "ü".repeat(10_000);
        let longer = "ü".repeat(10_001);
        assert_ne!(key(&long), key(&longer));
        assert_ne!(key("a\0b"), key("a\u{fffd}b"));
        for text in [key(&long), key("a\0b"), shown(&long), shown("a\0b")] {
            assert!(text.chars().count() <= 255 && !text.contains('\0'), "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_without_blanks_and_invoice_numbers_without_case() {
        assert_eq!(order_key(" PO-1\n"), "PO-1");
        assert_eq!(claim_number(" re-7 "), claim_number("RE-7"));
    }

    #[test]
    fn orders_are_looked_up_without_leading_zeros() {
        for (number, lookup) in [
            (" 0004711", "4711"),
            ("4711", "4711"),
            ("PO-007", "PO-007"),
            ("000", "0"),
            ("0", "0"),
            ("  ", ""),
        ] {
            assert_eq!(order_lookup(number), lookup, "{number:?}");
        }
    }
}

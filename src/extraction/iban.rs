//! Numbers of accounts, as they are kept: an IBAN without the blanks that people read it by.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;

/// Characters of an IBAN (ISO 13616).
const LENGTHS: std::ops::RangeInclusive<usize> = 15..=34;

/// BT-84 or BT-91. Blanks are taken out where the rest has the check digits of an IBAN; any other
/// number is kept as it is written.
pub(crate) fn account(
    at: Option<Element<'_, '_>>,
    term: &str,
    notes: &mut Notes,
) -> Option<String> {
    let spaced = at.map(Element::text).and_then(|text| joined(&text));
    match spaced {
        Some(iban) => notes.value(at, term, |_| Some(iban), ""),
        None => notes.word(at, term),
    }
}

/// An IBAN written with blanks, without them.
fn joined(text: &str) -> Option<String> {
    if !text.contains(char::is_whitespace) {
        return None;
    }
    let joined: String = text.split_whitespace().collect();
    (LENGTHS.contains(&joined.len()) && checks(&joined)).then_some(joined)
}

/// ISO 7064 mod 97-10: the first four characters behind the rest, letters as 10 to 35.
fn checks(text: &str) -> bool {
    let (head, tail) = match text.split_at_checked(4) {
        Some(parts) if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) => parts,
        _ => return false,
    };
    let digits = tail.chars().chain(head.chars()).filter_map(|c| c.to_digit(36));
    let rest = digits.fold(0, |rest, digit| {
        let shift = if digit > 9 { 100 } else { 10 };
        (rest * shift + digit) % 97
    });
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && rest == 1
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn blanks_go_from_what_checks_as_an_iban_and_from_nothing_else() {
        let iban = "DE89 3704 0044 0532 0130 00";
        assert_eq!(joined(iban).as_deref(), Some("DE89370400440532013000"));
        assert_eq!(
            joined("gb82 WEST 1234 5698 7654 32").as_deref(),
            Some("gb82WEST12345698765432")
        );
        for text in [
            "DE89370400440532013000",
            "DE88 3704 0044 0532 0130 00",
            "1234 5678 9012 3456",
            "DE89",
            "DE 89",
            "éé89 3704 0044 0532",
            "",
        ] {
            assert_eq!(joined(text), None, "{text}");
        }
    }
}

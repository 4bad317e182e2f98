//! Numbers of accounts, as they are kept: an IBAN without the blanks that people read it by.

use crate::extraction::notes::Notes;
use crate::extraction::tree::Element;
use crate::models::iban;

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
    iban::is_iban(&joined.to_ascii_uppercase()).then_some(joined)
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

//! References with check digits inside free text: the check tells them from any other number.

use crate::models::iban;
use crate::models::statement::{BankStatement, CreditorReference, Remittance};

/// Characters of text that are searched for one payment: an MT940 has 390, ISO 20022 some lines of
/// 140 each.
const SEARCHED_CHARACTERS_MAX: usize = 4_000;

/// Adds to each payment without a structured reference those that stand in its text.
pub(crate) fn find(statement: &mut BankStatement) {
    for entry in &mut statement.entries {
        for detail in &mut entry.details {
            if detail.remittance.structured.is_empty() {
                detail.remittance.structured = found(&detail.remittance);
            }
        }
    }
}

fn found(remittance: &Remittance) -> Vec<CreditorReference> {
    let mut all: Vec<CreditorReference> = Vec::new();
    for line in &remittance.unstructured {
        let line = &line[..line.floor_char_boundary(SEARCHED_CHARACTERS_MAX)];
        for reference in rf(line).into_iter().chain(belgian(line)) {
            if !all.contains(&reference) {
                all.push(reference);
            }
        }
    }
    all
}

/// ISO 11649: `RF`, two check digits, up to 21 characters; often in groups of four.
fn rf(line: &str) -> Option<CreditorReference> {
    let upper = line.to_ascii_uppercase();
    for (at, _) in upper.match_indices("RF") {
        if upper[..at].ends_with(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        let mut reference = String::new();
        for group in upper[at..].split(' ') {
            let part: String = group.chars().take_while(char::is_ascii_alphanumeric).collect();
            let whole = part.len() == group.len();
            reference.push_str(&part);
            let check =
                reference.get(2..4).is_some_and(|two| two.bytes().all(|b| b.is_ascii_digit()));
            if reference.len() > 25 || (reference.len() >= 4 && !check) {
                break;
            }
            // A group of four goes on in the next; anything else ends here.
            let goes_on = part.len() == 4 && whole;
            if !goes_on {
                break;
            }
        }
        // The groups may have run into the next words: the longest that checks is the one.
        for end in (9..=reference.len().min(25)).rev() {
            let whole_groups = end == reference.len() || end % 4 == 0;
            if whole_groups && iban::has_check_digits(&reference[..end]) {
                let reference = reference[..end].to_owned();
                return Some(CreditorReference { reference, kind: Some("SCOR".to_owned()) });
            }
        }
    }
    None
}

/// Belgian structured communication: `+++090/9337/55493+++`, ten digits and their rest by 97.
fn belgian(line: &str) -> Option<CreditorReference> {
    for mark in ["+++", "***"] {
        for (at, _) in line.match_indices(mark) {
            let rest = &line[at + mark.len()..];
            let Some(end) = rest.find(mark) else { break };
            let digits: String = rest[..end].chars().filter(|c| !matches!(c, '/' | ' ')).collect();
            if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                continue;
            }
            let number: Option<u64> = digits[..10].parse().ok();
            let rest_of = |number: u64| if number.is_multiple_of(97) { 97 } else { number % 97 };
            if number.map(rest_of) == digits[10..].parse().ok() {
                return Some(CreditorReference { reference: digits, kind: Some("BBA".to_owned()) });
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::found;
    use crate::models::statement::Remittance;

    #[test]
    fn references_with_check_digits_are_found_in_text_and_others_are_not() {
        for (text, wanted) in [
            ("Rechnung RF18539007547034 danke", Some("RF18539007547034")),
            ("RF18 5390 0754 7034", Some("RF18539007547034")),
            ("ref rf18539007547034", Some("RF18539007547034")),
            ("RF18 5390 0754 7034 Juni 2026", Some("RF18539007547034")),
            ("RF19539007547034", None),
            ("XRF18539007547034", None),
            ("RF", None),
            ("RF18 é", None),
            ("+++090/9337/55493+++", Some("090933755493")),
            ("***090/9337/55494***", None),
            ("+++", None),
        ] {
            let unstructured = vec![text.to_owned()];
            let all = found(&Remittance { unstructured, ..Remittance::default() });
            assert_eq!(all.first().map(|one| one.reference.as_str()), wanted, "{text}");
        }
    }
}

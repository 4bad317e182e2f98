//! The code of a charge: what it says, or what its words mean (handbook §7).

use crate::models::invoice::{AllowanceCharge, InvoiceLine};
use crate::models::policy::Policy;

/// A charge that says nothing that is known.
const OTHER: &str = "OTHER";

/// Words that mean a charge in most trades, and its code in UNTDID 7161; those of the policy come
/// first. Whole words, lower case.
const WORDS: &[(&str, &str)] = &[
    ("freight", "FC"),
    ("fracht", "FC"),
    ("frachtkosten", "FC"),
    ("vracht", "FC"),
    ("flete", "FC"),
    ("versand", "SAA"),
    ("versandkosten", "SAA"),
    ("shipping", "SAA"),
    ("verzendkosten", "SAA"),
    ("spedizione", "SAA"),
    ("packing", "PC"),
    ("packaging", "PC"),
    ("verpackung", "PC"),
    ("emballage", "PC"),
    ("imballaggio", "PC"),
    ("handling", "HD"),
    ("insurance", "IN"),
    ("versicherung", "IN"),
];

/// The code of a charge or allowance of the document (BG-20, BG-21): its reason code (BT-98,
/// BT-105), else what its reason means.
pub(crate) fn of<'a>(part: &'a AllowanceCharge, policy: &'a Policy) -> &'a str {
    let code = part.reason_code.as_deref().map(str::trim).filter(|code| !code.is_empty());
    let meant = || part.reason.as_deref().and_then(|reason| meant(reason, policy));
    code.or_else(meant).unwrap_or(OTHER)
}

/// The code of a line that is nothing but a charge: freight as an item.
pub(crate) fn of_line<'a>(line: &'a InvoiceLine, policy: &'a Policy) -> Option<&'a str> {
    let texts = [&line.seller_item_id, &line.name];
    texts.into_iter().flatten().find_map(|text| meant(text, policy))
}

fn meant<'a>(text: &str, policy: &'a Policy) -> Option<&'a str> {
    let lower = text.to_lowercase();
    let has = |word: &str| {
        let words = lower.split(|c: char| !c.is_alphanumeric());
        lower.trim() == word || words.clone().any(|found| found == word)
    };
    let own = policy.charge_words.iter().find(|(word, _)| has(&word.to_lowercase()));
    let known = || WORDS.iter().find(|(word, _)| has(word)).map(|&(_, code)| code);
    own.map(|(_, code)| code.as_str()).or_else(known)
}

#[cfg(test)]
mod tests {
    use super::{of, of_line};
    use crate::models::invoice::{AllowanceCharge, InvoiceLine};
    use crate::models::policy::Policy;

    #[test]
    fn a_code_counts_before_its_words_and_the_policy_before_our_own() {
        let mut policy = Policy::default();
        policy.charge_words.insert("Fracht".to_owned(), "SAA".to_owned());
        for (code, reason, expected) in [
            (Some("FC"), None, "FC"),
            (Some(" "), Some("Verpackung & mehr"), "PC"),
            (None, Some("Fracht"), "SAA"),
            (None, Some("Freight costs"), "FC"),
            (None, Some("Freighter model kit"), "OTHER"),
            (None, None, "OTHER"),
        ] {
            let part = AllowanceCharge {
                charge: true,
                reason_code: code.map(str::to_owned),
                reason: reason.map(str::to_owned),
                ..AllowanceCharge::default()
            };
            assert_eq!(of(&part, &policy), expected, "{code:?} {reason:?}");
        }
    }

    #[test]
    fn a_line_may_be_a_charge() {
        let line =
            |name: &str| InvoiceLine { name: Some(name.to_owned()), ..InvoiceLine::default() };
        let policy = Policy::default();
        assert_eq!(of_line(&line("Versandkosten DHL"), &policy), Some("SAA"));
        assert_eq!(of_line(&line("Schraube M8"), &policy), None);
    }
}

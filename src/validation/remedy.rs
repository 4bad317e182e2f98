//! What to do about a finding, where the rule itself did not say.

use en16931::validation::rules;

use crate::models::finding::{Finding, Severity};

/// Families of rules by their beginning, and what helps against a breach; the first that fits.
const FAMILIES: &[(&str, &str)] = &[
    ("BR-CL-", "use a code of the list that EN 16931 names for it"),
    ("PEPPOL-EN16931-CL", "use a code of the list that Peppol names for it"),
    ("BR-DEC-", "round the amount to two decimals"),
    ("BR-CO-1", "compute the amount anew from those that it follows from"),
    ("BR-S-", "state the supplier's VAT id, a rate above zero and the VAT of it; no exemption"),
    ("BR-Z-", "state a rate of zero and VAT of zero; no reason of exemption"),
    ("BR-E-", "state a rate of zero, VAT of zero and the reason of the exemption"),
    ("BR-AE-", "state both parties' VAT ids, a rate of zero and the reason: reverse charge"),
    ("BR-IC-", "state both parties' VAT ids, a rate of zero, the delivery and the reason"),
    ("BR-G-", "state the supplier's VAT id, a rate of zero and the reason: export"),
    ("BR-O-", "leave out VAT ids and rates, and state the reason: not subject to VAT"),
    ("BR-AF-", "state the supplier's VAT id and the VAT of the rate (Canary Islands)"),
    ("BR-AG-", "state the supplier's VAT id and the VAT of the rate (Ceuta and Melilla)"),
    ("BR-B-", "use split payment on Italian invoices alone, and not beside category S"),
    ("BR-DE-", "add what XRechnung asks for beyond EN 16931"),
    ("PEPPOL-COMMON-", "correct the identifier: its form or its check digits"),
    ("PEPPOL-EN16931-P", "use a code that Peppol allows for this"),
    ("PEPPOL-", "add or correct what Peppol BIS Billing asks for beyond EN 16931"),
    ("UBL-SR-", "keep one of the elements"),
    ("CII-SR-", "keep one of the elements"),
    ("UBL-", "leave the element or attribute out, or agree with the receiver on it"),
    ("CII-", "leave the element or attribute out, or agree with the receiver on it"),
    ("UNMAPPED_ELEMENT", "look into the document for what it says there"),
    ("DUPLICATE_ELEMENT", "keep one of the elements: only the first was read"),
    ("MALFORMED_VALUE", "ask the sender for a corrected document"),
    ("PROFILE_UNKNOWN", "agree with the sender on a profile that is known here"),
    ("CURRENCY", "state the amounts in the currency of the document"),
    ("DUE_BEFORE_ISSUE", "agree with the supplier on the day of payment"),
    ("ISSUED_IN_FUTURE", "pay when the day has come, or ask for the right date"),
    ("ISSUED_LONG_AGO", "look for the same invoice among those that were paid"),
    ("PAYABLE_NEGATIVE", "treat it as what it is, or ask for the right kind of document"),
    ("NUMBER_IS_REFERENCE", "look up the supplier's own number on the document"),
    ("LINE_ID_REPEATED", "ask the sender to number the lines"),
    ("PRICE_BASE_NOT_POSITIVE", "ask the sender what the price is for"),
    ("COUNTRY_UNKNOWN", "correct the code in what was read"),
    ("UNIT_UNKNOWN", "correct the code in what was read"),
    ("TAX_CATEGORY_UNKNOWN", "correct the code in what was read"),
    ("FINDINGS_LEFT_OUT", "correct what is listed, and judge the document again"),
];

/// Adds a remedy where there is none: by the family of the rule, with the terms that it touches.
pub(crate) fn add(finding: &mut Finding) {
    // What is only worth knowing asks for nothing.
    if finding.remedy.is_some() || finding.severity == Severity::Information {
        return;
    }
    let of_family = FAMILIES.iter().find(|(start, _)| finding.code.starts_with(start));
    let terms = finding.terms.iter().filter(|term| term.starts_with('B'));
    let terms = terms.take(4).map(String::as_str).collect::<Vec<_>>().join(", ");
    finding.remedy = Some(match of_family {
        Some((_, what)) if terms.is_empty() => format!("ask the sender to {what}"),
        Some((_, what)) => format!("{what} ({terms})"),
        None if !terms.is_empty() && rules::explain(&finding.code).is_some() => {
            format!("ask the sender to state {terms} as the rule says")
        }
        None => "ask the sender for a corrected document".to_owned(),
    });
}

#[cfg(test)]
mod tests {
    use super::{FAMILIES, add};
    use crate::models::finding::Severity;
    use crate::validation::finding;

    #[test]
    fn every_rule_of_the_crate_gets_a_remedy() {
        for rule in en16931::validation::rules::all() {
            let mut found = finding(rule.id.as_str(), Severity::Fatal, &["BT-1"], String::new());
            add(&mut found);
            assert!(found.remedy.is_some_and(|remedy| remedy.len() > 20), "{}", rule.id);
        }
    }

    #[test]
    fn a_remedy_of_the_rule_itself_stays() {
        let mut found = finding("BR-CL-14", Severity::Fatal, &["BT-40"], String::new());
        found.remedy = Some("use DE".to_owned());
        add(&mut found);
        assert_eq!(found.remedy.as_deref(), Some("use DE"));
    }

    #[test]
    fn no_family_hides_behind_a_wider_one() {
        for (at, (narrow, _)) in FAMILIES.iter().enumerate() {
            let hidden = FAMILIES[..at].iter().any(|(wide, _)| narrow.starts_with(wide));
            assert!(!hidden, "{narrow} is never reached");
        }
    }
}

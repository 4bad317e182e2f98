//! Reasons not to pay that concern the document as a whole, before any line is looked at.

use rust_decimal::Decimal;

use crate::models::case::Case;
use crate::models::invoice::InvoiceKind;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::checks;
use crate::reconciliation::holds;
use crate::reconciliation::reference::meaningful;
use crate::reconciliation::show;

/// Rule ids that a hold lists; the findings themselves have the rest.
const RULES_LISTED_MAX: usize = 20;

/// Rules that a hold tells in words: more than a person reads at once is no help.
const RULES_TOLD_MAX: usize = 3;

/// Characters of the words of a rule; the official texts are sentences of 100 to 300.
const WORDS_CHARACTERS_MAX: usize = 200;

/// Holds of validity, duplicates and missing data.
pub(crate) fn holds(case: &Case) -> Vec<Hold> {
    let all = [invalid(case), duplicate(case), no_lines(case), no_currency(case)];
    all.into_iter().flatten().collect()
}

fn invalid(case: &Case) -> Option<Hold> {
    let mut rules: Vec<(String, Option<&str>)> = Vec::new();
    for rule in &case.fatal_findings {
        let (code, words) = match rule.split_once(": ") {
            Some((code, words)) => (code, Some(words)),
            None => (rule.as_str(), None),
        };
        let code = show::name(code);
        if !rules.iter().any(|(known, _)| *known == code) {
            rules.push((code, words));
        }
    }
    let listed = rules.iter().take(RULES_LISTED_MAX).enumerate();
    let listed: Vec<String> = listed
        .map(|(at, (code, words))| match words.filter(|_| at < RULES_TOLD_MAX) {
            Some(words) => format!("{code} ({})", in_words(code, words)),
            None => code.clone(),
        })
        .collect();
    let more = rules.len().saturating_sub(RULES_LISTED_MAX);
    let more = if more > 0 { format!(" and {more} more rules") } else { String::new() };
    let text = format!(
        "the document breaks {}{more}; releases when a corrected document passes validation",
        listed.join(", ")
    );
    (!rules.is_empty()).then(|| holds::stop(HoldCode::InvalidInvoice, &text))
}

/// The words of a rule on one line, without the id that official texts begin with.
fn in_words(code: &str, words: &str) -> String {
    let words = words.trim_start_matches(&format!("[{code}]")).trim_start_matches(['-', ' ']);
    let plain: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let mut shown: String = plain.trim().chars().take(WORDS_CHARACTERS_MAX).collect();
    if plain.trim().chars().nth(WORDS_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

fn duplicate(case: &Case) -> Option<Hold> {
    let earlier = show::name(case.duplicate_of.as_deref()?);
    let text = format!(
        "invoice {earlier} has the same supplier and number and came first; releases when a person \
         says that this is no duplicate or {earlier} is rejected"
    );
    Some(holds::stop(HoldCode::DupExact, &text))
}

fn no_lines(case: &Case) -> Option<Hold> {
    let text = "the invoice has no lines (BG-25), so nothing can be compared; releases when a \
                corrected document arrives";
    let none = case.invoice.lines.is_empty();
    none.then(|| holds::stop(HoldCode::MissingData, text))
}

fn no_currency(case: &Case) -> Option<Hold> {
    let text = "the invoice names no currency (BT-5), so no money is compared; releases when a \
                person supplies it or a corrected document arrives";
    let none = checks::currency(case).is_none();
    none.then(|| holds::stop(HoldCode::MissingData, text))
}

/// The hold of a document that gives money back. Credit notes are not matched yet: a person
/// settles them, and they take nothing from an order (a credit note counts only without a hold).
pub(crate) fn for_a_person(case: &Case) -> Option<Hold> {
    let invoice = &case.invoice;
    let what = match invoice.kind {
        InvoiceKind::CreditNote => "credit note",
        InvoiceKind::Invoice if is_negative(case) => "negative invoice",
        InvoiceKind::Invoice => return None,
    };
    let named: Vec<String> = invoice
        .preceding_invoices
        .iter()
        .filter_map(|preceding| meaningful(preceding.number.as_deref()))
        .take(RULES_LISTED_MAX)
        .map(show::name)
        .collect();
    let named_order =
        invoice.order_references().into_iter().find_map(|order| meaningful(Some(order)));
    // §10: a negative invoice needs BG-3 or an order; a credit note needs BG-3.
    Some(match (&named[..], named_order, invoice.kind) {
        ([], Some(order), InvoiceKind::Invoice) => {
            let order = show::name(order);
            let text = format!(
                "this {what} waits for a person who settles it against order {order}; releases \
                 when that is done"
            );
            holds::stop(HoldCode::Manual, &text)
        }
        ([], ..) => {
            let text = format!(
                "this {what} names no invoice that it lowers (BG-3); releases when a person \
                 settles it or a corrected document names the invoice"
            );
            holds::stop(HoldCode::CreditRefMissing, &text)
        }
        (named, ..) => {
            let text = format!(
                "this {what} waits for a person who settles it against invoice {}; releases when \
                 that is done",
                named.join(", ")
            );
            holds::stop(HoldCode::Manual, &text)
        }
    })
}

/// What is to be paid (BT-115, else BT-112, else BT-109) is less than nothing.
fn is_negative(case: &Case) -> bool {
    let totals = &case.invoice.totals;
    let payable = totals.payable.or(totals.gross).or(totals.net);
    payable.is_some_and(|payable| payable < Decimal::ZERO)
}

#[cfg(test)]
mod tests {
    use super::{RULES_LISTED_MAX, in_words, invalid};
    use crate::models::case::Case;

    /// The text of the hold for these findings.
    fn told(fatal: &[&str]) -> Option<String> {
        let case = serde_json::json!({ "invoice": {}, "fatal_findings": fatal });
        let case: Case = serde_json::from_value(case).expect("a case");
        invalid(&case).map(|hold| hold.text)
    }

    #[test]
    fn a_broken_rule_is_told_in_words_and_all_codes_are_named() {
        assert_eq!(told(&[]), None);
        let fatal = [
            "VISUAL_UNREAD: the pages could not be compared with the invoice inside",
            "BR-CO-10: [BR-CO-10]-Sum of line net amounts",
            "BR-S-08",
            "BR-CO-10: again",
            "BR-CO-15: told by its code alone",
        ];
        let told = told(&fatal).expect("a hold");
        assert_eq!(
            told,
            "the document breaks VISUAL_UNREAD (the pages could not be compared with the invoice \
             inside), BR-CO-10 (Sum of line net amounts), BR-S-08, BR-CO-15; releases when a \
             corrected document passes validation"
        );
    }

    #[test]
    fn a_hold_lists_no_more_than_a_person_reads() {
        let many: Vec<String> = (0..RULES_LISTED_MAX + 2).map(|n| format!("R-{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let told = told(&many).expect("a hold");
        assert!(told.contains("R-19 and 2 more rules; releases"), "{told}");
        let long = in_words("R", &"x".repeat(300));
        assert_eq!(long.chars().count(), 201, "{long}");
        assert_eq!(in_words("R", "a\nb"), "a b");
    }
}

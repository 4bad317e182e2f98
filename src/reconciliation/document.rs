//! Reasons not to pay that concern the document as a whole, before any line is looked at.

use std::collections::{BTreeSet, HashSet};

use crate::models::case::Case;
use crate::models::order::{OrderKind, OrderStatus};
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::arrival;
use crate::reconciliation::exchange;
use crate::reconciliation::holds;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// Rule ids that a hold lists; the findings themselves have the rest.
const RULES_LISTED_MAX: usize = 20;

/// Rules that a hold tells in words: more than a person reads at once is no help.
const RULES_TOLD_MAX: usize = 3;

/// Characters of the words of a rule; the official texts are sentences of 100 to 300.
const WORDS_CHARACTERS_MAX: usize = 200;

/// Holds of validity, duplicates and missing data.
pub(crate) fn holds(scene: &Scene<'_>) -> Vec<Hold> {
    let case = scene.case;
    let all = [
        invalid(case),
        duplicate(scene),
        no_lines(scene),
        same_ids(case),
        no_currency(scene),
        no_rate(scene),
    ];
    let mut raised: Vec<Hold> = all.into_iter().flatten().collect();
    let known: Vec<HoldCode> = raised.iter().map(|hold| hold.code).collect();
    // What the caller knows to be a duplicate is not told twice.
    raised.extend(arrival::holds(scene).into_iter().filter(|hold| !known.contains(&hold.code)));
    raised
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
    (!rules.is_empty()).then(|| holds::document(HoldCode::InvalidInvoice, &text))
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

/// Checks, credits and releases are told by the line's id (BT-126): two lines of one id would
/// pass for each other.
fn same_ids(case: &Case) -> Option<Hold> {
    let mut known = HashSet::new();
    let again = case.invoice.lines.iter().find(|line| !known.insert(line.id.trim()))?;
    let text = format!(
        "several lines have the id {} (BT-126), so nothing says which is meant; releases when a \
         corrected document arrives",
        show::name(&again.id)
    );
    Some(holds::document(HoldCode::MissingData, &text))
}

/// A correction may repeat the number of the invoice that it replaces.
fn duplicate(scene: &Scene<'_>) -> Option<Hold> {
    let case = scene.case;
    let replaces = |id: &str| {
        case.preceding.iter().any(|one| one.id.as_deref() == Some(id) || one.number == id)
    };
    if scene.is_correction() && case.duplicate_of.as_deref().is_some_and(replaces) {
        return None;
    }
    let earlier = show::name(case.duplicate_of.as_deref()?);
    let text = format!(
        "invoice {earlier} has the same supplier and number and came first; releases when a person \
         says that this is no duplicate or {earlier} is rejected"
    );
    Some(holds::document(HoldCode::DupExact, &text))
}

/// An invoice of nothing but charges has something to compare.
fn no_lines(scene: &Scene<'_>) -> Option<Hold> {
    let invoice = &scene.case.invoice;
    let text = "the invoice has no lines (BG-25), so nothing can be compared; releases when a \
                corrected document arrives";
    let none = invoice.lines.is_empty() && invoice.allowances_and_charges.is_empty();
    // A payment in advance is asked for by its total.
    let asked = scene.level != MatchLevel::None && !scene.is_prepayment();
    (none && asked).then(|| holds::document(HoldCode::MissingData, text))
}

fn no_currency(scene: &Scene<'_>) -> Option<Hold> {
    let text = "the invoice names no currency (BT-5), so no money is compared; releases when a \
                person supplies it or a corrected document arrives";
    let none = scene.currency.is_none();
    none.then(|| holds::document(HoldCode::MissingData, text))
}

/// Amount limits are in the ledger currency.
fn no_rate(scene: &Scene<'_>) -> Option<Hold> {
    let ledger = scene.case.policy.ledger_currency?;
    let from = scene.currency.as_deref().unwrap_or_default();
    let missing = scene.ledger_rate.is_none().then(|| exchange::rate_missing(from, ledger.code()));
    Some(holds::document(HoldCode::FxRateMissing, &format!("ledger currency: {}", missing?)))
}

/// Orders that take no invoice, or none any more, and orders without a rate to the invoice's
/// currency.
pub(crate) fn of_orders(
    scene: &Scene<'_>,
    orders: &Orders<'_>,
    named: &BTreeSet<usize>,
) -> Vec<Hold> {
    let mut raised = Vec::new();
    for order in named.iter().map(|&place| orders.all[place]) {
        let number = show::name(&order.number);
        let state = match order.status {
            OrderStatus::Open => None,
            OrderStatus::Closed => Some("closed"),
            OrderStatus::Cancelled => Some("cancelled"),
        };
        if let Some(state) = state {
            let text = format!("order {number} is {state}; releases when it is opened again");
            raised.push(holds::order(HoldCode::PoClosed, &order.number, &text));
        }
        let settled = match order.kind {
            OrderKind::Standard | OrderKind::Blanket => None,
            OrderKind::Consignment => Some("by consumption"),
            OrderKind::EvaluatedReceipt => Some("by receipt"),
        };
        if let Some(settled) = settled {
            let text = format!(
                "order {number} is settled {settled}, so no invoice is expected; releases when a \
                 person says that it is to be paid"
            );
            raised.push(holds::order(HoldCode::InvoiceNotExpected, &order.number, &text));
        }
        let other = scene.currency.as_deref().is_some_and(|code| code != order.currency.code());
        if other && scene.may_convert() && scene.rate_of(order).is_none() {
            let to = scene.currency.as_deref().unwrap_or_default();
            let missing = exchange::rate_missing(order.currency.code(), to);
            let text = format!("order {number}: {missing}");
            raised.push(holds::order(HoldCode::FxRateMissing, &order.number, &text));
        }
    }
    raised
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

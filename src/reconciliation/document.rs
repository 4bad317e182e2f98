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

/// Holds of validity, duplicates and missing data.
pub(crate) fn holds(case: &Case) -> Vec<Hold> {
    let all = [invalid(case), duplicate(case), no_lines(case), no_currency(case)];
    all.into_iter().flatten().collect()
}

fn invalid(case: &Case) -> Option<Hold> {
    let mut rules: Vec<String> = Vec::new();
    for rule in case.fatal_findings.iter().map(|rule| show::name(rule)) {
        if !rules.contains(&rule) && rules.len() < RULES_LISTED_MAX {
            rules.push(rule);
        }
    }
    let text = format!(
        "the document breaks {}; releases when a corrected document passes validation",
        rules.join(", ")
    );
    (!rules.is_empty()).then(|| holds::stop(HoldCode::InvalidInvoice, &text))
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

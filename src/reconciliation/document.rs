//! Reasons not to pay that concern the document as a whole, before any line is looked at.

use std::collections::BTreeSet;

use crate::models::case::Case;
use crate::models::order::{OrderKind, OrderStatus};
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::arrival;
use crate::reconciliation::holds;
use crate::reconciliation::orders::Orders;
use crate::reconciliation::scene::Scene;
use crate::reconciliation::show;

/// Rule ids that a hold lists; the findings themselves have the rest.
const RULES_LISTED_MAX: usize = 20;

/// Holds of validity, duplicates and missing data.
pub(crate) fn holds(scene: &Scene<'_>) -> Vec<Hold> {
    let case = scene.case;
    let all =
        [invalid(case), duplicate(case), no_lines(scene), no_currency(scene), no_rate(scene)];
    let mut raised: Vec<Hold> = all.into_iter().flatten().collect();
    let known: Vec<HoldCode> = raised.iter().map(|hold| hold.code).collect();
    // What the caller knows to be a duplicate is not told twice.
    raised.extend(arrival::holds(scene).into_iter().filter(|hold| !known.contains(&hold.code)));
    raised
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
    (!rules.is_empty()).then(|| holds::document(HoldCode::InvalidInvoice, &text))
}

fn duplicate(case: &Case) -> Option<Hold> {
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
    let asked = scene.level != MatchLevel::None;
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
    let text = format!(
        "there is no rate from {} to the ledger currency {}; releases when it is stored",
        show::name(scene.currency.as_deref().unwrap_or_default()),
        ledger.code()
    );
    scene.ledger_rate.is_none().then(|| holds::document(HoldCode::FxRateMissing, &text))
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
            raised.push(holds::document(HoldCode::PoClosed, &text));
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
            raised.push(holds::document(HoldCode::InvoiceNotExpected, &text));
        }
        let other = scene.currency.as_deref().is_some_and(|code| code != order.currency.code());
        if other && scene.may_convert() && scene.rate_of(order).is_none() {
            let text = format!(
                "there is no rate from {} (order {number}) to {}; releases when it is stored",
                order.currency.code(),
                show::name(scene.currency.as_deref().unwrap_or_default())
            );
            raised.push(holds::document(HoldCode::FxRateMissing, &text));
        }
    }
    raised
}

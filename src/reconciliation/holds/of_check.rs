//! The holds of the checks that did not pass, and what releases each.

use std::collections::HashSet;

use crate::models::order::ReceiptRule;
use crate::models::policy::MatchLevel;
use crate::models::verdict::{Check, CheckCode, CheckVerdict, Hold, HoldCode};
use crate::reconciliation::holds;
use crate::reconciliation::matched::Matched;
use crate::reconciliation::show;

/// Checks that wait for goods: on a line that may be invoiced first, they hold the payment alone.
const WAITS_FOR_GOODS: [CheckCode; 4] = [
    CheckCode::QtyReceived,
    CheckCode::QtyAccepted,
    CheckCode::AmtReceived,
    CheckCode::ReceiptMissing,
];

/// The holds of the checks, in their order. A missing receipt is the only hold raised for its
/// received quantity (§5.2).
pub(crate) fn of_checks(checks: &[Check], lines: &[Option<Matched<'_>>]) -> Vec<Hold> {
    let failing = checks.iter().filter(|check| check.verdict == CheckVerdict::Fail);
    let missing = failing.filter(|check| check.code == CheckCode::ReceiptMissing);
    let missing: HashSet<Option<&str>> = missing.map(|check| check.line.as_deref()).collect();
    let first = lines.iter().flatten().filter(|line| invoiced_first(line));
    let first: HashSet<Option<&str>> = first.map(|line| Some(line.line.id.as_str())).collect();
    let mut pending: HashSet<Option<&str>> = HashSet::new();
    let mut raised: Vec<Hold> = Vec::new();
    for check in checks {
        let line = check.line.as_deref();
        let quantity = matches!(check.code, CheckCode::QtyReceived | CheckCode::QtyAccepted);
        if quantity && missing.contains(&line) {
            continue;
        }
        let waits = check.verdict == CheckVerdict::Fail && WAITS_FOR_GOODS.contains(&check.code);
        if waits && first.contains(&line) {
            // Several checks of a line may wait for one delivery.
            if pending.insert(line) {
                raised.extend(receipt_pending(check));
            }
        } else {
            raised.extend(of_check(check));
        }
    }
    raised
}

/// The line may be approved before the goods come.
fn invoiced_first(line: &Matched<'_>) -> bool {
    line.position.level >= MatchLevel::ThreeWay
        && line.position.line.receipt_rule == ReceiptRule::InvoiceFirst
}

fn receipt_pending(check: &Check) -> Option<Hold> {
    let order = show::name(check.po.as_deref().unwrap_or_default());
    let text = format!(
        "{}; may be approved, and is paid when a receipt for order {order} arrives",
        check.text
    );
    Some(holds::line(HoldCode::ReceiptPending, check.line.as_deref()?, &text))
}

fn of_check(check: &Check) -> Option<Hold> {
    let (code, release) = match check.verdict {
        CheckVerdict::Fail => (code(check.code), release(check)),
        CheckVerdict::Error => (
            HoldCode::MatchError,
            "releases when the numbers of invoice, order or receipt are corrected".to_owned(),
        ),
        _ => return None,
    };
    let text = format!("{}; {release}", check.text);
    let hold = match (&check.line, &check.po) {
        (Some(line), _) => holds::line(code, line, &text),
        (None, Some(order)) => holds::order(code, order, &text),
        (None, None) => holds::document(code, &text),
    };
    Some(Hold { charge: check.charge.clone(), ..hold })
}

/// A failing check raises the hold of the same code.
fn code(code: CheckCode) -> HoldCode {
    let same = HoldCode::ALL.into_iter().find(|hold| hold.as_str() == code.as_str());
    same.unwrap_or(HoldCode::MatchError)
}

/// What makes it go.
fn release(check: &Check) -> String {
    let variance = check.variance.as_deref().unwrap_or_default();
    let too_little = variance.strip_prefix('-');
    let by = too_little.unwrap_or(variance);
    let order = show::name(check.po.as_deref().unwrap_or_default());
    match (check.code, too_little) {
        (CheckCode::QtyOrdered, None) => format!("releases when order {order} is raised by {by}"),
        (CheckCode::QtyReceived, None) => format!("releases when a receipt of {by} arrives"),
        (CheckCode::QtyAccepted, None) => format!("releases when {by} more are accepted"),
        (CheckCode::QtyOrdered, _) => {
            "releases when a person accepts the short delivery or the order is lowered".to_owned()
        }
        (CheckCode::QtyReceived | CheckCode::QtyAccepted, _) => {
            format!("releases when {by} more are billed, returned or accepted as unbilled")
        }
        (CheckCode::ReceiptMissing, _) => {
            format!("releases when a receipt for order {order} arrives")
        }
        (CheckCode::QtyValue | CheckCode::AmtReceived, _) => {
            "releases when more is received or a credit note arrives".to_owned()
        }
        (CheckCode::AmtOrdered | CheckCode::LineTotal | CheckCode::PoLimit, _) => {
            format!("releases when order {order} is raised or a credit note arrives")
        }
        (CheckCode::PoValidity, _) => {
            format!("releases when the validity of order {order} changes")
        }
        (CheckCode::TotalLines, _) => {
            "releases when the lines and the order agree, or a person accepts the difference"
                .to_owned()
        }
        (CheckCode::Currency, _) => {
            format!("releases when order {order} changes to the currency of the invoice")
        }
        (CheckCode::Charge, _) => {
            "releases when a person accepts the charges, or a corrected invoice arrives".to_owned()
        }
        (CheckCode::TaxRate | CheckCode::TaxLine | CheckCode::TotalTax, _) => {
            "releases when a person accepts the supplier's tax or the order's".to_owned()
        }
        (CheckCode::FxRate | CheckCode::FxTotal, _) => {
            "releases when a person accepts the rate".to_owned()
        }
        (CheckCode::CreditQty | CheckCode::CreditAmount, _) => {
            "releases when a corrected credit note arrives or a person accepts it".to_owned()
        }
        (CheckCode::ItemAmount, _) => "releases when a person accepts the amount".to_owned(),
        (CheckCode::DateVariance, _) => "releases when the promised date is reached".to_owned(),
        (
            CheckCode::TotalAllowances
            | CheckCode::TotalCharges
            | CheckCode::TotalRounding
            | CheckCode::TotalPayable
            | CheckCode::Prepaid,
            _,
        ) => "releases when a person accepts the difference or a corrected invoice arrives"
            .to_owned(),
        // A credit note is compared with an invoice.
        (CheckCode::UnitPrice, _) if check.po.is_none() => {
            "releases when a corrected credit note arrives or a person accepts it".to_owned()
        }
        _ => format!("releases when the price of order {order} changes"),
    }
}

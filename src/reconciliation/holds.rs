//! Reasons not to pay: what is wrong, where, and what releases it (handbook §13).

use crate::models::verdict::{Check, CheckCode, CheckVerdict, Hold, HoldCode, HoldSeverity};
use crate::reconciliation::show;

/// A stop hold on the document.
pub(crate) fn stop(code: HoldCode, text: &str) -> Hold {
    Hold { code, line: None, severity: HoldSeverity::Stop, text: text.to_owned() }
}

/// A stop hold on an invoice line; the text is told where.
pub(crate) fn stop_line(code: HoldCode, line: &str, text: &str) -> Hold {
    Hold {
        code,
        line: Some(line.to_owned()),
        severity: HoldSeverity::Stop,
        text: format!("line {}: {text}", show::name(line)),
    }
}

/// A hold on an invoice line that only informs.
pub(crate) fn warn_line(code: HoldCode, line: &str, text: &str) -> Hold {
    Hold { severity: HoldSeverity::Warn, ..stop_line(code, line, text) }
}

/// The holds of the checks that did not pass. A missing receipt is the only hold raised for its
/// received quantity (§5.2).
pub(crate) fn of_checks(checks: &[Check]) -> Vec<Hold> {
    let held = checks.iter().enumerate().filter(|(place, check)| {
        let missing = checks.get(place + 1).is_some_and(|next| {
            next.code == CheckCode::ReceiptMissing && next.verdict == CheckVerdict::Fail
        });
        !(missing && check.code == CheckCode::QtyReceived)
    });
    held.filter_map(|(_, check)| of_check(check)).collect()
}

fn of_check(check: &Check) -> Option<Hold> {
    let (code, release) = match check.verdict {
        CheckVerdict::Fail => of_code(check),
        CheckVerdict::Error => (
            HoldCode::MatchError,
            "releases when the numbers of invoice, order or receipt are corrected".to_owned(),
        ),
        _ => return None,
    };
    let text = format!("{}; {release}", check.text);
    Some(match &check.line {
        Some(line) => stop_line(code, line, &text),
        None => stop(code, &text),
    })
}

fn of_code(check: &Check) -> (HoldCode, String) {
    let variance = check.variance.as_deref().unwrap_or_default();
    let too_little = variance.strip_prefix('-');
    let by = too_little.unwrap_or(variance);
    let order = show::name(check.po.as_deref().unwrap_or_default());
    match (check.code, too_little) {
        (CheckCode::QtyOrdered, None) => {
            (HoldCode::QtyOrdered, format!("releases when order {order} is raised by {by}"))
        }
        (CheckCode::QtyReceived, None) => {
            (HoldCode::QtyReceived, format!("releases when a receipt of {by} arrives"))
        }
        (CheckCode::QtyOrdered, _) => (
            HoldCode::QtyOrdered,
            "releases when a person accepts the short delivery or the order is lowered".to_owned(),
        ),
        (CheckCode::QtyReceived, _) => (
            HoldCode::QtyReceived,
            format!("releases when {by} more are billed, returned or accepted as unbilled"),
        ),
        (CheckCode::ReceiptMissing, _) => {
            (HoldCode::ReceiptMissing, format!("releases when a receipt for order {order} arrives"))
        }
        (CheckCode::UnitPrice, _) => (HoldCode::UnitPrice, price_release(&order)),
        (CheckCode::LineNet, _) => (HoldCode::LineNet, price_release(&order)),
        (CheckCode::TotalLines, _) => (
            HoldCode::TotalLines,
            "releases when the lines and the order agree, or a person accepts the difference"
                .to_owned(),
        ),
        (CheckCode::Currency, _) => (
            HoldCode::Currency,
            format!("releases when order {order} changes to the currency of the invoice"),
        ),
        (CheckCode::Charge, _) => (
            HoldCode::Charge,
            "releases when a person accepts the charges, or a corrected invoice arrives".to_owned(),
        ),
    }
}

fn price_release(order: &str) -> String {
    format!("releases when the price of order {order} changes")
}

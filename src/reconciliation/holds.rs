//! Reasons not to pay: what is wrong, where, and what releases it (handbook §13).

mod of_check;

use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::show;

pub(crate) use of_check::of_checks;

/// A hold on the document. What it blocks stands with its code.
pub(crate) fn document(code: HoldCode, text: &str) -> Hold {
    let text = text.to_owned();
    let severity = code.severity();
    Hold { code, line: None, charge: None, po: None, severity, text, since: None, released: None }
}

/// A hold on the document because of an order, which it may name beside others.
pub(crate) fn order(code: HoldCode, number: &str, text: &str) -> Hold {
    Hold { po: Some(number.to_owned()), ..document(code, text) }
}

/// A hold on an invoice line; the text is told where.
pub(crate) fn line(code: HoldCode, line: &str, text: &str) -> Hold {
    Hold {
        line: Some(line.to_owned()),
        ..document(code, &format!("line {}: {text}", show::name(line)))
    }
}

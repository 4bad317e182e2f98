//! Reasons not to pay: what is wrong, where, and what releases it (handbook §13).

mod of_check;

use crate::models::verdict::{Hold, HoldCode};
use crate::reconciliation::show;

pub(crate) use of_check::of_checks;

/// A hold on the document. What it blocks stands with its code.
pub(crate) fn document(code: HoldCode, text: &str) -> Hold {
    let text = text.to_owned();
    Hold { code, line: None, charge: None, severity: code.severity(), text, released: None }
}

/// A hold on an invoice line; the text is told where.
pub(crate) fn line(code: HoldCode, line: &str, text: &str) -> Hold {
    Hold {
        line: Some(line.to_owned()),
        ..document(code, &format!("line {}: {text}", show::name(line)))
    }
}

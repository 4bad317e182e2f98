//! What a written document does not say. It is read again by the same reader that reads what
//! strangers send, and compared value by value with the invoice: a term that a writer forgot
//! shows by itself.

mod alignment;
mod differences;
mod reasons;

use crate::extraction::notes::{Notes, shown};
use crate::extraction::read_xml;
use crate::extraction::writer::loss::differences::{Difference, differences};
use crate::extraction::writer::loss::reasons::reason;
use crate::extraction::writer::payments::of_one_account;
use crate::extraction::writer::{Format, discounts};
use crate::models::finding::{Finding, Severity};
use crate::models::invoice::Invoice;

/// Code of a value that is not in the written document.
pub(crate) const TERM_LOST: &str = "TERM_LOST";

/// Code of a value that reads otherwise in the written document.
pub(crate) const TERM_CHANGED: &str = "TERM_CHANGED";

/// Code of a value that the syntax asked for, and that is in the written document alone.
pub(crate) const TERM_ADDED: &str = "TERM_ADDED";

/// Losses that are listed. A person reads the first ten; a long invoice may have one on each line.
const LOSSES_MAX: usize = 1_000;

/// Who finds it.
const SOURCE: &str = "ap-gateway";

/// Every value of the invoice that does not come back out of the text, in the order of the model.
pub(crate) fn losses(invoice: &Invoice, to: Format, xml: &str) -> Vec<Finding> {
    let mut notes = Notes::default();
    let again = match read_xml(xml, &mut notes) {
        Ok(again) => again.invoice,
        Err(error) => {
            let message = format!(
                "what is lost in {} is not known: the document cannot be read again: {error}",
                to.name()
            );
            return vec![finding("LOSS_UNKNOWN", Severity::Fatal, message)];
        }
    };
    let found = differences(&comparable(invoice, to, true), &comparable(&again, to, false));
    let left_out = found.len().saturating_sub(LOSSES_MAX);
    let mut losses: Vec<Finding> =
        found.iter().take(LOSSES_MAX).map(|difference| loss(difference, invoice, to)).collect();
    if left_out > 0 {
        let message = format!("{left_out} more losses were left out");
        losses.push(finding("FINDINGS_LEFT_OUT", Severity::Warning, message));
    }
    losses
}

/// The invoice without what says nothing: which accounts share a group of payment means, in what
/// order ids with and without a scheme stand. What is meant to be written has the discounts in its
/// terms of payment, where the syntax has them as text.
fn comparable(invoice: &Invoice, to: Format, meant: bool) -> Invoice {
    let mut invoice = Invoice { payments: of_one_account(invoice), ..invoice.clone() };
    match to {
        Format::Ubl if meant => {
            let text = discounts::terms_with_lines(&invoice);
            invoice.payment_terms = text.map(|text| text.trim_end_matches('\n').to_owned());
        }
        Format::Ubl => {}
        Format::Cii => {
            invoice.seller.ids.sort_by_key(|id| id.scheme.is_some());
            invoice.buyer.ids.sort_by_key(|id| id.scheme.is_some());
        }
    }
    invoice
}

fn loss(difference: &Difference, invoice: &Invoice, to: Format) -> Finding {
    let (severity, why) = reason(difference, invoice, to);
    let name = to.name();
    let Difference { pointer, field, meant, read } = difference;
    let (code, what) = match (meant, read) {
        (Some(_), None) => (TERM_LOST, format!("is not in the {name} document")),
        (None, _) => (TERM_ADDED, format!("is in the {name} document alone")),
        _ => (TERM_CHANGED, format!("reads otherwise in the {name} document")),
    };
    Finding {
        place: Some(pointer.clone()),
        terms: difference.terms(),
        actual: read.as_deref().map(shown),
        expected: meant.as_deref().map(shown),
        ..finding(code, severity, format!("{field} {what}: {why}"))
    }
}

fn finding(code: &str, severity: Severity, message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        source: SOURCE.to_owned(),
        place: None,
        terms: Vec::new(),
        message,
        actual: None,
        expected: None,
        remedy: None,
    }
}

#[cfg(test)]
mod tests;

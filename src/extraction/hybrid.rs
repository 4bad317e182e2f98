//! A PDF with an invoice inside: which of its files is the invoice, and whether all that the
//! document says of it agrees. Pure: content in, choice and findings out.

mod harmful;
mod payload;
mod profile;
mod seen;
mod visible;

use crate::models::finding::{Finding, Severity};

pub use crate::extraction::hybrid::harmful::suspicions;
pub use crate::extraction::hybrid::payload::{Choice, choose};
pub use crate::extraction::hybrid::profile::profile_differs;
pub use crate::extraction::hybrid::visible::{unread, visible};

/// A finding of ours.
fn finding(code: &str, severity: Severity, terms: &[&str], message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        source: "ap-gateway".to_owned(),
        place: None,
        terms: terms.iter().map(|term| (*term).to_owned()).collect(),
        message,
        actual: None,
        expected: None,
        remedy: None,
    }
}

//! The form of an invoice that the rules crate judges.
//!
//! Its reader is used for nothing else: it turns a quantity or a price that is no number into
//! zero without a word. Its types stop here and in `validation`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use en16931_formats::report::{Entry, Kind};

use crate::extraction::notes::shown;
use crate::models::extraction::Syntax;
use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};

/// Why there is nothing for the rules to judge.
pub(crate) const NOT_BOUND: &str = "documents of this kind are not bound by EN 16931";

/// The document as the rules see it, or why they cannot; and what their reader said of it.
pub(crate) fn read(syntax: Syntax, text: &str) -> (Result<en16931::Invoice, String>, Vec<Finding>) {
    if !syntax.is_en16931() {
        return (Err(NOT_BOUND.to_owned()), Vec::new());
    }
    // A defect of a library must not take the process along; the document then needs a person.
    let read = catch_unwind(AssertUnwindSafe(|| en16931_formats::read(text.as_bytes())));
    match read {
        Ok(Ok(read)) => (Ok(read.invoice), read.entries.iter().map(finding).collect()),
        Ok(Err(error)) => (Err(error.to_string()), Vec::new()),
        Err(_) => (Err("the reader of the rules panicked".to_owned()), Vec::new()),
    }
}

/// Leaves out the values that our own reader noted already, with the exact place.
pub(crate) fn not_said_yet(said: Vec<Finding>, known: &[Finding]) -> Vec<Finding> {
    let leaf = |finding: &Finding| {
        let place = finding.place.as_deref().unwrap_or_default();
        let last = place.rsplit(['/', ':']).next().unwrap_or_default();
        last.split('[').next().unwrap_or_default().to_owned()
    };
    let is_known = |finding: &Finding| {
        finding.code == MALFORMED_VALUE
            && known.iter().any(|other| {
                let same = other.actual == finding.actual && leaf(other) == leaf(finding);
                let absent = finding.actual.is_none() && leaf(other) == leaf(finding);
                same || absent
            })
    };
    said.into_iter().filter(|finding| !is_known(finding)).collect()
}

fn finding(entry: &Entry) -> Finding {
    let code = entry.rule.clone().unwrap_or_else(|| code(entry.kind).to_owned());
    Finding {
        code,
        severity: match entry.level() {
            en16931::Severity::Fatal => Severity::Fatal,
            en16931::Severity::Warning => Severity::Warning,
            en16931::Severity::Info => Severity::Information,
        },
        source: SOURCE.to_owned(),
        place: Some(entry.path.clone()),
        terms: entry.term.iter().flat_map(|term| terms(term)).collect(),
        message: entry.message.clone(),
        actual: entry.value.as_deref().map(shown),
        expected: None,
        remedy: entry.hint.clone(),
    }
}

/// The reader of the rules, with its release.
pub(crate) const SOURCE: &str = "en16931-formats 0.8.0";

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Unmapped => "UNMAPPED_ELEMENT",
        Kind::Malformed => MALFORMED_VALUE,
        Kind::Duplicate | Kind::Repeated => "DUPLICATE_ELEMENT",
        _ => "SYNTAX",
    }
}

/// `BG-25[2]/BT-147` names two terms.
fn terms(path: &str) -> Vec<String> {
    let parts = path.split('/').filter_map(|part| part.split('[').next());
    parts.map(str::to_owned).collect()
}

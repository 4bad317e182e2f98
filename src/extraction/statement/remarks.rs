//! What was noted while a statement was read.

use crate::extraction::notes::{NOTES_MAX, shown};
use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};

/// Findings of one file, in the order of reading. A person reads the first ten; a hostile file
/// makes a million.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    kept: Vec<Finding>,
    left_out: usize,
}

impl Remarks {
    /// Adds findings of others.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }

    fn add(&mut self, finding: Finding) {
        if self.kept.len() < NOTES_MAX {
            self.kept.push(finding);
        } else {
            self.left_out += 1;
        }
    }

    /// Something about a place.
    pub(crate) fn note(&mut self, (code, severity): (&str, Severity), place: &str, message: &str) {
        self.add(finding(code, severity, place, message));
    }

    /// A value or an entry is there and cannot be used: a fatal finding.
    pub(crate) fn unread(&mut self, place: &str, text: &str, why: &str) {
        let shown = shown(text.trim());
        let message = format!("{shown:?} {why}");
        let mut finding = finding(MALFORMED_VALUE, Severity::Fatal, place, &message);
        finding.actual = Some(shown);
        finding.remedy = Some("ask the bank for a corrected file, or enter it by hand".to_owned());
        self.add(finding);
    }

    /// Two values that should be the same are not.
    pub(crate) fn differs(
        &mut self,
        (code, severity): (&str, Severity),
        place: &str,
        (actual, expected): (String, String),
        message: &str,
    ) {
        let mut finding = finding(code, severity, place, message);
        finding.actual = Some(actual);
        finding.expected = Some(expected);
        self.add(finding);
    }

    /// All of them, with one more that counts what was left out.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        if self.left_out > 0 {
            let message = format!("{} more findings were left out", self.left_out);
            self.kept.push(finding("FINDINGS_LEFT_OUT", Severity::Fatal, "", &message));
        }
        self.kept
    }
}

fn finding(code: &str, severity: Severity, place: &str, message: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        source: "ap-gateway".to_owned(),
        place: Some(place.to_owned()).filter(|place| !place.is_empty()),
        terms: Vec::new(),
        message: message.to_owned(),
        actual: None,
        expected: None,
        remedy: None,
    }
}

//! Values out of elements, a trail of where each came from, and a note on each that is not what it
//! should be.

mod values;

pub(crate) use crate::extraction::notes::values::PROSE_CHARACTERS_MAX;

use crate::extraction::attachments::Attached;
use crate::extraction::trail::Trail;
use crate::extraction::tree::Element;
use crate::models::evidence::Evidence;
use crate::models::fault::Fault;
use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};

/// Notes kept on one document. A person reads the first ten; a hostile document makes millions.
pub(crate) const NOTES_MAX: usize = 1_000;

/// Characters of a wrong value that are shown.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// What reading found, in the order of the document.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    kept: Vec<Finding>,
    left_out: usize,
    trail: Trail,
    attached: Vec<Attached>,
    /// BT-5 as written; amounts in another currency are noted.
    currency: Option<String>,
}

impl Notes {
    /// What was noted so far.
    pub(crate) fn findings(&self) -> &[Finding] {
        &self.kept
    }

    /// Adds notes of others.
    pub(crate) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        findings.into_iter().for_each(|finding| self.add(finding));
    }

    /// Whether a note on the value of this element was made.
    pub(crate) fn is_noted(&self, at: Element<'_, '_>) -> bool {
        // Once notes are only counted, it does not matter which ones.
        let room = self.kept.len() < NOTES_MAX;
        let place = room.then(|| at.xpath());
        place.is_some_and(|place| {
            let noted = |finding: &Finding| finding.place.as_ref() == Some(&place);
            self.kept.iter().any(noted)
        })
    }

    /// Counts a note that there is no room for. Asked before a place is worked out: that takes
    /// time, and a hostile document would have it taken a million times.
    fn is_full(&mut self) -> bool {
        let full = self.kept.len() >= NOTES_MAX;
        self.left_out += usize::from(full);
        full
    }

    /// Adds a note, or counts it where there is no more room.
    pub(crate) fn add(&mut self, finding: Finding) {
        if !self.is_full() {
            self.kept.push(finding);
        }
    }

    /// The notes, with one more that counts what was left out; and where each value came from.
    pub(crate) fn into_parts(mut self) -> (Vec<Finding>, Vec<Evidence>) {
        if self.left_out > 0 {
            let message = format!("{} more findings were left out", self.left_out);
            self.kept.push(finding("FINDINGS_LEFT_OUT", Severity::Fatal, "", message));
        }
        let (evidence, left_out) = self.trail.into_evidence();
        if left_out > 0 {
            let message = format!(
                "the places of the first {} values are kept, those of {left_out} more are not",
                evidence.len()
            );
            self.kept.push(finding("EVIDENCE_LEFT_OUT", Severity::Information, "", message));
        }
        (self.kept, evidence)
    }

    /// The notes as faults of a request.
    pub(crate) fn into_faults(self) -> Vec<Fault> {
        let fault = |finding: Finding| {
            let code = finding.code.to_ascii_lowercase();
            let place = finding.place.unwrap_or_default();
            Fault::at(&place, &code, &finding.message)
        };
        self.into_parts().0.into_iter().map(fault).collect()
    }

    /// Keeps the content of an attachment.
    pub(crate) fn attach(&mut self, content: Attached) {
        self.attached.push(content);
    }

    /// How many attachments were kept, and how many bytes they have together.
    pub(crate) fn attached(&self) -> (usize, usize) {
        let bytes = self.attached.iter().map(|attached| attached.bytes.len()).sum();
        (self.attached.len(), bytes)
    }

    /// The contents of the attachments.
    pub(crate) fn take_attached(&mut self) -> Vec<Attached> {
        std::mem::take(&mut self.attached)
    }

    /// Something about an element, whatever its value is.
    pub(crate) fn remark(
        &mut self,
        at: Element<'_, '_>,
        (code, severity, term): (&str, Severity, &str),
        what: &str,
    ) {
        if self.is_full() {
            return;
        }
        let mut finding = finding(code, severity, term, format!("{} {what}", at.local()));
        finding.place = Some(at.xpath());
        self.add(finding);
    }

    /// The value is there and cannot be used: a fatal finding.
    pub(crate) fn malformed(&mut self, at: Element<'_, '_>, term: &str, why: &str) {
        if self.is_full() {
            return;
        }
        let shown = shown(&at.text());
        let message = format!("{shown:?} {why}");
        let mut finding = finding(MALFORMED_VALUE, Severity::Fatal, term, message);
        finding.place = Some(at.xpath());
        finding.actual = Some(shown);
        finding.remedy = Some("ask the sender for a corrected document".to_owned());
        self.add(finding);
    }

    /// A value breaks an official rule that nobody else checks: a fatal finding under its id.
    pub(crate) fn broken_rule(&mut self, at: Element<'_, '_>, rule: &str, why: &str) {
        if self.is_full() {
            return;
        }
        let shown = shown(&at.text());
        let message = format!("{shown:?} {why}");
        let mut finding = finding(rule, Severity::Fatal, "", message);
        finding.place = Some(at.xpath());
        finding.actual = Some(shown);
        self.add(finding);
    }

    /// As [`Self::missing`], under the id of the official rule that asks for it.
    pub(crate) fn missing_by_rule(
        &mut self,
        parent: Element<'_, '_>,
        path: &str,
        (rule, term): (&str, &str),
    ) {
        let before = self.kept.len();
        self.missing(parent, path, term);
        if let Some(added) = self.kept.get_mut(before) {
            added.code = rule.to_owned();
        }
    }

    /// An element that we cannot do without is not there.
    pub(crate) fn missing(&mut self, parent: Element<'_, '_>, path: &str, term: &str) {
        if self.is_full() {
            return;
        }
        let message = format!("{path} is missing or empty");
        let mut finding = finding("MISSING_VALUE", Severity::Fatal, term, message);
        finding.place = Some(format!("{}/{path}", parent.xpath()));
        finding.remedy = Some("ask the sender for a complete document".to_owned());
        self.add(finding);
    }

    /// Two values that should be the same are not.
    pub(crate) fn differs(
        &mut self,
        at: Element<'_, '_>,
        (code, severity, term): (&str, Severity, &str),
        (actual, expected): (&str, &str),
        why: &str,
    ) {
        if self.is_full() {
            return;
        }
        let message = format!("{:?} where {:?} is expected: {why}", shown(actual), shown(expected));
        let mut finding = finding(code, severity, term, message);
        finding.place = Some(at.xpath());
        finding.actual = Some(shown(actual));
        finding.expected = Some(shown(expected));
        self.add(finding);
    }
}

/// A finding of ours; `term` may be empty.
pub(crate) fn finding(code: &str, severity: Severity, term: &str, message: String) -> Finding {
    Finding {
        code: code.to_owned(),
        severity,
        source: "ap-gateway".to_owned(),
        place: None,
        terms: [term].into_iter().filter(|term| !term.is_empty()).map(str::to_owned).collect(),
        message,
        actual: None,
        expected: None,
        remedy: None,
    }
}

/// A wrong value as far as it is shown.
pub(crate) fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

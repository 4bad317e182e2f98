//! Values out of elements, and a note on each that is not what it should be.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::extraction::tree::Element;
use crate::extraction::xsd;
use crate::models::fault::Fault;
use crate::models::finding::{Finding, MALFORMED_VALUE, Severity};
use crate::models::order::TEXT_CHARACTERS_MAX;

/// Notes kept on one document. A person reads the first ten; a hostile document makes millions.
pub(crate) const NOTES_MAX: usize = 1_000;

/// Characters of a description; longer ones are cut, and noted.
const PROSE_CHARACTERS_MAX: usize = 4_000;

/// Characters of a wrong value that are shown.
const SHOWN_CHARACTERS_MAX: usize = 80;

/// What reading found, in the order of the document.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    kept: Vec<Finding>,
    left_out: usize,
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

    fn add(&mut self, finding: Finding) {
        if !self.is_full() {
            self.kept.push(finding);
        }
    }

    /// The notes, with one more that counts what was left out.
    pub(crate) fn into_findings(mut self) -> Vec<Finding> {
        if self.left_out > 0 {
            let message = format!("{} more findings were left out", self.left_out);
            self.kept.push(finding("FINDINGS_LEFT_OUT", Severity::Fatal, "", message));
        }
        self.kept
    }

    /// The notes as faults of a request.
    pub(crate) fn into_faults(self) -> Vec<Fault> {
        let fault = |finding: Finding| {
            let code = finding.code.to_ascii_lowercase();
            let place = finding.place.unwrap_or_default();
            Fault::at(&place, &code, &finding.message)
        };
        self.into_findings().into_iter().map(fault).collect()
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

    /// A decimal number as XML Schema writes it: also `+1`, `.5`, `1.`, and blanks around it.
    pub(crate) fn decimal(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<Decimal> {
        let at = at?;
        let value = xsd::decimal(&at.text());
        if value.is_none() {
            let why = "is not a decimal number of at most 28 digits, such as 1190.00";
            self.malformed(at, term, why);
        }
        value
    }

    /// A calendar day; the time zone that XML Schema allows behind it is dropped: the day is the
    /// day (EN 16931-1 §6.5.9).
    pub(crate) fn date(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<NaiveDate> {
        let at = at?;
        let value = xsd::date(&at.text());
        if value.is_none() {
            self.malformed(at, term, "is not a day such as 2026-11-30");
        }
        value
    }

    /// `true`, `false`, `1` or `0`.
    pub(crate) fn indicator(&mut self, at: Element<'_, '_>, term: &str) -> Option<bool> {
        let value = xsd::boolean(&at.text());
        if value.is_none() {
            self.malformed(at, term, "is neither true nor false");
        }
        value
    }

    /// A number, code or name: blanks folded, at most 255 characters; a longer one is no value.
    pub(crate) fn word(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<String> {
        let at = at?;
        let text = at.text().split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            self.malformed(at, term, &format!("is longer than {TEXT_CHARACTERS_MAX} characters"));
            return None;
        }
        (!text.is_empty()).then_some(text)
    }

    /// A text for people, cut at 4,000 characters with a warning.
    pub(crate) fn prose(&mut self, at: Option<Element<'_, '_>>, term: &str) -> Option<String> {
        let at = at?;
        let text = at.text();
        if text.chars().count() > PROSE_CHARACTERS_MAX {
            let message = format!("only the first {PROSE_CHARACTERS_MAX} characters were taken");
            let mut finding = finding("TEXT_CUT", Severity::Warning, term, message);
            finding.place = Some(at.xpath());
            self.add(finding);
            return Some(text.chars().take(PROSE_CHARACTERS_MAX).collect());
        }
        (!text.is_empty()).then_some(text)
    }
}

fn finding(code: &str, severity: Severity, term: &str, message: String) -> Finding {
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

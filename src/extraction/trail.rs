//! Where each value came from, collected while a structured document is read.

use roxmltree::NodeId;

use crate::extraction::tree::Element;
use crate::models::evidence::{Confidence, Evidence, Source};

/// Evidence kept of one document: all of an invoice of about 1,500 lines. What follows is found in
/// the document in the same places, line by line.
const EVIDENCE_MAX: usize = 20_000;

/// The evidence so far, and the group that is being read.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    kept: Vec<Evidence>,
    left_out: usize,
    /// The business groups around the next value, such as `BG-25[2]/BG-27[1]/`.
    groups: String,
    /// An element with its XPath: what stands below it need not count the lines before it again.
    anchor: Option<(NodeId, String)>,
}

impl Trail {
    /// Notes a value that was read; a term that is no term of an invoice leaves no trail.
    pub(crate) fn found(&mut self, at: Element<'_, '_>, term: &str, value: &str, raw: &str) {
        if let Some(place) = self.place(at, term) {
            self.add(place, term, value, raw);
        }
    }

    /// As [`Self::found`], for the value of an attribute.
    pub(crate) fn found_in(&mut self, at: Element<'_, '_>, attribute: &str, term: &str, raw: &str) {
        if let Some(place) = self.place(at, term) {
            self.add(format!("{place}/@{attribute}"), term, raw, raw);
        }
    }

    /// Where an element stands; nothing when there is no trail to keep.
    fn place(&mut self, at: Element<'_, '_>, term: &str) -> Option<String> {
        if term.is_empty() {
            return None;
        }
        if self.kept.len() >= EVIDENCE_MAX {
            self.left_out += 1;
            return None;
        }
        let anchor = self.anchor.as_ref().map(|(id, path)| (*id, path.as_str()));
        Some(at.xpath_below(anchor))
    }

    fn add(&mut self, place: String, term: &str, value: &str, raw: &str) {
        self.kept.push(Evidence {
            field: format!("{}{term}", self.groups),
            value: value.to_owned(),
            raw: (raw != value).then(|| raw.to_owned()),
            source: Source::Xml,
            place: Some(place),
            page: None,
            bounds: None,
            label: None,
            rule: None,
            confidence: Confidence::CERTAIN,
            alternatives: Vec::new(),
        });
    }

    /// Goes into a group such as `BG-25[2]`; the length to go back to is what it returns.
    pub(crate) fn enter(&mut self, group: &str) -> usize {
        let before = self.groups.len();
        self.groups.push_str(group);
        self.groups.push('/');
        before
    }

    /// Goes back out of a group.
    pub(crate) fn leave(&mut self, before: usize) {
        self.groups.truncate(before);
    }

    /// Paths of elements below `at` are built from its own, until the next one.
    pub(crate) fn anchor(&mut self, at: Option<(NodeId, String)>) {
        self.anchor = at;
    }

    /// What was kept, and how much was not.
    pub(crate) fn into_evidence(self) -> (Vec<Evidence>, usize) {
        (self.kept, self.left_out)
    }
}

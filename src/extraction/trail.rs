//! Where each value came from, collected while a structured document is read.

use crate::extraction::tree::{Element, XPath};
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
    /// Where the last value stood.
    place: XPath,
}

impl Trail {
    /// Notes a value that was read; a term that is no term of an invoice leaves no trail. What will
    /// not be kept is not written out either.
    pub(crate) fn found(
        &mut self,
        at: Element<'_, '_>,
        term: &str,
        value: impl FnOnce() -> String,
        raw: &str,
    ) {
        if self.has_room(term) {
            let place = self.place.of(at).to_owned();
            self.add(place, term, value(), raw);
        }
    }

    /// As [`Self::found`], for the value of an attribute.
    pub(crate) fn found_in(&mut self, at: Element<'_, '_>, attribute: &str, term: &str, raw: &str) {
        if self.has_room(term) {
            let place = [self.place.of(at), "/@", attribute].concat();
            self.add(place, term, raw.to_owned(), raw);
        }
    }

    fn has_room(&mut self, term: &str) -> bool {
        let full = self.kept.len() >= EVIDENCE_MAX;
        self.left_out += usize::from(full && !term.is_empty());
        !full && !term.is_empty()
    }

    fn add(&mut self, place: String, term: &str, value: String, raw: &str) {
        self.kept.push(Evidence {
            field: [&self.groups, term].concat(),
            raw: (raw != value).then(|| raw.to_owned()),
            value,
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

    /// Goes into an element that is the so-and-so-many-th of its name.
    pub(crate) fn enter_line(&mut self, at: Element<'_, '_>, step: (&str, usize)) {
        self.place.enter(at, step);
    }

    /// Goes back out of it.
    pub(crate) fn leave_line(&mut self) {
        self.place.leave();
    }

    /// What was kept, and how much was not.
    pub(crate) fn into_evidence(self) -> (Vec<Evidence>, usize) {
        (self.kept, self.left_out)
    }
}

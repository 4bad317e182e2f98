//! From the levels of a JSON text to the members of an invoice.

mod lists;

use std::collections::HashSet;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::extraction::draft::{Draft, Drafted, Members, Origin, inner};
use crate::extraction::guard;
use crate::extraction::json::leaf::{self, Leaf};
use crate::extraction::json::members::{object, opening};
use crate::extraction::json::not_json;
use crate::extraction::notes::{finding, shown};
use crate::extraction::terms::{self, Field, INVOICE, Kind, Path};
use crate::extraction::unreadable::Unreadable;
use crate::models::evidence::{Confidence, Source};
use crate::models::finding::{MALFORMED_VALUE, Severity};

/// Members of one object. A line has 35.
const MEMBERS_MAX: usize = 1_000;

/// Values of a document in all: 5,000 lines with 50 each. It bounds the memory of evidence.
const VALUES_MAX: usize = 250_000;

/// A group that is being walked: what it may hold, and where it is.
#[derive(Clone)]
struct At {
    group: &'static [Field],
    pointer: String,
    path: Path,
}

impl At {
    fn below(&self, key: &str) -> Self {
        let key = key.replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{key}", self.pointer), ..self.clone() }
    }
}

/// The walk through one document.
#[derive(Default)]
pub(crate) struct Walk {
    draft: Draft,
    values: usize,
}

impl Walk {
    /// Reads the invoice at a JSON pointer.
    ///
    /// # Errors
    /// A limit reached; a key that is no text.
    pub(crate) fn invoice(mut self, raw: &RawValue, pointer: &str) -> Result<Drafted, Unreadable> {
        let at = At { group: INVOICE, pointer: pointer.to_owned(), path: Path::default() };
        let mut root = Members::new();
        self.group(raw, &at, &mut root)?;
        // It cannot fail: the table gives each member the type of the model, and a test holds it.
        self.draft.finish(root).map_err(|error| not_json(&error))
    }

    fn group(&mut self, raw: &RawValue, at: &At, into: &mut Members) -> Result<(), Unreadable> {
        let members = object(raw).map_err(|error| not_json(&error))?;
        guard::limit("members of one object", members.found, MEMBERS_MAX)?;
        let mut groups = HashSet::new();
        for (key, value) in members.kept {
            self.values += 1;
            guard::limit("values", self.values, VALUES_MAX)?;
            let here = at.below(&key);
            let Some(route) = terms::find(at.group, &key) else {
                self.unknown(&key, value, &here.pointer);
                continue;
            };
            let Some((field, groups_between)) = route.split_last() else { continue };
            let is_group = !matches!(opening(value), b'"' | b'n');
            if is_group && has_members(field.kind) && !groups.insert((field.name, field.term)) {
                self.draft.repeated(field, &here.pointer, false);
                continue;
            }
            let mut path = at.path.clone();
            let mut target = &mut *into;
            for group in groups_between {
                path = path.group(group);
                target = inner(target, group.name);
            }
            self.member(field, value, &At { path, ..here }, target)?;
        }
        Ok(())
    }

    fn member(
        &mut self,
        field: &'static Field,
        raw: &RawValue,
        at: &At,
        into: &mut Members,
    ) -> Result<(), Unreadable> {
        if raw.get() == "null" {
            return Ok(());
        }
        match field.kind {
            Kind::Group(group) if opening(raw) == b'{' => {
                let path = at.path.group(field);
                let at = At { group, pointer: at.pointer.clone(), path };
                self.group(raw, &at, inner(into, field.name))
            }
            Kind::Inline if opening(raw) == b'{' => self.group(raw, at, into),
            Kind::List(_) | Kind::Mixed(_) | Kind::Side(..) if opening(raw) == b'[' => {
                self.list(field, raw, at, into)
            }
            Kind::Identifiers if opening(raw) == b'[' => self.identifiers(field, raw, at, into),
            Kind::Identifier => self.identifier(field, raw, at, into),
            kind if has_members(kind) => {
                self.wrong(field, raw, &at.pointer, leaf::expected(kind));
                Ok(())
            }
            _ => {
                self.leaf(field, raw, at, into);
                Ok(())
            }
        }
    }

    fn leaf(&mut self, field: &Field, raw: &RawValue, at: &At, into: &mut Members) {
        match leaf::read(field.kind, raw) {
            Leaf::Good { value, cut } => {
                if cut {
                    let message = "the text is long: only its start was taken".to_owned();
                    let mut note = finding("TEXT_CUT", Severity::Warning, field.term, message);
                    note.place = Some(at.pointer.clone());
                    self.draft.notes.add(note);
                }
                self.set(field, at, value, into);
            }
            Leaf::Absent => {}
            Leaf::Wrong(expected) => self.wrong(field, raw, &at.pointer, expected),
        }
    }

    fn set(&mut self, field: &Field, at: &At, value: Value, into: &mut Members) {
        let origin = Origin::at(Source::Json, &at.pointer, Confidence::CERTAIN);
        self.draft.set(into, (field, &at.path), value, origin);
    }

    fn unknown(&mut self, key: &str, raw: &RawValue, pointer: &str) {
        let key = shown(key);
        let elsewhere = terms::locate(&key).map(|route| {
            let above = route.iter().rev().nth(1);
            let above = above.map_or("the document", |group| group.term);
            format!("{key} stands in {above}: put it there")
        });
        let message = format!("{key:?} is no key of an invoice here, and was not read");
        let mut note = finding("UNKNOWN_KEY", Severity::Warning, "", message);
        note.place = Some(pointer.to_owned());
        note.actual = Some(shown(raw.get()));
        let remedy = "use a key of the documented JSON form, or leave it out".to_owned();
        note.remedy = Some(elsewhere.unwrap_or(remedy));
        self.draft.notes.add(note);
    }

    fn wrong(&mut self, field: &Field, raw: &RawValue, pointer: &str, expected: &str) {
        let name = field.name;
        let message = format!("{name} is {}, and {expected} is expected", shown(raw.get()));
        let mut note = finding(MALFORMED_VALUE, Severity::Fatal, field.term, message);
        note.place = Some(pointer.to_owned());
        note.actual = Some(shown(raw.get()));
        note.expected = Some(expected.to_owned());
        note.remedy = Some("correct the value and send the invoice again".to_owned());
        self.draft.notes.add(note);
    }

    fn missing(&mut self, field: &Field, pointer: &str) {
        let message = format!("{} is missing: without it the item means nothing", field.name);
        let mut note = finding("MISSING_VALUE", Severity::Fatal, field.term, message);
        note.place = Some(pointer.to_owned());
        note.expected = Some(leaf::expected(field.kind).to_owned());
        note.remedy = Some("add it and send the invoice again".to_owned());
        self.draft.notes.add(note);
    }
}

fn has_members(kind: Kind) -> bool {
    use Kind::{Group, Identifiers, Inline, List, Mixed, Side};
    matches!(kind, Group(_) | Inline | List(_) | Mixed(_) | Side(..) | Identifiers)
}

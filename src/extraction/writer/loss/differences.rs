//! Two invoices, value by value: where each stands in our own form, and which term it is.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::extraction::terms::{Field, INVOICE, Kind};
use crate::extraction::writer::loss::alignment::aligned;
use crate::models::invoice::Invoice;

/// A value that is not the same in both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Difference {
    /// Where, as a JSON pointer into our own form: `/lines/0/unit`.
    pub(crate) pointer: String,
    /// Which term: `BT-130`, `ext.unit_as_written`.
    pub(crate) field: String,
    /// The value in the invoice.
    pub(crate) meant: Option<String>,
    /// The value in what was read again.
    pub(crate) read: Option<String>,
}

impl Difference {
    /// The terms of EN 16931 concerned.
    pub(crate) fn terms(&self) -> Vec<String> {
        let is_term = !self.field.starts_with("ext.");
        is_term.then(|| self.field.clone()).into_iter().collect()
    }
}

/// What an empty group is called: its being there is all that it says.
const EMPTY_GROUP: &str = "an empty group";

/// Every value that is not the same, in the order of the model.
pub(crate) fn differences(meant: &Invoice, read: &Invoice) -> Vec<Difference> {
    let json = |invoice: &Invoice| {
        serde_json::to_value(invoice).expect("an invoice has texts as keys, and no floats")
    };
    let mut walk = Walk { found: Vec::new() };
    let root = Place { pointer: String::new(), field: String::new(), members: INVOICE };
    walk.compare(&root, &json(meant), &json(read));
    walk.found
}

/// A member of our own form.
struct Place {
    pointer: String,
    field: String,
    /// The rows of its own members.
    members: &'static [Field],
}

impl Place {
    fn member(&self, key: &str) -> Self {
        let pointer = format!("{}/{key}", self.pointer);
        let row = self.members.iter().find(|field| field.name == key);
        let members = match row.map(|row| row.kind) {
            Some(Kind::Group(members) | Kind::List(members)) => members,
            // Which side an item is on is known when its flag is seen.
            Some(Kind::Mixed(_)) => std::slice::from_ref(row.expect("just found")),
            _ => &[],
        };
        let field = match row.map(|row| row.term) {
            Some("") => format!("ext.{key}"),
            Some(term) => term.to_owned(),
            // The value or the scheme of an identifier.
            None => self.field.clone(),
        };
        Self { pointer, field, members }
    }

    fn item(&self, index: usize, item: &Value) -> Self {
        let pointer = format!("{}/{index}", self.pointer);
        let mut place = Self { pointer, field: self.field.clone(), members: self.members };
        if let [Field { kind: Kind::Mixed([allowance, charge]), .. }] = self.members {
            let is_charge = item.get("charge") == Some(&Value::Bool(true));
            let (term, members) = if is_charge { charge } else { allowance };
            place.field = (*term).to_owned();
            place.members = members;
        }
        place
    }
}

struct Walk {
    found: Vec<Difference>,
}

impl Walk {
    fn compare(&mut self, place: &Place, meant: &Value, read: &Value) {
        if meant == read {
            return;
        }
        match (meant, read) {
            (Value::Array(_), _) | (_, Value::Array(_)) => self.lists(place, meant, read),
            (Value::Object(_), _) | (_, Value::Object(_)) => self.groups(place, meant, read),
            _ => self.note(place, text(meant), text(read)),
        }
    }

    fn lists(&mut self, place: &Place, meant: &Value, read: &Value) {
        let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (meant, read) = (items(meant), items(read));
        for (left, right) in aligned(&meant, &read) {
            let index = left.or(right).unwrap_or_default();
            let left = left.map_or(&Value::Null, |at| &meant[at]);
            let right = right.map_or(&Value::Null, |at| &read[at]);
            let item = if left.is_null() { right } else { left };
            self.compare(&place.item(index, item), left, right);
        }
    }

    fn groups(&mut self, place: &Place, meant: &Value, read: &Value) {
        let (left, right) = (members(meant), members(read));
        let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
        if keys.is_empty() {
            let empty = |value: &Value| value.is_object().then(|| EMPTY_GROUP.to_owned());
            self.note(place, empty(meant), empty(read));
        }
        for key in keys {
            let of = |group: &Map<String, Value>| group.get(key).cloned().unwrap_or_default();
            self.compare(&place.member(key), &of(&left), &of(&right));
        }
    }

    fn note(&mut self, place: &Place, meant: Option<String>, read: Option<String>) {
        if meant != read {
            let Place { pointer, field, .. } = place;
            self.found.push(Difference {
                pointer: pointer.clone(),
                field: field.clone(),
                meant,
                read,
            });
        }
    }
}

/// The members of a group; an identifier without a scheme is its value.
fn members(value: &Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members.clone(),
        Value::Null => Map::new(),
        plain => Map::from_iter([("value".to_owned(), plain.clone())]),
    }
}

/// A value as text; a blank one says nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        other => Some(other.to_string()),
    }
}

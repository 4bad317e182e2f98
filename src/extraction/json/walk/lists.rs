//! Lists of groups and of identifiers.

use serde_json::Value;
use serde_json::value::RawValue;

use crate::extraction::draft::{Members, Origin};
use crate::extraction::guard;
use crate::extraction::json::leaf::{self, Leaf};
use crate::extraction::json::members::{array, object, opening};
use crate::extraction::json::not_json;
use crate::extraction::json::walk::{At, MEMBERS_MAX, VALUES_MAX, Walk};
use crate::extraction::terms::{self, Field, Kind, Path, fold};
use crate::extraction::unreadable::Unreadable;
use crate::models::evidence::{Confidence, Source};
use crate::models::order::LINES_MAX;

/// Items of a list other than the lines. Real documents have some dozens.
const ITEMS_MAX: usize = 1_000;

/// What an item of a list may hold, and where it is.
struct Side {
    group: &'static [Field],
    path: Path,
    /// Of an allowance or charge: which one.
    charge: Option<bool>,
}

impl Walk {
    pub(super) fn list(
        &mut self,
        field: &'static Field,
        raw: &RawValue,
        at: &At,
        into: &mut Members,
    ) -> Result<(), Unreadable> {
        let items = array(raw).map_err(|error| not_json(&error))?;
        let (what, max) = match field.name {
            "lines" => ("lines", LINES_MAX),
            _ => ("items of one list", ITEMS_MAX),
        };
        guard::limit(what, items.found, max)?;
        let mut read = match into.remove(field.name) {
            Some(Value::Array(read)) => read,
            _ => Vec::with_capacity(items.kept.len()),
        };
        for (index, item) in items.kept.into_iter().enumerate() {
            let here = at.below(&index.to_string());
            if opening(item) != b'{' {
                self.wrong(field, item, &here.pointer, "an object");
                continue;
            }
            let Some(Side { group, path, charge }) = self.side(field, item, &here, &read)? else {
                continue;
            };
            let mut members = Members::new();
            // An item of `allowances_and_charges` says it itself.
            if let (Some(charge), Kind::Side(..)) = (charge, field.kind) {
                members.insert("charge".to_owned(), Value::Bool(charge));
            }
            self.group(item, &At { group, path, pointer: here.pointer.clone() }, &mut members)?;
            if charge.is_none() || members.contains_key("amount") {
                read.push(Value::Object(members));
            } else {
                self.without_amount(group, item, &here)?;
            }
        }
        into.insert(field.name.to_owned(), Value::Array(read));
        Ok(())
    }

    /// An allowance or charge without an amount is no item. An amount that is there and cannot be
    /// read was noted already.
    fn without_amount(
        &mut self,
        group: &'static [Field],
        item: &RawValue,
        at: &At,
    ) -> Result<(), Unreadable> {
        let members = object(item).map_err(|error| not_json(&error))?.kept;
        let is_amount = |key: &str| {
            let route = terms::find(group, key);
            route.is_some_and(|route| route.last().is_some_and(|field| field.name == "amount"))
        };
        if let Some(amount) = group.iter().find(|field| field.name == "amount")
            && !members.iter().any(|(key, raw)| raw.get() != "null" && is_amount(key))
        {
            self.missing(amount, &at.below("amount").pointer);
        }
        Ok(())
    }

    /// What an item may hold and where it is. An allowance or charge has to say which one it is,
    /// unless its list does; without that it is no item.
    fn side(
        &mut self,
        field: &'static Field,
        item: &RawValue,
        at: &At,
        before: &[Value],
    ) -> Result<Option<Side>, Unreadable> {
        let (charge, term, group) = match field.kind {
            Kind::Side(charge, group) => (charge, field.term, group),
            Kind::Mixed([allowance, charge]) => match self.flag(&allowance.1[0], item, at)? {
                Some(false) => (false, allowance.0, allowance.1),
                Some(true) => (true, charge.0, charge.1),
                None => return Ok(None),
            },
            Kind::List(group) => {
                let path = at.path.item(field.name, field.term, before.len());
                return Ok(Some(Side { group, path, charge: None }));
            }
            _ => return Ok(None),
        };
        let same = |value: &&Value| value.get("charge") == Some(&Value::Bool(charge));
        let index = before.iter().filter(same).count();
        let path = at.path.item(field.name, term, index);
        Ok(Some(Side { group, path, charge: Some(charge) }))
    }

    /// Whether an item is a charge, as it says itself.
    fn flag(
        &mut self,
        field: &Field,
        item: &RawValue,
        at: &At,
    ) -> Result<Option<bool>, Unreadable> {
        let members = object(item).map_err(|error| not_json(&error))?.kept;
        let said = members.iter().find(|(key, _)| fold(key) == field.name);
        let place = at.below(field.name).pointer;
        match said.map(|(_, value)| (value.get(), value)) {
            Some(("false", _)) => return Ok(Some(false)),
            Some(("true", _)) => return Ok(Some(true)),
            Some((_, other)) => self.wrong(field, other, &place, "true or false"),
            None => self.missing(field, &place),
        }
        Ok(None)
    }

    /// A text, or an object with value and scheme.
    pub(super) fn identifier(
        &mut self,
        field: &Field,
        raw: &RawValue,
        at: &At,
        into: &mut Members,
    ) -> Result<(), Unreadable> {
        if let Some(value) = self.identifier_value(field, raw, at)? {
            self.set(field, at, value, into);
        }
        Ok(())
    }

    fn identifier_value(
        &mut self,
        field: &Field,
        raw: &RawValue,
        at: &At,
    ) -> Result<Option<Value>, Unreadable> {
        if opening(raw) != b'{' {
            return Ok(match leaf::read(Kind::Word, raw) {
                Leaf::Good { value, .. } => Some(value),
                Leaf::Absent => None,
                Leaf::Wrong(_) => {
                    self.wrong(field, raw, &at.pointer, leaf::expected(Kind::Identifier));
                    None
                }
            });
        }
        let members = object(raw).map_err(|error| not_json(&error))?;
        guard::limit("members of one object", members.found, MEMBERS_MAX)?;
        let mut read = Members::new();
        for (key, raw) in members.kept {
            let here = at.below(&key).pointer;
            match (fold(&key).as_str(), leaf::read(Kind::Word, raw)) {
                (name @ ("value" | "scheme"), Leaf::Good { value, .. }) => match read.get(name) {
                    Some(first) => self.draft.repeated(field, &here, *first == value),
                    None => drop(read.insert(name.to_owned(), value)),
                },
                ("value" | "scheme", Leaf::Absent) => {}
                ("value" | "scheme", Leaf::Wrong(expected)) => {
                    self.wrong(field, raw, &here, expected);
                }
                _ => self.unknown(&key, raw, &here),
            }
        }
        if read.contains_key("scheme") && !read.contains_key("value") {
            self.missing(field, &at.below("value").pointer);
        }
        Ok(read.contains_key("value").then_some(Value::Object(read)))
    }

    pub(super) fn identifiers(
        &mut self,
        field: &Field,
        raw: &RawValue,
        at: &At,
        into: &mut Members,
    ) -> Result<(), Unreadable> {
        let items = array(raw).map_err(|error| not_json(&error))?;
        guard::limit("items of one list", items.found, ITEMS_MAX)?;
        let mut read = Vec::new();
        for (index, item) in items.kept.into_iter().enumerate() {
            self.values += 1;
            guard::limit("values", self.values, VALUES_MAX)?;
            let here = at.below(&index.to_string());
            if let Some(value) = self.identifier_value(field, item, &here)? {
                let path = at.path.item(field.name, field.term, read.len()).whole_item();
                let origin = Origin::at(Source::Json, &here.pointer, Confidence::CERTAIN);
                self.draft.witness(path, &value, origin);
                read.push(value);
            }
        }
        into.insert(field.name.to_owned(), Value::Array(read));
        Ok(())
    }
}

//! TOML and JSON as one tree, with the byte at which each member stands.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use crate::models::policy::escaped;

/// Levels of nesting that are read; a policy has six.
const DEPTH_MAX: usize = 16;

/// What is wrong with the text itself: its byte, a code, and what.
pub(super) type Flaw = (usize, &'static str, String);

/// A document without regard to its notation.
pub(super) struct Tree {
    /// What it says.
    pub(super) value: Value,
    /// By JSON pointer: the first byte of the member.
    pub(super) places: BTreeMap<String, usize>,
}

/// Reads TOML.
///
/// # Errors
/// All flaws of the notation.
pub(super) fn of_toml(text: &str) -> Result<Tree, Vec<Flaw>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let flaw = |error: &toml::de::Error| {
            let place = error.span().map_or(0, |span| span.start);
            (place, "not_toml", error.message().to_owned())
        };
        return Err(errors.iter().map(flaw).collect());
    }
    let mut places = BTreeMap::new();
    let value = of_table(table.get_ref(), "", &mut places);
    Ok(Tree { value, places })
}

/// The parser bounds the depth.
fn of_table(table: &DeTable<'_>, pointer: &str, places: &mut BTreeMap<String, usize>) -> Value {
    let members = table.iter().map(|(key, value)| {
        let below = format!("{pointer}/{}", escaped(key.get_ref()));
        places.insert(below.clone(), key.span().start);
        (key.get_ref().to_string(), of_value(value.get_ref(), &below, places))
    });
    Value::Object(members.collect())
}

fn of_value(value: &DeValue<'_>, pointer: &str, places: &mut BTreeMap<String, usize>) -> Value {
    match value {
        DeValue::Table(table) => of_table(table, pointer, places),
        DeValue::Array(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let below = format!("{pointer}/{index}");
                places.insert(below.clone(), item.span().start);
                of_value(item.get_ref(), &below, places)
            });
            Value::Array(items.collect())
        }
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        // A policy has no numbers: as what they are, they are refused in words.
        DeValue::Integer(number) => number.as_str().parse().map_or(Value::Null, Value::Number),
        DeValue::Float(number) => number.as_str().parse().map_or(Value::Null, Value::Number),
    }
}

/// Reads JSON.
///
/// # Errors
/// The first flaw of the notation, or all members that are written twice.
pub(super) fn of_json(text: &str) -> Result<Tree, Vec<Flaw>> {
    let whole: &RawValue = serde_json::from_str(text).map_err(|error| {
        vec![(byte(text, error.line(), error.column()), "not_json", short(&error))]
    })?;
    let mut reader = JsonReader { text, places: BTreeMap::new(), flaws: Vec::new() };
    let value = reader.read(whole, "", 0);
    match reader.flaws.is_empty() {
        true => Ok(Tree { value, places: reader.places }),
        false => Err(reader.flaws),
    }
}

/// The byte of a line and column, both counted from 1, columns in bytes.
fn byte(text: &str, line: usize, column: usize) -> usize {
    let before = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len);
    before.sum::<usize>() + column.saturating_sub(1)
}

/// The message without its place, which is told apart.
fn short(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

struct JsonReader<'t> {
    text: &'t str,
    places: BTreeMap<String, usize>,
    flaws: Vec<Flaw>,
}

impl<'t> JsonReader<'t> {
    fn read(&mut self, raw: &'t RawValue, pointer: &str, depth: usize) -> Value {
        // A raw value is a part of the text.
        let start = raw.get().as_ptr() as usize - self.text.as_ptr() as usize;
        self.places.insert(pointer.to_owned(), start);
        if depth > DEPTH_MAX {
            self.flaws.push((start, "too_deep", "is nested too deeply for a policy".to_owned()));
            return Value::Null;
        }
        let json = raw.get();
        if json.starts_with('{') {
            let members = serde_json::Deserializer::from_str(json).deserialize_map(Members);
            return self.object(members.unwrap_or_default(), pointer, depth);
        }
        if json.starts_with('[') {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            let items = items.into_iter().enumerate();
            let items = items
                .map(|(index, item)| self.read(item, &format!("{pointer}/{index}"), depth + 1));
            return Value::Array(items.collect());
        }
        serde_json::from_str(json).unwrap_or_default()
    }

    fn object(
        &mut self,
        members: Vec<(String, &'t RawValue)>,
        pointer: &str,
        depth: usize,
    ) -> Value {
        let mut object = Map::new();
        for (name, raw) in members {
            let below = format!("{pointer}/{}", escaped(&name));
            let value = self.read(raw, &below, depth + 1);
            if object.insert(name, value).is_some() {
                let place = self.places[&below];
                self.flaws.push((place, "duplicate", format!("{below} is written twice")));
            }
        }
        Value::Object(object)
    }
}

/// The members of an object in their order, also those that are written twice.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

//! JSON as a tree that knows which members came twice; serde_json alone keeps the last of them.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::http::error::problem::FAULTS_MAX;
use crate::models::fault::Fault;

/// Values that one body may have: 5,000 lines with two dozen members each, and some room. It
/// bounds memory, because three bytes of JSON can make a value of 32.
const VALUES_MAX: usize = 200_000;

/// A parsed body and the members that came twice.
pub struct Tree {
    /// The body; of a repeated member the first.
    pub value: Value,
    /// One fault for each repetition.
    pub repeated: Vec<Fault>,
}

/// Reads the whole text; nothing may follow the value.
///
/// # Errors
/// Those of the syntax, with line and column; nesting beyond 128; too many values.
pub fn parse(text: &[u8]) -> Result<Tree, serde_json::Error> {
    let mut reading = Reading { values: 0, repeated: Vec::new() };
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let node = Node { reading: &mut reading, pointer: String::new() };
    let value = node.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Tree { value, repeated: reading.repeated })
}

struct Reading {
    values: usize,
    repeated: Vec<Fault>,
}

struct Node<'a> {
    reading: &'a mut Reading,
    pointer: String,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.reading.values += 1;
        if self.reading.values > VALUES_MAX {
            return Err(D::Error::custom(format!("more than {VALUES_MAX} values")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let pointer = format!("{}/{}", self.pointer, values.len());
            let element = Node { reading: self.reading, pointer };
            match access.next_element_seed(element)? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let pointer = format!("{}/{}", self.pointer, escaped(&name));
            let member = Node { reading: self.reading, pointer: pointer.clone() };
            let value = access.next_value_seed(member)?;
            if !members.contains_key(&name) {
                members.insert(name, value);
            } else if self.reading.repeated.len() < FAULTS_MAX {
                let fault = Fault::at(&pointer, "repeated", "this member is there twice");
                self.reading.repeated.push(fault);
            }
        }
        Ok(Value::Object(members))
    }
}

/// A member's name in a JSON pointer (RFC 6901 §3).
pub fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn repeated_members_are_named_wherever_they_are() {
        let tree = parse(br#"{"a":1,"b":[{"x/y":1,"x/y":2}],"a":3}"#).expect("JSON");
        let pointers: Vec<_> =
            tree.repeated.into_iter().filter_map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/b/0/x~1y", "/a"]);
        assert_eq!(tree.value["a"], 1);
    }

    #[test]
    fn hostile_texts_are_refused_without_harm() {
        let deep = "[".repeat(10_000);
        let many = format!("[{}1]", "1,".repeat(1_000_000));
        let texts = [
            "",
            " ",
            "{",
            "{}x",
            "{} {}",
            "NaN",
            "1E400",
            "[1,]",
            "{'a':1}",
            "\"\\ud800\"",
            "\"\0\"",
            "{\"a\":}",
            "nul",
            "\u{feff}{}",
            &deep,
            &many,
        ];
        for text in texts {
            let shown: String = text.chars().take(20).collect();
            assert!(parse(text.as_bytes()).is_err(), "{shown:?}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}

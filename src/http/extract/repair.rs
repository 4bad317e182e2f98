//! All faults of a JSON body, not the first alone.
//!
//! serde stops at the first fault. To find the next, the faulty place gets the value that the
//! type's own example has there, and the body is read again. The repaired body is thrown away:
//! a request with one fault is refused, whatever else it says.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

use crate::http::extract::shape::lists_for_objects;
use crate::http::extract::tree::escaped;
use crate::models::fault::Fault;

/// Rounds of reading and repairing; each costs one pass over the body.
const ROUNDS_MAX: usize = 50;

/// A body as its type, if that could be made of it, and every fault on the way.
pub struct Reading<T> {
    /// What it says, with the faulty places replaced.
    pub value: Option<T>,
    /// None means that nothing was replaced.
    pub faults: Vec<Fault>,
}

/// Reads `body` as `T`. `example` is a `T` with all its members.
pub fn read<T: DeserializeOwned>(mut body: Value, example: &Value) -> Reading<T> {
    let mut faults = lists_for_objects(&mut body, example, ROUNDS_MAX);
    for _ in 0..ROUNDS_MAX {
        let error = match serde_path_to_error::deserialize::<_, T>(&body) {
            Ok(value) => {
                return Reading { value: Some(value), faults };
            }
            Err(error) => error,
        };
        let place = Place::of(&error);
        let seen = faults.iter().any(|fault| fault.pointer.as_ref() == Some(&place.pointer));
        if seen {
            break; // the example did not help: this and what lies behind stays unknown
        }
        let repaired = place.repair(&mut body, example);
        faults.push(place.fault);
        if !repaired {
            break;
        }
    }
    Reading { value: None, faults }
}

/// Where a fault is, and what serde says of it.
struct Place {
    steps: Vec<Step>,
    pointer: String,
    unknown: bool,
    fault: Fault,
}

enum Step {
    Index(usize),
    Member(String),
}

impl Place {
    fn of(error: &serde_path_to_error::Error<serde_json::Error>) -> Self {
        let message = error.inner().to_string();
        let mut steps = steps(error.path());
        let (code, name) = classify(&message);
        if let Some(name) = name
            && !matches!(steps.last(), Some(Step::Member(last)) if *last == name)
        {
            steps.push(Step::Member(name));
        }
        let pointer: String = steps.iter().map(Step::pointer).collect();
        let fault = Fault::at(&pointer, code, &detail(code, &message));
        Self { steps, pointer, unknown: code == "unknown_member", fault }
    }

    /// Takes an unknown member out, or puts the example's value in; a member that the example has
    /// not is taken out too. False when there is nothing to put in and nothing to take out.
    fn repair(&self, body: &mut Value, example: &Value) -> bool {
        let Some((last, above)) = self.steps.split_last() else {
            example.clone_into(body);
            return true;
        };
        let Some(parent) = above.iter().try_fold(body, |value, step| step.of_mut(value)) else {
            return false;
        };
        match (last, parent) {
            (Step::Member(name), Value::Object(members)) if self.unknown => {
                members.remove(name).is_some()
            }
            (Step::Member(name), Value::Object(members)) => {
                let value = self.steps.iter().try_fold(example, |value, step| step.of(value));
                match value.cloned() {
                    Some(value) => {
                        members.insert(name.clone(), value);
                        true
                    }
                    // In a map, whose names are the caller's own, the example has other ones.
                    None => members.remove(name).is_some(),
                }
            }
            (Step::Index(index), Value::Array(values)) => {
                let value = self.steps.iter().try_fold(example, |value, step| step.of(value));
                let slot = values.get_mut(*index);
                slot.zip(value).map(|(slot, value)| *slot = value.clone()).is_some()
            }
            _ => false,
        }
    }
}

impl Step {
    fn pointer(&self) -> String {
        match self {
            Self::Index(index) => format!("/{index}"),
            Self::Member(name) => format!("/{}", escaped(name)),
        }
    }

    /// The example has one element in each list; it stands for all.
    fn of<'a>(&self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Index(_) => value.get(0),
            Self::Member(name) => value.get(name),
        }
    }

    fn of_mut<'a>(&self, value: &'a mut Value) -> Option<&'a mut Value> {
        match self {
            Self::Index(index) => value.get_mut(index),
            Self::Member(name) => value.get_mut(name),
        }
    }
}

fn steps(path: &Path) -> Vec<Step> {
    let step = |segment: &Segment| match segment {
        Segment::Seq { index } => Some(Step::Index(*index)),
        Segment::Map { key } => Some(Step::Member(key.clone())),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().filter_map(step).collect()
}

/// Our word for serde's message, and the member that it names.
fn classify(message: &str) -> (&'static str, Option<String>) {
    let named = || message.split('`').nth(1).map(str::to_owned);
    match message {
        _ if message.starts_with("unknown field") => ("unknown_member", named()),
        _ if message.starts_with("missing field") => ("missing", named()),
        _ if message.starts_with("unknown variant") => ("unknown_value", None),
        _ if message.starts_with("invalid type") => ("wrong_type", None),
        _ if message.contains("is not a decimal number") => ("not_a_decimal", None),
        _ if message.contains("is no ISO 4217") => ("not_a_currency", None),
        _ => ("invalid_value", None),
    }
}

fn detail(code: &str, message: &str) -> String {
    let message: String = message.chars().take(300).collect();
    match code {
        "unknown_member" => "this member is not known here".to_owned(),
        "missing" => "this member is required".to_owned(),
        _ => in_words(message),
    }
}

/// serde names what it expected by the types of our code.
fn in_words(message: String) -> String {
    let Some((found, expected)) = message.split_once(", expected ") else { return message };
    let kind = expected.split_whitespace().next().unwrap_or_default();
    let words = match kind {
        "struct" | "map" | "internally" | "externally" => "an object",
        "sequence" => "a list",
        "u8" | "u16" | "u32" | "u64" | "usize" => "a whole number, 0 or more",
        "i8" | "i16" | "i32" | "i64" | "isize" => "a whole number",
        _ if expected == "a map" => "an object",
        _ if expected == "a sequence" => "a list",
        _ => expected,
    };
    format!("{found}, expected {words}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;
    use crate::http::orders::example;
    use crate::models::order::PurchaseOrder;

    fn faults(body: serde_json::Value) -> Vec<(String, String)> {
        let reading = read::<PurchaseOrder>(body, &example());
        let named =
            |fault: crate::models::fault::Fault| (fault.pointer.unwrap_or_default(), fault.code);
        reading.faults.into_iter().map(named).collect()
    }

    #[test]
    fn every_fault_is_found_with_its_place() {
        let body = json!({
            "number": 7, "currency": "EURO", "issue_date": "2026-13-01", "colour": "red",
            "buyer": {"name": ["x"]},
            "lines": [
                {"id": "1", "quantity": 100, "unit_price": "1E400"},
                {"id": "2", "quantity": "NaN"},
                {"id": "3", "quantity": "1", "unit_price": "1,00", "match_level": "five_way"},
                "line",
            ],
        });
        let mut found = faults(body);
        found.sort();
        let expected = [
            ("/buyer/name", "wrong_type"),
            ("/colour", "unknown_member"),
            ("/currency", "not_a_currency"),
            ("/issue_date", "invalid_value"),
            ("/lines/0/quantity", "wrong_type"),
            ("/lines/0/unit_price", "not_a_decimal"),
            ("/lines/1/quantity", "not_a_decimal"),
            ("/lines/1/unit_price", "missing"),
            ("/lines/2/match_level", "unknown_value"),
            ("/lines/2/unit_price", "not_a_decimal"),
            ("/lines/3", "wrong_type"),
            ("/number", "wrong_type"),
        ];
        let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_body_of_another_shape_has_one_fault() {
        for body in [json!([]), json!("x"), json!(null), json!(1)] {
            assert_eq!(faults(body.clone()).len(), 1, "{body}");
        }
    }

    #[test]
    fn a_list_is_no_object_wherever_it_stands() {
        let line = json!(["1", "2", "3.00"]);
        let body = json!({"number": "P1", "currency": "EUR", "buyer": [], "lines": [line]});
        let mut found = faults(body);
        found.sort();
        let expected = ["/buyer", "/lines/0"].map(|at| (at.to_owned(), "wrong_type".to_owned()));
        assert_eq!(found, expected);
        let whole = json!(["P1", "EUR"]);
        assert_eq!(faults(whole), [(String::new(), "wrong_type".to_owned())]);
    }

    #[test]
    fn what_was_expected_is_told_in_words_of_the_interface() {
        let body = json!({"number": "P1", "currency": "EUR", "lines": ["line"], "revision": "x"});
        let reading = read::<PurchaseOrder>(body, &example());
        let told: Vec<_> = reading.faults.into_iter().map(|fault| fault.detail).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told.iter().all(|told| !told.contains("struct") && !told.contains("u32")),
            "{told:?}"
        );
    }

    #[test]
    fn an_example_has_no_fault() {
        assert_eq!(faults(example()), []);
    }
}

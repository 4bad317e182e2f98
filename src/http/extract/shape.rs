//! Lists where objects belong. serde takes one for the other, member by member in the order in
//! which our code has them: a meaning that nobody wrote down.

use serde_json::Value;

use crate::http::extract::tree::escaped;
use crate::models::fault::Fault;

/// Names every list that stands where the example has an object, `at_most` so many, and puts the
/// example's object in its place.
pub fn lists_for_objects(body: &mut Value, example: &Value, at_most: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    look(body, example, "", &mut faults, at_most);
    faults
}

fn look(body: &mut Value, example: &Value, place: &str, faults: &mut Vec<Fault>, at_most: usize) {
    if faults.len() >= at_most {
        return;
    }
    match (body, example) {
        (body @ Value::Array(_), Value::Object(_)) => {
            faults.push(Fault::at(place, "wrong_type", "must be an object and is a list"));
            example.clone_into(body);
        }
        (Value::Object(members), Value::Object(known)) => {
            for (name, value) in members {
                if let Some(example) = known.get(name) {
                    look(value, example, &format!("{place}/{}", escaped(name)), faults, at_most);
                }
            }
        }
        (Value::Array(items), Value::Array(known)) => {
            // The example has one element in each list; it stands for all.
            let Some(example) = known.first().filter(|first| first.is_object()) else { return };
            for (index, item) in items.iter_mut().enumerate() {
                look(item, example, &format!("{place}/{index}"), faults, at_most);
            }
        }
        _ => {}
    }
}

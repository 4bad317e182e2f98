//! A case with every member that one can have: the finding of faults takes the place of a fault
//! from it. What people are shown is the short one.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::http::{orders, receipts};

/// The case; its orders and receipts are those of their own routes.
static WHOLE: LazyLock<Value> = LazyLock::new(|| {
    let text = include_str!("whole_case.json");
    let mut case: Value = serde_json::from_str(text).expect("a file of ours, which a test reads");
    let mut order = orders::example();
    order["prepayment_percent"] = json!("25");
    case["purchase_orders"] = json!([order]);
    case["receipts"] = json!([receipts::resource::example()]);
    case
});

/// A case with every member.
pub(super) fn whole_case() -> &'static Value {
    &WHOLE
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::whole_case;
    use crate::http::openapi::openapi;
    use crate::models::case::Case;

    /// The schemas of the document, by name.
    struct Schemas(Value);

    impl Schemas {
        /// The schema itself, of several the one that an object has.
        fn resolved<'s>(&'s self, schema: &'s Value) -> &'s Value {
            if let Some(place) = schema["$ref"].as_str() {
                let name = place.rsplit('/').next().expect("a name");
                return self.resolved(&self.0[name]);
            }
            let several = schema["oneOf"].as_array().into_iter().flatten();
            let mut several = several.map(|one| self.resolved(one));
            several.find(|one| one["properties"].is_object()).unwrap_or(schema)
        }

        /// Adds the places that the schema has and the example has not.
        fn lacking(&self, schema: &Value, example: &Value, place: &str, found: &mut Vec<String>) {
            let schema = self.resolved(schema);
            let (members, parts) = (&schema["properties"], &schema["additionalProperties"]);
            // An identifier may be an object, and a text says the same.
            if let Some(members) = members.as_object().filter(|_| !example.is_string()) {
                for (name, schema) in members {
                    self.lacking(schema, &example[name], &format!("{place}/{name}"), found);
                }
            } else if schema["items"].is_object() {
                self.lacking(&schema["items"], &example[0], &format!("{place}/0"), found);
            } else if parts.is_object() {
                let part = example.as_object().and_then(|parts| parts.values().next());
                self.lacking(parts, part.unwrap_or(&Value::Null), &format!("{place}/*"), found);
            } else if example.is_null() {
                found.push(place.to_owned());
            }
        }
    }

    #[test]
    fn the_whole_case_has_every_member_of_its_schema() {
        let case = whole_case();
        let read: Result<Case, _> = serde_path_to_error::deserialize(case);
        assert!(read.is_ok(), "{}", read.expect_err("a fault"));
        let document = serde_json::to_value(openapi()).expect("JSON");
        let schemas = Schemas(document["components"]["schemas"].clone());
        let mut found = Vec::new();
        schemas.lacking(&schemas.0["Case"], case, "", &mut found);
        assert_eq!(found, [""; 0]);
        // And the test sees what is not there.
        schemas.lacking(&schemas.0["Case"], &json!({"invoice": {"seller": {}}}), "", &mut found);
        for place in
            ["/invoice/seller/contact/name", "/rates/0/rate", "/policy/tolerances/*/combine"]
        {
            assert!(found.iter().any(|found| found == place), "{place}: {found:?}");
        }
    }
}

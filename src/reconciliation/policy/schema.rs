//! The policy as JSON Schema 2020-12, for editors and for who writes policies by program.

use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::models::policy::{Policy, takes};
use crate::models::verdict::CheckCode;

/// Amounts and percentages: never negative, at most 28 digits.
const DECIMAL: &str = "^[0-9]{1,28}([.][0-9]{1,27})?$";

/// The schema. It is made of the types that read a policy, as OpenAPI describes them, and of what
/// those cannot say: the names of checks, what must be there.
pub fn schema() -> Value {
    let mut parts: Vec<(String, RefOr<Schema>)> = Vec::new();
    Policy::schemas(&mut parts);
    let mut definitions = Map::new();
    for (name, part) in parts {
        definitions.insert(name, plain(&part));
    }
    let mut whole = plain(&Policy::schema());
    whole["required"] = json!(["version"]);
    // The type's own default is what a configuration file may leave out.
    whole["properties"]["version"] = json!({
        "description": whole["properties"]["version"]["description"],
        "type": "string",
        "minLength": 1,
    });
    definitions["MatchLevels"]["additionalProperties"] = json!(false);
    let names = json!({
        "anyOf": [{"enum": limited().collect::<Vec<_>>()}, {"pattern": "^CHARGE:.+$"}],
    });
    whole["properties"]["tolerances"]["propertyNames"] = names.clone();
    definitions["LimitRule"]["properties"]["tolerances"]["propertyNames"] = names;
    for (definition, member) in [
        ("Limit", "percent"),
        ("Limit", "amount"),
        ("Sampling", "percent"),
        ("Sampling", "threshold"),
    ] {
        definitions[definition]["properties"][member]["pattern"] = json!(DECIMAL);
    }
    whole["properties"]["small_difference"]["pattern"] = json!(DECIMAL);
    whole["properties"]["approval_limits"]["items"]["pattern"] = json!(DECIMAL);
    let described = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policy of ap-gateway",
    });
    let Value::Object(mut all) = described else {
        return Value::Null;
    };
    all.extend(whole.as_object().cloned().unwrap_or_default());
    all.insert("$defs".to_owned(), Value::Object(definitions));
    let mut all = Value::Object(all);
    // The same text whether or not maps keep their order.
    all.sort_all_objects();
    all
}

/// Checks that take limits.
pub fn limited() -> impl Iterator<Item = &'static str> {
    CheckCode::ALL.into_iter().filter(|&code| takes(code).is_some()).map(CheckCode::as_str)
}

/// The schema as it is published.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is plain JSON");
    text.push('\n');
    text
}

/// A part of OpenAPI as JSON Schema: references lead to the document's own definitions, and an
/// example is one of several.
fn plain(schema: &RefOr<Schema>) -> Value {
    let text = serde_json::to_string(schema).expect("a schema is plain JSON");
    let text = text.replace("#/components/schemas/", "#/$defs/");
    let mut value = serde_json::from_str(&text).expect("the same JSON with other names");
    examples(&mut value);
    value
}

fn examples(part: &mut Value) {
    match part {
        Value::Object(members) => {
            if let Some(example) = members.remove("example") {
                members.insert("examples".to_owned(), json!([example]));
            }
            members.values_mut().for_each(examples);
        }
        Value::Array(items) => items.iter_mut().for_each(examples),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::examples;

    #[test]
    fn an_example_becomes_one_of_several_wherever_it_stands() {
        let mut part = json!({"oneOf": [{"example": "1"}, {"items": {"example": "2"}}]});
        examples(&mut part);
        assert_eq!(part, json!({"oneOf": [{"examples": ["1"]}, {"items": {"examples": ["2"]}}]}));
    }
}
